"""The worker's part: makes the proposal that waits longest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import system
from shouwang.desk.workflow import work
from shouwang.engine.errors import ShouwangError

from . import actions
from .models import Proposal

STEPS: Mapping[str, str | Promise] = {
    "": _("Waiting for the worker"),
    "roads": _("Measuring the roads"),
    "dividing": _("Drawing borders"),
    "playing": _("Playing today's beats and the proposed ones"),
}
CENTRE = system("beats")


def run_one(now: datetime) -> bool:
    """Makes the oldest proposal there is. False when there was nothing to do."""
    proposal = work.take(Proposal, now, fail=lambda dead, why: _end(dead, "failed", error=why))
    if proposal is None:
        return False
    try:
        figures, digest = actions.make(proposal, work.teller(proposal))
    except work.Cancelled:
        _end(proposal, "cancelled")
    except ShouwangError as error:
        _end(proposal, "failed", error=str(error)[:500])
    else:
        same = digest == proposal.digest if proposal.digest else None
        _end(proposal, "done", figures=figures, digest=digest, same=same, runs=F("runs") + 1, progress=1.0, error="")
    return True


def _end(proposal: Proposal, state: str, **changes: object) -> None:
    actions.end(actor=CENTRE, now=timezone.now(), proposal=proposal, state=state, **changes)
