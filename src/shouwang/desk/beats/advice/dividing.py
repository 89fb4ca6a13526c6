"""Beats drawn by the engine, what each comes to, and both divisions played through the same calls."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
import shapely

from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.engine.deploy.beats import Ground, adjoining, divide
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.simulate.draws import HOUR_S, Drawn
from shouwang.engine.simulate.estimates import Estimate
from shouwang.engine.simulate.model import Kind, Model, OnScene, Unit
from shouwang.engine.simulate.policies import OwnAreaFirst, Policy
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import Difference, Score, Window, score
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

from . import ground

Tick = Callable[[str, float], None]
MINUTE_S = 60.0
STAY_MIN, VARIATION = 20.0, 0.7  # with a call, on average; standard deviation over mean
REPLICATIONS, WARM_UP_H = 40, 2
RULE = OwnAreaFirst()
GRID_DEG = 1e-7  # about a centimetre
BORDER_DEG = 1e-4  # once around a shared border, about ten metres: what is shorter is a corner
BESIDE_S = 300.0


@dataclass(frozen=True, eq=False)
class _Land:
    """Cells of a run. work: calls a day; today: beat of today, -1 for none; region: what it is divided with, -1 for
    nothing; apart_s: seconds from cell to cell; kept: joined by road to the others."""

    paths: list[str]
    lon: FloatArray
    lat: FloatArray
    work: FloatArray
    today: IntArray
    region: IntArray
    at: Spots
    apart_s: FloatArray
    kept: BoolArray


@dataclass
class _Ticks:
    """Tells the engine's rounds on; whoever waits may end them by raising."""

    tick: Tick
    step: str
    low: float
    high: float
    rounds: int
    done: int = 0

    def __call__(self) -> bool:
        self.done += 1
        self.tick(self.step, self.low + (self.high - self.low) * min(1.0, self.done / self.rounds))
        return False

    def remaining_s(self) -> float:
        return inf


def make(given: Mapping[str, Any], tick: Tick) -> dict[str, Any]:
    """The figures of a proposal: the same for the same `given`. Raises ShouwangError for what cannot be divided."""
    tick("roads", 0.02)
    travel = Travel(places.streets_of(given["network"]))
    land = _land(given, travel)
    shapes = _shapes(land.paths)
    after, parts = _divided(given, land, travel, beside(shapes), tick)
    names = _names(given, parts)
    count = len(names)
    seats = [_seats(land, beat, size) for beat, size in ((land.today, len(given["today"])), (after, count))]
    before_rows = _rows(land, land.today, seats[0], given["units"])
    after_rows = _rows(land, after, seats[1], given["units"])
    return {
        "regions": [part["told"] for part in parts],
        "total": _certificate(
            sum(p["certificate"].objective for p in parts), sum(p["certificate"].bound for p in parts)
        ),
        "before": [
            {k: t[k] for k in ("code", "zh", "en", "kind", "geometry")} | row
            for t, row in zip(given["today"], before_rows, strict=True)
        ],
        "after": [
            name | row | {"geometry": _union(shapes, np.flatnonzero(after == b))}
            for b, (name, row) in enumerate(zip(names, after_rows, strict=True))
        ],
        "cells": [[path, int(was), int(now)] for path, was, now in zip(land.paths, land.today, after, strict=True)],
        "changes": _changes(land, after, names, seats, shapes),
        "drive_s": {"before": _mean_drive_s(land, land.today, seats[0]), "after": _mean_drive_s(land, after, seats[1])},
        "left_out": int((~land.kept & (land.region >= 0)).sum()), "outside": given["outside"],
        "score": _score(given, land, after, count, travel, tick),
    }  # fmt: skip


def _land(given: Mapping[str, Any], travel: Travel) -> _Land:
    path, *columns = (list(column) for column in zip(*given["cells"], strict=True))
    lon, lat, work = (np.array(column, float) for column in columns[:3])
    today, region = (np.array(column, np.int64) for column in columns[3:])
    streets = travel.streets
    node = streets.index_of(ground.nodes(given["forecast"], np.array(given["of"]), len(path)))
    node = np.where(node >= 0, node, streets.nearest_node(lon, lat)[0])
    at = Spots.at_nodes(node)
    apart_s = travel.matrix(at, at)
    return _Land(path, lon, lat, work, today, region, at, apart_s, _joined(apart_s))


