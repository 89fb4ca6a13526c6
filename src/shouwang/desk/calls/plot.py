"""The streets around a call as a drawing to print: black on white, at a scale that is written on it."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.translation import gettext as _

from shouwang.desk.places import facts as places
from shouwang.desk.places.streets import NARROWEST, WIDTH
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Streets
from shouwang.tables.drawing import Drawing, Stroke, Words, circle

WIDE_M, HIGH_M = 1200.0, 700.0  # of the ground
SIZE = (840.0, 490.0)
INK = {1: (7.0, "#777777"), 2: (5.0, "#999999"), 3: (2.5, "#aaaaaa"), 4: (1.2, "#bbbbbb")}  # by width of the street
NAMED, LEAST_NAMED = 14, 90.0  # names at most, and the length on the drawing from which a street has one
BAR_M = 200
BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True)
class Seen:
    """A unit as it was last seen."""

    name: str
    lon: float
    lat: float


def plot(lon: float, lat: float, severity: int, seen: Sequence[Seen] = ()) -> Drawing | None:
    """The drawing, None without streets. The call is a diamond in the middle with its level, a unit a square with its
    name; units beyond the edge are left out."""
    try:
        streets = places.streets()
    except NoAnswer:
        return None
    if streets.plane is None:
        return None
    scale, (wide, high) = SIZE[0] / WIDE_M, SIZE
    x0, y0 = (float(v) for v in streets.plane.to_xy(lon, lat))
    lines = _lines(streets, x0, y0, scale)
    drawn = [Stroke(list(line.coords), INK[width][1], INK[width][0])
             for width in sorted(lines) for _name, line in lines[width]]  # the widest first, the narrow ones above
    bar = BAR_M * scale
    return Drawing(wide, high, (
        Stroke([(0, 0), (wide, 0), (wide, high), (0, high)], WHITE, 0.0, WHITE, closed=True), *drawn, *_names(lines),
        *_call(severity), *_units(streets, seen, x0, y0, scale),
        Stroke([(16, high - 22), (16, high - 16), (16 + bar, high - 16), (16 + bar, high - 22)], width=2),
        Words(22 + bar, high - 14, f"{BAR_M} m", 13, halo=True),
        Stroke([(wide - 24, 34), (wide - 24, 10), (wide - 30, 19)], width=2),
        Stroke([(wide - 24, 10), (wide - 18, 19)], width=2), Words(wide - 24, 48, "N", 13, "middle", halo=True),
        Stroke([(1, 1), (wide - 1, 1), (wide - 1, high - 1), (1, high - 1)], closed=True)),
        _("Streets around the call"))


def _call(severity: int) -> list[Stroke | Words]:
    r = 13 if severity == 1 else 11
    cx, cy = SIZE[0] / 2, SIZE[1] / 2
    fill, ink = (BLACK, WHITE) if severity <= 2 else (WHITE, BLACK)
    return [Stroke(circle(cx, cy, r + 11), dash=(3, 3)),
            Stroke([(cx, cy - r), (cx + r, cy), (cx, cy + r), (cx - r, cy)], width=2, fill=fill, closed=True),
            Words(cx, cy + 5, str(severity), 14, "middle", bold=True, ink=ink)]


def _units(streets: Streets, seen: Sequence[Seen], x0: float, y0: float, scale: float) -> list[Stroke | Words]:
    assert streets.plane is not None
    out: list[Stroke | Words] = []
    for unit in seen:
        east, north = (float(v) for v in streets.plane.to_xy(unit.lon, unit.lat))
        x, y = (east - x0) * scale + SIZE[0] / 2, SIZE[1] / 2 - (north - y0) * scale
        if 0 < x < SIZE[0] and 0 < y < SIZE[1]:
            out += [Stroke([(x - 6, y - 6), (x + 6, y - 6), (x + 6, y + 6), (x - 6, y + 6)], width=2, fill=WHITE,
                           closed=True), Words(x + 10, y - 6, unit.name, 13, bold=True, halo=True)]
    return out


def _lines(streets: Streets, x0: float, y0: float, scale: float) -> dict[int, list[tuple[str, shapely.LineString]]]:
    """What is to be drawn, by width: name and course on the drawing, cut at its edge."""
    near = (np.abs(streets.x_m - x0) < WIDE_M) & (np.abs(streets.y_m - y0) < WIDE_M)
    once = (streets.opposite < 0) | (np.arange(streets.edge_count) < streets.opposite)
    edges = np.flatnonzero((near[streets.tail] | near[streets.head]) & once)
    assert streets.plane is not None
    plane, frame = streets.plane, shapely.box(0, 0, *SIZE)
    pieces: dict[tuple[int, str], list[shapely.LineString]] = defaultdict(list)
    for edge, line in zip(edges.tolist(), streets.lines(edges), strict=True):
        x, y = plane.to_xy(*np.array(line.coords).T)
        at = np.column_stack([(x - x0) * scale + SIZE[0] / 2, SIZE[1] / 2 - (y - y0) * scale])
        kind = "" if streets.kind is None else str(streets.kind[edge] or "")
        name = "" if streets.name is None else str(streets.name[edge] or "")
        pieces[WIDTH.get(kind, NARROWEST), name].append(shapely.LineString(at))
    out: dict[int, list[tuple[str, shapely.LineString]]] = defaultdict(list)
    for (width, name), found in pieces.items():
        joined = shapely.line_merge(shapely.multilinestrings(found)).intersection(frame)
        parts = shapely.get_parts(joined)
        out[width] += [(name, p) for p in parts if p.geom_type == "LineString" and not p.is_empty]
    return out


def _names(lines: dict[int, list[tuple[str, shapely.LineString]]]) -> list[Words]:
    """The longest course of each street bears its name, the widest streets first; none over another."""
    longest: dict[str, tuple[int, shapely.LineString]] = {}
    for width, found in lines.items():
        for name, line in found:
            if name and line.length >= LEAST_NAMED and (
                    name not in longest or line.length > longest[name][1].length):
                longest[name] = (width, line)
    out: list[Words] = []
    taken = [shapely.Point(SIZE[0] / 2, SIZE[1] / 2).buffer(30)]
    for name, (_width, line) in sorted(longest.items(), key=lambda n: (n[1][0], -n[1][1].length, n[0])):
        if len(out) == NAMED:
            break
        middle, ahead = line.interpolate(0.5, normalized=True), line.interpolate(line.length / 2 + 8)
        turn = float(np.degrees(np.arctan2(ahead.y - middle.y, ahead.x - middle.x)))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        room = middle.buffer(7 * len(name) / 2 if name.isascii() else 13 * len(name) / 2)
        if any(room.intersects(other) for other in taken):
            continue
        taken.append(room)
        below = 4 * np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))])  # the letters' middle on the line
        out.append(Words(float(middle.x + below[0]), float(middle.y + below[1]), name, 12, "middle", turn, halo=True))
    return out
