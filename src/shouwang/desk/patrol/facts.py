"""Plans and forecasts as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from shouwang.desk.people.access import in_areas
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.desk.workflow.zone import zone
from shouwang.engine.demand.calls import HEARD, SOURCES, Calls
from shouwang.engine.demand.shares import Share
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray
from shouwang.tables.history import arrays, read_calls

from . import shifts
from .files import Cells, history_path, read_cells
from .kinds import kind_name as kind_name
from .models import Forecast, HistoryFile, Job, PatrolHour, Plan, PlanPost, PlanTour, TourStep, VisitChance

OPEN = ("draft", "returned", "submitted")
SERVICES = ("police", "guard")
HOUR = timedelta(hours=1)
MOST_PLANS = 120  # of approved ones, the newest: older ones tell nothing that these do not
EARLY = timedelta(minutes=30)
PACE_M_S = {"foot": 1.3, "bike": 3.0, "motorcycle": 5.5, "car": 5.5}  # 5.5 m/s: 20 km/h


@dataclass(frozen=True)
class PostFact:
    """Where a unit stands by the plan. `moved`: elsewhere than before it."""

    unit: str
    lon: float
    lat: float
    zh: str
    en: str
    moved: bool


@dataclass(frozen=True)
class TourFact:
    """`visits`: as PlanTour keeps them."""

    id: str
    unit: str
    path: list[list[float]]
    visits: list[dict[str, Any]]
    length_m: float

    def place_at(self, seconds: float) -> tuple[float, float] | None:
        """Where the unit should be so long after the shift's start: the place it is at or on its way to."""
        at = next((v for v in self.visits if seconds < v["to_s"]), None)
        return None if at is None else (at["lon"], at["lat"])


@dataclass(frozen=True)
class PlanFact:
    """An approved plan, `posts` and `tours` by unit id. `quiet_hours`: local hours in which patrols are on tour."""

    id: str
    area: str
    start: datetime
    end: datetime
    posts: dict[str, PostFact]
    tours: dict[str, TourFact]
    quiet_hours: list[int]


def plan_in_force(now: datetime, area: str = "") -> PlanFact | None:
    """The approved plan of the shift under way, in `area` (a path; "": whichever there is)."""
    plan = Plan.objects.filter(state="approved", area__startswith=area, shift_start__lte=now, shift_end__gt=now).first()
    return None if plan is None else _plan_fact(str(plan.id), plan.version)


@lru_cache(maxsize=16)
def _plan_fact(id: str, version: int) -> PlanFact:
    """A version of an approved plan never changes."""
    plan = Plan.objects.prefetch_related("posts", "tours").get(id=id)
    posts = {
        str(p.unit): PostFact(
            str(p.unit),
            *p.stands,
            p.place_zh if p.taken else p.base_zh,
            p.place_en if p.taken else p.base_en,
            p.moves and p.taken,
        )
        for p in plan.posts.all()
    }
    tours = {
        str(t.unit): TourFact(str(t.id), str(t.unit), t.path, t.visits, t.length_m)
        for t in plan.tours.all()
        if t.taken
    }
    return PlanFact(
        str(plan.id), plan.area, plan.shift_start, plan.shift_end, posts, tours, plan.figures.get("quiet_hours", [])
    )


@dataclass(frozen=True)
class Stationed:
    """The units that an approved plan puts on duty in a shift (its start as 07:00), and the plan's day."""

    shift: str
    day: date
    units: list[UUID]
    hours: float


def stationed(area: str) -> list[Stationed]:
    """By shift of the day, the newest approved plan of the area's district: with its units of the whole district."""
    where, found = zone(), dict[str, Stationed]()
    plans = Plan.objects.filter(state="approved", area__startswith=area.split("/")[0] + "/").order_by("-shift_start")
    for plan in plans[:60]:  # newest first: older ones tell nothing that these do not
        start = plan.shift_start.astimezone(where)
        if f"{start:%H:%M}" not in found:
            units = list(plan.posts.values_list("unit", flat=True))
            hours = (plan.shift_end - plan.shift_start).total_seconds() / 3600
            found[f"{start:%H:%M}"] = Stationed(f"{start:%H:%M}", start.date(), units, hours)
    return sorted(found.values(), key=lambda one: one.shift)


