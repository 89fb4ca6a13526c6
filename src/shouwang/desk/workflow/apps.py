from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "shouwang.desk.workflow"
    label = "workflow"

    def ready(self) -> None:
        from shouwang.desk.log import names

        from . import agency_sheet, retention, sheets
        from .moves import state_names
        names.known_by("state", state_names)
        retention.load()
        sheets.load()
        agency_sheet.load()
