"""Work that takes longer than a request: asked for on a page, done by a worker. Rows are taken by compare-and-set, so
that any number of workers may run; one whose worker died is taken again once its heartbeat is old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

STALE = timedelta(minutes=3)
MOST_TRIES = 3
GOING, OVER = ("queued", "running"), ("done", "failed", "cancelled")

Tell = Callable[[str, float], None]
"""Told a step's name and the share (0 … 1) that is done; raises Cancelled."""


class Work(models.Model):
    """A row of such work. `step`: what it is doing, by a name that its room knows."""

    state = models.CharField(max_length=10, default="queued", db_index=True)  # queued, running, done, failed, cancelled
    progress = models.FloatField(default=0)
    step = models.CharField(max_length=24, blank=True)
    error = models.CharField(max_length=500, blank=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    cancel = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Cancelled(Exception):
    """Somebody no longer wants it, or another worker has taken it over."""


Row = TypeVar("Row", bound=Work)


def take(kind: type[Row], now: datetime, *, fail: Callable[[Row, str], None]) -> Row | None:
    """The row that waits longest, or whose worker is gone; None when another worker was faster. One that ended its
    worker three times is given up: `fail` is told why."""
    rows: Any = kind._default_manager
    stale = Q(state="running") & (Q(beat_at__lt=now - STALE) | Q(beat_at__isnull=True))
    for dead in rows.filter(stale, tries__gte=MOST_TRIES):
        fail(dead, str(_("The worker ended unexpectedly three times.")))
    row: Row | None = rows.filter(Q(state="queued") | stale).order_by("made_at").first()
    if row is None:
        return None
    if not rows.filter(id=row.pk, state=row.state, tries=row.tries).update(
        state="running", beat_at=now, tries=F("tries") + 1, progress=0, step=""
    ):
        return None
    row.refresh_from_db()
    return row


def cancel(row: Work, now: datetime) -> bool:
    """Ends one that waits at once, and one that runs at its next step. False when it was over."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return bool(rows.filter(state="queued").update(state="cancelled", done_at=now, cancel=True)
                or rows.filter(state="running").update(cancel=True))


def held(row: Row) -> models.QuerySet[Row]:
    """The row, as long as it is this worker's."""
    rows: models.QuerySet[Row] = type(row)._default_manager.filter(pk=row.pk, state="running", tries=row.tries)
    return rows


def teller(row: Work) -> Tell:
    """Writes progress at most once a second."""
    last = 0.0

    def tell(step: str, share: float) -> None:
        nonlocal last
        if monotonic() - last < 1.0 and step == row.step:
            return
        last, row.step = monotonic(), step
        if not held(row).filter(cancel=False).update(step=step, progress=min(1.0, share), beat_at=timezone.now()):
            raise Cancelled

    return tell
