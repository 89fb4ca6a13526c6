"""Rows into the engine's questions, and its answers into rows that are not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.closures import facts as closures
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import zone
from shouwang.engine.demand.calls import HEARD, Calls
from shouwang.engine.errors import NoAnswer
from shouwang.engine.terms import FloatArray
from shouwang.tables.history import arrays, read_calls

from .. import facts, files, shifts
from ..models import Forecast, Plan, PlanPost, PlanTour
from ..terms import Edit
from . import chances, forecasting, proposal
from .ground import Ground, ground_of
from .naming import name_of
from .together import Alone, together
from .touring import Table
from .worth import Demand

HORIZON_H = 48
TOUR_EDITS = ("draw", "take_tour", "drop", "earlier", "later")
Tick = Callable[[str, float], None]


@dataclass
class Draft:
    plan: Plan
    posts: list[PlanPost] = field(default_factory=list)
    tours: list[PlanTour] = field(default_factory=list)


def forecast(district: places.Spot, now: datetime, tick: Tick) -> tuple[Forecast, files.Cells]:
    """A forecast of the district from the next whole hour on, not saved. Raises Refused without calls or streets."""
    tick("reading", 0.02)
    where = zone()
    origin = now.astimezone(where).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    histories = facts.histories(district.area)
    parts = [
        forecasting.Past(
            arrays(read_calls(files.history_path(h.id))), tuple(h.excluded_kinds), facts.moved_days(h, origin.date())
        )
        for h in histories
    ]
    own = calls.calls_for_demand(now)
    taken, reason, counted_by = _calls_of(own), facts.found_reason(), dict[str, Any]()
    if reason:
        logged = [
            chances.Logged(_wall_s(first), _wall_s(last), chance)
            for first, last, chance in facts.visit_chances(district.area, now)
        ]
        taken, counted_by["found"] = chances.counted(taken, logged, forecasting.wall_s(origin), reason)
    parts.append(forecasting.Past(taken))
    try:
        made = forecasting.forecast(
            parts,
            origin=origin,
            hours=HORIZON_H,
            district=_region(district),
            streets=places.streets(),
            blocks=[block for _, block in _blocks(now, origin)],
            needed=[*map(_needed, parts[:-1]), _own_needed(own)],
            tick=tick,
            control_areas=_regions("control_area", district.area),
            communities=_regions("community", district.area),
        )
    except NoAnswer as error:
        raise Refused(_("A forecast needs past calls and streets: %(why)s") % {"why": error}, code="no_calls") from None
    row = Forecast(
        area=district.area,
        made_at=now,
        origin=origin.replace(tzinfo=where).astimezone(UTC),
        hours=HORIZON_H,
        cell_m=forecasting.CELL_M,
        model=made.model,
        settings=made.settings | counted_by,
        calls_used=made.calls_used,
        first_day=made.first_day,
        last_day=made.last_day,
        left_out=made.left_out,
        backtest=made.backtest,
        generated=any(h.generated for h in histories),
        by_area=made.by_area,
        shifts=[shift.start.isoformat() for shift, _ in _blocks(now, origin)],
        week=made.week,
        parts=made.parts,
        moved_days=max((p.moved_days for p in parts), default=0),
    )
    return row, made.cells


def _wall_s(moment: datetime) -> int:
    return forecasting.wall_s(moment.astimezone(zone()))


def _blocks(now: datetime, origin: datetime) -> list[tuple[shifts.Shift, tuple[int, int]]]:
    """The coming shifts as the engine counts hours: the first one foretold, and how many."""
    where, found = zone(), []
    for shift in shifts.coming(now):
        first, last = (int(forecasting.wall_s(t.astimezone(where)) // 3600) for t in (shift.start, shift.end))
        first = max(first, forecasting.wall_s(origin) // 3600)
        if last > first:
            found.append((shift, (first, last - first)))
    return found


def _calls_of(told: calls.CallsForDemand) -> Calls:
    """Calls taken at this desk as the engine takes them."""
    return forecasting.calls_of(told.time, told.lon, told.lat, told.category.tolist(), told.source.tolist())


def _own_needed(told: calls.CallsForDemand) -> forecasting.Needed:
    heard = np.isin(told.source, HEARD)
    services = [one for one, kept in zip(told.needs, heard.tolist(), strict=True) if kept]
    return forecasting.Needed(told.time[heard], told.lon[heard], told.lat[heard], services)


def _needed(past: forecasting.Past) -> forecasting.Needed:
    """Of a history file, the calls whose category tells which services they need."""
    told = past.calls.without(past.excluded)
    told = told.take(told.heard())
    of = calls.services_of(told.kinds)
    known = told.take(np.isin(told.kind, [n for n, kind in enumerate(told.kinds) if kind in of]))
    return forecasting.Needed(known.time_s.astype("datetime64[s]"), known.lon, known.lat,
                              [of[known.kinds[k]] for k in known.kind.tolist()])  # fmt: skip


def _region(spot: places.Spot) -> forecasting.Region:
    return forecasting.Region(spot.area, spot.geometry)


def _regions(kind: str, area: str) -> list[forecasting.Region]:
    return [_region(a) for a in places.areas(kind) if a.area.startswith(area)]


def shifts_to_plan(newest: Forecast, now: datetime) -> list[shifts.Shift]:
    """The shift under way and the next three, as far as the forecast says something about them."""
    cells = files.read_cells(str(newest.id))
    return [s for s in shifts.coming(now) if facts.hours_in(cells, s.start, s.end)]


def ground_here() -> Ground:
    """The street network in use, all of it open."""
    return ground_of(closures.roads_open())


def ground_during(start: datetime, end: datetime) -> Ground:
    """The street network in use under the closures that hold at some time of a shift."""
    return ground_of(closures.roads_during(start, end)[0])


def closed_during(start: datetime, end: datetime) -> list[dict[str, str]]:
    """Which these are, for the plan's figures."""
    return [{"zh": c.zh, "en": c.en, "until": c.until_at.isoformat()} for c in closures.roads_during(start, end)[1]]


