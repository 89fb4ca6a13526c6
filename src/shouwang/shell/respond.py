"""`shouwang respond`: the units that reach a call soonest by road."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.errors import BadInput, Fault, Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.recommend import KEEPS_COVER, LATER, LEAVES_GAP, NEAREST, ONLY, Advice, Reason, Units
from shouwang.engine.respond.recommend import recommend as recommend_units
from shouwang.shell._io import emit_json, parse_point, streets_option
from shouwang.tables.places import FARTHEST_OFF_M, read_rows, spots, unique_texts
from shouwang.tables.streets import read_streets
from shouwang.tables.units import UnitTable, read_units

_WORDS = {
    NEAREST: "nearest by road",
    ONLY: "the only unit that can get there",
    LATER: "{by_s:.0f} s after the nearest",
    LEAVES_GAP: "leaves {share:.1%} of expected calls unreached in time",
    KEEPS_COVER: "the others keep the cover",
}


@click.command()
@streets_option
@click.option(
    "--units",
    "units_file",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: unit and lon,lat or node; kind, service, capabilities (a;b) optional.",
)
@click.option(
    "--at",
    required=True,
    metavar="LON,LAT|CALLS.csv",
    help="The call, or a CSV of calls (id,lon,lat): one line of JSON per call.",
)
@click.option("--k", default=5, show_default=True, type=click.IntRange(min=1), help="How many units.")
@click.option("--service", default="", help="Only units of this service.")
@click.option("--need", multiple=True, help="Only units with this capability; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def respond(
    prefix: Path, units_file: Path, at: str, k: int, service: str, need: tuple[str, ...], as_json: bool
) -> None:
    """Recommend the units that reach a call soonest by road.

    Coordinates are degrees, or metres where the network has x_m, y_m. A point within 1 m of a node is that
    node; others lie on the nearest edge. elapsed_ms is the time to answer, without reading the files.
    Exit code 3: no unit can reach the call (of a CSV: at least one of the calls).
    """
    streets = read_streets(prefix)
    table = read_units(units_file, streets)
    able = np.array([
        (not service or table.service[i] == service) and table.capabilities[i].issuperset(need)
        for i in range(len(table.name))
    ])  # fmt: skip
    units = Units.at(table.spots, able=able)
    travel = Travel(streets)
    many = _is_file(at)
    names, calls = _calls(at, streets) if many else ([""], _one_call(at, streets))
    recommend_units(travel, calls[[0]], units, k)  # loads compiled code before the clock starts
    unanswered = []
    for name, document in _answers(travel, names, calls, units, table, k):
        if many or as_json:
            emit_json({"id": name} | document if many else document)
        else:
            click.echo(_as_table(document))
        if not document["recommendations"]:
            unanswered.append(name)
    if unanswered:
        raise NoAnswer(f"No unit can reach {', '.join(unanswered) if many else 'the call'}.")


def _is_file(at: str) -> bool:
    return at.lower().endswith((".csv", ".parquet")) or Path(at).is_file()


def _one_call(at: str, streets: Streets) -> Spots:
    call = streets.snap(*parse_point("--at", at))
    if call.off_m[0] > FARTHEST_OFF_M:
        what = "the place lies too far from every street of the network"
        remedy = "Write longitude before latitude, and check the network."
        raise BadInput([Fault("--at", what, f"{call.off_m[0]:.0f} m", remedy)])
    return call


def _calls(at: str, streets: Streets) -> tuple[list[str], Spots]:
    rows = read_rows(at)
    faults = Faults()
    names, where = unique_texts(faults, rows, "id"), spots(faults, rows, streets)
    if rows.has("id") and not names:
        faults.add(rows.file, "there is no call", 0, "Give at least one call.")
    faults.raise_if_any()
    return names, where


def _answers(
    travel: Travel, names: list[str], calls: Spots, units: Units, table: UnitTable, k: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for i, name in enumerate(names):
        began = time.perf_counter()
        advice = recommend_units(travel, calls[[i]], units, k)
        elapsed_ms = (time.perf_counter() - began) * 1e3
        yield name, _document(advice, table) | {"elapsed_ms": round(elapsed_ms, 3)}


def _document(advice: Advice, table: UnitTable) -> dict[str, Any]:
    return {
        "recommendations": [
            {
                "unit": table.name[one.unit],
                "eta_s": round(one.eta_s, 6),
                "distance_m": round(one.distance_m, 3),
                "reason": "; ".join(_worded(reason) for reason in one.reasons),
            }
            for one in advice.recommendations
        ]
    }


def _worded(reason: Reason) -> str:
    return _WORDS[reason.code].format(**reason.values)


def _as_table(document: dict[str, Any]) -> str:
    lines = [f"{'unit':<16} {'arrives':>8} {'by road':>10}  reason"]
    for one in document["recommendations"]:
        minutes, seconds = divmod(round(one["eta_s"]), 60)
        distance_km = one["distance_m"] / 1e3
        lines.append(f"{one['unit']:<16} {minutes:>5}:{seconds:02} {distance_km:>7.2f} km  {one['reason']}")
    return "\n".join(lines)
