"""What: kinds of calls beside the year before, and the way from call to result."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from shouwang.desk.calls.facts import STEPS
from shouwang.engine.effects.intervals import ratio_interval, share_interval
from shouwang.engine.effects.scatter import scatter
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen

YEAR = timedelta(days=364)  # 52 weeks: weekdays stay


def told(chosen: Chosen, before: Chosen | None) -> Told:
    """`before`: the same question 52 weeks earlier, where the record reaches so far; both with what patrols found."""
    size = len(chosen.record.kinds.all)
    now = chosen.count("kind", size)
    earlier = None if before is None else before.count("kind", size)
    low, high = share_interval(now, len(chosen))
    wide = _scatter(chosen, before, size)
    found = _found(chosen, size)
    rows: list[Row] = []
    for kind in np.argsort(-now, kind="stable").tolist():
        if not now[kind] and not (earlier is not None and earlier[kind]):
            continue
        rows.append({
            "kind": chosen.record.kinds.all[kind], "found": bool(found[kind]), "calls": int(now[kind]),
            "share": now[kind] / max(1, len(chosen)), "low": float(low[kind]), "high": float(high[kind]),
            **_change(int(now[kind]), None if earlier is None else int(earlier[kind]), float(wide[kind])),
        })  # fmt: skip
    columns = ("kind", "found", "calls", "share", "share_interval", "before", "change", "change_interval")
    return Told((Sheet("kinds", columns, rows, about=2, narrow=("kind",)), _flow(chosen), _results(chosen)),
                {"before": before is not None, "of_desk": len(chosen.of_desk("kind"))})  # fmt: skip


def _change(now: int, before: int | None, wide: float) -> Row:
    if before is None:
        return {"before": None, "change": None, "change_low": None, "change_high": None}
    if not before:
        return {"before": 0, "change": None, "change_low": None, "change_high": None}
    low, high = ratio_interval([now], [before], scatter=wide)
    return {"before": before, "change": now / before - 1, "change_low": float(low[0]) - 1,
            "change_high": float(high[0]) - 1}  # fmt: skip


def _scatter(chosen: Chosen, before: Chosen | None, size: int) -> FloatArray:
    """By kind, variance over mean of its weeks, at least 1."""
    tables = [_weekly(one, size) for one in (chosen, before) if one is not None]
    found = np.ones(size)
    for kind in range(size):
        one = scatter([table[kind] for table in tables])
        if one.wide:
            found[kind] = max(1.0, one.index)
    return found


def _weekly(chosen: Chosen, size: int) -> IntArray:
    """Calls by kind and whole week of the span."""
    weeks = chosen.span_d // 7
    start = int(np.datetime64(chosen.days[0], "D").astype(np.int64))
    table = np.zeros((size, weeks), np.int64)
    for part, at in chosen.at:
        week = (part.day[at] - start) // 7
        inside = (week >= 0) & (week < weeks)
        key = part.kind[at][inside].astype(np.int64) * weeks + week[inside]
        table += np.bincount(key, minlength=table.size).reshape(table.shape) if weeks else 0
    return table


def _found(chosen: Chosen, size: int) -> BoolArray:
    """Which kinds are what patrols find by themselves, for the most part."""
    calls, found = np.zeros(size), np.zeros(size)
    for part, at in chosen.at:
        calls += np.bincount(part.kind[at], minlength=size)
        found += np.bincount(part.kind[at], part.found[at], size)
    return found * 2 > calls


def _flow(chosen: Chosen) -> Sheet:
    """How far the calls of the desk came: each step with its share of all."""
    steps = chosen.steps()
    count = len(steps)
    reached = {
        "received": count,
        "unit_sent": int((~np.isnan(steps[:, STEPS.index("assigned")])).sum()),
        "unit_there": int((~np.isnan(steps[:, STEPS.index("response")])).sum()),
        "result_told": int((chosen.of_desk("result") != 0).sum()),
    }
    rows: list[Row] = []
    for name, n in reached.items():
        low, high = share_interval(n, count)
        rows.append({"step": name, "calls": n, "share": n / max(1, count), "low": float(low), "high": float(high)})
    return Sheet("flow", ("step", "calls", "share", "share_interval"), rows if count else [])


def _results(chosen: Chosen) -> Sheet:
    words = chosen.record.results.all
    counts = np.bincount(chosen.of_desk("result").astype(np.int64), minlength=len(words))
    low, high = share_interval(counts, counts.sum())
    rows: list[Row] = [
        {"result": words[n], "calls": int(counts[n]), "share": counts[n] / counts.sum(), "low": float(low[n]),
         "high": float(high[n])}
        for n in np.argsort(-counts, kind="stable").tolist() if counts[n]
    ]  # fmt: skip
    return Sheet("results", ("result", "calls", "share", "share_interval"), rows, narrow=("result",))
