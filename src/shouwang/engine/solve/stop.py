"""When a search has to end. Searches ask between steps and give the best answer they have."""

from __future__ import annotations

import time
from typing import Protocol


class Stop(Protocol):
    """Says when a search has to end."""

    def __call__(self) -> bool:
        """True once the search has to end."""

    def remaining_s(self) -> float:
        """Seconds left, infinity without a limit."""


class NoStop:
    """Search to the end."""

    def __call__(self) -> bool:
        return False

    def remaining_s(self) -> float:
        return float("inf")


class TimeLimit:
    """Ends a search so many seconds after this object was made, by a monotonic timer."""

    def __init__(self, limit_s: float) -> None:
        self._end_s = time.monotonic() + limit_s

    def __call__(self) -> bool:
        return self.remaining_s() <= 0

    def remaining_s(self) -> float:
        return max(0.0, self._end_s - time.monotonic())
