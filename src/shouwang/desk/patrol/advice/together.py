"""Several shifts at once: of the places proposed for each shift alone, those that need few moves between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shouwang.engine.deploy.shifts import ShiftPosts, posts_of_shifts
from shouwang.engine.solve.stop import TimeLimit
from shouwang.engine.terms import FloatArray

from .ground import Ground
from .posts import LEAST_SAVED, times
from .proposal import Change, Placed
from .worth import BEYOND_S, Demand, measures

LIMIT_S = 2.0
Point = tuple[float, float]


@dataclass(frozen=True)
class Alone:
    """One shift by itself: the units where they stand today, the calls, and the changes proposed."""

    units: Sequence[Placed]
    demand: Demand
    changes: Sequence[Change]


@dataclass(frozen=True)
class Together:
    """Per shift unit → place of those that move; `told`: moves in all, and what they would be one by one."""

    places: list[dict[str, Point]]
    told: dict[str, Any]


def together(shifts: Sequence[Alone], ground: Ground, within_s: float) -> Together:
    """Chooses for each unit and shift among its places: today's and those proposed for some shift. A move between
    shifts has to save a hundredth of a shift's mean drive. Proposals for each shift alone stand where today's posts
    differ between shifts, or where the choice would make a shift worse than today."""
    alone = [{c.unit: (c.lon, c.lat) for c in s.changes} for s in shifts]
    places = alone
    proofs: list[dict[str, Any]] = []
    base = {u.id: u.base for u in shifts[0].units} if shifts else {}
    if len(shifts) > 1 and all({u.id: u.base for u in s.units} == base for s in shifts):
        for service in sorted({u.service for u in shifts[0].units}):
            chosen = _of_service([u for u in shifts[0].units if u.service == service], shifts, alone, ground, within_s)
            if chosen is None:
                continue
            found, proof = chosen
            proofs.append(proof)
            own = {u.id for u in shifts[0].units if u.service == service}
            places = [
                {unit: at for unit, at in now.items() if unit not in own} | new
                for now, new in zip(places, found, strict=True)
            ]
    return Together(places, {"moves": _moves(places, base), "alone": _moves(alone, base), "proofs": proofs})


def _of_service(
    units: Sequence[Placed], shifts: Sequence[Alone], alone: Sequence[dict[str, Point]], ground: Ground, within_s: float
) -> tuple[list[dict[str, Point]], dict[str, Any]] | None:
    free = [u for u in units if any(u.id in a for a in alone)]
    if not free:
        return None
    options = [list(dict.fromkeys([u.base, *(a[u.id] for a in alone if u.id in a)])) for u in free]
    spots = list(dict.fromkeys(p for own in options for p in own))
    allowed = np.array([[spot in own for spot in spots] for own in options])
    nodes = np.unique(np.concatenate([s.demand.node for s in shifts]))
    weight = np.zeros((len(shifts), nodes.size))
    for row, shift in zip(weight, shifts, strict=True):
        row[np.searchsorted(nodes, shift.demand.node)] = shift.demand.weight
    everywhere = Demand(nodes, weight.sum(axis=0))
    seconds = times(ground.travel, ground.nodes([p[0] for p in spots], [p[1] for p in spots]), everywhere)
    rest = [u.base for u in units if u not in free]
    always = np.full(nodes.size, BEYOND_S)
    if rest:
        stay = times(ground.travel, ground.nodes([p[0] for p in rest], [p[1] for p in rest]), everywhere)
        always = np.minimum(stay.min(axis=0), BEYOND_S)
    now = np.array([spots.index(u.base) for u in free], np.int64)
    today = np.minimum(seconds[now].min(axis=0), always)
    price = LEAST_SAVED * float((weight @ today).mean())
    found = posts_of_shifts(
        _felt(seconds, within_s), weight, _felt(always, within_s), allowed, now, price, TimeLimit(LIMIT_S)
    )
    if not _no_worse(found, seconds, always, today, weight, within_s):
        return None
    chosen = [
        {u.id: spots[p] for u, p, n in zip(free, row, now, strict=True) if p != n} for row in found.place
    ]
    proof = found.certificate
    return chosen, {"objective": proof.objective, "bound": proof.bound, "gap": proof.gap, "status": proof.status}


def _felt(seconds: FloatArray, within_s: float) -> FloatArray:
    """What comes after the standard counts as much longer again as the standard is: being in time comes first."""
    felt: FloatArray = seconds + within_s * (seconds > within_s)
    return felt


def _no_worse(
    found: ShiftPosts, seconds: FloatArray, always: FloatArray, today: FloatArray, weight: FloatArray, within_s: float
) -> bool:
    for row, own in zip(found.place, weight, strict=True):
        before = measures(today, own, within_s)
        after = measures(np.minimum(seconds[row].min(axis=0), always), own, within_s)
        if after["share"] < before["share"] - 1e-9 or after["mean_s"] > before["mean_s"] + 1e-9:
            return False
    return True


def _moves(places: Sequence[dict[str, Point]], base: dict[str, Point]) -> int:
    """How often some unit is elsewhere than the shift before."""
    before, count = base, 0
    for own in places:
        now = {unit: own.get(unit, at) for unit, at in base.items()}
        count += sum(now[unit] != before[unit] for unit in base)
        before = now
    return count
