"""Steps that several actions share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log
from shouwang.desk.workflow import records
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.moves import limit_s

from .. import facts, photos, words
from ..facts import SEE
from ..models import OVER, Matter, MatterPhoto, MatterType
from ..terms import BY_PARTS, MOST_WORDS

CLOCKS = {"reported": "accept_h", "accepted": "assign_h", "returned": "assign_h", "answered": "check_h"}
DAYS = {"closed": "t_matter_rate", "suspended": "t_matter_review"}


def visible(actor: Actor, matter_id: UUID | str) -> Matter:
    """The matter, locked until the transaction ends, if the actor sees it: in their areas, or as who reported it.
    Raises Missing otherwise, as for none at all."""
    row = Matter.objects.select_for_update(of=("self",)).select_related("type").filter(id=matter_id).first()
    if row is None or not (actor.may(SEE, row.area) or row.reported_by == actor.id):
        raise Missing(_("There is no such matter in your areas."), code="matter")
    return row


def in_charge(actor: Actor, agency: str, level: str = "") -> None:
    """Raises Refused unless the actor acts for this body: see `facts.acts_for`."""
    if not facts.acts_for(actor, agency, level):
        says = _("This is for %(body)s: your account answers for another body, or for none yet.")
        raise Refused(says % {"body": facts.agencies().get(agency, agency)}, code="body")


def append(log: Log, kind: str, matter: Matter, *, id: UUID | None = None, reason: str = "", **payload: Any) -> UUID:
    return log.append(kind, subject=("matter", matter.id), area=matter.area, may=SEE, payload=payload, id=id,
                      reason=reason)


def said(log: Log, kind: str, matter: Matter, what: str, text: str, *, id: UUID | None = None, reason: str = "",
         **payload: Any) -> UUID:
    """An event with words about the matter: they lie sealed with it, and the event holds their digest."""
    if text:
        payload["digest"] = words.fingerprint(matter.id, text)
    event = append(log, kind, matter, id=id, reason=reason, **payload)
    words.keep(event=event, matter=matter, kind=what, at=log.now, by=log.actor.id, text=text)
    return event


def clock(kind: MatterType, state: str, since: datetime) -> dict[str, Any]:
    """When the step that begins now has to end, and when most of its time is spent."""
    if state in DAYS:
        seconds = limit_s(DAYS[state])
        return {"due_at": since + timedelta(seconds=seconds) if seconds else None, "warn_at": None}
    if state not in CLOCKS:
        return {"due_at": None, "warn_at": None}
    return ends(kind, since, float(getattr(kind, CLOCKS[state])))


def ends(kind: MatterType, since: datetime, figure_h: float) -> dict[str, Any]:
    """`figure_h` hours from `since`, of work or on the clock by kind."""
    return records.by_working_time(since, figure_h, lambda start, h: _after(kind, start, h))


def _after(kind: MatterType, since: datetime, figure_h: float) -> datetime:
    return since + timedelta(hours=figure_h) if kind.continuous else hours().after(since, figure_h)


def left_h(kind: MatterType, now: datetime, until: datetime) -> float:
    """What is left of a time that is stopped."""
    span = (until - now).total_seconds() / 3600 if kind.continuous else hours().between(now, until)
    return max(0.0, span)


def shot(matter: Matter, shots: Iterable[photos.Clean], what: str, *, at: datetime, by: str) -> int:
    """Keeps photos of a matter, sealed. Returns how many."""
    rows = []
    for jpeg, width, height in shots:
        row = MatterPhoto(id=new_id(), matter=matter, kind=what, at=at, by=by, width=width, height=height)
        photos.put(row, jpeg)
        rows.append(row)
    MatterPhoto.objects.bulk_create(rows)
    return len(rows)


def pieces_open(matter: Matter) -> int:
    """How many parts of a split matter are not over."""
    return Matter.objects.filter(whole=matter).exclude(state__in=OVER).count()


def finish_whole(log: Log, whole_id: UUID) -> None:
    """Closes a split matter with the last of its parts. Where all parts were void it stays in somebody's hands."""
    whole = Matter.objects.select_for_update(of=("self",)).select_related("type").get(id=whole_id)
    if whole.state in OVER or pieces_open(whole) or not whole.pieces.filter(state__in=("closed", "rated")).exists():
        return
    in_time = whole.handle_due_at is None or log.now <= whole.handle_due_at
    old = whole.state
    records.change(whole, state="closed", since=log.now, answered_at=whole.answered_at or log.now, in_time=in_time,
                   closed_at=log.now, check_by=BY_PARTS, late_at=None, left_h=None,
                   **clock(whole.type, "closed", log.now))
    append(log, "matter.closed", whole, old=old, new="closed", check=BY_PARTS)


def follow_part(log: Log, whole_id: UUID, part: Matter) -> None:
    """A split matter ends with the last of its parts: one that was given more time takes it along."""
    whole = Matter.objects.select_for_update(of=("self",)).select_related("type").get(id=whole_id)
    end = part.handle_due_at
    if end is None or whole.state in (*OVER, "suspended") or (whole.handle_due_at and end <= whole.handle_due_at):
        return
    records.change(whole, handle_due_at=end, due_at=end, warn_at=log.now + (end - log.now) * 0.8, late_at=None)
    append(log, "matter.extended", whole, until=end.isoformat(), pieces=[str(part.id)])


def require_text(text: str | None, field: str, message: str, most: int = MOST_WORDS) -> str:
    return records.require_text(text, field, message, most)


def within(text: str, field: str, most: int = MOST_WORDS) -> str:
    return records.within(text, field, most)
