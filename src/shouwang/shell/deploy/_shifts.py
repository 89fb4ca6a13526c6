"""`shouwang deploy posts --shifts`: one plan over several shifts, in which few units change their post."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shouwang.engine.deploy.shifts import ShiftPosts, posts_of_shifts
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray
from shouwang.tables.costs import CostTable
from shouwang.tables.places import number, read_rows


@dataclass(frozen=True, slots=True, eq=False)
class Shifts:
    """names: of the shifts, in order; weight: shifts × demand; now: per unit the number of its candidate before the
    first shift; fixed: candidates that crews hold in every shift; allowed: per candidate whether a unit may stand
    there; price: of a move, in weight × cost."""

    names: list[str]
    weight: FloatArray
    now: IntArray
    fixed: IntArray
    allowed: BoolArray
    price: float


def read_shifts(faults: Faults, file: Path, table: CostTable) -> tuple[list[str], FloatArray]:
    """Names and weights (shifts × demand) of a table with the columns shift, demand and weight. Demand is counted as
    candidates are, by the rows of its file; what is not named weighs 0. A shift comes where it is first named."""
    rows, demand = read_rows(file), table.cost.shape[0]
    missing = [column for column in ("shift", "demand", "weight") if not rows.has(column)]
    for column in missing:
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
    if missing or not len(rows):
        if not missing:
            faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
        return [], np.zeros((0, demand))
    names: dict[str, int] = {}
    met: dict[tuple[str, int], int] = {}
    found: list[tuple[int, int, float]] = []
    last = table.first + demand - 1
    for i, raw in enumerate(rows.columns["shift"]):
        name = "" if raw is None else str(raw).strip()
        if not name:
            faults.add(rows.where(i, "shift"), "the value is missing", None, "Fill it in.")
        place = number(faults, rows, "demand", i, table.first, last)
        weight = number(faults, rows, "weight", i, 0.0)
        if np.isfinite(place) and place != round(place):
            remedy = f"Give a number from {table.first} to {last}."
            faults.add(rows.where(i, "demand"), "the value is not a whole number", rows.columns["demand"][i], remedy)
        elif np.isfinite(place):
            key = (name, int(place))
            if key in met:
                remedy = f"Row {met[key]} has it already; remove one."
                faults.add(rows.where(i, "demand"), "the shift has this place of demand twice", key[1], remedy)
            met.setdefault(key, rows.first_row + i)
            found.append((names.setdefault(name, len(names)), int(place) - table.first, weight))
    weights = np.zeros((len(names), demand))
    for shift, place, weight in found:
        weights[shift, place] = weight
    return list(names), weights


def solved(table: CostTable, wanted: Shifts, stop: Stop) -> ShiftPosts:
    """The posts of each shift. Raises `NoAnswer` where some demand has no road from any post."""
    cost = table.cost.T
    always = cost[wanted.fixed].min(axis=0, initial=np.inf)
    always, priced = _filled(cost, always, wanted)
    allowed = np.tile(wanted.allowed, (wanted.now.size, 1))
    found = posts_of_shifts(cost, wanted.weight, always, allowed, wanted.now, wanted.price, stop)
    reach = np.stack([np.isfinite(cost[row]).any(axis=0) for row in found.place])
    left = ((wanted.weight > 0) & priced & ~reach).any(axis=0)
    if left.any():
        never = "no post" if found.certificate.status == "optimal" else "no post found in the time given"
        raise NoAnswer(f"{left.sum()} places of demand have a road from {never} in some shift.")
    return found


def _filled(cost: FloatArray, always: FloatArray, wanted: Shifts) -> tuple[FloatArray, BoolArray]:
    """`always` made finite, and where it stands for no road at all. Demand that every candidate reaches is never left
    to it; where some candidate does not, it costs more than any plan that reaches all."""
    open_ = ~np.isfinite(always)
    most = np.where(np.isfinite(cost), cost, 0.0).max(axis=0, initial=0.0)
    all_reach = np.isfinite(cost).all(axis=0)
    heavy = wanted.weight[wanted.weight > 0].min(initial=np.inf)
    whole = float((wanted.weight @ most).sum()) + wanted.price * wanted.now.size * len(wanted.names)
    dear = most + (2.0 * whole / heavy if np.isfinite(heavy) else 0.0) + 1.0
    return np.where(open_, np.where(all_reach, most, dear), always), open_ & ~all_reach


def document(table: CostTable, wanted: Shifts, found: ShiftPosts, seconds: float) -> dict[str, Any]:
    """What is told as JSON: candidates are counted as in the file."""
    certificate = found.certificate
    before = np.vstack([wanted.now, found.place[:-1]])
    return {
        "objective": certificate.objective,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "status": certificate.status,
        "moves": found.moves,
        "shifts": [
            {"shift": name, "posts": (place + table.first).tolist(), "cost": float(cost), "moves": int(moved)}
            for name, place, cost, moved in zip(
                wanted.names, found.place, found.cost, (found.place != before).sum(axis=1), strict=True
            )
        ],
        "seconds": round(seconds, 4),
    }


def as_text(told: dict[str, Any]) -> str:
    lines = [
        f"objective {told['objective']:.6g}, bound {told['bound']:.6g}, gap {told['gap']:.3%}: {told['status']} after "
        f"{told['seconds']:.1f} s, {told['moves']} moves"
    ]
    for one in told["shifts"]:
        stand = " ".join(map(str, one["posts"]))
        lines.append(f"{one['shift']:<12} posts {stand}  moves {one['moves']}  cost {one['cost']:.6g}")
    return "\n".join(lines)
