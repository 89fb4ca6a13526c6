from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MattersConfig(AppConfig):
    name = "shouwang.desk.matters"
    label = "matters"

    def ready(self) -> None:
        from shouwang.desk.log import reactions, retention
        from shouwang.desk.people import nav

        from . import facts, sheets
        from .actions import matters_due
        from .reactions import react

        nav.add(nav.Entry(24, _("Matters"), "matters", (facts.SEE,)))
        nav.add(nav.Entry(22, _("Office"), "office", ("office.work",)))
        sheets.load()
        reactions.register("matters", react)
        retention.register("matters", matters_due)
