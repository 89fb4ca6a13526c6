from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("replay/", views.ask, name="replay"),
    path("replay/<uuid:viewing_id>/", views.hour, name="replay.hour"),
]
