from django.urls import URLPattern, path

from . import resident

urlpatterns: list[URLPattern] = [
    path("", resident.home, name="resident"),
    path("report/", resident.report, name="resident.report"),
    path("p/<slug:code>/", resident.report, name="resident.point"),
    path("warnings/", resident.warnings, name="resident.warnings"),
    path("warnings/certificate.pem", resident.warning_certificate, name="resident.certificate"),
    path("warnings/<slug:identifier>/", resident.warning, name="resident.warning"),
    path("warnings/<slug:identifier>.xml", resident.warning_document, name="resident.warning.xml"),
    path("puzzle/", resident.puzzle, name="resident.puzzle"),
    path("send/", resident.send, name="resident.send"),
    path("follow/", resident.follow, name="resident.follow"),
    path("rate/", resident.rate, name="resident.rate"),
    path("where/", resident.where, name="resident.where"),
    path("places/", resident.search, name="resident.places"),
]
