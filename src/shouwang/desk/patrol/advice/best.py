"""How good posts can be at all: the engine's best set with its proven bound, every patrol free to stand anywhere.

A plan moves a few units only. Beside this figure a planner sees what the other moves would still be worth.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from shouwang.engine.deploy.posts import Posts, max_cover, p_median
from shouwang.engine.solve.stop import TimeLimit
from shouwang.engine.terms import BoolArray, FloatArray

LIMIT_S = 1.0


def best(
    unit_s: FloatArray, fixed: BoolArray, site_s: FloatArray, weight: FloatArray, within_s: float
) -> dict[str, dict[str, Any]]:
    """The best share of calls within the standard, and the best mean drive, each with its certificate.

    `unit_s` (units, demand) and `site_s` (sites, demand): seconds from today's posts and from the sites; `fixed`: crews
    that stay. Each search is told to end after a second: what it then holds is feasible and its bound still a bound.
    """
    cost = np.concatenate([unit_s, site_s]).T
    total, count, stay = float(weight.sum()), len(unit_s), np.flatnonzero(fixed)
    if total <= 0 or not count:
        return {}
    began = perf_counter()
    cover = max_cover(cost, weight, count, within_s, fixed=stay, stop=TimeLimit(LIMIT_S))
    between = perf_counter()
    drive = p_median(cost, weight, count, fixed=stay, stop=TimeLimit(LIMIT_S))
    return {
        "share": _told(cover, total, between - began),
        "mean_s": _told(drive, total, perf_counter() - between),
    }


def _told(found: Posts, total: float, seconds: float) -> dict[str, Any]:
    proof = found.certificate
    return {
        "objective": proof.objective / total,
        "bound": proof.bound / total,
        "gap": proof.gap,
        "status": proof.status,
        "seconds": round(seconds, 3),
    }
