"""Closing streets and opening them again. Each is one transaction that ends with its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting

from . import advice, facts
from .models import Closure
from .terms import AHEAD_DAYS, Pick

CENTRE = system("closures")


@once
def close(
    *, actor: Actor, now: datetime, id: UUID, picks: Sequence[Pick] = (), ring: Sequence[tuple[float, float]] = (),
    factor: float = 0.0, reason: str, from_at: datetime | None = None, until_at: datetime, key: UUID | None = None,
) -> Closure:  # fmt: skip
    """Shuts stretches (factor 0) or makes them slower, from now or later until an end. The same id again is a retry;
    with it as `key`, two at one moment make one as well. Raises Refused at the field, Denied where it reaches beyond
    the actor's areas."""
    if (kept := Closure.objects.filter(id=id).first()) is not None:
        return _mine(actor, kept)
    chosen = advice.picked(picks, ring)
    actor.require(facts.CLOSE, chosen.area)
    begins = max(from_at or now, now)
    if begins > now + timedelta(days=AHEAD_DAYS):
        raise Refused(_("Plan at most %(days)s days ahead.") % {"days": AHEAD_DAYS}, field="from_at", code="span")
    _check_end(begins, until_at, now)
    network = places.network()
    assert network is not None  # its streets were just used
    with writing(actor=actor, now=now) as log:
        row = Closure.objects.create(
            id=id, area=chosen.area, zh=chosen.zh, en=chosen.en, network=network.id, edges=list(chosen.edges),
            lines=list(chosen.lines), length_m=chosen.length_m, factor=factor, reason=reason, from_at=begins,
            until_at=until_at, made_by=actor.id, made_at=now, changed_at=now,
        )  # fmt: skip
        _tell(log, row, "closure.entered", key=key, **_said(row))
    return row


@once
def amend(
    *, actor: Actor, now: datetime, closure_id: UUID | str, version: int, until_at: datetime | None = None,
    factor: float | None = None, reason: str | None = None, key: UUID | None = None,
) -> Closure:  # fmt: skip
    """Another end, factor or reason. Raises Conflict when it has moved on from `version`, or is over."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, closure_id)
        if already_written(key):
            return row
        if facts.state_of(row, now) in ("over", "lifted"):
            raise Conflict(_("This closure is over."), code="state")
        given = {"until_at": until_at, "factor": factor, "reason": reason}
        changes = {name: value for name, value in given.items() if value is not None and value != getattr(row, name)}
        if until_at is not None:
            _check_end(max(row.from_at, now), until_at, now)
        before = _said(row)
        _change(row, now, version=version, lifted_at=None, **changes)
        after = _said(row)
        told = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        _tell(log, row, "closure.changed", key=key, changes=told)
    return row


@once
def lift(*, actor: Actor, now: datetime, closure_id: UUID | str, version: int | None = None, key: UUID | None = None,
         ) -> Closure:  # fmt: skip
    """Opens the street before the end."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, closure_id)
        if already_written(key):
            return row
        if facts.state_of(row, now) in ("over", "lifted"):
            raise Conflict(_("This closure is over."), code="state")
        _change(row, now, version=version or row.version, lifted_at=now, ended=True)
        _tell(log, row, "closure.lifted", key=key)
    return row


@once
def restore(*, actor: Actor, now: datetime, closure_id: UUID | str, version: int | None = None, key: UUID | None = None,
            ) -> Closure:  # fmt: skip
    """Takes back that it was lifted, as long as its end has not come."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, closure_id)
        if already_written(key):
            return row
        if row.lifted_at is None or row.until_at <= now:
            raise Conflict(_("Only a lifted closure whose end has not come can be put back."), code="state")
        _change(row, now, version=version or row.version, lifted_at=None, ended=False)
        _tell(log, row, "closure.restored", key=key)
    return row


def end_due(now: datetime) -> int:
    """Takes those whose end has come off the screens. Nothing waits for it: whoever asks, asks with the time."""
    due = list(Closure.objects.filter(ended=False, until_at__lte=now))
    if not due:
        return 0
    with writing(actor=CENTRE, now=now) as log:
        for row in due:
            if Closure.objects.filter(id=row.id, ended=False, version=row.version).update(ended=True):
                row.ended = True
                _tell(log, row, "closure.ended")
    return len(due)


def _row(actor: Actor, closure_id: UUID | str) -> Closure:
    row = facts.find(actor.areas(facts.SEE), closure_id)
    if row is None:
        raise Missing(_("There is no such closure in your areas."), code="missing")
    actor.require(facts.CLOSE, row.area)
    return row


def _mine(actor: Actor, row: Closure) -> Closure:
    return _row(actor, row.id)


def _check_end(begins: datetime, until_at: datetime, now: datetime) -> None:
    days = int(setting("closure_days"))
    if until_at <= begins:
        raise Refused(_("The end has to lie after the beginning, and after now."), field="until_at", code="span")
    if until_at > begins + timedelta(days=days):
        says = _("At most %(days)s days at a time. Extend it when they are over.")
        raise Refused(says % {"days": days}, field="until_at", code="span")


def _change(row: Closure, now: datetime, *, version: int, **changes: Any) -> None:
    """Compare and set by version."""
    mine = Closure.objects.filter(id=row.id, version=version)
    if not mine.update(version=F("version") + 1, changed_at=now, **changes):
        raise Conflict(_("The closure has been changed meanwhile. Look at it again."), code="version")
    row.refresh_from_db()


def _said(row: Closure) -> dict[str, Any]:
    from_at, until_at = row.from_at.isoformat(), row.until_at.isoformat()
    return {"cause": row.reason, "factor": row.factor, "from": from_at, "until": until_at}


def _tell(log: Log, row: Closure, kind: str, *, key: UUID | None = None, **payload: Any) -> None:
    card = None if row.ended else facts.card_of(row)
    log.append(kind, subject=("closure", row.id), area=row.area, may=facts.SEE, payload=payload, card=card, id=key)
