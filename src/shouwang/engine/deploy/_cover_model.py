"""The proof of a maximal cover: an integer program on the candidates that bounds have not closed."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from shouwang.engine.solve.location import Answer, Branch, Location
from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray

PROOF = {
    "mip_rel_gap": 1e-7,
    "mip_abs_gap": 1e-9,
    "mip_heuristic_effort": 0.0,  # the local search has found what there is to find
    "mip_allow_restart": False,  # twice the time on the networks measured
}


def merged(covers: BoolArray, weight: FloatArray) -> tuple[BoolArray, FloatArray]:
    """Demand that the same candidates cover, joined into one; what none covers is left out."""
    packed = np.packbits(covers, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    joined = np.asarray(np.bincount(group.ravel(), weights=weight, minlength=len(first)), float)
    kept = covers[first].any(axis=1) & (joined > 0)
    return covers[first][kept], joined[kept]


def prove_cover(problem: Location, covers: BoolArray, start: Branch, best: Answer, stop: Stop) -> None:
    """Solve what the root bound left open: max Σ w_u z_u, z_u ≤ Σ y_j over the covering j, Σ y_j ≤ p.

    `covers` is demand × candidates. Reduced costs have closed most candidates, so that more demand is alike
    and merges again. `best` gets the better of its own answer and the program's, and the program's bound.
    """
    open_demand = start.cap > 0
    columns = np.flatnonzero(start.free)
    left = problem.count - len(start.opened)
    table, weight = merged(covers[open_demand][:, columns], problem.cap[open_demand])
    known = np.isin(columns, best.chosen)
    served = table[:, known].any(axis=1)
    before = np.concatenate([known, served]).astype(float) if known.sum() <= left else None
    outcome = solve(_program(table, weight, left), stop, start=before, options=PROOF)
    if outcome.values.size:
        opened = columns[np.flatnonzero(outcome.values[: columns.size] > 0.5)]
        chosen = np.concatenate([start.opened, opened]).astype(np.int64)
        spare = np.setdiff1d(np.arange(covers.shape[1]), chosen)[: problem.count - len(chosen)]
        chosen = np.concatenate([chosen, spare])
        total = problem.total(chosen)
        if total < best.total:
            best.chosen, best.total = chosen, total
    # Closed candidates belong to no answer better than best - slack, hence the program speaks for all others.
    best.bound = max(best.bound, min(best.total - problem.accuracy, float(start.cap.sum()) + outcome.bound))


def _program(table: BoolArray, weight: FloatArray, posts: int) -> Program:
    demands, places = table.shape
    rows = sparse.vstack(
        [
            sparse.hstack([sparse.csr_matrix(table.astype(float)), -sparse.identity(demands)]),
            sparse.hstack([sparse.csr_matrix(np.ones((1, places))), sparse.csr_matrix((1, demands))]),
        ]
    ).tocsr()
    return Program(
        cost=np.concatenate([np.zeros(places), -weight]),
        most=np.ones(places + demands),
        rows=rows,
        lower=np.append(np.zeros(demands), -np.inf),
        upper=np.append(np.full(demands, np.inf), posts),
        whole=np.arange(places + demands) < places,
    )
