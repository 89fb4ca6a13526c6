"""What every question about posts has in common: costs, weights, how many, which must stand and which may not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.errors import Faults
from shouwang.engine.terms import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Question:
    """A sound question on the candidates that are allowed.

    cost: demand × allowed candidates; fixed: positions among these; number: per allowed candidate its number
    in the question as it was put.
    """

    cost: FloatArray
    weight: FloatArray
    fixed: IntArray
    number: IntArray

    def filled(self, chosen: IntArray, count: int) -> IntArray:
        """Exactly `count` candidates: those chosen, and others in order of number."""
        spare = np.setdiff1d(np.arange(self.number.size), chosen)[: count - len(chosen)]
        return np.concatenate([chosen, spare]).astype(np.int64)


def posed(
    cost: ArrayLike, weight: ArrayLike | None, count: int | None, fixed: ArrayLike, forbidden: ArrayLike,
    faults: Faults | None = None,
) -> Question:  # fmt: skip
    """Check a question and leave out what is forbidden. Raises `BadInput`, with the `faults` found before.

    count: None where the answer says how many.
    """
    faults = Faults(keep=50) if faults is None else faults
    table = np.asarray(cost, float)
    if table.ndim != 2 or not table.size:
        faults.add("cost", "costs are a table of demand by candidates with at least one of each", table.shape)
        faults.raise_if_any()
    weights = np.ones(table.shape[0]) if weight is None else np.asarray(weight, float)
    _check_values(faults, table, weights)
    stand, out = (np.unique(np.asarray(numbers, np.int64).ravel()) for numbers in (fixed, forbidden))
    _check_choice(faults, table.shape[1], count, stand, out)
    faults.raise_if_any()
    if not out.size:
        return Question(table, weights, stand, np.arange(table.shape[1]))
    allowed = np.setdiff1d(np.arange(table.shape[1]), out)
    return Question(table[:, allowed], weights, np.searchsorted(allowed, stand), allowed)


def _check_values(faults: Faults, cost: AnyArray, weight: FloatArray) -> None:
    for u, j in np.argwhere(~(cost >= 0)):
        faults.add(f"cost, demand {u}, candidate {j}", "a cost is 0 or more", cost[u, j], "Correct the cost.")
    if weight.shape != (cost.shape[0],):
        faults.add("weight", "there has to be one weight per demand", weight.shape, f"Give {cost.shape[0]}.")
        return
    for u in np.flatnonzero(~(np.isfinite(weight) & (weight >= 0))):
        faults.add(f"weight, demand {u}", "a weight is a finite number, 0 or more", weight[u], "Correct it.")


def _check_choice(faults: Faults, places: int, count: int | None, fixed: IntArray, forbidden: IntArray) -> None:
    allowed = places - int(((forbidden >= 0) & (forbidden < places)).sum())
    if count is not None and not 1 <= count <= allowed:
        remedy = f"Ask for 1 to {allowed} posts." if allowed else "Allow some candidate."
        faults.add("count", "there are not as many candidates as posts asked for, or none is", count, remedy)
    elif not allowed:
        faults.add("forbidden", "no candidate is left", len(forbidden), "Allow some candidate.")
    for name, numbers in (("fixed", fixed), ("forbidden", forbidden)):
        for j in numbers[(numbers < 0) | (numbers >= places)]:
            faults.add(name, f"the {name} post is not among the candidates", j, "Name a candidate's number.")
    for j in np.intersect1d(fixed, forbidden):
        faults.add("forbidden", "the post is fixed as well", j, "Leave it out of one of the two.")
    if count is not None and len(fixed) > count:
        faults.add("fixed", "more posts are fixed than asked for", len(fixed), "Raise the count.")
