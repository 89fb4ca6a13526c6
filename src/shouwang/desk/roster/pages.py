"""What the pages say: figures put into words and rows. No rule is decided here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.people import facts as people
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of

from . import facts
from .actions import presence
from .advice import asking, changing, solving
from .models import Entry, Roster, Swap
from .terms import DAY_H, DESK, DESK_WATCH, MOST_BETWEEN, MOST_DAYS, MOST_PEOPLE, PAIRS, RULES, WISHES

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
SWAP_STATES: Words = {
    "asked": gettext_lazy("asked"), "accepted": gettext_lazy("waits for the leader"), "done": gettext_lazy("done"),
    "declined": gettext_lazy("declined"), "refused": gettext_lazy("refused"), "withdrawn": gettext_lazy("withdrawn"),
    "void": gettext_lazy("void: the turns have changed"),
}  # fmt: skip
CAME: Words = {"came": gettext_lazy("on time"), "late": gettext_lazy("came late"), "missed": gettext_lazy("absent"),
               "due": gettext_lazy("to come")}  # fmt: skip
PLANNED_KINDS = ("district", "control_area", "community")
NEEDS_TOLD = 12
FORGOTTEN_SHOWN = timedelta(days=7)
LOOKS = 6
SELECTED = SafeString(" selected")
TURNS_SHOWN, SWAPS_SHOWN, TEAMS_SHOWN = 42, 20, 20


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
        Row(r, title(r), state_word(r), _tone(r), _by(r.made_by, users), getattr(r, "turn_count", 0))
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


def area_name(path: str, known: Mapping[str, places.Spot] | None = None) -> str:
    """`known`: the names of all areas, asked for once where many are told."""
    spot = (places.area_names() if known is None else known).get(path)
    return spot.name if spot else path


def areas(who: Actor, *permissions: str) -> list[places.Spot]:
    """Areas that the reader may plan for (or holds one of `permissions` in), the largest first."""
    held = permissions or (facts.EDIT,)
    return [a for kind in PLANNED_KINDS for a in places.areas(kind) if any(who.may(p, a.area) for p in held)]


def form(who: Actor, area: str, first: date, days: int) -> dict[str, Any]:
    """What can be asked for an area and a period: needs by the approved plans, members, how much they are entered
    for. Empty where the reader may plan nothing."""
    mine = areas(who)
    if not mine:
        return {}
    area = area if area in {a.area for a in mine} else mine[0].area
    days = min(max(days, 1), MOST_DAYS)
    plan = asking.proposed(area)
    shifts, proposed = plan.shifts, plan.needed
    offered = asking.offered(area)
    members = [(one.member, one.service) for one in offered]
    few = sum(bool(s) for _m, s in members) <= MOST_PEOPLE
    services = sorted({s for _m, s in members if s} | {s for s, _start in proposed})
    said, known = service_names(services), places.area_names()
    desk = sum(s == DESK for _m, s in members)
    if desk * 5 >= 7 * DESK_WATCH * len(shifts):  # five turns a week each: else the planner says how many
        proposed |= {(DESK, sh.start): DESK_WATCH for sh in shifts}
        plan.hours[DESK] = [DESK_WATCH] * DAY_H
    choices = {s: _options(services, said, s) for s in ("", *services)}
    entered = facts.entries_of([m.id for m, _s in members], first, first + timedelta(days=days - 1))
    return {
        "areas": mine, "area": area, "first": first, "days": days, "most_days": MOST_DAYS, "shifts": shifts,
        "services": [{"code": s, "name": said.get(s, s)} for s in services],
        "needs": [{"service": s, "name": said.get(s, s),
                   "shifts": [{"shift": sh, "count": proposed.get((s, sh.start), 0)} for sh in shifts]}
                  for s in services],
        "unplanned": [s for s in shifts if s.planned is None],
        "members": [{"member": m, "ticked": bool(s) and (few or one.clocked), "area": area_name(m.area, known),
                     "options": choices[s], "entered": ", ".join(entry_words(e) for e in entered.get(m.id, []))}
                    for one in offered for m, s in ((one.member, one.service),)],
        "too_many": 0 if few else MOST_PEOPLE,
        "law": asking.law(first + timedelta(days=days - 1)), "together": _together(members, services), "desk": desk,
        "desk_watch": DESK_WATCH, "clock": range(DAY_H), "between": range(MOST_BETWEEN),
        "by_hour": [{"service": s, "name": said.get(s, s), "counts": plan.hours.get(s, [0] * DAY_H)} for s in services],
    }  # fmt: skip


def service_names(codes: Iterable[str]) -> dict[str, str]:
    """In the reader's language; of services that no call is sent to, and that units and volunteers belong to, too."""
    own = {DESK: _("Desk watch"), "volunteer": _("Volunteers"), "community": _("Community work"),
           "command": _("On-scene command")}
    return own | names("service", codes)


