"""Steps that several actions share."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.seal import digest
from shouwang.desk.log.writing import Log
from shouwang.desk.workflow import records
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.moves import limit_s, working_h
from shouwang.desk.workflow.settings import get as setting

from .. import facts, sealed
from ..models import Agreement, DisputeWords, Mediation
from ..terms import CONDUCT, MOST_AMOUNT, MOST_PEOPLE, MOST_WORDS, REGISTER, SEE, UNSEAL, VISIT

WORKING = {"registered": "t_med_judge", "judged": "t_med_route", "routed": "t_med_contact"}


def visible(actor: Actor, mediation_id: UUID | str) -> Mediation:
    """The case, locked until the transaction ends, if it lies in the actor's areas. Raises Missing otherwise."""
    rows = Mediation.objects.select_for_update(of=("self",)).select_related("kind", "body")
    row = rows.filter(id=mediation_id).first()
    if row is None or not any(actor.may(p, row.area) for p in SEE):
        raise Missing(_("There is no such mediation in your areas."), code="mediation")
    return row


def append(log: Log, kind: str, row: Mediation, *, id: UUID | None = None, reason: str = "", **payload: Any) -> UUID:
    return log.append(kind, subject=("mediation", row.id), area=row.area, may=REGISTER, payload=payload, id=id,
                      reason=reason)


def said(log: Log, kind: str, row: Mediation, what: str, text: str, *, id: UUID | None = None, reason: str = "",
         **payload: Any) -> UUID:
    """An event with words about the case: they lie sealed with it, and the event holds their digest."""
    if text:
        payload["digest"] = digest(row.id, text)
    event = append(log, kind, row, id=id, reason=reason, **payload)
    if text:
        DisputeWords.objects.create(id=event, mediation=row, kind=what, at=log.now, by=log.actor.id,
                                    text=sealed.keep(row.id, f"words:{event}", text))
    return event


def scale(people: int | None, amount: int | None) -> None:
    """Raises Refused at the field for a number of people or a sum that cannot be."""
    for field, value, least, most in (("people", people, 1, MOST_PEOPLE), ("amount", amount, 0, MOST_AMOUNT)):
        if value is not None and not least <= value <= most:
            raise Refused(_("Write a number from %(least)s to %(most)s.") % {"least": least, "most": most},
                          field=field, code="count")


def conducts(actor: Actor, row: Mediation) -> None:
    """Raises Denied or Refused unless the actor is this case's mediator."""
    if actor.everything:
        return
    actor.require(CONDUCT, row.area)
    if row.mediator != actor.id:
        raise Refused(_("Only the mediator of this case does this. Take it first."), code="mediator")


def visits(actor: Actor, row: Mediation) -> None:
    """Raises Denied or Refused unless the actor follows this case up: its mediator, or the manager."""
    if actor.everything:
        return
    actor.require(VISIT, row.area)
    if row.mediator != actor.id and not actor.may(UNSEAL, row.area):
        raise Refused(_("Only the mediator of this case does this. Take it first."), code="mediator")


def opens_it(actor: Actor, row: Mediation) -> None:
    """Raises Refused once it is deleted, Denied for who may not open what is sealed here."""
    if row.sealed_deleted_at:
        raise Refused(_("It is deleted on schedule."), code="deleted")
    if not facts.may_open(actor, row):
        raise Denied(UNSEAL, row.area)


def clock(row: Mediation, state: str, now: datetime) -> dict[str, Any]:
    """When the step that begins now has to end, and when most of its time is spent."""
    if state in WORKING:
        figure = working_h(WORKING[state])
        if figure is None:
            return {"due_at": None, "warn_at": None}
        return records.by_working_time(now, figure, hours().after)
    end = None
    if state in ("consent", "session"):
        end = row.settle_due_at
    elif state in ("agreed", "confirmed", "performing"):
        end = _visit_due(row)
    return records.until(end, now)


def _visit_due(row: Mediation) -> datetime | None:
    """So long after the agreement, or once the day by which it is to be performed is over."""
    span, agreed = limit_s("t_med_visit"), row.agreed_at
    if span is None or agreed is None:
        return None
    last = Agreement.objects.filter(mediation=row).values_list("perform_by", flat=True).first()
    over = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(setting("time_zone"))) if last else agreed
    return max(agreed + timedelta(seconds=span), over)


def require_text(text: str | None, field: str, message: str, most: int = MOST_WORDS) -> str:
    return records.require_text(text, field, message, most)


def within(text: str, field: str, most: int = MOST_WORDS) -> str:
    return records.within(text, field, most)


def one_of(value: str, table: Any, field: str, message: str) -> str:
    if value not in table:
        raise Refused(message, field=field, code="needs")
    return value
