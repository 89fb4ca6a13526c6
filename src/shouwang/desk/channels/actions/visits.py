"""Callers asked afterwards (警情回访): drawn by lot, called by one person, rated from 1 to 5."""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from math import ceil
from secrets import SystemRandom
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import limit_s
from shouwang.desk.workflow.settings import get as setting

from ..models import Draw, Visit
from ..terms import FEEDBACK, VISIT_OPEN, WHYS
from .common import CENTRE, change, in_other_hands, until

MOST_TRIES = 3
LOOK_BACK = timedelta(days=3)  # days that no draw was made for, as after a stop of the centre
KEPT = timedelta(days=1096)


def shares(text: str, usual: int) -> Mapping[str, float]:
    """Percent of callers by class of type, as written in the settings: "10:50, 50:30". "" holds the usual one."""
    return {"": usual / 100} | {code: int(percent) / 100 for code, percent in
                                re.findall(r"(\d\d)\s*[:：]\s*(\d{1,3})", text)}


def draw(now: datetime) -> int:
    """Draws from the calls closed on each past day that has not been drawn from. Returns how many were drawn."""
    zone = ZoneInfo(setting("time_zone"))
    today, n = now.astimezone(zone).date(), 0
    for back in range(LOOK_BACK.days, 0, -1):
        day = today - timedelta(days=back)
        if not Draw.objects.filter(day=day).exists():
            n += _draw(day, zone, now)
    return n


def _draw(day: date, zone: ZoneInfo, now: datetime) -> int:
    """Of each class of type its share, rounded up, at random, among callers who said that they may be called back."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    closed = Call.objects.filter(closed_at__gte=start, closed_at__lt=end, state="closed", drill=False,
                                 source="resident", words_deleted_at=None)
    groups: dict[str, list[Call]] = {}
    for call in closed.order_by("id"):
        if _may_be_called(call, now):
            groups.setdefault(call.type_id[:2], []).append(call)
    wanted = shares(str(setting("callback_types")), int(setting("callback_percent")))
    drawn = [call for code, found in groups.items()
             for call in SystemRandom().sample(found, ceil(len(found) * min(1, wanted.get(code, wanted[""]))))]
    due_at = now + timedelta(seconds=limit_s("t_callback") or 72 * 3600)
    with writing(actor=CENTRE, now=now) as log:
        Draw.objects.create(day=day, may=sum(map(len, groups.values())), drawn=len(drawn))
        rows = [Visit(call=c.id, type=c.type_id, area=c.area, day=day, due_at=due_at) for c in drawn]
        Visit.objects.bulk_create(rows, ignore_conflicts=True)  # one reopened and closed again is asked once
        log.append("visits.drawn", subject=("visits", day.isoformat()), area=home(), may=FEEDBACK,
                   payload={"day": day.isoformat(), "of": sum(map(len, groups.values())), "count": len(drawn)})
    return len(drawn)


def _may_be_called(call: Call, now: datetime) -> bool:
    said = calls.read_words(actor=CENTRE, now=now, call_id=call.id).callers
    return bool(said) and said[0].has_number and "call_back" in said[0].ticks


@once
def claim_visit(*, actor: Actor, now: datetime, visit_id: UUID | str, key: UUID | None = None) -> Visit:
    """Takes a caller in hand, to be asked by one person."""
    with writing(actor=actor, now=now) as log:
        visit = _visible(actor, visit_id)
        if already_written(key):
            return visit
        other = visit.state == "claimed" and visit.claimed_by != actor.id
        if other and visit.claim_until and visit.claim_until > now:
            raise in_other_hands(visit.claimed_by)
        if visit.state not in VISIT_OPEN:
            raise Conflict(_("It is settled already."), code="state")
        _change(visit, state="claimed", claimed_by=actor.id, claim_until=until(now))
        _tell(log, "visit.claimed", visit, key)
    return visit


def number_of(*, actor: Actor, now: datetime, visit_id: UUID | str) -> str:
    """The caller's number for who has them in hand: opened at the call, with the call-back as its reason, each time."""
    with writing(actor=actor, now=now):
        visit = _mine(actor, visit_id)
        shown = calls.reveal_caller(actor=actor, now=now, call_id=visit.call, reason=_("Call-back to the caller"))
    return next((s.number for s in shown if s.number), "")


@once
def rate(*, actor: Actor, now: datetime, visit_id: UUID | str, rating: int, why: str, key: UUID | None = None) -> Visit:
    """Writes down what the caller says: 1 to 5, and what it rests on."""
    if rating not in (1, 2, 3, 4, 5):
        raise Refused(_("Choose from 1 to 5."), field="rating", code="needs")
    if why not in WHYS:
        raise Refused(_("Choose what it rests on."), field="why", code="needs")
    return _end(actor, now, visit_id, key, "done", rating=rating, why=why)


@once
def no_rating(*, actor: Actor, now: datetime, visit_id: UUID | str, result: str, key: UUID | None = None) -> Visit:
    """The caller does not wish to (declined), did not answer (no_answer: it waits again, MOST_TRIES times), or it is
    given back untried (back)."""
    if result not in ("declined", "no_answer", "back"):
        raise Refused(_("Say what came of it."), field="result", code="needs")
    return _end(actor, now, visit_id, key, result)


def _end(actor: Actor, now: datetime, visit_id: UUID | str, key: UUID | None, result: str, **given: Any) -> Visit:
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return _visible(actor, visit_id)
        visit = _mine(actor, visit_id)
        tries = visit.tries + (result == "no_answer")
        state = {"back": "due", "no_answer": "due" if tries < MOST_TRIES else "unreachable"}.get(result, result)
        over = {} if state == "due" else {"ended_at": now}
        _change(visit, state=state, tries=tries, claimed_by="", claim_until=None, **over, **given)
        # The log says that somebody was asked, not who said what of whom: the rating stands in the row alone.
        _tell(log, "visit.ended" if over else "visit.given_back", visit, key)
    return visit


def lapse(now: datetime) -> int:
    """Puts back what was taken in hand and left, and ends what is too late by a week."""
    late = Visit.objects.filter(state="claimed", claim_until__lte=now)
    n = change(late, state="due", claimed_by="", claim_until=None)
    change(Visit.objects.filter(state="due", due_at__lt=now - timedelta(days=7)), state="over", ended_at=now)
    return n


def visits_due(now: datetime) -> int:
    return Visit.objects.filter(day__lt=(now - KEPT).date()).delete()[0]


def _visible(actor: Actor, visit_id: UUID | str) -> Visit:
    visit = Visit.objects.select_for_update().filter(id=visit_id).first()
    if visit is None or not actor.may(FEEDBACK, visit.area):
        raise Missing(_("There is no such call in your areas."), code="visit")
    return visit


def _mine(actor: Actor, visit_id: UUID | str) -> Visit:
    visit = _visible(actor, visit_id)
    if visit.state != "claimed":
        raise Conflict(_("Nobody has it in hand."), code="state")
    if visit.claimed_by != actor.id:
        raise in_other_hands(visit.claimed_by)
    return visit


def _change(visit: Visit, **values: Any) -> None:
    if not Visit.objects.filter(id=visit.id, state=visit.state, claimed_by=visit.claimed_by).update(**values):
        raise Conflict(_("Somebody else was first. Look again."), code="raced")
    for name, value in values.items():
        setattr(visit, name, value)


def _tell(log: Log, kind: str, visit: Visit, key: UUID | None) -> None:
    log.append(kind, subject=("visit", visit.id), area=visit.area, may=FEEDBACK, id=key,
               payload={"call": str(visit.call)})
