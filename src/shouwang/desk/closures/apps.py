from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClosuresConfig(AppConfig):
    name = "shouwang.desk.closures"
    label = "closures"

    def ready(self) -> None:
        from shouwang.desk.log import names
        from shouwang.desk.people import nav

        from . import facts
        from .terms import REASONS

        nav.add(nav.Entry(17, _("Closures"), "closures", (facts.SEE,), begins=False))
        names.known_by("closure", facts.names)
        names.known_by("closure-reason", lambda codes: {c: str(REASONS[c]) for c in codes if c in REASONS})  # type: ignore[index]
