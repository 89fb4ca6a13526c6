"""What planners and the worker do with proposals of beats. Each is one transaction that ends with its events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import work
from shouwang.desk.workflow.settings import get as setting

from . import facts
from .advice import dividing, ground
from .facts import PLAN, VIEW
from .models import Proposal
from .terms import EACH, Question

DIVIDED = ("district", "control_area")
Tick = Callable[[str, float], None]


def ask(*, actor: Actor, now: datetime, id: UUID, question: Question) -> Proposal:
    """Keeps a question with all that its run needs, and queues it. The same id again is a retry. Raises Refused at the
    field for what cannot be divided."""
    if (kept := Proposal.objects.filter(id=id).first()) is not None:
        if not any(actor.may(p, kept.area) for p in facts.SEE):
            raise Missing(_("No such proposal in your areas."), code="missing")
        return kept
    actor.require(PLAN, question.area)
    given = asdict(question) | _fixed(now, question)
    with writing(actor=actor, now=now) as log:
        proposal = Proposal.objects.create(id=id, area=question.area, given=given, made_by=actor.id, made_at=now)
        _tell(log, proposal, "beats.asked", count=question.count)
    return proposal


def again(*, actor: Actor, now: datetime, proposal_id: UUID | str) -> Proposal:
    """Makes a proposal once more; its figures stand until the new ones are there."""
    proposal = _proposal(actor, proposal_id)
    with writing(actor=actor, now=now) as log:
        if not Proposal.objects.filter(id=proposal.id, state__in=("done", "failed", "cancelled")).update(
            state="queued", cancel=False, error="", tries=0, progress=0, step=""
        ):
            raise Conflict(_("It is being made already."), code="state")
        _tell(log, proposal, "beats.again")
    proposal.refresh_from_db()
    return proposal


def cancel(*, actor: Actor, now: datetime, proposal_id: UUID | str) -> Proposal:
    """Ends a run at its next step."""
    proposal = _proposal(actor, proposal_id)
    with writing(actor=actor, now=now) as log:
        if Proposal.objects.filter(id=proposal.id, state="queued").update(
            state="cancelled", done_at=now, cancel=True
        ) or Proposal.objects.filter(id=proposal.id, state="running").update(cancel=True):
            _tell(log, proposal, "beats.cancelled")
    proposal.refresh_from_db()
    return proposal


def delete(*, actor: Actor, now: datetime, proposal_id: UUID | str) -> None:
    """Deletes a proposal; one that is being made has to be cancelled first."""
    proposal = _proposal(actor, proposal_id)
    with writing(actor=actor, now=now) as log:
        if not Proposal.objects.filter(id=proposal.id).exclude(state="running").delete()[0]:
            raise Conflict(_("It is being made. Cancel it first."), code="state")
        _tell(log, proposal, "beats.deleted")


def make(proposal: Proposal, tick: Tick) -> tuple[dict[str, Any], str]:
    """The figures of a proposal and their digest; nothing is written."""
    figures = dividing.make(proposal.given, tick)
    return figures, dividing.digest(figures)


def end(*, actor: Actor, now: datetime, proposal: Proposal, state: str, **changes: Any) -> None:
    """Closes a run, unless another worker has taken it over."""
    with writing(actor=actor, now=now) as log:
        if work.held(proposal).update(state=state, done_at=now, **changes):
            _tell(log, proposal, "beats.ended", state=state)


def _fixed(now: datetime, question: Question) -> dict[str, Any]:
    spot = places.area_names().get(question.area)
    if spot is None or spot.kind not in DIVIDED:
        raise Refused(_("Choose a district or a control area."), field="area", code="area")
    if question.each not in EACH:
        raise Refused(_("Choose the whole area, or each control area."), field="each", code="each")
    network, newest = places.network(), patrol.newest_forecast(question.area.split("/")[0] + "/")
    if network is None:
        raise Refused(_("There are no streets yet. Import a street network first."), code="no_streets")
    if newest is None:
        raise Refused(_("There is no forecast yet. Make one first."), code="no_forecast")
    return {
        "forecast": str(newest.id), "network": str(network.id), "within_s": int(setting("cover_within_s")),
        "example": bool(newest.generated or newest.moved_days),
        **ground.stored(question, str(newest.id), now),
    }  # fmt: skip


def _proposal(actor: Actor, proposal_id: UUID | str) -> Proposal:
    proposal = facts.find(actor.areas(*facts.SEE), proposal_id)
    if proposal is None:
        raise Missing(_("No such proposal in your areas."), code="missing")
    actor.require(PLAN, proposal.area)
    return proposal


def _tell(log: Log, proposal: Proposal, kind: str, **payload: Any) -> None:
    log.append(kind, subject=("beats", proposal.id), area=proposal.area, may=VIEW, payload=payload)
