"""Waiting for a free unit, in closed form: Erlang's formulas, and Larson's hypercube solved exactly.

Calls come at random (Poisson), services last exponentially. Erlang (Solution of some problems in the theory of
probabilities, 1917) takes all units alike; the hypercube (Larson, Computers and Operations Research 1, 1974)
keeps apart which unit is busy, and so knows who answers whom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.errors import Faults
from shouwang.engine.terms import FloatArray, IntArray

MOST_UNITS = 10
"""The hypercube has 2^units states; with more units than this its exact solution is not attempted."""


def erlang_b(load: float, servers: int) -> float:
    """Share of calls lost when nobody waits (0 … 1).

    load: calls per mean service time (λ/μ), 0 or more. B(c) = load·B(c-1) / (c + load·B(c-1)), B(0) = 1.
    """
    _check_load(load, servers)
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of calls that have to wait when all wait (0 … 1); 1 where the load is too high for any rest."""
    _check_load(load, servers)
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait_s(calls_per_s: float, service_s: float, servers: int) -> float:
    """Mean wait over all calls of M/M/c in seconds: C / (c/service_s - calls_per_s); infinity if overloaded."""
    load = calls_per_s * service_s
    waits = erlang_c(load, servers)
    return float("inf") if load >= servers else waits / (servers / service_s - calls_per_s)


def share_waiting_longer(calls_per_s: float, service_s: float, servers: int, than_s: float) -> float:
    """Share of calls of M/M/c that wait longer than `than_s`: C · exp(-(c/service_s - calls_per_s) · than_s)."""
    load = calls_per_s * service_s
    waits = erlang_c(load, servers)
    return 1.0 if load >= servers else float(waits * np.exp(-(servers / service_s - calls_per_s) * than_s))


@dataclass(frozen=True, slots=True)
class Hypercube:
    """What the hypercube says of a steady state.

    busy: per unit the share of time it is busy; answered: areas × units, the share of all calls that come from
    this area and are answered by this unit (adds up to 1 - lost); lost: share of calls lost (0 with a queue);
    waiting: share that has to wait; wait_s: mean wait over all calls.
    """

    busy: FloatArray
    answered: FloatArray
    lost: float
    waiting: float
    wait_s: float


def hypercube(calls_per_s: ArrayLike, preference: ArrayLike, service_s: ArrayLike, *, queue: bool) -> Hypercube:
    """Solve the hypercube of areas that call and units that answer, exactly, by its balance equations.

    calls_per_s: per area; preference: areas × units, unit numbers in the order in which they are sent;
    service_s: mean seconds of service per unit, whoever called. With `queue` calls wait for the first unit
    that gets free, in order of arrival; without, a call that finds all busy is lost. Raises `BadInput`,
    also for an overload that no queue survives.
    """
    rate, order = np.asarray(calls_per_s, float), np.asarray(preference, np.int64)
    free_rate = 1.0 / np.asarray(service_s, float)
    units, total = free_rate.size, float(rate.sum())
    _check_hypercube(rate, order, free_rate, queue)
    first_free = _first_free(order, units)
    share = _steady_state(rate, first_free, free_rate)
    tail = total / float(free_rate.sum()) if queue else 0.0
    share[-1] /= 1 - tail  # all busy, with any number waiting: a geometric tail on the last state
    share /= share.sum()
    full = float(share[-1])

    states = np.arange(share.size)
    busy = np.array([share[(states >> j & 1) == 1].sum() for j in range(units)])
    answered = np.zeros((rate.size, units))
    for state in states[:-1]:
        answered[np.arange(rate.size), first_free[state]] += share[state] * rate / total
    if queue:
        answered += np.outer(rate / total, free_rate / free_rate.sum()) * full
    wait_s = full / (float(free_rate.sum()) - total) if queue else 0.0
    return Hypercube(busy, answered, 0.0 if queue else full, full if queue else 0.0, wait_s)


def _first_free(order: IntArray, units: int) -> IntArray:
    """Per state (bit j: unit j is busy) and area the unit that is sent; the last state, all busy, has none."""
    found = np.full((2**units, order.shape[0]), -1)
    for state in range(2**units - 1):
        free = (state >> order & 1) == 0
        found[state] = order[np.arange(order.shape[0]), free.argmax(axis=1)]
    return found


def _steady_state(rate: FloatArray, first_free: IntArray, free_rate: FloatArray) -> FloatArray:
    """Shares of time of the 2^units states without a queue: π Q = 0, Σ π = 1."""
    states, units = first_free.shape[0], free_rate.size
    flow = np.zeros((states, states))  # flow[to, from]
    for state in range(states):
        if state < states - 1:
            np.add.at(flow[:, state], state | 1 << first_free[state], rate)
        for j in range(units):
            if state >> j & 1:
                flow[state ^ 1 << j, state] += free_rate[j]
    flow[np.diag_indices(states)] -= flow.sum(axis=0)
    flow[-1] = 1.0
    right = np.zeros(states)
    right[-1] = 1.0
    return np.asarray(np.maximum(np.linalg.solve(flow, right), 0.0), float)


def _check_load(load: float, servers: int) -> None:
    faults = Faults()
    if not (np.isfinite(load) and load >= 0):
        faults.add("load", "a load is a finite number, 0 or more", load, "Give calls per mean service time.")
    if servers < 1:
        faults.add("servers", "there has to be a unit", servers, "Give 1 or more.")
    faults.raise_if_any()


def _check_hypercube(rate: FloatArray, order: IntArray, free_rate: FloatArray, queue: bool) -> None:
    faults = Faults()
    units = free_rate.size
    if not 1 <= units <= MOST_UNITS:
        faults.add("service_s", "the exact hypercube takes 1 to 10 units", units, "Simulate larger plans.")
    if not ((free_rate > 0) & np.isfinite(free_rate)).all():
        faults.add("service_s", "a service lasts a finite number of seconds, more than 0", None, "Correct it.")
    if not (np.isfinite(rate) & (rate >= 0)).all() or not rate.sum() > 0:
        faults.add("calls_per_s", "rates are finite, 0 or more, and some call comes", None, "Correct them.")
    if order.shape != (rate.size, units) or not (np.sort(order, axis=1) == np.arange(units)).all():
        remedy = "Give the numbers 0 … units-1 in some order."
        faults.add("preference", "each area has to name every unit once", order.shape, remedy)
    if queue and not len(faults) and rate.sum() >= free_rate.sum():
        remedy = "Give more units or shorter services."
        faults.add("calls_per_s", "more calls come than the units can serve", float(rate.sum()), remedy)
    faults.raise_if_any()
