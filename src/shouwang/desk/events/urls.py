from django.urls import URLPattern, path

from . import views, views_warnings

urlpatterns: list[URLPattern] = [
    path("events/", views.events, name="events"),
    path("events/list/", views.rows, name="events.rows"),
    path("events/start/", views.start, name="events.start"),
    path("events/<uuid:event_id>/", views.board, name="events.board"),
    path("events/<uuid:event_id>/part/", views.part, name="events.part"),
    path("events/<uuid:event_id>/map.json", views.on_map, name="events.map"),
    path("events/<uuid:event_id>/report/", views.report, name="events.report"),
    path("events/<uuid:event_id>/report.<slug:kind>", views.report_file, name="events.file"),
    path("warnings/", views_warnings.warnings, name="warnings"),
    path("warnings/new/", views_warnings.new, name="warnings.new"),
    path("warnings/<uuid:warning_id>/", views_warnings.show, name="warnings.show"),
    path("warnings/<uuid:warning_id>/update/", views_warnings.update, name="warnings.update"),
    path("warnings/<uuid:warning_id>/cap.xml", views_warnings.document, name="warnings.xml"),
]
