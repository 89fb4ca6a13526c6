"""Time that a unit spent where, from its positions: each stands for the time around it. Time that a post was manned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shouwang.engine.terms import FloatArray

MOST_S = 600.0
"""Of a longer gap between two positions so much counts; where the unit was in the rest of it is not guessed."""


def held_s(
    at_s: FloatArray, start_s: float, end_s: float, away: Sequence[tuple[float, float]] = ()
) -> FloatArray:
    """Seconds between start_s and end_s that each position of one unit (ascending) stands for: half the gap to the one
    before and half the gap to the one after, of each gap `MOST_S` at most. What lies in one of the spans `away`
    (from, to) counts for nothing."""
    half = np.minimum(np.diff(at_s), MOST_S) / 2
    low = np.clip(at_s - np.concatenate([np.zeros(min(at_s.size, 1)), half]), start_s, end_s)
    high = np.clip(at_s + np.concatenate([half, np.zeros(min(at_s.size, 1))]), start_s, end_s)
    held: FloatArray = high - low
    for from_s, to_s in _apart(away):
        held -= np.clip(np.minimum(high, to_s) - np.maximum(low, from_s), 0.0, None)
    return held


def covered_s(start_s: float, end_s: float, spans: Sequence[tuple[float, float]]) -> float:
    """Seconds between start_s and end_s that lie in at least one of the spans (from, to)."""
    return sum(max(0.0, min(end_s, to_s) - max(start_s, from_s)) for from_s, to_s in _apart(spans))


def _apart(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time as spans that do not overlap."""
    found: list[tuple[float, float]] = []
    for from_s, to_s in sorted(spans):
        if found and from_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], to_s))
        else:
            found.append((from_s, to_s))
    return found
