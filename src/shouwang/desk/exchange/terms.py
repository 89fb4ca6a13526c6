"""What two centres say to each other about help, as plain values, and the words for fixed choices."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAY, MAY_SEE, KEEP = "region.request", "call.view", "config.edit"
ASKING, HELPING = "asking", "helping"  # the two sides of a request, as its documents name them
CYCLE = "neighbour_request"
ENDED = ("refused", "done", "withdrawn")
SAYS: Mapping[str, tuple[str, ...]] = {  # which states a side can bring about
    ASKING: ("sent", "withdrawn"),
    HELPING: ("taken", "offered", "enroute", "on_scene", "done", "refused"),
}
MOST_NEEDS, MOST_COUNT, MOST_UNITS, MOST_WORDS = 12, 99, 60, 1000

# What a neighbour may be sent of a call beyond its type, severity, number, street and point. Never who called.
SENT: Mapping[str, str | Promise] = {
    "detail": _("Building, floor and door"),
    "units": _("Own units on the call: call sign and state"),
}


@dataclass(frozen=True)
class Need:
    """So many units that can do this."""

    capability: str
    count: int


@dataclass(frozen=True)
class UnitSaid:
    """A unit of the other side: its call sign, and its state by our life cycle of assignments, "" where unknown."""

    name: str
    state: str


@dataclass(frozen=True)
class Said:
    """What one document says. `id` names the document, `help` the request; `n` counts the documents of a side, so that
    the newest is known whatever order they come in. Places in degrees (WGS 84)."""

    id: UUID
    at: datetime
    host: str
    help: UUID
    side: str
    n: int
    state: str
    asked: tuple[Need, ...] = ()
    by: datetime | None = None
    offered: tuple[Need, ...] = ()
    arrives: datetime | None = None
    words: str = ""
    type: str = ""
    type_text: str = ""
    severity: int | None = None
    number: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    units: tuple[UnitSaid, ...] = ()
