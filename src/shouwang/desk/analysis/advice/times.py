"""When: hours of the week, hours of the day, and days; each mean with what chance leaves open."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from shouwang.engine.effects.intervals import count_interval
from shouwang.engine.effects.scatter import scatter

from ..terms import Row, Sheet, Told
from .chosen import Chosen

DAYS_SHOWN = 371  # 53 weeks


def told(chosen: Chosen) -> Told:
    """`more`: `alpha`, of the variance μ + α μ² that days of one weekday scatter by; `days`: the last ones, for the
    calendar."""
    by_day = chosen.by_day()
    weekday = (np.arange(len(by_day)) + chosen.days[0].weekday()) % 7
    often = np.bincount(weekday, minlength=7)
    alpha = scatter([by_day[weekday == n] for n in range(7)]).alpha
    week = np.zeros((7, 24), np.int64)
    for part, at in chosen.at:
        week += np.bincount(part.weekday[at].astype(np.int64) * 24 + part.hour[at], minlength=168).reshape(7, 24)
    hours: list[Row] = []
    for day in range(7):
        hours += _rows(week[day], int(often[day]), alpha, {"weekday": day})
    of_day = _rows(week.sum(axis=0), len(by_day), alpha, {})
    shown = min(len(by_day), DAYS_SHOWN)
    first = chosen.days[1] - timedelta(days=shown - 1)
    days: list[Row] = [
        {"day": first + timedelta(days=n), "weekday": (first + timedelta(days=n)).weekday(), "calls": count}
        for n, count in enumerate(by_day[len(by_day) - shown :].tolist())
    ]
    weekdays: list[Row] = [
        {"weekday": day, **row}
        for day in range(7) for row in _rows(week[day].sum(keepdims=True), int(often[day]), alpha, {}) for row in [
            {k: v for k, v in row.items() if k != "hour"}]
    ]  # fmt: skip
    return Told(
        (
            Sheet("week", ("weekday", "hour", "calls", "mean", "mean_interval"), hours, 2, narrow=("weekday", "hour")),
            Sheet("hours", ("hour", "calls", "mean", "mean_interval"), of_day, narrow=("hour",)),
            Sheet("weekdays", ("weekday", "calls", "mean", "mean_interval"), weekdays, narrow=("weekday",)),
            Sheet("days", ("day", "weekday", "calls"), days, about=2, narrow=("day",)),
        ),
        {"alpha": alpha},
    )


def _rows(counts: np.ndarray, often: int, alpha: float, what: Row) -> list[Row]:
    """Calls in each of some hours, which came `often` times: mean of one, and its ends. A sum of n such hours has the
    variance n (μ + α μ²): 1 + α μ times its mean."""
    if not often:
        return [{**what, "hour": n, "calls": 0, "mean": None, "low": None, "high": None} for n in range(len(counts))]
    mean = counts / often
    low, high = count_interval(counts, scatter=1 + alpha * mean)
    ends = zip(counts.tolist(), mean.tolist(), (low / often).tolist(), (high / often).tolist(), strict=True)
    return [{**what, "hour": n, "calls": c, "mean": m, "low": a, "high": b} for n, (c, m, a, b) in enumerate(ends)]
