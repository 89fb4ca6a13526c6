"""Where: squares, streets and communities with their calls, and the steps a map is coloured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shouwang.engine.effects.intervals import count_interval
from shouwang.engine.terms import IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen

STEPS = (0.5, 0.8, 0.92, 0.98)
ROUND = (1, 2, 3, 5)
LISTED = 30
YEAR_D = 365.25


@dataclass(frozen=True)
class Squares:
    """Squares with calls, most first: `cells` and their `calls`. `outside`: calls on none of them. `steps`: where the
    upper colours of the map begin."""

    cells: IntArray
    calls: IntArray
    outside: int
    steps: list[int]


def squares(chosen: Chosen) -> Squares:
    cell, _street, _area, calls = chosen.spots
    by_cell = _summed(cell[cell >= 0], calls[cell >= 0], chosen.record.ground.grid.size)
    used = np.flatnonzero(by_cell)
    order = used[np.argsort(-by_cell[used], kind="stable")]
    return Squares(order, by_cell[order], len(chosen) - int(by_cell.sum()), steps(by_cell[used]))


def told(chosen: Chosen) -> Told:
    """`more`: how many calls lie nowhere on the map (`outside`), and how few of the squares with calls hold half of
    them (`half`, `of`)."""
    found = squares(chosen)
    total = int(found.calls.sum())
    half = int(np.searchsorted(np.cumsum(found.calls), total / 2)) + 1 if total else 0
    return Told(
        (_cells(chosen, found), _streets(chosen), _areas(chosen)),
        {"outside": found.outside, "half": half, "of": len(found.cells)},
    )


def _summed(at: IntArray, calls: IntArray, size: int) -> IntArray:
    """Calls by the values 0 … size − 1."""
    return np.bincount(at, calls, size).astype(np.int64)


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


def _cells(chosen: Chosen, found: Squares) -> Sheet:
    order, counts = found.cells, found.calls
    place = place_names(chosen, order)
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
    cell, street, area, calls = chosen.spots
    here = wanted[cell]
    names = [_most(cell[here], at[here], calls[here], words)
             for at, words in ((street, ground.streets), (area, ground.paths))]  # fmt: skip
    return {c: {"street": names[0].get(c, ""), "area": names[1].get(c, "")} for c in cells.tolist()}


def _most(cell: IntArray, at: IntArray, calls: IntArray, words: Sequence[str]) -> dict[int, str]:
    """By cell the word that most of its calls have, of equals the first."""
    key, back = np.unique(cell * len(words) + at, return_inverse=True)
    cell, at = np.divmod(key, len(words))
    order = np.lexsort((key, -_summed(back, calls, len(key)), cell))
    first = order[np.flatnonzero(np.diff(cell[order], prepend=-1))]
    return dict(zip(cell[first].tolist(), [words[n] for n in at[first].tolist()], strict=True))


def _streets(chosen: Chosen) -> Sheet:
    """By street within a community: a long street is not one place."""
    ground = chosen.record.ground
    paths = len(ground.paths)
    _cell, street, area, calls = chosen.spots
    known, back = np.unique(street * paths + area, return_inverse=True)
    counts = _summed(back, calls, len(known)) * (known >= paths)  # the first: on no street with a name
    top = np.argsort(-counts, kind="stable")[:LISTED]
    top = top[counts[top] > 0]
    rows: list[Row] = [
        {"street": ground.streets[key // paths], "area": ground.paths[key % paths], "calls": n,
         "share": n / len(chosen), "a_year": rate, "low": low, "high": high}
        for key, n, rate, low, high in zip(known[top].tolist(), counts[top].tolist(), *_rates(chosen, counts[top]),
                                           strict=True)
    ]  # fmt: skip
    columns = ("street", "area", "calls", "share", "a_year", "rate_interval")
    return Sheet("streets", columns, rows, about=2, narrow=("street", "area"), ranking=True)


def _areas(chosen: Chosen) -> Sheet:
    _cell, _street, area, calls = chosen.spots
    counts = _summed(area, calls, len(chosen.record.ground.paths))
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
