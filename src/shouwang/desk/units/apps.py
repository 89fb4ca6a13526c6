from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    name = "shouwang.desk.units"
    label = "units"

    def ready(self) -> None:
        from shouwang.desk.people import crew, nav
        from shouwang.desk.places import importers

        from . import sheets
        from .facts import unit_of_user
        crew.found_by(unit_of_user)
        nav.add(nav.Entry(30, _("Units"), "units", ("position.live",)))
        sheets.load()
        importers.add("shouwang.desk.units.imports")
