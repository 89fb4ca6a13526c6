"""Score plans: many replications of the same calls, and what they come to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.simulate.draws import HOUR_S, Source
from shouwang.engine.simulate.estimates import Estimate, Responses, difference, ratio, responses
from shouwang.engine.simulate.events import Run
from shouwang.engine.simulate.model import Calls, Model, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.solve.stop import NoStop, Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

DAY_H = 24
CURVE_S = np.arange(60.0, 1801.0, 60.0)
"""Seconds for which it is told how many calls are reached by then."""
LEAST_CALLS = 20
"""An area is called the worst only if it had so many calls in all replications together."""


@dataclass(frozen=True, slots=True)
class Window:
    """What counts: calls from the end of the warm-up until the end, both in seconds from the start (midnight).

    Everything is played, also what comes before.
    """

    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """What a plan comes to over all replications.

    areas, hours (0 … 23), area_hours: response times told apart; worst_area: the one with the longest p90.
    curve: the share of all calls reached within each of `CURVE_S`. wait_s: from call to the sending of its unit, of
    calls served; waited: the share of them for which no unit was sent at once; lost, unserved: shares of calls that
    nobody served, because nobody waits, or because nobody was left. busy: per unit the share of its shifts spent on
    calls; busy_mean: of all shifts together. overtime_s: per unit seconds on calls after its shifts, per
    replication. events: in all replications together.
    """

    replications: int
    events: int
    overall: Responses
    areas: dict[int, Responses]
    hours: dict[int, Responses]
    area_hours: dict[tuple[int, int], Responses]
    worst_area: int | None
    curve: tuple[Estimate, ...]
    wait_s: Estimate
    waited: Estimate
    lost: Estimate
    unserved: Estimate
    busy: tuple[Estimate, ...]
    busy_mean: Estimate
    overtime_s: FloatArray


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second plan changes against the first, paired by replication (second minus first). areas, hours: the
    change of the share reached in time.
    """

    mean_s: Estimate
    within: Estimate
    wait_s: Estimate
    waited: Estimate
    unserved: Estimate
    busy_mean: Estimate
    areas: dict[int, Estimate]
    hours: dict[int, Estimate]


def score(
    models: Sequence[Model],
    source: Source,
    window: Window,
    replications: int,
    *,
    rng: np.random.Generator,
    within_s: float,
    areas: Sequence[IntArray] | None = None,
    stop: Stop | None = None,
) -> tuple[list[Score], list[Difference]]:
    """Play every plan through the same replications; differences are those of each further plan to the first.

    areas: per plan the area of each place of calls, for plans that divide the ground in ways of their own; their units
    go by it, while results are told by the areas of the source. With `stop`, replications end early; at least one is
    played. Raises `BadInput`.
    """
    _check(window, replications, within_s)
    if areas is not None and [a.size for a in areas] != [model.roads.call_count for model in models]:
        remedy = "Number each place of calls."
        raise BadInput([Fault("areas", "each plan needs an area for each place", [a.size for a in areas], remedy)])
    stop = stop or NoStop()
    # The readable core holds the interpreter, and a policy of one's own may not bear threads.
    threads = min(4, os.cpu_count() or 1) if all(model.policy.compilable for model in models) else 1
    generators = rng.spawn(replications)
    tallies: list[list[_Tally]] = []

    def one(generator: np.random.Generator) -> list[_Tally]:
        calls = source.draw(generator)
        seen = [calls if areas is None else replace(calls, area=areas[m][calls.place]) for m in range(len(models))]
        return [
            _tally(model, calls, play(model, own), window, within_s) for model, own in zip(models, seen, strict=True)
        ]

    with ThreadPoolExecutor(threads) as pool:
        while len(tallies) < replications and not (tallies and stop()):
            tallies += pool.map(one, generators[len(tallies) : len(tallies) + threads])
    by_plan = list(zip(*tallies, strict=True))
    scores = [_score(plan, within_s) for plan in by_plan]
    return scores, [_difference(by_plan[0], plan, within_s) for plan in by_plan[1:]]


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """What is kept of one replication."""

    response_s: FloatArray
    area: IntArray
    hour: IntArray
    sums: dict[str, float]
    busy_s: FloatArray
    duty_s: FloatArray
    overtime_s: FloatArray
    events: int


