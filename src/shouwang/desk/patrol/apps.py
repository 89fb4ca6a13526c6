from django.apps import AppConfig


class PatrolConfig(AppConfig):
    name = "shouwang.desk.patrol"
    label = "patrol"
