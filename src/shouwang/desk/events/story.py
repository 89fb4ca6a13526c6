"""An event's log as people read it: the desk's one log, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shouwang.desk.log.facts import Fact
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.kinds import label
from shouwang.desk.log.names import names
from shouwang.desk.log.reasons import read_reasons

from . import facts
from .models import Item, Major
from .terms import COUNTS, ITEM_STATES, SEVERITY, chinese, item_name, role_name, told

HIDDEN = ("access.event_read",)  # for the auditor, not for the desk


@dataclass(frozen=True)
class Line:
    """When, what, by whom, and what they said about it (a reason, a remark)."""

    at: datetime
    kind: str
    text: str
    who: str
    words: str = ""


@dataclass(frozen=True)
class Names:
    """What the entries name, read once."""

    event: Major
    items: Mapping[str, str]
    units: Mapping[str, str]
    calls: Mapping[str, str]


def story(event: Major) -> list[Line]:
    """The entries, the oldest first. The caller logs that words are read."""
    entries = [e for e in events_of("event", event.id) if e.kind not in HIDDEN]
    said = {**read_reasons(e.id for e in entries), **facts.remarks(event)}
    people, known = names("user", (e.actor for e in entries)), _names(event, entries)
    return [Line(e.at, e.kind, _text(e, known), people.get(e.actor, _("The centre")), said.get(e.id, ""))
            for e in entries]


def _names(event: Major, entries: list[Fact]) -> Names:
    by_code = {t["id"]: told(t) for t in event.plan["tasks"]}
    items = {str(i.id): by_code.get(i.code) or facts.opened(event, f"item:{i.id}", i.text)
             for i in Item.objects.filter(event=event)}
    return Names(event, items, names("unit", (e.payload.get("unit", "") for e in entries)),
                 names("call", (e.payload.get("main", "") for e in entries)))


def level_name(event: Major, level: str) -> str:
    return next((told(row) for row in event.plan["levels"] if row["level"] == level), level)


def _text(e: Fact, n: Names) -> str:
    say = _SENTENCES.get(e.kind)
    return say(e.payload, n) if say else label(e.kind)


Payload = Mapping[str, Any]
_LIST = "、", ", "


def _started(p: Payload, n: Names) -> str:
    said = _("Started: %(plan)s, %(level)s") % {
        "plan": told(n.event.plan), "level": level_name(n.event, p["event_level"])}
    return said + (_(", from call %(call)s") % {"call": n.calls.get(p["main"], "?")} if "main" in p else "")


def _taken(p: Payload, n: Names) -> str:
    said = _("Command taken: %(role)s") % {"role": role_name(p["plan_role"])}
    if p.get("assumed"):
        said += _(", not signed over")
    return said + (_(", holds another role") if p.get("override") else "")


def _item(p: Payload, n: Names) -> str:
    parts = []
    if "item_new" in p:
        parts.append(str(ITEM_STATES[p["item_new"]]))
    if late := p.get("late_s"):
        parts.append(_("%(n)s min late") % {"n": max(1, round(late / 60))})
    if owner := facts.owner_name(f"agency:{p['agency']}" if "agency" in p else p.get("plan_role", "")):
        parts.append(owner)
    if "within_min" in p:
        parts.append(_("within %(n)s min") % {"n": p["within_min"]})
    if "sector" in p:
        parts.append(_("sector %(name)s") % {"name": p["sector"]} if p["sector"] else _("in no sector"))
    return f"{n.items.get(p['item'], '?')}: {_LIST[not chinese()].join(parts)}"


def _ticked(p: Payload, n: Names) -> str:
    what = item_name(p["check_item"]) if "check_item" in p else role_name(p["plan_role"])
    if p.get("taken_back"):
        return _("Tick taken back: %(what)s") % {"what": what}
    return _("Told: %(who)s") % {"who": what} if p["tick"] == "notify" else _("Ticked: %(what)s") % {"what": what}


def _counted(p: Payload, n: Names) -> str:
    return _LIST[not chinese()].join(f"{COUNTS[code]} {p[code]}" for code in COUNTS if code in p)


def _placed(p: Payload, n: Names) -> str:
    what = n.units.get(p.get("unit", ""), p.get("force", "?"))
    return f"{what}: " + (_("sector %(name)s") % {"name": p["sector"]} if p["sector"] else _("in no sector"))


def _warned(text: str) -> Callable[[Payload, Names], str]:
    return lambda p, n: f"{_(text)}: {p['identifier']}, {SEVERITY.get(p['warning_level'], '')}"


def _role(text: str) -> Callable[[Payload, Names], str]:
    return lambda p, n: f"{_(text)}: {role_name(p['plan_role'])}"


_SENTENCES: dict[str, Callable[[Payload, Names], str]] = {
    "event.started": _started,
    "event.joined": lambda p, n: _("Call %(call)s added") % {"call": n.calls.get(p["main"], "?")},
    "event.level": lambda p, n: f"{level_name(n.event, p['event_old'])} → {level_name(n.event, p['event_new'])}",
    "event.command_due": _role(gettext_noop("Command has to pass on")),
    "event.command_given": _role(gettext_noop("Command signed over")),
    "event.command_taken": _taken,
    "event.command_late": _role(gettext_noop("Command not taken in time")),
    "event.item_added": lambda p, n: _("New: %(what)s") % {"what": n.items.get(p["item"], "?")},
    "event.item": _item,
    "event.item_late": lambda p, n: _("Overdue: %(what)s") % {"what": n.items.get(p["item"], "?")},
    "event.ticked": _ticked,
    "event.sector": lambda p, n: _("Sector drawn: %(name)s") % {"name": p["sector"]},
    "event.sector_removed": lambda p, n: _("Sector removed: %(name)s") % {"name": p["sector"]},
    "event.placed": _placed,
    "event.counted": _counted,
    "event.noted": lambda p, n: _("Remark"),
    "event.warning_issued": _warned(gettext_noop("Warning issued")),
    "event.warning_updated": _warned(gettext_noop("Warning updated")),
    "event.warning_cancelled": _warned(gettext_noop("Warning cancelled")),
    "event.stood_down": lambda p, n: _("Stood down"),
    "event.report_drafted": lambda p, n: _("Draft of the report taken out"),
    "event.words_deleted": lambda p, n: _("Words about the event are deleted on schedule"),
}
