from django.urls import URLPattern, path

from . import trust

urlpatterns: list[URLPattern] = [
    path("", trust.trust, name="trust"),
    path("shouwang.crt", trust.certificate, name="trust.certificate"),
]
