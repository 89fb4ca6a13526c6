"""What crews told of the stops of their tours, against the approved plans: added up by place. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shouwang.desk.people.access import in_areas

from .models import PlanTour, TourStep
from .pages_tours import REASONS

ABOUT_M = 1e-3  # degrees: stops of several tours within about 100 m are one place


@dataclass
class PlaceSeen:
    """A place that tours were to stop at: how often, how often crews were there, and how long, in minutes."""

    zh: str
    en: str
    lon: float
    lat: float
    planned: int = 0
    seen: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # why, in words → how often
    planned_min: float = 0.0
    stayed_min: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.seen / self.planned if self.planned else 0.0

    @property
    def untold(self) -> int:
        return self.planned - self.seen - sum(self.skipped.values())

    @property
    def wanted_min(self) -> float:
        return self.planned_min / self.planned if self.planned else 0.0

    @property
    def mean_min(self) -> float | None:
        return sum(self.stayed_min) / len(self.stayed_min) if self.stayed_min else None


def places_seen(areas: Sequence[str], since: datetime, now: datetime) -> list[PlaceSeen]:
    """The stops of approved tours whose time was over in this span, added up by place; the least seen first."""
    tours = PlanTour.objects.select_related("plan").filter(
        in_areas("plan__area", tuple(areas)), taken=True, plan__state="approved", plan__shift_end__gt=since,
        plan__shift_start__lt=now)
    told = {(s.tour_id, s.number): s for s in TourStep.objects.filter(tour__in=tours)}
    places: dict[tuple[int, int], PlaceSeen] = {}
    for tour in tours:
        for number, visit in enumerate(tour.visits):
            over = tour.plan.shift_start + timedelta(seconds=visit["to_s"])
            if visit["post"] or not since < over <= now:
                continue
            key = (round(visit["lon"] / ABOUT_M), round(visit["lat"] / ABOUT_M))
            row = places.setdefault(key, PlaceSeen(visit["zh"], visit["en"], visit["lon"], visit["lat"]))
            _add(row, visit, told.get((tour.id, number)))
    return sorted(places.values(), key=lambda p: (p.share, -p.planned, p.zh))


def _add(row: PlaceSeen, visit: dict[str, Any], step: TourStep | None) -> None:
    row.planned += 1
    row.planned_min += (visit["to_s"] - visit["from_s"]) / 60
    if step is None:
        return
    if step.skipped_at:
        why = str(REASONS.get(step.reason, step.reason))
        row.skipped[why] = row.skipped.get(why, 0) + 1
    elif step.arrived_at:
        row.seen += 1
        if step.left_at:
            row.stayed_min.append((step.left_at - step.arrived_at).total_seconds() / 60)
