from django.urls import path

from . import views

urlpatterns = [
    path("rosters/", views.list_page, name="roster"),
    path("rosters/new/", views.new_page, name="roster.new"),
    path("rosters/entries/", views.entries_page, name="roster.entries"),
    path("rosters/calendar/<str:secret>.ics", views.calendar, name="roster.calendar"),
    path("rosters/<uuid:roster_id>/", views.show_page, name="roster.show"),
    path("rosters/<uuid:roster_id>/state/", views.state_bar, name="roster.state"),
    path("rosters/<uuid:roster_id>/made/", views.made_part, name="roster.made"),
    path("rosters/<uuid:roster_id>/roster.<str:kind>", views.export, name="roster.export"),
]
