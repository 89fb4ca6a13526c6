from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("watch/", views.watch, name="watch"),
    path("office/handover/", views.office, name="watch.office"),
    path("watch/<uuid:handover_id>/", views.one, name="watch.one"),
]
