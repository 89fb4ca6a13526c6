"""Grid matters as plain values, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

LEVELS: Mapping[str, Label] = {
    "community": _("community"), "street": _("street or town"), "district": _("the district"),
}
LEVEL_KIND = {"street": "control_area", "district": "district"}  # the kind of area whose centre settles it
SOURCES: Mapping[str, Label] = {
    "grid": _("on the beat"), "office": _("office counter"), "call": _("call"), "public": _("resident"),
    "alarm": _("alarm panel"), "observer": _("volunteer"),
}
# The seven steps and the states that belong to each; the side ways stand beside the step that waits for them.
STEPS = (
    ("reported", ("reported",)), ("accepted", ("accepted",)), ("assigned", ("assigned", "returned")),
    ("handling", ("handling", "extended", "suspended")), ("answered", ("answered",)), ("checking", ("checking",)),
    ("rated", ("closed", "rated")),
)
SIDE_WAYS = ("returned", "extended", "suspended", "void")
WAITING = ("reported", "accepted", "assigned", "handling", "returned", "extended", "suspended", "answered", "checking")
CHECKS: Mapping[str, Label] = {"on_site": _("seen on the spot"), "photo": _("by the photo"), "asked": _("asked there")}
OFFICES = ("district", "control_area", "community")  # areas that have an office: 综治中心
SET_DOWN_LIST = "office-items"  # of the settings, where it is kept
SET_DOWN: Mapping[str, Label] = {  # what an office sets down of itself
    "system": _("system"), "room": _("room"), "equipment": _("equipment"), "task": _("task"),
}
JOINT: Mapping[str, Label] = {  # the five joints of a centre (五联), and the two more where a place has six (六联)
    "mediation": _("mediate jointly"), "defence": _("guard jointly"), "duty": _("be on duty jointly"),
    "remedy": _("put right jointly"), "building": _("build safety jointly"),
    "action": _("act jointly"), "focus": _("take on key work jointly"),
}
BY_PARTS = "parts"  # how a whole was checked: each of its parts was
MOST_PIECES = 8
MOST_WORDS, MOST_PHOTOS, MOST_CONTACT = 1000, 3, 60
COMMON = ("M0210", "M0308", "M0209", "M0104", "M0301", "M0103")  # offered first until a district has its own habits


@dataclass(frozen=True)
class NewMatter:
    """A report. `photos`: the files as they came. `contact`: how a resident may be told, sealed."""

    id: UUID
    type: str
    lon: float
    lat: float
    place: str = ""
    words: str = ""
    photos: tuple[bytes, ...] = ()
    contact: str = ""
    point: str = ""  # code of the reporting point whose mark was scanned


@dataclass(frozen=True)
class Given:
    """What a step is given. Which of it a step needs is said by the life cycle."""

    reason: str = ""
    handler: str = ""  # an agency
    due_at: datetime | None = None  # assign: its end, else by kind; extend: the new end; suspend: the day to look
    result: str = ""
    reference: str = ""  # of a referral, at the agency
    photos: tuple[bytes, ...] = ()
    check: str = ""
    rating: int | None = None
    type: str = ""  # accept: the kind, put right
    main: UUID | None = None  # void: the matter it repeats


@dataclass(frozen=True)
class Piece:
    """A part of a complex matter that is split. `due_at`: its end, else by its kind; `type`: its kind, if another."""

    id: UUID
    handler: str
    due_at: datetime | None = None
    words: str = ""
    type: str = ""
