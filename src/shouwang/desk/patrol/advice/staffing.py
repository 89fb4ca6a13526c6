"""How many units each hour of a forecast needs to keep a promised response (Erlang C, see docs/methods/staffing.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.engine.deploy.staffing import Promise, units_needed
from shouwang.engine.errors import NoAnswer


@dataclass(frozen=True)
class Needed:
    """One hour: units for the calls expected, and for the upper end of the 80 % interval; share kept by the first."""

    units: int
    high: int
    kept: float
    busy: float


def needed(
    expected: Sequence[float], high: Sequence[float], service_s: Sequence[float], within_s: float, share: float,
    travel_s: float,
) -> list[Needed]:
    """The fewest units of each hour, whose calls keep a unit `service_s` each. Raises Refused where the drive alone
    takes longer than the promise."""
    promise, calls = Promise(within_s, share), np.array([expected, high], float)
    found: dict[int, Needed] = {}
    try:
        for seconds in set(service_s):
            hours = [n for n, own in enumerate(service_s) if own == seconds]
            likely, most = (units_needed(rate[hours], seconds, promise, travel_s=travel_s) for rate in calls)
            found |= {n: Needed(a.units, b.units, a.kept, a.busy) for n, a, b in zip(hours, likely, most, strict=True)}
    except NoAnswer:
        raise Refused(
            _("The drive alone takes longer than the response standard."), field="within", code="no_answer"
        ) from None
    return [found[n] for n in range(len(expected))]
