"""Permanent checkpoints: the k places that meet the most through trips, and the fewest that shut every way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import highspy
import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, hstack, identity, vstack

from shouwang.engine.cordon._cut import least_cut
from shouwang.engine.cordon.blockade import check_exits, names
from shouwang.engine.cordon.chase import Chase
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.stop import NoStop, Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Trips:
    """Trips by the fastest way, one per entry: from and to (node indices) and how many such trips there are."""

    origin: IntArray
    target: IntArray
    weight: FloatArray

    @classmethod
    def between(cls, places: IntArray) -> Trips:
        """One trip between every two of some places, each way."""
        origin, target = (side.ravel() for side in np.meshgrid(places, places, indexing="ij"))
        apart = origin != target
        return cls(origin[apart], target[apart], np.ones(int(apart.sum())))


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The places (node indices, the one that meets most first), the trips that pass each, the trips that meet at
    least one of them with a proof that no more can be met, and all trips that have a way.
    """

    node: IntArray
    passing: FloatArray
    certificate: Certificate
    all_trips: float


def checkpoints(travel: Travel, trips: Trips, count: int, *, stop: Stop | None = None) -> Checkpoints:
    """Choose at most `count` junctions so that most trips pass one of them on their fastest way, ends included.

    The flow-capturing location problem (Hodgson, Geographical Analysis 22, 1990): a maximal cover of ways by
    junctions, begun greedily and proven by an integer program. Raises `BadInput` for a count below 1, no trips,
    or weights that are not finite numbers ≥ 0; `NoAnswer` if no trip has a way.
    """
    _check(trips, count)
    passes, weight = _passes(travel, trips)
    if not weight.size:
        raise NoAnswer("None of the trips has a way by road.")
    table, first = _apart(passes)
    chosen, bound = _covered(table, weight, min(count, table.shape[1]), stop or NoStop())
    met = float(weight[np.asarray(table[:, chosen].sum(axis=1)).ravel() > 0].sum())
    passing = np.asarray(table[:, chosen].T @ weight).ravel()
    order = np.argsort(-passing, kind="stable")
    return Checkpoints(first[chosen][order], passing[order], Certificate(met, max(met, bound)), float(weight.sum()))


def exit_set(travel: Travel, exits: IntArray, inside: IntArray) -> IntArray:
    """The fewest junctions (node indices) that shut every way from some places to all exits: a least vertex cut.

    The places themselves cannot be shut, an exit can. Raises `BadInput` for bad exits; `NoAnswer` where a place is
    an exit.
    """
    check_exits(travel.streets, exits)
    mask, open_ = _at(travel, exits), ~_at(travel, inside)
    if (mask & ~open_).any():
        which = names(travel.streets, np.flatnonzero(mask & ~open_))
        raise NoAnswer(f"These places are exits themselves and cannot be shut off from them: {which}.")
    everybody = Chase.of_everybody(travel, np.asarray(inside, np.int64), mask)
    cut = least_cut(everybody, np.ones(mask.size, bool), open_.astype(np.int64), 0)
    assert cut is not None
    return cut.ring


def _at(travel: Travel, nodes: IntArray) -> BoolArray:
    mask = np.zeros(travel.streets.node_count, bool)
    mask[nodes] = True
    return mask


def _check(trips: Trips, count: int) -> None:
    faults = Faults(keep=200)
    if count < 1:
        faults.add("count", "there has to be at least one checkpoint", count, "Ask for 1 or more.")
    for i in np.flatnonzero(~(np.isfinite(trips.weight) & (trips.weight >= 0))):
        faults.add(f"trip {i + 1}", "a weight is a finite number, 0 or more", trips.weight[i], "Correct it.")
    if not trips.weight.size:
        faults.add("trips", "there is no trip", 0, "Give at least one.")
    faults.raise_if_any()


def _passes(travel: Travel, trips: Trips) -> tuple[csr_matrix, FloatArray]:
    """Which junctions each trip passes (trips × nodes), trips without a way or weight left out, and their weights."""
    nodes, rows, columns = travel.streets.node_count, list[int](), list[int]()
    weight: list[float] = []
    nowhere, never = np.zeros(nodes, bool), np.full(nodes, np.inf)
    for origin in np.unique(trips.origin):
        reach = Chase.of_everybody(travel, np.array([origin]), nowhere).reach(never)
        for i in np.flatnonzero((trips.origin == origin) & (trips.weight > 0)):
            if np.isfinite(reach.at_s[trips.target[i]]):
                way = reach.route(int(trips.target[i]))
                rows += [len(weight)] * len(way)
                columns += way
                weight.append(float(trips.weight[i]))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(weight), nodes)), np.array(weight)


def _apart(passes: csr_matrix) -> tuple[csc_matrix, IntArray]:
    """Junctions that meet different trips (trips × those), and the node of each: of equals the first."""
    table = passes.tocsc()
    table.sort_indices()
    seen: dict[bytes, int] = {}
    for node in np.flatnonzero(np.diff(table.indptr)).tolist():
        seen.setdefault(table.indices[table.indptr[node] : table.indptr[node + 1]].tobytes(), node)
    first = np.array(list(seen.values()), np.int64)
    return table[:, first], first


def _covered(table: csc_matrix, weight: FloatArray, count: int, stop: Stop) -> tuple[IntArray, float]:
    """Columns that meet most weight, and a bound on what any so many meet."""
    best = _greedy(table, weight, count)
    trips, places = table.shape
    rows = vstack([hstack([table, -identity(trips)]), csr_matrix(np.r_[np.ones(places), np.zeros(trips)])]).tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = places + trips, trips + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.r_[np.zeros(places), weight]
    lp.col_lower_, lp.col_upper_ = np.zeros(places + trips), np.ones(places + trips)
    lp.row_lower_ = np.r_[np.zeros(trips), -np.inf]
    lp.row_upper_ = np.r_[np.full(trips, np.inf), count]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole] * places + [free] * trips
    model = cast(Any, highspy).Highs()
    for option, value in (("output_flag", False), ("mip_rel_gap", 1e-7), ("time_limit", min(stop.remaining_s(), 1e9))):
        model.setOptionValue(option, value)
    model.passModel(lp)
    start = highspy.HighsSolution()
    start.col_value = np.r_[np.isin(np.arange(places), best), _met(table, best)].astype(float).tolist()
    model.setSolution(start)
    model.run()
    bound, values = model.getInfo().mip_dual_bound, np.asarray(model.getSolution().col_value)
    if values.size:
        found = np.flatnonzero(values[:places] > 0.5)
        if found.size <= count and weight[_met(table, found)].sum() > weight[_met(table, best)].sum():
            best = found
    return best, float(min(bound, weight.sum()) if np.isfinite(bound) else weight.sum())


def _met(table: csc_matrix, chosen: IntArray) -> BoolArray:
    met: BoolArray = np.asarray(table[:, chosen].sum(axis=1)).ravel() > 0
    return met


def _greedy(table: csc_matrix, weight: FloatArray, count: int) -> IntArray:
    """Always the place that meets most of what is not met yet: at least 1 - 1/e of the best there is."""
    left, chosen = weight.copy(), []
    for _ in range(count):
        gain = np.asarray(table.T @ left).ravel()
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append(best)
        left[table.indices[table.indptr[best] : table.indptr[best + 1]]] = 0.0
    return np.array(chosen, np.int64)
