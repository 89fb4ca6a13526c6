"""The steps of a mediation, as the life cycle `mediation` has them, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import Transition, cycle, limit_s
from shouwang.desk.workflow.records import change

from .. import facts
from ..models import OVER, Agreement, DisputeKind, Mediation, MediationBody, Party, Session
from ..terms import DESK, LEVELS, REGISTER, TARGETS, TO_TAKE, UNSEAL, Given
from .common import append, clock, conducts, one_of, opens_it, require_text, said, scale, visible, visits, within
from .meeting import keep_visit, next_look

UNDER_WAY = ("consent", "session", "paused")


@once
def move(*, actor: Actor, now: datetime, mediation_id: UUID | str, transition: str, given: Given = Given(),  # noqa: B008
         version: int | None = None, key: UUID | None = None) -> Mediation:
    """Takes one step. Raises Refused where something it needs is missing, Denied without the permission, Conflict when
    the case has moved on from `version`. `key`: a retry with it does nothing twice."""
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        step = _step(transition)
        permit(actor, row, step)
        values, payload, found = _PREPARED.get(step.id, _plain)(row, given, now)
        cycle("mediation").check(step.id, state=row.state, given=found)
        old = row.state
        for name, value in values.items():
            setattr(row, name, value)  # the clock of the next step rests on them
        over = {"closed_at": now} if step.target in OVER else {}
        change(row, version=version, state=step.target, since=now,
               **{"late_at": None, **clock(row, step.target, now), **over, **values})
        event = said(log, f"mediation.{_EVENTS.get(step.id, step.target)}", row, "result", within(given.note, "note"),
                     id=key, reason=within(given.reason, "reason", 500), old=old, new=step.target, step=step.id,
                     **payload)
        if step.id == "d_visit":
            keep_visit(row, event, now=now, by=actor.id, how=given.how, performed=given.performed, text=given.note)
    return row


_EVENTS = {"d_open": "opened", "d_again": "again"}  # sessions begin in two ways


def _step(code: str) -> Transition:
    known = cycle("mediation").transitions
    if code not in known:
        raise Refused(_("There is no such step: %(step)s.") % {"step": code}, field="transition", code="step")
    return known[code]


def permit(actor: Actor, row: Mediation, step: Transition) -> None:
    """Raises Denied or Refused unless the actor may take this step here: sorting and routing in the area, what happens
    in the case its mediator alone, following it up the manager as well. Never one who declared an interest."""
    actor.require(step.may, row.area)
    if actor.everything:
        return
    if facts.barred(actor, row):
        raise Denied(step.may, row.area)
    if step.may == REGISTER:
        if row.mediator and row.mediator != actor.id:
            raise Refused(_("Only the mediator of this case does this. Take it first."), code="mediator")
    elif step.may == "mediation.visit":
        visits(actor, row)
    elif step.id != "d_withdraw" or row.mediator:
        conducts(actor, row)


def moves(actor: Actor, row: Mediation) -> list[Transition]:
    """The steps that the actor may take now, in the order of the life cycle."""
    found = []
    for step in cycle("mediation").moves_from(row.state):
        try:
            permit(actor, row, step)
        except (Denied, Refused):
            continue
        found.append(step)
    return found


# ---- what each step makes of what it is given: columns, payload, and the names of the fields that are there

Made = tuple[dict[str, Any], dict[str, Any], list[str]]


def _plain(row: Mediation, given: Given, now: datetime) -> Made:
    return {}, {}, ["reason"] if given.reason.strip() else []


def _judge(row: Mediation, given: Given, now: datetime) -> Made:
    kind = DisputeKind.objects.filter(code=given.kind or row.kind_id, active=True).first()
    if kind is None:
        raise Refused(_("Choose the kind of dispute."), field="kind", code="kind")
    scale(given.people, given.amount)
    people = row.people if given.people is None else given.people
    amount = row.amount if given.amount is None else given.amount
    least, order = facts.level_of(kind, people, amount), list(LEVELS)
    level = one_of(given.level or least, LEVELS, "level", _("Choose who settles it."))
    if order.index(level) < order.index(least) and not given.reason.strip():
        raise Refused(_("A dispute of this kind and size goes to: %(level)s. Say why it stays lower.") % {
            "level": LEVELS[least]}, field="reason", code="level")
    told: dict[str, Any] = {"dispute_kind": kind.code, "dispute_level": level, "people": people}
    return {"kind": kind, "level": level, "people": people, "amount": amount}, told, ["kind", "level"]


def _route(row: Mediation, given: Given, now: datetime) -> Made:
    body = _body(given.body or row.kind.body)
    return {"body": body}, {"body": body.code}, ["body"]


def _body(code: str) -> MediationBody:
    body = MediationBody.objects.filter(code=code, active=True).first()
    if body is None:
        raise Refused(_("Choose the body that mediates."), field="body", code="needs")
    return body


def _consent(row: Mediation, given: Given, now: datetime) -> Made:
    if set(Party.objects.filter(mediation=row).values_list("side", flat=True)) != {"a", "b"}:
        raise Refused(_("Write down who quarrels on both sides first."), field="parties", code="parties")
    found = ["both_consents"] if given.both_consents else []
    return {"consent_at": now, "settle_due_at": now + timedelta(days=row.kind.days)}, {}, found


def _open(row: Mediation, given: Given, now: datetime) -> Made:
    if row.state != "paused" or row.left_s is None:
        return {}, {}, []
    return {"settle_due_at": now + timedelta(seconds=row.left_s), "left_s": None}, {}, []  # the stopped clock goes on


def _pause(row: Mediation, given: Given, now: datetime) -> Made:
    left = max(0.0, (row.settle_due_at - now).total_seconds()) if row.settle_due_at else None
    return {"left_s": left}, {}, ["reason"] if given.reason.strip() else []


def _agree(row: Mediation, given: Given, now: datetime) -> Made:
    if not Session.objects.filter(mediation=row).exists():
        raise Refused(_("Write down the session with its minutes first."), field="session", code="session")
    found = ["agreement"] if Agreement.objects.filter(mediation=row).exists() else []
    if not found:
        raise Refused(_("Write the agreement first."), field="agreement", code="needs")
    in_time = row.settle_due_at is None or now <= row.settle_due_at
    return {"agreed_at": now, "in_time": in_time}, {}, found


def _fail(row: Mediation, given: Given, now: datetime) -> Made:
    return {}, {}, ["ways_explained"] if given.ways_explained else []


def _refer(row: Mediation, given: Given, now: datetime) -> Made:
    target = one_of(given.target, TARGETS, "target", _("Choose where it goes."))
    if target == DESK and row.call is None:
        raise Refused(_("No call stands behind this case: telephone the desk."), field="target", code="call")
    told = {"referred": target} | ({"call": str(row.call)} if target == DESK else {})
    return {"target": target}, told, ["target"]


def _again(row: Mediation, given: Given, now: datetime) -> Made:
    """Not performed: the days of its kind begin anew, and what was agreed is agreed no more."""
    return {"settle_due_at": now + timedelta(days=row.kind.days), "agreed_at": None, "in_time": None,
            "confirmed_at": None, "extended": False}, {}, []


def _confirm(row: Mediation, given: Given, now: datetime) -> Made:
    if row.body is not None and row.body.way == "judicial":
        raise Refused(_("What the court mediates needs no confirmation."), code="judicial")
    span = limit_s("t_med_confirm")
    if span is not None and row.agreed_at is not None and now > row.agreed_at + timedelta(seconds=span):
        raise Refused(_("The days in which both sides may ask the court are over."), code="span")
    number = require_text(given.reference, "reference", _("Write the court's number."), 40)
    return {"confirmed_at": now, "reference": number}, {}, []


def _visit(row: Mediation, given: Given, now: datetime) -> Made:
    due = next_look(row, given, now)
    return {**due, "visited_at": now, "performed": given.performed}, {"performed": given.performed}, []


_PREPARED: dict[str, Callable[[Mediation, Given, datetime], Made]] = {
    "d_judge": _judge, "d_route": _route, "d_consent": _consent, "d_open": _open, "d_pause": _pause, "d_agree": _agree,
    "d_fail": _fail, "d_refer": _refer, "d_again": _again, "d_confirm": _confirm, "d_visit": _visit,
}


# ---- beside the steps


@once
def extend(*, actor: Actor, now: datetime, mediation_id: UUID | str, reason: str, version: int | None = None,
           key: UUID | None = None) -> Mediation:
    """More days, once, by consent of both sides: as many as the kind allows."""
    text = require_text(reason, "reason", _("Say why it takes longer."), 500)
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        conducts(actor, row)
        if row.state not in ("consent", "session") or row.settle_due_at is None or row.extended:
            raise Conflict(_("It can be extended once, while it is under way."), code="state")
        row.settle_due_at += timedelta(days=row.kind.extend_days)
        change(row, version=version, settle_due_at=row.settle_due_at, extended=True, late_at=None,
               **clock(row, row.state, now))
        append(log, "mediation.extended", row, id=key, reason=text, until=row.settle_due_at.isoformat())
    return row


@once
def hand_over(*, actor: Actor, now: datetime, mediation_id: UUID | str, body: str, reason: str,
              version: int | None = None, key: UUID | None = None) -> Mediation:
    """To another body, of whichever way: people's, administrative and judicial mediation take over from one another
    with all that is kept. Its mediator declares anew."""
    text = require_text(reason, "reason", _("Say why it goes to another body."), 500)
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        actor.require(REGISTER, row.area)
        if row.mediator and row.mediator != actor.id and not actor.may(UNSEAL, row.area):
            raise Denied(UNSEAL, row.area)
        found = _body(body)
        if row.state not in ("routed", *UNDER_WAY) or found.code == row.body_id:
            raise Conflict(_("It goes to another body once it was passed on, until there is an agreement."),
                           code="state")
        old = row.body_id
        change(row, version=version, body=found, mediator="")
        append(log, "mediation.handed_over", row, id=key, reason=text, bodies=[old, found.code])
    return row


@once
def give_up(*, actor: Actor, now: datetime, mediation_id: UUID | str, reason: str, version: int | None = None,
            key: UUID | None = None) -> Mediation:
    """The mediator gives the case back, or the manager takes it from one who is gone: another one declares."""
    text = require_text(reason, "reason", _("Say why."), 500)
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        if row.mediator != actor.id:
            actor.require(UNSEAL, row.area)
        if not row.mediator or row.state not in TO_TAKE:
            raise Conflict(_("Nobody has this case in hand."), code="state")
        change(row, version=version, mediator="")
        append(log, "mediation.given_up", row, id=key, reason=text)
    return row


@once
def remark(*, actor: Actor, now: datetime, mediation_id: UUID | str, text: str, key: UUID | None = None) -> Mediation:
    """Adds words, sealed; who may open the case may write in it."""
    words = require_text(text, "text", _("Write something."))
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        opens_it(actor, row)
        said(log, "mediation.noted", row, "remark", words, id=key)
    return row
