"""The units to send to one call: the nearest by road that are free and able, each with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.outlook import Outlook
from shouwang.engine.terms import BoolArray, FloatArray

# Codes of reasons; the desk words them, in each language.
NEAREST = "nearest"  # {}
LATER = "later"  # by_s: seconds after the nearest
ONLY = "only"  # {}: no other free and able unit gets there
LEAVES_GAP = "leaves_gap"  # share: part of the demand that nobody else would reach in time
KEEPS_COVER = "keeps_cover"  # {}: the others reach all that it reaches

# Why a unit was not considered.
BUSY, UNABLE, CUT_OFF = "busy", "unable", "cut_off"
_GAP_WORTH_NAMING = 0.0005


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code with its values, to be put into words by whoever shows it."""

    code: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Units:
    """The units of an area, one per entry: where they are, free or not, able (service, capabilities) or not.

    delay_s: seconds until the unit moves (turnout), counted into its arrival.
    """

    spots: Spots
    free: BoolArray
    able: BoolArray
    delay_s: FloatArray

    @classmethod
    def at(
        cls,
        spots: Spots,
        free: BoolArray | None = None,
        able: BoolArray | None = None,
        delay_s: FloatArray | None = None,
    ) -> Units:
        """Units at some spots; by default all are free, able and move at once. Raises `BadInput`."""
        count = len(spots)
        given = {"free": free, "able": able, "delay_s": delay_s}
        wrong = [
            Fault(name, "there has to be one value per unit", array.shape, f"Give {count} values.")
            for name, array in given.items()
            if array is not None and array.shape != (count,)
        ]
        if delay_s is not None and not (np.asarray(delay_s) >= 0).all():
            wrong.append(Fault("delay_s", "a delay is 0 or more seconds", float(np.min(delay_s))))
        if wrong:
            raise BadInput(wrong)
        yes = np.ones(count, bool)
        return cls(
            spots,
            yes if free is None else free,
            yes if able is None else able,
            np.zeros(count) if delay_s is None else delay_s,
        )


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One unit (its number), seconds until it arrives, metres by road, why, and what its leaving costs: in
    cover, and in seconds that the next call waits longer on average.
    """

    unit: int
    eta_s: float
    distance_m: float
    reasons: tuple[Reason, ...]
    cover_lost: float | None = None
    price_s: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """The recommended units, soonest first, and how many units were left out for which reason."""

    recommendations: tuple[Recommendation, ...]
    left_out: Mapping[str, int]


def recommend(travel: Travel, call: Spots, units: Units, k: int = 5, outlook: Outlook | None = None) -> Advice:
    """The k free and able units that reach the call soonest by road, soonest first.

    Fewer come back if fewer can get there; none is an empty advice, not an error. With an `Outlook` of the same
    units each recommendation says what its leaving costs the area.
    """
    fit = np.flatnonzero(units.free & units.able)
    near = travel.k_nearest(call, units.spots[fit], k, delay_s=units.delay_s[fit])
    found = tuple(
        Recommendation(
            unit := int(fit[source]),
            float(seconds),
            float(length_m),
            _reasons(i, float(seconds - near.seconds[0]), len(near.source) == 1 and k > 1, unit, outlook),
            None if outlook is None else float(outlook.lost[unit]),
            None if outlook is None else float(outlook.price_s[unit]),
        )
        for i, (source, seconds, length_m) in enumerate(zip(near.source, near.seconds, near.length_m, strict=True))
    )
    left_out = {
        BUSY: int((~units.free).sum()),
        UNABLE: int((units.free & ~units.able).sum()),
        CUT_OFF: len(fit) - len(found) if len(found) < k else 0,
    }
    return Advice(found, {reason: count for reason, count in left_out.items() if count})


def _reasons(rank: int, by_s: float, alone: bool, unit: int, outlook: Outlook | None) -> tuple[Reason, ...]:
    reasons = [Reason(ONLY) if alone else Reason(NEAREST) if rank == 0 else Reason(LATER, {"by_s": by_s})]
    if outlook is not None:
        lost = float(outlook.lost[unit])
        gap = lost >= _GAP_WORTH_NAMING
        reasons.append(Reason(LEAVES_GAP, {"share": lost}) if gap else Reason(KEEPS_COVER))
    return tuple(reasons)
