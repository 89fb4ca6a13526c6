from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("linked/", views.linked, name="linked"),
    path("linked/list/", views.rows, name="linked.rows"),
    path("linked/agencies.json", views.agencies_json, name="linked.agencies"),
    path("l/<str:token>/", views.answer, name="linked.answer"),
    path("l/<str:token>/version.json", views.version, name="linked.version"),
]
