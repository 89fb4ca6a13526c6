"""The steps of a matter, as the life cycle `matter` has them, and what stands beside them."""

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
from shouwang.desk.workflow.moves import Transition, cycle
from shouwang.desk.workflow.records import change

from .. import facts, photos
from ..models import OVER, JointTask, Matter, MatterType
from ..terms import CHECKS, LEVELS, Given
from .common import (
    append,
    clock,
    ends,
    finish_whole,
    follow_part,
    in_charge,
    left_h,
    pieces_open,
    require_text,
    said,
    shot,
    visible,
    within,
)  # fmt: skip

BEFORE_DISPATCH = ("reported", "accepted", "returned")
OUT = ("assigned", "handling", "extended", "suspended")  # somebody has it in hand
LONGEST = timedelta(days=366)


@once
def move(*, actor: Actor, now: datetime, matter_id: UUID | str, transition: str, given: Given = Given(),  # noqa: B008
         version: int | None = None, key: UUID | None = None) -> Matter:
    """Takes one step. Raises Refused where something it needs is missing, Denied without the permission at the seat of
    the matter's level, Conflict when it has moved on from `version`. `key`: a retry with it does nothing twice."""
    shots = photos.prepared(given.photos)
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        if already_written(key):
            return matter
        step = _step(transition)
        permit(actor, matter, step)
        values, payload, found = _PREPARED.get(step.id, _plain)(matter, given, now, actor)
        cycle("matter").check(step.id, state=matter.state, given=found)
        if version is not None and version != matter.version:
            raise Conflict(_("%(matter)s was changed meanwhile. Look again.") % {"matter": matter}, code="version")
        old = matter.state
        change(matter, state=step.target, since=now,
               **{"late_at": None, **clock(matter.type, step.target, now), **values})
        if taken := shot(matter, shots, "after", at=now, by=actor.id):
            payload["photos"] = taken
        said(log, f"matter.{step.target}", matter, "result", within(given.result, "result"), id=key,
             reason=within(given.reason, "reason"), old=old, new=step.target, step=step.id, **payload)
        if matter.whole_id and step.target in OVER:
            finish_whole(log, matter.whole_id)
        elif matter.whole_id:
            follow_part(log, matter.whole_id, matter)
    return matter


def _step(code: str) -> Transition:
    known = cycle("matter").transitions
    if code not in known:
        raise Refused(_("There is no such step: %(step)s.") % {"step": code}, field="transition", code="step")
    return known[code]


def permit(actor: Actor, matter: Matter, step: Transition) -> None:
    """Raises Denied unless the actor may take this step here, Refused for another body's. Dispatch and handling belong
    to the seat of the matter's level, handling to the body in charge; who answered does not check; who reported
    rates."""
    if step.may in ("matter.assign", "matter.handle"):
        actor.require(step.may, facts.seat(matter.area, matter.level))
        if step.may == "matter.handle":
            in_charge(actor, matter.handler, matter.level)
    elif step.id == "m_rate":
        if matter.reported_by != actor.id and not actor.everything:
            raise Denied(step.may, matter.area)
    else:
        actor.require(step.may, matter.area)
    if step.may == "matter.check" and matter.answered_by and matter.answered_by == actor.id and not actor.everything:
        raise Refused(_("Who answered does not check: ask somebody else."), code="same_person")


def moves(actor: Actor, matter: Matter) -> list[Transition]:
    """The steps that the actor may take now, in the order of the life cycle."""
    found = []
    for step in cycle("matter").moves_from(matter.state):
        try:
            permit(actor, matter, step)
        except (Denied, Refused):
            continue
        found.append(step)
    return found


# ---- what each step makes of what it is given: columns, payload, and the names of the fields that are there

Made = tuple[dict[str, Any], dict[str, Any], list[str]]


