from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("wall/", views.wall, name="wall"),
    path("wall/picture.json", views.picture, name="wall.picture"),
]
