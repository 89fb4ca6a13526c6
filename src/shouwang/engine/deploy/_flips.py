"""Annealing over beats: one border cell at a time changes its beat, and no beat ever falls apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, FloatArray, IntArray


class Land(NamedTuple):
    """Cells: those beside c are near[start[c]] … near[start[c+1]-1]; work per cell; apart_s[from, to] seconds.

    home: the beat each cell is in today (-1: none); price: what a cell costs that leaves it; low, high: loads
    between which a beat is balanced; steep: price of work beyond them.
    """

    start: IntArray
    near: IntArray
    work: FloatArray
    apart_s: FloatArray
    home: IntArray
    price: float
    low: float
    high: float
    steep: float


@compiled
def unfair(load: float, low: float, high: float) -> float:
    """Work by which a beat is out of balance."""
    return max(0.0, load - high) + max(0.0, low - load)


@compiled
def holds_without(land: Land, beat: IntArray, cell: int, mark: AnyArray, stack: IntArray, stamp: int) -> bool:
    """Whether the beat of a cell is not empty and stays in one piece when the cell leaves it."""
    mine, first, wanted = beat[cell], -1, 0
    for k in range(land.start[cell], land.start[cell + 1]):
        if beat[land.near[k]] == mine:
            first = land.near[k]
            wanted += 1
    if wanted <= 1:
        return wanted == 1
    mark[cell], mark[first], stack[0], size, found = stamp, stamp, first, 1, 0
    while size:
        size -= 1
        at = stack[size]
        for k in range(land.start[at], land.start[at + 1]):
            other = land.near[k]
            found += other == cell
            if mark[other] != stamp and beat[other] == mine:
                mark[other] = stamp
                stack[size] = other
                size += 1
        if found == wanted:
            return True
    return False


@compiled
def seats_of(land: Land, beat: IntArray, seat: IntArray) -> None:
    """Seat every beat where the drive to its work is shortest (its 1-median)."""
    for b in range(seat.size):
        cells = np.flatnonzero(beat == b)
        best = np.inf
        for at in cells:
            drive = 0.0
            for to in cells:
                drive += land.work[to] * land.apart_s[at, to]
            if drive < best:
                best, seat[b] = drive, at


@compiled
def standing(land: Land, beat: IntArray, seat: IntArray) -> tuple[float, float]:
    """Work out of balance, and cost: work × seconds from its seat, and the price of what moved."""
    load, cost = np.zeros(seat.size), 0.0
    for c in range(beat.size):
        load[beat[c]] += land.work[c]
        cost += land.work[c] * land.apart_s[seat[beat[c]], c]
        if land.home[c] >= 0 and land.home[c] != beat[c]:
            cost += land.price
    out = 0.0
    for b in range(seat.size):
        out += unfair(load[b], land.low, land.high)
    return out, cost


@compiled
def anneal(
    land: Land, beat: IntArray, seat: IntArray, free_seats: bool, draws: FloatArray, hot: float, cold: float
) -> None:
    """Change `beat` (and `seat`) in place, one trial per row of `draws` (cell, neighbour, chance; 0 … 1).

    Metropolis steps from temperature `hot` to `cold`, the last tenth at none. The beats have to be in one
    piece and stay so. With `free_seats` each beat is seated anew now and then, else seats keep their beat.
    """
    cells, steps = beat.size, draws.shape[0]
    load = np.zeros(seat.size)
    for c in range(cells):
        load[beat[c]] += land.work[c]
    mark, stack = np.zeros(cells, np.int64), np.empty(cells, np.int64)
    for step in range(steps):
        if free_seats and step % (20 * cells) == 0:
            seats_of(land, beat, seat)
        cell = int(draws[step, 0] * cells)
        degree = land.start[cell + 1] - land.start[cell]
        old = beat[cell]
        if degree == 0 or seat[old] == cell:
            continue
        new = beat[land.near[land.start[cell] + int(draws[step, 1] * degree)]]
        if new == old:
            continue
        work = land.work[cell]
        change = work * (land.apart_s[seat[new], cell] - land.apart_s[seat[old], cell])
        if land.home[cell] >= 0:
            change += land.price * (int(new != land.home[cell]) - int(old != land.home[cell]))
        before = unfair(load[old], land.low, land.high) + unfair(load[new], land.low, land.high)
        after = unfair(load[old] - work, land.low, land.high) + unfair(load[new] + work, land.low, land.high)
        change += land.steep * (after - before)
        warm = hot * (cold / hot) ** (step / (0.9 * steps))
        accepted = change <= 0 or (step < 0.9 * steps and draws[step, 2] < np.exp(-change / warm))
        if accepted and holds_without(land, beat, cell, mark, stack, step + 1):
            beat[cell] = new
            load[old] -= work
            load[new] += work
    if free_seats:
        seats_of(land, beat, seat)


@compiled
def grown(land: Land, beat: IntArray, seat: IntArray) -> None:
    """Give every cell without a beat (-1) to one beside it: the beat with least load takes its nearest, in turn."""
    load = np.zeros(seat.size)
    left = 0
    for c in range(beat.size):
        if beat[c] >= 0:
            load[beat[c]] += land.work[c]
        else:
            left += 1
    stuck = np.zeros(seat.size, np.bool_)
    while left and not stuck.all():
        b = int(np.argmin(np.where(stuck, np.inf, load)))
        best, best_s = -1, np.inf
        for c in range(beat.size):
            if beat[c] < 0 and land.apart_s[seat[b], c] < best_s:
                for k in range(land.start[c], land.start[c + 1]):
                    if beat[land.near[k]] == b:
                        best, best_s = c, land.apart_s[seat[b], c]
                        break
        stuck[b] = best < 0
        if best >= 0:
            beat[best] = b
            load[b] += land.work[best]
            left -= 1