def _plain(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    return {}, {}, ["reason"] if given.reason.strip() else []


def _accept(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    values: dict[str, Any] = {"accepted_at": now}
    payload: dict[str, Any] = {}
    if given.type and given.type != matter.type_id:
        kind = MatterType.objects.filter(code=given.type, active=True).exclude(parent="").first()
        if kind is None:
            raise Refused(_("Choose what it is."), field="type", code="type")
        if kind.referral != matter.type.referral:
            raise Refused(_("A referral is reported anew: nothing else may be in it."), field="type", code="referral")
        payload["changes"] = {"type": [matter.type_id, kind.code]}
        values |= {"type": kind, "level": kind.level, **clock(kind, "accepted", now)}
    return values, payload, ["type", *(["cell"] if matter.area else [])]


def _void(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    _no_pieces(matter)
    values: dict[str, Any] = {"closed_at": now}
    payload: dict[str, Any] = {}
    if given.main is not None:
        main = visible(actor, given.main)
        if main.id == matter.id or main.main_id or main.state == "void":
            raise Refused(_("%(matter)s cannot stand for another one.") % {"matter": main}, field="main", code="main")
        values["main"], payload["main_matter"] = main, str(main.id)
    return values, payload, ["reason"] if given.reason.strip() else []


def _assign(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    handler = given.handler or matter.type.agency
    if handler not in facts.agencies():
        raise Refused(_("Choose the office that handles it."), field="handler", code="needs")
    due = _due(matter, given, now)
    values = {**due, "handler": handler, "assigned_at": now, "handle_due_at": due["due_at"], "left_h": None}
    return values, {"handler": handler, "until": due["due_at"].isoformat()}, ["handler", "due"]


def _due(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The end that was chosen, else the kind's own."""
    if given.due_at is None:
        return ends(matter.type, now, matter.type.handle_h)
    ahead(given.due_at, now, "due_at")
    return {"due_at": given.due_at, "warn_at": now + (given.due_at - now) * 0.8}


def ahead(at: datetime, now: datetime, field: str) -> None:
    if not now < at <= now + LONGEST:
        raise Refused(_("The end has to lie after now, within a year."), field=field, code="span")


def _start(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    due = matter.handle_due_at or now
    values: dict[str, Any] = {"due_at": due, "warn_at": matter.warn_at}
    if matter.state == "suspended":  # the clock that was stopped goes on
        values = ends(matter.type, now, matter.left_h or 0.0)
        values |= {"handle_due_at": values["due_at"], "left_h": None}
    return {**values, "late_at": matter.late_at}, {}, []


def _extend(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    found = ["reason"] if given.reason.strip() else []
    if given.due_at is None:
        return {}, {}, found
    ahead(given.due_at, now, "due_at")
    if matter.handle_due_at and given.due_at <= matter.handle_due_at:
        raise Refused(_("The new end has to lie after the old one."), field="due_at", code="span")
    values = {**_due(matter, given, now), "handle_due_at": given.due_at}
    return values, {"until": given.due_at.isoformat()}, [*found, "new_due"]


def _suspend(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    found = ["reason"] if given.reason.strip() else []
    at = given.due_at or clock(matter.type, "suspended", now)["due_at"]
    ahead(at, now, "due_at")
    left = left_h(matter.type, now, matter.handle_due_at or now)
    return {"due_at": at, "warn_at": None, "left_h": left}, {"until": at.isoformat()}, [*found, "review_date"]


def _answer(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    _no_pieces(matter)
    waits = JointTask.objects.filter(matter=matter, state__in=("set", "accepted")).count()
    if waits:
        raise Refused(_("Parts of others are not done yet: %(n)s.") % {"n": waits}, code="joint")
    values: dict[str, Any] = {"answered_at": now, "answered_by": actor.id, "left_h": None,
                              "in_time": matter.handle_due_at is None or now <= matter.handle_due_at}
    if matter.type.referral:  # a number at the agency, and nothing about anybody
        if given.result.strip() or given.photos:
            raise Refused(_("Write only the agency's number."), field="result", code="referral")
        number = require_text(given.reference, "reference", _("Write the agency's number."), 40)
        return {**values, "reference": number}, {}, ["result", "photo_after"]
    found = [*(["result"] if given.result.strip() else []), *(["photo_after"] if given.photos else [])]
    return values, {}, found


def _no_pieces(matter: Matter) -> None:
    if waits := pieces_open(matter):
        raise Refused(_("It is split: %(n)s of its parts are not done yet.") % {"n": waits}, code="pieces")


def _check(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    return {"due_at": matter.due_at, "warn_at": matter.warn_at, "late_at": matter.late_at}, {}, []


def _close(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    if given.check not in CHECKS:
        return {}, {}, []
    return {"closed_at": now, "check_by": given.check}, {"check": given.check}, ["check_result"]


def _redo(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    due = ends(matter.type, now, matter.type.handle_h)
    values = {**due, "handle_due_at": due["due_at"], "answered_at": None, "answered_by": "", "in_time": None,
              "redone": matter.redone + 1}
    return values, {"until": due["due_at"].isoformat()}, ["reason"] if given.reason.strip() else []


def _rate(matter: Matter, given: Given, now: datetime, actor: Actor) -> Made:
    if given.rating is not None and given.rating not in (1, 2, 3, 4, 5):
        raise Refused(_("Choose from 1 to 5."), field="rating", code="invalid")
    if given.rating is None and not actor.everything:
        raise Refused(_("Choose from 1 to 5."), field="rating", code="needs")
    return {"rating": given.rating}, {"rating": given.rating} if given.rating else {"unrated": True}, []


_PREPARED: dict[str, Callable[[Matter, Given, datetime, Actor], Made]] = {
    "m_accept": _accept, "m_void": _void, "m_assign": _assign, "m_start": _start, "m_extend": _extend,
    "m_suspend": _suspend, "m_answer": _answer, "m_check": _check, "m_close": _close, "m_redo": _redo, "m_rate": _rate,
}


# ---- beside the steps


@once
def escalate(*, actor: Actor, now: datetime, matter_id: UUID | str, reason: str, version: int | None = None,
             key: UUID | None = None) -> Matter:
    """Hands a matter up: community → street → district. From then on that seat dispatches it."""
    text = require_text(reason, "reason", _("Say why it goes up."))
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        if already_written(key):
            return matter
        actor.require("matter.accept" if matter.state == "reported" else "matter.assign", matter.area)
        if matter.state not in BEFORE_DISPATCH:
            raise Conflict(_("It is in somebody's hands: have it returned first."), code="state")
        order = list(LEVELS)
        at = order.index(matter.level)
        if at + 1 == len(order):
            raise Conflict(_("It stands at the district already."), code="level")
        old, new = matter.level, order[at + 1]
        change(matter, version=version, level=new)
        append(log, "matter.escalated", matter, id=key, reason=text, changes={"level": [old, new]})
    return matter


@once
def remark(*, actor: Actor, now: datetime, matter_id: UUID | str, text: str, key: UUID | None = None) -> Matter:
    """Adds words to a matter, open or closed."""
    words = require_text(text, "text", _("Write something."))
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        if already_written(key):
            return matter
        actor.require(facts.REPORT if matter.reported_by == actor.id else facts.SEE, matter.area)
        if matter.words_deleted_at or matter.type.referral:
            raise Conflict(_("Nothing more can be written about this matter."), code="deleted")
        said(log, "matter.noted", matter, "remark", words, id=key)
    return matter
