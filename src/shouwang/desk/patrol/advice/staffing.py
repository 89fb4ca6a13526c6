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
    expected: Sequence[float], high: Sequence[float], service_s: float, within_s: float, share: float, travel_s: float
) -> list[Needed]:
    """The fewest units of each hour. Raises Refused where the drive alone takes longer than the promise."""
    promise = Promise(within_s, share)
    try:
        likely, most = (
            units_needed(np.asarray(calls, float), service_s, promise, travel_s=travel_s) for calls in (expected, high)
        )
    except NoAnswer:
        raise Refused(
            _("The drive alone takes longer than the response standard."), field="within", code="no_answer"
        ) from None
    return [Needed(a.units, b.units, a.kept, a.busy) for a, b in zip(likely, most, strict=True)]
