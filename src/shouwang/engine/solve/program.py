"""Linear and integer programs, solved by HiGHS with a bound that holds even when time runs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import highspy
import numpy as np
from scipy.sparse import csr_matrix

from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Program:
    """min cost · x such that lower ≤ rows · x ≤ upper and 0 ≤ x ≤ most; `whole`: which x are whole numbers."""

    cost: FloatArray
    most: FloatArray
    rows: csr_matrix
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray


@dataclass(frozen=True, slots=True)
class Outcome:
    """values: the best x found, empty where none was; bound: no x costs less (infinity: none exists)."""

    values: FloatArray
    bound: float


def solve(
    program: Program, stop: Stop, *, start: FloatArray | None = None, options: Mapping[str, Any] | None = None
) -> Outcome:
    """Solve a program from a known answer `start`, until `stop`. options: settings of HiGHS."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = program.rows.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, np.zeros(program.cost.size), program.most
    lp.row_lower_, lp.row_upper_ = program.lower, program.upper
    rows, kinds = program.rows, highspy.HighsVarType
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in program.whole]
    model = cast(Any, highspy).Highs()
    limits = {"output_flag": False, "time_limit": min(stop.remaining_s(), 1e9)}
    for option, value in (limits | dict(options or {})).items():
        model.setOptionValue(option, value)
    model.passModel(lp)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        model.setSolution(solution)
    model.run()
    values = np.asarray(model.getSolution().col_value, float)
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return Outcome(np.zeros(0), np.inf)
    info = model.getInfo()
    if not program.whole.any():
        solved = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return Outcome(values if solved else np.zeros(0), info.objective_function_value if solved else -np.inf)
    known = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Outcome(values if known else np.zeros(0), float(info.mip_dual_bound))
