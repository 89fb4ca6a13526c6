"""A list of counts with its sum: which to hide, without the programs that whole tables need."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.disclose.suppress import SMALL
from shouwang.engine.terms import BoolArray


def shown_of(counts: ArrayLike, small: int = SMALL) -> BoolArray:
    """Which of these counts (counts,) may be shown beside their sum, so that each small one (1 to `small`) might be 1
    as well as `small`.

    A reader knows the sum R of the h hidden ones, each at least 1 since zeros are shown. One of them may be 1 if
    h ≥ 2, and as high as R − (h − 1). So hide the small ones, and the smallest of the others until h ≥ 2 and
    R − (h − 1) ≥ `small`: the promise of `suppress`, which finds it for tables of many sums. Where no others are left,
    everything but the zeros is hidden; a sum of `small` or less is then not to be shown either.
    """
    value = np.asarray(counts, np.int64)
    hidden = (value >= 1) & (value <= small)
    if not hidden.any():
        return ~hidden
    rest = np.flatnonzero(value > small)
    for next_one in rest[np.argsort(value[rest], kind="stable")]:
        h, total = int(hidden.sum()), int(value[hidden].sum())
        if h >= 2 and total - (h - 1) >= small:
            break
        hidden[next_one] = True
    return ~hidden
