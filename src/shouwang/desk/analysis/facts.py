"""What of the record concerns a reader: areas to choose from, and the span of days it covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shouwang.desk.log.actor import Actor
from shouwang.desk.places import facts as places
from shouwang.desk.places.facts import Spot
from shouwang.desk.workflow.settings import get as setting

from .terms import CLOCK as CLOCK
from .terms import SEE

KINDS = ("district", "control_area", "community")


@dataclass(frozen=True)
class Shift:
    """A shift by the time of day it begins at; `minutes`: from that minute of the day, up to the other (which may be
    of the next day)."""

    start: str
    minutes: tuple[int, int]

    @property
    def label(self) -> str:
        end = self.minutes[1] % 1440
        return f"{self.start}—{end // 60:02}:{end % 60:02}"


def areas(who: Actor) -> list[Spot]:
    """Districts, control areas and communities whose analysis opens to the reader, each above those in it."""
    return [spot for spot in places.areas() if spot.kind in KINDS and who.may(SEE, spot.area)]


def shifts() -> list[Shift]:
    """The shifts of a day, by the centre's setting."""
    starts: Sequence[str] = sorted(setting("shift_starts"))
    begins = [int(s[:2]) * 60 + int(s[3:5]) for s in starts]
    ends = [*begins[1:], begins[0] + 1440] if begins else []
    return [Shift(start, (a, b)) for start, a, b in zip(starts, begins, ends, strict=True)]