def demand_of(newest: Forecast, start: datetime, end: datetime) -> Demand:
    """Calls expected in a shift, at street nodes."""
    cells = files.read_cells(str(newest.id))
    return _at_nodes(cells, facts.expected_in(cells, start, end).sum(axis=0))


def _at_nodes(cells: files.Cells, expected: FloatArray) -> Demand:
    node = places.streets().index_of(cells.node)
    return Demand.at(node[node >= 0], expected[node >= 0])


@dataclass
class Begun:
    """A plan of one shift under way: today's posts, the calls, and the changes proposed for it alone."""

    draft: Draft
    demand: Demand
    alone: Alone


def begin(district: places.Spot, newest: Forecast, shift: shifts.Shift, tick: Callable[[float], None]) -> Begun:
    """Today's posts of a shift, and which of them should be elsewhere."""
    ground, within_s = ground_during(shift.start, shift.end), int(setting("cover_within_s"))
    demand = ground.served(demand_of(newest, shift.start, shift.end))
    draft = Draft(
        Plan(
            id=new_id(),
            area=district.area,
            shift_start=shift.start,
            shift_end=shift.end,
            forecast=newest,
            within_s=within_s,
        )
    )
    units = facts.units_of(district.area)
    before = facts.standing(district.area, shift.start)
    draft.posts = [_today(draft.plan, u, before.get(u.id), ground) for u in units]
    home = {u.id: u.home for u in units}
    placed = [_placed(p, home[str(p.unit)]) for p in draft.posts]
    made = proposal.propose(placed, demand, ground, _regions("control_area", district.area), within_s, tick)
    draft.plan.figures = {"best": made.best}
    return Begun(draft, demand, Alone(placed, demand, made.changes))


