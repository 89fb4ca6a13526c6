from django.apps import AppConfig


class DrillConfig(AppConfig):
    name = "shouwang.desk.drill"
    label = "drill"
