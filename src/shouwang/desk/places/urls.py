from django.urls import URLPattern, path

from . import views_map

urlpatterns: list[URLPattern] = [
    path("map/config.json", views_map.config, name="map.config"),
    path("map/streets-<uuid:network_id>.geojson", views_map.streets, name="map.streets"),
]
