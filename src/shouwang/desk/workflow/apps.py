from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "shouwang.desk.workflow"
    label = "workflow"

    def ready(self) -> None:
        from . import retention, sheets
        retention.load()
        sheets.load()
