from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "shouwang.desk.workflow"
    label = "workflow"
