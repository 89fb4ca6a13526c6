"""`shouwang travel`: how long from here to there, by which streets, and how far one gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import numpy as np
import shapely

from shouwang.engine.errors import BadInput, Fault, Faults, NoAnswer
from shouwang.engine.geo.isochrone import WIDTH_M, isochrone
from shouwang.engine.geo.pace import HOURS, edge_times
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Route, Travel
from shouwang.shell._io import emit_json, parse_point, streets_option
from shouwang.tables.pace import EXAMPLE, read_pace
from shouwang.tables.places import FARTHEST_OFF_M
from shouwang.tables.streets import read_streets

_PAIR = re.compile(r"(-?\d+)-(-?\d+)")


@click.command()
@streets_option
@click.option("--from", "start", required=True, metavar="LON,LAT|NODE", help="Where the way begins.")
@click.option("--to", "goals", multiple=True, metavar="LON,LAT|NODE", help="Where it leads; may be repeated.")
@click.option(
    "--hour", type=click.IntRange(0, HOURS - 1), help="Hour of the week, 0 is Monday 0:00; else free streets."
)
@click.option("--pace", "pace_file", type=click.Path(path_type=Path), default=EXAMPLE, metavar="FILE",
              help="Factors by class and hour (CSV). Without it: example values, not measured anywhere.")  # fmt: skip
@click.option("--close", "closed", multiple=True, metavar="LON,LAT|U-V",
              help="Close a street: the one nearest to a point, or between two nodes; may be repeated.")  # fmt: skip
@click.option("--slow", "slowed", multiple=True, metavar="LON,LAT:X|U-V:X",
              help="Slow a street down by a factor X of 1 or more; may be repeated.")  # fmt: skip
@click.option("--isochrone", "limits_s", multiple=True, type=float, metavar="SECONDS",
              help="The area within so many seconds; may be repeated.")  # fmt: skip
@click.option(
    "--width", "width_m", default=WIDTH_M, show_default=True, help="Metres beside a street that belong to it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def travel(
    prefix: Path, start: str, goals: tuple[str, ...], hour: int | None, pace_file: Path, closed: tuple[str, ...],
    slowed: tuple[str, ...], limits_s: tuple[float, ...], width_m: float, as_json: bool,
) -> None:  # fmt: skip
    """Travel times, ways with the names of streets, and areas that can be reached.

    Closures, slow-downs and the hour hold together. Coordinates are degrees, or metres where the network has x_m, y_m.
    Exit code 3: no road leads to one of the places.
    """
    streets = read_streets(prefix)
    faults = Faults()
    if not goals and not limits_s:
        faults.add("--to", "there is nothing to answer", None, "Give --to, --isochrone, or both.")
    origin = _spot(faults, "--from", start, streets)
    targets = [_spot(faults, "--to", goal, streets) for goal in goals]
    shut = [edge for text in closed for edge in _edges(faults, "--close", text, streets)]
    slow = [(edge, by) for text in slowed for edge, by in _slowed(faults, text, streets)]
    faults.raise_if_any()
    times_s = edge_times(
        streets, pace=None if hour is None else read_pace(pace_file), hour=hour or 0, closed=shut,
        slowed=[edge for edge, _ in slow], slowed_by=np.array([by for _, by in slow]),
    )  # fmt: skip
    road = Travel(streets, times_s)
    routes = [road.route(origin, target) for target in targets]
    areas = [(limit_s, isochrone(road, origin, limit_s, width_m=width_m)) for limit_s in limits_s]
    document = {
        "routes": [_document(road, origin, target, route) for target, route in zip(targets, routes, strict=True)],
        "isochrones": [_feature({"seconds": limit_s}, area) for limit_s, area in areas],
    }
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(goals, routes, areas, streets))
    cut_off = [goal for goal, route in zip(goals, routes, strict=True) if route is None]
    if cut_off:
        raise NoAnswer(f"No road leads to {', '.join(cut_off)}.")


def _spot(faults: Faults, option: str, text: str, streets: Streets) -> Spots:
    """A place given as a point or as the number of a node."""
    try:
        if re.fullmatch(r"-?\d+", text):
            node = int(streets.index_of(int(text)))
            if node < 0:
                raise BadInput([Fault(option, "the network has no such node", text, "Give a node of the network.")])
            return Spots.at_nodes(node)
        spot = streets.snap(*parse_point(option, text))
        if spot.off_m[0] > FARTHEST_OFF_M:
            what = "the place lies too far from every street of the network"
            remedy = "Write longitude before latitude, and check the network."
            raise BadInput([Fault(option, what, f"{spot.off_m[0]:.0f} m", remedy)])
    except BadInput as error:
        faults.extend(error)
        return Spots.at_nodes(0)
    return spot


def _edges(faults: Faults, option: str, text: str, streets: Streets) -> list[int]:
    """The edges of a street given as U-V, or as a point beside it; opposites follow by themselves."""
    if match := _PAIR.fullmatch(text):
        u, v = (int(streets.index_of(int(number))) for number in match.groups())
        found = np.flatnonzero(
            ((streets.tail == u) & (streets.head == v)) | ((streets.tail == v) & (streets.head == u))
        )
        if not found.size:
            faults.add(option, "no street joins these nodes", text, "Give the two ends of a street, U-V.")
        return [int(edge) for edge in found]
    spot = _spot(faults, option, text, streets)
    if spot.edge[0] >= 0:
        return [int(spot.edge[0])]
    faults.add(
        option, "the point lies at a crossing, where streets meet", text, "Give a point along the street, or U-V."
    )
    return []


def _slowed(faults: Faults, text: str, streets: Streets) -> list[tuple[int, float]]:
    where, _, factor = text.rpartition(":")
    try:
        by = float(factor)
    except ValueError:
        by = np.nan
    if not 1 <= by < np.inf:
        faults.add("--slow", "a slow-down is a street and a factor of 1 or more", text, "Write LON,LAT:X or U-V:X.")
        return []
    return [(edge, by) for edge in _edges(faults, "--slow", where, streets)]


def _document(road: Travel, origin: Spots, target: Spots, route: Route | None) -> dict[str, Any] | None:
    if route is None:
        return None
    return {
        "seconds": round(route.seconds, 6),
        "length_m": round(route.length_m, 3),
        "streets": list(route.streets),
        "nodes": road.streets.node_id[route.nodes].tolist(),
        "line": shapely.geometry.mapping(road.line(route, origin, target)),
    }


def _feature(properties: dict[str, Any], shape: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}


def _as_text(
    goals: tuple[str, ...], routes: list[Route | None], areas: list[tuple[float, Any]], streets: Streets
) -> str:
    lines = []
    for goal, route in zip(goals, routes, strict=True):
        if route is None:
            lines.append(f"{goal}: no road leads there")
            continue
        minutes, seconds = divmod(round(route.seconds), 60)
        lines.append(f"{goal}: {minutes}:{seconds:02}, {route.length_m / 1e3:.2f} km")
        lines.append("  " + (" → ".join(route.streets) or "streets without names"))
    for limit_s, area in areas:
        km2 = _in_metres(area, streets).area / 1e6
        lines.append(f"within {limit_s:g} s: {km2:.2f} km²")
    return "\n".join(lines)


def _in_metres(area: Any, streets: Streets) -> Any:
    return shapely.transform(area, lambda at: np.column_stack(streets.to_xy(at[:, 0], at[:, 1])))
