from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("quality/", views.scores, name="quality"),
    path("quality/list/", views.listed, name="quality.list"),
    path("quality/list.<str:kind>", views.export, name="quality.export"),
    path("quality/rules/", views.all_rules, name="quality.rules"),
]
