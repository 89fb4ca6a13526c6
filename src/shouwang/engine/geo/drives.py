"""Factors of streets from drives that units really made, and how well these foretell drives that were kept aside.

Positions are put on the streets and joined by the fastest way; the time taken is laid on the edges in proportion to
their own times. What comes out are factors by class and hour of the week: no drive, no unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shouwang.engine.credibility import Prior, believed
from shouwang.engine.geo.pace import HOURS, OTHERS, Pace
from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

PRIOR_S = 3600.0
"""Seconds driven for which it counts that streets are as slow as their own times say."""
HELD_OUT = 5  # each fifth drive is kept aside
_EVERY_S = 45.0  # positions between are passed over: a piece is to be several streets long
_SILENT_S = 180.0  # after so long the way between two positions is not guessed
_OFF_ROAD_M = 60.0  # a position further from any street tells nothing
_LEAST_M = 100.0  # a unit that has come less far stood
_DETOUR = 1.8  # nor is the way guessed if it is so many times longer than the straight line
_RATIO = (0.2, 10.0)  # times the streets' own: beyond, a position was wrong or the crew had another errand


@dataclass(frozen=True, slots=True)
class Drive:
    """Positions of one drive in order of time: degrees, and seconds from any moment. hour: of the week, at its start.
    """

    lon: FloatArray
    lat: FloatArray
    at_s: FloatArray
    hour: int


@dataclass(frozen=True, slots=True)
class Driven:
    """Edges driven, one entry each: the drive's number, the edge, the hour of the week, and the seconds it took."""

    drive: IntArray
    edge: IntArray
    hour: IntArray
    seconds: FloatArray
    length_m: float

    def of(self, chosen: BoolArray) -> Driven:
        return Driven(self.drive[chosen], self.edge[chosen], self.hour[chosen], self.seconds[chosen], self.length_m)


@dataclass(frozen=True, slots=True)
class Learned:
    """pace: factors on the streets' own times. km, drives: what they rest on. held: drives kept aside; own_error,
    error: mean error of their durations as a share of these, by the streets' own times and by factors from the others.
    NaN without such drives.
    """

    pace: Pace
    km: float
    drives: int
    held: int
    own_error: float
    error: float


def driven(travel: Travel, drives: Sequence[Drive]) -> Driven:
    """The edges that drives went along, with the time each took. `travel` has the streets' own times."""
    drive, edge, hour, seconds = [], [], [], []
    length_m = 0.0
    for number, one in enumerate(drives):
        for edges, ratio, metres in _pieces(travel, one):
            drive.append(np.full(edges.size, number, np.int64))
            edge.append(edges)
            hour.append(np.full(edges.size, one.hour, np.int64))
            seconds.append(ratio * travel.streets.time_s[edges])
            length_m += metres
    whole, part = np.zeros(0, np.int64), np.zeros(0)
    return Driven(np.concatenate([whole, *drive]), np.concatenate([whole, *edge]), np.concatenate([whole, *hour]),
                  np.concatenate([part, *seconds]), length_m)  # fmt: skip


def learn(streets: Streets, found: Driven) -> Learned:
    """Factors from what was driven, and the error on each fifth drive by factors from the other four.

    A class is believed as far as it was driven and falls back on all classes, these on 1 (`PRIOR_S`); its hours fall
    back on the class, as in `pace.learned`.
    """
    numbers = np.unique(found.drive)
    aside = np.isin(found.drive, numbers[HELD_OUT - 1 :: HELD_OUT])
    held = numbers[HELD_OUT - 1 :: HELD_OUT]
    taken = own = told = np.zeros(held.size)
    if held.size:
        pace, kept = _factors(streets, found.of(~aside)), found.of(aside)
        place = np.searchsorted(held, kept.drive)
        free_s = streets.time_s[kept.edge]
        factor = np.vstack([pace.factor, np.ones(HOURS)])[pace.rows(streets)[kept.edge], kept.hour]
        taken, own, told = (
            np.bincount(place, v, held.size).astype(float) for v in (kept.seconds, free_s, free_s * factor)
        )

    def error(guess: FloatArray) -> float:
        return float(np.mean(np.abs(guess - taken) / taken)) if held.size else float("nan")

    return Learned(_factors(streets, found), found.length_m / 1000, numbers.size, held.size, error(own), error(told))


def _factors(streets: Streets, found: Driven) -> Pace:
    kinds = (*(sorted({str(kind) for kind in streets.kind if kind}) if streets.kind is not None else ()), OTHERS)
    flat = Pace(kinds, np.ones((len(kinds), HOURS)))
    row, hour, taken_s, free_s = _by_drive(streets, found, flat.rows(streets))
    level = believed(taken_s / free_s, free_s, row, len(kinds), prior=Prior(1.0, PRIOR_S)).value
    factor = np.repeat(level[:, None], HOURS, axis=1)
    for kind in np.unique(row):
        of = row == kind
        expected_s = free_s[of] * level[kind]
        factor[kind] *= believed(taken_s[of] / expected_s, expected_s, hour[of], HOURS, prior=Prior(1.0, np.inf)).value
    return Pace(kinds, factor)


def _by_drive(
    streets: Streets, found: Driven, row_of: IntArray
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Class, hour, seconds taken and seconds by the streets' own times, one entry per drive and class: streets of one
    drive are slow together, and taken for so many observations they would be believed far too soon."""
    free_s = streets.time_s[found.edge]
    usable = free_s > 0
    keys = np.stack([found.drive, row_of[found.edge], found.hour], axis=1)[usable]
    one, place = np.unique(keys, axis=0, return_inverse=True)
    taken, free = (np.bincount(place.reshape(-1), v[usable], len(one)).astype(float) for v in (found.seconds, free_s))
    return one[:, 1], one[:, 2], taken, free


def _pieces(travel: Travel, one: Drive) -> list[tuple[IntArray, float, float]]:
    """Stretches between positions: edges, time taken over the streets' own, metres."""
    kept: list[int] = []
    for i, moment in enumerate(one.at_s.tolist()):
        if not kept or moment - one.at_s[kept[-1]] >= _EVERY_S:
            kept.append(i)
    spots = travel.streets.snap(one.lon[kept], one.lat[kept])
    x_m, y_m = travel.streets.to_xy(one.lon[kept], one.lat[kept])
    found = []
    for i in range(len(kept) - 1):
        apart_m = float(np.hypot(x_m[i + 1] - x_m[i], y_m[i + 1] - y_m[i]))
        took_s = float(one.at_s[kept[i + 1]] - one.at_s[kept[i]])
        if max(spots.off_m[i], spots.off_m[i + 1]) > _OFF_ROAD_M or took_s > _SILENT_S or apart_m < _LEAST_M:
            continue
        way = travel.route(spots[i : i + 1], spots[i + 1 : i + 2])
        if way is None or not way.edges.size or way.seconds <= 0 or way.length_m > _DETOUR * apart_m:
            continue
        ratio = took_s / way.seconds
        if _RATIO[0] <= ratio <= _RATIO[1]:
            found.append((way.edges, ratio, way.length_m))
    return found
