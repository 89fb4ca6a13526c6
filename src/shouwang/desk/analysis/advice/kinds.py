"""What: kinds of calls beside the year before, and the way from call to result."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from shouwang.desk.calls.facts import STEPS
from shouwang.engine.effects.intervals import ratio_interval, share_interval
from shouwang.engine.effects.scatter import scatter
from shouwang.engine.terms import IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen, day_of

YEAR = timedelta(days=364)  # 52 weeks: weekdays stay


def told(chosen: Chosen, before: Chosen | None) -> Told:
    """`before`: the same question 52 weeks earlier, where the record reaches so far; both with what patrols found."""
    weeks = [_weekly(one) for one in (chosen, before) if one is not None]
    now = _count(chosen)
    earlier = None if before is None else _count(before)
    low, high = share_interval(now, len(chosen))
    rows: list[Row] = []
    for key in np.argsort(-now, kind="stable").tolist():
        if not now[key] and not (earlier is not None and earlier[key]):
            continue
        kind, found = divmod(key, 2)
        rows.append({
            "kind": chosen.record.kinds.all[kind], "found": bool(found), "calls": int(now[key]),
            "share": float(now[key]) / max(1, len(chosen)), "low": float(low[key]), "high": float(high[key]),
            **_change(int(now[key]), None if earlier is None else int(earlier[key]), [table[key] for table in weeks]),
        })  # fmt: skip
    columns = ("kind", "found", "calls", "share", "share_interval", "before", "change", "change_interval")
    return Told((Sheet("kinds", columns, rows, about=2, narrow=("kind", "found")), _flow(chosen), _results(chosen)),
                {"before": before is not None})  # fmt: skip


def _count(chosen: Chosen) -> IntArray:
    """Calls by twice the number of their kind, one more for what patrols found by themselves."""
    found = np.zeros(2 * len(chosen.record.kinds.all), np.int64)
    for part, at in chosen.at:
        found += np.bincount(part.kind[at].astype(np.int64) * 2 + part.found[at], minlength=len(found))
    return found


def _change(now: int, before: int | None, weeks: list[IntArray]) -> Row:
    """`weeks`: the calls of its weeks, now and before: where they scatter more than chance the interval is wider."""
    if before is None:
        return {"before": None, "change": None, "change_low": None, "change_high": None}
    if not before:
        return {"before": 0, "change": None, "change_low": None, "change_high": None}
    one = scatter(weeks)
    low, high = ratio_interval([now], [before], scatter=max(1.0, one.index) if one.wide else 1.0)
    return {"before": before, "change": now / before - 1, "change_low": float(low[0]) - 1,
            "change_high": float(high[0]) - 1}  # fmt: skip


def _weekly(chosen: Chosen) -> IntArray:
    """Calls by `_count`'s numbers and whole week of the span."""
    weeks = chosen.span_d // 7
    table = np.zeros((2 * len(chosen.record.kinds.all), weeks), np.int64)
    for part, at in chosen.at if weeks else ():
        week = (part.day[at] - day_of(chosen.days[0])) // 7
        inside = (week >= 0) & (week < weeks)
        key = (part.kind[at][inside].astype(np.int64) * 2 + part.found[at][inside]) * weeks + week[inside]
        table += np.bincount(key, minlength=table.size).reshape(table.shape)
    return table


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
        rows.append({"step": name, "calls": n, "share": n / max(1, count), "low": float(low), "high": float(high),
                     "found": "1"})  # fmt: skip
    return Sheet("flow", ("step", "calls", "share", "share_interval"), rows if count else [], narrow=("step", "found"))


def _results(chosen: Chosen) -> Sheet:
    words = chosen.record.results.all
    counts = np.bincount(chosen.of_desk("result").astype(np.int64), minlength=len(words))
    low, high = share_interval(counts, counts.sum())
    rows: list[Row] = [
        {"result": words[n], "calls": int(counts[n]), "share": counts[n] / counts.sum(), "low": float(low[n]),
         "high": float(high[n]), "found": "1"}
        for n in np.argsort(-counts, kind="stable").tolist() if counts[n]
    ]  # fmt: skip
    return Sheet("results", ("result", "calls", "share", "share_interval"), rows, narrow=("result", "found"))