@dataclass(frozen=True)
class StandFact:
    """Where a unit is by an approved plan, and how many stops its tour has."""

    zh: str
    en: str
    stops: int


def stands_at(wanted: Iterable[tuple[UUID, datetime]]) -> dict[tuple[UUID, datetime], StandFact]:
    """Where units are in the shifts that begin then: by the approved plan of the shift, until there is one by the
    newest for a shift of the same time of day; between the shifts, by the newest of the one under way at that time.
    What no plan says is left out."""
    asked, where = set(wanted), zone()
    if not asked:
        return {}
    plans = Plan.objects.filter(state="approved").order_by("-shift_start")[:MOST_PLANS]
    by_start: dict[object, UUID] = {}
    for plan in plans:
        by_start.setdefault(plan.shift_start, plan.id)
        by_start.setdefault(plan.shift_start.astimezone(where).time(), plan.id)

    def under_way(at: datetime) -> UUID | None:
        whole = timedelta(days=1)
        return next((p.id for p in plans if (at - p.shift_start) % whole < p.shift_end - p.shift_start), None)

    chosen = {(unit, at): by_start.get(at) or by_start.get(at.astimezone(where).time()) or under_way(at)
              for unit, at in asked}
    ids, on = set(filter(None, chosen.values())), {unit for unit, _at in asked}
    stops = {(t.plan_id, t.unit): sum(not v["post"] for v in t.visits)
             for t in PlanTour.objects.filter(plan__in=ids, unit__in=on, taken=True)}
    stands = {(p.plan_id, p.unit): StandFact(*((p.place_zh, p.place_en) if p.taken else (p.base_zh, p.base_en)),
                                             stops.get((p.plan_id, p.unit), 0))
              for p in PlanPost.objects.filter(plan__in=ids, unit__in=on)}
    return {key: stands[plan, key[0]] for key, plan in chosen.items() if plan and (plan, key[0]) in stands}


def steps_of(tour: str) -> dict[int, tuple[str, datetime]]:
    """What a crew told of the places of its tour: by number the last step (arrived, left or skipped) and when."""
    return {
        s.number: (state, at)
        for s in TourStep.objects.filter(tour=UUID(tour))
        for state, at in [last_step(s)]
        if at is not None
    }


def last_step(step: TourStep) -> tuple[str, datetime | None]:
    """The last that was told of a place, and when."""
    for state, at in (("skipped", step.skipped_at), ("left", step.left_at), ("arrived", step.arrived_at)):
        if at is not None:
            return state, at
    return "", None


def newest_forecast(area: str = "") -> Forecast | None:
    return Forecast.objects.filter(area__startswith=area).order_by("-made_at").first()


def demand_for(hour: datetime, service: str = "") -> tuple[IntArray, FloatArray]:
    """Expected calls in the hour that `hour` (aware) lies in, those that need a service or all: numbers of street nodes
    (as the street file counts them) and their weights. Outside the newest forecast its nearest same hour of the day
    stands in; both are empty while there is no forecast."""
    newest = Forecast.objects.order_by("-made_at").values_list("id", flat=True).first()
    if newest is None:
        return np.zeros(0, np.int64), np.zeros(0)
    local = hour.astimezone(zone()).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return _demand(str(newest), local, service)


@lru_cache(maxsize=64)
def _demand(forecast: str, local: datetime, service: str) -> tuple[IntArray, FloatArray]:
    cells = read_cells(forecast)
    off_h = (cells.hours - np.datetime64(local, "s")).astype(np.int64) // 3600
    same = np.flatnonzero(off_h % 24 == 0)
    if not len(same):
        return np.zeros(0, np.int64), np.zeros(0)
    row = same[np.argmin(np.abs(off_h[same]))]
    expected = cells.expected[row] * parts_of(forecast, cells, service, [local.hour])[0]
    nodes, place = np.unique(cells.node, return_inverse=True)
    weights = np.bincount(place, expected, len(nodes)).astype(float)
    nodes, weights = nodes[weights > 0], weights[weights > 0]
    nodes.flags.writeable = weights.flags.writeable = False  # shared by all who ask
    return nodes, weights


