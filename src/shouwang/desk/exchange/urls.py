from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("exchange/", views.exchange, name="exchange"),
    path("exchange/list/", views.rows, name="exchange.rows"),
    path("exchange/ask.json", views.ask_json, name="exchange.ask"),
    path("exchange/in/", views.incoming, name="exchange.incoming"),
    path("exchange/neighbours/", views.neighbours, name="exchange.neighbours"),
    path("exchange/neighbours/new/", views.new_neighbour, name="exchange.neighbours.new"),
    path("exchange/neighbours/<uuid:neighbour_id>/", views.one_neighbour, name="exchange.neighbours.one"),
    path("exchange/neighbours/<uuid:neighbour_id>/compare/", views.compare, name="exchange.neighbours.compare"),
    path("exchange/<uuid:help_id>/", views.show, name="exchange.show"),
]