def together_words(name: str) -> str:
    """A pair ("police+guard|volunteer"), a team ("team:B101") or a skill ("skill:first_aid") in words."""
    if name.startswith(asking.TEAM):
        return _("team %(code)s") % {"code": name.removeprefix(asking.TEAM)}
    if name.startswith(asking.SKILL):
        return skill_words(name.removeprefix(asking.SKILL))
    kinds = [kind.split("|") for kind in name.split("+")]
    said = service_names({code for kind in kinds for code in kind})
    return " + ".join("/".join(said.get(code, code) for code in kind) for kind in kinds)


def skill_words(skill: str) -> str:
    return _("with the skill: %(skill)s") % {"skill": brigades.skill_names().get(skill, skill)}


def _together(members: Sequence[tuple[people.Member, str]], services: Sequence[str]) -> list[dict[str, str]]:
    """Mixed pairs that the services allow, skills that some hold, and the teams of the members, where they are few."""
    rows = [{"kinds": "+".join(pair), "name": together_words("+".join(pair))}
            for pair in PAIRS if {kind.split("|")[0] for kind in pair} <= set(services)]
    held = {skill for skills in brigades.skills_of([m.id for m, _s in members]).values() for skill in skills}
    rows += [{"skill": skill, "name": skill_words(skill)} for skill in brigades.skill_names() if skill in held]
    teams = {team.code: str(team) for team in brigades.teams_of([m.id for m, _s in members]).values()}
    if len(teams) <= TEAMS_SHOWN:
        rows += [{"team": code, "name": name} for code, name in sorted(teams.items())]
    return rows


def _options(services: Sequence[str], said: Mapping[str, str], chosen: str) -> SafeString:
    """The services to choose from, one chosen: made once for hundreds of members."""
    rows = ((s, SELECTED if s == chosen else "", said.get(s, s)) for s in services)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def entry_words(entry: Entry) -> str:
    words = str(ENTRIES[entry.kind])
    if entry.shift:
        words = _("%(what)s at %(shift)s") % {"what": words, "shift": entry.shift}
    days = f"{entry.first:%m-%d}" if entry.first == entry.last else f"{entry.first:%m-%d}—{entry.last:%m-%d}"
    return f"{words} {days}"


def wishing(who: Actor, today: date) -> dict[str, Any]:
    """The reader's own wishes, what else was entered for them, and the form for a wish."""
    rows = facts.entries_of([who.id], today, today + timedelta(days=366)).get(who.id, [])
    own = [e for e in rows if facts.is_own_wish(e, who.id)]
    return {"entered": [entry_words(e) for e in rows if e not in own], "today": today, "fresh": new_id(),
            "wishes": [{"id": e.id, "words": entry_words(e)} for e in own], "shifts": asking.shifts(),
            "kinds": [(kind, ENTRIES[kind]) for kind in WISHES]}  # fmt: skip


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
        "form": {"areas": mine, "area": area, "members": [m for m, _s in asking.members(area)],
                 "kinds": ENTRIES.items(), "shifts": asking.shifts(), "today": today},
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
        "maker": _by(roster.made_by, users),
        "publisher": _by(roster.published_by, users),
        "gaps": asked["gaps"], "may_keep": bool(roster.rows or given.get("previous")),
        "people": len(given["people"]), "law": given["law"],
        "comprehensive": given["law"].get("hours") == "comprehensive",
        "duties": [{"start": d["start"], "end": asking.Shift(d["start"], d["hours"], None).end,
                    "look": look(n), "night": asking.is_night(d["start"], d["hours"])}
                   for n, d in enumerate(given["duties"]) if "skills" not in d],
    }  # fmt: skip


def look(number: int) -> str:
    """The fill of a duty's cells; more than there are fills begin again: the time of day in the cell tells them."""
    return f"s{number % LOOKS}"


def results(roster: Roster, now: datetime) -> dict[str, Any]:
    """Everything that changes while better rosters come."""
    figures = roster.figures
    told: dict[str, Any] = {"proof": proof(figures), "status": figures.get("status", "")}
    if roster.rows:
        told |= grid(roster, now) | {"moves": moves(roster)}
    elif figures.get("status") == "impossible":
        told["why"] = conflict(figures.get("conflict"))
    return told


