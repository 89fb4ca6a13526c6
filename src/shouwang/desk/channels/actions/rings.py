"""Calls at the exchange: taken in from the live process, opened by who answered, missed ones called back."""
from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.models import Card
from shouwang.desk.log.names import home
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.tables.live.rings import ANSWERED, GONE, JOINED, KEY, STOOD, unwrap_number

from .. import facts, words
from ..models import Line, Outage, Ring, RingEvent, Seat
from ..terms import BACK_RESULTS, TAKE
from .common import CENTRE, change, in_other_hands, open_form, tell_ring, until

AT_ONCE = 200
MOST_TRIES = 5
CARD_SHOWN = timedelta(minutes=3)
STATISTICS_KEPT = timedelta(days=400)


def take_in(now: datetime) -> int:
    """Makes of what the exchange told what rings, was answered and was missed. Each event goes in the transaction that
    makes it true, so that none counts twice. Returns how many there were."""
    rows = list(RingEvent.objects.order_by("id")[:AT_ONCE])
    for row in rows:
        with writing(actor=CENTRE, now=now) as log:
            if RingEvent.objects.filter(id=row.id).delete()[0]:
                _take(log, row)
    return len(rows)


def _take(log: Log, event: RingEvent) -> None:
    if event.kind == STOOD:
        _lost_sight(log, event.at)
        return
    ring = Ring.objects.select_for_update().filter(unique_no=event.unique_no).first()
    if ring is None:  # also one that is told only by its end: it rang while the line was lost
        ring = _new(event)
        tell_ring(log, "ring.came", ring, line=ring.line)
    if event.kind == ANSWERED and ring.state in ("ringing", "unknown"):
        _answered(log, ring, event)
    elif event.kind == GONE and ring.state == "ringing":
        _end(log, ring, "missed", event.at)
    elif event.kind == JOINED and ring.state == "unknown" and ring.ended_at and event.at < ring.ended_at:
        _change(ring, state="ringing", ended_at=None, back="")  # it rings after all
        tell_ring(log, "ring.came", ring, line=ring.line)


def _new(event: RingEvent) -> Ring:
    number = unwrap_number(settings.CONFIG.secret(KEY), event.id, bytes(event.number))
    ring = Ring(unique_no=event.unique_no, area=home(), line=event.line, joined_at=event.at,
                mark=event.mark if number else "")
    ring.number = words.sealed(ring.id, "number", number)
    ring.save(force_insert=True)
    return ring


def _answered(log: Log, ring: Ring, event: RingEvent) -> None:
    """The card tells the screen of who answered, and leaves it soon; the log keeps nobody's answering times."""
    user = Seat.objects.filter(seat=event.seat).values_list("user", flat=True).first() or ""
    _change(ring, state="answered", ended_at=max(event.at, ring.joined_at), answered_by=user, back="")
    tell_ring(log, "ring.answered", ring, line=ring.line)
    if user:
        log.card(("ring", ring.id), area=ring.area, may=TAKE, body={"user": user, "line": ring.line})
    if ring.mark:  # who has got through needs no call back
        for other in Ring.objects.filter(mark=ring.mark, back__in=("due", "claimed")).exclude(id=ring.id):
            _change(other, back="through", back_by="", back_until=None)
            tell_ring(log, "ring.through", other)


def _end(log: Log, ring: Ring, state: str, at: datetime) -> None:
    """It was not answered, as far as is known: somebody calls back. One telephone stands in the list once."""
    again = Ring.objects.filter(mark=ring.mark, back="due").exclude(id=ring.id) if ring.mark else ()
    for other in again:
        _change(other, back="again", back_by="", back_until=None)
    _change(ring, state=state, ended_at=max(at, ring.joined_at), back="due" if ring.number else "withheld")
    tell_ring(log, "ring.missed", ring, line=ring.line, known=state == "missed")


def _lost_sight(log: Log, at: datetime) -> None:
    """The exchange has been found again: what rang before and rings no longer has ended unseen. Those that ring still
    were stored together with this word, and wait behind it."""
    told = set(RingEvent.objects.filter(kind=JOINED).values_list("unique_no", flat=True))
    for ring in Ring.objects.select_for_update().filter(state="ringing", joined_at__lt=at).exclude(unique_no__in=told):
        _end(log, ring, "unknown", at)


