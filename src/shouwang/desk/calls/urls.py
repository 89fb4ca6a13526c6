from django.urls import URLPattern, path

from . import views_board

urlpatterns: list[URLPattern] = [
    path("board/", views_board.board, name="board"),
    path("board/picture.json", views_board.picture_json, name="board.picture"),
    path("board/call/<uuid:call_id>/", views_board.call_pane, name="board.call"),
    path("board/call/<uuid:call_id>/routes.json", views_board.routes, name="board.routes"),
]
