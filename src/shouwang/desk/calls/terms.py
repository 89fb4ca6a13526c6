"""What the actions of this room take, as plain values, and the words for fixed choices."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

SERVICES: Mapping[str, Label] = {
    "police": _("Police"), "traffic": _("Traffic police"), "fire": _("Fire"), "guard": _("Community patrol"),
    "medical": _("Ambulance (120)"),
}
SEVERITIES: Mapping[int, Label] = {
    1: _("Level 1"), 2: _("Level 2"), 3: _("Level 3"), 4: _("Not urgent"),
}
TICKS: Mapping[str, Label] = {
    "at_scene": _("At the scene"), "call_back": _("May be called back"), "confidential": _("Asks for confidence"),
    "hurt": _("Hurt"), "language": _("Needs an interpreter"),
}
DISPOSITIONS: Mapping[str, Label] = {
    "settled": _("Settled on the spot"), "helped": _("Help given"), "nothing_found": _("Nothing found"),
    "false_alarm": _("False alarm"), "case": _("Became a case, handed over"), "hospital": _("Taken to hospital"),
    "fire_out": _("Fire out"), "agency": _("Handed to a linked agency"), "no_need": _("No need to attend"),
}
SOURCE_NAMES: Mapping[str, Label] = {"resident": _("Resident"), "alarm": _("Alarm"), "patrol": _("Patrol"),
                                        "neighbour": _("Neighbouring centre")}
TARGETS: Mapping[str, Label] = {"matter": _("Grid matter"), "mediation": _("Mediation")}


@dataclass(frozen=True)
class Caller:
    """Who called and what they said. All of it is sealed. `answers` to the guided questions, by question."""

    name: str = ""
    number: str = ""
    words: str = ""
    ticks: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.name or self.number or self.words or self.ticks or self.answers)


@dataclass(frozen=True)
class Export:
    """A call opened to be taken out. `id`: the event that says so. `personal`: with what callers and staff said."""

    id: UUID
    call: UUID
    personal: bool
    at: datetime


@dataclass(frozen=True)
class Taken:
    """What one caller said, and who they are."""

    at: datetime
    caller: Caller


@dataclass(frozen=True)
class Transfer:
    """Where a call goes that needs no unit: `target` matter or mediation, `receiver` the office that takes it over."""

    target: str
    receiver: str


@dataclass(frozen=True)
class NewCall:
    """A call as taken. `id` is made by the client, so that a retry meets the same row. Places in degrees (WGS 84)."""

    id: UUID
    type: str
    place: str
    lon: float
    lat: float
    severity: int | None = None  # None: the type's
    detail: str = ""
    services: tuple[str, ...] | None = None  # None: the type's
    caller: Caller = Caller()
    source: str = ""  # "": the type's
    received_at: datetime | None = None  # None: now
    transfer: Transfer | None = None
    site: UUID | None = None  # whose alarm panel raised it
    alarms: int = 0  # how many of its alarms it stands for
    drill: bool = False


PAPER_STEPS = ("assigned", "acknowledged", "enroute", "on_scene", "ended")


@dataclass(frozen=True)
class PaperUnit:
    """One line of a unit on the sheet: true times of its steps, those that were written down."""

    unit: UUID
    assigned: datetime
    ended: datetime
    acknowledged: datetime | None = None
    enroute: datetime | None = None
    on_scene: datetime | None = None


@dataclass(frozen=True)
class PaperCall:
    """A sheet: the call with `received_at`, its units, and how it ended; without `closed_at` it still waits."""

    call: NewCall
    units: Sequence[PaperUnit] = ()
    closed_at: datetime | None = None
    disposition: str = ""


@dataclass(frozen=True)
class Stand:
    """Where a unit of a cordon is to stand, in degrees (WGS 84), and before when; None: as soon as it can."""

    lon: float
    lat: float
    before: datetime | None = None


@dataclass(frozen=True)
class Amend:
    """Changes of a call; None leaves a field as it is. `caller` adds to or replaces what was said first."""

    type: str | None = None
    severity: int | None = None
    place: str | None = None
    detail: str | None = None
    lon: float | None = None
    lat: float | None = None
    services: tuple[str, ...] | None = None
    words: str | None = None
    answers: Mapping[str, str] | None = None  # all of them: those left out are taken back

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None}
