"""`shouwang deploy tours`: which places each unit watches when, and the streets between."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.deploy.on_streets import street_demand
from shouwang.engine.deploy.tours import Floor, Rules, Tour, Tours, hot_places, plan_tours
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray
from shouwang.shell._io import emit_json, say, streets_option
from shouwang.tables.places import Rows, numbers, read_rows, spots, unique_texts
from shouwang.tables.streets import read_streets

_FILE = click.Path(path_type=Path)


@click.command()
@streets_option
@click.option("--units", "units_file", type=_FILE, required=True,
              help="CSV or Parquet: unit, and node or lon,lat of its post.")
@click.option("--demand", "demand_file", type=_FILE, required=True,
              help="CSV or Parquet: node or lon,lat, and weight (calls expected).")
@click.option("--stops", "stops_file", type=_FILE,
              help="CSV or Parquet: stop (a name), node or lon,lat, weight. Left out, the junctions with most demand.")
@click.option("--stops-per-unit", type=click.IntRange(1, 100), default=5, show_default=True,
              help="How many junctions are taken per unit where no --stops are given.")
@click.option("--windows", default="0-28800", show_default=True,
              help="Seconds from-to of each stretch of touring; in between units stand at their posts.")
@click.option("--dwell-s", default="600-960", show_default=True, help="Least and most seconds at a stop.")
@click.option("--revisit-s", type=float, default=7200.0, show_default=True, help="A stop is seen again within so long.")
@click.option("--detour", type=float, default=1.4, show_default=True,
              help="How many times the fastest way a way between stops may take to see more.")
@click.option("--floor", "share", type=float, help="Least share of demand in reach at every moment, 0 to 1.")
@click.option("--within-s", type=float, help="Seconds that count as in reach, for --floor.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives another order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def tours(
    prefix: Path, units_file: Path, demand_file: Path, stops_file: Path | None, stops_per_unit: int, windows: str,
    dwell_s: str, revisit_s: float, detour: float, share: float | None, within_s: float | None, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Plan tours: units dwell at hot places in an order nobody can foretell, and drive past busy streets in between.

    seen is, per hour, the share of demand × metres on the streets passed. objective is its mean, bound what driving
    alone could see. cover is the least share of demand in reach at any moment. late and overstayed are 0 unless the
    floor holds units back.
    """
    began = time.perf_counter()
    rules = _rules(windows, dwell_s, revisit_s, detour, share, within_s)
    night = _read(prefix, units_file, demand_file, stops_file, stops_per_unit)
    floor = None if share is None or within_s is None else night.floor(within_s, share)
    found = plan_tours(
        night.travel, night.posts, night.stops, night.worth, night.on_streets, rules, np.random.default_rng(seed), floor
    )
    document = _document(night, found, time.perf_counter() - began)
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


@dataclass(frozen=True, slots=True)
class _Night:
    """posts, stops: nodes; worth: per stop; on_streets: demand per edge; demand, weight: where calls are expected."""

    travel: Travel
    units: list[str]
    posts: IntArray
    names: list[str]
    stops: IntArray
    worth: FloatArray
    demand: Spots
    weight: FloatArray
    on_streets: FloatArray

    def floor(self, within_s: float, share: float) -> Floor:
        """What has to stay in reach."""
        say("Measuring travel times by road.")
        places = Spots.at_nodes(np.concatenate([self.posts, self.stops]))
        return Floor(self.travel.matrix(places, self.demand), self.weight, within_s, share)


def _rules(
    windows: str, dwell_s: str, revisit_s: float, detour: float, share: float | None, within_s: float | None
) -> Rules:
    faults = Faults()
    stretches = [_from_to(faults, "--windows", part) for part in windows.split(",")]
    dwell = _from_to(faults, "--dwell-s", dwell_s)
    for option, value, other in (("--within-s", within_s, share), ("--floor", share, within_s)):
        if value is None and other is not None:
            faults.add(option, "the option is missing", None, "Give --floor and --within-s together.")
    faults.raise_if_any()
    return Rules(tuple(stretches), dwell, revisit_s, detour)


