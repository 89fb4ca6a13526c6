from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BeatsConfig(AppConfig):
    name = "shouwang.desk.beats"
    label = "beats"

    def ready(self) -> None:
        from shouwang.desk.people import nav

        nav.add(nav.Entry(52, _("Beats"), "beats", ("patrol.plan",)))
