"""How many units each hour needs so that a promised share of calls is answered in time.

Without places: Erlang C, all units alike, the promise being kept when the wait for a free unit leaves time
for the drive. With places: Larson's hypercube, exact up to `EXACT_UNITS` units and approximate beyond (see
engine/solve), each call going to the nearest free unit and waiting calls to the first that gets free. Both
take every hour for itself, in its steady state (the pointwise stationary approximation, Green and Kolesar,
Management Science 37, 1991): right where services are short against the hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.solve.many_units import approximate_hypercube
from shouwang.engine.solve.queues import Hypercube, erlang_c, hypercube, mean_wait_s, share_waiting_longer
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

EXACT_UNITS = 8
MOST_UNITS = 10_000
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Promise:
    """A share of calls (0 … 1, exclusive) that are to have a unit there within so many seconds of the call."""

    within_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Staffed:
    """One hour: units; kept: expected share of calls answered as promised; busy: share of time a unit is busy.

    waiting: share of calls that find no free unit; wait_s: mean wait over all calls for a free unit.
    """

    units: int
    kept: float
    busy: float
    waiting: float
    wait_s: float


def units_needed(
    calls_per_h: ArrayLike, service_s: float, promise: Promise, *, travel_s: float = 0.0
) -> tuple[Staffed, ...]:
    """The fewest units of each hour by Erlang C. An hour without calls needs none.

    calls_per_h: per hour, 0 or more; service_s: mean seconds a call binds a unit, the drive included;
    travel_s: seconds of the drive, which no number of units shortens. Raises `BadInput`, and `NoAnswer` where
    the drive alone takes longer than promised.
    """
    calls = np.asarray(calls_per_h, float)
    faults = _checked(calls, service_s, promise, (1,))
    if not (np.isfinite(travel_s) and travel_s >= 0):
        faults.add("travel_s", "a drive takes a finite time, 0 or more", travel_s, "Give seconds.")
    faults.raise_if_any()
    left_s = promise.within_s - travel_s
    if left_s < 0:
        raise NoAnswer(f"The drive of {travel_s:g} s alone takes longer than the {promise.within_s:g} s promised.")
    return tuple(_by_erlang(float(rate) / HOUR_S, service_s, left_s, promise.share) for rate in calls)


def posts_needed(
    calls_per_h: ArrayLike, travel_s: ArrayLike, service_s: float, promise: Promise
) -> tuple[Staffed, ...]:
    """The fewest posts of each hour, one unit each, that keep the promise by the hypercube.

    calls_per_h: hours × areas; travel_s: areas × posts, infinity where no road leads, posts in the order in
    which they are manned, so that the plans of all hours lie within one another (see `manning_order`).
    Raises `BadInput`, and `NoAnswer` for an hour whose promise all posts together do not keep.
    """
    calls, travel = np.asarray(calls_per_h, float), np.asarray(travel_s, float)
    faults = _checked(calls, service_s, promise, (2,))
    if travel.ndim != 2 or not travel.size or (calls.ndim == 2 and travel.shape[0] != calls.shape[1]):
        faults.add("travel_s", "drives are a table of areas by posts", str(travel.shape), "Give one row per area.")
    elif not (travel >= 0).all():
        faults.add("travel_s", "a drive takes 0 seconds or more", None, "Correct it.")
    faults.raise_if_any()
    found: list[Staffed] = []
    for hour, rate in enumerate(calls / HOUR_S):
        staffed = _by_hypercube(rate, travel, service_s, promise)
        if staffed.kept < promise.share and rate.sum() > 0:
            best = f"{staffed.kept:.1%}" if staffed.units else "no steady share"
            raise NoAnswer(f"Hour {hour}: all {travel.shape[1]} posts together keep {best} of calls in time.")
        found.append(staffed)
    return tuple(found)


def manning_order(travel_s: ArrayLike, weight: ArrayLike, within_s: float, busy: float = 0.5) -> IntArray:
    """Posts in the order in which each adds most expected cover (Daskin 1983) to those before it.

    travel_s: areas × posts; weight: per area; busy: share of the time a unit is busy. Ties go to the shorter mean
    drive, then to the lower number.
    """
    travel, demand = np.asarray(travel_s, float), np.asarray(weight, float)
    reached = travel <= within_s
    drive = np.where(np.isfinite(travel), travel, 0.0).T @ demand
    left = demand.copy()
    order: list[int] = []
    for _ in range(travel.shape[1]):
        gain = reached.T @ left
        gain[order] = -1.0
        best = np.flatnonzero(gain >= gain.max() - 1e-12 * (1 + abs(gain.max())))
        order.append(int(best[drive[best].argmin()]))
        left[reached[:, order[-1]]] *= busy
    return np.array(order, np.int64)


def _by_erlang(rate: float, service_s: float, left_s: float, share: float) -> Staffed:
    if rate == 0:
        return Staffed(0, 1.0, 0.0, 0.0, 0.0)
    low, high = 0, int(rate * service_s) + 1

    def kept(units: int) -> float:
        return 1 - share_waiting_longer(rate, service_s, units, left_s)

    while kept(high) < share:  # more units never wait longer: double, then halve
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if kept(middle) < share else (low, middle)
    waiting, wait_s = erlang_c(rate * service_s, high), mean_wait_s(rate, service_s, high)
    return Staffed(high, kept(high), rate * service_s / high, waiting, wait_s)


def _by_hypercube(rate: FloatArray, travel: FloatArray, service_s: float, promise: Promise) -> Staffed:
    """The fewest posts that keep the promise, or all of them; 0 units where even all are overloaded."""
    if rate.sum() == 0:
        return Staffed(0, 1.0, 0.0, 0.0, 0.0)
    best = Staffed(0, 0.0, 1.0, 1.0, np.inf)
    for units in range(int(rate.sum() * service_s) + 1, travel.shape[1] + 1):
        near = travel[:, :units]
        cube = _cube(rate, near, service_s)
        kept = _kept(cube, rate, near, service_s, promise.within_s)
        best = Staffed(units, kept, float(cube.busy.mean()), cube.waiting, cube.wait_s)
        if kept >= promise.share:
            break
    return best


def _cube(rate: FloatArray, travel: FloatArray, service_s: float) -> Hypercube:
    order, units = np.argsort(travel, axis=1, kind="stable"), travel.shape[1]
    if units <= EXACT_UNITS:
        return hypercube(rate, order, np.full(units, service_s), queue=True)
    return approximate_hypercube(rate, order, service_s)


def _kept(cube: Hypercube, rate: FloatArray, travel: FloatArray, service_s: float, within_s: float) -> float:
    """Share of calls with a unit there in time.

    A call that waits does so for an exponential time of rate units/service_s - λ and gets any unit alike.
    """
    units, total = travel.shape[1], float(rate.sum())
    queued = np.outer(rate / total, np.full(units, cube.waiting / units))
    direct = cube.answered - queued
    left_s = np.maximum(within_s - travel, 0.0)
    in_time = 1 - np.exp(-(units / service_s - total) * left_s)
    return float(np.clip((direct * (travel <= within_s)).sum() + (queued * in_time).sum(), 0.0, 1.0))


def _checked(calls: AnyArray, service_s: float, promise: Promise, dimensions: tuple[int, ...]) -> Faults:
    faults = Faults(keep=50)
    if calls.ndim not in dimensions or not calls.size:
        faults.add("calls_per_h", "there have to be calls for at least one hour", str(calls.shape), "Give them.")
    for place in np.argwhere(~(np.isfinite(calls) & (calls >= 0))):
        where = ", ".join(f"{name} {i}" for name, i in zip(("hour", "area"), place, strict=False))
        faults.add(f"calls_per_h, {where}", "calls are a finite number, 0 or more", calls[tuple(place)], "Correct it.")
    if not (np.isfinite(service_s) and service_s > 0):
        faults.add("service_s", "a service lasts a finite number of seconds, more than 0", service_s, "Correct it.")
    elif calls.ndim == 1 and calls.size and np.nanmax(calls) * service_s / HOUR_S > MOST_UNITS:
        faults.add("service_s", "so many calls would bind more than 10000 units", service_s, "Check both.")
    if not (np.isfinite(promise.within_s) and promise.within_s >= 0):
        faults.add("within_s", "a promise is a finite time, 0 or more", promise.within_s, "Give seconds.")
    if not 0 < promise.share < 1:
        faults.add("share", "a promised share lies between 0 and 1", promise.share, "Give for example 0.9.")
    return faults
