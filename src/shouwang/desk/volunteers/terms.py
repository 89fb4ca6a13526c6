"""Fixed lists of this room. What volunteers may be asked to look out for is one of them: nothing else can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.defaults import table

MANAGE, SEND, ORDER, ANSWERS = "volunteer.manage", "notice.send", "lookout.order", "notice.answers"
CLAIM, SETTLE = "help.claim", "help.settle"
Words = Mapping[str, str | Promise]

# ---- notices

KINDS: Words = {"lookout": _("Look-out"), "hazard": _("Hazard notice"), "traffic": _("Traffic notice"),
                "group": _("Call of a neighbours' group")}
LONGEST: Mapping[str, timedelta] = {"lookout": timedelta(hours=24), "hazard": timedelta(days=7),
                                    "traffic": timedelta(days=7), "group": timedelta(hours=6)}
# Limits (E): children and people who cannot look after themselves, and nobody else.
LOOKOUTS: Words = {"child": _("Lost child"), "elder": _("Lost old person who cannot look after themselves"),
                   "dependent": _("Lost person who cannot look after themselves")}
CALLS: Words = {"fire": _("Fire or smoke"), "gas": _("Smell of gas"), "hurt": _("Somebody hurt or fallen"),
                "lost": _("A child or old person is missing"), "water": _("Burst pipe"),
                "door": _("A door stands open, nobody answers"), "help": _("Two hands are needed")}
SEEN: Words = {"seen": _("Seen"), "gone": _("No longer there"), "more": _("I know something about it")}
MOST_TEXT, MOST_PLACE, MOST_ANSWERS = 500, 120, 10
GROUP_SIZE = (10, 15)  # households of one group (十户联防)
CALL_AGAIN = timedelta(minutes=10)  # a group is called once within this time

# ---- people

STATES: Words = {"applied": _("Waits for the office"), "confirmed": _("Confirmed"), "refused": _("Not taken")}
WHY_NOT: Words = {"area": _("Not from this area"), "contact": _("Could not be reached"), "twice": _("Registered twice"),
                  "age": _("Under 18"), "other": _("For another reason; ask the office")}
SERVICES: Words = {"patrol": _("Patrol together"), "escort": _("School gate or crossing"), "event": _("Event"),
                   "search": _("Search for somebody lost"), "training": _("Training")}
THANKS: Words = {"letter": _("Letter of thanks"), "banner": _("Banner"), "certificate": _("Certificate")}
NAME_MAX, CONTACT_MAX = 40, 60

# ---- helpers hurt in service

HELPERS: Words = {"volunteer": _("Volunteer"), "member": _("Patrol member"), "bystander": _("Somebody who helped")}
DOCUMENTS: Words = {"bill": _("Bills"), "report": _("Hospital papers"), "proof": _("Confirmation of the deed"),
                    "other": _("Other papers")}
CLAIM_STATES = ("claimed", "checked", "supported", "settled", "refused", "objected", "closed")
CLAIM_OVER = ("settled", "closed")
CLAIM_WORDS = {"h_refuse": "reason", "h_close": "reason", "h_object": "reason"}
CLAIM_AMOUNTS = {"h_support": "paid", "h_settle": "settled"}


@dataclass(frozen=True)
class Trade:
    """A trade of the default table, with the association that leads it, if one does."""

    code: str
    zh: str
    en: str
    agency: str

    @property
    def name(self) -> str:
        return self.zh if chinese() else self.en


@dataclass(frozen=True)
class Consent:
    """What somebody who registers agrees to. Its version is kept with the registration."""

    version: str
    zh: str
    en: str

    @property
    def text(self) -> str:
        return self.zh if chinese() else self.en


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


@cache
def trades() -> Mapping[str, Trade]:
    """By code; those that an association leads come first."""
    rows = [Trade(r["code"], r["zh"], r["en"], r["lead_agency"] if r["lead_agency"].endswith("_association") else "")
            for r in table("trades")]
    return {t.code: t for t in sorted(rows, key=lambda t: not t.agency)}


@cache
def consents() -> Mapping[str, Consent]:
    """Every text that was ever agreed to, by version; the last one is in force."""
    return {r["version"]: Consent(r["version"], r["zh"], r["en"]) for r in table("consents")}


def consent() -> Consent:
    return list(consents().values())[-1]


def about(kind: str) -> Words:
    """What a notice of a kind can be about."""
    return {"lookout": LOOKOUTS, "group": CALLS}.get(kind, {})


def named(words: Words) -> Callable[[Iterable[str]], dict[str, str]]:
    """How a list tells the log what its codes are called."""
    def names(codes: Iterable[str]) -> dict[str, str]:
        return {code: str(words[code]) for code in codes if code in words}
    return names
