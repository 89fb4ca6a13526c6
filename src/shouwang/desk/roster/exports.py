"""A roster as a file: a table for spreadsheets, the question for `shouwang roster solve`, a member's calendar."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.workflow import calendar_files, tables

from . import facts, pages
from .facts import TurnFact
from .models import Roster


def answer(roster: Roster, kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind, and for a table while there is no roster."""
    name = f"roster-{roster.first}"
    if kind == "json":
        response = HttpResponse(json.dumps(roster.given, ensure_ascii=False, indent=1), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    if kind not in tables.TYPES:
        raise Missing(_("Rosters are given as csv, xlsx or json."), code="kind")
    if not roster.rows:
        raise Missing(_("This roster has not been made yet."), code="rows")
    return tables.answer(_table(roster), name, kind)


def _table(roster: Roster) -> list[list[object]]:
    told = pages.grid(roster, timezone.now())
    heads: list[object] = [_("Service"), _("Member"), _("Staff number"), *(f"{c.day}" for c in told["columns"]),
                           _("Hours"), _("Nights"), _("Weekend days"), _("Holidays")]  # fmt: skip
    rows = [heads]
    for group in told["groups"]:
        for line in group["lines"]:
            sums = line.sums
            rows.append([group["name"], line.name, line.staff_no, *(c.says for c in line.cells), float(line.hours),
                         sums["nights"], sums["weekends"], sums["holidays"]])  # fmt: skip
        for row in group["cover"]:
            rows.append([group["name"], _("on at %(shift)s, of those needed") % {"shift": row["start"]}, "",
                         *(f"{c['there']}/{c['asked']}" for c in row["cells"])])  # fmt: skip
    return rows


def attendance(rows: Sequence[pages.AttendedRow], day: date, kind: str) -> HttpResponse:
    """The turns of a day and how each was met."""
    if kind not in tables.TYPES:
        raise Missing(_("Attendance is given as csv or xlsx."), code="kind")
    told: list[list[object]] = [[_("Shift"), _("Service"), _("Member"), _("Staff number"), _("Attendance"),
                                 _("Clocked on"), _("Clocked off"), _("Place"), _("By the plan"),
                                 _("Together with")]]  # fmt: skip

    def clock(at: datetime | None) -> str:
        return f"{timezone.localtime(at):%H:%M}" if at else ""

    told += [[f"{clock(r.start)}—{clock(r.end)}", r.service, r.name, r.staff_no, r.word, clock(r.on_at),
              clock(r.off_at), r.place, r.planned, r.beside] for r in rows]  # fmt: skip
    return tables.answer(told, f"attendance-{day}", kind)


def calendar(turns: Sequence[TurnFact], now: datetime) -> str:
    """A member's turns for a phone's calendar, each with where it is."""
    where = facts.where(turns)
    return calendar_files.calendar(
        (calendar_files.Entry(f"{t.user}-{t.day}", t.start, t.end, _("Duty"),
                              _(", ").join(filter(None, (str(where.get(t.id, "")), pages.area_name(t.area)))))
         for t in turns),
        now=now, what="Rosters",
    )  # fmt: skip
