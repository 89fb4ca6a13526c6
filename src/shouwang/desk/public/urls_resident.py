from django.urls import URLPattern, path

from . import disputes, resident, telling, urgent, volunteering

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
    path("mediation/", disputes.ask, name="resident.mediation"),
    path("mediation/send/", disputes.send, name="resident.mediation_send"),
    path("urgent/", urgent.urgent, name="resident.urgent"),
    path("urgent/send/", urgent.send, name="resident.urgent_send"),
    path("urgent/state/", urgent.state, name="resident.urgent_state"),
    path("bulletins/", telling.bulletins, name="resident.bulletins"),
    path("bulletins/<uuid:bulletin_id>/", telling.bulletin, name="resident.bulletin"),
    path("surveys/<uuid:survey_id>/", telling.survey, name="resident.survey"),
    path("surveys/<uuid:survey_id>/send/", telling.send, name="resident.survey_send"),
    path("follow/", resident.follow, name="resident.follow"),
    path("rate/", resident.rate, name="resident.rate"),
    path("where/", resident.where, name="resident.where"),
    path("volunteer/", volunteering.volunteer, name="resident.volunteer"),
    path("volunteer/association/", volunteering.volunteer, {"what": "association"}, name="resident.association"),
    path("volunteer/send/", volunteering.send, name="resident.volunteer_send"),
    path("volunteer/mine/", volunteering.mine, name="resident.mine"),
    path("places/", resident.search, name="resident.places"),
]
