"""What crews tell of their tours: where they arrived, what they left or passed over. One transaction each."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.models import Unit

from .actions import VIEW
from .models import PlanTour, TourStep

STEPS = ("arrived", "left", "skipped")
LATE = timedelta(hours=12)
"""An entry made without a network counts at the phone's own time if it comes in so soon."""


def tell_step(
    *,
    actor: Actor,
    now: datetime,
    tour_id: UUID | str,
    number: int,
    step: str,
    reason: str = "",
    key: UUID | None = None,
    at_device: datetime | None = None,
) -> TourStep:
    """A crew arrived at, left, or passes over (with a reason) a place of its tour. What two phones of a crew tell twice
    is done once. Raises Missing for another unit's tour."""
    tour = PlanTour.objects.select_related("plan").filter(id=tour_id, taken=True).first()
    if tour is None or str(tour.unit) != actor.unit or tour.plan.state not in ("approved", "replaced"):
        raise Missing(_("This is not a tour of your unit."), field="tour", code="missing")
    actor.require("dispatch.status", Unit.objects.values_list("area", flat=True).get(id=tour.unit))
    if not 0 <= number < len(tour.visits) or tour.visits[number]["post"]:
        raise Missing(_("This tour has no such stop."), field="number", code="missing")
    if step not in STEPS:
        raise Refused(_("There is no such step."), field="step", code="step")
    if (step == "skipped") != (reason in TourStep.REASONS):
        raise Refused(_("Say why the stop is passed over."), field="reason", code="needs")
    at = at_device if at_device is not None and now - LATE <= at_device <= now else now
    with writing(actor=actor, now=now) as log:
        row, _new = TourStep.objects.get_or_create(tour=tour, number=number)
        if not already_written(key) and _write(row, step, reason, at):
            payload = {"unit": str(tour.unit), "number": number, "step": step, "at": at.isoformat()}
            log.append(
                "tour.told",
                subject=("plan", tour.plan_id),
                area=tour.plan.area,
                may=VIEW,
                id=key,
                payload=payload | ({"why": reason} if reason else {}),
            )
    row.refresh_from_db()
    return row


def _write(row: TourStep, step: str, reason: str, at: datetime) -> bool:
    """Writes the step if it is still to come, by compare-and-set. A stop that was left or passed over stays so."""
    open_ = TourStep.objects.filter(id=row.id, left_at__isnull=True, skipped_at__isnull=True)
    if step == "arrived":
        return bool(open_.filter(arrived_at__isnull=True).update(arrived_at=at))
    if step == "left":
        return bool(open_.update(left_at=at, arrived_at=row.arrived_at or at))
    return bool(open_.update(skipped_at=at, reason=reason))
