from django.urls import URLPattern, path

from . import resident, urgent

urlpatterns: list[URLPattern] = [
    path("", resident.home, name="resident"),
    path("report/", resident.report, name="resident.report"),
    path("p/<slug:code>/", resident.report, name="resident.point"),
    path("puzzle/", resident.puzzle, name="resident.puzzle"),
    path("send/", resident.send, name="resident.send"),
    path("urgent/", urgent.urgent, name="resident.urgent"),
    path("urgent/send/", urgent.send, name="resident.urgent_send"),
    path("urgent/state/", urgent.state, name="resident.urgent_state"),
    path("follow/", resident.follow, name="resident.follow"),
    path("rate/", resident.rate, name="resident.rate"),
    path("where/", resident.where, name="resident.where"),
    path("places/", resident.search, name="resident.places"),
]
