"""The streets around a call as a drawing to print: SVG, black on white, at a scale that is written on it."""
from __future__ import annotations

from collections import defaultdict
from html import escape

import numpy as np
import shapely

from shouwang.desk.places import facts as places
from shouwang.desk.places.streets import NARROWEST, WIDTH
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Streets

WIDE_M, HIGH_M = 1200.0, 700.0  # of the ground
SIZE = (840.0, 490.0)
INK = {1: (7.0, "#777"), 2: (5.0, "#999"), 3: (2.5, "#aaa"), 4: (1.2, "#bbb")}  # stroke by width of the street
NAMED, LEAST_NAMED = 14, 90.0  # names at most, and the length on the drawing from which a street has one
BAR_M = 200


def plot(lon: float, lat: float, severity: int) -> str:
    """The drawing, "" without streets. The call is a diamond in the middle with its level."""
    try:
        streets = places.streets()
    except NoAnswer:
        return ""
    if streets.plane is None:
        return ""
    scale, (wide, high) = SIZE[0] / WIDE_M, SIZE
    x0, y0 = (float(v) for v in streets.plane.to_xy(lon, lat))
    lines = _lines(streets, x0, y0, scale)
    drawn = "".join(
        f'<path d="{_path(line)}" fill="none" stroke="{INK[width][1]}" stroke-width="{INK[width][0]}"/>'
        for width in sorted(lines) for _name, line in lines[width])  # the widest first, the narrow ones above
    r = 13 if severity == 1 else 11
    cx, cy = wide / 2, high / 2
    fill, ink = ("#000", "#fff") if severity <= 2 else ("#fff", "#000")
    diamond = f"M{cx} {cy - r}L{cx + r} {cy}L{cx} {cy + r}L{cx - r} {cy}Z"
    bar = BAR_M * scale
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" font-family="sans-serif">'
            f'<rect width="{wide:g}" height="{high:g}" fill="#fff"/>{drawn}{_names(lines)}'
            f'<circle cx="{cx}" cy="{cy}" r="{r + 11}" fill="none" stroke="#000" stroke-dasharray="3 3"/>'
            f'<path d="{diamond}" fill="{fill}" stroke="#000" stroke-width="2"/>'
            f'<text x="{cx}" y="{cy + 5}" font-size="14" font-weight="700" text-anchor="middle" fill="{ink}">{severity}'
            f'</text><path d="M16 {high - 16}v-6M16 {high - 16}h{bar:g}v-6" fill="none" stroke="#000" '
            f'stroke-width="2"/>'
            f'<text x="{22 + bar:g}" y="{high - 14}" font-size="13">{BAR_M} m</text>'
            f'<path d="M{wide - 24} 34V10l-6 9M{wide - 24} 10l6 9" fill="none" stroke="#000" stroke-width="2"/>'
            f'<text x="{wide - 24}" y="48" font-size="13" text-anchor="middle">N</text>'
            f'<rect x="1" y="1" width="{wide - 2:g}" height="{high - 2:g}" fill="none" stroke="#000"/></svg>')


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


def _path(line: shapely.LineString) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line.coords)


def _names(lines: dict[int, list[tuple[str, shapely.LineString]]]) -> str:
    """The longest course of each street bears its name, the widest streets first; none over another."""
    longest: dict[str, tuple[int, shapely.LineString]] = {}
    for width, found in lines.items():
        for name, line in found:
            if name and line.length >= LEAST_NAMED and (
                    name not in longest or line.length > longest[name][1].length):
                longest[name] = (width, line)
    out: list[str] = []
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
        out.append(f'<text transform="translate({middle.x:.1f} {middle.y:.1f}) rotate({turn:.1f})" y="4" '
                   f'font-size="12" text-anchor="middle" fill="#000" stroke="#fff" stroke-width="3" '
                   f'paint-order="stroke">'
                   f'{escape(name)}</text>')
    return "".join(out)
