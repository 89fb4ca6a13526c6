"""Did it work? One question, one answer: the method that fits, why it was taken, and what else can be looked at.

The rule is fixed before anybody sees a figure, so that nobody can choose the method by its result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shouwang.engine.effects.change import poisson
from shouwang.engine.effects.did import ENOUGH_UNITS, Panel, did
from shouwang.engine.effects.result import Effect, Refusal
from shouwang.engine.effects.rirr import rirr
from shouwang.engine.effects.wdd import Counts, wdd
from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

NEITHER, TREATED, CONTROL, NEAR = 0, 1, 2, 3
LEAST_PROPOSED = 10

STEPS: dict[str, str] = {
    "no_comparison": "There are no comparison areas, so the time after is held against the time before alone.",
    "many_areas": "Both groups have {least} areas or more, so each area counts as one witness (did).",
    "few_areas": "The smaller group has {units} areas; with fewer than {least} the sums of both groups are compared, "
    "and the parts of the time show how much counts scatter (rirr).",
    "no_factor": "A sum is 0, so no factor exists: numbers are compared instead (wdd).",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Why a method was taken. `code` is a key of `STEPS`, `values` fill its gaps."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return STEPS[self.code].format(**self.values)


@dataclass(frozen=True, slots=True)
class Answer:
    """`main`: the answer, None where it was refused (`refused` says why); `others`: the same counts by other methods,
    which decide nothing; `near`: the areas next door held against the comparison."""

    main: Effect | None
    refused: Refusal | None
    steps: tuple[Step, ...]
    others: tuple[Effect, ...]
    near: Effect | None


def answer(counts: FloatArray, role: IntArray, began: int, level: float = 0.95) -> Answer:
    """From counts (areas, parts of time), the role of each area, and the first part after it began.

    Without comparison areas: before and after (poisson). With ten areas or more in both groups: each area is one
    witness (did). Otherwise the sums of the groups (rirr), or where a sum is 0 their numbers (wdd). Raises `BadInput`.
    """
    faults = Faults()
    if counts.shape[:1] != role.shape or not 0 < began < counts.shape[1]:
        remedy = "Give a role per area, and parts on both sides."
        faults.add("counts", "counts, roles and the beginning do not fit", str(counts.shape), remedy)
    elif not (role == TREATED).any():
        faults.add("role", "no area is treated", None, "Name the areas of the measure.")
    faults.raise_if_any()
    groups = {name: _sums(counts, role == name, began) for name in (TREATED, CONTROL, NEAR) if (role == name).any()}
    steps: list[Step] = []
    main, refused = _main(counts, role, began, groups, steps, level)
    treated, control = groups[TREATED], groups.get(CONTROL)
    others = [] if control is None else [_tried(lambda: wdd(treated, control, level=level))]
    others.append(_tried(lambda: poisson(treated, began, counts.shape[1] - began, level)))
    near = None
    if control is not None and NEAR in groups:
        beside = groups[NEAR]
        near = _tried(lambda: rirr(beside, control, level)) or _tried(lambda: wdd(beside, control, level=level))
    kept = tuple(one for one in others if one is not None and _worth_telling(one, main))
    return Answer(main, refused, tuple(steps), kept, near)


def propose(before: FloatArray, treated: BoolArray, usable: BoolArray) -> IntArray:
    """Comparison areas (numbers, ascending) out of `usable` ones: those whose cases before come closest to the treated
    areas' mean, ten or three per treated area.

    They are chosen by how many cases they had and by nothing else: whether both groups moved alike before is then still
    a fair test of the choice.
    """
    rows = np.flatnonzero(usable & ~treated)
    off = np.abs(np.log((before[rows] + 1) / (before[treated].mean() + 1)))
    most = max(LEAST_PROPOSED, 3 * int(treated.sum()))
    chosen: IntArray = np.sort(rows[np.argsort(off, kind="stable")[:most]])
    return chosen


def _main(
    counts: FloatArray, role: IntArray, began: int, groups: Mapping[int, Counts], steps: list[Step], level: float
) -> tuple[Effect | None, Refusal | None]:
    treated = groups[TREATED]
    if CONTROL not in groups:
        steps.append(Step("no_comparison"))
        return _asked(lambda: poisson(treated, began, counts.shape[1] - began, level))
    control = groups[CONTROL]
    units = int(min((role == TREATED).sum(), (role == CONTROL).sum()))
    if units >= ENOUGH_UNITS:
        steps.append(Step("many_areas", {"least": ENOUGH_UNITS}))
        used = (role == TREATED) | (role == CONTROL)
        panel = Panel(counts[used], role[used] == TREATED, np.arange(counts.shape[1]) >= began)
        found, refused = _asked(lambda: did(panel, level))
    else:
        steps.append(Step("few_areas", {"units": units, "least": ENOUGH_UNITS}))
        found, refused = _asked(lambda: rirr(treated, control, level))
    if refused is not None and refused.code == "no_factor":
        steps.append(Step("no_factor"))
        found, refused = _asked(lambda: wdd(treated, control, level=level))
    return found, refused


def _worth_telling(other: Effect, main: Effect | None) -> bool:
    """Not the answer itself, and not equal changes in number between groups of unlike size: nobody expects those."""
    unlike = any(check.code == "unlike_size" for check in other.checks)
    return not unlike and (main is None or other.method != main.method)


def _sums(counts: FloatArray, rows: BoolArray, began: int) -> Counts:
    whole = counts[rows].sum(axis=0).astype(np.int64)
    return Counts(whole[:began], whole[began:])


def _asked(ask: Callable[[], Effect]) -> tuple[Effect | None, Refusal | None]:
    try:
        return ask(), None
    except Refusal as refusal:
        return None, refusal


def _tried(ask: Callable[[], Effect]) -> Effect | None:
    return _asked(ask)[0]
