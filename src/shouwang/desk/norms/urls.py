from django.urls import URLPattern, path

from . import views, views_villages

urlpatterns: list[URLPattern] = [
    path("norms/", views.gaps, name="norms"),
    path("norms/export.<slug:kind>", views.export_gaps, name="norms.export"),
    path("norms/counts/<slug:code>/", views.tally, name="norms.tally"),
    path("norms/rules/", views.rules, name="norms.rules"),
    path("norms/rules/<slug:code>/new/", views.draft, name="norms.draft"),
    path("norms/rules/<uuid:norm_id>/", views.rule, name="norms.rule"),
    path("norms/rules/<uuid:norm_id>/export.<slug:kind>", views.export_rule, name="norms.rule.export"),
    path("norms/places/new/", views_villages.new, name="norms.place.new"),
    path("norms/places/<uuid:locality_id>/", views_villages.one, name="norms.place"),
    path("norms/contracts/<uuid:contract_id>/", views_villages.contract, name="norms.contract"),
    path("villages/", views_villages.listed, name="villages"),
    path("villages/export.<slug:kind>", views_villages.export, name="villages.export"),
]
