"""Rows into the engine's questions, and its answers into rows that are not saved yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.terms import FloatArray
from shouwang.tables.history import arrays, read_calls

from .. import facts, files, shifts
from ..models import Forecast, Plan, PlanLine, PlanPost
from ..terms import Edit
from . import forecasting, lines, proposal
from .ground import Ground, ground_of
from .worth import Demand

HORIZON_H = 48
AT_POST_M = 60.0
Tick = Callable[[str, float], None]


@dataclass
class Draft:
    plan: Plan
    posts: list[PlanPost] = field(default_factory=list)
    lines: list[PlanLine] = field(default_factory=list)


def forecast(district: places.Spot, now: datetime, tick: Tick) -> tuple[Forecast, files.Cells]:
    """A forecast of the district from the next whole hour on, not saved. Raises Refused without calls or streets."""
    tick("reading", 0.02)
    where = shifts.zone()
    origin = now.astimezone(where).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
    histories = facts.histories(district.area)
    parts = [
        forecasting.Past(
            arrays(read_calls(files.history_path(h.id))), tuple(h.excluded_kinds), facts.moved_days(h, origin.date())
        )
        for h in histories
    ]
    parts.append(_own_calls(now))
    try:
        made = forecasting.forecast(
            parts,
            origin=origin,
            hours=HORIZON_H,
            district=_region(district),
            streets=places.streets(),
            blocks=[block for _, block in _blocks(now, origin)],
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
        settings=made.settings,
        calls_used=made.calls_used,
        first_day=made.first_day,
        last_day=made.last_day,
        left_out=made.left_out,
        backtest=made.backtest,
        generated=any(h.generated for h in histories),
        by_area=made.by_area,
        shifts=[shift.start.isoformat() for shift, _ in _blocks(now, origin)],
        week=made.week,
        moved_days=max((p.moved_days for p in parts), default=0),
    )
    return row, made.cells


def _blocks(now: datetime, origin: datetime) -> list[tuple[shifts.Shift, tuple[int, int]]]:
    """The coming shifts as the engine counts hours: the first one foretold, and how many."""
    where, found = shifts.zone(), []
    for shift in shifts.coming(now):
        first, last = (int(forecasting.wall_s(t.astimezone(where)) // 3600) for t in (shift.start, shift.end))
        first = max(first, forecasting.wall_s(origin) // 3600)
        if last > first:
            found.append((shift, (first, last - first)))
    return found


def _own_calls(now: datetime) -> forecasting.Past:
    """Calls taken at this desk before now."""
    told = calls.calls_for_demand(now)
    return forecasting.Past(
        forecasting.calls_of(told.time, told.lon, told.lat, told.category.tolist(), told.source.tolist())
    )


def _region(spot: places.Spot) -> forecasting.Region:
    return forecasting.Region(spot.area, spot.geometry)


def _regions(kind: str, area: str) -> list[forecasting.Region]:
    return [_region(a) for a in places.areas(kind) if a.area.startswith(area)]


def shifts_to_plan(newest: Forecast, now: datetime) -> list[shifts.Shift]:
    """The shift under way and the next three, as far as the forecast says something about them."""
    cells = files.read_cells(str(newest.id))
    return [s for s in shifts.coming(now) if facts.hours_in(cells, s.start, s.end)]


def _ground() -> Ground:
    return ground_of(places.streets())


def demand_of(newest: Forecast, start: datetime, end: datetime) -> Demand:
    """Calls expected in a shift, at street nodes."""
    cells = files.read_cells(str(newest.id))
    return _at_nodes(cells, facts.expected_in(cells, start, end).sum(axis=0))


def _at_nodes(cells: files.Cells, expected: FloatArray) -> Demand:
    node = places.streets().index_of(cells.node)
    return Demand.at(node[node >= 0], expected[node >= 0])


def plan(district: places.Spot, newest: Forecast, shift: shifts.Shift, tick: Callable[[float], None]) -> Draft:
    """A plan for one shift, not saved."""
    ground, within_s = _ground(), int(setting("cover_within_s"))
    demand = demand_of(newest, shift.start, shift.end)
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
    made = proposal.propose(
        [_placed(p, home[str(p.unit)]) for p in draft.posts],
        demand,
        ground,
        _regions("control_area", district.area),
        within_s,
        lambda share: tick(0.6 * share),
    )
    by_unit = {str(p.unit): p for p in draft.posts}
    for change in made.changes:
        _go(by_unit[change.unit], change.lon, change.lat, ground)
        by_unit[change.unit].gain_share, by_unit[change.unit].gain_s = change.gain_share, change.gain_s
    quiet = quiet_hours(newest, shift)
    draft.plan.figures = {**made.figures, "quiet_hours": quiet}
    draft.lines = _lines(draft.plan, draft.posts, ground, lambda share: tick(0.6 + 0.4 * share))
    return draft


def quiet_hours(newest: Forecast, shift: shifts.Shift) -> list[int]:
    """Local hours of the shift in which fewer calls are expected than in the mean hour of the forecast: patrols walk
    their lines then and stand at their posts in the others."""
    cells = files.read_cells(str(newest.id))
    total = cells.expected.sum(axis=1)
    hour_of = {h.astype(datetime): float(v) for h, v in zip(cells.hours, total, strict=True)}
    return [h.hour for h in facts.hours_in(cells, shift.start, shift.end) if hour_of[h] < float(total.mean())]


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


def name_of(lon: float, lat: float) -> tuple[str, str]:
    """What people call a place, in Chinese and English: the post that stands there, else the nearest crossing."""
    near = [(float(haversine_m(lon, lat, p.lon, p.lat)), p) for p in places.posts()]
    off, post = min(near, key=lambda pair: pair[0], default=(np.inf, None))
    if post is not None and off <= AT_POST_M:
        return post.zh, post.en
    zh, en = places.nearest_crossing(lon, lat)
    at = f"{lat:.4f}, {lon:.4f}"
    return zh or at, en or at


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
    ground = _ground()
    posts = list(plan.posts.all())
    post = next((p for p in posts if str(p.unit) == edit.unit), None)
    if post is None:
        raise Missing(_("This unit is not in the plan."), field="unit", code="missing")
    draft = Draft(plan)
    if edit.kind in ("line", "take_line"):
        draft.lines = [_edited_line(plan, post, edit, ground)]
        return draft
    before = post.stands
    _edit_post(plan, post, edit, ground)
    line = plan.lines.filter(unit=post.unit).first()
    if line is not None and post.stands != before:  # a line begins where the unit stands
        draft.lines = [_instead(line, _lines(plan, [post], ground), taken=line.taken)]
    demand = demand_of(plan.forecast, plan.shift_start, plan.shift_end)
    gains = proposal.gains([_placed(p) for p in posts], demand, ground, plan.within_s)
    for p in posts:
        if p.taken and p.moves:
            p.gain_share, p.gain_s = gains.get(str(p.unit), (0.0, 0.0))
    kept = {k: plan.figures[k] for k in ("quiet_hours", "best") if k in plan.figures}
    plan.figures = {**proposal.figures([_placed(p) for p in posts], demand, ground, plan.within_s), **kept}
    draft.posts = posts
    return draft


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


def _edited_line(plan: Plan, post: PlanPost, edit: Edit, ground: Ground) -> PlanLine:
    line = plan.lines.filter(unit=post.unit).first()
    if edit.kind == "take_line":
        if line is None:
            raise Missing(_("This unit has no line."), field="unit", code="missing")
        line.taken = edit.taken
        return line
    made = _lines(plan, [post], ground)
    if not made:
        raise Refused(_("No street near this post expects calls in the quiet hours."), field="unit", code="no_line")
    made[0].by_hand = True
    return made[0] if line is None else _instead(line, made, taken=True)


def _instead(line: PlanLine, made: Sequence[PlanLine], *, taken: bool) -> PlanLine:
    """The new line in the old one's row; without a new one, the old one is not taken."""
    if not made:
        line.taken = False
        return line
    new = made[0]
    new.id, new.taken, new._state.adding = line.id, taken, False
    return new


