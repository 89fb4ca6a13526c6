"""What pages show of a matter: its times in words, its steps, its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shouwang.desk.linked import facts as linked
from shouwang.desk.log import names
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.facts import Fact
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.agencies import names_of
from shouwang.desk.workflow.clocks import Clock, clock
from shouwang.desk.workflow.hours import Hours, hours
from shouwang.desk.workflow.moves import cycle

from . import facts
from .models import JointTask, Matter, MatterType
from .terms import BY_PARTS, CHECKS, JOINT, LEVEL_KIND, LEVELS, SOURCES, STEPS, WAITING

HIDDEN = ("access.words_read",)  # for the auditor


def clock_of(row: Matter, now: datetime, calendar: Hours | None = None) -> Clock:
    """`calendar`: the centre's hours of work, asked for once for many rows."""
    if row.state not in WAITING or row.due_at is None:
        return Clock("none", "", 0, row.due_at)
    guessed = None if row.type.continuous else (calendar or hours()).guessed(row.due_at)
    return clock(row.since, row.due_at, row.warn_at, now, stopped=row.state == "suspended", guessed=guessed)


@dataclass(frozen=True)
class Row:
    """A line of a list."""

    it: Matter
    state: str
    level: str
    source: str
    where: str
    handler: str
    clock: Clock


def rows_of(found: list[Matter], now: datetime) -> list[Row]:
    states, offices = cycle("matter"), facts.agencies()
    where, calendar = places.in_words(m.area for m in found), hours()
    return [Row(m, states.state_label(m.state), str(LEVELS[m.level]), str(SOURCES[m.source]), where[m.area],
                offices.get(m.handler, ""), clock_of(m, now, calendar)) for m in found]


@dataclass(frozen=True)
class Step:
    """One of the seven. shown: done, cur, or "" for later."""

    number: int
    label: str
    shown: str
    at: datetime | None


def steps_of(row: Matter) -> list[Step]:
    states = cycle("matter")
    at = facts.step_of(row.state, accepted=row.accepted_at is not None)
    times = {"reported": row.reported_at, "accepted": row.accepted_at, "assigned": row.assigned_at,
             "answered": row.answered_at, "checking": row.closed_at}
    here = "" if row.state == "void" else "cur"
    return [Step(n, states.state_label(state), "done" if n < at else here if n == at else "",
                 times.get(state) if n <= at else None) for n, (state, _of) in enumerate(STEPS, 1)]


@dataclass(frozen=True)
class Entry:
    event: str
    at: datetime
    text: str
    who: str
    reason: str = ""
    words: str = ""


def timeline(row: Matter, words: Mapping[UUID, str]) -> list[Entry]:
    """The matter's events, newest first; of an example, whose past is invented, its times."""
    events = [e for e in events_of("matter", row.id) if e.kind not in HIDDEN]
    if not events or (row.example and all(e.kind == "matter.late" for e in events)):
        return _of_times(row) if row.example else []
    said = read_reasons(e.id for e in events)
    people = names.names("user", {e.actor for e in events})
    entries = [Entry(e.id, e.at, _text(e), people.get(e.actor, _other(e.actor)), said.get(e.id, ""),
                     words.get(UUID(e.id), "")) for e in events]
    return entries[::-1]


def _of_times(row: Matter) -> list[Entry]:
    states = cycle("matter")
    times = (("reported", row.reported_at), ("accepted", row.accepted_at), ("assigned", row.assigned_at),
             ("answered", row.answered_at), (row.state if row.state in ("closed", "rated", "void") else "closed",
                                             row.closed_at))
    return [Entry(state, at, states.state_label(state), _("Example")) for state, at in times if at][::-1]


def _other(actor: str) -> str:
    return _("A resident") if actor.startswith("public:") else _("The centre")


