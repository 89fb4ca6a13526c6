from django.urls import URLPattern, path

from . import live, views

urlpatterns: list[URLPattern] = [
    path("audit/", views.audit, name="audit"),
    path("audit/export.csv", views.export, name="audit.export"),
    path("audit/verify/", views.check, name="audit.verify"),
    path("audit/holds/", views.holds, name="audit.holds"),
    path("live/ticket/", live.ticket, name="live.ticket"),
]
