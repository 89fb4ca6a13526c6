"""Posts of several shifts at once: short drives in each, and few units that change their place between them.

A multi-period p-median with a price per move (Wesolowsky and Truscott, Management Science 22, 1975), as one integer
program. What a place of demand costs is written in steps, as in the radius formulation of García, Labbé and Marín
(INFORMS Journal on Computing 23, 2011): it pays the next step up unless one of the places nearer by is taken. Steps
that ask for the same places are one, so that the program grows with the choices, not with the demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shouwang.engine.errors import Faults
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import NoStop, Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ShiftPosts:
    """place: per shift and unit the number of its place; moves: how often a unit is elsewhere than the shift before;
    cost: weighted cost per shift, moves left out; certificate: of all costs and the price of the moves."""

    place: IntArray
    moves: int
    cost: FloatArray
    certificate: Certificate


def posts_of_shifts(
    cost: FloatArray, weight: FloatArray, always: FloatArray, allowed: BoolArray, now: IntArray, price: float,
    stop: Stop | None = None,
) -> ShiftPosts:  # fmt: skip
    """The place of each unit in each shift: min Σ_shifts Σ_demand weight · least cost + price · moves.

    cost: places × demand; weight: shifts × demand; always: per demand the cost by crews that never move (finite);
    allowed: units × places; now: per unit its place before the first shift. Exact, or with the bound at the time
    the search had to end. Raises `BadInput`.
    """
    _check(cost, weight, always, allowed, now, price)
    units, places = np.nonzero(allowed)
    model = _program(cost, weight, always, (units, places), now, price)
    stay = np.tile(now, (len(weight), 1))
    outcome = solve(model.program, stop or NoStop(), start=model.values(stay), options={"mip_rel_gap": 1e-7})
    place, bound = stay, max(outcome.bound, 0.0) + model.constant
    if outcome.values.size:
        chosen = outcome.values[: model.choices].reshape(len(weight), -1) > 0.5
        found = np.stack([_placed(row, units, places, now) for row in chosen])
        place = min(stay, found, key=lambda one: _total(cost, weight, always, one, now, price))
    total = _total(cost, weight, always, place, now, price)
    driven = np.array([_cost(cost, w, always, p) for w, p in zip(weight, place, strict=True)])
    return ShiftPosts(place, _moves(place, now), driven, Certificate(total, min(bound, total)))


@dataclass(frozen=True, slots=True)
class _Model:
    """Columns: the choices shift by shift, then moves (shifts × units), then steps (shifts × steps)."""

    program: Program
    constant: float
    choices: int
    units: IntArray
    places: IntArray
    now: IntArray
    near: BoolArray

    def values(self, place: IntArray) -> FloatArray:
        """The columns of an answer."""
        chosen = place[:, self.units] == self.places
        before = np.vstack([self.now, place[:-1]])
        paid = np.stack([~self.near[:, row].any(axis=1) for row in place])
        return np.concatenate([chosen.ravel(), (place != before).ravel(), paid.ravel()]).astype(float)


def _program(
    cost: FloatArray, weight: FloatArray, always: FloatArray, choice: tuple[IntArray, IntArray], now: IntArray,
    price: float,
) -> _Model:  # fmt: skip
    near, step_cost, constant = _steps(cost, weight, always)
    units, places = choice
    shifts, count, steps = len(weight), units.size, len(near)
    choices, moves = shifts * count, shifts * now.size
    first = (now[units] == places).astype(float)
    blocks: list[sparse.csr_matrix] = []
    lower: list[FloatArray] = []
    of_unit = sparse.csr_matrix((np.ones(count), (units, np.arange(count))), shape=(now.size, count))
    each, every = sparse.identity(shifts), sparse.identity(count)
    back = sparse.csr_matrix(np.eye(shifts, k=-1))
    # One place per unit and shift.
    blocks.append(sparse.hstack([sparse.kron(each, of_unit), sparse.csr_matrix((moves, moves + shifts * steps))]))
    lower.append(np.ones(moves))
    # A unit has moved if it is where it was not: move − now here + then here ≥ 0.
    blocks.append(sparse.hstack([
        sparse.kron(back, every) - sparse.kron(each, every), sparse.kron(each, of_unit.T),
        sparse.csr_matrix((choices, shifts * steps)),
    ]))  # fmt: skip
    lower.append(np.concatenate([-first, np.zeros(choices - count)]))
    # A step is paid unless one of its places is taken.
    table = sparse.csr_matrix(near[:, places].astype(float))
    blocks.append(sparse.hstack([
        sparse.kron(each, table), sparse.csr_matrix((shifts * steps, moves)), sparse.identity(shifts * steps)
    ]))  # fmt: skip
    lower.append(np.ones(shifts * steps))
    rows = sparse.vstack(blocks).tocsr()
    low = np.concatenate(lower)
    high = np.where(np.arange(low.size) < moves, 1.0, np.inf)
    columns = rows.shape[1]
    costs = np.concatenate([np.zeros(choices), np.full(moves, price), step_cost.ravel()])
    program = Program(costs, np.ones(columns), rows, low, high, np.arange(columns) < choices)
    return _Model(program, constant, choices, units, places, now, near)


def _steps(cost: FloatArray, weight: FloatArray, always: FloatArray) -> tuple[BoolArray, FloatArray, float]:
    """near: per step the places that spare it; what it costs per shift; and what is paid in any case."""
    capped = np.minimum(cost, always)
    order = np.argsort(capped, axis=0, kind="stable")
    ranked = np.vstack([np.take_along_axis(capped, order, axis=0), always])
    found: dict[bytes, tuple[BoolArray, FloatArray]] = {}
    for demand in range(cost.shape[1]):
        rises = np.flatnonzero(np.diff(ranked[:, demand]) > 0)
        for rank in rises:
            near = np.zeros(len(cost), bool)
            near[order[: rank + 1, demand]] = True
            paid = (ranked[rank + 1, demand] - ranked[rank, demand]) * weight[:, demand]
            key = near.tobytes()
            found[key] = (near, found[key][1] + paid if key in found else paid)
    near_rows = np.array([n for n, _ in found.values()], bool).reshape(-1, len(cost))
    costs = np.array([c for _, c in found.values()], float).reshape(-1, len(weight)).T
    return near_rows, costs, float((weight @ ranked[0]).sum())


def _placed(chosen: BoolArray, units: IntArray, places: IntArray, now: IntArray) -> IntArray:
    place = now.copy()
    place[units[chosen]] = places[chosen]
    return place


def _cost(cost: FloatArray, weight: FloatArray, always: FloatArray, place: IntArray) -> float:
    return float(np.minimum(cost[place].min(axis=0, initial=np.inf), always) @ weight)


def _moves(place: IntArray, now: IntArray) -> int:
    return int((place != np.vstack([now, place[:-1]])).sum())


def _total(
    cost: FloatArray, weight: FloatArray, always: FloatArray, place: IntArray, now: IntArray, price: float
) -> float:
    driven = sum(_cost(cost, w, always, p) for w, p in zip(weight, place, strict=True))
    return driven + price * _moves(place, now)


def _check(
    cost: FloatArray, weight: FloatArray, always: FloatArray, allowed: BoolArray, now: IntArray, price: float
) -> None:
    faults = Faults(keep=50)
    places, demand = cost.shape
    for name, values, shape in (("cost", cost, (places, demand)), ("always", always, (demand,)),
                                ("weight", weight, (len(weight), demand))):  # fmt: skip
        bad = values.shape != shape or np.isnan(values).any() or (values < 0).any()
        if bad or (name != "cost" and not np.isfinite(values).all()):
            faults.add(name, "there has to be one value, 0 or more, for each", str(values.shape), f"Give {shape}.")
    if not len(weight):
        faults.add("weight", "there is no shift", 0, "Give at least one.")
    if not (np.isfinite(price) and price >= 0):
        faults.add("price", "the price of a move is a finite number, 0 or more", price, "Correct it.")
    if allowed.shape != (now.size, places):
        faults.add("allowed", "there has to be a row per unit and a column per place", str(allowed.shape))
    else:
        for unit, place in enumerate(now):
            if not 0 <= place < places or not allowed[unit, place]:
                faults.add(f"now, unit {unit}", "a unit has to be allowed where it is", int(place), "Allow it.")
    faults.raise_if_any()
