"""What is odd about a set of calls, so that nobody reads more into a forecast than its data hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shouwang.engine.demand.calendar import PLAIN, Calendar
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.gaps import gaps
from shouwang.engine.demand.heaps import heaps, spread_heaps
from shouwang.engine.demand.past import DAY_H, HOUR_S, date_only, observed_in
from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

DAY_S = DAY_H * HOUR_S
FEW_CALLS = 200
SHORT_SPAN_D = 56
GAPS_TOLD = 3

TEXTS = {
    "date_only": "Nearly all calls carry a date without a time: hours are forecast alike.",
    "hour_only": "Nearly all times are whole hours.",
    "heap": "{share:.1%} of the calls stand at {time}, {times:.0f} times as many as a minute beside it: "
    "probably times that were not known.",
    "spread": "{calls} calls at such times were spread over the hours of their day.",
    "snapped": "{calls} calls lie on {points} points: places were moved to shared points.",
    "rounded": "Places have {decimals} decimals, about {metres:.0f} m: cells no wider cannot tell them apart.",
    "repeated": "{share:.1%} of the calls have the same time, place and kind as another one.",
    "few_calls": "Only {calls} calls: weights and intervals are uncertain.",
    "short_span": "Only {days} days: weekdays and trends are uncertain.",
    "gap": "From {from} to {to} nothing or next to nothing was recorded: these {days} days count as not observed, not "
    "as days without calls.",
    "gaps": "Before, there are {gaps} more such gaps, of {days} days in all.",
    "stale": "In the last {days} days before the origin nothing or next to nothing was recorded: the level may be out "
    "of date.",
    "not_scored": "{forecasts} forecasts were not scored: on {days} of their days nothing was observed.",
    "far_away": "{calls} calls far from all others were left out.",
    "outside": "{calls} calls on none of the cells were left out.",
    "corners": "{calls} calls lie where streets meet: each counts on one of these streets, drawn evenly.",
    "binned": "Calls were counted by squares of {cell_m:g} m and by hours before.",
    "calendar_guessed": "The days off of {years} are not announced yet: those of the law were taken, without worked "
    "weekends.",
}
PER_CALL = ("date_only", "hour_only", "heap", "snapped", "rounded", "repeated")
"""What only the calls themselves can tell, not their counts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is a key of `TEXTS`, `values` fill its gaps."""

    code: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return TEXTS[self.code].format(**self.values)


def near(calls: Calls) -> BoolArray:
    """Which calls lie with the others: within ten times the middle 80 % of all, or 50 km, east-west and
    north-south.

    A position of 0, 0 or a swapped pair would else stretch the ground over half the Earth.
    """
    if not len(calls):
        return np.ones(0, bool)
    return together(calls.lon, calls.lat, None)


def together(lon: FloatArray, lat: FloatArray, calls: FloatArray | None) -> BoolArray:
    """`near` for places with so many calls each (None: one)."""

    def quantiles(values: FloatArray, at: Sequence[float]) -> list[float]:
        if calls is None:
            return [float(v) for v in np.quantile(values, at)]
        return [float(v) for v in np.quantile(values, at, weights=calls, method="inverted_cdf")]  # the one with weights

    middle = Plane(*(quantiles(axis, [0.5])[0] for axis in (lon, lat)))
    kept: BoolArray = np.ones(len(lon), bool)
    for off_m in middle.to_xy(lon, lat):
        low, high = quantiles(off_m, [0.1, 0.9])
        kept &= np.abs(off_m) <= max(10.0 * (high - low), 50_000.0)
    return kept


def findings(calls: Calls, origin_s: int, calendar: Calendar = PLAIN) -> list[Finding]:
    """What is worth knowing about the calls that a forecast rests on."""
    if not len(calls):
        return []
    if calls.binned is None:
        found = [*_about_times(calls), *_about_places(calls)]
    else:
        found = [Finding("binned", {"cell_m": calls.binned.cell_m}), *calls.binned.findings]
    if len(calls) < FEW_CALLS:
        found.append(Finding("few_calls", {"calls": len(calls)}))
    span_d = (origin_s - int(calls.time_s.min())) / DAY_S
    if span_d < SHORT_SPAN_D:
        found.append(Finding("short_span", {"days": int(span_d)}))
    return found + _about_silence(calls, origin_s, calendar)


def _about_silence(calls: Calls, origin_s: int, calendar: Calendar) -> list[Finding]:
    """Days that were not observed, the last gaps one by one; and whether the record has ended, whatever came late."""
    first = int(calls.time_s.min()) // DAY_S
    origin_h = -(-origin_s // HOUR_S)
    observed = observed_in(calls.time_s // HOUR_S, first * DAY_H, origin_h, not date_only(calls.time_s), calendar)
    known = gaps(observed)
    silent_d = (origin_s - int(calls.time_s.max())) / DAY_S
    ended = bool(known) and known[-1][1] == len(observed)
    if ended:
        silent_d = max(silent_d, origin_s / DAY_S - first - known.pop()[0])
    found = []
    if len(known) > GAPS_TOLD:
        days = sum(end - start for start, end in known[:-GAPS_TOLD])
        found.append(Finding("gaps", {"gaps": len(known) - GAPS_TOLD, "days": days}))
    for start, end in known[-GAPS_TOLD:]:
        edges = {"from": _iso_day(first + start), "to": _iso_day(first + end - 1)}
        found.insert(0, Finding("gap", {**edges, "days": end - start}))
    span_d = origin_s / DAY_S - int(calls.time_s.min()) / DAY_S
    if ended or silent_d > max(2.0, 30 * span_d / len(calls)):
        found.append(Finding("stale", {"days": int(silent_d)}))
    return found


def _iso_day(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _about_times(calls: Calls) -> list[Finding]:
    if date_only(calls.time_s):
        return [Finding("date_only", {})]
    if np.mean(calls.time_s % HOUR_S == 0) > 0.95:
        return [Finding("hour_only", {})]
    heaped = heaps(calls.time_s)
    found = [
        Finding("heap", {"time": f"{heap.minute // 60:02}:{heap.minute % 60:02}", "share": heap.calls / len(calls),
                         "times": heap.calls / max(1.0, heap.expected)})
        for heap in heaped
    ]  # fmt: skip
    if heaped:
        found.append(Finding("spread", {"calls": spread_heaps(calls)[1]}))
    return found


def _about_places(calls: Calls) -> list[Finding]:
    found = []
    # Points to about a centimetre, as one number; two unlike calls share a number once in a million million.
    point = np.round(calls.lon * 1e7).astype(np.int64) * 4_000_000_007 + np.round(calls.lat * 1e7).astype(np.int64)
    points = _distinct(point)
    if len(calls) >= FEW_CALLS and points < len(calls) / 2:
        found.append(Finding("snapped", {"calls": len(calls), "points": points}))
    for decimals in (2, 3):
        off = np.abs([np.round(axis, decimals) - axis for axis in (calls.lon, calls.lat)]).max(axis=0)
        if np.mean(off < 1e-7) > 0.95:
            found.append(Finding("rounded", {"decimals": decimals, "metres": 111_320.0 / 10**decimals}))
            break
    call = (point * 1_000_003 + calls.time_s) * 1_009 + calls.kind
    repeated = len(calls) - _distinct(call)
    if repeated > 0.01 * len(calls):
        found.append(Finding("repeated", {"share": repeated / len(calls)}))
    return found


def _distinct(values: IntArray) -> int:
    ordered = np.sort(values)  # many times faster than np.unique on a million numbers
    return int(np.count_nonzero(np.diff(ordered))) + 1
