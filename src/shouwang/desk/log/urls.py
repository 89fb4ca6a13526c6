from django.urls import URLPattern, path

from . import live

urlpatterns: list[URLPattern] = [
    path("live/ticket/", live.ticket, name="live.ticket"),
]
