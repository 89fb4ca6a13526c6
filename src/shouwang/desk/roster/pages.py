"""What the pages say: figures put into words and rows. No rule is decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import names
from shouwang.desk.people import facts as people
from shouwang.desk.places import facts as places

from . import facts
from .advice import asking
from .models import Entry, Roster
from .terms import MOST_DAYS, RULES

Words = Mapping[str, str | Promise]
STATES: Words = {
    "queued": gettext_lazy("waiting"), "running": gettext_lazy("being made"), "done": gettext_lazy("draft"),
    "failed": gettext_lazy("not made"), "cancelled": gettext_lazy("stopped"), "published": gettext_lazy("published"),
    "none": gettext_lazy("none found"),
}  # fmt: skip
ENTRIES: Words = {
    "away": gettext_lazy("away"), "no_nights": gettext_lazy("no night duty"),
    "no_overtime": gettext_lazy("no overtime"), "wish_off": gettext_lazy("wishes to be off"),
    "wish_on": gettext_lazy("wishes to be on"),
}  # fmt: skip
PLANNED_KINDS = ("district", "control_area", "community")
NEEDS_TOLD = 12


# ---- the list and the form


@dataclass(frozen=True)
class Row:
    """A roster in the list."""

    roster: Roster
    title: str
    state: str
    tone: str
    who: str
    turns: int


def list_rows(rosters: Sequence[Roster]) -> list[Row]:
    users = names("user", [r.made_by for r in rosters])
    return [
        Row(r, title(r), state_word(r), _tone(r), users.get(r.made_by, r.made_by), getattr(r, "turn_count", 0))
        for r in rosters
    ]


def title(roster: Roster) -> str:
    says = _("%(area)s, %(first)s to %(last)s")
    return says % {"area": area_name(roster.area), "first": roster.first, "last": last_day(roster)}


def last_day(roster: Roster) -> date:
    return roster.first + timedelta(days=roster.days - 1)


def state_word(roster: Roster) -> str:
    none = roster.state == "done" and roster.figures.get("status") in ("impossible", "unknown")
    return str(STATES["published" if roster.published_at else "none" if none else roster.state])


def _tone(roster: Roster) -> str:
    return "ok" if roster.published_at else "bad" if roster.state == "failed" else ""


def area_name(path: str) -> str:
    spot = places.area_names().get(path)
    return spot.name if spot else path


def areas(who: Actor) -> list[places.Spot]:
    """Areas that the reader may plan for, the largest first."""
    return [a for kind in PLANNED_KINDS for a in places.areas(kind) if who.may(facts.EDIT, a.area)]


def form(who: Actor, area: str, first: date, days: int) -> dict[str, Any]:
    """What can be asked for an area and a period: needs by the approved plans, members, how much they are entered
    for. Empty where the reader may plan nothing."""
    mine = areas(who)
    if not mine:
        return {}
    area = area if area in {a.area for a in mine} else mine[0].area
    days = min(max(days, 1), MOST_DAYS)
    shifts, proposed = asking.proposed(area)
    members = asking.members(area)
    services = sorted({s for _m, s in members if s} | {s for s, _start in proposed})
    said = names("service", services)
    entered = facts.entries_of([m.id for m, _s in members], first, first + timedelta(days=days - 1))
    return {
        "areas": mine, "area": area, "first": first, "days": days, "most_days": MOST_DAYS, "shifts": shifts,
        "services": [{"code": s, "name": said.get(s, s)} for s in services],
        "needs": [{"service": s, "name": said.get(s, s),
                   "shifts": [{"shift": sh, "count": proposed.get((s, sh.start), 0)} for sh in shifts]}
                  for s in services],
        "unplanned": [s for s in shifts if s.planned is None],
        "members": [{"member": m, "service": s, "area": area_name(m.area),
                     "entered": ", ".join(entry_words(e) for e in entered.get(m.id, []))} for m, s in members],
        "law": asking.law(),
    }  # fmt: skip


def entry_words(entry: Entry) -> str:
    words = str(ENTRIES[entry.kind])
    if entry.shift:
        words = _("%(what)s at %(shift)s") % {"what": words, "shift": entry.shift}
    days = f"{entry.first:%m-%d}" if entry.first == entry.last else f"{entry.first:%m-%d}—{entry.last:%m-%d}"
    return f"{words} {days}"


def entries(who: Actor, area: str, today: date) -> dict[str, Any]:
    """Leave and wishes from today on, and the form to enter more."""
    mine = areas(who)
    if not mine:
        return {"rows": [], "form": None}
    area = area if area in {a.area for a in mine} else mine[0].area
    rows = list(facts.entries([area], today))
    users = names("user", [str(e.user) for e in rows])
    return {
        "rows": [{"entry": e, "name": users.get(str(e.user), ""), "words": str(ENTRIES[e.kind])} for e in rows],
        "form": {"areas": mine, "area": area, "members": people.crew_members(area), "kinds": ENTRIES.items(),
                 "shifts": asking.shifts(), "today": today},
    }  # fmt: skip


# ---- a roster


@dataclass(frozen=True)
class Column:
    day: date
    free: bool  # weekend or holiday
    holiday: bool


@dataclass(frozen=True)
class Cell:
    text: str
    look: str
    says: str


@dataclass
class Line:
    """A member's row with the sums below which fairness is judged."""

    user: str
    name: str
    staff_no: str
    cells: list[Cell] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)

    @property
    def hours(self) -> str:
        return f"{self.sums['minutes'] / 60:g}"

    @property
    def wishes(self) -> str:
        return f"{self.sums['granted']}/{self.sums['wished']}" if self.sums["wished"] else ""


