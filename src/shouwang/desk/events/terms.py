"""What the actions of this room take, as plain values, and the words for fixed choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.defaults import table

Label = str | Promise
LEVELS = ("IV", "III", "II", "I")  # from the lowest up
COUNTS: Mapping[str, Label] = {
    "evacuated": _("Evacuated"), "sheltered": _("In shelters"), "missing": _("Not accounted for"),
    "returned": _("Back home"),
}
ITEM_STATES: Mapping[str, Label] = {
    "open": _("not begun"), "doing": _("being done"), "done": _("done"), "dropped": _("dropped"),
}
# CAP's words, in its order, with what they are called here. Colours by the national scale: red for the gravest.
URGENCY: Mapping[str, Label] = {
    "Immediate": _("Act at once"), "Expected": _("Act within the hour"), "Future": _("Act soon"),
    "Past": _("Already past"), "Unknown": _("Not known"),
}
SEVERITY: Mapping[str, Label] = {
    "Extreme": _("Red: gravest"), "Severe": _("Orange: grave"), "Moderate": _("Yellow: considerable"),
    "Minor": _("Blue: ordinary"), "Unknown": _("Not known"),
}
CERTAINTY: Mapping[str, Label] = {
    "Observed": _("Seen to happen"), "Likely": _("Likely (more than 50 %)"), "Possible": _("Possible (up to 50 %)"),
    "Unlikely": _("Unlikely"), "Unknown": _("Not known"),
}
STATUS: Mapping[str, Label] = {
    "Actual": _("In earnest"), "Exercise": _("Exercise"), "Test": _("Test, not shown to residents"),
}
# The four classes of early warnings, and the CAP categories that belong to each.
CLASSES: Mapping[str, tuple[str, str, Label]] = {
    "natural": ("自然灾害", "Natural disaster", _("Natural disaster")),
    "accident": ("事故灾难", "Accident", _("Accident disaster")),
    "health": ("公共卫生", "Public health", _("Public health")),
    "society": ("社会安全", "Public safety", _("Public safety")),
}
CATEGORIES: Mapping[str, tuple[str, Label]] = {
    "Met": ("natural", _("Weather, flood")), "Geo": ("natural", _("Earthquake, landslide")),
    "Env": ("natural", _("Environment")), "Fire": ("accident", _("A fire")),
    "Safety": ("accident", _("General danger")),
    "CBRNE": ("accident", _("Chemical, explosive")), "Transport": ("accident", _("Traffic and transport")),
    "Infra": ("accident", _("Gas, power, water, telephone")), "Health": ("health", _("Health")),
    "Rescue": ("society", _("Search and rescue")), "Security": ("society", _("Crowds and order")),
    "Other": ("accident", _("Something else")),
}
RESPONSES: Mapping[str, Label] = {
    "Evacuate": _("Leave the area"), "Shelter": _("Stay indoors"), "Avoid": _("Keep away"), "Prepare": _("Prepare"),
    "Monitor": _("Watch for news"), "Execute": _("Do as told below"), "AllClear": _("All clear"),
}
LONGEST_TEXT, LONGEST_HEAD = 2000, 120


@dataclass(frozen=True)
class NewWarning:
    """A warning to be issued. `ring`: corners (lon, lat), the last not the first again; `areas`: paths of named areas.
    At least one of both. Times are aware."""

    id: UUID
    category: str
    urgency: str
    severity: str
    certainty: str
    response: str
    status: str
    expires_at: datetime
    event_zh: str
    event_en: str
    headline_zh: str
    headline_en: str
    text_zh: str = ""
    text_en: str = ""
    instruction_zh: str = ""
    instruction_en: str = ""
    areas: tuple[str, ...] = ()
    ring: tuple[tuple[float, float], ...] = ()

    def kept(self) -> dict[str, Any]:
        """As the row keeps it, without what stands in columns of its own."""
        names = self.__dataclass_fields__.keys() - {"id", "expires_at", "status"}
        return {n: getattr(self, n) for n in sorted(names)}


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


@cache
def roles() -> Mapping[str, tuple[str, str]]:
    """Every role of the default table, those without accounts too: a plan may name any."""
    return {r["code"]: (r["zh"], r["en"]) for r in table("roles")}


@cache
def _items() -> Mapping[str, tuple[str, str]]:
    return {r["code"]: (r["zh"], r["en"]) for r in table("checklist_items")}


@cache
def _capabilities() -> Mapping[str, tuple[str, str]]:
    return {r["code"]: (r["zh"], r["en"]) for r in table("capabilities")}


def checklist_codes() -> Iterable[str]:
    return _items()


def capability_codes() -> Iterable[str]:
    return _capabilities()


def _said(names: Mapping[str, tuple[str, str]], code: str) -> str:
    found = names.get(code)
    return code if found is None else found[0] if chinese() else found[1]


def role_name(code: str) -> str:
    return _said(roles(), code)


def item_name(code: str) -> str:
    return _said(_items(), code)


def capability_name(code: str) -> str:
    return _said(_capabilities(), code)


def told(row: Mapping[str, Any], name: str = "") -> str:
    """`zh`/`en`, or `NAME_zh`/`NAME_en`, of a part of a plan, in the reader's language."""
    return str(row.get(f"{name}_zh" if name else "zh") if chinese() else row.get(f"{name}_en" if name else "en")) or ""
