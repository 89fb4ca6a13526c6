"""Words that all rooms of the engine share."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]

UNREACHABLE_S = float("inf")
"""Travel time to what no road leads to: infinity, never a big number."""


class Stop(Protocol):
    """Says when a search has to end. Searches ask it between steps and give the best answer they have."""

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