def _by(actor: str, users: Mapping[str, str]) -> str:
    """Who did it: somebody, or the centre itself."""
    return users.get(actor, _("The centre") if ":" in actor else actor)


def moves(roster: Roster) -> list[dict[str, Any]]:
    """Who is asked to move by a change of a published roster, by name, with the days before and after."""
    found: dict[str, list[facts.Move]] = defaultdict(list)
    for move in facts.moves(roster):
        found[move.user].append(move)
    known = people.names_of(list(found))
    away = {one["id"] for one in roster.given["people"] if one["off"]}
    rows = [{"user": user, "name": known.get(user, "?"), "days": sorted(days, key=lambda m: m.day),
             "away": user in away and all(not m.after for m in days)} for user, days in found.items()]
    return sorted(rows, key=lambda r: (not r["away"], r["name"]))


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
    services = service_names({one["kind"] for one in given["people"]})
    make = partial(_line, duties=given["duties"], span=span, holidays=holidays,
                   missed=missed or set())
    groups, hourly = [], solving.cover(given, roster.rows)
    asked = {n["name"] for n in given["needs"] if ":" not in n["name"]}  # services, neither teams nor skills
    for service in sorted({one["kind"] for one in given["people"]} | asked):
        mine = [one for one in given["people"] if one["kind"] == service]
        lines = sorted((make(one, users.get(one["id"]), roster.rows[one["id"]]) for one in mine), key=lambda m: m.name)
        cover = _cover(given, service, [roster.rows[one["id"]] for one in mine], span)
        cover += _cover_by_hour([c for c in hourly if c.service == service], roster.days)
        if lines or cover:
            groups.append({"name": services.get(service, service), "lines": lines, "cover": cover})
    missing, pieces = (sum(1 if row["piece"] and c["short"] else c["short"] for g in groups for row in g["cover"]
                           if row["piece"] == piece for c in row["cells"]) for piece in (False, True))
    return {"columns": columns, "groups": groups, "missing": missing + pieces,
            "missing_words": " ".join(_missing(missing, pieces)),
            "attended": missed is not None, "width": len(columns) + 6 + (missed is not None)}  # fmt: skip


def _missing(turns: int, pieces: int) -> Iterator[str]:
    """pieces: parts of days, where needs are by hour."""
    if not turns and not pieces:
        yield _("Every shift has the members it needs.")
    if turns:
        yield ngettext("%(n)s turn has nobody: the gaps are marked below.",
                       "%(n)s turns have nobody: the gaps are marked below.", turns) % {"n": turns}  # fmt: skip
    if pieces:
        yield ngettext("%(n)s part of a day has too few members: the gaps are marked below.",
                       "%(n)s parts of days have too few members: the gaps are marked below.", pieces) % {"n": pieces}


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
        tone = " ".join((look(k), *["night"] * night, *["unmet"] * (not granted), *["missed"] * absent))
        says = _("%(shift)s, not clocked on") % {"shift": start} if absent else start
        line.cells.append(Cell(text, tone, says))
    return line


def _cover(given: Mapping[str, Any], service: str, rows: Sequence[Sequence[int]], span: Sequence[date]) -> list[Any]:
    counts = {(n["duty"], n["days"]): n["count"] for n in given["needs"]
              if n["name"] == service and "duty" in n}
    told = []
    for k, duty in enumerate(given["duties"]):
        cells = []
        for n, day in enumerate(span):
            asked = counts.get((duty["id"], "weekends" if day.weekday() >= 5 else "weekdays"), 0)
            there = sum(row[n] == k for row in rows)
            cells.append({"there": there, "asked": asked, "short": max(0, asked - there)})
        if any(c["asked"] or c["there"] for c in cells):
            told.append({"start": duty["start"], "piece": False, "cells": cells})
    return told


def _cover_by_hour(found: Sequence[solving.Cover], days: int) -> list[Any]:
    """The same for each piece of the day that duties begin and end around, where a service is asked for by hour. What
    is asked for twice, as on weekdays and at weekends, stands in one row."""
    rows: dict[str, list[dict[str, int]]] = {}
    for one in found:
        cells = rows.setdefault(one.at, [{"there": 0, "asked": 0, "short": 0} for _n in range(days)])
        if one.asked >= cells[one.day]["asked"]:
            cells[one.day] = {"there": one.there, "asked": one.asked, "short": max(0, one.asked - one.there)}
    return [{"start": at, "piece": True, "cells": cells} for at, cells in sorted(rows.items())]


# ---- swaps, attendance, shares


