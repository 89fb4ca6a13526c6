"""How an account likes to see the board. It concerns nobody else: no event."""
from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused

from ..models import SavedView

MAY = "dispatch.recommend"
MOST, NAME_CHARS = 20, 40
PARTS = ("q", "level", "service", "area", "free", "hide", "room", "off")  # of the address, as board_views.js reads it


def save_view(*, actor: Actor, name: str, query: str, starts: bool = False) -> SavedView:
    """Keeps a view under a name; the same name again replaces it. `starts`: the board opens with it."""
    actor.require(MAY)
    name = name.strip()
    if not name or len(name) > NAME_CHARS:
        raise Refused(_("Give it a name of at most 40 characters."), field="name", code="needs")
    asked = parse_qsl(query.lstrip("?"))
    if len(query) > 300 or any(part not in PARTS for part, _value in asked):
        raise Refused(_("This is no view of the board."), field="query", code="invalid")
    with transaction.atomic():
        mine = SavedView.objects.select_for_update().filter(user=actor.id)
        if mine.exclude(name=name).count() >= MOST:
            raise Refused(_("At most %(n)s views are kept. Delete one first.") % {"n": MOST}, field="name", code="many")
        if starts:
            mine.update(starts=False)
        row, _made = SavedView.objects.update_or_create(
            user=actor.id, name=name, defaults={"query": urlencode(asked), "starts": starts})
    return row


def drop_view(*, actor: Actor, view_id: UUID) -> None:
    actor.require(MAY)
    if not SavedView.objects.filter(user=actor.id, id=view_id).delete()[0]:
        raise Missing(_("There is no such view of yours."), code="view")
