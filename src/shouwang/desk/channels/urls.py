from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/list/", views.rows, name="inbox.rows"),
    path("inbox/mark/", views.mark, name="inbox.mark"),
    path("inbox/<uuid:item_id>/", views.one, name="inbox.one"),
    path("telephone/", views.telephone, name="telephone"),
    path("telephone/export.<slug:kind>", views.export, name="telephone.export"),
    path("visits/", views.visits, name="visits"),
    path("visits/list/", views.visit_rows, name="visits.rows"),
    path("visits/export.<slug:kind>", views.visits_export, name="visits.export"),
    path("hooks/sms/", views.sms, name="hooks.sms"),
]
