"""The worker's part: plays the comparison that waits longest."""

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
from .models import Study

STEPS: Mapping[str, str | Promise] = {
    "": _("Waiting for the worker"),
    "calls": _("Reading calls"),
    "roads": _("Measuring the roads"),
    "playing": _("Playing both scenarios"),
}
CENTRE = system("whatif")


def run_one(now: datetime) -> bool:
    """Plays the oldest comparison there is. False when there was nothing to do."""
    study = work.take(Study, now, fail=lambda dead, why: _end(dead, "failed", error=why))
    if study is None:
        return False
    try:
        figures, digest = actions.play(study, work.teller(study))
    except work.Cancelled:
        _end(study, "cancelled")
    except ShouwangError as error:
        _end(study, "failed", error=str(error)[:500])
    else:
        same = digest == study.digest if study.digest else None
        _end(study, "done", figures=figures, digest=digest, same=same, runs=F("runs") + 1, progress=1.0, error="")
    return True


def _end(study: Study, state: str, **changes: object) -> None:
    actions.end(actor=CENTRE, now=timezone.now(), study=study, state=state, **changes)
