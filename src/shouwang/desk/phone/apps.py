from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "shouwang.desk.phone"
    label = "phone"
