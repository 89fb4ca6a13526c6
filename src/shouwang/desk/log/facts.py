"""Reading the log."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from .gate import in_areas
from .models import Cursor, Event, Head

PASSED_BY = 500  # events of other kinds, until a reader's cursor is moved past them: each move is a write of its own


@dataclass(frozen=True)
class Fact:
    seq: int
    id: str
    at: datetime
    actor: str
    kind: str
    subject_kind: str
    subject: str
    area: str
    payload: dict[str, Any]


def _fact(event: Event) -> Fact:
    return Fact(event.seq, str(event.id), event.at, event.actor, event.kind, event.subject_kind, event.subject,
                event.area, event.payload or {})


def head() -> int:
    """The newest sequence number, 0 when nothing has happened."""
    return Head.objects.values_list("seq", flat=True).filter(id=1).first() or 0


def last_of(subject_kinds: tuple[str, ...]) -> int:
    """The newest event about subjects of these kinds, 0 for none."""
    return Event.objects.filter(subject_kind__in=subject_kinds).aggregate(n=Max("seq"))["n"] or 0


def subjects_after(subject_kind: str, seq: int) -> list[UUID]:
    """Subjects of a kind (those with UUIDs) that events after `seq` were about, each once."""
    rows = Event.objects.filter(subject_kind=subject_kind, seq__gt=seq).values_list("subject", flat=True).distinct()
    return [UUID(subject) for subject in rows]


def last_at(kind: str) -> datetime | None:
    """When the newest event of a kind was written, None for none."""
    return Event.objects.filter(kind=kind).order_by("-seq").values_list("at", flat=True).first()


def of(subject_kind: str, subject: object) -> list[Fact]:
    """A subject's own history, oldest first."""
    return [_fact(e) for e in Event.objects.filter(subject_kind=subject_kind, subject=str(subject)).order_by("seq")]


def one(event_id: UUID | str) -> Fact | None:
    """The event of this id, None if there is none."""
    found = Event.objects.filter(id=event_id).first()
    return _fact(found) if found else None


def between(since: datetime, before: datetime | None, *, subject_kinds: tuple[str, ...], areas: tuple[str, ...],
            kinds: tuple[str, ...] = ()) -> list[Fact]:
    """Events of a span (None: up to now) about subjects of these kinds in these areas, oldest first; of these `kinds`
    alone if given."""
    rows = Event.objects.filter(in_areas("area", areas), at__gte=since, subject_kind__in=subject_kinds)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [_fact(e) for e in (rows.filter(kind__in=kinds) if kinds else rows).order_by("seq")]


def after(seq: int, *, limit: int = 500) -> list[Fact]:
    return [_fact(e) for e in Event.objects.filter(seq__gt=seq).order_by("seq")[:limit]]


def unread(reader: str, kinds: tuple[str, ...], *, limit: int) -> list[Fact]:
    """The next events of these kinds that the named reader has not yet handled, in order."""
    seq, newest = Cursor.objects.get_or_create(reader=reader)[0].seq, head()
    events = Event.objects.filter(seq__gt=seq, seq__lte=newest, kind__in=kinds).order_by("seq")[:limit]
    if not (found := [_fact(e) for e in events]) and newest - seq >= PASSED_BY:
        read(reader, newest)
    return found


def read(reader: str, seq: int) -> None:
    """The reader has handled all up to this event."""
    Cursor.objects.filter(reader=reader, seq__lt=seq).update(seq=seq)
