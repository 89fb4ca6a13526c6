from django.urls import URLPattern, path

from . import views_import, views_map

urlpatterns: list[URLPattern] = [
    path("map/config.json", views_map.config, name="map.config"),
    path("map/streets-<uuid:network_id>.geojson", views_map.streets, name="map.streets"),
    path("import/", views_import.page, name="import"),
    path("import/<uuid:upload_id>/", views_import.one, name="import.one"),
    path("import/<uuid:upload_id>/save/", views_import.save, name="import.save"),
]
