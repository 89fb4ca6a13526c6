from django.urls import path

from . import views

urlpatterns = [
    path("beats/", views.list_page, name="beats"),
    path("beats/<uuid:proposal_id>/", views.show_page, name="beats.show"),
    path("beats/<uuid:proposal_id>/state/", views.state_bar, name="beats.state"),
    path("beats/<uuid:proposal_id>/beats.<str:kind>", views.export, name="beats.export"),
]
