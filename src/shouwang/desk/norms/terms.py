"""Fixed lists of this room: kinds of localities and contracts, who is counted by which norm, the safe-village items."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from shouwang.desk.workflow.defaults import document, table

SEE, EDIT, APPROVE, KEEP = "norm.view", "norm.edit", "norm.approve", "village.manage"
KINDS: Mapping[str, Promise] = {"community": _("community"), "village": _("village")}
MANAGEMENT: Mapping[str, Promise] = {
    "none": _("not property-managed"), "partial": _("partly property-managed"), "full": _("property-managed"),
}
GRADES: Mapping[str, Promise] = {  # how complicated a place is: by what is there, never by who lives there
    "plain": _("plain"), "busy": _("busy: markets, stations, mixed use"),
    "complex": _("complex: many entrances, building sites, urban village"),
}
CONTRACTS: Mapping[str, Promise] = {"security": _("responsibility contract"), "adviser": _("legal adviser")}
READINGS: Mapping[str, Promise] = {
    "total": _("the highest step passed holds by itself"), "on_top": _("the steps passed add up"),
}
# Who or what a norm counts. Where nobody has counted it the page says why.
COUNTED: Mapping[str, str] = {
    "urban_partly_managed": "guards", "urban_not_managed": "guards", "urban_fully_managed": "guards",
    "village_guards": "guards", "villagers_group_contact": "contacts", "village_officer": "officers",
    "urban_patrol_brigade": "brigade", "mobile_booths": "booths", "mobile_booth_cars": "cars",
    "intercity_stations": "stations", "street_platforms": "platforms", "desk_watch": "watch", "street_share": "street",
    "law_deputy_head": "deputies",
}
ENTERED = ("deputies",)  # of the district, counted by no register: an office enters a count with its day and source
STAFF: Mapping[str, Promise] = {
    "guards": _("full-time guards"), "contacts": _("information contacts"), "officers": _("officers"),
    "brigade": _("patrol brigade members"), "booths": _("mobile booths"), "cars": _("cars of the booths"),
    "stations": _("inter-city stations"), "platforms": _("street platforms"), "watch": _("on duty at the desks"),
    "street": _("patrol officers on the street"), "deputies": _("deputy heads for law"),
}
PER = {"villagers_group": "group", "school": "school", "patrol_brigade": "officer", "centre": "shift"}
PER_NAMES: Mapping[str, Promise] = {
    "group": _("per villagers' group"), "school": _("per school"), "officer": _("of those on duty"),
    "shift": _("per shift at each centre"),
}
DAYS = (date(1990, 1, 1), date(2199, 12, 31))  # what lies outside is a slip of the keys
SOON_DAYS = 60  # a contract that ends within them is told
DUE_DAYS = 30  # a payment due within them


def zh() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True)
class Item:
    """An item of safe-village building. `known_by`: what the centre tells it from; "" for those that people tick."""

    code: str
    zh: str
    en: str
    known_by: str

    def __str__(self) -> str:
        return self.zh if zh() else self.en


@cache
def items() -> dict[str, Item]:
    return {r["code"]: Item(r["code"], r["zh"], r["en"], r["known_by"]) for r in table("safe_village")}


@cache
def _sharing() -> dict[str, Any]:
    return dict(document("cost_sharing"))


def payer_name(code: str) -> str:
    row: dict[str, str] = next((p for p in _sharing()["payers"] if p["id"] == code), {})
    return str(row.get("zh" if zh() else "en", code))


@cache
def cost_line(code: str) -> dict[str, Any]:
    """A line of cost_sharing.yaml: zh, en, shares (payer → share, None where it is decided locally), source."""
    return dict(next(line for line in _sharing()["cost_lines"] if line["id"] == code))


def rule_words(rule: Mapping[str, Any]) -> str:
    """A rule as people read it: 5; + 1 over 1,500 households; + 2 over 2,000 households."""
    if rule["duty_of"]:
        return gettext("the duty of: %(who)s") % {"who": payer_name(rule["duty_of"])}
    count = f"{rule['count'] * 100:.0f} %" if rule["per"] == "officer" else f"{rule['count']:g}"
    parts = [f"{'=' if rule['exact'] else '≥'} {count} {PER_NAMES.get(rule['per'], '')}".strip()]
    parts += [gettext("+ %(n)s over %(households)s households") % {"n": add, "households": f"{over:,}"}
              for over, add in rule["additions"]]
    if len(rule["additions"]) > 1:
        parts.append(str(READINGS[rule["reading"]]))
    parts += [gettext("+ %(n)s where %(grade)s") % {"n": add, "grade": GRADES[grade]}
              for grade, add in rule.get("by_class", {}).items() if add]
    if rule["extra"]:
        parts.append(gettext("+ %(n)s everywhere") % {"n": rule["extra"]})
    return "; ".join(parts)