def options(who: Actor, day: date, today: date) -> list[dict[str, Any]]:
    """Whom the reader could give their turn of a day, and for which of theirs: first those who would just take it over,
    fairest first. Raises Missing without such a turn."""
    roster = facts.published(who.id, day)
    if roster is None:
        raise Missing(_("You have no turn on this day."), code="turn")
    found = changing.options(roster, who.id, day, today)
    known = people.names_of([*found.takers, *(user for user, _n in found.swaps)])
    starts = {n: duty["start"] for n, duty in enumerate(roster.given["duties"])}
    told: list[dict[str, Any]] = [{"user": user, "name": known.get(user, "?"), "day": None, "shift": ""}
                                  for user in found.takers]  # fmt: skip
    for user, n in sorted(found.swaps, key=lambda one: (one[1], known.get(one[0], ""))):
        at = roster.first + timedelta(days=n)
        told.append({"user": user, "name": known.get(user, "?"), "day": at, "shift": starts[roster.rows[user][n]]})
    return told


def mine(who: Actor, now: datetime) -> dict[str, Any]:
    """The reader's turns to come, offers to them, their swaps, and whether they may clock on at a place."""
    today = day_of(now)
    swaps, turns = facts.swaps_of(who.id, today), facts.turns([who.id], ends_after=now)
    asked = {s.day for s in swaps if str(s.user) == who.id and s.state in ("asked", "accepted")}
    here, turn = facts.presence_of(who.id), facts.turn_at(who.id, now, presence.EARLY_S)
    where = {**{p: s.name for p, s in places.area_names().items()}, **{p.code: p.name for p in places.posts()}}
    return {
        "turns": [told | {"offered": told["turn"].day in asked, "begun": told["turn"].start <= now}
                  for told in turn_rows(turns[:TURNS_SHOWN])],
        "offers": swap_rows([s for s in swaps if str(s.other) == who.id and s.state == "asked"], who)
        + swap_rows(facts.offers_for(who.id, today), who),
        "swaps": swap_rows([s for s in swaps if str(s.user) == who.id or s.state != "asked"][:SWAPS_SHOWN], who),
        "here": here, "here_name": where.get(here.on_place, here.on_place) if here else "",
        "places": presence.places_for(turn.area) if turn and not here and not who.unit else {},
        "place": next((w.code for w in facts.where([turn] if turn else []).values()), ""),
        **(wishing(who, today) if asking.home(who) else {}),
    }  # fmt: skip


def forgotten(who: Actor, now: datetime) -> list[dict[str, Any]]:
    """Who was clocked off by the clock in the last days, in areas whose rosters the reader keeps, with the day."""
    rows = facts.ended_by_clock(who.areas(*facts.SEE), now - FORGOTTEN_SHOWN)
    known, where = people.names_of([str(r.user) for r in rows]), places.area_names()
    posts = {p.code: p.name for p in places.posts()}
    return [{"name": known.get(str(r.user), ""), "at": r.off_at, "day": day_of(r.on_at), "area": r.area,
             "place": posts.get(r.on_place) or (where[r.on_place].name if r.on_place in where else r.on_place)}
            for r in rows]  # fmt: skip


def turn_rows(turns: Sequence[facts.TurnFact]) -> list[dict[str, Any]]:
    """Turns with where each is and who goes out together with it."""
    where, together = facts.where(turns), facts.beside(turns)
    known = people.names_of([u for users in together.values() for u in users])
    return [{"turn": t, "where": str(where.get(t.id, "")),
             "beside": _(", ").join(known[u] for u in together[t.id] if u in known)} for t in turns]  # fmt: skip


def open_form(who: Actor, today: date) -> list[dict[str, Any]]:
    """Published rosters that are not over, for which the reader may open a shift."""
    rows = Roster.objects.filter(in_areas("area", who.areas(facts.EDIT)), published_at__isnull=False, replaces=None,
                                 first__gt=today - timedelta(days=MOST_DAYS)).order_by("first", "id")
    running = [r for r in rows if last_day(r) >= today]
    services = service_names({one["kind"] for r in running for one in r.given["people"]})
    return [{"id": r.id, "fresh": new_id(), "title": title(r), "first": max(r.first, today), "last": last_day(r),
             "shifts": [d["start"] for d in r.given["duties"]],
             "services": [(c, services.get(c, c)) for c in sorted({one["kind"] for one in r.given["people"]})]}
            for r in running]  # fmt: skip


@dataclass(frozen=True)
class SwapRow:
    """A swap in a list. `may`: what the reader can do with it."""

    swap: Swap
    service: str
    who: str
    other: str
    state: str
    may: tuple[str, ...]
    could: int | None = None  # of an open shift: how many may take it


