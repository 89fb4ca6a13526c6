from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("cordon/", views.cordon, name="cordon"),
    path("checkpoints/", views.checkpoints, name="checkpoints"),
    path("checkpoints/export.csv", views.export, name="checkpoints.export"),
    path("exits/", views.exits, name="exits"),
]
