from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "shouwang.desk.places"
    label = "places"
