from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatrolConfig(AppConfig):
    name = "shouwang.desk.patrol"
    label = "patrol"

    def ready(self) -> None:
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers

        importers.add("shouwang.desk.patrol.imports")
        may = ("patrol.plan", "patrol.approve", "patrol.view")
        nav.add(nav.Entry(50, _("Deployment"), "deploy.plan", may))
        nav.add(nav.Entry(60, _("Forecast"), "forecast", may))
