"""Which part of the calls needs a service, by place and hour of the day: the split of a forecast of all calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.credibility import Prior, believed
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

DAY_H = 24
PRIOR_CALLS = 50.0
"""Calls for which it counts that every call is taken to need the service, as long as little is known."""
_EDGE = 1e-6  # odds are finite


@dataclass(frozen=True, slots=True)
class Share:
    """Part (0 … 1) of the calls that needs a service: of all, by place, and by hour of the day."""

    mean: float
    place: FloatArray
    hour: FloatArray

    def at(self, place: IntArray, hour: int) -> FloatArray:
        """The part at these places in an hour of the day: odds of place and hour, each over those of all, multiplied.
        A place of -1 is none of those measured."""
        of = np.append(self.place, self.mean)[place]
        logit = _logit(of) + _logit(self.hour[hour]) - _logit(self.mean)
        result: FloatArray = 1 / (1 + np.exp(-logit))
        return result


def share_of(needs: BoolArray, place: IntArray, hour: IntArray, places: int) -> Share:
    """The share of a service from calls: whether each needed it, its place (0 … places - 1) and hour of the day.

    Places and hours are believed as far as they were measured (see `credibility`); all of it falls back on 1, that
    every call needs the service, which counts as `PRIOR_CALLS` calls.
    """
    value, weight = needs.astype(float), np.ones(needs.size)
    prior = Prior(1.0, PRIOR_CALLS)
    by_hour = believed(value, weight, hour, DAY_H, prior=prior)
    by_place = believed(value, weight, place, places, prior=prior)
    mean = (float(value.sum()) + PRIOR_CALLS) / (value.size + PRIOR_CALLS)
    return Share(mean, by_place.value, by_hour.value)


def _logit(share: FloatArray | float) -> FloatArray:
    kept = np.clip(share, _EDGE, 1 - _EDGE)
    result: FloatArray = np.log(kept / (1 - kept))
    return result
