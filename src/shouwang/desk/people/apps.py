from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "shouwang.desk.people"
    label = "people"

    def ready(self) -> None:
        from shouwang.desk.log import gate

        from .access import read_actor
        gate.read_by(read_actor)
