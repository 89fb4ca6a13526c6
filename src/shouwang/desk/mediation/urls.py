from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("mediation/", views.mediations, name="mediation"),
    path("mediation/list/", views.rows, name="mediation.rows"),
    path("mediation/export.<slug:kind>", views.export, name="mediation.export"),
    path("mediation/new/", views.new, name="mediation.new"),
    path("mediation/screening/", views.screening, name="mediation.screening"),
    path("mediation/figures/", views.figures, name="mediation.figures"),
    path("mediation/<uuid:mediation_id>/", views.mediation, name="mediation.show"),
    path("mediation/<uuid:mediation_id>/agreement/", views.agreement, name="mediation.agreement"),
]
