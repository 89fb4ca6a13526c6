"""Tasks of linked agencies over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts, links, seats
from .models import Task

router = Router(tags=["linked agencies"])


class TaskOut(Schema):
    id: UUID
    call: UUID
    agency: str
    zh: str
    en: str
    severity: int
    state: str
    sent: str
    due: str | None = None
    late: str | None = None
    escalated: str | None = None
    version: int


class AgencyMoveOut(Schema):
    id: str
    label: str


class AgencyTaskOut(Schema):
    """What an agency sees of its task: nothing of who called or what they said."""

    id: UUID
    state: str
    severity: int
    type: str
    place: str
    lon: float
    lat: float
    sent: str
    due: str | None = None
    late: str | None = None
    said: str = Field(description="The newest words: what is asked for, why it was returned, what came of it")
    moves: list[AgencyMoveOut]
    version: int


class AgencyMoveIn(Posted):
    transition: str = Field(max_length=24, description="One of its `moves`")
    text: str = Field("", max_length=1000, description="The reason or result that it needs; sealed")
    key: UUID | None = None


class SendIn(Posted):
    agencies: list[str] = Field(min_length=1, max_length=30, description="Codes of the table of agencies")
    text: str = Field("", max_length=1000, description="What they are asked for, beyond their usual part; sealed")
    key: UUID | None = None


class TaskMoveIn(Posted):
    transition: str = Field(max_length=24, description="l_ack, l_go, l_scene, l_done, l_refuse, l_resend, l_confirm, …")
    text: str = Field("", max_length=1000, description="The reason or result that it needs; sealed")
    agency: str = Field("", max_length=40, description="Whom it is sent to again")
    key: UUID | None = None


class WhyIn(Posted):
    reason: str = Field(max_length=1000)
    key: UUID | None = None


class OnceIn(Posted):
    key: UUID | None = None


class LinkOut(Schema):
    path: str
    until: datetime


def _out(tasks: list[Task]) -> list[dict[str, Any]]:
    return facts.cards(tasks)


@router.get("/linked", response=list[TaskOut])
@opens(facts.MAY_SEE)
def open_tasks(request: HttpRequest) -> list[dict[str, Any]]:
    """Tasks of one's areas that are not over: passed up first, then what is due first."""
    return facts.open_cards(actor(request).areas(facts.MAY_SEE))


@router.get("/calls/{uuid:call_id}/linked", response=list[TaskOut])
@opens(facts.MAY_SEE)
def of_call(request: HttpRequest, call_id: UUID) -> list[dict[str, Any]]:
    """Every task of a call."""
    if calls.find(actor(request).areas(facts.MAY_SEE), call_id) is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    return _out(facts.tasks_of(call_id))


@router.post("/calls/{uuid:call_id}/linked", response=list[TaskOut])
@opens(facts.MAY_SEND)
def send(request: HttpRequest, call_id: UUID, body: SendIn) -> list[dict[str, Any]]:
    """Ask agencies for their part in a call."""
    return _out(actions.send(actor=actor(request), now=timezone.now(), call_id=call_id, codes=body.agencies,
                             text=body.text, key=body.key))


@router.post("/linked/{uuid:task_id}/move", response=TaskOut)
@opens(facts.MAY_SEND)
def move(request: HttpRequest, task_id: UUID, body: TaskMoveIn) -> dict[str, Any]:
    """Move a task: the desk's own moves, or what the agency said by telephone."""
    return facts.card(actions.move(actor=actor(request), now=timezone.now(), task_id=task_id, **body.dict()))


@router.post("/linked/{uuid:task_id}/escalate", response=TaskOut)
@opens(facts.MAY_SEND)
def escalate(request: HttpRequest, task_id: UUID, body: WhyIn) -> dict[str, Any]:
    """Pass a task up to the duty commander before its time is over."""
    return facts.card(actions.escalate(actor=actor(request), now=timezone.now(), task_id=task_id, **body.dict()))


@router.get("/linked/{uuid:task_id}/link", response=LinkOut)
@opens(facts.MAY_SEND)
def link(request: HttpRequest, task_id: UUID) -> dict[str, Any]:
    """The link by which the agency answers, to be given to it alone."""
    task = facts.find(actor(request).areas(facts.MAY_SEND), task_id)
    if task is None:
        raise Missing(_("There is no such task in your areas."), code="task")
    return {"path": links.path_of(task), "until": task.link_until}


@router.post("/linked/{uuid:task_id}/link", response=LinkOut)
@opens(facts.MAY_SEND)
def new_link(request: HttpRequest, task_id: UUID, body: OnceIn) -> dict[str, Any]:
    """Make another link; the one before opens nothing from now on."""
    task = actions.new_link(actor=actor(request), now=timezone.now(), task_id=task_id, key=body.key)
    return {"path": links.path_of(task), "until": task.link_until}


# ---- the agency's own account


@router.get("/agency/tasks", response=list[AgencyTaskOut])
@opens(facts.MAY_ANSWER)
def own_tasks(request: HttpRequest) -> list[dict[str, Any]]:
    """Tasks of the agency that the caller answers for: open ones, then the last that are over."""
    return [_own(task) for task in seats.tasks(actor(request), timezone.now())]


@router.post("/agency/tasks/{uuid:task_id}/move", response=AgencyTaskOut)
@opens(facts.MAY_ANSWER)
def answer(request: HttpRequest, task_id: UUID, body: AgencyMoveIn) -> dict[str, Any]:
    """Acknowledge a task of one's agency, set off, arrive, report it done, or return it with the reason."""
    return _own(actions.move(actor=actor(request), now=timezone.now(), task_id=task_id, **body.dict()))


def _own(task: Task) -> dict[str, Any]:
    row, call = facts.row(task), calls.find(("",), task.call)
    assert call is not None
    told = {"type": call.type.code, "place": call.place, "lon": call.lon, "lat": call.lat}
    return facts.card(task) | told | {"said": row.words, "moves": row.told}
