"""How likely two calls are about the same thing: by place, time and type alone, never by person. Pure."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["very", "like", "near"]


@dataclass(frozen=True)
class Window:
    """When two calls may be one: at most so many seconds and metres apart (the timer `t_duplicate`)."""

    seconds: float = 600
    metres: float = 80


@dataclass(frozen=True)
class Likeness:
    """`very` or `like` the same; `near` is another matter that happened to be near by. `why` is the same for all."""

    grade: Grade
    why: tuple[str, ...]


def compare(*, distance_m: float, apart_s: float, type: str, other: str, window: Window) -> Likeness:
    """Grades two calls. `type`, `other`: codes of 6 digits, of which the first two are the class; "" is not known yet.

    Same type inside the window is very like; another type there is like, for callers name the same thing differently
    (a crash, somebody hurt), and so is the same type within twice the radius, for callers give places loosely.
    """
    same_type, same_class = bool(type) and type == other, bool(type) and type[:2] == other[:2]
    why = tuple(
        name
        for name, holds in (
            ("same_type", same_type),
            ("same_class", same_class and not same_type),
            ("other_type", bool(type) and not same_class),
        )
        if holds
    )
    in_time, in_place = abs(apart_s) <= window.seconds, distance_m <= window.metres
    if in_time and in_place and same_type:
        return Likeness("very", why)
    if in_time and (in_place or ((same_type or same_class) and distance_m <= 2 * window.metres)):
        return Likeness("like", why)
    return Likeness("near", why)
