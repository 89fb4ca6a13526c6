"""What is played: kinds of calls, units with shifts, posts on roads, policies; and the calls of one replication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.simulate.policies import Policy
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.terms import FloatArray, IntArray

LAWS = ("lognormal", "exponential", "constant")
ALWAYS = ((0.0, float("inf")),)
MOST_CAPABILITIES = 62  # they travel as bits of one signed word


@dataclass(frozen=True, slots=True)
class OnScene:
    """How long a unit stays with a call: a law, its mean in seconds, and for the lognormal law its
    coefficient of variation (standard deviation over mean).
    """

    mean_s: float = 1200.0
    law: Literal["lognormal", "exponential", "constant"] = "lognormal"
    variation: float = 0.7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of call.

    needs: capabilities that the unit which serves it has to hold, all of them. first: capabilities with which
    another unit may take first response and hand over when the able unit comes; None: nobody else goes.
    severity: 1 is worst, and is sent to first. share: how often it occurs among drawn calls, any scale.
    """

    name: str
    needs: frozenset[str] = frozenset()
    first: frozenset[str] | None = None
    severity: int = 1
    on_scene: OnScene = field(default_factory=OnScene)
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: the post (number) it starts from and returns to, its shifts as (start_s, end_s) in order, what
    it can do, the seconds it takes to set out from a post, the area it belongs to (as calls are told apart by areas;
    -1: none), and whether it may be moved up to another post.
    """

    name: str
    post: int
    shifts: tuple[tuple[float, float], ...] = ALWAYS
    capabilities: frozenset[str] = frozenset()
    turnout_s: float = 0.0
    home: int = -1
    moves_up: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one replication, in order of time.

    time_s: seconds from the start; place: number of a call place of the roads; area: any number ≥ 0 by which
    results are told apart; kind: index into the model's kinds; on_scene_s: how long its service will last.
    """

    time_s: FloatArray
    place: IntArray
    area: IntArray
    kind: IntArray
    on_scene_s: FloatArray

    def __len__(self) -> int:
        return int(self.time_s.size)


@dataclass(frozen=True, slots=True)
class Model:
    """One plan on its roads under a policy. Raises `BadInput` for what cannot be played."""

    roads: Roads
    kinds: Sequence[Kind]
    units: Sequence[Unit]
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        faults = Faults(keep=200)
        _check_units(faults, self.units, self.roads.post_count)
        _check_kinds(faults, self.kinds, self.units)
        self.policy.check(faults, self.roads.post_count)
        faults.raise_if_any()

    def masks(self) -> tuple[IntArray, IntArray, IntArray]:
        """Capabilities as bits: held per unit, needed per kind, enough for first response per kind (-1: none)."""
        bit = {name: 1 << i for i, name in enumerate(sorted(_capabilities(self.kinds, self.units)))}

        def word(names: frozenset[str] | None) -> int:
            return -1 if names is None else sum(bit[name] for name in names)

        return (
            np.array([word(unit.capabilities) for unit in self.units], np.int64),
            np.array([word(kind.needs) for kind in self.kinds], np.int64),
            np.array([word(kind.first) for kind in self.kinds], np.int64),
        )

    def check_calls(self, calls: Calls) -> None:
        """Raise `BadInput` for calls that this model cannot take: the compiled core trusts its indices."""
        faults = Faults(keep=50)
        bounds = {"place": self.roads.call_count, "kind": len(self.kinds), "area": np.inf}
        for name, most in bounds.items():
            values = getattr(calls, name)
            for i in np.flatnonzero((values < 0) | (values >= most)):
                faults.add(f"calls, {name} {i}", "there is no such number", values[i], "Correct it.")
        for name in ("time_s", "on_scene_s"):
            values = getattr(calls, name)
            for i in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
                faults.add(f"calls, {name} {i}", "seconds are a finite number, 0 or more", values[i], "Correct it.")
        if not (np.diff(calls.time_s) >= 0).all():
            faults.add("calls, time_s", "calls have to stand in order of time", None, "Sort them.")
        if len({getattr(calls, name).size for name in Calls.__slots__}) > 1:
            faults.add("calls", "every call needs all values", None, "Give arrays of one length.")
        faults.raise_if_any()


def _capabilities(kinds: Sequence[Kind], units: Sequence[Unit]) -> set[str]:
    sets = [unit.capabilities for unit in units] + [kind.needs | (kind.first or frozenset()) for kind in kinds]
    return set().union(*sets)


def _check_units(faults: Faults, units: Sequence[Unit], posts: int) -> None:
    if not units:
        faults.add("units", "there is no unit", 0, "Give at least one unit.")
    seen: set[str] = set()
    for unit in units:
        if unit.name in seen:
            faults.add(f"unit {unit.name}", "the name is used twice", unit.name, "Rename one.")
        seen.add(unit.name)
        if not 0 <= unit.post < posts:
            faults.add(f"unit {unit.name}, post", "there is no such post", unit.post, "Name a post of the roads.")
        if not (np.isfinite(unit.turnout_s) and unit.turnout_s >= 0):
            what = "a turnout is a finite number of seconds, 0 or more"
            faults.add(f"unit {unit.name}, turnout_s", what, unit.turnout_s, "Correct it.")
        if unit.home < -1:
            faults.add(f"unit {unit.name}, home", "areas are numbers from 0 on", unit.home, "Give -1 for no area.")
        edges = [edge for shift in unit.shifts for edge in shift]
        if not edges or not edges[0] >= 0 or not all(a < b for a, b in unit.shifts) or edges != sorted(edges):
            remedy = "Give pairs of start < end, one after the other, from 0 on."
            faults.add(f"unit {unit.name}, shifts", "shifts have to follow one another", str(unit.shifts), remedy)


def _check_kinds(faults: Faults, kinds: Sequence[Kind], units: Sequence[Unit]) -> None:
    if not kinds:
        faults.add("kinds", "there is no kind of call", 0, "Give at least one kind.")
    if len(_capabilities(kinds, units)) > MOST_CAPABILITIES:
        faults.add("capabilities", "there are more than can be told apart", None, f"Use up to {MOST_CAPABILITIES}.")
    for kind in kinds:
        where = f"kind {kind.name}"
        stay = kind.on_scene
        if stay.law not in LAWS:
            faults.add(f"{where}, law", "there is no such law", stay.law, f"Use one of {', '.join(LAWS)}.")
        for name, value in (("mean_s", stay.mean_s), ("variation", stay.variation), ("share", kind.share)):
            if not (np.isfinite(value) and value >= 0):
                faults.add(f"{where}, {name}", "the value is a finite number, 0 or more", value, "Correct it.")
        if units and not any(kind.needs <= unit.capabilities for unit in units):
            what, remedy = "no unit can serve it", "Give a unit these capabilities, or ask for fewer."
            faults.add(where, what, ";".join(sorted(kind.needs)), remedy)
