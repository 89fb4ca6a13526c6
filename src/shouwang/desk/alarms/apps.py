from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlarmsConfig(AppConfig):
    name = "shouwang.desk.alarms"
    label = "alarms"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.matters import cells
        from shouwang.desk.places import importers

        from . import facts, sheets
        from .actions import alarms_due
        from .signals import signals_due

        cells.count_too("panels", _("Alarm panels"), facts.panels_in)
        sheets.load()
        importers.add("shouwang.desk.alarms.imports")
        retention.register("alarms", alarms_due)
        retention.register("signals", signals_due)
        names.known_by("panel", facts.names)
        names.known_by("panel-fault", lambda codes: {c: str(facts.FAULTS[c]) for c in codes if c in facts.FAULTS})
