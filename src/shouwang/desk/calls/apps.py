from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "shouwang.desk.calls"
    label = "calls"
