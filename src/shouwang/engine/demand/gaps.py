"""Days that were not observed, told from days without calls: a feed that broke, an export that ended. Counted as days
without calls they would pull every level down to where nobody ever was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from shouwang.engine.terms import BoolArray, FloatArray, IntArray

BY_CHANCE, ALL_AT_ONCE = 1e-6, 1e-2  # a run of empty days that is less likely than this was not observed
WINDOWS_D = (7, 28, 182)  # the level beside a run is the least of the means of so many days
FADES_D = (28, 91)  # a fall from so many days to the next is taken to go on
LEAST_D, LEAST_AFTER_D = 7, 14  # of days before or after a run that tell a level
LEAST_CALLS = 20  # beside a run: fewer tell no level
AROUND_D = 182  # on each side, for weekdays and scatter
YEAR_D = 365
WEEKDAY_WORTH = 30.0  # calls' worth of an even week in the weekdays' factors
LEAST_SCATTER = 0.05
FEW_WEEKS, SCATTER_OF_FEW = 8, 0.5
NEARLY, NEARLY_CHANCE, NEARLY_D = 0.1, 1e-3, 7


@dataclass(frozen=True, slots=True)
class _Beside:
    """What the days beside a run let expect: calls a mean `level` day, times `fade` each day from `start` on; `weekday`
    factors (7,); `scatter` α of weeks."""

    level: float
    weekday: FloatArray
    scatter: float
    fade: float
    start: int


def observed_days(calls: FloatArray, worth: FloatArray, weekday: IntArray) -> BoolArray:
    """Which of consecutive days were observed.

    `calls` (days,) that came; `worth` (days,): what part of an ordinary day each is (less than 1 for a day cut short,
    0 for a festival, of which nothing is expected); `weekday` 0 to 6. A run of days without any call was not observed
    where its chance

        P(0) = (1 + α M / w)^(−w / α),   w = max(1, days / 7)

    is below 1e-6, and for w = 1, one fate for all of its weeks, below 1e-2: M is what the days beside it let expect, α
    the scatter of whole weeks, so that calls that come in bursts, hardly ever or ever less make no gaps. Nor does a
    silence that comes back with the year. Up to a week of next to no calls after such a run belongs to it: one late
    call ends no silence.
    """
    observed = np.ones(len(calls), bool)
    if len(calls) < 2 or calls.min() > 0:
        return observed
    start, end = _empty_runs(calls)
    likely = end - start >= -np.log(BY_CHANCE) / max(1e-9, _highest_mean(calls))
    runs = sorted(zip(start[likely].tolist(), end[likely].tolist(), strict=True), key=lambda run: run[0] - run[1])
    filled = np.ones(len(calls), bool)
    for run in runs:
        filled[slice(*run)] = False
    told: dict[tuple[int, int], _Beside] = {}
    found = True
    while found:  # a gap that is known no longer blurs what another is measured by
        found = False
        for run in runs:
            if run not in told and (beside := _beside(calls, worth, weekday, observed, filled, *run)) is not None:
                expected = _expected(beside, worth, weekday, *run)
                if _too_empty(expected, beside.scatter, run[1] - run[0]) and not _comes_back(
                    calls, beside, worth, weekday, *run
                ):
                    told[run] = beside
                    observed[slice(*run)] = False
                    found = True
    _join_nearly_empty(observed, calls, worth, weekday, told)
    return observed


def gaps(observed: BoolArray) -> list[tuple[int, int]]:
    """Runs of days not observed: first, and the one after the last."""
    start, end = _empty_runs(observed.astype(float))
    return list(zip(start.tolist(), end.tolist(), strict=True))


def _empty_runs(calls: FloatArray) -> tuple[IntArray, IntArray]:
    step = np.diff(np.concatenate([[0], (calls == 0).astype(np.int64), [0]]))
    return np.flatnonzero(step == 1), np.flatnonzero(step == -1)


def _highest_mean(calls: FloatArray) -> float:
    """No level beside a run lies above the highest mean of a week."""
    seen = np.append(0.0, np.cumsum(calls))
    return float((seen[LEAST_D:] - seen[:-LEAST_D]).max(initial=0.0)) / LEAST_D if len(calls) >= LEAST_D else 0.0


def _beside(
    calls: FloatArray,
    worth: FloatArray,
    weekday: IntArray,
    observed: BoolArray,
    filled: BoolArray,
    start: int,
    end: int,
) -> _Beside | None:
    """None where too few days, or calls, tell a level. The least mean of several windows on both sides is taken: a
    level that is fading, or has just come up, is no ground to expect much. Days after the run tell it if they are
    `filled`, not of a run like it, and two weeks of them: else one late call amid silence would make it the level."""
    usable = observed & (worth == 1)
    before, after = np.flatnonzero(usable[:start])[::-1], end + np.flatnonzero(usable[end:])
    told = after[filled[after]]
    sides = [side for side, least in ((before, LEAST_D), (told, LEAST_AFTER_D)) if len(side) >= least]
    means = [calls[side[:days]].mean() for side in sides for days in WINDOWS_D]
    if not means:
        return None
    around = np.concatenate([before[before >= start - AROUND_D], after[after < end + AROUND_D]])
    came, of_week = np.bincount(weekday[around], calls[around], 7), np.bincount(weekday[around], minlength=7)
    if came.sum() < LEAST_CALLS:
        return None
    even = of_week * (came.sum() / len(around))
    factor = (came + WEEKDAY_WORTH) / (even + WEEKDAY_WORTH)
    weeks = np.concatenate([
        _weeks(calls, observed, start - 7 * np.arange(1, min(AROUND_D, start) // 7 + 1)),
        _weeks(calls, observed, end + 7 * np.arange(min(AROUND_D, len(calls) - end) // 7)),
    ])  # fmt: skip
    fade = min(_fade(calls[before], days) for days in FADES_D)
    return _Beside(float(min(means)), factor, _scatter(weeks), fade, start)


def _fade(back: FloatArray, days: int) -> float:
    """The factor of a day by which the last so many days fell from those before, at most 1; `back`: the last first."""
    now, then = float(back[:days].sum()), float(back[days : 2 * days].sum())
    return min(1.0, now / then) ** (1 / days) if len(back) >= 2 * days and then > 0 else 1.0


def _weeks(calls: FloatArray, observed: BoolArray, first: IntArray) -> FloatArray:
    """Calls of the weeks that begin on these days, of those observed throughout."""
    day = first[:, None] + np.arange(7)
    totals: FloatArray = calls[day].sum(axis=1)[observed[day].all(axis=1)]
    return totals


def _scatter(weeks: FloatArray) -> float:
    """α of Var = μ + α μ² of weeks by the method of moments; never so small that a short record makes sure of it."""
    least = SCATTER_OF_FEW if len(weeks) < FEW_WEEKS else LEAST_SCATTER
    if len(weeks) < 2 or not weeks.sum():
        return least
    mean = float(weeks.mean())
    return max(least, (float(weeks.var(ddof=1)) - mean) / mean**2)


def _expected(beside: _Beside, worth: FloatArray, weekday: IntArray, start: int, end: int) -> float:
    left = beside.fade ** np.maximum(0, np.arange(start, end) - beside.start)
    return beside.level * float((beside.weekday[weekday[start:end]] * worth[start:end] * left).sum())


def _too_empty(expected: float, scatter: float, days: int) -> bool:
    def log_chance(parts: float) -> float:
        return -parts / scatter * float(np.log1p(scatter * expected / parts))

    return log_chance(max(1.0, days / 7)) < float(np.log(BY_CHANCE)) and log_chance(1.0) < float(np.log(ALL_AT_ONCE))


def _comes_back(
    calls: FloatArray, beside: _Beside, worth: FloatArray, weekday: IntArray, start: int, end: int
) -> bool:
    """Whether the same days a year before or after were nearly empty too: then it is the time of year."""
    then = []
    if start >= YEAR_D:
        then.append((start - YEAR_D, min(start, end - YEAR_D)))
    if end + YEAR_D <= len(calls):
        then.append((max(end, start + YEAR_D), end + YEAR_D))
    return any(calls[a:b].sum() <= NEARLY * _expected(beside, worth, weekday, a, b) for a, b in then)


def _join_nearly_empty(
    observed: BoolArray,
    calls: FloatArray,
    worth: FloatArray,
    weekday: IntArray,
    told: dict[tuple[int, int], _Beside],
) -> None:
    """Mark what follows a gap, up to the next one or the end, where it is at most a week with at most a tenth of the
    calls to be expected, less likely than 1 in 1,000. Longer, it is what is observed now."""
    known, beside = sorted(told), None
    for (start, end), until in zip(known, [*(run[0] for run in known), len(calls)][1:], strict=True):
        # After a late call that was joined, the level before it still tells more.
        joined = beside is not None and not observed[start - 1]
        beside = max(beside, told[start, end], key=lambda one: one.level) if joined and beside else told[start, end]
        came = float(calls[end:until].sum())
        expected = _expected(beside, worth, weekday, end, until)
        chance = special.betainc(1 / beside.scatter, came + 1, 1 / (1 + beside.scatter * expected))
        if until - end <= NEARLY_D and came <= NEARLY * expected and chance < NEARLY_CHANCE:
            observed[end:until] = False
