"""Patrol lines for the quiet hours: closed walks from the posts through the streets where calls are expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .ground import Ground
from .worth import Demand


@dataclass(frozen=True)
class Walk:
    unit: str
    path: list[list[float]]
    streets: list[str]
    length_m: float
    minutes: float
    share: float


def walk(
    starts: Mapping[str, tuple[float, float]], demand: Demand, ground: Ground, tick: Callable[[float], None]
) -> list[Walk]:
    return []
