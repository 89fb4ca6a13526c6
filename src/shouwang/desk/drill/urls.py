from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("", views.page, name="drill"),
    path("mark/", views.mark, name="drill.mark"),
    path("move/", views.move, name="drill.move"),
]