# ---- the call-taker who answered


@once
def sit(*, actor: Actor, now: datetime, seat: str, key: UUID | None = None) -> str:
    """Says at which telephone this person sits, "" for none. Whoever sat there before has left it."""
    actor.require(TAKE)
    name = seat.strip()
    if name and not re.fullmatch(r"[A-Za-z0-9_.+-]{1,40}", name):
        raise Refused(_("Write the telephone as the exchange names it, as 6001."), field="seat", code="invalid")
    with writing(actor=actor, now=now) as log:
        if not already_written(key):
            Seat.objects.filter(user=actor.id).delete()
            if name:
                Seat.objects.update_or_create(seat=name, defaults={"user": actor.id, "since": now})
            log.append("seat.taken" if name else "seat.left", subject=("user", actor.id), area=home(), id=key)
    return name


@once
def open_answered(*, actor: Actor, now: datetime, ring_id: UUID | str, key: UUID | None = None) -> UUID:
    """Opens the intake form with the number of who is on the line: for who answered, and nobody else. Returns the id of
    the call to be."""
    with writing(actor=actor, now=now) as log:
        ring = _visible(actor, ring_id)
        if ring.answered_by != actor.id:
            raise Missing(_("Only who answered opens this call."), code="ring")
        if already_written(key) and ring.call is not None:
            return ring.call
        call = open_form(actor=actor, now=now, call=ring.call, number=words.number_of(ring), received_at=ring.joined_at)
        _change(ring, call=call)
        tell_ring(log, "ring.opened", ring, key=key)
        log.card(("ring", ring.id), area=ring.area, may=TAKE, body=None)
    return call


def became(*, now: datetime, call: UUID) -> None:
    """A call was saved under the id that one at the exchange was opened with."""
    with writing(actor=CENTRE, now=now) as log:
        ring = Ring.objects.select_for_update().filter(call=call).first()
        if ring is None:
            return
        if ring.back in ("due", "claimed"):
            _change(ring, back="done", back_by="", back_until=None, back_at=now)
            tell_ring(log, "ring.called_back", ring, reached=True)
        log.append("call.came_by", subject=("call", call), area=ring.area, may="call.view",
                   payload={"channel": "phone", "line": ring.line})


# ---- missed calls


@once
def claim_back(*, actor: Actor, now: datetime, ring_id: UUID | str, key: UUID | None = None) -> tuple[Ring, str]:
    """Takes a missed call in hand to call back, and gives its number: for that alone, within a day, and logged."""
    with writing(actor=actor, now=now) as log:
        ring = _visible(actor, ring_id)
        if not already_written(key):
            other = ring.back == "claimed" and ring.back_by != actor.id
            if other and ring.back_until and ring.back_until > now:
                raise in_other_hands(ring.back_by)
            if ring.back not in ("due", "claimed") or now - ring.joined_at > facts.KEPT:
                raise Conflict(_("It is settled already."), code="state")
            _change(ring, back="claimed", back_by=actor.id, back_until=until(now))
            tell_ring(log, "ring.claimed", ring, key=key)
        if (ring.back, ring.back_by) != ("claimed", actor.id):  # a retry too late, or a key of something else
            raise Conflict(_("It is settled already."), code="state")
    return ring, words.number_of(ring)


@once
def end_back(*, actor: Actor, now: datetime, ring_id: UUID | str, result: str, key: UUID | None = None) -> Ring:
    """What came of calling back: reached; no answer, then it waits again, at most MOST_TRIES times; or "back", given
    back untried."""
    if result not in BACK_RESULTS and result != "back":
        raise Refused(_("Say what came of it."), field="result", code="needs")
    with writing(actor=actor, now=now) as log:
        ring = _visible(actor, ring_id)
        if already_written(key):
            return ring
        if ring.back != "claimed":
            raise Conflict(_("Nobody has it in hand."), code="state")
        if ring.back_by != actor.id:
            raise in_other_hands(ring.back_by)
        free: dict[str, Any] = {"back_by": "", "back_until": None}
        if result == "back":
            _change(ring, back="due", **free)
            tell_ring(log, "ring.given_back", ring, key=key, lapsed=False)
            return ring
        tries = ring.back_tries + 1
        state = "done" if result == "done" else "due" if tries < MOST_TRIES else "over"
        _change(ring, back=state, back_tries=tries, back_at=now, **free)
        tell_ring(log, "ring.called_back", ring, key=key, reached=result == "done")
    return ring