def _text(e: Fact) -> str:
    p = e.payload
    until = localtime(datetime.fromisoformat(p["until"])) if p.get("until") else None
    text = _NAMES[e.kind]() if e.kind in _NAMES else cycle("matter").state_label(p["new"]) if "new" in p else e.kind
    if p.get("step") == "m_redo":
        text = cycle("matter").transitions["m_redo"].label
    parts = [text]
    if p.get("joint") in JOINT:
        parts.append(str(JOINT[p["joint"]]))
    if p.get("handler"):
        parts.append(names_of([p["handler"]]).get(p["handler"], p["handler"]))
    if e.kind == "matter.task_moved":
        parts.append(cycle("joint_task").state_label(p["new"]))
    if until:
        parts.append(_("until %(at)s") % {"at": f"{until:%m-%d %H:%M}"})
    if p.get("check") in CHECKS:
        parts.append(str(CHECKS[p["check"]]))
    if e.kind in ("matter.late", "matter.task_late"):
        rules, body = cycle("matter" if e.kind == "matter.late" else "joint_task"), _("the body itself")
        parts += [rules.state_label(p["state"]), _("told: %(level)s") % {"level": LEVELS.get(p["level"], body)}]
    if e.kind == "matter.escalated":
        parts.append(" → ".join(str(LEVELS[x]) for x in p["changes"]["level"]))
    if e.kind == "matter.accepted" and p.get("changes"):
        kinds = names.names("matter-type", p["changes"]["type"])
        parts.append(" → ".join(kinds.get(x, x) for x in p["changes"]["type"]))
    if p.get("main_matter"):
        parts.append(_("repeats %(number)s") % {"number": names.names("matter", [p["main_matter"]]).get(
            p["main_matter"], "?")})
    if p.get("pieces"):
        parts.append(", ".join(sorted(names.names("matter", p["pieces"]).values())))
    if p.get("whole"):
        parts.append(_("part of %(number)s") % {"number": names.names("matter", [p["whole"]]).get(p["whole"], "?")})
    if p.get("check") == BY_PARTS:
        parts.append(_("all its parts are done"))
    if p.get("rating"):
        parts.append(f"{p['rating']}/5")
    if p.get("unrated"):
        parts.append(_("nobody rated it"))
    if p.get("photos"):
        parts.append(ngettext("%(n)s photo", "%(n)s photos", p["photos"]) % {"n": p["photos"]})
    return (", " if not (get_language() or "").startswith("zh") else "，").join(parts)


_NAMES: dict[str, Any] = {
    "matter.late": lambda: _("Late"), "matter.escalated": lambda: _("Handed up"),
    "matter.joined": lambda: _("Part for another body"),
    "matter.task_late": lambda: _("Part of another body: late"),
    "matter.split": lambda: _("Split into parts"), "matter.task_moved": lambda: _("Part of another body"),
    "matter.noted": lambda: _("Remark"), "matter.revealed": lambda: _("Reporter's contact shown"),
    "matter.words_deleted": lambda: _("Words and photos are deleted on schedule"),
}


@dataclass(frozen=True)
class Part:
    """A joint task as the page shows it. moves: id and label."""

    it: JointTask
    joint: str
    agency: str
    state: str
    late: bool
    moves: list[tuple[str, str, bool, bool]]  # id, label, needs a result, needs a reason


def parts_of(row: Matter, who: Any, now: datetime) -> list[Part]:
    rules, offices, acts = cycle("joint_task"), facts.agencies(), facts.acting(who)
    return [Part(t, str(JOINT[t.joint]), offices.get(t.agency, t.agency), rules.state_label(t.state),
                 t.state in ("set", "accepted") and t.ends_at < now,
                 [(m.id, m.label, "result" in m.needs, "reason" in m.needs) for m in rules.moves_from(t.state)
                  if who.may(m.may, row.area) and (m.may != linked.MAY_ANSWER or acts(t.agency, ""))])
            for t in facts.joint_tasks(row)]


def parts_for(who: Actor, now: datetime) -> list[facts.PartFact]:
    """Parts of joint matters for a reader: those of their own body, or the late ones told to their centre."""
    if who.may("office.work"):
        areas = who.areas("office.work")
        return facts.parts(areas, now, told=level) if (level := _seat_level(areas)) else []
    agency = linked.agency_of(who.id)
    return facts.parts(who.areas(linked.MAY_ANSWER), now, agency=agency) if agency else []


def _seat_level(areas: tuple[str, ...]) -> str:
    """The level whose centre the reader's office is."""
    kinds = {a.kind for path in areas for a in places.areas() if a.area == path}
    return next((level for level, kind in LEVEL_KIND.items() if kind in kinds), "")


def grouped(kinds: list[MatterType]) -> list[tuple[MatterType, list[MatterType]]]:
    """Classes, each with its kinds."""
    return [(c, [k for k in kinds if k.parent == c.code]) for c in kinds if not c.parent]


def report_form(source: str) -> dict[str, Any]:
    """What the form of a report needs."""
    kinds = [k for k in facts.types() if source != "public" or not k.referral]
    return {"source": source, "common": facts.common(), "kinds": grouped(kinds)}


def told_of(lon: float, lat: float, kind: str, areas: tuple[str, ...], now: datetime) -> dict[str, Any]:
    """What a point is called, and what is reported near it already."""
    zh, en = places.nearest_crossing(lon, lat)
    area = places.locate(lon, lat)
    known = places.in_words([area])
    near = facts.near(lon, lat, kind, now, areas=areas) if kind else []
    states = cycle("matter")
    told = [{**asdict(n), "label": states.state_label(n.state)} for n in near]
    return {"zh": zh, "en": en, "area": known[area], "outside": not area, "near": told}
