"""The proof: an integer program whose relaxation is mended wherever it believes too much.

Variables: i_v, the vehicle gets through junction v; y_vr, v is shut by one of the r units that get there first.

    least  Σ y (fewest units)  or  Σ i (tightest area)
    i_w + Σ_r y_wr ≥ i_v          for every street v → w            (who is not stopped at w gets through)
    i_v = 0                       at every exit
    Σ y ≤ number of units

In the beginning r counts the units that reach v by the latest second at which any ring could let the vehicle
come there, so that the program bounds every ring. What it proposes is tried. If a junction v would be met at second
t, by a way p_1 … p_k = v at seconds t_1 … t_k = t, before enough units are there, then for every ring

    i_v + Σ_j Σ_{r ≤ r_j} y_(p_j)r ≥ 1,      r_j: units at p_j by t_j,

since the vehicle can drive just so unless it is stopped on that way in time. If several junctions compete for the
units N alone, then Σ y_vr ≤ |N| over all v, r whose first r units lie in N (Hall's condition). Each proposal that does
not hold breaks one of these, and there are finitely many: the last proposal is a best ring.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import highspy
import numpy as np
from scipy.sparse import csr_matrix, vstack

from shouwang.engine.cordon._rings import Hunt, Ring, Trial
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

Level = tuple[int, int]
"""A junction, and how many of the units that get there first may shut it."""
_STEPS = 8
_WHOLE = 1e-6
_LARGE = 10_000
_INTEGER = highspy.HighsVarType.kInteger


class _Rows(NamedTuple):
    """The rows of the program and what they lie between."""

    matrix: csr_matrix
    lower: FloatArray
    upper: FloatArray


class Program:
    """The integer program of a hunt, and what has been learnt about it. `bound` is proven: no ring has a smaller
    value (infinity: there is no ring).

    For the area it begins with the surroundings of what the vehicle passes anyway. To leave out all that lies
    farther bounds every ring too; where a proposal lets the vehicle come that far, the surroundings grow.
    """

    def __init__(self, hunt: Hunt) -> None:
        chase, self.hunt = hunt.chase, hunt
        self.core = hunt.utmost.passed
        self.levels: list[Level] = []
        self.known: set[Level] = set()
        self.learnt: list[list[Level] | BoolArray] = [np.ones(chase.unit_count, bool)]
        self.core_inside = int(self.core.sum()) if hunt.goal == "tightest-area" else 0
        self.bound: float = float(self.core_inside)
        self.all = hunt.counts & ~self.core & np.isfinite(hunt.free.at_s)
        seeds = np.zeros(chase.node_count, bool)
        seeds[chase.seed_node[np.isfinite(chase.seed_s)]] = True
        self.sure = self.all & (seeds | self._beside(self.core))
        self._take(self.all if hunt.goal == "fewest-units" else self._around(self.sure))

    def _beside(self, nodes: BoolArray) -> BoolArray:
        """The nodes one street after some nodes."""
        chase, found = self.hunt.chase, np.zeros(nodes.size, bool)
        found[chase.head[nodes[chase.tail] & np.isfinite(chase.drive_s)]] = True
        return found

    def _around(self, nodes: BoolArray) -> BoolArray:
        for _ in range(_STEPS):
            nodes = nodes | (self.all & self._beside(nodes))
        return nodes

    def _take(self, nodes: BoolArray) -> None:
        """Let these nodes be those of the program."""
        chase = self.hunt.chase
        self.taken, self.outside, self.basis = nodes, np.flatnonzero(nodes), cast(Any, None)
        self.number = np.full(chase.node_count, -1)
        self.number[self.outside] = np.arange(self.outside.size)
        inner = nodes[chase.tail] & nodes[chase.head] & np.isfinite(chase.drive_s) & (chase.head != chase.tail)
        count = self.outside.size
        pairs = np.unique(self.number[chase.tail[inner]] * count + self.number[chase.head[inner]])
        self.streets = pairs // count, pairs % count
        self._allow((v, r) for v, r in zip(self.outside.tolist(), self.hunt.hoped[self.outside].tolist(), strict=True))

    def _allow(self, levels: Iterable[Level]) -> None:
        """Let junctions be shut by so many first units; no units, no column."""
        for level in levels:
            if level[1] and level not in self.known:
                self.known.add(level)
                self.levels.append(level)

    def improve(self, best: Ring | None, stop: Stop) -> Ring | None:
        """Work until the best ring is proven, no ring is possible, or time is up; returns the best ring."""
        before: bytes | None = None
        goal = self.hunt.goal
        while not stop() and (best is None or self.bound < best.value(goal)[0]) and self.bound < np.inf:
            proposal = self._propose(stop)
            if proposal is None:
                break
            shut, inside = proposal
            farther = self._beside(inside) & self.all & ~self.taken
            if farther.any():
                self._take(self.taken | self._around(farther))
                continue
            if shut.tobytes() == before:  # rounding in HiGHS: nothing more can be learnt
                break
            before, trial = shut.tobytes(), self.hunt.try_ring(shut)
            if trial.ring is None:
                self._learn(trial)
            elif best is None or trial.ring.value(goal) < best.value(goal):
                best = trial.ring
        return best

    def _propose(self, stop: Stop) -> tuple[IntArray, BoolArray] | None:
        """The junctions that the program would shut and those left inside; its bound is kept. None if there is no
        ring, or no time.

        First the program is relaxed: most often the answer is whole all the same. The integer program follows if
        it is not; a large one only without a time limit, since HiGHS does not look at the clock at its root.
        """
        rows = self._rows()
        model = self._model(rows, stop)
        model.setBasis(self._basis(rows))
        values = self._solved(model, relaxed=True)
        if values is None:
            return None
        self.basis = model.getBasis()
        if (np.minimum(values, 1 - values) > _WHOLE).any():
            if values.size > _LARGE and np.isfinite(stop.remaining_s()):
                return None
            model = self._model(rows, stop)
            shuts = np.arange(self.outside.size, values.size, dtype=np.int32)
            model.changeColsIntegrality(shuts.size, shuts, np.full(shuts.size, _INTEGER))
            values = self._solved(model, relaxed=False)
            if values is None:
                return None
        chosen, inside = values > 0.5, np.zeros(self.taken.size, bool)
        inside[self.outside[chosen[: self.outside.size]]] = True
        shut = np.unique([v for (v, _), y in zip(self.levels, chosen[self.outside.size :], strict=True) if y])
        shut = shut.astype(np.int64)
        return shut[~inside[shut]], inside

    def _solved(self, model: Any, relaxed: bool) -> FloatArray | None:
        """Values of a best solution, None if there is none or time ran out; the bound is kept."""
        model.run()
        status, info = model.getModelStatus(), model.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            self.bound = np.inf
            return None
        solved = status == highspy.HighsModelStatus.kOptimal
        bound = info.mip_dual_bound if not relaxed else info.objective_function_value if solved else -np.inf
        if np.isfinite(bound):
            self.bound = max(self.bound, self.core_inside + float(np.ceil(bound - _WHOLE)))
        return np.asarray(model.getSolution().col_value) if solved else None

    def _basis(self, rows: _Rows) -> Any:
        """Where the last relaxation ended, new columns at zero and new rows slack."""
        basis, states = cast(Any, highspy).HighsBasis(), highspy.HighsBasisStatus
        columns: list[Any] = list(self.basis.col_status) if self.basis else []
        lines: list[Any] = list(self.basis.row_status) if self.basis else []
        basis.col_status = columns + [states.kLower] * (rows.matrix.shape[1] - len(columns))
        basis.row_status = lines + [states.kBasic] * (rows.matrix.shape[0] - len(lines))
        basis.valid = True
        return basis

    def _learn(self, trial: Trial) -> None:
        """Rows that the proposal breaks: the ways by which it is beaten, and the crowd that wants too few units."""
        times = self.hunt.chase.in_time(trial.reach.at_s)
        for v in trial.node[trial.short].tolist():
            way = [(p, int(times[p])) for p in trial.reach.route(v) if not self.core[p]]
            self._allow(way)
            self.learnt.append(way)
        if trial.few.any():
            self.learnt.append(trial.few)

    def _rows(self) -> _Rows:
        count = self.outside.size
        tail, head = self.streets
        node, level = np.array(self.levels, np.int64).reshape(-1, 2).T
        shape = (count, count + node.size)
        shuts = csr_matrix((np.ones(node.size), (self.number[node], count + np.arange(node.size))), shape=shape)
        passes = csr_matrix((np.ones(count), (np.arange(count),) * 2), shape=shape)
        stays, first = (passes + shuts).tocsr(), self.number[self.sure]
        learnt, lower, upper = self._learnt_rows(node, level)
        return _Rows(
            vstack([stays[first], stays[head] - passes[tail], learnt]).tocsr(),
            np.concatenate([np.ones(first.size), np.zeros(tail.size), lower]),
            np.concatenate([np.full(first.size + tail.size, np.inf), upper]),
        )

    def _learnt_rows(self, node: IntArray, level: IntArray) -> tuple[csr_matrix, FloatArray, FloatArray]:
        """The rows learnt, in the order of learning, and what they lie between."""
        count, order = self.outside.size, self.hunt.order
        at: dict[int, list[tuple[int, int]]] = {}
        for j, (v, r) in enumerate(self.levels, start=count):
            at.setdefault(v, []).append((r, j))
        rows, columns, lower, upper = [], [], [], []
        for i, what in enumerate(self.learnt):
            if isinstance(what, list):
                entries = [j for p, most in what for r, j in at.get(p, []) if r <= most]
                entries.append(int(self.number[what[-1][0]]))
            else:
                others = np.cumsum(~what[order[node]], axis=1)[np.arange(node.size), level - 1]
                entries = (count + np.flatnonzero(others == 0)).tolist()
            rows += [i] * len(entries)
            columns += entries
            lower.append(1.0 if isinstance(what, list) else -np.inf)
            upper.append(np.inf if isinstance(what, list) else float(what.sum()))
        matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(self.learnt), count + node.size))
        return matrix, np.array(lower), np.array(upper)

    def _model(self, rows: _Rows, stop: Stop) -> Any:
        count, (height, width) = self.outside.size, rows.matrix.shape
        tightest = self.hunt.goal == "tightest-area"
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = width, height
        lp.col_cost_ = np.concatenate([np.full(count, float(tightest)), np.full(width - count, float(not tightest))])
        lp.col_lower_ = np.zeros(width)
        lp.col_upper_ = np.concatenate([~self.hunt.chase.exits[self.outside], np.ones(width - count)]).astype(float)
        lp.row_lower_, lp.row_upper_ = rows.lower, rows.upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        matrix = rows.matrix
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        model = cast(Any, highspy).Highs()
        for option, value in (
            ("output_flag", False),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.99),  # values are whole numbers
            ("time_limit", min(stop.remaining_s(), 1e9)),
        ):
            model.setOptionValue(option, value)
        model.passModel(lp)
        return model
