"""The proof of a maximal cover: an integer program on the candidates that bounds have not closed."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from shouwang.engine.solve.location import Answer, Branch, Location
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray


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
    unserved = float(start.cap.sum())
    model = _model(table, weight, left, stop)
    known = np.isin(columns, best.chosen)
    if known.sum() <= left:
        served = table[:, known].any(axis=1)
        solution = highspy.HighsSolution()
        solution.col_value = np.concatenate([known, served]).astype(float).tolist()
        model.setSolution(solution)
    model.run()
    info = model.getInfo()
    values = np.asarray(model.getSolution().col_value)
    if values.size:
        opened = columns[np.flatnonzero(values[: columns.size] > 0.5)]
        chosen = np.concatenate([start.opened, opened]).astype(np.int64)
        spare = np.setdiff1d(np.arange(covers.shape[1]), chosen)[: problem.count - len(chosen)]
        chosen = np.concatenate([chosen, spare])
        total = problem.total(chosen)
        if total < best.total:
            best.chosen, best.total = chosen, total
    # Closed candidates belong to no answer better than best - slack, hence the program speaks for all others.
    program = unserved + float(info.mip_dual_bound)
    best.bound = max(best.bound, min(best.total - problem.accuracy, program))


def _model(table: BoolArray, weight: FloatArray, posts: int, stop: Stop) -> highspy.Highs:
    demands, places = table.shape
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = places + demands, demands + 1
    lp.col_cost_ = np.concatenate([np.zeros(places), -weight])
    lp.col_lower_, lp.col_upper_ = np.zeros(places + demands), np.ones(places + demands)
    lp.row_lower_ = np.append(np.zeros(demands), -np.inf)
    lp.row_upper_ = np.append(np.full(demands, np.inf), posts)
    rows = sparse.vstack(
        [
            sparse.hstack([sparse.csr_matrix(table.astype(float)), -sparse.identity(demands)]),
            sparse.hstack([sparse.csr_matrix(np.ones((1, places))), sparse.csr_matrix((1, demands))]),
        ]
    ).tocsr()
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger] * places + [kinds.kContinuous] * demands
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("mip_rel_gap", 1e-7),
        ("mip_abs_gap", 1e-9),
        ("mip_heuristic_effort", 0.0),  # the local search has found what there is to find
        ("mip_allow_restart", False),  # twice the time on the networks measured
        ("time_limit", min(stop.remaining_s(), 1e9)),
    ):
        model.setOptionValue(option, value)
    model.passModel(lp)
    return model
