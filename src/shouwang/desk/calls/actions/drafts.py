"""What a call-taker has typed and not yet saved: kept encrypted on the server alone, one per person, gone on save or
after 24 hours. A draft is no record: it is in no log, and nobody else can read it."""
from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.seal import Destroyed, keys, seal, unseal

from ..models import Call, Draft

KEPT = timedelta(hours=24)
MOST = 20_000  # characters


def _record(user: str) -> str:
    return f"draft:{user}"


def save_draft(*, actor: Actor, now: datetime, body: dict[str, Any]) -> None:
    actor.require("call.take")
    text = json.dumps(body, ensure_ascii=False)
    if len(text) > MOST:
        raise Refused(_("The draft is too long to keep."), code="draft")
    Draft.objects.update_or_create(user=actor.id, defaults={"at": now, "body": seal(_record(actor.id), "body", text)})


def read_draft(*, actor: Actor, now: datetime) -> dict[str, Any] | None:
    row = Draft.objects.filter(user=actor.id, at__gt=now - KEPT).first()
    if row is None:
        return None
    try:
        found: dict[str, Any] = json.loads(unseal(_record(actor.id), "body", bytes(row.body)))
    except Destroyed:
        return None
    return None if _saved(found.get("id", "")) else found


def _saved(call_id: str) -> bool:
    """Whether the draft became a call: a late copy of it may come in after the call itself."""
    try:
        return Call.objects.filter(id=UUID(call_id)).exists()
    except ValueError:
        return False


def clear_draft(*, actor: Actor) -> None:
    """Deletes the draft and its key; nothing happens when there is none."""
    if Draft.objects.filter(user=actor.id).delete()[0]:
        keys().destroy([_record(actor.id)])


def drafts_due(*, now: datetime) -> int:
    """Deletes every draft older than 24 hours. Returns how many."""
    gone = 0
    for user in list(Draft.objects.filter(at__lte=now - KEPT).values_list("user", flat=True)):
        if Draft.objects.filter(user=user, at__lte=now - KEPT).delete()[0]:
            keys().destroy([_record(user)])
            gone += 1
    return gone
