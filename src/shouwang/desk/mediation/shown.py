"""What pages show of a mediation: its times in words, its steps, its history. Nothing sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shouwang.desk.log import names
from shouwang.desk.log.facts import Fact
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.kinds import label
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.clocks import Clock, clock
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.moves import cycle

from . import facts
from .models import Mediation
from .terms import LEVELS, PERFORMED, SIDES, SOURCES, STEPS, TARGETS, WAITING, WHERE

BY_HOURS = ("registered", "judged", "routed")


def clock_of(row: Mediation, now: datetime) -> Clock:
    if row.state not in WAITING:
        return Clock("none", "", 0, None)
    guessed = hours().guessed(row.due_at) if row.state in BY_HOURS else None
    return clock(row.since, row.due_at, row.warn_at, now, guessed=guessed)


@dataclass(frozen=True)
class Row:
    """A line of a list."""

    it: Mediation
    state: str
    where: str
    source: str
    mediator: str
    clock: Clock


def rows_of(found: list[Mediation], now: datetime) -> list[Row]:
    states, where = cycle("mediation"), places.in_words(m.area for m in found)
    people = names.names("user", {m.mediator for m in found})
    return [Row(m, states.state_label(m.state), where[m.area], str(SOURCES[m.source]), people.get(m.mediator, ""),
                clock_of(m, now)) for m in found]


@dataclass(frozen=True)
class Step:
    """One of the steps. shown: done, cur, or "" for later."""

    number: int
    label: str
    shown: str
    at: datetime | None


def steps_of(row: Mediation) -> list[Step]:
    """The eight steps. The one under way is called by its state: what is being performed was not visited yet."""
    states, at = cycle("mediation"), facts.step_of(row.state)
    done = at or _reached(row)  # a case that ended otherwise went so far
    times = {"registered": row.registered_at, "consent": row.consent_at, "agreed": row.agreed_at,
             "visited": row.visited_at, "filed": row.closed_at if row.state == "filed" else None}
    return [Step(n, states.state_label(row.state if n == at else state),
                 "done" if n < done else "cur" if n == at else "", times.get(state))
            for n, (state, _of) in enumerate(STEPS, 1)]


def _reached(row: Mediation) -> int:
    return 5 if row.consent_at else 4 if row.body_id else 2


@dataclass(frozen=True)
class Entry:
    at: datetime
    text: str
    who: str


def timeline(row: Mediation) -> list[Entry]:
    """The case's events, newest first, without anybody's words; of an example, whose past is invented, its times."""
    events = [e for e in events_of("mediation", row.id) if e.kind != "mediation.noted"]
    if row.example and all(e.kind in ("mediation.late", "mediation.revealed") for e in events):
        told = [(step.at, step.label) for step in steps_of(row) if step.at]
        return [Entry(at, text, _("Example")) for at, text in told][::-1]
    people = names.names("user", {e.actor for e in events})
    return [Entry(e.at, _text(e), people.get(e.actor, _("The centre"))) for e in events][::-1]


def _text(e: Fact) -> str:
    p = e.payload
    parts = [label(e.kind)]
    tables: tuple[tuple[str, Any], ...] = (
        ("dispute_level", LEVELS), ("side", SIDES), ("referred", TARGETS), ("session_where", WHERE),
        ("performed", PERFORMED), ("dispute_source", SOURCES))
    parts += [str(table[p[key]]) for key, table in tables if p.get(key) in table]
    if p.get("bodies") or p.get("body"):
        codes = p.get("bodies") or [p["body"]]
        known = names.names("mediation-body", codes)
        parts.append(" → ".join(known.get(c, c) for c in codes))
    if p.get("until"):
        until = localtime(datetime.fromisoformat(p["until"]))
        parts.append(_("until %(at)s") % {"at": f"{until:%m-%d %H:%M}"})
    if e.kind == "mediation.late":
        parts.append(cycle("mediation").state_label(p["state"]))
    if p.get("lasted_min"):
        parts.append(_("%(n)s min") % {"n": p["lasted_min"]})
    if e.kind == "mediation.registered" and p.get("parties"):
        parts.append(ngettext("%(n)s party", "%(n)s parties", p["parties"]) % {"n": p["parties"]})
    return (", " if not (get_language() or "").startswith("zh") else "，").join(parts)
