"""Where to put posts, by five objectives, each answer with a bound that says how good it is.

Least total travel: p-median (Hakimi, Operations Research 12, 1964). Most demand in time: maximal cover
(Church and ReVelle, Papers of the Regional Science Association 32, 1974); it is the p-median whose costs
are 0 in time and the weight otherwise, so both share one search. Shortest longest travel: p-center (Hakimi).
Fewest posts for a standard: set cover (Toregas, Swain, ReVelle and Bergman, Operations Research 19, 1971).
Most demand in time when posts are often busy: expected cover (Daskin, Transportation Science 17, 1983).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.deploy._busy_cover import best_cover
from shouwang.engine.deploy._cover_model import merged, prove_cover
from shouwang.engine.deploy._question import Question, posed
from shouwang.engine.deploy._set_cover import Center, standing
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.solve.certificate import PROVEN_GAP, Certificate
from shouwang.engine.solve.location import Answer, Location, branch_and_bound, local_search, root
from shouwang.engine.solve.stop import NoStop, Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


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
    forbidden: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates with the least total of weight × cost to the nearest.

    cost: demand × candidates, 0 or more, infinity where no road leads; weight: per demand (1 where None);
    fixed: candidates that are posts anyway, counted in; forbidden: candidates that may not be. Raises
    `BadInput`, and `NoAnswer` where some demand can be served by none of the posts found.
    """
    question = posed(cost, weight, count, fixed, forbidden)
    stop = stop or NoStop()
    served = question.weight > 0
    weighted = np.ascontiguousarray((question.cost[served] * question.weight[served, None]).T)
    reachable = np.isfinite(weighted)
    if not reachable.any(axis=0).all():
        raise NoAnswer(f"{int((~reachable.any(axis=0)).sum())} places of demand are reached by no candidate.")
    # More than all demand together at its worst: an answer that leaves something unserved is never the best.
    never = float(np.where(reachable, weighted, 0).max(axis=0, initial=0).sum()) + 1.0
    weighted[~reachable] = never
    cap = np.full(weighted.shape[1], never)
    whole = bool((weighted == np.round(weighted)).all())
    best = _solve(weighted, cap, count, question.fixed, 1.0 if whole else 0.0, stop, rng)
    if best.total >= never:
        raise NoAnswer(f"No {count} posts were found from which a road leads to all demand.")
    return _answer(question, best.chosen, Certificate(best.total, best.bound))


def max_cover(
    cost: ArrayLike,
    weight: ArrayLike | None,
    count: int,
    within: float,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates that have the most weight within a cost of `within` (seconds); else as
    `p_median`.
    """
    question = posed(cost, weight, count, fixed, forbidden)
    stop = stop or NoStop()
    total = float(question.weight.sum())
    covers, weights = merged(question.cost <= within, question.weight)
    missed = np.ascontiguousarray(np.where(covers, 0.0, weights[:, None]).T)
    unreached = total - float(weights.sum())
    best = _solve(missed, weights, count, question.fixed, 0.0, stop, rng, covers)
    objective = float(question.weight[(question.cost[:, best.chosen] <= within).any(axis=1)].sum())
    bound = max(objective, total - unreached - best.bound)
    return _answer(question, best.chosen, Certificate(objective, bound))


def expected_cover(
    cost: ArrayLike,
    weight: ArrayLike | None,
    count: int,
    within: float,
    busy: float,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates with the most weight that a free one of them reaches within `within`.

    busy: share of the time (0 ≤ q < 1) that a post's unit is busy, each independently of the others, so that
    demand with n posts in reach counts w (1 - q^n). A candidate is taken once: list it twice to let it hold
    two units. Else as `max_cover`, which this is for q = 0.
    """
    faults = Faults(keep=50)
    if not 0 <= busy < 1:
        faults.add("busy", "a busy share is 0 or more and below 1", busy, "Give for example 0.3.")
    question = posed(cost, weight, count, fixed, forbidden, faults)
    rng = rng or np.random.default_rng(0)
    covers = question.cost <= within
    best = best_cover(covers, question.weight, count, busy, question.fixed, stop or NoStop(), rng)
    return _answer(question, best.chosen, Certificate(best.value, best.bound))


def set_cover(
    cost: ArrayLike,
    weight: ArrayLike | None,
    within: float,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The fewest candidates from which all demand (of weight above 0) is reached within `within`.

    The objective is their number, fixed ones included. `NoAnswer` where some demand is out of reach of all.
    """
    question = posed(cost, weight, None, fixed, forbidden)
    covers = (question.cost <= within)[question.weight > 0]
    beyond = int((~covers.any(axis=1)).sum())
    if beyond:
        raise NoAnswer(f"{beyond} places of demand are reached by no candidate within {within:g}.")
    found = standing(covers, question.fixed, rng or np.random.default_rng(0), stop or NoStop())
    assert found.chosen is not None
    return _answer(question, found.chosen, Certificate(float(len(found.chosen)), float(found.bound)))


def p_center(
    cost: ArrayLike,
    weight: ArrayLike | None,
    count: int,
    *,
    fixed: ArrayLike = (),
    forbidden: ArrayLike = (),
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Posts:
    """The `count` candidates with the least longest cost from any demand (of weight above 0) to its nearest.

    Bisection over the costs there are: can so many posts reach all within it (Minieka, SIAM Review 12,
    1970)? First by greedy covers, for a fast answer, then by proof. Else as `p_median`.
    """
    question = posed(cost, weight, count, fixed, forbidden)
    rng, stop = rng or np.random.default_rng(0), stop or NoStop()
    table = question.cost[question.weight > 0]
    if not len(table):
        return _answer(question, question.filled(question.fixed, count), Certificate(0.0, 0.0))
    nearest = table.min(axis=1)
    if not np.isfinite(nearest).all():
        raise NoAnswer(f"{int((~np.isfinite(nearest)).sum())} places of demand are reached by no candidate.")
    steps = np.unique(table[np.isfinite(table)])
    steps = np.unique(table[np.isfinite(table)])
    center = Center(table, steps, count, question.fixed, rng)
    low = int(np.searchsorted(steps, nearest.max()))
    _, high = center.bisected(low, steps.size, None)
    low, high = center.bisected(low, high, stop)
    if center.chosen is None:
        raise NoAnswer(f"No {count} posts were found from which a road leads to all demand.")
    chosen = question.filled(center.chosen, count)
    return _answer(question, chosen, Certificate(float(steps[high]), float(steps[low])))


def _solve(
    cost: FloatArray, cap: FloatArray, count: int, fixed: IntArray, grain: float, stop: Stop,
    rng: np.random.Generator | None, covers: BoolArray | None = None,
) -> Answer:  # fmt: skip
    """Search, bound, prove. With `covers` (demand × candidates) the total is the weight missed."""
    rng = rng or np.random.default_rng(0)
    best = local_search(Location(cost, cap, count, fixed), rng, stop)
    objective = best.total if covers is None else float(cap.sum()) - best.total
    problem = Location(cost, cap, count, fixed, grain, accuracy=PROVEN_GAP / 2 * abs(objective))
    start = root(problem, best, stop)
    if start is not None and not stop():
        if covers is None:
            branch_and_bound(problem, start, best, stop, rng)
        else:
            prove_cover(problem, covers, start, best, stop)
    return best


def _answer(question: Question, chosen: IntArray, certificate: Certificate) -> Posts:
    return Posts(tuple(sorted(int(j) for j in question.number[chosen])), certificate)
