from django.urls import URLPattern, path

from . import views, views_facilities

urlpatterns: list[URLPattern] = [
    path("sites/", views.sites, name="sites"),
    path("sites/new/", views.new_site, name="sites.new"),
    path("sites/export.<slug:kind>", views.export, name="sites.export"),
    path("sites/<uuid:site_id>/", views.site, name="sites.one"),
    path("facilities/", views_facilities.board, name="facilities"),
    path("facilities/rows/", views_facilities.rows, name="facilities.rows"),
    path("facilities/export.<slug:kind>", views_facilities.export, name="facilities.export"),
    path("hazards/", views.hazards, name="hazards"),
    path("hazards/export.<slug:kind>", views.export_hazards, name="hazards.export"),
]
