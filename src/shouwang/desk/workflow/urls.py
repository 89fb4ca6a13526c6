from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("settings/", views.index, name="settings"),
    path("settings/<slug:key>/", views.rows, name="settings.list"),
    path("settings/<slug:key>/export.csv", views.export, name="settings.export"),
    path("settings/<slug:key>/new/", views.edit, name="settings.new"),
    path("settings/<slug:key>/undo/", views.undo, name="settings.undo"),
    path("settings/<slug:key>/row/<str:pk>/", views.edit, name="settings.row"),
]
