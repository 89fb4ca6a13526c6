"""Repeats: places where calls of one kind follow one another. A place is a square of the ground; nobody is followed."""

from __future__ import annotations

import numpy as np

from shouwang.engine.effects.repeats import repeats

from ..terms import Row, Sheet, Told
from .chosen import Chosen
from .places import place_names

LISTED = 50


def told(chosen: Chosen) -> Told:
    """`more`: how many places and kinds have a repeat (`places`), how many of them beyond chance (`beyond`), calls that
    repeat another (`repeats`) and all on the ground (`calls`)."""
    grid = chosen.record.ground.grid
    time_s, cell, kind = (chosen.column(name).astype(np.int64) for name in ("time_s", "cell", "kind"))
    order = np.argsort(time_s, kind="stable")
    order = order[cell[order] >= 0]
    found = repeats(
        time_s[order], cell[order], kind[order], columns=grid.columns, rows=grid.rows, within_d=chosen.asked.days,
        span_d=chosen.span_d, most=LISTED,
    )  # fmt: skip
    place = place_names(chosen, np.unique(found.cell))
    rows: list[Row] = [
        {"cell": int(found.cell[n]), **place[int(found.cell[n])], "kind": chosen.record.kinds.all[found.kind[n]],
         "calls": int(found.calls[n]), "same": int(found.same[n]), "near": int(found.near[n]),
         "by_chance": float(found.expected[n]), "low": float(found.low[n]), "high": float(found.high[n]),
         "beyond": bool(found.beyond[n])}
        for n in range(len(found.cell))
    ]  # fmt: skip
    columns = ("street", "area", "kind", "calls", "same", "near", "by_chance", "chance_interval", "beyond")
    return Told(
        (Sheet("repeats", columns, rows, about=3, narrow=("cell", "kind"), ranking=True),),
        {"places": found.places, "beyond": found.places_beyond, "repeats": found.repeats, "calls": len(order)},
    )  # fmt: skip
