"""What pages need for live updates: a ticket for the stream, and the cards to begin with."""
from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from ninja import Query, Router, Schema
from pydantic import Field

from shouwang.tables.live import Ticket, sign_ticket
from shouwang.tables.live.tickets import LIFE_S

from . import facts
from .actor import Actor
from .gate import SIGNED_IN, actor, in_areas, opens, signed_in
from .models import Card

router = Router(tags=["live"])


@require_GET
@never_cache
@signed_in
def ticket(request: HttpRequest) -> JsonResponse:
    """A ticket for the live stream with the grants of this moment."""
    seq = facts.head()
    request.__dict__.pop("_actor", None)  # grants are read after the head: an end of access in between counts
    expires_s = timezone.now().timestamp() + LIFE_S
    text = ticket_for(actor(request), seq=seq, expires_s=expires_s)
    return JsonResponse({"ticket": text, "url": f"/live?ticket={text}",
                         "expires": datetime.fromtimestamp(expires_s, UTC).isoformat()})


def ticket_for(who: Actor, *, seq: int, expires_s: float) -> str:
    """The actor's grants, signed; its holder may report positions of the unit whose crew the actor is in."""
    grants = {may: tuple(areas) for may, areas in who.grants.items()}
    return sign_ticket(settings.CONFIG.data, Ticket(who.id, expires_s, seq, grants, who.unit))


class Wanted(Schema):
    kinds: str = Field("call,unit,plan", max_length=100, description="Kinds of cards, separated by commas")


class CardOut(Schema):
    kind: str
    subject: str
    area: str
    seq: int
    body: dict[str, Any]


class Cards(Schema):
    seq: int = Field(description="Go on from here with /live?after=")
    cards: list[CardOut]


@router.get("/cards", response=Cards, summary="What live screens show now")
@opens(SIGNED_IN)
def cards(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """The newest picture of each subject that the reader may see, and the log's head from before reading."""
    seq = facts.head()
    kinds = [kind for kind in wanted.kinds.split(",") if kind]
    return {"seq": seq, "cards": list(_seen_by(actor(request), kinds))}


def _seen_by(who: Actor, kinds: list[str]) -> list[dict[str, Any]]:
    shown = Card.objects.filter(kind__in=kinds, body__isnull=False)
    permissions = [may for may in shown.values_list("may", flat=True).distinct() if may]
    seen = reduce(or_, (Q(may=may) & in_areas("area", who.areas(may)) for may in permissions), Q(pk__in=[]))
    rows = shown.filter(seen).order_by("seq").values("kind", "subject", "area", "seq", "body")
    return [dict(row) for row in rows]
