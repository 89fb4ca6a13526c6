"""Closures as plain values, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Direction = Literal["both", "forward", "back"]
Reason = Literal[
    "works", "accident", "flood", "event", "fire_ground", "collapse", "obstacle", "weather", "leak", "control", "other"
]

REASONS: Mapping[Reason, str | Promise] = {
    "works": _("Road works"), "accident": _("Accident"), "flood": _("Flood"), "event": _("Event"),
    "fire_ground": _("Fire ground"), "collapse": _("Collapse"), "obstacle": _("Obstacle"), "weather": _("Ice or snow"),
    "leak": _("Gas or water leak"), "control": _("Traffic control"), "other": _("Other"),
}  # fmt: skip
STATES: Mapping[str, str | Promise] = {
    "planned": _("planned"), "in_force": _("in force"), "over": _("over"), "lifted": _("lifted"),
}  # fmt: skip
SLOWEST = 20.0  # times as long; what is slower is shut
MOST_PICKS, MOST_CORNERS, MOST_EDGES = 40, 60, 3000
AHEAD_DAYS = 90  # how far ahead one may be planned


class Line(TypedDict):
    """A stretch on the map. one_way: it is shut or slow in the direction of the path alone."""

    path: list[list[float]]
    one_way: bool


@dataclass(frozen=True)
class Pick:
    """A click on a street: the stretch between two junctions there. Its forward direction is that of its path."""

    lon: float
    lat: float
    direction: Direction = "both"


@dataclass(frozen=True)
class Picked:
    """What was chosen on the map. `edges` are directed, of the network in use; `area` is the smallest that holds
    all."""

    edges: tuple[int, ...]
    lines: Sequence[Line]
    length_m: float
    zh: str
    en: str
    area: str