def _from_to(faults: Faults, option: str, text: str) -> tuple[float, float]:
    try:
        start_s, end_s = (float(part) for part in text.split("-"))
    except ValueError:
        faults.add(option, "this is not a stretch of time", text, "Write from-to in seconds, for example 600-960.")
        return 0.0, 1.0
    return start_s, end_s


def _read(
    prefix: Path, units_file: Path, demand_file: Path, stops_file: Path | None, stops_per_unit: int
) -> _Night:
    streets = read_streets(prefix)
    units, demand = read_rows(units_file), read_rows(demand_file)
    stops = None if stops_file is None else read_rows(stops_file)
    faults = Faults(keep=200)
    names, posts = unique_texts(faults, units, "unit"), spots(faults, units, streets)
    weight, places = _weights(faults, demand), spots(faults, demand, streets)
    named: tuple[list[str], Spots, FloatArray] | None = None
    if stops is not None:
        named = unique_texts(faults, stops, "stop"), spots(faults, stops, streets), _weights(faults, stops)
    for rows in (units, demand):
        if not len(rows):
            faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    faults.raise_if_any()
    travel, on_streets = Travel(streets), street_demand(streets, places, weight)
    if named is None:
        nodes, worth = hot_places(travel, on_streets, stops_per_unit * len(names))
        stop_names = [str(number) for number in streets.node_id[nodes]]
    else:
        stop_names, nodes, worth = named[0], _nodes(streets, named[1]), named[2]
    return _Night(
        travel, names, _nodes(streets, posts), stop_names, nodes, worth, places, weight, on_streets
    )


def _weights(faults: Faults, rows: Rows) -> FloatArray:
    if not rows.has("weight"):
        faults.add(f"{rows.file}, column weight", "the column is missing", None, "Add it.")
        return np.zeros(len(rows))
    return numbers(faults, rows, "weight", least=0.0)


def _nodes(streets: Streets, places: Spots) -> IntArray:
    """The junction at, or at the nearer end of the street of, each place: cars stop at street corners."""
    edge = np.maximum(places.edge, 0)
    nearer = np.where(places.fraction < 0.5, streets.tail[edge], streets.head[edge])
    return np.where(places.node >= 0, places.node, nearer).astype(np.int64)


def _document(night: _Night, found: Tours, seconds: float) -> dict[str, Any]:
    certificate = found.certificate
    return {
        "objective": certificate.objective,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "status": certificate.status,
        "seen": found.seen.tolist(),
        "cover": found.cover,
        "longest_gap_s": found.longest_gap_s,
        "late": found.late,
        "overstayed": found.overstayed,
        "left_out": [night.names[stop] for stop in found.left_out],
        "tours": [
            {"unit": unit, "visits": _visits(night, tour)} for unit, tour in zip(night.units, found.tours, strict=True)
        ],
        "seconds": round(seconds, 4),
    }


def _visits(night: _Night, tour: Tour) -> list[dict[str, Any]]:
    """Stops with the streets on the way there; the post is "post"."""
    rows, before_s = [], -np.inf
    for visit in tour.visits:
        way = tour.edges[(tour.at_s >= before_s) & (tour.at_s < visit.arrive_s)]
        name = night.names[visit.stop] if visit.stop >= 0 else "post"
        rows.append(
            {
                "stop": name, "arrive_s": round(visit.arrive_s, 1), "leave_s": round(visit.leave_s, 1),
                "streets": list(night.travel.street_names(way)),
            }
        )  # fmt: skip
        before_s = visit.leave_s
    return rows


def _as_text(document: dict[str, Any]) -> str:
    hours = " ".join(f"{share:.1%}" for share in document["seen"])
    lines = [
        f"seen per hour {hours}; least cover {document['cover']:.1%}; "
        f"longest gap {document['longest_gap_s'] / 60:.0f} min; {document['late']} late, "
        f"{document['overstayed']} overstayed, {len(document['left_out'])} stops left out",
    ]
    for tour in document["tours"]:
        lines.append(tour["unit"])
        for visit in tour["visits"]:
            clock = "–".join(_clock(visit[moment]) for moment in ("arrive_s", "leave_s"))
            lines.append(f"  {clock}  {visit['stop']:<12} {' › '.join(visit['streets'])}".rstrip())
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"
