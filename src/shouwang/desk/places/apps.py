from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "shouwang.desk.places"
    label = "places"

    def ready(self) -> None:
        from . import importers, sheets
        sheets.load()
        importers.add("shouwang.desk.places.imports")
        importers.add("shouwang.desk.places.landmarks")
