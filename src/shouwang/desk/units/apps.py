from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "shouwang.desk.units"
    label = "units"

    def ready(self) -> None:
        from shouwang.desk.people import crew

        from .facts import unit_of_user
        crew.found_by(unit_of_user)