def _joined(apart_s: FloatArray) -> BoolArray:
    """The cells from which most others are reached, and which are reached from them."""
    finite = np.isfinite(apart_s)
    hub = int((finite.sum(axis=0) + finite.sum(axis=1)).argmax())
    return np.asarray(finite[hub] & finite[:, hub], bool)


def _divided(
    given: Mapping[str, Any], land: _Land, travel: Travel, touching: IntArray, tick: Tick
) -> tuple[IntArray, list[dict[str, Any]]]:
    """Per cell its beat (-1 outside every region), and per region what was found."""
    after = np.full(len(land.paths), -1)
    parts: list[dict[str, Any]] = []
    count, regions = given["count"], given["regions"]
    price = given["worth_min"] * MINUTE_S
    for n, region in enumerate(regions):
        mine = np.flatnonzero((land.region == n) & land.kept)
        low, high = (0.2 + 0.4 * share / len(regions) for share in (n, n + 1))
        tick("dividing", low)
        was = np.unique(land.today[mine][land.today[mine] >= 0])
        keeps = was.size == count
        local = np.searchsorted(was, land.today[mine]) if keeps else np.zeros(mine.size, np.int64)
        question = Ground(
            _neighbours(land, travel, touching, mine), land.work[mine], land.apart_s[np.ix_(mine, mine)],
            np.where(land.today[mine] >= 0, local, -1) if keeps else None,
        )  # fmt: skip
        found = divide(
            question, count, tolerance=given["tolerance"], price=price if keeps else 0.0,
            stop=_Ticks(tick, "dividing", low, high, 16), rng=np.random.default_rng(given["seed"]),
        )  # fmt: skip
        after[mine] = found.beat + n * count
        _give_out(land, after, np.flatnonzero((land.region == n) & ~land.kept), mine)
        told = dict(region) | _certificate(found.certificate.objective, found.certificate.bound) | {
            "imbalance": round(found.imbalance, 6), "balanced": found.balanced, "moved": found.moved, "keeps": keeps,
            "cells": int(mine.size),
        }  # fmt: skip
        kept = was.tolist() if keeps else [-1] * count
        parts.append({"told": told, "certificate": found.certificate, "was": kept})
    return after, parts


def _neighbours(land: _Land, travel: Travel, touching: IntArray, mine: IntArray) -> IntArray:
    """Pairs of cells, as numbered in `mine`, that a street joins, or a border that it takes `BESIDE_S` at most to get
    across: what looks like one piece on the map is one, and what a river parts is not."""
    near = np.maximum(land.apart_s, land.apart_s.T)[touching[:, 0], touching[:, 1]] <= BESIDE_S
    number = np.full(len(land.paths), -1)
    number[mine] = np.arange(mine.size)
    across = number[touching[near]]
    return np.vstack([adjoining(travel, land.at[mine]), across[(across >= 0).all(axis=1)]])


def beside(shapes: Sequence[Any]) -> IntArray:
    """Pairs of cells that share a border, not a corner alone."""
    found = np.array(shapes, object)
    one, other = shapely.STRtree(found).query(found, predicate="dwithin", distance=10 * GRID_DEG)
    one, other = one[one < other], other[one < other]
    shared = shapely.length(shapely.intersection(shapely.buffer(found[one], 10 * GRID_DEG), found[other]))
    pairs: IntArray = np.stack([one, other], axis=1)[shared > BORDER_DEG].astype(np.int64)
    return pairs


def _give_out(land: _Land, after: IntArray, left: IntArray, kept: IntArray) -> None:
    """Cells without a road go where the nearest one with a road belongs."""
    for cell in left:
        across = np.cos(np.radians(land.lat[cell]))
        off = ((land.lon[kept] - land.lon[cell]) * across) ** 2 + (land.lat[kept] - land.lat[cell]) ** 2
        after[cell] = after[kept[off.argmin()]]


