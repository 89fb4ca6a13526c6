"""Who takes which place: matchings under given permissions, and what stands in the way of one."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from shouwang.engine.terms import BoolArray, FloatArray, IntArray


def match(allowed: BoolArray) -> IntArray:
    """A largest matching of places to units (places × units): the unit of each place, -1 for none."""
    if not allowed.any():
        return np.full(allowed.shape[0], -1, np.int64)
    return np.asarray(maximum_bipartite_matching(csr_matrix(allowed), perm_type="column"), np.int64)


def crowded(allowed: BoolArray, unit: IntArray) -> tuple[BoolArray, BoolArray]:
    """Places that compete for too few units, and those units (Hall 1935), given a largest matching.

    Both are empty if every place has a unit.
    """
    places: BoolArray = unit < 0
    while True:
        units: BoolArray = np.any(allowed[places], axis=0)
        more = places | ((unit >= 0) & units[np.maximum(unit, 0)])
        if (more == places).all():
            return places, units
        places = more


def cheapest(cost: FloatArray, allowed: BoolArray) -> IntArray:
    """The unit of each place with the least total cost among permitted full matchings; one has to exist.

    The linear assignment problem, exact (Crouse, IEEE Transactions on Aerospace and Electronic Systems 52, 2016).
    """
    place, unit = linear_sum_assignment(np.where(allowed, cost, np.inf))
    result = np.full(cost.shape[0], -1, np.int64)
    result[place] = unit
    return result
