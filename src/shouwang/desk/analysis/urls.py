from django.urls import path

from . import views

urlpatterns = [
    path("analysis/", views.view_page, name="analysis"),
    path("analysis/map.json", views.map_json, name="analysis.map"),
    path("analysis/calls/", views.calls_page, name="analysis.calls"),
    path("analysis/<slug:view>/", views.view_page, name="analysis.view"),
    path("analysis/<slug:view>/<slug:name>.<slug:kind>", views.file, name="analysis.file"),
]
