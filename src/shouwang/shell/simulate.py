"""`shouwang simulate`: what plans come to, played event by event on the roads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.simulate.closing import Closing, InForce, states, travels
from shouwang.engine.simulate.draws import ByHour, Drawn, Replayed, Source
from shouwang.engine.simulate.estimates import Estimate, Responses
from shouwang.engine.simulate.events import KINDS
from shouwang.engine.simulate.model import LAWS, Kind, Model, OnScene, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.simulate.policies import (
    ComplianceTable,
    Dispatch,
    KeepCover,
    MoveUp,
    NearestByReturn,
    NearestFree,
    OwnAreaFirst,
    Policy,
    StayAtPosts,
)
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import Difference, Score, Window, score
from shouwang.engine.solve.stop import NoStop, TimeLimit
from shouwang.engine.terms import AnyArray, IntArray
from shouwang.shell._io import emit_json, say, streets_option
from shouwang.tables.areas import read_areas
from shouwang.tables.closures import read_closures
from shouwang.tables.scenarios import CallTable, PlanTable, kind_of, read_compliance, read_kinds, read_plan, read_played
from shouwang.tables.streets import read_streets

DISPATCH: dict[str, Dispatch] = {
    "nearest": NearestFree(), "return": NearestByReturn(), "lost": NearestFree(),
    "own-area": OwnAreaFirst(), "cover": KeepCover(),
}  # fmt: skip
POLICIES = tuple(DISPATCH)
ELSEWHERE = "elsewhere"
NONE = "-"
MOST_PLACES = 4_000
_FILE = click.Path(path_type=Path)


@click.command()
@streets_option
@click.option("--calls", "calls_file", required=True, type=_FILE,
              help="Past calls (time, lon, lat, category), replayed; or a forecast of shouwang forecast, drawn from.")
@click.option("--units", "units_files", required=True, multiple=True, type=_FILE,
              help="A plan, CSV: unit, lon,lat or node; optional start_s, end_s (seconds after midnight), "
                   "capabilities, turnout_s. Given twice, plans are compared on the same calls.")
@click.option("--policy", "policies", multiple=True, type=click.Choice(POLICIES), default=POLICIES[:1],
              show_default=True, help="nearest: the free unit that arrives first; return: busy units "
              "counted in; lost: as nearest, but nobody waits; own-area: units of the call's area first; cover: the "
              "last unit of an area is kept back (both need --areas). Once, or once for each --units.")
@click.option("--close", "closure_files", multiple=True, metavar="CLOSED.geojson",
              help="Closures: areas and lines shut the streets they touch, street names one street; from_h and until_h "
                   "are hours of each day. - is none. Once, or once for each --units.")
@click.option("--move-up", "tables", multiple=True, metavar="TABLE.csv",
              help="Posts held by so many free units: free, posts (unit names, a;b). - is none. Once, or once for each "
                   "--units.")
@click.option("--kinds", "kinds_file", type=_FILE,
              help="CSV: category, and needs, first, severity, law, mean_s, variation, share.")
@click.option("--areas", "areas_file", type=_FILE, help="GeoJSON of the areas by which results are told apart.")
@click.option("--from", "from_time", help="Play from this local time on.")
@click.option("--until", "until_time", help="Play until this local time.")
@click.option("--warm-up-s", type=click.FloatRange(min=0), default=0.0, show_default=True,
              help="Seconds at the start that are played but not counted.")
@click.option("--within-s", type=click.FloatRange(min=0, min_open=True), default=480.0, show_default=True,
              help="Seconds that count as reached in time.")
@click.option("--on-scene-s", type=click.FloatRange(min=0), default=1200.0, show_default=True,
              help="Mean stay with a call, where the kind says nothing.")
@click.option("--on-scene-law", type=click.Choice(LAWS), default="lognormal", show_default=True)
@click.option("--on-scene-variation", type=click.FloatRange(min=0), default=0.7, show_default=True,
              help="Standard deviation over mean, for the lognormal law.")
@click.option("--turnout-s", type=click.FloatRange(min=0), default=60.0, show_default=True,
              help="Seconds to set out from a post.")
@click.option("--first-gain-s", type=click.FloatRange(min=0), default=60.0, show_default=True,
              help="A first response is sent if it saves so much.")
@click.option("--handover-s", type=click.FloatRange(min=0), default=120.0, show_default=True,
              help="How long a first response stays after the able unit came.")
@click.option("--replications", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--limit-s", type=click.FloatRange(min=0),
              help="Stop after so many seconds with the replications so far.")
@click.option("--trace", "trace_file", type=_FILE, help="Write each event of the first replication (Parquet).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def simulate(
    prefix: Path, calls_file: Path, units_files: tuple[Path, ...], policies: tuple[str, ...],
    closure_files: tuple[str, ...], tables: tuple[str, ...], kinds_file: Path | None, areas_file: Path | None,
    from_time: str | None, until_time: str | None, warm_up_s: float, within_s: float, on_scene_s: float,
    on_scene_law: Any, on_scene_variation: float, turnout_s: float, first_gain_s: float, handover_s: float,
    replications: int, seed: int, limit_s: float | None, trace_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Play calls and units on the roads and say what each plan comes to.

    Every figure has its 95 % interval over the replications. The same seed gives the same calls to every plan, so
    that differences are paired. Shifts repeat every day. Calls that patrols found themselves are left out: nobody
    is sent to them. seconds is the time to play, without reading files and measuring roads.
    """
    rules = Rules(policies, tables, closure_files, first_gain_s, handover_s).for_plans(len(units_files))
    if areas_file is None and {"own-area", "cover"} & set(rules.policies):
        raise BadInput([Fault("--policy", "this one tells areas apart", None, "Give them by --areas.")])
    streets = read_streets(prefix)
    from_s, until_s = _local("--from", from_time), _local("--until", until_time)
    kinds = read_kinds(kinds_file, OnScene(on_scene_s, on_scene_law, on_scene_variation))
    plans = _read_plans(units_files, streets, turnout_s)
    calls = read_played(calls_file, streets, from_s, until_s, MOST_PLACES)
    area, area_names = _areas(areas_file, calls)
    homes = [_homes(areas_file, plan, streets) for plan in plans]
    closures = rules.read_closures(streets)
    state, in_force = states(closures)
    window = Window(calls.from_s + warm_up_s, calls.until_s)
    source = ByHour(_source(calls, kinds, area, str(kinds_file or "--kinds")), state, len(calls.at))
    say(f"Measuring roads for {len(calls.at)} places of calls.")
    began = time.perf_counter()
    models = _models(Travel(streets), calls, kinds, plans, homes, closures, in_force, rules)
    measured = time.perf_counter()
    stop = NoStop() if limit_s is None else TimeLimit(limit_s)
    rng = np.random.default_rng(seed)
    scores, differences = score(models, source, window, replications, rng=rng, within_s=within_s, stop=stop)
    played = time.perf_counter()
    if trace_file:
        _write_trace(trace_file, models, source, seed, replications)
    document = {
        "replications": scores[0].replications, "seed": seed, "within_s": within_s,
        "calls_left_out": {"patrol_found": calls.patrol_found, "off_streets": round(calls.off_streets, 6)},
        "plans": [
            {"units": str(file)} | _plan(one, model.units, area_names)
            for file, one, model in zip(units_files, scores, models, strict=True)
        ],
        "differences": [_change(one, area_names) for one in differences],
        "seconds_to_measure": round(measured - began, 4), "seconds": round(played - measured, 4),
    }  # fmt: skip
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(units_files, scores, differences, area_names, within_s))


