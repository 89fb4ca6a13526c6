"""Where: squares, streets and communities with their calls, and the steps a map is coloured by."""

from __future__ import annotations

import numpy as np

from shouwang.engine.effects.intervals import count_interval
from shouwang.engine.terms import IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen
from .record import CELL_M

STEPS = (0.5, 0.8, 0.92, 0.98)
ROUND = (1, 2, 3, 5)
LISTED = 30
YEAR_D = 365.25


def told(chosen: Chosen) -> Told:
    """`more`: `cells` (number, calls) for the map, its `steps`, how many calls lie nowhere on it (`outside`), and how
    few of the squares with calls hold half of them (`half`, `of`)."""
    ground = chosen.record.ground
    by_cell = chosen.count("cell", ground.grid.size)
    used = np.flatnonzero(by_cell)
    order = used[np.argsort(-by_cell[used], kind="stable")]
    total = int(by_cell.sum())
    half = int(np.searchsorted(np.cumsum(by_cell[order]), total / 2)) + 1 if total else 0
    return Told(
        (_cells(chosen, by_cell, order), _streets(chosen), _areas(chosen)),
        {"cells": order, "calls": by_cell[order], "steps": steps(by_cell[used]), "outside": len(chosen) - total,
         "half": half, "of": len(used), "cell_m": CELL_M},
    )  # fmt: skip


def steps(counts: IntArray) -> list[int]:
    """Where the upper steps of a legend of five begin: round numbers near quantiles of what there is."""
    found: list[int] = []
    for q in np.quantile(counts, STEPS).tolist() if len(counts) else []:
        scale = 10 ** max(0, int(np.floor(np.log10(max(q, 1)))))
        low = max(2, found[-1] + 1 if found else 2)
        round_ones = sorted({m * s for s in (scale, scale * 10) for m in ROUND} | {low})
        found.append(min((n for n in round_ones if n >= low), key=lambda n: abs(n - q)))
    return found


def _rates(chosen: Chosen, counts: IntArray) -> tuple[list[float], list[float], list[float]]:
    """Calls a year with the 95 % ends of the rate behind them."""
    a_year = YEAR_D / chosen.span_d
    low, high = count_interval(counts)
    return (counts * a_year).tolist(), (low * a_year).tolist(), (high * a_year).tolist()


def _cells(chosen: Chosen, by_cell: IntArray, order: IntArray) -> Sheet:
    place = place_names(chosen, order)
    counts = by_cell[order]
    rows: list[Row] = [
        {"cell": int(cell), **place[int(cell)], "calls": n, "share": n / len(chosen), "a_year": rate, "low": low,
         "high": high}
        for cell, n, rate, low, high in zip(order.tolist(), counts.tolist(), *_rates(chosen, counts), strict=True)
    ]  # fmt: skip
    columns = ("street", "area", "calls", "share", "a_year", "rate_interval")
    return Sheet("cells", columns, rows, about=2, narrow=("cell",), ranking=True, listed=LISTED)


def place_names(chosen: Chosen, cells: IntArray) -> dict[int, Row]:
    """Of each square the street and the area that most of its chosen calls lie in."""
    ground = chosen.record.ground
    wanted = np.zeros(ground.grid.size + 1, bool)  # the last: off the grid
    wanted[cells] = True
    wanted[-1] = False
    cell, street, area = (chosen.column(name).astype(np.int64) for name in ("cell", "street", "area"))
    here = wanted[cell]
    cell, street, area = cell[here], street[here], area[here]
    most: dict[tuple[int, str], str] = {}
    for name, values, words in (("street", street, ground.streets), ("area", area, ground.paths)):
        key, count = np.unique(cell * len(words) + values, return_counts=True)
        best = np.lexsort((key, -count))
        for k in key[best].tolist():
            most.setdefault((k // len(words), name), words[k % len(words)])
    return {c: {"street": most.get((c, "street"), ""), "area": most.get((c, "area"), "")} for c in cells.tolist()}


def _streets(chosen: Chosen) -> Sheet:
    """By street within a community: a long street is not one place."""
    ground = chosen.record.ground
    paths = len(ground.paths)
    counts = np.zeros(len(ground.streets) * paths, np.int64)
    for part, at in chosen.at:
        counts += np.bincount(part.street[at].astype(np.int64) * paths + part.area[at], minlength=len(counts))
    counts[:paths] = 0  # on no street with a name
    top = np.argsort(-counts, kind="stable")[:LISTED]
    top = top[counts[top] > 0]
    rows: list[Row] = [
        {"street": ground.streets[key // paths], "area": ground.paths[key % paths], "calls": n,
         "share": n / len(chosen), "a_year": rate, "low": low, "high": high}
        for key, n, rate, low, high in zip(top.tolist(), counts[top].tolist(), *_rates(chosen, counts[top]),
                                           strict=True)
    ]  # fmt: skip
    columns = ("street", "area", "calls", "share", "a_year", "rate_interval")
    return Sheet("streets", columns, rows, about=2, narrow=("street", "area"), ranking=True)


def _areas(chosen: Chosen) -> Sheet:
    counts = chosen.count("area", len(chosen.record.ground.paths))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    rows: list[Row] = [
        {"area": chosen.record.ground.paths[at], "within": above(chosen.record.ground.paths[at]), "calls": n,
         "share": n / len(chosen), "a_year": rate, "low": low, "high": high}
        for at, n, rate, low, high in zip(order.tolist(), counts[order].tolist(), *_rates(chosen, counts[order]),
                                          strict=True)
    ]  # fmt: skip
    columns = ("area", "within", "calls", "share", "a_year", "rate_interval")
    return Sheet("areas", columns, rows, about=2, narrow=("area",))


def above(path: str) -> str:
    return "/".join(path.split("/")[:-2]) + "/" if path.count("/") > 1 else ""
