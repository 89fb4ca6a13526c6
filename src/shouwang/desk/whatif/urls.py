from django.urls import path

from . import views

urlpatterns = [
    path("whatif/", views.list_page, name="whatif"),
    path("whatif/new/", views.new_page, name="whatif.new"),
    path("whatif/<uuid:study_id>/", views.study_page, name="whatif.show"),
    path("whatif/<uuid:study_id>/state/", views.state_bar, name="whatif.state"),
    path("whatif/<uuid:study_id>/comparison.<str:kind>", views.export, name="whatif.export"),
]
