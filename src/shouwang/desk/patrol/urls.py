from django.urls import path

from . import views

urlpatterns = [
    path("plan/", views.plan_page, name="deploy.plan"),
    path("plan/job/", views.job_bar, name="deploy.job"),
    path("plan/<uuid:plan_id>/side/", views.plan_side, name="deploy.side"),
    path("plan/<uuid:plan_id>/<str:name>.<str:kind>", views.plan_export, name="deploy.export"),
    path("plan/<uuid:plan_id>/tours/<uuid:unit_id>/", views.tour_sheet, name="deploy.tour"),
    path("plan/<uuid:plan_id>/tours/", views.tour_sheets, name="deploy.tours"),
    path("plan/<uuid:plan_id>/tours/<uuid:unit_id>/tour.<str:kind>", views.tour_export, name="deploy.tour_export"),
    path("forecast/", views.forecast_page, name="forecast"),
    path("forecast/<str:name>.<str:kind>", views.forecast_export, name="forecast.export"),
]
