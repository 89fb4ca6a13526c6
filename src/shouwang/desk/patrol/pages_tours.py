"""What pages and sheets say of tours: timetables, how far a crew has come, 见警率. No rule is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwang.desk.people.templatetags.desk import metres, name
from shouwang.desk.places import facts as places

from . import facts
from .models import Plan, PlanPost, PlanTour, TourStep, VisitChance
from .pages import percent

REASONS = {
    "called_away": gettext_lazy("Called away"),
    "road_closed": gettext_lazy("Road closed"),
    "no_time": gettext_lazy("No time left"),
    "other": gettext_lazy("Another reason"),
}


@dataclass(frozen=True)
class StopRow:
    """A place of a tour. `done`: when the crew reached, left or passed it over, in words; "" while it has not."""

    number: int
    start: datetime
    end: datetime
    place: str
    via: str
    leg: str
    post: bool
    done: str
    state: str  # "", arrived, left or skipped
    earlier: bool  # it may be changed about with the one before
    later: bool


@dataclass(frozen=True)
class TourRow:
    unit: str
    title: str
    letter: str
    note: str
    gain: str
    progress: str
    taken: bool
    by_hand: bool
    stops: list[StopRow]


def tours(plan: Plan, made: Sequence[PlanTour], posts: Sequence[PlanPost]) -> list[TourRow]:
    """A row per tour, with its timetable."""
    post_of = {p.unit: p for p in posts}
    return [tour_row(plan, t, post_of[t.unit]) for t in made]


def tour_row(plan: Plan, tour: PlanTour, post: PlanPost) -> TourRow:
    stops = stop_rows(plan, tour)
    count = sum(not s.post for s in stops)
    note = ngettext("%(n)s stop, %(length)s", "%(n)s stops, %(length)s", count) % {
        "n": count, "length": metres(tour.length_m)
    }  # fmt: skip
    seen = _("%(share)s an hour") % {"share": percent(tour.seen)} if tour.seen else ""
    unit, title = str(tour.unit), str(post)
    return TourRow(unit, title, title[:1], note, seen, progress(stops), tour.taken, tour.by_hand, stops)


def stop_rows(plan: Plan, tour: PlanTour) -> list[StopRow]:
    steps = {s.number: s for s in tour.steps.all()}
    visits, rows = tour.visits, []
    for n, v in enumerate(visits):
        step = steps.get(n)
        free = not v["post"]
        start, end = (
            timezone.localtime(plan.shift_start + timedelta(seconds=v[moment])) for moment in ("from_s", "to_s")
        )
        rows.append(StopRow(
            n, start, end, name(v), " — ".join(v["via"]), metres(v["leg_m"]) if v["leg_m"] else "", v["post"],
            done(step), facts.last_step(step)[0] if step else "",
            free and not visits[n - 1]["post"], free and not visits[n + 1]["post"],
        ))  # fmt: skip
    return rows


def done(step: TourStep | None) -> str:
    """What the crew told of a place, in words."""
    if step is None:
        return ""
    arrived, left, skipped = (
        f"{timezone.localtime(t):%H:%M}" if t else "" for t in (step.arrived_at, step.left_at, step.skipped_at)
    )
    if skipped:
        return _("skipped %(at)s: %(why)s") % {"at": skipped, "why": REASONS.get(step.reason, step.reason)}
    return f"{arrived}—{left}" if left else _("there since %(at)s") % {"at": arrived}


def progress(stops: Sequence[StopRow]) -> str:
    """How many stops are behind a crew, and the last that it told of."""
    told = [s for s in stops if s.state and not s.post]
    if not told:
        return ""
    over = sum(s.state in ("left", "skipped") for s in told)
    return _("%(n)s of %(all)s done, last %(place)s") % {
        "n": over, "all": sum(not s.post for s in stops), "place": told[-1].place
    }  # fmt: skip


def words(plan: Plan) -> list[str]:
    """What the tours come to: 见警率 and the cover they leave."""
    told: dict[str, Any] = plan.figures.get("tours") or {}
    if not told.get("seen"):
        return []
    seen, (at_posts, least) = told["seen"], told["cover"]
    mean = sum(seen) / len(seen)
    held = [
        _("To keep that, %(longer)s stays are longer than 16 min and %(late)s visits later than 2 h.")
        % {"longer": told["longer"], "late": told["late"]}
    ]  # fmt: skip
    return [
        _("Patrols see %(mean)s of the streets an hour (%(low)s to %(high)s), by the calls expected on them.")
        % {"mean": percent(mean), "low": percent(min(seen)), "high": percent(max(seen))},
        _("On tour at least %(least)s of the calls stay in reach within %(minutes)s min; %(posts)s with everybody at "
          "the posts.")
        % {"least": percent(least), "posts": percent(at_posts), "minutes": f"{plan.within_s / 60:g}"},
        *(held if told["longer"] + told["late"] else []),
        *_by_lot(plan),
    ]  # fmt: skip


def _by_lot(plan: Plan) -> list[str]:
    """Where tours go by lot, and whether the chance of a visit is logged."""
    lot = plan.figures.get("by_lot") or {}
    if not lot.get("stops"):
        return []
    known = places.area_names()
    names = _(", ").join(str(known[path].name) for path in sorted(lot["stops"]) if path in known)
    told = [_("By lot they also go to %(names)s: each of %(n)s communities had a chance of %(floor)s at least.") % {
        "names": names, "n": len(lot["chance"]), "floor": percent(min(lot["chance"].values()), 0)}]  # fmt: skip
    if plan.state not in ("approved", "replaced"):
        return told
    if VisitChance.objects.filter(plan=plan).exists():
        return [*told, _("The chance of a visit is logged for each community: what patrols find on tour can count.")]
    return [*told, _("No chance of a visit is logged, since a place drawn by lot is not visited: what patrols find "
                     "under this plan feeds no forecast.")]  # fmt: skip


def below_floor(plan: Plan) -> str:
    """A warning where changes by hand leave less in reach than tours are drawn for."""
    told = plan.figures.get("tours") or {}
    if not told or told["cover"][1] >= told["floor"] - 1e-9:
        return ""
    return _("Less stays in reach than the %(floor)s that tours are drawn for.") % {"floor": percent(told["floor"])}