@once
def open_missed(*, actor: Actor, now: datetime, ring_id: UUID | str, key: UUID | None = None) -> UUID:
    """Opens the intake form with a missed call that this person has in hand: they were reached and need help."""
    with writing(actor=actor, now=now) as log:
        ring = _visible(actor, ring_id)
        if already_written(key) and ring.call is not None:
            return ring.call
        if ring.back != "claimed":
            raise Conflict(_("Nobody has it in hand."), code="state")
        if ring.back_by != actor.id:
            raise in_other_hands(ring.back_by)
        call = open_form(actor=actor, now=now, call=ring.call, number=words.number_of(ring), received_at=ring.joined_at)
        _change(ring, call=call, back_until=until(now))
        tell_ring(log, "ring.opened", ring, key=key)
    return call


# ---- by the clock


def lapse(now: datetime) -> int:
    """Puts back what somebody took in hand and left, and takes old cards off the screens. Returns how many."""
    due = list(Ring.objects.filter(back="claimed", back_until__lte=now).values_list("id", flat=True))
    for ring_id in due:
        with writing(actor=CENTRE, now=now) as log:
            ring = Ring.objects.select_for_update().get(id=ring_id)
            if ring.back == "claimed" and ring.back_until and ring.back_until <= now:
                _change(ring, back="due", back_by="", back_until=None)
                tell_ring(log, "ring.given_back", ring, lapsed=True)
    shown = Ring.objects.filter(ended_at__gte=now - CARD_SHOWN, call=None).values_list("id", flat=True)
    change(Card.objects.filter(kind="ring", body__isnull=False).exclude(subject__in=[str(i) for i in shown]), body=None)
    return len(due)


def watch_line(now: datetime) -> bool:
    """Writes down when the exchange is lost and found. Whether that changed."""
    line, gap = Line.objects.first(), Outage.objects.filter(until=None).first()
    if line is None or (facts.lost_since(now) is None) == (gap is None):
        return False
    with writing(actor=CENTRE, now=now) as log:
        if gap is None:
            Outage.objects.create(since=line.heard_at)
        else:
            Outage.objects.filter(id=gap.id).update(until=line.heard_at)
        log.append("line.lost" if gap is None else "line.found", subject=("line", line.name), area=home(), may=TAKE)
    return True


def rings_due(now: datetime) -> int:
    """After a day nothing is left of whose a call was; what was missed and not reached by then is over. Times stay for
    the statistics for 400 days, who sits where for half a day."""
    with writing(actor=CENTRE, now=now) as log:
        for ring in Ring.objects.filter(joined_at__lt=now - facts.KEPT, state="ringing"):
            _end(log, ring, "unknown", now)  # nothing was heard of its end
    old = list(Ring.objects.filter(joined_at__lt=now - facts.KEPT, forgotten_at=None).values_list("id", flat=True))
    if old:
        keys().destroy(str(i) for i in old)
        with writing(actor=CENTRE, now=now) as log:
            for ring in Ring.objects.filter(id__in=old, back__in=("due", "claimed")):
                _change(ring, back="over", back_by="", back_until=None)
                tell_ring(log, "ring.over", ring)
            Ring.objects.filter(id__in=old).update(number=b"", mark="", answered_by="", forgotten_at=now)
    Seat.objects.filter(since__lt=now - timedelta(hours=12)).delete()
    return len(old) + Ring.objects.filter(joined_at__lt=now - STATISTICS_KEPT).delete()[0]


def _visible(actor: Actor, ring_id: UUID | str) -> Ring:
    ring = Ring.objects.select_for_update().filter(id=ring_id).first()
    if ring is None or not actor.may(TAKE, ring.area):
        raise Missing(_("There is no such call in your areas."), code="ring")
    return ring


def _change(ring: Ring, **values: Any) -> None:
    """Compare and set on what was read."""
    same = {"state": ring.state, "back": ring.back, "back_by": ring.back_by}
    if not Ring.objects.filter(id=ring.id, **same).update(**values):
        raise Conflict(_("Somebody else was first. Look again."), code="raced")
    for name, value in values.items():
        setattr(ring, name, value)