def choose(begun: Sequence[Begun]) -> None:
    """Moves the posts of shifts proposed together, so that few units change their place between them."""
    if not begun:
        return
    ground = ground_during(begun[0].draft.plan.shift_start, begun[-1].draft.plan.shift_end)
    made = together([one.alone for one in begun], ground, begun[0].draft.plan.within_s)
    for one, chosen in zip(begun, made.places, strict=True):
        by_unit = {str(p.unit): p for p in one.draft.posts}
        for unit, (lon, lat) in chosen.items():
            _go(by_unit[unit], lon, lat, ground)
        one.draft.plan.figures |= {"between": {**made.told, "shifts": len(begun)}}


def finish(begun: Begun, tick: Callable[[float], None]) -> Draft:
    """The plan with its figures and tours, not saved."""
    draft, demand = begun.draft, begun.demand
    ground = ground_during(draft.plan.shift_start, draft.plan.shift_end)
    shift = shifts.Shift(draft.plan.shift_start, draft.plan.shift_end)
    quiet = quiet_hours(draft.plan.forecast, shift)
    draft.plan.figures = {
        **draft.plan.figures, **_counted(draft.plan, draft.posts, demand, ground),
        "quiet_hours": [h.hour for h in quiet], "windows": _windows(quiet, shift.start),
    }  # fmt: skip
    table = Table(draft.plan, draft.posts, demand, ground)
    draft.tours, draft.plan.figures["by_lot"] = table.draw(tick)
    draft.plan.figures["tours"] = table.figures(draft.tours)
    return draft


