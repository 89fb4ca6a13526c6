"""The units to send to one call that needs several: the cheapest set that meets every requirement, exactly.

Slots and units make an assignment problem (Kuhn, Naval Research Logistics Quarterly 2, 1955), solved by the method
of Jonker and Volgenant (Computing 38, 1987) in scipy. A requirement of its own makes slots; one that is met by units
sent for others ("two patrols, one of them with first aid") asks more of some of these slots, and every way to lay it
on them is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from scipy.optimize import linear_sum_assignment

from shouwang.engine.errors import Faults
from shouwang.engine.terms import FloatArray

MOST_WAYS = 1_000
"""Ways to lay shared requirements on slots that are tried; each is one table of slots and units."""

# Why a requirement is not met.
NOBODY, CUT_OFF, TAKEN = "nobody", "cut_off", "taken"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`count` units. cost_s: per unit what sending it for this costs in seconds; infinity for units that cannot.

    of: numbers of other requirements. With these it takes no unit of its own: so many of the units sent for those
    have to be able to do this as well (its costs are not counted then, only whether they are finite).
    """

    name: str
    count: int
    cost_s: FloatArray
    of: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A unit with the requirement it is sent for, and the shared ones that it meets as well."""

    unit: int
    requirement: int
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmet:
    """A requirement that so many units are missing for. why: no unit can do it (`nobody`), none of those that can
    gets there (`cut_off`, told by the caller's `able`), or they are all sent for the others (`taken`). A shared one
    asks this of the units that could be sent for the others.
    """

    requirement: int
    missing: int
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is sent, by requirement and cost; the total of their costs; and what could not be met."""

    sent: tuple[Sent, ...]
    cost_s: float
    unmet: tuple[Unmet, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Slot:
    requirement: int
    also: tuple[int, ...] = ()


def choose(requirements: Sequence[Requirement], *, able: Sequence[int] | None = None) -> Choice:
    """The units to send: as much met as can be, then the least total cost. Each unit is sent once.

    able: per requirement how many units could do it, wherever they are; only to say why one is not met. Raises
    `BadInput` for costs that are negative or not numbers, tables of different lengths, and `of` that names a
    shared or unknown requirement.
    """
    _check(requirements)
    laid = _laid(requirements)
    units = requirements[0].cost_s.size if requirements else 0
    best: tuple[float, list[_Slot], list[int]] | None = None
    dear = 1.0 + sum(_dearest(r) * r.count for r in requirements if not r.of)
    for slots in _layouts(requirements, laid):
        total, taken = _assign(requirements, slots, units, dear)
        if best is None or total < best[0] - 1e-9:
            best = total, slots, taken
    if best is None:
        return Choice((), 0.0)
    _total, slots, taken = best
    beyond = [i for i, r in enumerate(requirements) if r.of and r.count and i not in laid]
    sent = []
    for slot, u in zip(slots, taken, strict=True):
        also = (*slot.also, *(i for i in beyond if slot.requirement in requirements[i].of))
        if u >= 0:
            sent.append(Sent(u, slot.requirement, tuple(i for i in also if np.isfinite(requirements[i].cost_s[u]))))
    cost = [float(requirements[s.requirement].cost_s[s.unit]) for s in sent]
    order = sorted(range(len(sent)), key=lambda i: (sent[i].requirement, cost[i], sent[i].unit))
    return Choice(tuple(sent[i] for i in order), sum(cost), _unmet(requirements, sent, able))


def _dearest(requirement: Requirement) -> float:
    finite = requirement.cost_s[np.isfinite(requirement.cost_s)]
    return float(finite.max()) if finite.size else 0.0


def _laid(requirements: Sequence[Requirement]) -> list[int]:
    """The shared requirements that can be steered for: the first ones, as many as `MOST_WAYS` allows."""
    laid: list[int] = []
    for i, r in enumerate(requirements):
        if r.of and r.count:
            if sum(1 for _ in islice(_lay(requirements, _alike(requirements), [*laid, i]), MOST_WAYS + 1)) > MOST_WAYS:
                break
            laid.append(i)
    return laid


def _alike(requirements: Sequence[Requirement]) -> dict[_Slot, int]:
    return {_Slot(i): r.count for i, r in enumerate(requirements) if not r.of and r.count}


def _layouts(requirements: Sequence[Requirement], shared: Sequence[int]) -> Iterator[list[_Slot]]:
    """Every way to lay the shared requirements on the slots of the others, alike ones once."""
    for alike in _lay(requirements, _alike(requirements), shared):
        yield [slot for slot, n in sorted(alike.items(), key=lambda pair: (pair[0].requirement, pair[0].also))
               for _ in range(n)]


def _lay(requirements: Sequence[Requirement], alike: Mapping[_Slot, int], shared: Sequence[int]
         ) -> Iterator[Mapping[_Slot, int]]:
    """The same by numbers of slots that are alike: so many of each kind take on the first of `shared`, and so on."""
    if not shared:
        yield alike
        return
    first = shared[0]
    on = [slot for slot in alike if slot.requirement in requirements[first].of]
    wanted = min(requirements[first].count, sum(alike[slot] for slot in on))
    for parts in _parts([alike[slot] for slot in on], wanted):
        then = dict(alike)
        for slot, n in zip(on, parts, strict=True):
            if n:
                then[slot] -= n
                then[_Slot(slot.requirement, (*slot.also, first))] = n
        yield from _lay(requirements, {slot: n for slot, n in then.items() if n}, shared[1:])


def _parts(sizes: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
    """All ways to take `total` from groups of these sizes."""
    if not sizes:
        yield ()
        return
    for n in range(max(0, total - sum(sizes[1:])), min(sizes[0], total) + 1):
        for rest in _parts(sizes[1:], total - n):
            yield (n, *rest)


def _assign(
    requirements: Sequence[Requirement], slots: Sequence[_Slot], units: int, dear: float
) -> tuple[float, list[int]]:
    """The cheapest units for these slots, -1 for a slot left empty. Whatever is not met costs `dear` each."""
    table = np.full((len(slots), units + len(slots)), np.inf)
    for n, slot in enumerate(slots):
        table[n, :units] = requirements[slot.requirement].cost_s
        for s in slot.also:
            table[n, :units] += np.where(np.isfinite(requirements[s].cost_s), 0.0, dear)
        table[n, units + n] = dear * (1 + len(slot.also))
    row, column = linear_sum_assignment(table)
    taken = [int(c) if c < units else -1 for c in column]
    return float(table[row, column].sum()), taken


def _unmet(
    requirements: Sequence[Requirement], sent: Sequence[Sent], able: Sequence[int] | None
) -> tuple[Unmet, ...]:
    found = []
    for i, r in enumerate(requirements):
        met = sum(i in s.also for s in sent) if r.of else sum(s.requirement == i for s in sent)
        if met >= r.count:
            continue
        could = np.isfinite(r.cost_s)
        if r.of:
            could &= np.any([np.isfinite(requirements[j].cost_s) for j in r.of], axis=0)
        there = int(could.sum())
        beyond = able is not None and not r.of and able[i] > there
        why = CUT_OFF if beyond else TAKEN if there > met else NOBODY
        found.append(Unmet(i, r.count - met, why))
    return tuple(found)


def _check(requirements: Sequence[Requirement]) -> None:
    faults = Faults(keep=50)
    for r in requirements:
        if r.cost_s.shape != requirements[0].cost_s.shape:
            faults.add(r.name, "there has to be one cost per unit", str(r.cost_s.shape))
        if not (r.cost_s >= 0).all():
            faults.add(r.name, "a cost is 0 or more seconds", float(np.nanmin(r.cost_s)), "Correct it.")
        if r.count < 0:
            faults.add(r.name, "a count is 0 or more", r.count, "Give how many units are needed.")
        if any(not 0 <= i < len(requirements) or requirements[i].of for i in r.of):
            faults.add(r.name, "it is met by units of requirements that stand for themselves", str(r.of))
    faults.raise_if_any()