def _names(given: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Code, names and path above of each beat; `was`: the beat of today that it follows, -1 for none. Codes differ from
    those of today's beats and of other areas, so that the import takes them."""
    found: list[dict[str, Any]] = []
    several = len(parts) > 1
    used = {today["code"] for today in given["today"] if today["kind"] == "beat"}
    used |= {a.code for a in places.areas() if a.kind != "beat"}
    fresh = (f"b{n}" for n in itertools.count(1) if f"b{n}" not in used)
    kept: set[str] = set()
    for part in parts:
        region = part["told"]
        for n, was in enumerate(part["was"], 1):
            row = {"was": was, "parent": region["path"]}
            if was >= 0:
                today = given["today"][was]
                own = today["kind"] == "beat" and today["code"] not in kept
                kept.add(today["code"])
                row |= {"code": today["code"] if own else next(fresh), "zh": today["zh"], "en": today["en"]}
            else:
                zh, en = f"{n}号巡区", f"Beat {n}"
                if several:
                    zh, en = f"{region['zh']}{zh}", f"{region['en']}, beat {n}"
                row |= {"code": next(fresh), "zh": zh[:80], "en": en[:80]}
            found.append(row)
    return found


def _seats(land: _Land, beat: IntArray, count: int) -> IntArray:
    """Per beat the cell of its own from which its calls are nearest, -1 for none."""
    seats = np.full(count, -1)
    for b in range(count):
        mine = np.flatnonzero((beat == b) & land.kept)
        if mine.size:
            seats[b] = mine[(land.apart_s[np.ix_(mine, mine)] @ land.work[mine]).argmin()]
    return seats


def _rows(
    land: _Land, beat: IntArray, seats: IntArray, units: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What each beat comes to. hours: with calls and on the way to them from the seat, a day; share: by how much its
    calls differ from the mean of what is divided with it; drive_s, far_s: from the seat, over calls, and to the
    farthest cell with calls."""
    count = seats.size
    calls = np.bincount(beat[beat >= 0], land.work[beat >= 0], count)
    region = np.where(seats >= 0, land.region[seats], -1)
    mean = np.array([calls[region == r].mean() for r in region])
    home = np.array([beat[u["cell"]] if u["cell"] >= 0 else -1 for u in units], np.int64)
    rows = []
    for b in range(count):
        mine = np.flatnonzero((beat == b) & land.kept)
        drive_s = land.apart_s[seats[b], mine] if mine.size else np.zeros(0)
        busy = land.work[mine] > 0
        minutes = float(land.work[mine] @ (drive_s / MINUTE_S + STAY_MIN))
        whole = float(land.work[mine].sum())
        rows.append({
            "calls": round(float(calls[b]), 4), "hours": round(minutes / 60, 4),
            "share": round(float(calls[b] / mean[b] - 1), 6) if mean[b] else None,
            "drive_s": round(float(land.work[mine] @ drive_s) / whole, 2) if whole else None,
            "far_s": round(float(drive_s[busy].max()), 2) if busy.any() else None,
            "cells": int((beat == b).sum()), "units": int((home == b).sum()),
            "seat": [float(land.lon[seats[b]]), float(land.lat[seats[b]])] if seats[b] >= 0 else None,
        })  # fmt: skip
    return rows


def _from_seat_s(land: _Land, beat: IntArray, seats: IntArray) -> FloatArray:
    """Seconds from the seat of each cell's beat; NaN where it has none, or no road."""
    drive_s = np.full(beat.size, np.nan)
    told = np.flatnonzero((beat >= 0) & land.kept)
    told = told[seats[beat[told]] >= 0]
    drive_s[told] = land.apart_s[seats[beat[told]], told]
    return drive_s


def _mean_drive_s(land: _Land, beat: IntArray, seats: IntArray) -> float | None:
    drive_s = _from_seat_s(land, beat, seats)
    told = np.isfinite(drive_s)
    whole = float(land.work[told].sum())
    return round(float(land.work[told] @ drive_s[told]) / whole, 3) if whole else None


def _changes(
    land: _Land, after: IntArray, names: Sequence[Mapping[str, Any]], seats: Sequence[IntArray], shapes: Sequence[Any]
) -> list[dict[str, Any]]:
    """What changes hands, by the beats it goes between: cells, calls a day, minutes of driving a day that it saves."""
    follows = np.array([name["was"] for name in names] + [-1], np.int64)[after]
    moved = np.flatnonzero((land.today >= 0) & (follows >= 0) & (follows != land.today))
    was_s, now_s = (_from_seat_s(land, b, s) for b, s in zip((land.today, after), seats, strict=True))
    saved = np.nan_to_num(land.work * (was_s - now_s)) / MINUTE_S
    found = []
    for was, now in sorted({(int(land.today[c]), int(after[c])) for c in moved}):
        mine = moved[(land.today[moved] == was) & (after[moved] == now)]
        found.append({
            "from": was, "to": now, "cells": int(mine.size), "calls": round(float(land.work[mine].sum()), 4),
            "saved_min": round(float(saved[mine].sum()), 4), "geometry": _union(shapes, mine),
        })  # fmt: skip
    return found


def _shapes(paths: Sequence[str]) -> list[Any]:
    known = places.area_names()
    return [shapely.geometry.shape(known[p].geometry) if p in known else shapely.Polygon() for p in paths]


def _union(shapes: Sequence[Any], cells: IntArray) -> dict[str, Any]:
    whole = shapely.union_all([shapes[c] for c in cells], grid_size=GRID_DEG)
    told: dict[str, Any] = json.loads(shapely.to_geojson(whole))
    return told


def _certificate(objective: float, bound: float) -> dict[str, Any]:
    """Minutes of driving a day, the price of changes counted in."""
    proof = Certificate(objective / MINUTE_S, bound / MINUTE_S)
    return {
        "objective": round(proof.objective, 4), "bound": round(proof.bound, 4), "gap": round(proof.gap, 6),
        "status": proof.status,
    }  # fmt: skip


def _score(
    given: Mapping[str, Any], land: _Land, after: IntArray, count: int, travel: Travel, tick: Tick
) -> dict[str, Any] | None:
    """Today's beats (A) and the proposed ones (B) under the same calls of one day; the same units at the same posts.
    None without units."""
    units, mine = given["units"], np.flatnonzero((land.region >= 0) & land.kept)
    if not units:
        return None
    tick("playing", 0.62)
    posts = travel.streets.snap([u["lon"] for u in units], [u["lat"] for u in units])
    roads = Roads.measure([travel], land.at[mine], posts)
    source, window = _source(given, land, after, mine)
    kind = source.kinds[0]
    of_beat = [np.where(beat >= 0, beat, size) for beat, size in ((land.today, len(given["today"])), (after, count))]
    models = [
        Model(roads, [kind], [_unit(u, post, beat) for post, u in enumerate(units)], Policy(RULE)) for beat in of_beat
    ]
    stop = _Ticks(tick, "playing", 0.7, 0.99, REPLICATIONS // 2)
    (a, b), (change,) = score(
        models, source, window, REPLICATIONS, rng=np.random.default_rng(given["seed"]), within_s=given["within_s"],
        areas=[beat[mine] for beat in of_beat], stop=stop,
    )  # fmt: skip
    return {
        "replications": a.replications, "hours": round((window.until_s - window.from_s) / HOUR_S), "units": len(units),
        "away_s": RULE.away_s, "a": _side(a), "b": _side(b), "change": _change(change),
        "beats": {str(n): [_told(g.areas[n].within) for g in (a, b)] + [_told(one)] for n, one in change.areas.items()},
    }  # fmt: skip


def _source(given: Mapping[str, Any], land: _Land, after: IntArray, mine: IntArray) -> tuple[Drawn, Window]:
    """A day from the first hour of the forecast; two hours before it are played as that hour and do not count."""
    rate = ground.calls(given["forecast"], np.array(given["of"]), len(land.paths))[: ground.DAY_H, mine]
    first = int(patrol.cells_of(given["forecast"]).hours[0].astype("datetime64[h]").astype(int) % ground.DAY_H)
    warm = min(WARM_UP_H, first)
    whole = np.concatenate([np.zeros((first - warm, mine.size)), np.repeat(rate[:1], warm, axis=0), rate])
    kind = Kind("any", frozenset({"police"}), on_scene=OnScene(STAY_MIN * MINUTE_S, "lognormal", VARIATION))
    begin_s = first * HOUR_S
    return Drawn(whole, np.arange(mine.size), after[mine], [kind]), Window(begin_s, begin_s + len(rate) * HOUR_S)


def _unit(unit: Mapping[str, Any], post: int, beat: IntArray) -> Unit:
    home = int(beat[unit["cell"]]) if unit["cell"] >= 0 else -1
    return Unit(unit["id"], post, capabilities=frozenset({"police"}), turnout_s=unit["turnout_s"], home=home)


def _side(found: Score) -> dict[str, Any]:
    return {
        "calls": round(found.overall.calls, 3), "within": _told(found.overall.within),
        "mean_s": _told(found.overall.mean_s), "p90_s": _told(found.overall.p90_s), "waited": _told(found.waited),
        "busy": _told(found.busy_mean),
    }  # fmt: skip


def _change(found: Difference) -> dict[str, Any]:
    names = {"within": "within", "mean_s": "mean_s", "waited": "waited", "busy": "busy_mean"}
    return {name: _told(getattr(found, source)) for name, source in names.items()}


def _told(estimate: Estimate) -> list[float | None]:
    """Value, low and high end; None where nothing can be said."""
    return [round(float(v), 6) if isfinite(v) else None for v in (estimate.value, estimate.low, estimate.high)]
