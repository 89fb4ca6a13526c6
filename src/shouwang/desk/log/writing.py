"""How every change is written: one transaction that ends with its events.

    with writing(actor=actor, now=now) as log:
        ... change rows ...
        log.append("call.taken", subject=("call", call.id), area=call.area, payload={...}, card={...})

Inside another `writing` the inner one joins it. Leaving the outermost block takes the sequence numbers, writes the
events and commits; an exception drops all of it. After the commit, readers are woken; their cursors decide what is new.
"""
from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring as _text
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from .actor import Actor
from .ids import new_id
from .merkle import canonical, leaf_hash
from .models import Card, Event, Head
from .reasons import keep_reason
from .wake import wake

_open = threading.local()
KEEP = object()  # leave the card as it is


@dataclass
class Log:
    """The events of the transaction under way."""

    actor: Actor
    now: datetime
    events: list[dict[str, Any]] = field(default_factory=list)
    cards: list[tuple[str, str, str, str, Any]] = field(default_factory=list)

    def append(self, kind: str, *, subject: tuple[str, object], area: str = "", may: str = "",
               payload: Mapping[str, Any] | None = None, card: Any = KEEP, id: UUID | None = None,
               reason: str = "") -> UUID:
        """Adds one event. `id` given by a client makes a retry fail on the unique key instead of doing it twice.
        `card`: the subject's new picture on live screens (None: it leaves them). `reason`: the actor's own words; they
        are sealed beside the log (log/reasons.py) and the payload holds their digest."""
        event_id = id or new_id()
        if reason:
            payload = {**(payload or {}), "reason": keep_reason(event_id, reason, at=self.now)}
        self.events.append({
            "id": event_id, "at": self.now, "actor": self.actor.id, "kind": kind,
            "subject_kind": subject[0], "subject": str(subject[1]), "area": area, "may": may,
            "payload": json.loads(json.dumps(dict(payload or {}))),  # as it will be read back, whatever the database
        })
        if card is not KEEP:
            self.card(subject, area=area, may=may, body=card)
        return event_id

    def card(self, subject: tuple[str, object], *, area: str, may: str, body: Any) -> None:
        self.cards.append((subject[0], str(subject[1]), area, may, body))


@contextmanager
def writing(*, actor: Actor, now: datetime) -> Iterator[Log]:
    outer: Log | None = getattr(_open, "log", None)
    if outer is not None:
        inner = Log(actor, now)
        yield inner
        outer.events += inner.events
        outer.cards += inner.cards
        return
    log = Log(actor, now)
    _open.log = log
    try:
        with transaction.atomic():
            yield log
            last = _write(log)
            if last:
                transaction.on_commit(lambda: wake(last))
    finally:
        _open.log = None


def _write(log: Log) -> int:
    """Gives the events their numbers and stores them. Returns the last number, 0 for none."""
    if not log.events:
        return 0
    if not Head.objects.filter(id=1).update(seq=F("seq") + len(log.events)):
        Head.objects.create(id=1, seq=len(log.events))
    last = Head.objects.values_list("seq", flat=True).get(id=1)
    first = last - len(log.events) + 1
    Event.objects.bulk_create(_with_leaf(first + n, event) for n, event in enumerate(log.events))
    newest = {f"{kind}:{subject}": Card(key=f"{kind}:{subject}", kind=kind, subject=subject, area=area, may=may,
                                        seq=last, body=body)
              for kind, subject, area, may, body in log.cards}
    if newest:
        Card.objects.bulk_create(newest.values(), update_conflicts=True, unique_fields=["key"],
                                 update_fields=["area", "may", "seq", "body"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # reaches listeners on other machines at the commit
            cursor.execute("SELECT pg_notify('shouwang', %s)", [str(last)])
    return last


def _with_leaf(seq: int, event: dict[str, Any]) -> Event:
    hashed = {**event, "id": str(event["id"]), "at": time_text(event["at"])}
    digest = payload_digest(hashed.pop("payload"))
    return Event(seq=seq, leaf=leaf_of(seq=seq, payload_digest=digest, **hashed), **event)


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def leaf_of(*, seq: int, id: str, at: str, actor: str, kind: str, subject_kind: str, subject: str,
            area: str, may: str, payload_digest: str) -> bytes:
    """The leaf hash (RFC 9162, 2.1.1) of an event's stored fields, as canonical JSON. Written out by hand: verifying
    makes millions of them. `at`: ISO in UTC with microseconds (`time_text`)."""
    return leaf_hash(
        f'{{"actor":{_text(actor)},"area":{_text(area)},"at":"{at}","id":"{id}","kind":{_text(kind)},'
        f'"may":{_text(may)},"payload":"{payload_digest}","seq":{seq},"subject":{_text(subject)},'
        f'"subject_kind":{_text(subject_kind)}}}'.encode())


def payload_digest(payload: Any) -> str:
    """Stands for the payload in the leaf, so that a pruned event's other fields can still be verified."""
    return hashlib.sha256(canonical(payload)).hexdigest()


def already_written(event_id: UUID | None) -> bool:
    """Whether a client's event id is in the log: the request was a retry and its work is done."""
    return event_id is not None and Event.objects.filter(id=event_id).exists()
