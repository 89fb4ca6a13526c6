"""Where to put p posts: least total travel (p-median) or most demand in time (maximal cover), with a proof.

Hakimi, Operations Research 12 (1964); Church and ReVelle, Papers of the Regional Science Association 32
(1974). Maximal cover is the p-median whose costs are 0 in time and the weight otherwise, so both share one
search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.deploy._cover_model import merged, prove_cover
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.solve.certificate import PROVEN_GAP, Certificate
from shouwang.engine.solve.location import Answer, Location, branch_and_bound, local_search, root
from shouwang.engine.solve.stop import NoStop, Stop
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Posts:
    """The chosen candidates (numbers, ascending) and how good they are proven to be."""

    posts: tuple[int, ...]
    certificate: Certificate


def p_median(
    cost: ArrayLike,
    weight: ArrayLike | None,
    count: int,
    *,
    fixed: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates with the least total of weight × cost to the nearest.

    cost: demand × candidates, 0 or more, infinity where no road leads; weight: per demand (1 where None);
    fixed: candidates that are posts anyway, counted in. Raises `BadInput`, and `NoAnswer` where some demand
    can be served by none of the posts found.
    """
    cost, weight, fixed_posts = _checked(cost, weight, count, fixed)
    stop = stop or NoStop()
    served = weight > 0
    weighted = np.ascontiguousarray((cost[served] * weight[served, None]).T)
    reachable = np.isfinite(weighted)
    if not reachable.any(axis=0).all():
        raise NoAnswer(f"{int((~reachable.any(axis=0)).sum())} places of demand are reached by no candidate.")
    # More than all demand together at its worst: an answer that leaves something unserved is never the best.
    forbidden = float(np.where(reachable, weighted, 0).max(axis=0, initial=0).sum()) + 1.0
    weighted[~reachable] = forbidden
    cap = np.full(weighted.shape[1], forbidden)
    whole = bool((weighted == np.round(weighted)).all())
    best = _solve(weighted, cap, count, fixed_posts, 1.0 if whole else 0.0, stop, rng)
    if best.total >= forbidden:
        raise NoAnswer(f"No {count} posts were found from which a road leads to all demand.")
    return _answer(best, Certificate(best.total, best.bound))


def max_cover(
    cost: ArrayLike,
    weight: ArrayLike | None,
    count: int,
    within: float,
    *,
    fixed: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates that have the most weight within a cost of `within` (seconds); else as
    `p_median`.
    """
    cost, weight, fixed_posts = _checked(cost, weight, count, fixed)
    stop = stop or NoStop()
    total = float(weight.sum())
    covers, weights = merged(cost <= within, weight)
    missed = np.ascontiguousarray(np.where(covers, 0.0, weights[:, None]).T)
    unreached = total - float(weights.sum())
    best = _solve(missed, weights, count, fixed_posts, 0.0, stop, rng, covers)
    objective = float(weight[(cost[:, best.chosen] <= within).any(axis=1)].sum())
    bound = max(objective, total - unreached - best.bound)
    return _answer(best, Certificate(objective, bound))


def _solve(
    cost: FloatArray, cap: FloatArray, count: int, fixed: IntArray, grain: float, stop: Stop,
    rng: np.random.Generator | None, covers: BoolArray | None = None,
) -> Answer:  # fmt: skip
    """Search, bound, prove. With `covers` (demand × candidates) the total is the weight missed."""
    rng = rng or np.random.default_rng(0)
    best = local_search(Location(cost, cap, count, fixed), rng, stop)
    objective = best.total if covers is None else float(cap.sum()) - best.total
    problem = Location(cost, cap, count, fixed, grain, accuracy=PROVEN_GAP / 2 * abs(objective))
    if stop():
        return best
    start = root(problem, best, stop)
    if start is not None and not stop():
        if covers is None:
            branch_and_bound(problem, start, best, stop, rng)
        else:
            prove_cover(problem, covers, start, best, stop)
    return best


def _answer(best: Answer, certificate: Certificate) -> Posts:
    return Posts(tuple(sorted(int(j) for j in best.chosen)), certificate)


def _checked(
    cost: ArrayLike, weight: ArrayLike | None, count: int, fixed: ArrayLike
) -> tuple[AnyArray, FloatArray, IntArray]:
    cost = np.asarray(cost, float)
    faults = Faults(keep=50)
    if cost.ndim != 2 or not cost.size:
        faults.add("cost", "costs are a table of demand by candidates with at least one of each", cost.shape)
        faults.raise_if_any()
    weights = np.ones(cost.shape[0]) if weight is None else np.asarray(weight, float)
    fixed_posts = np.unique(np.asarray(fixed, np.int64).ravel())
    for u, j in np.argwhere(~(cost >= 0)):
        faults.add(f"cost, demand {u}, candidate {j}", "a cost is 0 or more", cost[u, j], "Correct the cost.")
    if weights.shape != (cost.shape[0],):
        faults.add("weight", "there has to be one weight per demand", weights.shape, f"Give {cost.shape[0]}.")
    else:
        for u in np.flatnonzero(~(np.isfinite(weights) & (weights >= 0))):
            faults.add(f"weight, demand {u}", "a weight is a finite number, 0 or more", weights[u], "Correct it.")
    if not 1 <= count <= cost.shape[1]:
        remedy = f"Ask for 1 to {cost.shape[1]} posts."
        faults.add("count", "there are not as many candidates as posts asked for, or none is", count, remedy)
    for j in fixed_posts[(fixed_posts < 0) | (fixed_posts >= cost.shape[1])]:
        faults.add("fixed", "the fixed post is not among the candidates", j, "Name a candidate's number.")
    if len(fixed_posts) > count:
        faults.add("fixed", "more posts are fixed than asked for", len(fixed_posts), "Raise the count.")
    faults.raise_if_any()
    return cost, weights, fixed_posts
