"""Calls as arrays, and the guard: what patrols found by themselves feeds no forecast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from shouwang.engine.demand.findings import Finding

SOURCES = ("resident", "alarm", "patrol")
HEARD = ("resident", "alarm")
"""Sources that may feed a forecast. Where patrols look, patrols find: their own findings would send them back
to where they were (Ensign et al., Runaway Feedback Loops in Predictive Policing, 2018)."""


@dataclass(frozen=True, slots=True)
class Binned:
    """Calls counted beforehand by squares of `cell_m` in `plane` and by hours: each stands in the middle of its square,
    at the beginning of its hour. `findings`: what was odd about their own times and places."""

    plane: Plane
    cell_m: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """Reported calls, one per position.

    `time_s`: local wall clock as seconds since 1970-01-01T00:00; `lon`, `lat`: degrees; `kind`: index into
    `kinds`; `source`: index into `SOURCES`; `binned`: if they were counted beforehand, how.
    """

    time_s: IntArray
    lon: FloatArray
    lat: FloatArray
    kind: IntArray
    kinds: tuple[str, ...]
    source: IntArray
    binned: Binned | None = None

    def __len__(self) -> int:
        return len(self.time_s)

    def take(self, chosen: AnyArray) -> Calls:
        """The calls chosen by a mask or by positions."""
        return replace(
            self,
            time_s=self.time_s[chosen],
            lon=self.lon[chosen],
            lat=self.lat[chosen],
            kind=self.kind[chosen],
            source=self.source[chosen],
        )

    def at_times(self, time_s: IntArray) -> Calls:
        """The same calls at other times."""
        return replace(self, time_s=time_s)

    def before(self, time_s: int) -> Calls:
        """The calls of which was known at `time_s`: everything strictly earlier."""
        return self.take(self.time_s < time_s)

    def heard(self) -> BoolArray:
        """Which calls may feed a forecast: those that came from outside."""
        allowed = np.array([name in HEARD for name in SOURCES])
        chosen: BoolArray = allowed[self.source]
        return chosen

    def without(self, excluded: Iterable[str]) -> Calls:
        """The calls of other kinds; names that no call bears change nothing."""
        names = set(excluded)
        codes = [code for code, name in enumerate(self.kinds) if name in names]
        return self.take(~np.isin(self.kind, codes))
