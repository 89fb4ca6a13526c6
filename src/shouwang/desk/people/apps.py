from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "shouwang.desk.people"
    label = "people"
