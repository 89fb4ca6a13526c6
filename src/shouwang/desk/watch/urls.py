from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("watch/", views.watch, name="watch"),
    path("watch/<uuid:handover_id>/", views.one, name="watch.one"),
]
