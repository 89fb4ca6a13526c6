from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("sites/", views.sites, name="sites"),
    path("sites/new/", views.new_site, name="sites.new"),
    path("sites/export.<slug:kind>", views.export, name="sites.export"),
    path("sites/<uuid:site_id>/", views.site, name="sites.one"),
    path("hazards/", views.hazards, name="hazards"),
    path("hazards/export.<slug:kind>", views.export_hazards, name="hazards.export"),
]
