"""Which stretches a click or a drawn area means, on the streets in use. The room's only door to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
import shapely
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.places import facts as places
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.closures import stretch, touched
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import IntArray

from .terms import MOST_EDGES, Line, Pick, Picked

FARTHEST_OFF_M = 60.0  # a click farther from every street means none
NAMES = 3


def picked(picks: Sequence[Pick], ring: Sequence[tuple[float, float]]) -> Picked:
    """The stretches under some clicks, or all streets that a drawn area touches. Raises Refused at the field for a
    click on no street, the wrong way of a one-way street, an area that crosses itself or holds no street; Conflict
    while there are no streets."""
    try:
        streets = places.streets()
    except NoAnswer:
        raise Conflict(_("No streets are loaded: an administrator has to import them."), code="streets") from None
    if bool(picks) == bool(ring):
        raise Refused(_("Click at least one street, or draw an area."), field="picks", code="needs")
    if ring:
        edges, lines = _inside(streets, ring)
    else:
        parts = [_stretch(streets, pick, f"picks.{n}") for n, pick in enumerate(picks)]
        edges = np.unique(np.concatenate([one for one, _line in parts]))
        lines = _each_once([line for _edges, line in parts])
    if edges.size > MOST_EDGES:
        says = _("That is too much for one closure. Draw a smaller area.")
        raise Refused(says, field="ring" if ring else "picks", code="many")
    once = _once(streets, edges)
    zh, en = _name(streets, once, lines)
    return Picked(tuple(edges.tolist()), lines, float(streets.length_m[once].sum()), zh[:160], en[:160],
                  _area(streets, edges))  # fmt: skip


def _stretch(streets: Streets, pick: Pick, field: str) -> tuple[IntArray, Line]:
    spot = streets.snap([pick.lon], [pick.lat])
    if spot.off_m[0] > FARTHEST_OFF_M:
        raise Refused(_("There is no street here. Click on one."), field=field, code="far")
    ahead = stretch(streets, spot)
    back = streets.opposite[ahead]
    path = _path(streets, ahead)
    if pick.direction == "back":
        if (back < 0).any():
            raise Refused(_("This street runs one way only."), field=field, code="one_way")
        return back, Line(path=path[::-1], one_way=True)
    if pick.direction == "forward":
        return ahead, Line(path=path, one_way=bool((back >= 0).any()))
    return np.concatenate([ahead, back[back >= 0]]), Line(path=path, one_way=False)


def _each_once(lines: Sequence[Line]) -> list[Line]:
    found: list[Line] = []
    for line in lines:
        if line not in found:
            found.append(line)
    return found


def _inside(streets: Streets, ring: Sequence[tuple[float, float]]) -> tuple[IntArray, list[Line]]:
    if len(ring) < 3:
        raise Refused(_("An area needs three corners."), field="ring", code="ring")
    shape = shapely.Polygon(ring)
    if not shape.is_valid:
        raise Refused(_("The border of the area crosses itself."), field="ring", code="ring")
    edges = touched(streets, shape)
    if not edges.size:
        raise Refused(_("No street runs through this area."), field="ring", code="ring")
    back = streets.opposite[edges]
    edges = np.union1d(edges, back[back >= 0])
    joined = shapely.line_merge(shapely.multilinestrings(streets.lines(_once(streets, edges))))
    parts = [np.round(shapely.get_coordinates(one), 6).tolist() for one in shapely.get_parts(joined)]
    return edges, [Line(path=path, one_way=False) for path in parts]


def _once(streets: Streets, edges: IntArray) -> IntArray:
    """One of each pair of opposites among some edges."""
    back = streets.opposite[edges]
    return np.asarray(edges[~(np.isin(back, edges) & (back < edges) & (back >= 0))], np.int64)


def _path(streets: Streets, edges: IntArray) -> list[list[float]]:
    """The course of edges that follow each other."""
    path: list[list[float]] = []
    for line in streets.lines(edges):
        points = np.round(shapely.get_coordinates(line), 6).tolist()
        path += points[1:] if path and path[-1] == points[0] else points
    return path


def _name(streets: Streets, edges: IntArray, lines: Sequence[Line]) -> tuple[str, str]:
    """The streets, the longest first, and the crossing near the middle."""
    metres: dict[str, float] = {}
    if streets.name is not None:
        for name, length in zip(streets.name[edges].tolist(), streets.length_m[edges].tolist(), strict=True):
            if name:
                metres[name] = metres.get(name, 0.0) + length
    names = sorted(metres, key=lambda n: (-metres[n], n))
    more = "…" if len(names) > NAMES else ""
    longest = max((line["path"] for line in lines), key=len)
    near_zh, near_en = places.nearest_crossing(*longest[len(longest) // 2])
    zh, en = (sep.join(names[:NAMES]) + more for sep in ("、", ", "))
    return (f"{zh}（{near_zh}）" if zh and near_zh else zh or near_zh or "道路",
            f"{en} ({near_en})" if en and near_en else en or near_en or "Street")  # fmt: skip


def _area(streets: Streets, edges: IntArray) -> str:
    """The smallest area that holds both ends of every edge; beyond the border the district counts."""
    top = places.district()
    lon, lat = streets.coordinates(np.unique(np.concatenate([streets.tail[edges], streets.head[edges]])))
    paths = {places.locate(x, y) or (top.area if top else "") for x, y in zip(lon.tolist(), lat.tolist(), strict=True)}
    codes = zip(*(path.split("/")[:-1] for path in sorted(paths)), strict=False)
    return "".join(f"{same[0]}/" for same in takewhile(lambda level: len(set(level)) == 1, codes))
