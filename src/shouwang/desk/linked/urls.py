from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("linked/", views.linked, name="linked"),
    path("linked/list/", views.rows, name="linked.rows"),
    path("linked/agencies.json", views.agencies_json, name="linked.agencies"),
    path("linked/accounts/", views.accounts, name="linked.accounts"),
    path("agency/", views.mine, name="linked.mine"),
    path("agency/seen.json", views.mine_seen, name="linked.mine.seen"),
    path("agency/<uuid:task_id>/", views.mine_one, name="linked.mine.one"),
    path("agency/<uuid:task_id>/version.json", views.mine_version, name="linked.mine.version"),
    path("l/<str:token>/", views.answer, name="linked.answer"),
    path("l/<str:token>/version.json", views.version, name="linked.version"),
]
