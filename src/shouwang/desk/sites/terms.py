"""Kinds of sites and hazards, and the offices that answer for a hazard: fixed lists, all about places."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.defaults import table

SEE, EDIT, CONTACT = "site.view", "site.edit", "site.contact"
LONGEST_DAYS = 366  # a hazard ends within 12 months; whoever answers for it looks again
RADIUS_M = (10, 500)
HERE_M = 60.0  # so near, a point is at the site
OWNERS: Mapping[str, str | Promise] = {  # who looks again: offices, never somebody by name
    "police_station": _("Police station"), "community_police": _("Community police room"),
    "safety_office": _("Community safety office"), "fire_rescue": _("Fire and rescue"),
    "traffic_police": _("Traffic police"), "emergency_management": _("Emergency management"),
    "street_office": _("Street or town office"), "property_co": _("Property company"),
    "site_office": _("The site's own safety office"),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    code: str
    zh: str
    en: str
    obliged: bool = False  # such places have to have an alarm

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


@cache
def site_kinds() -> dict[str, Kind]:
    return {r["code"]: Kind(r["code"], r["zh"], r["en"], r["must_have_alarm"] == "yes") for r in table("site_kinds")}


@cache
def hazard_kinds() -> dict[str, Kind]:
    return {r["code"]: Kind(r["code"], r["zh"], r["en"]) for r in table("hazards")}