def inputs(roster: Roster) -> dict[str, Any]:
    """What was asked for."""
    users = names("user", [roster.made_by, roster.published_by])
    given, asked = roster.given, roster.asked
    return {
        "title": title(roster), "last": last_day(roster), "state_word": state_word(roster), "tone": _tone(roster),
        "maker": users.get(roster.made_by, roster.made_by),
        "publisher": users.get(roster.published_by, roster.published_by),
        "gaps": asked["gaps"], "may_keep": bool(roster.rows or given.get("previous")),
        "people": len(given["people"]), "law": given["law"],
        "comprehensive": given["law"].get("hours") == "comprehensive",
        "duties": [{"start": d["start"], "end": asking.Shift(d["start"], d["hours"], None).end,
                    "look": f"s{n}", "night": asking.is_night(d["start"], d["hours"])}
                   for n, d in enumerate(given["duties"])],
    }  # fmt: skip


def results(roster: Roster, now: datetime) -> dict[str, Any]:
    """Everything that changes while better rosters come."""
    figures = roster.figures
    told: dict[str, Any] = {"proof": proof(figures), "status": figures.get("status", "")}
    if roster.rows:
        told |= grid(roster, now)
    elif figures.get("status") == "impossible":
        told["why"] = conflict(figures.get("conflict"))
    return told


def proof(figures: Mapping[str, Any]) -> dict[str, str]:
    """Objective, bound and gap as people write them; empty without a roster."""
    if figures.get("objective") is None:
        return {}
    gap = figures["gap"]
    return {
        "objective": f"{figures['objective']:,.0f}",
        "bound": "—" if figures["bound"] is None else f"{figures['bound'] + 0.0:,.0f}",  # never −0
        "gap": "—" if gap is None else f"{gap * 100:.1f} %",
        "status": _("proven best") if figures["status"] == "optimal" else _("feasible"),
        "seconds": f"{figures['seconds']:g}",
    }


def grid(roster: Roster, now: datetime) -> dict[str, Any]:
    """Members × days by service, with sums, and what each shift has beside what it needs; of a published one also whose
    turns passed without them."""
    given, missed = roster.given, facts.missed(roster, now)
    holidays = {date.fromisoformat(d) for d in given["holidays"]}
    span = [roster.first + timedelta(days=n) for n in range(roster.days)]
    columns = [Column(d, d.weekday() >= 5 or d in holidays, d in holidays) for d in span]
    users = {m.id: m for m in people.members([one["id"] for one in given["people"]])}
    services = names("service", {one["kind"] for one in given["people"]})
    make = partial(_line, duties=given["duties"], span=span, holidays=holidays,
                   missed=missed or set())
    groups = []
    for service in sorted({one["kind"] for one in given["people"]} | {n["name"] for n in given["needs"]}):
        mine = [one for one in given["people"] if one["kind"] == service]
        lines = sorted((make(one, users.get(one["id"]), roster.rows[one["id"]]) for one in mine), key=lambda m: m.name)
        cover = _cover(given, service, [roster.rows[one["id"]] for one in mine], span)
        if lines or cover:
            groups.append({"name": services.get(service, service), "lines": lines, "cover": cover})
    missing = sum(c["short"] for g in groups for row in g["cover"] for c in row["cells"])
    return {"columns": columns, "groups": groups, "missing": missing, "missing_words": _missing(missing),
            "attended": missed is not None, "width": len(columns) + 6 + (missed is not None)}  # fmt: skip