def _lines(
    plan: Plan, posts: Sequence[PlanPost], ground: Ground, tick: Callable[[float], None] = lambda share: None
) -> list[PlanLine]:
    """Lines from these posts through the streets where calls are expected in the quiet hours."""
    units = {u.id: u for u in facts.units_of(plan.area)}
    walkers = [
        lines.Walker(u.id, *p.stands, u.pace_m_s, u.home)
        for p in posts
        if (u := units.get(str(p.unit))) is not None and u.pace_m_s > 0
    ]
    return [
        PlanLine(
            id=new_id(),
            plan=plan,
            unit=UUID(n.unit),
            path=n.path,
            streets=n.streets,
            length_m=n.length_m,
            minutes=n.minutes,
            share=n.share,
        )
        for n in lines.walk(walkers, _quiet_demand(plan), ground, tick)
    ]


def _quiet_demand(plan: Plan) -> Demand:
    """Calls expected in the quiet hours of a shift."""
    cells = files.read_cells(str(plan.forecast_id))
    quiet = [h.astype(datetime).hour in plan.figures.get("quiet_hours", []) for h in cells.hours]
    expected = cells.expected[facts.hours_mask(cells, plan.shift_start, plan.shift_end) & quiet].sum(axis=0)
    return _at_nodes(cells, expected)
