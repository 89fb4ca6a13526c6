from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/export.<slug:kind>", views.export, name="alarms.export"),
    path("alarms/panels/new/", views.new_panel, name="alarms.new"),
    path("alarms/panels/<uuid:panel_id>/", views.one_panel, name="alarms.panel"),
]
