"""Trends: calls by week or month with the limits that the time before them leads to expect."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from shouwang.engine.effects.control import control
from shouwang.engine.effects.result import Effect
from shouwang.engine.effects.series import trend
from shouwang.engine.errors import NoAnswer
from shouwang.engine.terms import IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen, day_of

A_YEAR = {"week": 52.18, "month": 12.0}
EARLIER = timedelta(days=3 * 366)


def earliest(first: date) -> date:
    """The day from which calls are needed to draw limits from `first` on."""
    return first - EARLIER


def told(chosen: Chosen, first: date) -> Told:
    """`chosen`: the calls asked for and those of up to three years before `first`. `more`: `outside` the action limits,
    how many would be `by_chance`, the longest `run` on one side at the end, the `trend` over the periods shown (None
    where they are too few), and what stays out of it (`cut`: the last period is not over)."""
    starts, cut = _starts(*chosen.days, chosen.asked.period)
    counts = _counts(chosen, starts)
    shown = int(np.searchsorted(np.array([day_of(s) for s in starts[:-1]]), day_of(first)))
    chart = control(counts, shown, A_YEAR[chosen.asked.period])
    rows: list[Row] = []
    for n in range(shown, len(counts)):
        known = bool(chart.state[n])
        rows.append({
            "start": starts[n], "end": starts[n + 1] - timedelta(days=1), "calls": int(counts[n]),
            "expected": float(chart.expected[n]) if known else None,
            **{key: float(getattr(chart, key)[n]) if known else None
               for key in ("warn_low", "warn_high", "act_low", "act_high")},
            "state": chart.state[n],
        })  # fmt: skip
    columns = ("start", "calls", "expected", "warn_limits", "act_limits", "state")
    seen = chart.state[shown:]
    return Told(
        (Sheet("periods", columns, rows, narrow=("start", "end")),),
        {"outside": chart.outside, "by_chance": chart.by_chance, "run": int(chart.run[-1]) if rows else 0,
         "limits": sum(bool(s) for s in seen), "trend": _trend(counts[shown:], chosen.asked.period), "cut": cut},
    )  # fmt: skip


def _trend(counts: IntArray, period: str) -> Effect | None:
    season = round(A_YEAR[period])
    if not len(counts):  # no whole period lies between the days
        return None
    try:
        return trend(counts, season if len(counts) >= 2 * season else None)
    except NoAnswer:
        return None


def _starts(first: date, last: date, period: str) -> tuple[list[date], bool]:
    """Beginnings of the whole periods between two days, and the day after the last; whether one is not over yet."""
    by_week = period == "week"
    day = first + timedelta(days=-first.weekday() % 7) if by_week else _month(first, int(first.day > 1))
    starts = [day]
    while (day := day + timedelta(days=7) if by_week else _month(day, 1)) <= last + timedelta(days=1):
        starts.append(day)
    return starts, starts[-1] <= last


def _month(day: date, later: int) -> date:
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)


def _counts(chosen: Chosen, starts: list[date]) -> IntArray:
    until = np.append(0, np.cumsum(chosen.by_day()))
    edges = np.array([day_of(start) for start in starts]) - day_of(chosen.days[0])
    counts: IntArray = np.diff(until[np.clip(edges, 0, chosen.span_d)])
    return counts
