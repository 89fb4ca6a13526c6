"""The standards of the centre that calls are held to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import limit_s
from shouwang.engine.terms import AnyArray, FloatArray

from .record import Ground

TIMERS: Mapping[str, str] = {
    "registered": "t_call_process", "assigned": "t_call_assign", "acknowledged": "t_call_ack", "turnout": "t_turnout",
    "arrival": "t_arrive",
}  # fmt: skip


def limits(step: str, level: AnyArray, area: AnyArray, ground: Ground) -> FloatArray:
    """Seconds that a step may take, for calls of these levels in these areas; NaN where no standard holds."""
    if step not in TIMERS:
        return np.full(len(level), np.nan)
    settings = places.area_settings()
    table = np.full((5, len(ground.paths)), np.nan)
    for severity in range(1, 5):
        for n, path in enumerate(ground.paths):
            limit = limit_s(TIMERS[step], severity=severity, area=settings.get(path))
            table[severity, n] = np.nan if limit is None else limit
    found: FloatArray = table[level.astype(np.int64), area.astype(np.int64)]
    return found