@dataclass(frozen=True, slots=True)
class Rules:
    """Policies as the command line gives them: one for all plans, or one for each."""

    policies: tuple[str, ...]
    tables: tuple[str, ...]
    closures: tuple[str, ...]
    first_gain_s: float
    handover_s: float

    def for_plans(self, count: int) -> Rules:
        """The same with one entry per plan. Raises `BadInput` for another number."""
        faults, spread = Faults(), []
        tables, closures = self.tables or (NONE,), self.closures or (NONE,)
        for name, given in (("--policy", self.policies), ("--move-up", tables), ("--close", closures)):
            if len(given) not in (1, count):
                faults.add(name, "give it once, or once for each --units", len(given), f"Give it 1 or {count} times.")
            spread.append(given * count if len(given) == 1 else given)
        faults.raise_if_any()
        return Rules(spread[0], spread[1], spread[2], self.first_gain_s, self.handover_s)

    def read_closures(self, streets: Streets) -> list[tuple[Closing, ...]]:
        """The closures of each plan."""
        read = {file: read_closures(file, streets) for file in dict.fromkeys(self.closures) if file != NONE}
        return [read.get(file, ()) for file in self.closures]

    def policy(self, i: int, posts: dict[str, int]) -> Policy:
        """The policy of plan i, whose units have these posts."""
        move_up: MoveUp = StayAtPosts()
        if self.tables[i] != NONE:
            move_up = ComplianceTable(read_compliance(self.tables[i], posts))
        name = self.policies[i]
        return Policy(DISPATCH[name], move_up, name != "lost", self.first_gain_s, self.handover_s)


