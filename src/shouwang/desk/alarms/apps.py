from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "shouwang.desk.alarms"
    label = "alarms"

    def ready(self) -> None:
        from shouwang.desk.log import retention
        from shouwang.desk.places import importers

        from . import sheets
        from .actions import alarms_due

        sheets.load()
        importers.add("shouwang.desk.alarms.imports")
        retention.register("alarms", alarms_due)
