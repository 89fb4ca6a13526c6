from django.urls import URLPattern, path

from .views import members, own, recruitment, teams

urlpatterns: list[URLPattern] = [
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.new_team, name="teams.new"),
    path("teams/help/", teams.helped, name="teams.help"),
    path("teams/help/export.<slug:kind>", teams.export_helped, name="teams.help.export"),
    path("teams/<uuid:team_id>/", teams.team, name="teams.one"),
    path("members/", members.members, name="members"),
    path("members/new/", members.hire, name="members.new"),
    path("members/export.<slug:kind>", members.export, name="members.export"),
    path("members/<uuid:member_id>/", members.member, name="members.one"),
    path("recruitment/", recruitment.notices, name="recruitment"),
    path("recruitment/new/", recruitment.new_notice, name="recruitment.new"),
    path("recruitment/<uuid:recruit_id>/", recruitment.notice, name="recruitment.one"),
    path("join/", recruitment.join, name="join"),
    path("join/<uuid:recruit_id>/", recruitment.join_one, name="join.one"),
    path("me/record/", own.record, name="me.record"),
    path("me/record/export.<slug:kind>", own.export, name="me.record.export"),
]
