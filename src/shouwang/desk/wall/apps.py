from django.apps import AppConfig


class WallConfig(AppConfig):
    name = "shouwang.desk.wall"
    label = "wall"