def quiet_hours(newest: Forecast, shift: shifts.Shift) -> list[datetime]:
    """The hours of the shift (local) in which patrols are on tour: those with fewer calls than the mean hour of the
    forecast, and at least the quieter half of the shift. In the others they stand at their posts."""
    cells = files.read_cells(str(newest.id))
    total = cells.expected.sum(axis=1)
    calls = {h.astype(datetime): float(v) for h, v in zip(cells.hours, total, strict=True)}
    hours = facts.hours_in(cells, shift.start, shift.end)
    calmest = sorted(hours, key=lambda h: calls[h])[: len(hours) // 2]
    return [h for h in hours if calls[h] < float(total.mean()) or h in calmest]


def _windows(hours: Sequence[datetime], start: datetime) -> list[list[float]]:
    """Stretches of local hours as seconds (from, to) after the start of a shift."""
    windows: list[list[float]] = []
    for hour in hours:
        from_s = (hour.replace(tzinfo=zone()) - start).total_seconds()
        if windows and windows[-1][1] == from_s:
            windows[-1][1] += 3600.0
        else:
            windows.append([from_s, from_s + 3600.0])
    return windows


def _today(plan: Plan, unit: facts.UnitFact, before: PlanPost | None, ground: Ground) -> PlanPost:
    lon, lat = before.stands if before and not unit.fixed else (unit.lon, unit.lat)
    zh, en = name_of(lon, lat)
    return PlanPost(
        plan=plan,
        unit=UUID(unit.id),
        code=unit.code,
        zh=unit.zh,
        en=unit.en,
        letter=unit.letter,
        service=unit.service,
        fixed=unit.fixed,
        base_lon=lon,
        base_lat=lat,
        base_zh=zh,
        base_en=en,
        lon=lon,
        lat=lat,
        place_zh=zh,
        place_en=en,
        area=places.locate(lon, lat),
    )


def _placed(post: PlanPost, home: str = "") -> proposal.Placed:
    return proposal.Placed(str(post.unit), post.service, (post.base_lon, post.base_lat), post.stands, home, post.fixed)


def _go(post: PlanPost, lon: float, lat: float, ground: Ground) -> None:
    """Sets the planned place of a post to the street node nearest to a point."""
    lon, lat = ground.place(int(ground.nodes([lon], [lat])[0]))
    post.lon, post.lat, post.taken = lon, lat, True
    post.place_zh, post.place_en = name_of(lon, lat)
    post.area = places.locate(lon, lat)


def edited(plan: Plan, edit: Edit) -> Draft:
    """The plan with one change made and its figures counted anew, not saved. Raises Refused and Missing."""
    ground = ground_during(plan.shift_start, plan.shift_end)
    posts = list(plan.posts.all())
    post = next((p for p in posts if str(p.unit) == edit.unit), None)
    if post is None:
        raise Missing(_("This unit is not in the plan."), field="unit", code="missing")
    demand = ground.served(demand_of(plan.forecast, plan.shift_start, plan.shift_end))
    draft, table = Draft(plan), Table(plan, posts, demand, ground)
    made = {t.unit: t for t in plan.tours.all()}
    changed: PlanTour | None
    if edit.kind in TOUR_EDITS:
        changed = _edited_tour(table, post, made, edit)
    else:
        before = post.stands
        _edit_post(plan, post, edit, ground)
        draft.posts = posts
        plan.figures |= _counted(plan, posts, demand, ground)
        table, tour = Table(plan, posts, demand, ground), made.get(post.unit)
        changed = _moved_tour(table, post, tour, made) if tour is not None and post.stands != before else None
    if changed is not None:
        draft.tours = [changed]
        made[changed.unit] = changed
    plan.figures = {**plan.figures, "tours": table.figures(list(made.values()))}
    return draft


def _counted(plan: Plan, posts: Sequence[PlanPost], demand: Demand, ground: Ground) -> dict[str, Any]:
    """What the posts are worth now; the gain of each move is put into its row."""
    gains = proposal.gains([_placed(p) for p in posts], demand, ground, plan.within_s)
    for p in posts:
        if p.taken and p.moves:
            p.gain_share, p.gain_s = gains.get(str(p.unit), (0.0, 0.0))
    closed = closed_during(plan.shift_start, plan.shift_end)
    shares = calls.busy_shares()
    busy = {s: shares.over(s, plan.shift_start, plan.shift_end) for s in sorted({p.service for p in posts})}
    told = {s: one.share for s, one in busy.items()}
    return proposal.figures([_placed(p) for p in posts], demand, ground, plan.within_s, told) | {
        "busy": {s: [round(one.share, 4), round(one.hours, 1)] for s, one in busy.items()}, "closures": closed}


def _edited_tour(table: Table, post: PlanPost, made: Mapping[UUID, PlanTour], edit: Edit) -> PlanTour:
    tour = made.get(post.unit)
    if edit.kind == "draw":
        return table.again(post, tour, _others(made, post))
    if tour is None:
        raise Missing(_("This unit has no tour."), field="unit", code="missing")
    if edit.kind == "take_tour":
        tour.taken = edit.taken
        return tour
    return table.rearranged(post, tour, edit)


def _moved_tour(table: Table, post: PlanPost, tour: PlanTour, made: Mapping[UUID, PlanTour]) -> PlanTour:
    """A tour begins where its unit stands: another one from there, or one without stops where no stop is near."""
    try:
        new = table.again(post, tour, _others(made, post))
    except Refused:
        new = table.standing(post, tour)
    new.taken, new.by_hand = tour.taken, tour.by_hand
    return new


def _others(made: Mapping[UUID, PlanTour], post: PlanPost) -> list[PlanTour]:
    return [t for t in made.values() if t.unit != post.unit and t.taken]


def _edit_post(plan: Plan, post: PlanPost, edit: Edit, ground: Ground) -> None:
    if edit.kind == "take":
        post.taken = edit.taken
        return
    if post.fixed:
        raise Refused(_("%(unit)s keeps its station or booth.") % {"unit": post}, field="unit", code="fixed")
    if edit.kind == "back":
        post.lon, post.lat, post.place_zh, post.place_en = post.base_lon, post.base_lat, post.base_zh, post.base_en
        post.area, post.taken = places.locate(post.lon, post.lat), True
        post.gain_share = post.gain_s = 0.0
        return
    if not places.locate(edit.lon, edit.lat).startswith(plan.area):
        raise Refused(_("That place lies outside the district."), field="place", code="outside")
    _go(post, edit.lon, edit.lat, ground)
    post.by_hand = True
