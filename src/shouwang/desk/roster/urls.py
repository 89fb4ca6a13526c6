from django.urls import path

from . import views

urlpatterns = [
    path("rosters/", views.list_page, name="roster"),
    path("rosters/new/", views.new_page, name="roster.new"),
    path("rosters/entries/", views.entries_page, name="roster.entries"),
    path("rosters/swaps/", views.swaps_page, name="roster.swaps"),
    path("rosters/day/", views.day_page, name="roster.day"),
    path("rosters/day.<str:kind>", views.day_export, name="roster.day.export"),
    path("rosters/desks/mark/", views.mark, name="roster.mark"),
    path("rosters/shares/", views.shares_page, name="roster.shares"),
    path("me/turns/", views.my_turns, name="me.turns"),
    path("me/turns/<str:day>/", views.my_turn, name="me.turn"),
    path("rosters/calendar/<str:secret>.ics", views.calendar, name="roster.calendar"),
    path("rosters/<uuid:roster_id>/", views.show_page, name="roster.show"),
    path("rosters/<uuid:roster_id>/state/", views.state_bar, name="roster.state"),
    path("rosters/<uuid:roster_id>/made/", views.made_part, name="roster.made"),
    path("rosters/<uuid:roster_id>/roster.<str:kind>", views.export, name="roster.export"),
]
