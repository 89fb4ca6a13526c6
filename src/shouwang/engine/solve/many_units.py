"""Larson's approximate hypercube: who answers whom when there are more units than exact balance equations bear.

Units are busy independently of one another but for a factor that corrects, as in M/M/N, for their not being
so (Larson, Operations Research 23, 1975). All services last alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from shouwang.engine.errors import Faults
from shouwang.engine.solve.queues import Hypercube, erlang_c
from shouwang.engine.terms import FloatArray, IntArray

_ROUNDS = 200
_CLOSE = 1e-9


def approximate_hypercube(calls_per_s: ArrayLike, preference: ArrayLike, service_s: float) -> Hypercube:
    """As `hypercube` with a queue, for any number of units: calls wait for the first unit that gets free.

    calls_per_s: per area; preference: areas × units, in the order in which they are sent; service_s: mean
    seconds of any service. Raises `BadInput`, also for an overload.
    """
    rate, order = np.asarray(calls_per_s, float), np.asarray(preference, np.int64)
    _check(rate, order, service_s)
    units, total = order.shape[1], float(rate.sum())
    load = total * service_s
    waiting = erlang_c(load, units)
    factor = _correction(load, units, waiting)
    queued = load * waiting / units  # of each unit's time, spent on calls that had to wait
    busy = np.full(units, load / units)
    for _ in range(_ROUNDS):
        before, sent = busy, _sent(rate / total, order, busy, factor)
        asked = sent.sum(axis=0) * load
        busy = (asked + queued) / (1 + asked)
        busy *= load / busy.sum()
        if np.abs(busy - before).max() < _CLOSE:
            break
    direct = _sent(rate / total, order, busy, factor) * (1 - busy)
    direct *= ((1 - waiting) * rate / total / np.maximum(direct.sum(axis=1), 1e-300))[:, None]
    answered = direct + np.outer(rate / total, np.full(units, waiting / units))
    wait_s = waiting * service_s / (units - load)
    return Hypercube(busy, answered, 0.0, waiting, wait_s)


def _sent(share: FloatArray, order: IntArray, busy: FloatArray, factor: FloatArray) -> FloatArray:
    """Areas × units: share of calls that come to a unit because all before it are busy; as if it were free."""
    ranked = busy[order]
    ahead = np.cumprod(np.hstack([np.ones((order.shape[0], 1)), ranked[:, :-1]]), axis=1)
    sent = np.zeros(order.shape)
    np.put_along_axis(sent, order, share[:, None] * ahead * factor, axis=1)
    return sent


def _correction(load: float, units: int, waiting: float) -> FloatArray:
    """Larson's Q_j: how much likelier it is in M/M/N than by chance that j given units are busy and the next free."""
    number = np.arange(units)
    weight = np.exp(number * np.log(max(load, 1e-300)) - gammaln(number + 1))
    share = weight / weight.sum() * (1 - waiting)  # of 0 … N-1 units busy
    mean = load / units
    factor = np.empty(units)
    for j in range(units):
        k = number[j:]
        # Of all ways to have k of N busy, those in which the first j are and the next is not: C(N-j-1, k-j) / C(N, k).
        ways = _log_choose(units - j - 1, k - j) - _log_choose(units, k)
        factor[j] = float((share[j:] * np.exp(ways)).sum()) / (max(mean, 1e-300) ** j * (1 - mean))
    return factor


def _log_choose(n: int, k: IntArray) -> FloatArray:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), float)


def _check(rate: FloatArray, order: IntArray, service_s: float) -> None:
    faults = Faults()
    if not (np.isfinite(service_s) and service_s > 0):
        faults.add("service_s", "a service lasts a finite number of seconds, more than 0", service_s, "Correct it.")
    if not (np.isfinite(rate) & (rate >= 0)).all() or not rate.sum() > 0:
        faults.add("calls_per_s", "rates are finite, 0 or more, and some call comes", None, "Correct them.")
    shape = order.ndim == 2 and order.shape[0] == rate.size and order.shape[1] > 0
    if not shape or not (np.sort(order, axis=1) == np.arange(order.shape[1])).all():
        remedy = "Give the numbers 0 … units-1 in some order."
        faults.add("preference", "each area has to name every unit once", str(order.shape), remedy)
    elif not len(faults) and rate.sum() * service_s >= order.shape[1]:
        remedy = "Give more units or shorter services."
        faults.add("calls_per_s", "more calls come than the units can serve", float(rate.sum()), remedy)
    faults.raise_if_any()
