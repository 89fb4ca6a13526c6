from django.urls import URLPattern, path

from . import views, views_claims, views_link, views_notices

urlpatterns: list[URLPattern] = [
    path("volunteers/", views.volunteers, name="volunteers"),
    path("volunteers/groups/", views.groups, name="volunteers.groups"),
    path("volunteers/groups/<uuid:group_id>/", views.group, name="volunteers.group"),
    path("volunteers/associations/", views.associations, name="volunteers.associations"),
    path("volunteers/<uuid:volunteer_id>/", views.volunteer, name="volunteers.one"),
    path("notices/", views_notices.notices, name="notices"),
    path("notices/list/", views_notices.rows, name="notices.rows"),
    path("notices/new/", views_notices.new_notice, name="notices.new"),
    path("notices/lookout/", views_notices.new_lookout, name="notices.lookout"),
    path("notices/<uuid:notice_id>/", views_notices.notice, name="notices.one"),
    path("notices/<uuid:notice_id>/part/", views_notices.part, name="notices.part"),
    path("notices/<uuid:notice_id>/picture/", views_notices.picture, name="notices.picture"),
    path("hurt/", views_claims.claims, name="hurt"),
    path("hurt/new/", views_claims.new_claim, name="hurt.new"),
    path("hurt/<uuid:claim_id>/", views_claims.claim, name="hurt.one"),
    path("v/g/<str:token>/", views_link.bell, name="volunteers.bell"),
    path("v/<str:token>/", views_link.notice, name="volunteers.link"),
    path("v/<str:token>/picture/", views_link.picture, name="volunteers.link_picture"),
]
