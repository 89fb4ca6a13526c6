"""Long work of the planners: asked for on a page, done by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import work
from shouwang.desk.workflow.zone import zone
from shouwang.engine.errors import ShouwangError

from . import actions, facts
from .models import Job

NIGHTLY_AT = 4  # o'clock, local: the day's calls are in, the planners come later
STEPS: Mapping[str, str | Promise] = {
    "": _("Waiting for the worker"),
    "reading": _("Reading past calls"),
    "fitting": _("Fitting the forecast"),
    "testing": _("Testing it on past weeks"),
    "posts": _("Placing posts"),
    "tours": _("Drawing tours"),
}
CENTRE = system("patrol")


def ask(*, actor: Actor, now: datetime, kind: str, area: str = "") -> Job:
    """Queues a forecast, proposals, or both (nightly). The same work asked for twice is one job."""
    area = area or next((a.area for a in places.areas("district") if actor.may("patrol.plan", a.area)), "")
    actor.require("patrol.plan", area)
    if kind not in Job.KINDS:
        raise Refused(_("There is no such job."), field="kind", code="kind")
    try:
        with writing(actor=actor, now=now) as log:
            job = Job.objects.create(kind=kind, area=area, made_by=actor.id, made_at=now)
            log.append("job.asked", subject=("job", job.id), area=area, may=actions.VIEW, payload={"job": kind})
    except IntegrityError:
        return Job.objects.get(kind=kind, area=area, state__in=("queued", "running"))
    return job


def cancel(*, actor: Actor, now: datetime, job_id: UUID | str) -> Job:
    """Ends a job at its next step."""
    job = Job.objects.filter(facts.seen_by(actor.areas("patrol.plan")), id=job_id).first()
    if job is None:
        raise Missing(_("No such job in your areas."), code="missing")
    actor.require("patrol.plan", job.area)
    with writing(actor=actor, now=now) as log:
        if work.cancel(job, now):
            log.append("job.cancelled", subject=("job", job.id), area=job.area, may=actions.VIEW)
    job.refresh_from_db()
    return job


def run_one(now: datetime) -> bool:
    """Does the oldest job there is. False when there was nothing to do."""
    _ask_nightly(now)
    job = work.take(Job, now, fail=lambda dead, why: _end(dead, "failed", now, why))
    if job is None:
        return False
    try:
        _WORK[job.kind](job, now, work.teller(job))
    except work.Cancelled:
        _end(job, "cancelled", now)
    except ShouwangError as error:
        _end(job, "failed", now, str(error))
    else:
        _end(job, "done", now)
    return True


def _end(job: Job, state: str, now: datetime, error: str = "") -> None:
    with writing(actor=CENTRE, now=now) as log:
        if work.held(job).update(
            state=state, error=error[:500], done_at=timezone.now(), progress=1.0 if state == "done" else F("progress")
        ):
            log.append(
                "job.ended",
                subject=("job", job.id),
                area=job.area,
                may=actions.VIEW,
                payload={"job": job.kind, "state": state},
            )


def _forecast(job: Job, now: datetime, tell: work.Tell) -> None:
    actions.make_forecast(actor=CENTRE, now=now, area=job.area, tick=tell)


def _propose(job: Job, now: datetime, tell: work.Tell) -> None:
    actions.propose_plans(actor=CENTRE, now=now, area=job.area, anew=True, tick=tell)


def _nightly(job: Job, now: datetime, tell: work.Tell) -> None:
    actions.make_forecast(actor=CENTRE, now=now, area=job.area, tick=lambda step, share: tell(step, share * 0.8))
    actions.propose_plans(actor=CENTRE, now=now, area=job.area, tick=lambda step, share: tell(step, 0.8 + share * 0.2))


_WORK = {"forecast": _forecast, "propose": _propose, "nightly": _nightly}


def _ask_nightly(now: datetime) -> None:
    """Once a day, in the small hours, where there are past calls to learn from."""
    local = now.astimezone(zone())
    if local.hour < NIGHTLY_AT:
        return
    since = local.replace(hour=NIGHTLY_AT, minute=0, second=0, microsecond=0)
    for district in places.areas("district"):
        done = Job.objects.filter(kind="nightly", area=district.area, made_at__gte=since).exists()
        newest = facts.newest_forecast(district.area)
        if not done and newest is not None and newest.made_at < since:
            ask(actor=CENTRE, now=now, kind="nightly", area=district.area)
