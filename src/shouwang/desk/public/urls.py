from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("", views.about, name="about"),
    path("data/", views.data, name="about.data"),
    path("limits/", views.limits, name="about.limits"),
]
