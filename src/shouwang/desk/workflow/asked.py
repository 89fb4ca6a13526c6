"""Questions whose answers take a worker some time, kept with what was asked and what came out: comparisons of "what
if", proposals of beats. A room of such questions says what it asks and how an answer is made; their life is here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log, writing
from shouwang.engine.errors import ShouwangError

from . import work
from .work import GOING, OVER

STATES: Mapping[str, str | Promise] = {
    "queued": gettext_lazy("waiting"), "running": gettext_lazy("being made"), "done": gettext_lazy("done"),
    "failed": gettext_lazy("not made"), "cancelled": gettext_lazy("cancelled"),
}  # fmt: skip


class Asked(work.Work):
    """A question with its answer. `given` is all that a run needs, so that a run again gives the same figures."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # path of what it is about
    given = models.JSONField()
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # of the figures
    runs = models.PositiveSmallIntegerField(default=0)
    same = models.BooleanField(null=True)  # whether the last run gave the figures of the one before

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=(*GOING, *OVER)), name="%(app_label)s_%(class)s_state")
        ]
        indexes = [models.Index(fields=["area", "-made_at"], name="%(app_label)s_%(class)s_newest")]


Row = TypeVar("Row", bound=Asked)


@dataclass(frozen=True)
class Room(Generic[Row]):
    """Where questions of a kind are kept. `name`: of its events and addresses; `run`, `view`: the permissions to ask
    and to read; `missing`: said of one that is not there; `steps`: what the worker tells of its run, by name."""

    rows: type[Row]
    name: str
    run: str
    view: str
    missing: str | Promise
    steps: Mapping[str, str | Promise] = field(default_factory=dict)

    @property
    def see(self) -> tuple[str, str]:
        return self.view, self.run

    def seen(self, actor: Actor) -> QuerySet[Row]:
        """Those in the actor's areas, newest first."""
        rows: QuerySet[Row] = self.rows._default_manager.filter(in_areas("area", actor.areas(*self.see)))
        return rows.order_by("-made_at", "-id")

    def find(self, actor: Actor, id: UUID | str) -> Row:
        """Raises Missing where there is none in the actor's areas."""
        row = self.seen(actor).filter(id=id).first()
        if row is None:
            raise Missing(str(self.missing), code="missing")
        return row

    def kept(self, actor: Actor, id: UUID) -> Row | None:
        """The question that a retry asks again. Raises Missing where it stands in another's areas."""
        return self.find(actor, id) if self.rows._default_manager.filter(id=id).exists() else None

    def keep(self, row: Row, *, actor: Actor, now: datetime, **payload: Any) -> Row:
        """Saves a new question, queued."""
        actor.require(self.run, row.area)
        row.made_by, row.made_at = actor.id, now
        with writing(actor=actor, now=now) as log:
            row.save(force_insert=True)
            self._tell(log, row, "asked", **payload)
        return row

    def again(self, *, actor: Actor, now: datetime, id: UUID | str) -> Row:
        """Makes an answer once more; its figures stand until the new ones are there."""
        row = self._mine(actor, id)
        with writing(actor=actor, now=now) as log:
            if not self._rows(row).filter(state__in=OVER).update(
                state="queued", cancel=False, error="", tries=0, progress=0, step=""
            ):
                raise Conflict(_("It is being made already."), code="state")
            self._tell(log, row, "again")
        row.refresh_from_db()
        return row

    def cancel(self, *, actor: Actor, now: datetime, id: UUID | str) -> Row:
        """Ends a run at its next step."""
        row = self._mine(actor, id)
        with writing(actor=actor, now=now) as log:
            if work.cancel(row, now):
                self._tell(log, row, "cancelled")
        row.refresh_from_db()
        return row

    def delete(self, *, actor: Actor, now: datetime, id: UUID | str) -> None:
        """Deletes a question with its answer; one that is being made has to be cancelled first."""
        row = self._mine(actor, id)
        with writing(actor=actor, now=now) as log:
            if not self._rows(row).exclude(state="running").delete()[0]:
                raise Conflict(_("It is being made. Cancel it first."), code="state")
            self._tell(log, row, "deleted")

    def run_one(self, now: datetime, make: Callable[[Row, work.Tell], dict[str, Any]]) -> bool:
        """The worker's part: makes the answer that was waited for longest. False when there was nothing to do."""
        row = work.take(self.rows, now, fail=lambda dead, why: self._end(dead, "failed", error=why))
        if row is None:
            return False
        try:
            figures = make(row, work.teller(row))
        except work.Cancelled:
            self._end(row, "cancelled")
        except ShouwangError as error:
            self._end(row, "failed", error=str(error)[:500])
        else:
            found = hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()
            same = found == row.digest if row.digest else None
            self._end(row, "done", figures=figures, digest=found, same=same, runs=F("runs") + 1, progress=1.0, error="")
        return True

    def state(self, actor: Actor, row: Row) -> dict[str, Any]:
        """What the line of its state shows (templates/asked/state.html)."""
        return {"asked": row, "may_run": actor.may(self.run, row.area), "going": row.state in GOING,
                "step": self.steps.get(row.step, ""), "percent": round(row.progress * 100),
                "state_word": STATES[row.state], "state_url": reverse(f"{self.name}.state", args=[row.pk])}

    def _mine(self, actor: Actor, id: UUID | str) -> Row:
        row = self.find(actor, id)
        actor.require(self.run, row.area)
        return row

    def _rows(self, row: Row) -> QuerySet[Row]:
        return self.rows._default_manager.filter(pk=row.pk)

    def _end(self, row: Row, state: str, **changes: Any) -> None:
        """Closes a run, unless another worker has taken it over."""
        now = timezone.now()
        with writing(actor=system(self.name), now=now) as log:
            if work.held(row).update(state=state, done_at=now, **changes):
                self._tell(log, row, "ended", state=state)

    def _tell(self, log: Log, row: Row, what: str, **payload: Any) -> None:
        log.append(f"{self.name}.{what}", subject=(self.name, row.pk), area=row.area, may=self.view, payload=payload)
