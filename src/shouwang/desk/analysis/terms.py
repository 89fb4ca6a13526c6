"""What a reader asks, and the tables that answer, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

SEE, RECORDS = "analysis.view", "call.view"
VIEWS = ("where", "when", "what", "repeats", "trends", "response", "patrols")
WITHIN_DAYS = (3, 7, 14, 28)
PERIODS = ("week", "month")
FOUND = ("", "1", "only")
NARROW = ("cell", "street", "hour", "weekday", "result", "step", "judged", "source", "clock", "within")
"""What the calls behind one figure have in common."""
NOWHERE = -1
FLOW: Mapping[str, str] = {"received": "", "unit_sent": "assigned", "unit_there": "response", "result_told": ""}
"""How far a call of the desk came, and the time it has since then."""
CLOCK: Mapping[str, tuple[int, ...]] = {"day": tuple(range(6, 22)), "night": (22, 23, 0, 1, 2, 3, 4, 5)}


@dataclass(frozen=True)
class Asked:
    """Which calls are counted; the address of a page holds the same.

    `first`, `last`: days, both of them in. `area`: a path. `kinds`: none for all. `shift`: the time of day at which it
    begins. `found`: without what patrols found by themselves (empty), with it (1), or that alone (only). `replay`: the
    replayed calls instead of the real ones. `cell`, `street`, `hour`, `weekday`, `result`, `step`: the calls behind
    one figure (cell: `NOWHERE` for those on no square; step: those of the desk that have come so far, one of its times
    or a key of `FLOW`; `judged`: those for which a standard says how long that may take); `source`: who told of them;
    `clock`: a key of `CLOCK`; `within`: paths of areas, joined by commas, in one of which they lie. `days` and
    `period` choose what repeats and trends look at.
    """

    first: date
    last: date
    area: str
    kinds: tuple[str, ...] = ()
    shift: str = ""
    found: str = ""
    replay: bool = False
    days: int = 14
    period: str = "week"
    cell: int | None = None
    street: str | None = None
    hour: int | None = None
    weekday: int | None = None
    result: str | None = None
    step: str | None = None
    judged: str | None = None
    source: str | None = None
    clock: str | None = None
    within: str | None = None

    @property
    def span_d(self) -> int:
        return (self.last - self.first).days + 1

    def but(self, **changes: Any) -> Asked:
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The part of an address that asks this."""
        told: list[tuple[str, str]] = [("from", str(self.first)), ("to", str(self.last)), ("area", self.area)]
        told += [("kind", kind) for kind in self.kinds]
        told += [("replay", "1")] if self.replay else []
        plain: Mapping[str, Any] = {"shift": "", "found": "", "days": 14, "period": "week"}
        told += [(name, str(getattr(self, name))) for name, usual in plain.items() if getattr(self, name) != usual]
        told += [(name, str(getattr(self, name))) for name in NARROW if getattr(self, name) is not None]
        return "&".join(_pair(*one) for one in told)


@lru_cache(4096)
def _pair(name: str, value: str) -> str:
    """A part of an address: a page has a thousand, most of them alike."""
    return urlencode(((name, value),))


Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A table. `columns`: keys of its rows, the first ones saying what a row is about. `about`: how many they are.
    `counted`: the column of calls behind a row. `narrow`: which of its keys are parts of a question for its calls.
    `whole`: such rows hide all others with them, since sums of parts of the table stand elsewhere.
    `hidden`: how many rows have so few calls that this reader is not shown them; such rows stay, without figures,
    unless the table is a `ranking`. `listed`: how many rows a page shows, 0 for all; files hold all."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    about: int = 1
    counted: str = "calls"
    narrow: tuple[str, ...] = ()
    ranking: bool = False
    whole: bool = False
    hidden: int = 0
    listed: int = 0


@dataclass(frozen=True)
class Told:
    """What a view answers: its tables, and figures beside them for its sentences."""

    sheets: tuple[Sheet, ...]
    more: Mapping[str, Any]

    def sheet(self, name: str) -> Sheet:
        return next(sheet for sheet in self.sheets if sheet.name == name)
