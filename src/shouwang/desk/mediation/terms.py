"""Mediations as plain values, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

REGISTER, CONDUCT, VISIT = "mediation.register", "mediation.conduct", "mediation.visit"
UNSEAL = "mediation.unseal"
SEE = (REGISTER, CONDUCT, VISIT, UNSEAL)
FIGURES = ("analysis.view", VISIT)

WAYS: Mapping[str, Label] = {
    "people": _("people's mediation"), "administrative": _("administrative mediation"),
    "judicial": _("judicial mediation"),
}
LEVELS: Mapping[str, Label] = {
    "community": _("community"), "street": _("street or town"), "district": _("the district"),
}
SOURCES: Mapping[str, Label] = {
    "asked": _("asked for"), "found": _("found"), "screening": _("screening list"), "call": _("call"),
    "public": _("resident"), "matter": _("grid matter"),
}
SIDES: Mapping[str, Label] = {"a": _("one side"), "b": _("other side")}
WHO: Mapping[str, Label] = {"person": _("person"), "organisation": _("organisation")}
WHERE: Mapping[str, Label] = {
    "room": _("mediation room"), "spot": _("on the spot"), "phone": _("by telephone"), "online": _("online"),
}
HOW: Mapping[str, Label] = {"spot": _("on the spot"), "phone": _("by telephone")}
PERFORMED: Mapping[str, Label] = {"yes": _("performed"), "part": _("performed in part"), "no": _("not performed")}
OUTCOMES: Mapping[str, Label] = {
    "settled": _("Settled"), "failed": _("Not settled"), "referred": _("Passed on"), "withdrawn": _("Withdrawn"),
    "open": _("Still open"),
}
DESK = "desk"  # back to the desk for calls
TARGETS: Mapping[str, Label] = {
    "arbitration": _("arbitration"), "court": _("court"), "review": _("administrative review"),
    "legal_aid": _("legal aid"), DESK: _("back to the desk for calls"),
}
WHY = (_("Check for an interest of my own"), _("Prepare a session"), _("Hold a session"), _("Write the agreement"),
       _("Follow-up visit"), _("Sort the dispute"))  # reasons offered; any other can be written

# The steps a page shows, with the states that belong to each; the ways out stand apart.
STEPS = (
    ("registered", ("registered",)), ("judged", ("judged",)), ("routed", ("routed",)), ("consent", ("consent",)),
    ("session", ("session", "paused")), ("agreed", ("agreed", "confirmed")),
    ("visited", ("performing", "visited")), ("filed", ("filed",)),
)
WAITING = ("registered", "judged", "routed", "consent", "session", "paused", "agreed", "confirmed", "performing",
           "visited")
TO_TAKE = ("routed", "consent", "session", "paused", "agreed", "confirmed", "performing", "visited")
SETTLED = ("agreed", "confirmed", "performing", "visited", "filed")
MOST_PEOPLE, MOST_AMOUNT = 100_000, 10**12
# Classes of size that figures are told by: a name, and from how much on; "" where nobody has said.
PEOPLE_SIZES: Mapping[str, tuple[Label, int]] = {
    "few": (_("up to 9 people"), 0), "group": (_("10 to 29 people"), 10), "crowd": (_("30 people or more"), 30),
}
AMOUNT_SIZES: Mapping[str, tuple[Label, int]] = {
    "small": (_("under 10,000"), 0), "middle": (_("10,000 to under 100,000"), 10_000),
    "large": (_("100,000 or more"), 100_000),
}
MOST_WORDS, MOST_PARTIES = 4000, 12
MOST_OF_PARTY = {"name": 60, "phone": 30, "address": 120}


@dataclass(frozen=True)
class NewParty:
    """One who quarrels, as written down: sealed as soon as it is kept."""

    side: str
    kind: str
    name: str
    phone: str = ""
    address: str = ""
    id: UUID | None = None


@dataclass(frozen=True)
class NewDispute:
    """A dispute as it is registered. `account`: what it is about, and where, in words that are sealed."""

    id: UUID
    kind: str
    area: str
    account: str = ""
    parties: tuple[NewParty, ...] = ()
    people: int | None = None  # how many it concerns
    amount: int | None = None  # of money in dispute


@dataclass(frozen=True)
class NewSession:
    id: UUID
    held_at: datetime
    lasted_min: int
    where: str
    all_present: bool
    minutes: str


@dataclass(frozen=True)
class Given:
    """What a step is given. Which of it a step needs is said by the life cycle."""

    reason: str = ""
    kind: str = ""
    level: str = ""
    body: str = ""
    both_consents: bool = False
    ways_explained: bool = False
    target: str = ""
    reference: str = ""  # of the court
    how: str = ""
    performed: str = ""
    note: str = ""
    next_on: date | None = None
    people: int | None = None
    amount: int | None = None


def size_class(n: int | None, classes: Mapping[str, tuple[Label, int]]) -> str:
    """The highest class that starts at or below the number; "" for none."""
    return "" if n is None else [code for code, (_label, least) in classes.items() if n >= least][-1]
