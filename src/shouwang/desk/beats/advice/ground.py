"""What is divided: cells with their calls, the beats of today, and where patrols stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.engine.terms import FloatArray, IntArray

from ..terms import Question

DAY_H = 24
MOST_CELLS = 3_000
"""The table of drives from each cell to each grows with the square."""


def stored(asked: Question, forecast: str, now: datetime) -> dict[str, Any]:
    """All that a run rests on beside the question. Raises Refused at the field for what cannot be divided."""
    names = places.area_names()
    cells = land(asked.area)
    paths = [cell.area for cell in cells]
    parts = regions(asked)
    region = [next((n for n, part in enumerate(parts) if path.startswith(part.area)), -1) for path in paths]
    _check_counts(asked, parts, region)
    told = patrol.cells_of(forecast)
    of = _inside(cells, told.lon, told.lat)
    daily = calls(forecast, of, len(cells)).mean(axis=0) * DAY_H
    here = np.array([path.startswith(asked.area) for path in told.area], bool)
    outside = float(told.expected[:, here & (of < 0)].sum(axis=1).mean()) * DAY_H
    for n, part in enumerate(parts):
        if not daily[np.array(region) == n].any():
            raise Refused(_("No call is expected in %(area)s.") % {"area": part.name}, field="area", code="empty")
    today, beats = _today(cells)
    return {
        "zh": names[asked.area].zh, "en": names[asked.area].en, "outside": round(outside, 3), "of": of.tolist(),
        "cells": [
            [path, cell.lon, cell.lat, round(float(work), 6), int(was), part]
            for path, cell, work, was, part in zip(paths, cells, daily, today, region, strict=True)
        ],
        "today": [
            {"code": b.code, "zh": b.zh, "en": b.en, "kind": b.kind, "geometry": b.geometry} for b in beats
        ],
        "regions": [{"path": part.area, "zh": part.zh, "en": part.en} for part in parts],
        "units": _units(asked.area, paths, now),
    }  # fmt: skip


def land(area: str) -> list[places.Spot]:
    """What is put together to beats: grid cells, or communities where there are none. Raises Refused without either."""
    for kind in ("cell", "community"):
        if found := [a for a in places.areas(kind) if a.area.startswith(area)]:
            if len(found) > MOST_CELLS:
                says = _("There are %(n)s cells; at most %(most)s can be divided at once.")
                raise Refused(says % {"n": len(found), "most": MOST_CELLS}, field="area", code="many")
            return found
    raise Refused(_("This area has no grid cells and no communities yet."), field="area", code="cells")


def regions(asked: Question) -> list[places.Spot]:
    """What is divided by itself."""
    names = places.area_names()
    if asked.each == "whole":
        return [names[asked.area]]
    found = [a for a in places.areas("control_area") if a.area.startswith(asked.area)]
    if not found:
        raise Refused(_("There are no control areas here."), field="each", code="each")
    return found


def calls(forecast: str, of: IntArray, count: int) -> FloatArray:
    """Calls expected by hour and cell (hours × cells). of: per place of the forecast its cell, -1 for none."""
    told = patrol.cells_of(forecast)
    rate = np.zeros((len(told.hours), count))
    np.add.at(rate.T, of[of >= 0], told.expected[:, of >= 0].T)
    return rate


def nodes(forecast: str, of: IntArray, count: int) -> IntArray:
    """Per cell the street node (as the file numbers them) with most calls, -1 where none are expected."""
    told = patrol.cells_of(forecast)
    weight, best = told.expected.sum(axis=0), np.full(count, -1)
    for one in np.argsort(weight, kind="stable"):  # the last that is written has most
        if of[one] >= 0 and weight[one] > 0:
            best[of[one]] = told.node[one]
    return best


def cell_of(paths: Sequence[str], found: Sequence[str]) -> IntArray:
    """Per path the number of the cell that it is or lies in, -1 for none."""
    number = {path: n for n, path in enumerate(paths)}

    def at(path: str) -> int:
        while path:
            if path in number:
                return number[path]
            path = path.rstrip("/").rpartition("/")[0]
            path += "/" if path else ""
        return -1

    known: dict[str, int] = {}
    return np.array([known[p] if p in known else known.setdefault(p, at(p)) for p in found], np.int64)


def _inside(areas: Sequence[places.Spot], lon: FloatArray, lat: FloatArray) -> IntArray:
    """Per point the number of the area that it lies in, -1 for none; on a border the first in order of paths."""
    shapes = np.array([shapely.geometry.shape(a.geometry) for a in areas], object)
    which, area = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    order = np.lexsort((-area, which))
    found = np.full(len(lon), -1)
    found[which[order]] = area[order]
    return found


def _today(cells: Sequence[places.Spot]) -> tuple[IntArray, list[places.Spot]]:
    """Per cell the beat it is in (-1: none), and the beats that have cells; control areas where there are no beats."""
    beats = places.areas("beat")
    today = _inside(beats, np.array([c.lon for c in cells]), np.array([c.lat for c in cells]))
    if (today < 0).all():
        beats = places.areas("control_area")
        today = cell_of([b.area for b in beats], [c.area for c in cells])
    used = np.unique(today[today >= 0])
    number = np.full(len(beats) + 1, -1)
    number[used] = np.arange(used.size)
    return number[today], [beats[n] for n in used]


def _units(area: str, paths: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """Police units of an area where they stand by the plan of this time of day, else where the register has them."""
    turnout_s = {str(u.id): float(u.turnout_s) for u in units.units(areas=(area,))}
    top = area.split("/")[0] + "/"
    stands: Mapping[str, tuple[float, float]] = {
        unit: post.stands for unit, post in patrol.standing(top, patrol.shift_start(now)).items()
    }
    found = [(u, *stands.get(u.id, (u.lon, u.lat))) for u in patrol.units_of(area) if u.service == "police"]
    cell = cell_of(paths, [places.locate(lon, lat) for _unit, lon, lat in found])
    return [
        {"id": u.id, "zh": u.zh, "en": u.en, "lon": lon, "lat": lat, "turnout_s": turnout_s[u.id], "cell": int(at)}
        for (u, lon, lat), at in zip(found, cell, strict=True)
    ]


def _check_counts(asked: Question, parts: Sequence[places.Spot], region: Sequence[int]) -> None:
    have = np.bincount(np.array(region)[np.array(region) >= 0], minlength=len(parts))
    for n, part in enumerate(parts):
        if have[n] < asked.count:
            says = _("%(area)s has %(n)s cells: ask for fewer beats.")
            raise Refused(says % {"area": part.name, "n": have[n]}, field="count", code="count")
