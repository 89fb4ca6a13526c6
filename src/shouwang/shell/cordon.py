"""`shouwang cordon`: units close exits, contain a vehicle; permanent checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np

from shouwang.engine.cordon.blockade import blockade as close_exits
from shouwang.engine.cordon.chase import Goal, beyond, chase, junctions
from shouwang.engine.cordon.checkpoints import Trips, exit_set
from shouwang.engine.cordon.checkpoints import checkpoints as place_checkpoints
from shouwang.engine.cordon.contain import Containment
from shouwang.engine.cordon.contain import contain as shut_in
from shouwang.engine.errors import BadInput, Fault, Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import NoStop, TimeLimit
from shouwang.engine.terms import BoolArray, IntArray
from shouwang.shell._io import emit_json, parse_point, streets_option
from shouwang.tables.places import FARTHEST_OFF_M, Rows, numbers, read_rows, spots
from shouwang.tables.streets import read_streets
from shouwang.tables.units import UnitTable, read_units

_PATH = click.Path(path_type=Path)
_UNITS = click.option("--units", "units_file", required=True, type=_PATH, help="CSV: unit and node or lon,lat.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_SEED = click.option("--seed", type=int, default=0, expose_value=False,
                     help="Taken so that scripts can give it to every command; nothing here is left to chance.")


def _limit(default: float | None) -> Callable[..., Any]:
    return click.option("--limit-s", type=click.FloatRange(min=0), default=default, show_default=default is not None,
                        help="Stop after so many seconds with the best so far.")


@click.group()
def cordon() -> None:
    """Close exits, contain a vehicle, place checkpoints.

    Units are sent to junctions. Nothing is kept about vehicles or people.
    """


@cordon.command("blockade")
@streets_option
@_UNITS
@click.option("--exits", "exits_file", required=True, type=_PATH, help="CSV: node or lon,lat (nearest junction).")
@_limit(None)
@_SEED
@_JSON
def blockade(prefix: Path, units_file: Path, exits_file: Path, limit_s: float | None, as_json: bool) -> None:
    """Close every exit by a unit of its own: least latest arrival, then least total, both exact.

    Seconds count from the order. seconds is the time to answer, without reading the files. Exit code 3: the exits
    cannot all be closed.
    """
    streets = read_streets(prefix)
    table, exits = read_units(units_file, streets), _exits(exits_file, streets)
    travel = Travel(streets)
    travel.from_one(table.spots[[0]])  # loads compiled code before the clock starts
    began = time.perf_counter()
    found = close_exits(travel, table.spots, exits)
    document: dict[str, Any] = {
        "status": "optimal",
        "latest_s": found.latest_s,
        "total_s": found.total_s,
        "assignments": [
            {"unit": table.name[unit], "node": int(streets.node_id[node]), "arrive_s": float(at_s)}
            for unit, node, at_s in zip(found.unit, exits, found.arrive_s, strict=True)
        ],
        "seconds": round(time.perf_counter() - began, 4),
    }
    if as_json:
        emit_json(document)
        return
    lines = [f"{one['unit']:<16} {one['node']:>10} {_minutes(one['arrive_s'])}" for one in document["assignments"]]
    click.echo("\n".join([f"{'unit':<16} {'exit':>10}  arrives", *lines]))
    click.echo(f"latest {_minutes(found.latest_s)}, total {_minutes(found.total_s)}")


@cordon.command("contain")
@streets_option
@_UNITS
@click.option("--exits", "exits_file", type=_PATH, help="CSV: node or lon,lat. This or --radius-m.")
@click.option("--radius-m", type=float, help="Farther than this from where it was last seen, the vehicle is away.")
@click.option("--last-seen", required=True, metavar="NODE|LON,LAT", help="Where the vehicle was last seen.")
@click.option("--delay-s", required=True, type=float, help="Seconds since then; the units start now.")
@click.option("--speed-factor", default=1.0, show_default=True, help="The vehicle's speed over that of the streets.")
@click.option("--goal", type=click.Choice(get_args(Goal)), default="fewest-units", show_default=True)
@_limit(2.0)
@_SEED
@_JSON
def contain(
    prefix: Path, units_file: Path, exits_file: Path | None, radius_m: float | None, last_seen: str, delay_s: float,
    speed_factor: float, goal: Goal, limit_s: float, as_json: bool,
) -> None:  # fmt: skip
    """Shut a vehicle in: each unit is at its junction before the vehicle can be there, and every way out is shut.

    Seconds count from when the vehicle was last seen; units start --delay-s later. bound: no answer has fewer units
    (or fewer junctions inside, for tightest-area); proven says that this one has no more. Not contained: escape is a
    way out ahead of the units named; bound is null if no answer exists at all; needed says what would do, as far as
    was found. Exit code 3: not contained.
    """
    streets = read_streets(prefix)
    table, seen = read_units(units_file, streets), _place("--last-seen", last_seen, streets)
    exits = _ways_out(exits_file, radius_m, seen, streets)
    travel = Travel(streets)
    chase(travel, table.spots[[0]], exits, seen, delay_s=delay_s, speed_factor=speed_factor).reach(
        np.full(streets.node_count, np.inf)
    )  # loads compiled code before the clock starts
    began, stop = time.perf_counter(), TimeLimit(limit_s)
    question = chase(travel, table.spots, exits, seen, delay_s=delay_s, speed_factor=speed_factor)
    found = shut_in(question, goal=goal, stop=stop)
    document = _containment(found, table, streets, time.perf_counter() - began)
    if as_json:
        emit_json(document)
    else:
        click.echo(_containment_text(document))
    if not found.contained:
        raise NoAnswer("The vehicle is not contained.")


@cordon.command("checkpoints")
@streets_option
@click.option("--exits", "exits_file", type=_PATH, help="CSV: node or lon,lat. Without --trips: trips between them.")
@click.option("--trips", "trips_file", type=_PATH, help="CSV or Parquet: from, to (nodes), weight (optional).")
@click.option("--count", required=True, type=int, help="How many checkpoints.")
@_limit(None)
@_SEED
@_JSON
def checkpoints(
    prefix: Path, exits_file: Path | None, trips_file: Path | None, count: int, limit_s: float | None, as_json: bool
) -> None:
    """Choose the junctions that meet the most trips on their fastest ways.

    objective is the weight of the trips that meet a checkpoint, bound what no choice exceeds. exit_set, with --exits
    and --trips: the fewest junctions that shut every way between the exits and the other ends of trips.
    """
    streets = read_streets(prefix)
    travel = Travel(streets)
    exits = None if exits_file is None else _exits(exits_file, streets)
    trips = _trips(trips_file, exits, streets)
    began = time.perf_counter()
    stop = NoStop() if limit_s is None else TimeLimit(limit_s)
    found = place_checkpoints(travel, trips, count, stop=stop)
    ring = None
    if exits is not None and trips_file is not None:
        ends = np.setdiff1d(np.union1d(trips.origin, trips.target), exits)
        ring = streets.node_id[exit_set(travel, exits, ends)].tolist()
    proof = found.certificate
    document: dict[str, Any] = {
        "objective": proof.objective, "bound": proof.bound, "gap": proof.gap, "status": proof.status,
        "share": proof.objective / found.all_trips,
        "checkpoints": [
            {"node": int(streets.node_id[node]), "passing": float(passing)}
            for node, passing in zip(found.node, found.passing, strict=True)
        ],
        "exit_set": ring,
        "seconds": round(time.perf_counter() - began, 4),
    }  # fmt: skip
    if as_json:
        emit_json(document)
        return
    for one in document["checkpoints"]:
        click.echo(f"{one['node']:>10}  passed by {one['passing']:g}")
    click.echo(f"{proof.objective:g} of {found.all_trips:g} trips met, no choice more than {proof.bound:g}")
    if ring is not None:
        click.echo(f"every way out is shut by {len(ring)}: {' '.join(map(str, ring))}")


def _place(option: str, text: str, streets: Streets) -> Spots:
    """A node of the network, or the place nearest to a point."""
    if "," not in text:
        try:
            node = int(streets.index_of(int(text)))
        except ValueError:
            node = -1
        if node < 0:
            raise BadInput([Fault(option, "the network has no such node", text, "Write a node's number, or LON,LAT.")])
        return Spots.at_nodes([node])
    spot = streets.snap(*parse_point(option, text))
    if spot.off_m[0] > FARTHEST_OFF_M:
        what = "the place lies too far from every street of the network"
        remedy = "Write longitude before latitude, and check the network."
        raise BadInput([Fault(option, what, f"{spot.off_m[0]:.0f} m", remedy)])
    return spot


def _exits(file: Path, streets: Streets) -> IntArray:
    """Exits as junctions: a point on a street becomes the nearest one. Raises `BadInput`, also for repeated ones."""
    rows, faults = read_rows(file), Faults(keep=200)
    where = spots(faults, rows, streets)
    if not len(rows):
        faults.add(rows.file, "there is no exit", 0, "Give at least one.")
    faults.raise_if_any()
    nodes = junctions(streets, where)
    seen: dict[int, int] = {}
    for i, node in enumerate(nodes.tolist()):
        if node in seen:
            remedy = f"Row {rows.first_row + seen[node]} has it already; remove one."
            what = "the exit is given twice"
            faults.add(f"{rows.file}, row {rows.first_row + i}", what, streets.node_id[node], remedy)
        seen.setdefault(node, i)
    faults.raise_if_any()
    return nodes


def _ways_out(file: Path | None, radius_m: float | None, seen: Spots, streets: Streets) -> BoolArray:
    if (file is None) == (radius_m is None):
        given, remedy = 0 if file is None else 2, "Say where the vehicle is away."
        raise BadInput([Fault("--exits, --radius-m", "exactly one of the two is needed", given, remedy)])
    if radius_m is not None:
        return beyond(streets, seen, radius_m)
    assert file is not None
    return np.isin(np.arange(streets.node_count), _exits(file, streets))


def _trips(file: Path | None, exits: IntArray | None, streets: Streets) -> Trips:
    if file is None:
        if exits is None:
            raise BadInput([Fault("--trips, --exits", "one of them is needed", None, "Say which trips there are.")])
        return Trips.between(exits)
    rows, faults = read_rows(file), Faults(keep=200)
    origin, target = (_ends(faults, rows, column, streets) for column in ("from", "to"))
    weight = numbers(faults, rows, "weight", least=0.0) if rows.has("weight") else np.ones(len(rows))
    faults.raise_if_any()
    return Trips(origin, target, weight)


def _ends(faults: Faults, rows: Rows, column: str, streets: Streets) -> IntArray:
    if not rows.has(column):
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
        return np.zeros(0, np.int64)
    nodes = []
    for i, raw in enumerate(rows.columns[column]):
        try:
            nodes.append(int(streets.index_of(int(str(raw)))))
        except ValueError:
            nodes.append(-1)
        if nodes[-1] < 0:
            faults.add(rows.where(i, column), "the network has no such node", raw, "Give a node of the network.")
    return np.array(nodes, np.int64)


def _containment(found: Containment, table: UnitTable, streets: Streets, seconds: float) -> dict[str, Any]:
    names, proof, needed = streets.node_id, found.certificate, found.needed
    return {
        "status": "contained" if found.contained else "not contained",
        "units": [
            {
                "unit": table.name[found.unit[i]],
                "node": int(names[found.node[i]]),
                "arrive_s": float(found.arrive_s[i]),
                "needed_before_s": float(found.needed_before_s[i]),
            }
            for i in range(found.node.size)
        ],
        "bound": int(found.bound) if np.isfinite(found.bound) else None,
        "proven": found.bound == np.inf if proof is None else proof.status == "optimal",
        "inside": np.sort(names[found.inside]).tolist(),
        "escape": names[found.escape].tolist(),
        "needed": None if needed is None else {
            "earlier_s": needed.earlier_s,
            "unit_at": None if needed.node < 0 else {"node": int(names[needed.node]), "before_s": needed.before_s},
        },
        "seconds": round(seconds, 4),
    }  # fmt: skip


def _containment_text(document: dict[str, Any]) -> str:
    lines = [f"{'unit':<16} {'junction':>10}  arrives  before"]
    lines += [
        f"{one['unit']:<16} {one['node']:>10} {_minutes(one['arrive_s'])} {_minutes(one['needed_before_s'])}"
        for one in document["units"]
    ]
    count = f"{len(document['units'])} units, {len(document['inside'])} junctions inside"
    proof = "proven" if document["proven"] else f"bound {document['bound']}"
    lines.append(f"{document['status']}: {count}, {proof}")
    if document["escape"]:
        lines.append(f"way out: {' '.join(map(str, document['escape']))}")
    if needed := document["needed"]:
        if np.isfinite(needed["earlier_s"]):
            lines.append(f"units {needed['earlier_s']:.0f} s earlier would contain it")
        if there := needed["unit_at"]:
            lines.append(f"one more unit at {there['node']} before {_minutes(there['before_s'])} would contain it")
    return "\n".join(lines)


def _minutes(seconds: float) -> str:
    if not np.isfinite(seconds):
        return f"{'never':>8}"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:>5}:{rest:02}"
