"""Asking for a proposal of beats."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting

from .advice import ground
from .facts import ROOM
from .models import Proposal
from .terms import EACH, Question

DIVIDED = ("district", "control_area")


def ask(*, actor: Actor, now: datetime, id: UUID, question: Question) -> Proposal:
    """Keeps a question with all that its run needs, and queues it. The same id again is a retry. Raises Refused at the
    field for what cannot be divided."""
    if (kept := ROOM.kept(actor, id)) is not None:
        return kept
    actor.require(ROOM.run, question.area)
    proposal = Proposal(id=id, area=question.area, given=asdict(question) | _fixed(now, question))
    return ROOM.keep(proposal, actor=actor, now=now, count=question.count)


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
