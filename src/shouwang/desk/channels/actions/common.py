"""Steps that several actions share."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.desk.calls import actions as calls
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.writing import Log
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.settings import get as setting

from ..models import Item, Ring
from ..terms import TAKE

CENTRE = system("channels")


def until(now: datetime) -> datetime:
    """When a claim that is begun now lapses."""
    return now + timedelta(minutes=int(setting("claim_min")))


def change(rows: QuerySet[Any], **values: Any) -> int:
    """Updates rows of a regular look. An update takes the writer's lock even where there is nothing to change."""
    return rows.update(**values) if rows.exists() else 0


def name_of(user: str) -> str:
    return names("user", [user]).get(user, user)


def in_other_hands(user: str) -> Conflict:
    return Conflict(_("%(name)s has it in hand.") % {"name": name_of(user)}, code="claimed")


def tell_item(log: Log, kind: str, item: Item, *, key: UUID | None = None, reason: str = "",
              payload: dict[str, Any] | None = None, **more: Any) -> UUID:
    return log.append(kind, subject=("item", item.id), area=item.area, may=TAKE, payload={**(payload or {}), **more},
                      id=key, reason=reason)


def tell_ring(log: Log, kind: str, ring: Ring, *, key: UUID | None = None, reason: str = "", **payload: Any) -> UUID:
    return log.append(kind, subject=("ring", ring.id), area=ring.area, may=TAKE, payload=payload, id=key,
                      reason=reason)


def open_form(*, actor: Actor, now: datetime, call: UUID | None, number: str = "", words: str = "", type: str = "",
              severity: int | None = None, place: str = "", lon: float | None = None, lat: float | None = None,
              received_at: datetime | None = None) -> UUID:
    """Puts a call to be into the person's own intake form. Whatever they have typed there and not saved stays:
    Conflict. Returns the id that the call will have."""
    draft = calls.read_draft(actor=actor, now=now)
    if draft and call is not None and draft.get("id") == str(call):
        return call
    if draft and any(draft.get(name) for name in ("place", "words", "type", "number")):
        raise Conflict(_("Your intake form holds a call that is not saved. Save or clear it first."), code="draft")
    id = call or new_id()
    body: dict[str, Any] = {"id": str(id), "number": number, "words": words, "type": type, "place": place,
                            "severity": str(severity or ""), "lon": "" if lon is None else lon,
                            "lat": "" if lat is None else lat, "services": [], "ticks": [], "answers": {},
                            "received_at": iso(received_at or now), "saved_at": iso(now)}
    calls.save_draft(actor=actor, now=now, body=body)
    return id
