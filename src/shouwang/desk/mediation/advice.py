"""Figures without parties: what became of a year's cases, their kinds, ways and bodies, small counts hidden
(engine/disclose). Kinds are not crossed with outcomes: of a district's few hundred cases nearly all such cells are
small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import numpy as np

from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import SMALL, suppress
from shouwang.engine.disclose.tables import Table

from .facts import OUTCOMES, Counted
from .terms import AMOUNT_SIZES, PEOPLE_SIZES, Label, size_class

T = TypeVar("T", str, bool)
Cell = int | None  # None: hidden
PERFORMED = ("yes", "part", "no", "")


@dataclass(frozen=True)
class Line:
    """`code`: a kind, a body ("": none yet) or a way, which is the sum of the bodies below it. `days`: half of its
    settled cases were settled within; None where they are few."""

    code: str
    count: Cell
    days: float | None = None
    sum: bool = False


@dataclass(frozen=True)
class Figures:
    """`all`: cases. `outcomes`, `kinds`, `bodies`, `people` and `amounts` (classes of size) each add up to it;
    `in_time`, `confirmed` and `performed` are parts of the settled ones, told only where these are."""

    all: Cell
    outcomes: Mapping[str, Cell]
    kinds: Sequence[Line]
    bodies: Sequence[Line]
    people: Sequence[Line]
    amounts: Sequence[Line]
    in_time: Cell
    confirmed: Cell
    performed: Mapping[str, Cell]
    days: float | None


def figures(cases: Sequence[Counted], ways: Mapping[str, str]) -> Figures | None:
    """None where there are no cases. `ways`: the way of each body."""
    if not cases:
        return None
    settled = [c for c in cases if c.outcome == "settled"]
    ended = Counter(c.outcome for c in cases)
    outcomes = _list(Counter({o: ended[o] for o in OUTCOMES}))
    kinds = _list(Counter(c.kind for c in cases))
    told = outcomes["settled"] is not None and len(settled) > SMALL
    in_time = _list(Counter(bool(c.in_time) for c in settled)) if told else {}
    confirmed = _list(Counter(c.confirmed for c in settled)) if told else {}
    performed = _list(Counter(c.performed for c in settled)) if told else {}
    return Figures(
        len(cases) if len(cases) > SMALL else None, outcomes,
        [Line(k, n, _days([c for c in settled if c.kind == k])) for k, n in sorted(kinds.items())],
        _bodies(Counter(c.body for c in cases), ways), _sizes([c.people for c in cases], PEOPLE_SIZES),
        _sizes([c.amount for c in cases], AMOUNT_SIZES), in_time.get(True, 0) if told else None,
        confirmed.get(True, 0) if told else None, {p: performed.get(p, 0) if told else None for p in PERFORMED},
        _days(settled))


def _sizes(told: Sequence[int | None], classes: Mapping[str, tuple[Label, int]]) -> list[Line]:
    counts = Counter(size_class(n, classes) for n in told)
    return [Line(code, n) for code, n in _list(Counter({c: counts[c] for c in (*classes, "")})).items()]


def _list(counts: Counter[T]) -> dict[T, Cell]:
    shown = shown_of(list(counts.values())).tolist()
    return {key: n if seen else None for (key, n), seen in zip(counts.items(), shown, strict=True)}


def _bodies(counts: Counter[str], ways: Mapping[str, str]) -> list[Line]:
    """Ways with their bodies below, and those that were passed to none yet: one table, so that nothing hidden in it is
    what is left of a sum."""
    codes = sorted(counts)
    if sum(counts.values()) <= SMALL:
        return []
    group = [ways.get(code, "") for code in codes]
    table = Table.of(codes, ["cases"], np.array([[counts[c]] for c in codes]), group)
    told = {row: n for (row, _column), n in suppress(table)}
    found = []
    for way in dict.fromkeys(group):
        found += [Line(way, told[way], sum=True)] if way else []
        found += [Line(c, told[c]) for c, of in zip(codes, group, strict=True) if of == way]
    return found


def _days(settled: Sequence[Counted]) -> float | None:
    spans = [c.days for c in settled if c.days is not None]
    return median(spans) if len(spans) > SMALL else None
