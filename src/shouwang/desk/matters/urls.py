from django.urls import URLPattern, path

from . import views, views_cells

urlpatterns: list[URLPattern] = [
    path("matters/", views.matters, name="matters"),
    path("matters/list/", views.rows, name="matters.rows"),
    path("matters/export.<slug:kind>", views.export, name="matters.export"),
    path("matters/new/", views.new, name="matters.new"),
    path("matters/<uuid:matter_id>/", views.matter, name="matters.show"),
    path("matters/photos/<uuid:photo_id>/", views.photo, name="matters.photo"),
    path("matters/points/<slug:code>/", views.mark, name="matters.mark"),
    path("cells/", views_cells.cells, name="cells"),
    path("cells/mend/", views_cells.mend, name="cells.mend"),
    path("office/", views.office, name="office"),
]