def swap_rows(swaps: Sequence[Swap], who: Actor, *, leads: bool = False) -> list[SwapRow]:
    users = people.names_of([str(u) for s in swaps for u in (s.user, s.other) if u])
    services = service_names({s.service for s in swaps})
    return [
        SwapRow(s, services.get(s.service, s.service), users.get(str(s.user), ""), users.get(str(s.other), ""),
                str(SWAP_STATES[s.state]), tuple(_may(s, who, leads)),
                len(changing.may_take(s.roster, s.day, s.shift, s.service)) if leads and s.kind == "open" else None)
        for s in swaps
    ]  # fmt: skip


def _may(swap: Swap, who: Actor, leads: bool) -> Iterator[str]:
    """What the reader can do; the actions decide again."""
    mine = who.id in (str(swap.user), str(swap.other))
    if leads:
        if swap.state == "accepted" and not mine:
            yield from ("approve", "refuse")
        if swap.kind == "open" and swap.state == "asked" and who.may(facts.EDIT, swap.roster.area):
            yield "withdraw"
        return
    if swap.state == "asked" and str(swap.user) != who.id:
        yield "accept"
        if swap.other is not None:
            yield "decline"
    if str(swap.user) == who.id and swap.state in ("asked", "accepted"):
        yield "withdraw"


@dataclass(frozen=True)
class AttendedRow:
    """A turn in the list of a day."""

    user: str
    name: str
    staff_no: str
    service: str
    shift: str
    start: datetime
    end: datetime
    came: str
    word: str
    on_at: datetime | None
    off_at: datetime | None
    place: str
    planned: str
    beside: str
    by_clock: bool


def attendance(area: str, day: date, now: datetime) -> list[AttendedRow]:
    """The turns of a day by shift, service and name."""
    found = facts.attendance([area], day, now)
    users = {m.id: m for m in people.members([a.turn.user for a in found])}
    services = service_names({a.turn.service for a in found})
    where = {**{p: s.name for p, s in places.area_names().items()}, **{p.code: p.name for p in places.posts()}}
    planned, together = facts.where([a.turn for a in found]), facts.beside([a.turn for a in found])
    rows = [
        AttendedRow(a.turn.user, users[a.turn.user].name, users[a.turn.user].staff_no,
                    services.get(a.turn.service, a.turn.service), a.turn.shift, a.turn.start, a.turn.end, a.came,
                    str(CAME[a.came]), a.on_at, a.off_at, where.get(a.place, a.place),
                    str(planned.get(a.turn.id, "")),
                    _(", ").join(users[u].name for u in together[a.turn.id] if u in users), a.by_clock)
        for a in found if a.turn.user in users
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (r.start, r.service, r.name))


@dataclass(frozen=True)
class Share:
    """What a member had of what is shared out, in some months."""

    user: str
    name: str
    turns: int
    hours: float
    nights: int
    weekends: int
    holidays: int


def shares(area: str, months: int, today: date) -> list[Share]:
    """Members by name. Turns published for days up to today."""
    first = today - timedelta(days=round(months * 365.25 / 12))
    holidays = set(asking.holidays_in(first, today))
    found = facts.shares([area], first, today)
    known = people.names_of(list(found))
    rows = [
        Share(user, known.get(user, "?"), len(turns), sum((t.end - t.start).total_seconds() for t in turns) / 3600,
              sum(t.night for t in turns), sum(t.day.weekday() >= 5 for t in turns),
              sum(t.day in holidays for t in turns))
        for user, turns in found.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (r.name, r.user))


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
    service = service_names([need["service"]]).get(need["service"], "") or together_words(need["service"])
    return _("%(day)s at %(shift)s: %(count)s of %(service)s") % {**need, "service": service}


def _remedy(told: Mapping[str, Any]) -> str:
    if told["remedy"] == "without":
        return _("Lift this rule: %(rule)s.") % {"rule": RULES.get(told["rule"], told["rule"])}
    total = sum(n["missing"] for n in told["needs"])
    words = _("Ask for %(n)s turns fewer, or bring members for them") % {"n": total}
    where = Counter({(n["service"], n["shift"]): 0 for n in told["needs"]})
    for n in told["needs"]:
        where[n["service"], n["shift"]] += n["missing"]
    services = service_names({s for s, _shift in where})
    says = {s: services.get(s) or together_words(s) for s, _shift in where}
    parts = [_("%(n)s of %(service)s at %(shift)s") % {"n": n, "service": says[s], "shift": shift}
             for (s, shift), n in sorted(where.items())]  # fmt: skip
    return _("%(what)s: %(where)s") % {"what": words, "where": "; ".join(parts)}