def parts_of(forecast: str, cells: Cells, service: str, hours: Sequence[int]) -> FloatArray:
    """Part (0 … 1) of the calls of each cell that needs a service, in hours of the day: (hours, cells). All of them for
    no service, and where the forecast does not tell."""
    told = Forecast.objects.values_list("parts", flat=True).get(id=forecast).get("services", {}).get(service)
    if told is None:
        return np.ones((len(hours), len(cells.node)))
    paths, place = np.unique(cells.area.astype(str), return_inverse=True)
    share = Share(told["mean"], np.array([told["places"].get(path, told["mean"]) for path in paths]),
                  np.array(told["hours"], float))  # fmt: skip
    return np.stack([share.at(place, hour) for hour in hours])


def part_of(row: Forecast, service: str, hour: int) -> float:
    """Part of all calls of an hour of the day that needs a service."""
    told = row.parts.get("services", {}).get(service)
    return 1.0 if told is None else float(told["hours"][hour])


@dataclass(frozen=True)
class HourFact:
    """Calls expected in one hour of one area, with the ends of the 80 % interval."""

    start: datetime
    expected: float
    low: float
    high: float


def expected_this_hour(now: datetime, areas: Sequence[str]) -> HourFact | None:
    """What the newest forecast expects of the hour that `now` lies in, in the district or in the one control area of
    `areas`; None where it does not say."""
    row = forecast_for(areas)
    if row is None:
        return None
    path = row.area if within(row.area, areas) else areas[0] if len(areas) == 1 else None
    told = next((a for a in row.by_area if a["path"] == path), None)
    hour = int((now - row.origin) // HOUR)
    if told is None or not 0 <= hour < len(told["expected"]):
        return None
    return HourFact(row.origin + hour * HOUR, *(told[end][hour] for end in ("expected", "low", "high")))


def ranges_held(areas: Sequence[str]) -> float | None:
    """On what share of the days of control areas the 80 % ranges of such forecasts held; None where it is not known."""
    row = forecast_for(areas)
    return row.backtest["coverage"] if row is not None and row.backtest else None


def shift_start(now: datetime) -> datetime:
    """When the shift under way began."""
    return shifts.coming(now)[0].start


SHIFTS = ("shift_starts", "time_zone")


def shift_ends(clocked_on: Mapping[UUID, datetime], chosen: Mapping[str, Any] | None = None) -> dict[UUID, datetime]:
    """When the shift of each of these crews ends, by when it clocked on: a crew may come half an hour early. `chosen`:
    the settings named in SHIFTS, read already."""
    if not clocked_on:
        return {}
    chosen = chosen or get_many(*SHIFTS)
    starts, where = tuple(chosen["shift_starts"]), chosen["time_zone"]
    return {unit: _shift_end(int((at + EARLY).timestamp() // 1800), starts, where) for unit, at in clocked_on.items()}


@lru_cache(maxsize=256)
def _shift_end(half_hour: int, starts: tuple[str, ...], where: str) -> datetime:
    return shifts.around(datetime.fromtimestamp(half_hour * 1800, UTC), starts, ZoneInfo(where), 1)[0].end


def expected_in(cells: Cells, start: datetime, end: datetime) -> FloatArray:
    """Expected calls of each cell between two moments, as far as the forecast reaches: (hours in it, cells)."""
    return cells.expected[hours_mask(cells, start, end)]


def hours_mask(cells: Cells, start: datetime, end: datetime) -> BoolArray:
    """Which hours of the forecast begin between two moments."""
    where = zone()
    moments = [h.astype(datetime).replace(tzinfo=where).astimezone(UTC) for h in cells.hours]
    return np.array([start <= m < end for m in moments], bool)


def hours_in(cells: Cells, start: datetime, end: datetime) -> list[datetime]:
    """The local hours of the forecast that begin between two moments."""
    return [h.astype(datetime) for h in cells.hours[hours_mask(cells, start, end)]]


def forecast_for(areas: Sequence[str]) -> Forecast | None:
    """The newest forecast that concerns one of the areas."""
    return Forecast.objects.filter(seen_by(areas)).order_by("-made_at").first()


@dataclass(frozen=True)
class UnitFact:
    """A unit that posts are planned for, with where it stands today. `home`: path of the control area it keeps to."""

    id: str
    code: str
    zh: str
    en: str
    letter: str
    service: str
    lon: float
    lat: float
    home: str
    fixed: bool
    pace_m_s: float  # on patrol, looking around; 0 for those who do not patrol


def units_of(area: str) -> list[UnitFact]:
    """Units of police and guards in an area. Those at a station, booth or platform are fixed; patrols move and walk."""
    rows = Unit.objects.select_related("kind").filter(active=True, area__startswith=area, kind__service__in=SERVICES)
    return [
        UnitFact(
            str(u.id),
            u.code,
            u.zh,
            u.en,
            u.kind.letter,
            u.kind.service,
            u.lon,
            u.lat,
            control_area(u.area),
            fixed=not _patrols(u),
            pace_m_s=_pace_m_s(u) if _patrols(u) else 0.0,
        )
        for u in rows.order_by("kind__service", "code")
    ]


def _patrols(unit: Unit) -> bool:
    return unit.kind.moves == "mobile" and "patrol_presence" in unit.kind.capabilities


def _pace_m_s(unit: Unit) -> float:
    modes = {row["code"]: row["travel_mode"] for row in table("unit_kinds")}
    return PACE_M_S.get(modes.get(unit.kind_id, ""), PACE_M_S["car"])


def control_area(path: str) -> str:
    """The control area a path lies in: its first two codes."""
    return "".join(code + "/" for code in path.split("/")[:2] if code)


def standing(area: str, shift_start: datetime) -> dict[str, PlanPost]:
    """By unit, its post of the last approved plan for a shift that began at this time of day: what people stand by
    today."""
    where = zone()
    at = shift_start.astimezone(where).time()
    for plan in Plan.objects.filter(
        area=area, state__in=("approved", "replaced"), decided_at__isnull=False, shift_start__lt=shift_start
    ).order_by("-shift_start", "-decided_at")[:30]:
        if plan.shift_start.astimezone(where).time() == at:
            return {str(p.unit): p for p in plan.posts.all()}
    return {}


def seen_by(areas: Sequence[str]) -> Q:
    """Plans and forecasts that concern these areas: of an area in them, or of one that they lie in."""
    q = in_areas("area", tuple(areas))
    for path in areas:
        codes = [c for c in path.split("/") if c]
        q |= Q(area__in=["".join(c + "/" for c in codes[:n]) for n in range(1, len(codes) + 1)])
    return q


def within(area: str, areas: Sequence[str]) -> bool:
    """Whether a place at `area` lies in one of the areas."""
    return any(area.startswith(path) for path in areas)


def plans(areas: Sequence[str], *, after: datetime) -> list[Plan]:
    """Plans of shifts that end after a moment, oldest shift first, of each shift the open one before the approved."""
    rows = Plan.objects.filter(seen_by(areas), shift_end__gt=after, state__in=(*OPEN, "approved"))
    return sorted(rows, key=lambda p: (p.shift_start, OPEN.index(p.state) if p.state in OPEN else 9))


def histories(area: str) -> list[HistoryFile]:
    return list(HistoryFile.objects.filter(area__startswith=area, active=True).order_by("first_day", "id"))


def moved_days(history: HistoryFile, origin: date) -> int:
    """How far an example's old record is moved: by whole weeks, so that it reaches the origin and weekdays stay."""
    if not history.example or history.last_day >= origin:
        return 0
    return -(-(origin - history.last_day).days // 7) * 7


@dataclass(frozen=True, eq=False)
class PastCalls:
    """Calls of residents and alarms: local times (datetime64[s]), degrees, and kinds as the files name them.
    `moved_days`: how far an example's old record was moved; `generated`: some were never made."""

    time: AnyArray
    lon: FloatArray
    lat: FloatArray
    kind: AnyArray
    moved_days: int
    generated: bool


def past_calls(
    area: str, since: datetime, until: datetime, as_of: datetime, sources: Sequence[str] = HEARD
) -> PastCalls:
    """What was asked for between two local moments (naive), by the history files, an example's record moved as at
    `as_of`. What patrols found by themselves is left out, and whatever else is not of these sources."""
    parts, moved, generated = [(np.zeros(0, "datetime64[s]"), np.zeros(0), np.zeros(0), np.zeros(0, "U1"))], 0, False
    for row in histories(area):
        days = moved_days(row, as_of.date())
        first, last = (day + timedelta(days=days) for day in (row.first_day, row.last_day))
        if first > until.date() or last < since.date():
            continue
        told = arrays(read_calls(history_path(row.id))).without([k for k in row.excluded_kinds if k in row.kinds])
        told = told.take(np.isin(told.source, [SOURCES.index(one) for one in sources if one in HEARD]))
        kind = np.array(told.kinds or ("",))[told.kind]
        parts.append(((told.time_s + days * 86_400).astype("datetime64[s]"), told.lon, told.lat, kind))
        moved, generated = max(moved, days), generated or row.generated
    time, lon, lat, kind = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    within = (time >= np.datetime64(since, "s")) & (time < np.datetime64(until, "s"))
    return PastCalls(time[within], lon[within], lat[within], kind[within], moved, generated)


def record(history: HistoryFile) -> Calls:
    """Every call of a history file as it stands there, days not moved, with what patrols found by themselves."""
    return arrays(read_calls(history_path(history.id)))


def past_days(area: str, as_of: datetime) -> tuple[date, date] | None:
    """The first and the last day of the history files, an example's record as moved; None without one."""
    spans = [(row, timedelta(days=moved_days(row, as_of.date()))) for row in histories(area)]
    if not spans:
        return None
    return min(row.first_day + moved for row, moved in spans), max(row.last_day + moved for row, moved in spans)


def cells_of(forecast_id: str) -> Cells:
    """A forecast by cell and hour."""
    return read_cells(forecast_id)


def recent_plans(area: str, after: datetime) -> list[Plan]:
    """Plans of a district, drafts too, of shifts that end after a moment; the latest shift first."""
    return list(Plan.objects.filter(area=area, shift_end__gt=after).exclude(state="replaced").order_by("-shift_start"))


def shift_label(plan: Plan) -> str:
    """The shift of a plan, in local time."""
    start, end = (moment.astimezone(zone()) for moment in (plan.shift_start, plan.shift_end))
    return f"{start:%m-%d %H:%M}—{end:%H:%M}"


def stands_of(plan_id: str) -> dict[str, tuple[float, float]]:
    """By unit, where it stands if the plan is carried out."""
    return {str(post.unit): post.stands for post in PlanPost.objects.filter(plan_id=plan_id)}


def open_job(areas: Sequence[str]) -> Job | None:
    return Job.objects.filter(seen_by(areas), state__in=("queued", "running")).order_by("made_at").first()


@dataclass(frozen=True)
class Age:
    """How old a forecast is, and whether it should be made anew."""

    span: timedelta
    old: bool = field(default=False)


def age(forecast: Forecast, now: datetime) -> Age:
    span = now - forecast.made_at
    return Age(span, span > timedelta(hours=26))


@dataclass(frozen=True)
class TimeFact:
    """Minutes of patrol in one hour by path of the community ("": not told where), and those of them at posts manned
    without a unit; `example`: invented."""

    start: datetime
    minutes: Mapping[str, float]
    at_posts: Mapping[str, float]
    example: bool


def patrol_hours(area: str, first: datetime, end: datetime) -> list[TimeFact]:
    """The hours of a district, from the first moment up to the other, of which patrol time was counted."""
    rows = PatrolHour.objects.filter(area=area, start__gte=first, start__lt=end).order_by("start")
    return [TimeFact(*row) for row in rows.values_list("start", "minutes", "at_posts", "example")]


def found_reason() -> str:
    """Why forecasts count what patrols found too; "" where they do not."""
    return str(get_many("found_reason")["found_reason"]).strip()


def visit_chances(area: str, before: datetime) -> list[tuple[datetime, datetime, dict[str, float]]]:
    """The touring hours of approved plans of a district that began before a moment, as far as a plan was in force in
    them, with the chance of a visit by path of the community."""
    found = []
    for row in VisitChance.objects.filter(area=area, start__lt=before):
        for window in row.hours:
            first, last = (datetime.fromisoformat(moment) for moment in window)
            if max(first, row.start) < min(last, row.end):
                found.append((max(first, row.start), min(last, row.end), row.chance))
    return found
