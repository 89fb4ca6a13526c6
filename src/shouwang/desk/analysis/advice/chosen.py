"""The calls that a question is about, out of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from shouwang.desk.calls.facts import STEPS
from shouwang.engine.demand.calls import SOURCES
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

from ..facts import Shift
from ..terms import CLOCK, FLOW, Asked
from .record import Part, Record
from .standards import limits


@dataclass(frozen=True, eq=False)
class Chosen:
    """Positions of the chosen calls in each part of the record; columns are put together when they are asked for."""

    record: Record
    asked: Asked
    at: tuple[tuple[Part, IntArray], ...]

    def __len__(self) -> int:
        return sum(len(at) for _part, at in self.at)

    def column(self, name: str) -> AnyArray:
        return np.concatenate([getattr(part, name)[at] for part, at in self.at]) if self.at else np.zeros(0, np.int64)

    def count(self, name: str, size: int) -> IntArray:
        """Calls by the values 0 … size − 1 of a column."""
        found = np.zeros(size, np.int64)
        for part, at in self.at:
            values = getattr(part, name)[at]
            found += np.bincount(values[values >= 0], minlength=size)[:size]
        return found

    @cached_property
    def spots(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """The places with chosen calls: cell (−1: none), street and area, and how many calls."""
        told: list[tuple[AnyArray, ...]] = [(np.zeros(0, np.int64),) * 4]
        for part, at in self.at:
            *where, number = part.spots
            count = np.bincount(number[at], minlength=len(where[0]))
            here = np.flatnonzero(count)
            told.append((*(column[here].astype(np.int64) for column in where), count[here]))
        cell, street, area, calls = (np.concatenate(columns) for columns in zip(*told, strict=True))
        return cell, street, area, calls

    @cached_property
    def days(self) -> tuple[date, date]:
        """The days asked for, as far as the record reaches."""
        known = self.record.days
        if known is None:
            return self.asked.first, self.asked.last
        first, last = max(self.asked.first, known[0]), min(self.asked.last, known[1])
        return (first, last) if first <= last else (self.asked.first, self.asked.last)

    @property
    def span_d(self) -> int:
        return (self.days[1] - self.days[0]).days + 1

    def by_day(self) -> IntArray:
        """Calls on each of the days."""
        start = day_of(self.days[0])
        found = np.zeros(self.span_d, np.int64)
        for part, at in self.at:
            off = part.day[at] - start
            found += np.bincount(off[(off >= 0) & (off < self.span_d)], minlength=self.span_d)
        return found

    def steps(self) -> FloatArray:
        """What the chosen calls of the desk waited for; see the record."""
        told = [part.steps[at] for part, at in self.at if part.steps.shape[1]]
        return np.concatenate(told) if told else np.zeros((0, 6))

    def of_desk(self, name: str) -> AnyArray:
        """A column of the chosen calls of the desk alone."""
        told = [getattr(part, name)[at] for part, at in self.at if part.steps.shape[1]]
        return np.concatenate(told) if told else np.zeros(0, np.int64)


def choose(record: Record, asked: Asked, shifts: Sequence[Shift], *, found: str | None = None) -> Chosen:
    """`found`: in place of the question's own choice."""
    found = asked.found if found is None else found
    inside = np.array([path.startswith(asked.area) for path in record.ground.paths])
    if not asked.area:
        inside[:] = True
    kinds = np.isin(np.array(record.kinds.all, str), asked.kinds) if asked.kinds else None
    clock = minutes_of(asked, shifts)
    parts = record.parts[-1:] if asked.replay else record.parts
    return Chosen(record, asked, tuple(
        (part, np.flatnonzero(_mask(part, record, asked, inside, kinds, clock, found))) for part in parts if len(part)
    ))  # fmt: skip


def _mask(
    part: Part, record: Record, asked: Asked, inside: BoolArray, kinds: BoolArray | None, clock: BoolArray | None,
    found: str,
) -> BoolArray:
    kept = (part.day >= day_of(asked.first)) & (part.day <= day_of(asked.last)) & (part.time_s <= record.now_s)
    if not inside.all():
        kept &= inside[part.area]
    if kinds is not None:
        kept &= kinds[part.kind]
    if found != "1":
        kept &= part.found if found else ~part.found
    if part is record.parts[-1]:
        kept &= part.drill if asked.replay else ~part.drill
    if clock is not None:
        kept &= clock[part.minute]
    for name in ("cell", "hour", "weekday"):
        if (value := getattr(asked, name)) is not None:
            kept &= getattr(part, name) == value
    if asked.source is not None:
        kept &= part.source == SOURCES.index(asked.source)
    if asked.clock is not None:
        kept &= np.isin(part.hour, CLOCK[asked.clock])
    if asked.within is not None:
        inside = np.array([path.startswith(tuple(asked.within.split(","))) for path in record.ground.paths])
        kept &= inside[part.area]
    for name, words in (("street", record.ground.streets), ("result", record.results.all)):
        if (word := getattr(asked, name)) is not None:
            kept &= getattr(part, name) == (words.index(word) if word in words else -1)
    if asked.result is not None or asked.step is not None:
        kept &= bool(part.steps.shape[1])  # what came of a call of a file is not known
    if asked.step is not None and part.steps.shape[1]:
        if step := FLOW.get(asked.step, asked.step):
            kept &= ~np.isnan(part.steps[:, STEPS.index(step)])
        if asked.step == "result_told":
            kept &= part.result != 0
        if asked.judged is not None:
            kept &= ~np.isnan(limits(asked.step, part.severity, part.area, record.ground))
    return kept


def minutes_of(asked: Asked, shifts: Sequence[Shift]) -> BoolArray | None:
    """Which minutes of the day lie in the shift; None for all."""
    shift = next((s for s in shifts if s.start == asked.shift), None)
    if shift is None:
        return None
    minutes = np.zeros(1440, bool)
    minutes[np.arange(*shift.minutes) % 1440] = True
    return minutes


def day_of(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