def _local(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise BadInput([Fault(option, "not a local time", text, "Write 2019-09-01 or 2019-09-01T08:00.")])
    return int(np.datetime64(moment, "s").astype(np.int64))


def _read_plans(files: Sequence[Path], streets: Streets, turnout_s: float) -> list[PlanTable]:
    faults, plans = Faults(), []
    for file in files:
        try:
            plans.append(read_plan(file, streets, turnout_s))
        except BadInput as error:
            faults.extend(error)
    faults.raise_if_any()
    return plans


def _areas(file: Path | None, calls: CallTable) -> tuple[IntArray, list[str]]:
    """The area of each place of calls, and the names of the areas; the last one is elsewhere."""
    if file is None:
        return np.zeros(len(calls.at), np.int64), ["all"]
    if calls.lon is None or calls.lat is None:
        what = "the calls have no lon and lat, so that no area holds them"
        raise BadInput([Fault("--areas", what, str(file), "Leave it out, or give calls in degrees.")])
    names = [area.name for area in read_areas(file)]
    found = _area_of(file, calls.lon, calls.lat)
    return np.where(found < 0, len(names), found), [*names, ELSEWHERE]


def _area_of(file: Path, lon: AnyArray, lat: AnyArray) -> IntArray:
    """The number of the area each point lies in, -1 for none."""
    tree = shapely.STRtree([area.polygon for area in read_areas(file)])
    point, number = tree.query(shapely.points(lon, lat), predicate="intersects")
    found = np.full(len(lon), -1)
    found[point[::-1]] = number[::-1]
    return found


def _homes(file: Path | None, plan: PlanTable, streets: Streets) -> IntArray:
    """The area in which each unit of a plan has its post, -1 for none."""
    spots = plan.units.spots
    if file is None:
        return np.full(len(spots), -1)
    return _area_of(file, *streets.coordinates(np.where(spots.node >= 0, spots.node, streets.tail[spots.edge])))


def _source(calls: CallTable, kinds: Sequence[Kind], area: IntArray, kinds_file: str) -> Source:
    place = np.arange(len(calls.at))
    if calls.expected is not None:
        return Drawn(calls.expected, place, area, kinds)
    assert calls.time_s is not None
    assert calls.place is not None
    return Replayed(calls.time_s, calls.place, area[calls.place], kind_of(calls, kinds, kinds_file), kinds)


def _models(
    travel: Travel, calls: CallTable, kinds: Sequence[Kind], plans: Sequence[PlanTable], homes: Sequence[IntArray],
    closings: Sequence[tuple[Closing, ...]], in_force: Sequence[tuple[InForce, ...]], rules: Rules,
) -> list[Model]:
    """One model per plan; those with the same closures share the roads, measured from the posts of all."""
    columns = ("node", "edge", "fraction", "off_m")
    spots = Spots(*(np.concatenate([getattr(plan.units.spots, name) for plan in plans]) for name in columns))
    key = np.stack([spots.node, spots.edge, spots.fraction], axis=1)
    _, first, post = np.unique(key, axis=0, return_index=True, return_inverse=True)
    roads: dict[str, Roads] = {}
    models, start, faults = [], 0, Faults(keep=200)
    for i, plan in enumerate(plans):
        names, mine = plan.units.name, post.reshape(-1)[start : start + len(plan.units.name)].tolist()
        start += len(names)
        closed = rules.closures[i]
        if closed not in roads:
            under = travels(travel, closings[i], [state[i] for state in in_force])
            roads[closed] = Roads.measure(under, calls.at, spots[first])
        units = [
            Unit(
                names[j], mine[j], plan.shifts(j, calls.until_s), plan.units.capabilities[j], plan.turnout_s[j],
                int(homes[i][j]),
            )
            for j in range(len(names))
        ]  # fmt: skip
        try:
            models.append(Model(roads[closed], kinds, units, rules.policy(i, dict(zip(names, mine, strict=True)))))
        except BadInput as error:
            faults.extend(error)
    faults.raise_if_any()
    return models


def _write_trace(file: Path, models: Sequence[Model], source: Source, seed: int, replications: int) -> None:
    """The first replication once more, event by event, as all plans see it."""
    calls = source.draw(np.random.default_rng(seed).spawn(replications)[0])
    parts = []
    for number, model in enumerate(models):
        trace = play(model, calls, trace=True).trace
        assert trace is not None
        unit = [model.units[u].name if u >= 0 else None for u in trace["unit"]]
        call = pa.array(trace["call"], mask=trace["call"] < 0)
        kind = [KINDS[k] for k in trace["kind"]]
        plan = np.full(trace.size, number)
        parts.append(pa.table({"plan": plan, "time_s": trace["time_s"], "event": kind, "call": call, "unit": unit}))
    try:
        pq.write_table(pa.concat_tables(parts), file, compression="zstd")
    except OSError as error:
        what, remedy = "the file cannot be written", "Choose a folder that exists and may be written to."
        raise BadInput([Fault("--trace", what, str(file), remedy)]) from error


def _plan(one: Score, units: Sequence[Unit], areas: list[str]) -> dict[str, Any]:
    """A plan's score as plain values."""
    return {
        "events": one.events,
        "responses": _plain(one.overall),
        "wait_s": _estimate(one.wait_s), "waited": _estimate(one.waited),
        "lost": _estimate(one.lost), "unserved": _estimate(one.unserved),
        "busy": _estimate(one.busy_mean),
        "units_busy": [
            {"unit": unit.name, "busy": _estimate(busy), "overtime_s": round(float(overtime_s), 1)}
            for unit, busy, overtime_s in zip(units, one.busy, one.overtime_s, strict=True)
        ],
        "worst_area": None if one.worst_area is None else areas[one.worst_area],
        "areas": [{"area": areas[number]} | _plain(group) for number, group in one.areas.items()],
        "hours": [{"hour": hour} | _plain(group) for hour, group in one.hours.items()],
        "area_hours": [
            {"area": areas[number], "hour": hour} | _plain(group) for (number, hour), group in one.area_hours.items()
        ],
    }  # fmt: skip


def _change(one: Difference, areas: list[str]) -> dict[str, Any]:
    told = {name: _rounded(value) for name, value in asdict(one).items() if name not in ("areas", "hours")}
    return told | {
        "areas": [{"area": areas[number], "within": _estimate(change)} for number, change in one.areas.items()],
        "hours": [{"hour": hour, "within": _estimate(change)} for hour, change in one.hours.items()],
    }


def _plain(group: Responses) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in asdict(group).items()}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in asdict(estimate).items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return round(float(value), 6)


