from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "shouwang.desk.public"
    label = "public"
