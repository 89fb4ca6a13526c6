"""Asking for a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.closures import facts as closures
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting

from .advice import ground, lineup
from .facts import ROOM
from .models import Study
from .terms import Question, Scenario, plain

PLANS_BACK = timedelta(days=7)


def compare(*, actor: Actor, now: datetime, id: UUID, question: Question) -> Study:
    """Keeps a comparison with all that its run needs, and queues it. The same id again is a retry. Raises Refused at
    the field for what cannot be played."""
    if (kept := ROOM.kept(actor, id)) is not None:
        return kept
    district = _district(actor)
    actor.require(ROOM.run, district.area)
    title = question.title.strip()
    if not title:
        raise Refused(_("Give the comparison a title."), field="title", code="needs")
    question = _with_closures(question, district.area, now)
    given = plain(question) | _fixed(district.area, now, question)
    return ROOM.keep(Study(id=id, area=district.area, title=title, given=given), actor=actor, now=now)


def _fixed(area: str, now: datetime, question: Question) -> dict[str, Any]:
    """What a run rests on beside the question: forecast, streets, standard, and the units of both scenarios."""
    network, newest = places.network(), patrol.newest_forecast(area)
    if network is None:
        raise Refused(_("There are no streets yet. Import a street network first."), code="no_streets")
    start = datetime.fromisoformat(question.start)
    _check_hours(area, now, question, start)
    streets = places.streets()
    units, plans = {}, {}
    labels = {str(row.id): patrol.shift_label(row) for row in patrol.recent_plans(area, now - PLANS_BACK)}
    for side in ("a", "b"):
        scenario: Scenario = getattr(question, side)
        if scenario.plan and scenario.plan not in labels:
            raise Refused(_("There is no such plan any more."), field=f"{side}.plan", code="plan")
        plans[side] = labels.get(scenario.plan, "")
        lined = lineup.edited(
            lineup.base(area, _stands(area, now, scenario.plan)), scenario.edits, side, _home_of(area)
        )
        if not any(row.service == "police" for row in lined):
            raise Refused(_("At least one police unit has to be left."), field=f"{side}.police", code="units")
        if scenario.guard and not any(row.service == "guard" for row in lined):
            raise Refused(_("There is no guard unit to double. Add one by hand."), field=f"{side}.guard", code="units")
        ground.closings(streets, scenario.closures, side)
        units[side] = [asdict(row) for row in lined]
    return {
        "forecast": str(newest.id) if newest else "", "network": str(network.id), "as_of": now.isoformat(),
        "stays": {} if question.on_scene_min is not None else _measured(),
        "within_s": int(setting("cover_within_s")), "units": units, "plans": plans,
        "example": bool(newest and question.calls == "forecast" and (newest.generated or newest.moved_days)),
    }  # fmt: skip


def _with_closures(question: Question, area: str, now: datetime) -> Question:
    """With the closures of the desk fixed as they are now, so that a run again finds the same. Raises Refused at the
    field for one that is over."""
    known = {c.id: c for c in closures.closures((area,), now)}

    def fixed(scenario: Scenario, side: str) -> Scenario:
        found = []
        for number, one in enumerate(scenario.closures):
            if one.closure:
                it = known.get(one.closure)
                if it is None:
                    says = _("This closure is over. Remove it.")
                    raise Refused(says, field=f"{side}.closures.{number}", code="closure")
                one = replace(one, label=it.name, edges=closures.edges_now(it.id), factor=it.factor)
            found.append(one)
        return replace(scenario, closures=tuple(found))

    return replace(question, a=fixed(question.a, "a"), b=fixed(question.b, "b"))


def _measured() -> dict[str, Any]:
    """How long calls keep units, as measured now: {} while nothing is. Types without a case stand together at last, and
    are drawn never."""
    found = calls.scene()
    if not found:
        return {}
    of = calls.services_of(found)
    every = found.pop(calls.ALL_TYPES)
    types = [
        {"type": code, "mean_s": stay.mean_s, "cases": stay.cases}
        for code, stay in found.items()
        if ground.SERVICE in of.get(code, (ground.SERVICE,))
    ]
    return {
        "types": [*types, {"type": calls.ALL_TYPES, "mean_s": every.mean_s, "cases": 0 if types else every.cases}],
        "shifts": {start: round(mean / every.mean_s, 4) for start, (mean, _cases) in every.shifts.items()},
        "cases": sum(row["cases"] for row in types) or every.cases,
    }


def _check_hours(area: str, now: datetime, question: Question, start: datetime) -> None:
    if question.calls == "forecast":
        newest = patrol.newest_forecast(area)
        if newest is None:
            raise Refused(
                _("There is no forecast yet. Make one first, or replay past calls."), field="calls", code="none"
            )
        hours = patrol.cells_of(str(newest.id)).hours.astype("datetime64[s]").tolist()
        first, last = hours[0], hours[-1] + patrol.HOUR
    else:
        days = patrol.past_days(area, now)
        if days is None:
            raise Refused(_("There are no past calls. Import some, or use the forecast."), field="calls", code="none")
        first, last = (datetime.combine(day, datetime.min.time()) for day in (days[0], days[1] + timedelta(days=1)))
    if start < first or start + timedelta(hours=question.hours) > last:
        says = _("Choose hours between %(first)s and %(last)s.")
        raise Refused(says % {"first": f"{first:%Y-%m-%d %H:%M}", "last": f"{last:%Y-%m-%d %H:%M}"}, field="start",
                      code="outside")  # fmt: skip


def _stands(area: str, now: datetime, plan: str) -> dict[str, tuple[float, float]]:
    if plan:
        return patrol.stands_of(plan)
    return {unit: post.stands for unit, post in patrol.standing(area, patrol.shift_start(now)).items()}


def _home_of(area: str) -> Callable[[float, float], str]:
    """The control area of a place, "" outside the district."""

    def found(lon: float, lat: float) -> str:
        path = places.locate(lon, lat)
        return patrol.control_area(path) if path.startswith(area) else ""

    return found


def _district(actor: Actor) -> places.Spot:
    found = places.areas("district")
    mine = [a for a in found if actor.may(ROOM.run, a.area)]
    if not found:
        raise Refused(_("There is no district yet. Import its areas first."), code="no_district")
    return (mine or found)[0]
