"""What patrols found by themselves, made fit to count. Where patrols look, patrols find: counted as they are, their
records send them back to where they were, until a small difference looks like a large one (Ensign, Friedler, Neville,
Scheidegger, Venkatasubramanian: Runaway Feedback Loops in Predictive Policing, 2018, from whom also the cure is taken:
every record counts with the same chance of having been found)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.demand.calls import SOURCES, Calls
from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray

FLOOR = 0.05  # every area is looked at with at least this chance: what is never visited cannot be learnt


def chances(share: ArrayLike, visits: float, floor: float = FLOOR) -> FloatArray:
    """The chance (areas,) of each area to be visited: at least `floor`, at most 1, in sum `visits`, the rest in
    proportion to `share` (areas,), ≥ 0. Log it with the visit. Raises `BadInput`."""
    wanted = np.asarray(share, float)
    faults = Faults()
    if wanted.ndim != 1 or not wanted.size or not (np.isfinite(wanted) & (wanted >= 0)).all():
        faults.add("share", "a row of numbers of 0 or more is needed", wanted.tolist(), "Give one for each area.")
    elif not floor * wanted.size <= visits <= wanted.size:
        faults.add("visits", "so many visits do not go with this floor", visits,
                   f"Take from {floor * wanted.size:g} to {wanted.size} for {wanted.size} areas.")
    faults.raise_if_any()
    chance, full = np.full(wanted.size, floor), np.zeros(wanted.size, bool)
    for _ in range(wanted.size):  # what an area has above 1 is dealt out among the others
        open_ = ~full
        most = wanted[open_].max()
        weight = np.zeros(wanted.size)
        weight[open_] = wanted[open_] / most if most > 0 else 1.0
        rest = visits - full.sum() - floor * open_.sum()
        chance = np.where(full, 1.0, floor + rest * weight / weight.sum())
        above = open_ & (chance > 1)
        if not above.any() or (full | above).all():
            break
        full |= above
    result: FloatArray = np.minimum(chance, 1.0)
    return result


def drawn(chance: ArrayLike, rng: np.random.Generator) -> BoolArray:
    """Which areas are visited, each with its chance (areas,), as `chances` gives it, and as many as these come to: one
    random start, equal steps through the areas in random order (Madow, Annals of Mathematical Statistics 20, 1949)."""
    wanted = np.asarray(chance, float)
    order = rng.permutation(wanted.size)
    ends = np.concatenate([[0.0], np.cumsum(wanted[order])]) + rng.random()
    found = np.zeros(wanted.size, bool)
    found[order] = np.diff(np.floor(ends + 1e-9)) > 0
    return found


def accepted(chance: ArrayLike, least: ArrayLike, rng: np.random.Generator) -> BoolArray:
    """Which records count: each with probability least / chance, so that all that count had the same chance to be
    found. chance, least: of the place of each record when it was found, 0 < least ≤ chance ≤ 1."""
    return np.asarray(rng.random(np.shape(chance)) * np.asarray(chance, float) < np.asarray(least, float), bool)


def with_found(calls: Calls, chance: ArrayLike, until_s: float, rng: np.random.Generator) -> Calls:
    """The calls, with those that patrols found thinned to the least chance among them: what is accepted counts like a
    resident's from here on, the rest stays a patrol's and feeds nothing. chance (calls,): logged, of a visit there
    then; looked at for records of patrols alone. Records from `until_s` on are not yet known. Raises `BadInput` for a
    record without a chance."""
    found = (calls.source == SOURCES.index("patrol")) & (calls.time_s < until_s)
    logged = np.asarray(chance, float)
    faults = Faults(keep=50)
    for row in np.flatnonzero(found & ~((logged > 0) & (logged <= 1))):
        faults.add(f"record {row + 1}, chance", "the chance of being visited lies above 0 and is at most 1",
                   None if np.isnan(logged[row]) else float(logged[row]),
                   "Give what was logged when the patrol was sent, or leave the record out.")  # fmt: skip
    faults.raise_if_any()
    source = calls.source.copy()
    rows = np.flatnonzero(found)
    counts = rows[accepted(logged[rows], logged[rows].min(initial=1.0), rng)]
    source[counts] = SOURCES.index("resident")
    return replace(calls, source=source)


def play(
    rate: ArrayLike, days: int, rng: np.random.Generator, *, correct: bool, floor: float = FLOOR, runs: int = 1
) -> FloatArray:
    """What share (runs, areas) a district believes each area to have after so many days in which one patrol a day is
    sent by that belief, and finds something with the area's `rate` (areas,). With `correct`, records count by
    `accepted`."""
    rates = np.asarray(rate, float)
    found = np.ones((runs, rates.size))  # one record each to begin with
    at = np.arange(runs)
    for _ in range(days):
        share = found / found.sum(axis=1, keepdims=True)
        chance = floor + (1 - floor * rates.size) * share
        sent = (chance.cumsum(axis=1) > rng.random((runs, 1))).argmax(axis=1)
        counts = rng.random(runs) < rates[sent]
        if correct:
            counts &= accepted(chance[at, sent], chance.min(axis=1), rng)
        found[at, sent] += counts
    result: FloatArray = found / found.sum(axis=1, keepdims=True)
    return result


def echo(patrol: ArrayLike, calls: ArrayLike, rng: np.random.Generator, draws: int = 999) -> tuple[float, float, float]:
    """Whether calls follow patrols: the correlation of how each area's share (blocks, areas) of patrols changed from
    one block of time to the next with how its share of calls changed in the one after, and the ends of its 95 %
    interval, by drawing whole areas anew (Efron, Annals of Statistics 7, 1979). NaN where there are fewer than three
    blocks or five areas, or nothing changed."""
    shares = np.asarray(patrol, float), np.asarray(calls, float)
    blocks, areas = shares[0].shape
    if blocks < 3 or areas < 5:
        return np.nan, np.nan, np.nan
    sent, came = np.diff(shares[0], axis=0)[:-1], np.diff(shares[1], axis=0)[1:]
    told = _correlation(sent, came)
    drawn = np.array([_correlation(sent[:, at], came[:, at]) for at in rng.integers(0, areas, (draws, areas))])
    low, high = np.quantile(drawn[np.isfinite(drawn)], (0.025, 0.975)) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return told, float(low), float(high)


def _correlation(a: FloatArray, b: FloatArray) -> float:
    a, b = a.ravel() - a.mean(), b.ravel() - b.mean()
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / spread if spread > 0 else np.nan