def _missing(count: int) -> str:
    if not count:
        return _("Every shift has the members it needs.")
    return ngettext("%(n)s turn has nobody: the gaps are marked below.",
                    "%(n)s turns have nobody: the gaps are marked below.", count) % {"n": count}  # fmt: skip


def _line(
    one: Mapping[str, Any], member: people.Member | None, row: Sequence[int], *, duties: Sequence[Mapping[str, Any]],
    span: Sequence[date], holidays: set[date], missed: set[tuple[str, date]],
) -> Line:  # fmt: skip
    line = Line(one["id"], member.name if member else one["id"][:8], member.staff_no if member else "")
    away = {d for stretch in one["off"] for d in span if stretch[:10] <= d.isoformat() <= stretch[-10:]}
    wishes = {date.fromisoformat(w["day"]): w for w in one["wishes"]}
    for day, k in zip(span, row, strict=True):
        wish, granted = wishes.get(day), True
        if wish:
            on = k >= 0 and wish.get("duty", duties[k]["start"]) == duties[k]["start"]
            granted = on == wish["want"]
            line.sums.update(wished=1, granted=int(granted))
        if k < 0:
            text, says = (pgettext("mark for leave in a roster", "L"), _("away")) if day in away else ("", "")
            line.cells.append(Cell(text, "" if granted else "unmet", says))
            continue
        duty = duties[k]
        night = asking.is_night(duty["start"], duty["hours"])
        start, absent = duty["start"], (one["id"], day) in missed
        line.sums.update(minutes=round(duty["hours"] * 60), nights=int(night), weekends=int(day.weekday() >= 5),
                         holidays=int(day in holidays), missed=int(absent))  # fmt: skip
        text = ("✕" if absent else "") + (start[:2] if start.endswith(":00") else start)
        look = " ".join((f"s{k}", *["night"] * night, *["unmet"] * (not granted), *["missed"] * absent))
        says = _("%(shift)s, not clocked on") % {"shift": start} if absent else start
        line.cells.append(Cell(text, look, says))
    return line


def _cover(given: Mapping[str, Any], service: str, rows: Sequence[Sequence[int]], span: Sequence[date]) -> list[Any]:
    counts = {(n["duty"], n["days"]): n["count"] for n in given["needs"] if n["name"] == service}
    told = []
    for k, duty in enumerate(given["duties"]):
        cells = []
        for n, day in enumerate(span):
            asked = counts.get((duty["id"], "weekends" if day.weekday() >= 5 else "weekdays"), 0)
            there = sum(row[n] == k for row in rows)
            cells.append({"there": there, "asked": asked, "short": max(0, asked - there)})
        if any(c["asked"] or c["there"] for c in cells):
            told.append({"start": duty["start"], "cells": cells})
    return told


# ---- why there is none


def conflict(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The rules that cannot all be kept, and what would help, in words; None where they were not found in time."""
    if told is None:
        return None
    needs = [r["need"] for r in told["rules"] if r["need"]]
    lines = [need_words(n) for n in needs[:NEEDS_TOLD]]
    if len(needs) > NEEDS_TOLD:
        lines.append(_("and %(n)s more needs") % {"n": len(needs) - NEEDS_TOLD})
    lines += [str(RULES.get(r["rule"], r["rule"])) for r in told["rules"] if not r["need"]]
    return {"lines": lines, "minimal": told["minimal"], "remedies": [_remedy(r) for r in told["remedies"]]}


def need_words(need: Mapping[str, Any]) -> str:
    service = names("service", [need["service"]]).get(need["service"], need["service"])
    return _("%(day)s at %(shift)s: %(count)s of %(service)s") % {**need, "service": service}


def _remedy(told: Mapping[str, Any]) -> str:
    if told["remedy"] == "without":
        return _("Lift this rule: %(rule)s.") % {"rule": RULES.get(told["rule"], told["rule"])}
    total = sum(n["missing"] for n in told["needs"])
    words = _("Ask for %(n)s turns fewer, or bring members for them") % {"n": total}
    where = Counter({(n["service"], n["shift"]): 0 for n in told["needs"]})
    for n in told["needs"]:
        where[n["service"], n["shift"]] += n["missing"]
    services = names("service", {s for s, _shift in where})
    parts = [_("%(n)s of %(service)s at %(shift)s") % {"n": n, "service": services.get(s, s), "shift": shift}
             for (s, shift), n in sorted(where.items())]  # fmt: skip
    return _("%(what)s: %(where)s") % {"what": words, "where": "; ".join(parts)}
