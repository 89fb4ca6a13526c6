from django.urls import path

from . import views

urlpatterns = [
    path("bulletins/", views.bulletins, name="bulletins"),
    path("bulletins/new/", views.new_bulletin, name="bulletins.new"),
    path("bulletins/<uuid:bulletin_id>/", views.bulletin, name="bulletins.one"),
    path("surveys/", views.surveys, name="surveys"),
    path("surveys/new/", views.new_survey, name="surveys.new"),
    path("surveys/<uuid:survey_id>/", views.survey, name="surveys.one"),
]