def _tally(model: Model, calls: Calls, run: Run, window: Window, within_s: float) -> _Tally:
    counted = (calls.time_s >= window.from_s) & (calls.time_s < window.until_s)
    time_s, sent_s = calls.time_s[counted], run.sent_s[counted]
    reached_s = run.reached_s()[counted]
    response_s = np.where(np.isnan(reached_s), np.inf, reached_s - time_s)
    served = np.isfinite(sent_s)
    busy_s, duty_s, overtime_s = _workload(model.units, run, window)
    sums = {
        "calls": float(time_s.size),
        "reached": float(np.isfinite(response_s).sum()),
        "response_s": float(response_s[np.isfinite(response_s)].sum()),
        "within": float((response_s <= within_s).sum()),
        "served": float(served.sum()),
        "wait_s": float((sent_s - time_s)[served].sum()),
        "waited": float((sent_s > time_s)[served].sum()),
        "lost": float(run.lost[counted].sum()),
        "unserved": float((~served & ~run.lost[counted]).sum()),
        "busy_s": float(busy_s.sum()),
        "duty_s": float(duty_s.sum()),
    }
    hour = (time_s // HOUR_S).astype(np.int64) % DAY_H
    return _Tally(response_s, calls.area[counted], hour, sums, busy_s, duty_s, overtime_s, run.events)


def _workload(units: Sequence[Unit], run: Run, window: Window) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per unit within the window: seconds on calls in its shifts, seconds of its shifts, seconds on calls
    beyond.
    """
    tasks = ((run.unit, run.sent_s, run.done_s), (run.first_unit, run.first_sent_s, run.first_done_s))
    unit, begin_s, end_s = (np.concatenate(columns) for columns in zip(*tasks, strict=True))
    # A task that never ended (a first response nobody relieved) lasts until the end.
    begin_s, end_s = (np.clip(np.nan_to_num(s, nan=np.inf), window.from_s, window.until_s) for s in (begin_s, end_s))
    busy_s, duty_s, beyond_s = np.zeros(len(units)), np.zeros(len(units)), np.zeros(len(units))
    for u, one in enumerate(units):
        edges = np.clip(np.array(one.shifts, float).ravel(), window.from_s, window.until_s)
        on_s = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (np.arange(edges.size - 1) % 2 == 0))])
        mine = unit == u
        within_s = np.interp(end_s[mine], edges, on_s) - np.interp(begin_s[mine], edges, on_s)
        busy_s[u], duty_s[u] = within_s.sum(), on_s[-1]
        beyond_s[u] = (end_s[mine] - begin_s[mine]).sum() - busy_s[u]
    return busy_s, duty_s, beyond_s


def _score(tallies: Sequence[_Tally], within_s: float) -> Score:
    count = len(tallies)
    response_s = np.concatenate([tally.response_s for tally in tallies])
    area = np.concatenate([tally.area for tally in tallies])
    hour = np.concatenate([tally.hour for tally in tallies])
    replication = np.repeat(np.arange(count), [tally.response_s.size for tally in tallies])

    def of(chosen: BoolArray | IntArray) -> Responses:
        return responses(response_s[chosen], replication[chosen], count, within_s)

    def by(key: IntArray) -> dict[int, Responses]:
        order = np.argsort(key, kind="stable")
        numbers, first = np.unique(key[order], return_index=True)
        parts = np.split(order, first[1:])[: numbers.size]  # of nothing, split makes one part
        return {int(n): of(part) for n, part in zip(numbers, parts, strict=True)}

    areas = by(area)
    enough = {number: group for number, group in areas.items() if group.calls * count >= LEAST_CALLS}
    busy = np.array([tally.busy_s for tally in tallies])
    duty = np.array([tally.duty_s for tally in tallies])
    return Score(
        replications=count,
        events=sum(tally.events for tally in tallies),
        overall=of(np.arange(response_s.size)),
        areas=areas,
        hours=by(hour),
        area_hours={divmod(key, DAY_H): group for key, group in by(area * DAY_H + hour).items()},
        worst_area=max(enough, key=lambda number: enough[number].p90_s.value, default=None),
        curve=_curve(tallies),
        wait_s=_ratio(tallies, "wait_s", "served"),
        waited=_ratio(tallies, "waited", "served"),
        lost=_ratio(tallies, "lost", "calls"),
        unserved=_ratio(tallies, "unserved", "calls"),
        busy=tuple(ratio(busy[:, u], duty[:, u]) for u in range(busy.shape[1])),
        busy_mean=_ratio(tallies, "busy_s", "duty_s"),
        overtime_s=np.mean([tally.overtime_s for tally in tallies], axis=0),
    )


def _sums(tallies: Sequence[_Tally], name: str) -> FloatArray:
    return np.array([tally.sums[name] for tally in tallies])


def _ratio(tallies: Sequence[_Tally], y: str, n: str) -> Estimate:
    return ratio(_sums(tallies, y), _sums(tallies, n))


def _curve(tallies: Sequence[_Tally]) -> tuple[Estimate, ...]:
    reached = np.array([np.searchsorted(np.sort(tally.response_s), CURVE_S, side="right") for tally in tallies], float)
    calls = _sums(tallies, "calls")
    return tuple(ratio(reached[:, i], calls) for i in range(CURVE_S.size))


def _difference(first: Sequence[_Tally], second: Sequence[_Tally], within_s: float) -> Difference:
    def of(y: str, n: str) -> Estimate:
        return difference(_sums(first, y), _sums(first, n), _sums(second, y), _sums(second, n))

    def by(name: str) -> dict[int, Estimate]:
        """Both plans have the same calls, so that only the reached ones differ."""
        keys = np.unique(np.concatenate([getattr(tally, name) for tally in first]))
        counts = [_counts(tallies, name, keys.max(initial=0) + 1, within_s) for tallies in (first, second)]
        (n, y_a), (_, y_b) = counts
        return {int(key): difference(y_a[:, key], n[:, key], y_b[:, key], n[:, key]) for key in keys}

    return Difference(
        of("response_s", "reached"), of("within", "calls"), of("wait_s", "served"), of("waited", "served"),
        of("unserved", "calls"),
        of("busy_s", "duty_s"), by("area"), by("hour"),
    )  # fmt: skip


def _counts(tallies: Sequence[_Tally], name: str, size: int, within_s: float) -> tuple[FloatArray, FloatArray]:
    """Per replication and area or hour: calls, and those reached in time."""
    keys = [getattr(tally, name) for tally in tallies]
    calls = [np.bincount(key, minlength=size) for key in keys]
    reached = [
        np.bincount(key, tally.response_s <= within_s, minlength=size) for key, tally in zip(keys, tallies, strict=True)
    ]
    return np.array(calls, float), np.array(reached, float)


def _check(window: Window, replications: int, within_s: float) -> None:
    faults = Faults()
    if replications < 1:
        faults.add("replications", "there has to be one", replications, "Give 1 or more, better 20.")
    if not 0 <= window.from_s < window.until_s < np.inf:
        what, remedy = "the warm-up has to end before the end", "Shorten the warm-up, or play longer."
        faults.add("window", what, f"{window.from_s:g} to {window.until_s:g}", remedy)
    if not within_s > 0:
        faults.add("within_s", "the time allowed has to be above 0", within_s, "Give seconds.")
    faults.raise_if_any()
