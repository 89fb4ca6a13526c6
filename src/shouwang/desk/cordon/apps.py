from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CordonConfig(AppConfig):
    name = "shouwang.desk.cordon"
    label = "cordon"

    def ready(self) -> None:
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers

        from . import sheets

        nav.add(nav.Entry(15, _("Cordon"), "cordon", ("cordon.start",)))
        nav.add(nav.Entry(55, _("Checkpoints"), "checkpoints", ("patrol.plan",), also=("exits",)))
        sheets.load()
        importers.add("shouwang.desk.cordon.imports")
