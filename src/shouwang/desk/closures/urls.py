from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("closures/", views.closures, name="closures"),
    path("closures/list/", views.rows, name="closures.rows"),
    path("closures/export.<slug:kind>", views.export, name="closures.export"),
]
