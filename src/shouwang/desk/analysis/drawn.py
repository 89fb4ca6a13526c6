"""Charts as lines and boxes for the templates: where each mark stands. A chart draws one table, with its intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .terms import Row

Tell = Callable[[float], str]
WIDE, LEFT, RIGHT = 760.0, 44.0, 26.0
TOP, HIGH, FOOT = 12.0, 190.0, 26.0
SQUARE, GAP = 13, 2


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Bar:
    """A bar from the base line up, and the line of its interval. `few`: hidden, drawn as a dashed stump."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    low: float | None
    high: float | None
    title: str
    few: bool = False
    href: str = ""


@dataclass(frozen=True)
class Upright:
    """Bars side by side, or points with intervals, above a line of names."""

    bars: Sequence[Bar]
    names: Sequence[Tick]
    ticks: Sequence[Tick]
    width: float = WIDE
    height: float = TOP + HIGH + FOOT
    left: float = LEFT
    right: float = WIDE - RIGHT
    base: float = TOP + HIGH


def nice(most: float, count: int = 4) -> list[float]:
    """Round values from 0 up to the first that is no less than the most."""
    if not most > 0:
        return [0.0, 1.0]
    scale = 10.0 ** math.floor(math.log10(most / count))
    step = next(m * scale for m in (1, 2, 2.5, 5, 10) if m * scale * count >= most * (1 - 1e-9))
    return [round(n * step, 10) for n in range(math.ceil(most / step - 1e-9) + 1)]


def upright(
    rows: Sequence[Row], value: str, low: str, high: str, *, name: Callable[[Row, int], str],
    title: Callable[[Row], str], tell: Tell, href: Callable[[Row], str], unit: float = 1.0,
) -> Upright:  # fmt: skip
    """Bars of `value` with the interval from `low` to `high`; `name`: what stands below a bar, "" for nothing; `unit`:
    what the axis counts in. The axis reaches twice the largest value at most: what goes on beyond is cut there."""
    known = [row for row in rows if row.get(value) is not None]
    most = max((row[value] for row in known), default=0.0)
    ends_known = [row[high] for row in known if row.get(high) is not None and math.isfinite(row[high])]
    ticks = [tick * unit for tick in nice(max([most, *(min(end, 2 * most) for end in ends_known)]) / unit)]
    scale, base = HIGH / ticks[-1], TOP + HIGH

    def y(v: float) -> float:
        return round(base - min(v, ticks[-1]) * scale, 1)

    step = (WIDE - LEFT - RIGHT) / max(1, len(rows))
    bars, names = [], []
    for n, row in enumerate(rows):
        x = LEFT + n * step
        middle = round(x + step / 2, 1)
        if text := name(row, n):
            names.append(Tick(middle, text))
        few = row.get(value) is None
        at = y(row[value]) if not few else base - 6
        ends = [None if few or row.get(end) is None else y(row[end]) for end in (low, high)]
        bars.append(Bar(round(x + step * 0.14, 1), at, round(step * 0.72, 1), round(base - at, 1), middle, ends[0],
                        ends[1], title(row), few, "" if few else href(row)))  # fmt: skip
    return Upright(bars, names, [Tick(y(v), tell(v)) for v in ticks])


@dataclass(frozen=True)
class Line:
    """A row of a chart of intervals: a bar or a dot with its line, beside its name."""

    name: str
    y: float
    x: float | None
    low: float | None
    high: float | None
    text: str
    title: str
    marked: bool
    href: str


@dataclass(frozen=True)
class Level:
    """Names one below the other, with dots and intervals along one scale. `zero`: where no change lies."""

    lines: Sequence[Line]
    ticks: Sequence[Tick]
    height: float
    base: float
    zero: float
    width: float = WIDE


def level(
    rows: Sequence[Row], value: str, low: str, high: str, *, name: Callable[[Row], str], tell: Tell,
    text: Callable[[Row], str], marked: Callable[[Row], bool], ends: tuple[float, float], ticks: Sequence[float],
    href: Callable[[Row], str],
) -> Level:  # fmt: skip
    """Rows that know `value`, on a scale from `ends`; what lies beyond is drawn at its end."""
    left, right, high_of = 190.0, WIDE - 150.0, 24.0
    span = max(ends[1] - ends[0], 1e-9)

    def x(v: float | None) -> float | None:
        return None if v is None else round(left + (min(max(v, ends[0]), ends[1]) - ends[0]) / span * (right - left), 1)

    lines = [
        Line(name(row), TOP + n * high_of + high_of / 2, x(row[value]), x(row.get(low)), x(row.get(high)), text(row),
             f"{name(row)}: {text(row)}", marked(row), href(row))
        for n, row in enumerate(row for row in rows if row.get(value) is not None)
    ]  # fmt: skip
    base = TOP + len(lines) * high_of
    zero = x(0.0)
    assert zero is not None
    return Level(lines, [Tick(x(v) or 0.0, tell(v)) for v in ticks], base + FOOT, base, zero)


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    state: str
    title: str
    href: str


