from django.urls import URLPattern, path

from . import views_rounds as views

urlpatterns: list[URLPattern] = [
    path("", views.page, name="rounds"),
    path("points/<slug:code>/mark/", views.mark, name="rounds.mark"),
    path("points/<slug:code>/end/", views.end, name="rounds.end"),
]
