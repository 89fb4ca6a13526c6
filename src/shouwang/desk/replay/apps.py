from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReplayConfig(AppConfig):
    name = "shouwang.desk.replay"
    label = "replay"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        from .facts import MAY

        nav.add(nav.Entry(30, _("Past hours"), "replay", (MAY,), aside=True))
