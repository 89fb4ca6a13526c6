from django.urls import path

from . import beat, matters, own, views

urlpatterns = [
    path("", views.duty, name="m.duty"),
    path("now/", views.duty_now, name="m.duty_now"),
    path("task/", views.task, name="m.task"),
    path("task/now/", views.task_now, name="m.task_now"),
    path("tour/", views.tour, name="m.tour"),
    path("tour/now/", views.tour_now, name="m.tour_now"),
    path("roster/", views.roster, name="m.roster"),
    path("roster/wish/", views.wish, name="m.wish"),
    path("roster/calendar/", views.calendar_link, name="m.calendar"),
    path("report/", matters.report, name="m.report"),
    path("matters/", matters.mine, name="m.matters"),
    path("matters/now/", matters.mine_now, name="m.matters_now"),
    path("matters/<uuid:matter_id>/", matters.one, name="m.matter"),
    path("matters/<uuid:matter_id>/now/", matters.one_now, name="m.matter_now"),
    path("points/", beat.points, name="m.points"),
    path("at/<slug:code>/", beat.points, name="m.at"),
    path("note/", beat.note, name="m.note"),
    path("me/", views.me, name="m.me"),
    path("track/<uuid:duty>/", own.track, name="m.track"),
    path("track/export.<slug:kind>", own.export, name="m.track.export"),
    path("clock-on/", views.clock_on, name="m.clock_on"),
    path("clock-off/", views.clock_off, name="m.clock_off"),
    path("act/", views.act, name="m.act"),
    path("manifest.webmanifest", views.manifest, name="m.manifest"),
    path("sw.js", views.service_worker, name="m.sw"),
]
