from django.urls import URLPattern, path, re_path

from . import views, views_users

urlpatterns: list[URLPattern] = [
    path("me/", views.me, name="me"),
    path("me/keys/", views.new_token, name="me.token"),
    path("me/keys/<uuid:token_id>/drop/", views.drop_token, name="me.token.drop"),
    path("me/export/", views.export, name="me.export"),
    path("me/language/", views.language, name="me.language"),
    path("me/theme/", views.theme, name="me.theme"),
    path("settings/users/", views_users.users, name="settings.users"),
    path("settings/users/export.csv", views_users.export, name="settings.users.export"),
    path("settings/users/new/", views_users.new, name="settings.user.new"),
    path("settings/users/<uuid:user_id>/", views_users.user, name="settings.user"),
    *(path(f"settings/users/<uuid:user_id>/{what}/", views_users.act, {"what": what}, name=f"settings.user.{what}")
      for what in ("grant", "revoke", "reset", "deactivate", "activate")),
    path("settings/roles/", views_users.roles, name="settings.roles"),
]

# Pages of the sign-in library that have no place here: nobody signs up, and the centre sends no mail.
closed: list[URLPattern] = [
    re_path("^(?:signup|email|confirm-email|password/(?:set|reset)|login/code)/", views.closed),
]
