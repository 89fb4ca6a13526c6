from django.urls import path

from . import views

urlpatterns = [
    path("effects/", views.list_page, name="effects"),
    path("effects/new/", views.new_page, name="effects.new"),
    path("effects/<uuid:review_id>/", views.show_page, name="effects.show"),
    path("effects/<uuid:review_id>/effects.<str:kind>", views.export, name="effects.export"),
]
