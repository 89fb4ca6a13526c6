"""Words that all rooms of the engine share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]

UNREACHABLE_S = float("inf")
"""Travel time to what no road leads to: infinity, never a big number."""