def _as_text(
    files: Sequence[Path], scores: Sequence[Score], differences: Sequence[Difference], areas: list[str], within_s: float
) -> str:
    lines = []
    for file, one in zip(files, scores, strict=True):
        worst = "" if one.worst_area is None else f"; worst area {areas[one.worst_area]}"
        lines += [
            f"{file.name}: {one.replications} replications of {one.overall.calls:.1f} calls, {one.events} "
            f"events{worst}",
            f"  response, mean       {_seconds(one.overall.mean_s)}",
            f"  nine in ten within   {_seconds(one.overall.p90_s)}",
            f"  within {within_s:g} s{'':<9}{_share(one.overall.within)}",
            f"  wait for a unit      {_seconds(one.wait_s)}",
            f"  lost, unserved       {_share(one.lost)}, {_share(one.unserved)}",
            f"  units busy           {_share(one.busy_mean)}",
        ]
    for file, change in zip(files[1:], differences, strict=True):
        lines.append(
            f"{file.name} against {files[0].name}: mean {_seconds(change.mean_s, '+')}, "
            f"within {_share(change.within, '+')}, busy {_share(change.busy_mean, '+')}"
        )
    return "\n".join(lines)


def _seconds(estimate: Estimate, sign: str = "") -> str:
    return f"{estimate.value:{sign}.1f} s ({estimate.low:{sign}.1f} to {estimate.high:{sign}.1f})"


def _share(estimate: Estimate, sign: str = "") -> str:
    return f"{estimate.value:{sign}.2%} ({estimate.low:{sign}.2%} to {estimate.high:{sign}.2%})"
