from django.apps import AppConfig


class LogConfig(AppConfig):
    name = "shouwang.desk.log"
    label = "log"
