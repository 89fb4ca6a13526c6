"""The worker's part: plays the comparison that waits longest. Rows are taken by compare-and-set, so that any number of
workers may run; one whose worker died is taken again once its heartbeat is old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import system
from shouwang.engine.errors import ShouwangError

from . import actions
from .models import Study

STALE = timedelta(minutes=3)
MOST_TRIES = 3
STEPS: Mapping[str, str | Promise] = {
    "": _("Waiting for the worker"),
    "calls": _("Reading calls"),
    "roads": _("Measuring the roads"),
    "playing": _("Playing both scenarios"),
}
CENTRE = system("whatif")


class Cancelled(Exception):
    """Somebody no longer wants it."""


def run_one(now: datetime) -> bool:
    """Plays the oldest comparison there is. False when there was nothing to do."""
    study = _take(now)
    if study is None:
        return False
    try:
        figures, digest = actions.play(study, _teller(study))
    except Cancelled:
        _end(study, "cancelled")
    except ShouwangError as error:
        _end(study, "failed", error=str(error)[:500])
    else:
        same = digest == study.digest if study.digest else None
        _end(study, "done", figures=figures, digest=digest, same=same, runs=F("runs") + 1, progress=1.0, error="")
    return True


def _end(study: Study, state: str, **changes: object) -> None:
    actions.end(actor=CENTRE, now=timezone.now(), study=study, state=state, **changes)


def _take(now: datetime) -> Study | None:
    """The oldest that waits, or whose worker is gone; None when another worker was faster. One that killed its worker
    three times is given up."""
    stale = Q(state="running") & (Q(beat_at__lt=now - STALE) | Q(beat_at__isnull=True))
    for dead in Study.objects.filter(stale, tries__gte=MOST_TRIES):
        _end(dead, "failed", error=str(_("The worker ended unexpectedly three times.")))
    study = Study.objects.filter(Q(state="queued") | stale).order_by("made_at").first()
    if study is None:
        return None
    taken = Study.objects.filter(id=study.id, state=study.state, tries=study.tries).update(
        state="running", beat_at=now, tries=F("tries") + 1, progress=0, step=""
    )
    if not taken:
        return None
    study.refresh_from_db()
    return study


def _teller(study: Study) -> Callable[[str, float], None]:
    """Writes progress at most once a second; ends the work when it was cancelled or another worker took it over."""
    last = 0.0

    def tell(step: str, share: float) -> None:
        nonlocal last
        if monotonic() - last < 1.0 and step == study.step:
            return
        last, study.step = monotonic(), step
        held = Study.objects.filter(id=study.id, state="running", tries=study.tries, cancel=False).update(
            step=step, progress=min(1.0, share), beat_at=timezone.now()
        )
        if not held:
            raise Cancelled

    return tell
