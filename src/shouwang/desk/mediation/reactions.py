"""Calls that were passed on, and parts of matters that are mediated jointly, become mediations, once each; a call that
is opened again takes its mediation back. What becomes of a mediation is told by its own events: calls and matters read
them."""

from __future__ import annotations

import logging
from uuid import UUID

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import system
from shouwang.desk.log.facts import Fact
from shouwang.desk.matters import facts as matters
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.defaults import table
from shouwang.engine.errors import ShouwangError

from .actions import from_call, from_matter, move
from .models import Mediation
from .terms import Given

log = logging.getLogger("shouwang.mediation")
CENTRE = system("mediation")
KINDS = ("call.taken", "call.transferred", "call.reopened", "matter.joined")
NOT_BEGUN = ("registered", "judged", "routed", "consent")


def react(event: Fact) -> None:
    """A mediation that cannot be made or taken back is told in the process's messages and holds up no other."""
    try:
        _react(event)
    except ShouwangError as error:
        log.error("mediation, event %s: %s", event.id, error)


def _react(event: Fact) -> None:
    passed = event.payload.get("target") == "mediation" if event.kind == "call.transferred" else (
        event.kind == "call.taken" and event.payload.get("state") == "transferred")
    if passed:
        _become(event)
    elif event.kind == "call.reopened":
        _take_back(event)
    elif event.kind == "matter.joined" and event.payload.get("joint") == "mediation":
        _join(event)


def _become(event: Fact) -> None:
    call = calls.passed_on(event.subject)
    if call is None or call.target != "mediation":
        return
    kind = next((r["mediation_kind"] for r in table("call_types") if r["code"] == call.type), "")
    account = "\n".join(part for part in (call.words, call.place) if part)
    from_call(actor=CENTRE, now=event.at, call=UUID(event.subject), id=UUID(event.id), kind=kind,
              area=_community(places.locate(call.lon, call.lat)), account=account)


def _community(path: str) -> str:
    """The community a place lies in: no mediation is put nearer than that by itself."""
    found = places.community_of(path)
    top = places.district()
    return found.area if found else path or (top.area if top else "")


def _take_back(event: Fact) -> None:
    row = Mediation.objects.filter(call=event.subject, state__in=NOT_BEGUN).first()
    if row is None:
        return
    why = "警情重新打开 / the call was opened again"
    move(actor=CENTRE, now=event.at, mediation_id=row.id, transition="d_withdraw", given=Given(reason=why))


def _join(event: Fact) -> None:
    part = matters.mediated(event.subject, event.payload.get("handler", ""))
    if part is not None:
        from_matter(actor=CENTRE, now=event.at, matter=UUID(event.subject), task=UUID(part.task), id=UUID(event.id),
                    area=_community(part.area), account="\n".join(p for p in (part.words, part.place) if p))
