"""Who is sent, and where idle units wait: small objects that may be swapped.

The built-in policies are codes and numbers that both cores know. The readable reference also takes any object
of your own that fits `Dispatch` or `MoveUp`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.terms import IntArray


class World(Protocol):
    """What a policy may look at. Units, calls and posts are numbers."""

    @property
    def now_s(self) -> float:
        """Seconds since the start."""

    @property
    def unit_count(self) -> int:
        """All units, on duty or not."""

    def is_free(self, unit: int) -> bool:
        """On duty and without a call: at its post or on the way to one."""

    def able(self, unit: int, call: int) -> bool:
        """Whether it holds what the call needs."""

    def arrival_s(self, unit: int, call: int) -> float:
        """When a free unit would arrive if sent now; infinity if no road leads there."""

    def expected_arrival_s(self, unit: int, call: int) -> float:
        """The same for a busy unit once it has finished, by the mean stay; infinity if it cannot be said."""

    def home_of(self, unit: int) -> int:
        """The area it belongs to, -1 if to none."""

    def area_of(self, call: int) -> int:
        """The area the call lies in."""

    def moves_up(self, unit: int) -> bool:
        """Whether it may be sent to another post."""

    def post_of(self, unit: int) -> int:
        """The post where it stands or to which it drives."""

    def to_post_s(self, unit: int, post: int) -> float:
        """Seconds until a free unit could be at a post."""


@runtime_checkable
class Dispatch(Protocol):
    """Chooses the unit for a call."""

    def choose(self, world: World, call: int) -> int | None:
        """A free unit is sent at once; for a busy one the call is kept; None lets it wait for the next able
        unit.
        """


@runtime_checkable
class MoveUp(Protocol):
    """Moves idle units where cover has got thin."""

    def moves(self, world: World) -> Iterable[tuple[int, int]]:
        """Pairs of a free unit and the post it shall drive to, asked after every event."""


@dataclass(frozen=True, slots=True)
class NearestFree:
    """The free and able unit that arrives first."""

    away_s = 0.0
    last_s = 0.0

    def choose(self, world: World, call: int) -> int | None:
        return _soonest_free(world, call, self.away_s, self.last_s)


@dataclass(frozen=True, slots=True)
class OwnAreaFirst:
    """Units of the call's own area come first: one of another area is sent only if it arrives `away_s` sooner than the
    best of them, or if none of them is free. Units of no area are at home everywhere.
    """

    away_s: float = 300.0
    last_s = 0.0

    def choose(self, world: World, call: int) -> int | None:
        return _soonest_free(world, call, self.away_s, self.last_s)


@dataclass(frozen=True, slots=True)
class KeepCover:
    """The free and able unit that arrives first, but the last free one of another area counts as `last_s` later: it
    leaves its area bare only if that saves so much.
    """

    last_s: float = 300.0
    away_s = 0.0

    def choose(self, world: World, call: int) -> int | None:
        return _soonest_free(world, call, self.away_s, self.last_s)


def _soonest_free(world: World, call: int, away_s: float, last_s: float) -> int | None:
    """The free and able unit with the earliest arrival, a unit of another area counted as later."""
    free = [unit for unit in range(world.unit_count) if world.is_free(unit)]
    left = Counter(world.home_of(unit) for unit in free) if last_s else Counter[int]()
    best, best_s = None, float("inf")
    for unit in free:
        if world.able(unit, call):
            home, cost_s = world.home_of(unit), world.arrival_s(unit, call)
            if home not in (-1, world.area_of(call)):
                cost_s += away_s + (last_s if left[home] == 1 else 0.0)
            if cost_s < best_s:
                best, best_s = unit, cost_s
    return best


@dataclass(frozen=True, slots=True)
class NearestByReturn:
    """The able unit that is expected to arrive first, those that are still busy counted in.

    A call is kept for a busy unit only if that is expected to come sooner than any free one. A unit keeps at
    most one call; one that goes off duty keeps none.
    """

    def choose(self, world: World, call: int) -> int | None:
        best, best_s = None, float("inf")
        for unit in range(world.unit_count):
            if world.able(unit, call):
                free = world.is_free(unit)
                arrival_s = world.arrival_s(unit, call) if free else world.expected_arrival_s(unit, call)
                if arrival_s < best_s:
                    best, best_s = unit, arrival_s
        return best


@dataclass(frozen=True, slots=True)
class StayAtPosts:
    """Every unit goes back to its own post."""

    def moves(self, world: World) -> Iterable[tuple[int, int]]:
        return ()

    def table(self) -> IntArray:
        """No row: the compiled core moves nobody."""
        return np.zeros((0, 0), np.int64)


@dataclass(frozen=True, slots=True)
class ComplianceTable:
    """Row n names the posts that n free units hold, the most important first; a post may stand there twice. Units
    that do not move up are neither counted nor moved.

    Units that already hold or approach a wanted post keep it; each other wanted post, in order, gets the free
    unit that is soonest there. Units beyond the row, and all where there is no row, stay.
    """

    rows: tuple[tuple[int, ...], ...]

    def moves(self, world: World) -> Iterable[tuple[int, int]]:
        free = [unit for unit in range(world.unit_count) if world.is_free(unit) and world.moves_up(unit)]
        if len(free) >= len(self.rows):
            return
        missing = []
        for post in self.rows[len(free)]:
            holder = next((unit for unit in free if world.post_of(unit) == post), None)
            if holder is None:
                missing.append(post)
            else:
                free.remove(holder)
        for post in missing:
            best, best_s = None, float("inf")
            for unit in free:
                seconds = world.to_post_s(unit, post)
                if seconds < best_s:
                    best, best_s = unit, seconds
            if best is not None:
                free.remove(best)
                yield best, post

    def table(self) -> IntArray:
        """The rows as one array for the compiled core, -1 after the end of a row."""
        width = max((len(row) for row in self.rows), default=0)
        filled = [[*row, *[-1] * (width - len(row))] for row in self.rows]
        return np.array(filled, np.int64).reshape(len(self.rows), width)


@dataclass(frozen=True, slots=True)
class Policy:
    """How calls are answered.

    queue: calls that find nobody wait, the most severe first, then the oldest; else they are lost.
    first_gain_s: a first response is sent if it saves at least so much; handover_s: how long it stays after
    the able unit has come.
    """

    dispatch: Dispatch = field(default_factory=NearestFree)
    move_up: MoveUp = field(default_factory=StayAtPosts)
    queue: bool = True
    first_gain_s: float = 60.0
    handover_s: float = 120.0

    @property
    def compilable(self) -> bool:
        """Whether the compiled core knows both parts."""
        known = isinstance(self.dispatch, NearestFree | OwnAreaFirst | KeepCover | NearestByReturn)
        return known and isinstance(self.move_up, StayAtPosts | ComplianceTable)

    def check(self, faults: Faults, posts: int) -> None:
        """Note what is wrong with the numbers."""
        given = {"first_gain_s": self.first_gain_s, "handover_s": self.handover_s}
        if isinstance(self.dispatch, OwnAreaFirst | KeepCover):
            given |= {"away_s": self.dispatch.away_s, "last_s": self.dispatch.last_s}
        for name, value in given.items():
            if not (np.isfinite(value) and value >= 0):
                faults.add(f"policy, {name}", "seconds are a finite number, 0 or more", value, "Correct it.")
        if isinstance(self.dispatch, NearestByReturn) and not self.queue:
            remedy = "Let calls wait, or send the nearest free unit."
            faults.add("policy, dispatch", "a call can only be kept for a busy unit if calls wait", None, remedy)
        if isinstance(self.move_up, ComplianceTable):
            for n, row in enumerate(self.move_up.rows):
                for post in row:
                    if not 0 <= post < posts:
                        faults.add(f"compliance table, row {n}", "there is no such post", post, "Name a post.")
                if len(row) > n:
                    what = "a row names more posts than there are free units"
                    faults.add(f"compliance table, row {n}", what, len(row), f"Name at most {n}.")
