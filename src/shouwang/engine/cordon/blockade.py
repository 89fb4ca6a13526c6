"""Blockade: close all named exits, one unit each; the last arrives as early as can be, then all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.cordon._match import cheapest, crowded, match
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray

_NAMED = 20


@dataclass(frozen=True, slots=True)
class Blockade:
    """Per exit (in the order given) the number of its unit and the second of its arrival."""

    unit: IntArray
    arrive_s: FloatArray

    @property
    def latest_s(self) -> float:
        return float(self.arrive_s.max())

    @property
    def total_s(self) -> float:
        return float(self.arrive_s.sum())


def blockade(travel: Travel, units: Spots, exits: IntArray, *, turnout_s: FloatArray | None = None) -> Blockade:
    """Give every exit (node index) a unit of its own: least latest arrival, then least total, both exact. Each unit
    starts after its `turnout_s`, at once without.

    The latest is the bottleneck assignment (Gross 1959): the least time at which the pairs that meet it still
    match every exit. The total is the linear assignment among those pairs. Raises `BadInput` for repeated or
    unknown exits and for none; `NoAnswer` naming the exits that cannot be closed.
    """
    check_exits(travel.streets, exits)
    exits = np.asarray(exits, np.int64)
    if len(units) < exits.size:
        raise NoAnswer(f"There are {len(units)} units for {exits.size} exits; each exit needs one of its own.")
    times_s = travel.matrix(units, Spots.at_nodes(exits)).T
    if turnout_s is not None:
        times_s = times_s + turnout_s
    _check_reached(travel.streets, exits, times_s)
    allowed = times_s <= _least_latest_s(times_s)
    unit = cheapest(times_s, allowed)
    return Blockade(unit, times_s[np.arange(exits.size), unit])


def check_exits(streets: Streets, exits: IntArray) -> None:
    """Raises `BadInput` if there is no exit, one is no node of the network, or one is given twice."""
    faults = Faults(keep=200)
    exits = np.asarray(exits, np.int64)
    if not exits.size:
        faults.add("exits", "there is no exit", 0, "Give at least one.")
    seen: set[int] = set()
    for i, node in enumerate(exits.tolist()):
        if not 0 <= node < streets.node_count:
            faults.add(f"exit {i + 1}", "the exit is not a node of the network", node, "Give a node of the network.")
        elif node in seen:
            name = int(streets.node_id[node])
            faults.add(f"exit {i + 1}", "the exit is given twice", name, "Give each junction once.")
        seen.add(node)
    faults.raise_if_any()


def names(streets: Streets, nodes: IntArray) -> str:
    """Some nodes as the file numbers them, for a message."""
    shown = ", ".join(str(one) for one in streets.node_id[nodes[:_NAMED]])
    return shown if len(nodes) <= _NAMED else f"{shown} and {len(nodes) - _NAMED} more"


def _check_reached(streets: Streets, exits: IntArray, times_s: FloatArray) -> None:
    reached = np.isfinite(times_s)
    alone = ~reached.any(axis=1)
    if alone.any():
        raise NoAnswer(f"No unit can reach these exits: {names(streets, exits[alone])}.")
    places, units = crowded(reached, match(reached))
    if places.any():
        which = names(streets, exits[places])
        raise NoAnswer(f"Only {units.sum()} units can reach these {places.sum()} exits: {which}.")


def _least_latest_s(times_s: FloatArray) -> float:
    """The least time within which the pairs still match every exit, by bisection over the times there are."""
    values = np.unique(times_s[np.isfinite(times_s)])
    low, high = 0, values.size - 1
    while low < high:
        middle = (low + high) // 2
        if (match(times_s <= values[middle]) >= 0).all():
            high = middle
        else:
            low = middle + 1
    return float(values[low])
