"""Positions that cannot be true: no vehicle gets there in the time since its source's position before.

Receivers between high buildings, clocks that were set and devices put into another car do that. Such a position is
kept and shown with a mark. When the next ones agree with it, it is believed: then the one before was wrong, or the
device was carried elsewhere in the dark.
"""
from __future__ import annotations

import math

from shouwang.tables.live import Position

SLACK_M = 200.0  # what a receiver may be off, twice, without anything having moved
AGREE = 3  # positions in a row, each possible from the one before, that outweigh the last good one
M_PER_DEGREE = 111_195.0


class Trail:
    """The newest positions of one source of one unit."""

    __slots__ = ("_agreed", "_good", "_odd")

    def __init__(self) -> None:
        self._good: Position | None = None
        self._odd: Position | None = None
        self._agreed = 0

    def judged(self, position: Position, jump_kmh: float) -> Position:
        """The position, marked if it is a jump. One that comes late, out of its order, is not judged."""
        before, odd = self._good, self._odd
        if before is not None and position.at_ms <= before.at_ms:
            return position
        if before is None or possible(before, position, jump_kmh):
            self._good, self._odd, self._agreed = position, None, 0
            return position
        if odd is not None and position.at_ms > odd.at_ms and possible(odd, position, jump_kmh):
            self._agreed += 1
        else:
            self._agreed = 1
        self._odd = position
        if self._agreed < AGREE:
            return position._replace(jump=True)
        self._good, self._odd, self._agreed = position, None, 0
        return position


def possible(before: Position, after: Position, jump_kmh: float) -> bool:
    """Whether a vehicle can have gone from one to the other. On the plane: what is too far for it is a jump anyway."""
    east = (after.lon - before.lon) * math.cos(math.radians(before.lat))
    way_m = M_PER_DEGREE * math.hypot(east, after.lat - before.lat)
    return way_m <= SLACK_M + jump_kmh / 3.6 * (after.at_ms - before.at_ms) / 1000