@dataclass(frozen=True)
class Control:
    """A control chart: the two bands as shapes, what was expected as a line, and the counts as points on a line."""

    act: Sequence[str]
    warn: Sequence[str]
    expected: Sequence[str]
    counts: Sequence[str]
    points: Sequence[Point]
    names: Sequence[Tick]
    ticks: Sequence[Tick]
    width: float = WIDE
    height: float = TOP + HIGH + FOOT
    left: float = LEFT
    right: float = WIDE - RIGHT
    base: float = TOP + HIGH


def control(
    rows: Sequence[Row], *, name: Callable[[Row, int], str], title: Callable[[Row], str], tell: Tell,
    href: Callable[[Row], str],
) -> Control:  # fmt: skip
    most = max((max(row.get("act_high") or 0.0, row.get("calls") or 0.0) for row in rows), default=0.0)
    ticks = nice(most)
    scale, base = HIGH / ticks[-1], TOP + HIGH
    step = (WIDE - LEFT - RIGHT) / max(1, len(rows))

    def x(n: int) -> float:
        return round(LEFT + (n + 0.5) * step, 1)

    def y(v: float) -> float:
        return round(base - v * scale, 1)

    def line(key: str) -> list[str]:
        return [" ".join(f"{x(n)},{y(rows[n][key])}" for n in run) for run in runs(rows, key)]

    def band(low: str, high: str) -> list[str]:
        return [
            " ".join([*(f"{x(n)},{y(rows[n][high])}" for n in run), *(f"{x(n)},{y(rows[n][low])}" for n in run[::-1])])
            for run in runs(rows, low)
        ]

    points = [Point(x(n), y(row["calls"]), row.get("state") or "", title(row), href(row))
              for n, row in enumerate(rows) if row.get("calls") is not None]  # fmt: skip
    names = [Tick(x(n), text) for n, row in enumerate(rows) if (text := name(row, n))]
    return Control(band("act_low", "act_high"), band("warn_low", "warn_high"), line("expected"), line("calls"), points,
                   names, [Tick(y(v), tell(v)) for v in ticks])  # fmt: skip


def runs(rows: Sequence[Row], key: str) -> list[list[int]]:
    """Stretches of rows that know a value: a line breaks where nothing is known."""
    found: list[list[int]] = []
    for n, row in enumerate(rows):
        if row.get(key) is None:
            continue
        if found and found[-1][-1] == n - 1:
            found[-1].append(n)
        else:
            found.append([n])
    return found


@dataclass(frozen=True)
class Course:
    """A small chart: lines over time, and a level that stays. `says`: its figures at the end, in words."""

    name: str
    lines: Sequence[Sequence[str]]
    level: float | None
    top: str
    first: str
    last: str
    width: float = 240.0
    height: float = 96.0
    base: float = 78.0


def course(rows: Sequence[Row], keys: Sequence[str], level: str, *, name: str, tell: Tell) -> Course:
    """`rows` in the order of time, each with `start`; a line breaks where nothing is known."""
    known = [row[key] for row in rows for key in (*keys, level) if row.get(key) is not None]
    most = nice(max(known, default=0.0), 2)[-1]
    step, base = Course.width / len(rows), Course.base

    def y(v: float) -> float:
        return round(base - v / most * (base - TOP), 1)

    lines = [[" ".join(f"{(n + 0.5) * step:.1f},{y(rows[n][key])}" for n in run) for run in runs(rows, key)]
             for key in keys]  # fmt: skip
    stays = rows[-1].get(level)
    first, last = (f"{row['start']:%Y-%m-%d}" for row in (rows[0], rows[-1]))
    return Course(name, lines, None if stays is None else y(stays), tell(most), first, last)


@dataclass(frozen=True)
class Day:
    x: int
    y: int
    step: int
    title: str
    href: str


@dataclass(frozen=True)
class Calendar:
    """Days as squares, a column for each week from Monday on."""

    days: Sequence[Day]
    months: Sequence[Tick]
    weekdays: Sequence[Tick]
    width: int
    height: int


def calendar(
    rows: Sequence[Row], steps: Sequence[float], *, title: Callable[[Row], str], month: Callable[[date], str],
    weekday: Callable[[int], str], href: Callable[[Row], str],
) -> Calendar:  # fmt: skip
    """`steps`: where the upper four of five colours begin; 0 for a day without a call."""
    left, top, pitch = 34, 18, SQUARE + GAP
    if not rows:
        return Calendar((), (), (), left, top)
    monday = rows[0]["day"] - timedelta(days=rows[0]["day"].weekday())
    days: list[Day] = []
    months: list[Tick] = []
    for row in rows:
        off = (row["day"] - monday).days
        x, y = left + off // 7 * pitch, top + off % 7 * pitch
        days.append(Day(x, y, step_of(row["calls"], steps), title(row), href(row)))
        if row["day"].day == 1 and (not months or x - months[-1].at > 28):
            months.append(Tick(x, month(row["day"])))
    names = [Tick(top + n * pitch + SQUARE - 2, weekday(n)) for n in (0, 2, 4, 6)]
    return Calendar(days, months, names, max(d.x for d in days) + pitch + GAP, top + 7 * pitch)


def step_of(value: Any, steps: Sequence[float]) -> int:
    """Colour 1 to 5 of a value, 0 of nothing, −1 of what is hidden."""
    if value is None:
        return -1
    return 0 if not value else 1 + sum(value >= step for step in steps)
