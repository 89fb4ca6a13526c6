"""Where a stop fits into a closed walk at the least detour."""

from __future__ import annotations

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import FloatArray, IntArray


@compiled
def cheapest(between_s: FloatArray, time_s: FloatArray, order: IntArray) -> tuple[FloatArray, IntArray]:
    """Per stop the least time that taking it in adds, and before which place of `order`.

    between_s: from the end of a stop (row) to the start of another (column), the post being the last of both.
    """
    stops, size = time_s.size, order.size
    extra_s, place = np.full(stops, np.inf), np.zeros(stops, np.int64)
    for k in range(size + 1):
        before = order[k - 1] if k > 0 else stops
        after = order[k] if k < size else stops
        saved_s = between_s[before, after]
        for j in range(stops):
            detour_s = between_s[before, j] + time_s[j] + between_s[j, after] - saved_s
            if detour_s < extra_s[j]:
                extra_s[j], place[j] = detour_s, k
    return extra_s, place
