from django.urls import URLPattern, path

from . import views, views_board, views_paper, views_sheets

urlpatterns: list[URLPattern] = [
    path("calls/new/", views.new_call, name="call.new"),
    path("calls/new/draft/", views.save_draft, name="call.draft"),
    path("calls/new/clear/", views.drop_draft, name="call.clear"),
    path("calls/follow/", views.follow, name="call.follow"),
    path("calls/place/", views.place_at, name="call.place"),
    path("calls/<uuid:call_id>/amend/", views.amend_call, name="call.amend"),
    path("calls/<uuid:call_id>/export/", views_paper.ask, name="call.export"),
    path("calls/paper/<uuid:export_id>/", views_paper.sheet, name="call.paper"),
    path("calls/paper/<uuid:export_id>.pdf", views_paper.pdf, name="call.pdf"),
    path("paper/", views_sheets.enter, name="call.enter"),
    path("paper/blank/", views_sheets.blank, name="call.blank"),
    path("board/print/", views_sheets.print_board, name="board.print"),
    path("calls/photo/<uuid:photo_id>/", views_sheets.photo, name="call.photo"),
    path("board/", views_board.board, name="board"),
    path("board/picture.json", views_board.picture_json, name="board.picture"),
    path("board/now.json", views_board.now_json, name="board.now"),
    path("board/call/<uuid:call_id>/", views_board.call_pane, name="board.call"),
    path("board/call/<uuid:call_id>/routes.json", views_board.routes, name="board.routes"),
]
