"""The report after an event, drafted from the log: times against the plan, what was late, and blank places where people
judge. A draft, which says so. As a page to print, as a Word file and as PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.names import names

from . import facts
from .models import Command, Major
from .story import level_name, story
from .terms import ITEM_STATES, SEVERITY, STATUS, role_name, told

FONT = "Microsoft YaHei"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Section:
    """A heading with sentences and a table (its first row the heading); `blank`: empty lines to write on."""

    title: str
    lines: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    blank: int = 0


@dataclass(frozen=True)
class Report:
    title: str
    notice: str
    sections: Sequence[Section]


def draft(event: Major, now: datetime) -> Report:
    """The report as it can be drafted at this moment. The caller logs that words are read."""
    notice = _("DRAFT, made from the log at %(at)s. Nobody has judged or signed it. Times are as entered.") % {
        "at": f"{localtime(now):%Y-%m-%d %H:%M}"}
    sections = [_summary(event, now), _commands(event), _tasks(event), _late(event), _lists(event), _forces(event),
                _people(event), _warnings(event, now), *_judgement(), _log(event)]
    title = _("Report on %(event)s: %(kind)s") % {"event": event, "kind": told(event.plan, "kind")}
    return Report(title, notice, sections)


def _at(at: datetime | None) -> str:
    return f"{localtime(at):%m-%d %H:%M:%S}" if at else "—"


def _minutes(since: datetime, at: datetime | None) -> str:
    return f"{(at - since).total_seconds() / 60:.0f}" if at else "—"


def _summary(event: Major, now: datetime) -> Section:
    end = event.ended_at or now
    rows = [
        [_("Point of the list"), _("As recorded")],
        [_("Event plan"), told(event.plan)],
        [_("Place"), event.place],
        [_("Begun"), _at(event.started_at)],
        [_("Ended"), _at(event.ended_at) if event.ended_at else _("still under way")],
        [_("Lasted, min"), _minutes(event.started_at, end)],
        [_("Level at the end"), level_name(event, event.level)],
        [_("Calls"), ", ".join(c.number for c in facts.calls_of(event)) or "—"],
        [_("It ends when"), told(event.plan, "end") or "—"],
        [_("The plan wants"), ", ".join(f"{name} {n}" for name, n in facts.resources(event)) or "—"],
    ]
    if event.drill:
        rows.append([_("Kind"), _("Replay")])
    return Section(_("Summary"), table=rows)


def _commands(event: Major) -> Section:
    rows = facts.commands_of(event)
    people = names("user", [i for c in rows for i in (c.given_by, c.taken_by)])
    table = [[_("Opened"), _("Level"), _("Role by the plan"), _("Giver"), _("Given"), _("Taker"), _("Taken at"),
              _("Remark")]]
    table += [[_at(c.opened_at), c.level, role_name(c.role), people.get(c.given_by, "—"), _at(c.given_at),
               people.get(c.taken_by, "—"), _at(c.taken_at), _of_command(c, n)] for n, c in enumerate(rows)]
    return Section(_("In command"), table=table)


def _of_command(row: Command, n: int) -> str:
    said = []
    if row.state == "taken":
        if not row.given_by and n:
            said.append(_("the giver's signature lacks"))
        if not row.by_plan:
            said.append(_("the taker holds another role"))
    else:
        said.append(_("taken back") if row.state == "withdrawn" else _("waits"))
    if row.late_at:
        said.append(_("not taken in time"))
    return ", ".join(said)


def _tasks(event: Major) -> Section:
    rows = facts.items(event, event.started_at, kind="task")
    table = [[_("Task"), _("Owner"), _("Planned, min"), _("Done after, min"), _("Late, min"), _("State")]]
    in_time = late = undone = 0
    for i in rows:
        over = i.row.ended_at if i.row.state == "done" else None
        behind = (over - i.row.due_at).total_seconds() / 60 if over and i.row.due_at else 0.0
        undone += i.row.state in ("open", "doing")
        late += behind > 0
        in_time += bool(over and i.row.due_at and behind <= 0)
        table.append([i.text, i.owner, _minutes(event.started_at, i.row.due_at), _minutes(event.started_at, over),
                      f"{behind:.0f}" if behind > 0 else "", str(ITEM_STATES[i.row.state])])
    line = _("In time %(in_time)s, late %(late)s, not done %(undone)s, of %(all)s tasks. Those without planned "
             "minutes have no clock.") % {"in_time": in_time, "late": late, "undone": undone, "all": len(rows)}
    set_ = facts.items(event, event.started_at, kind="objective")
    objectives = [f"{i.text}: {ITEM_STATES[i.row.state]}" for i in set_]
    return Section(_("Tasks against the plan"), [line, *([_("Objectives:"), *objectives] if objectives else [])], table)


def _late(event: Major) -> Section:
    end, found = event.ended_at, []
    for i in facts.items(event, event.started_at, kind="task"):
        if i.row.due_at is None or i.row.state == "dropped":
            continue
        until = i.row.ended_at or end
        if until is None or until > i.row.due_at:
            behind = f"{(until - i.row.due_at).total_seconds() / 60:.0f}" if until else "—"
            state = _("done late") if i.row.state == "done" else _("never done") if end else _("not yet done")
            if i.row.state == "done" or end or i.row.late_at:
                found.append([i.text, i.owner, behind, state])
    found += [[_("Command: %(role)s") % {"role": role_name(c.role)}, "", _minutes(c.due_at, c.taken_at or end),
               _("taken late") if c.state == "taken" else _("never taken")]
              for c in facts.commands_of(event) if c.late_at]
    if not found:
        return Section(_("What was late"), [_("Nothing with a planned time was late.")])
    found.sort(key=lambda row: -float(row[2]) if row[2] != "—" else 0.0)
    return Section(_("What was late"), table=[[_("Point of the list"), _("Owner"), _("Late, min"), _("How")], *found])


def _lists(event: Major) -> Section:
    table = [[_("List"), _("Line"), _("After, min")]]
    for of, title in (("notify", _("Whom to tell")), ("check", _("Checklist"))):
        table += [[title, text, _minutes(event.started_at, t.done_at)] for t, text in facts.ticks(event, of)]
    return Section(_("Whom was told, what was checked"), table=table)


def _forces(event: Major) -> Section:
    table = [[_("Unit or agency"), _("Call"), _("Sent at"), _("On scene"), _("Ended"), _("State")]]
    times = {(c.number, a["unit"]): a for c in facts.calls_of(event) for a in calls.detail(c)["assignments"]}
    for h in facts.forces(event):
        a = times.get((h.call, h.ref), {})
        moments = [_at(datetime.fromisoformat(a[k])) if a.get(k) else "—" for k in ("assigned", "on_scene", "ended")]
        table.append([h.name, h.call, *moments, h.label])
    if len(table) == 1:
        return Section(_("Units and agencies"), [_("None were sent by this desk.")])
    return Section(_("Units and agencies"), table=table)


def _people(event: Major) -> Section:
    rows = [[name, "—" if n is None else str(n)] for _code, name, n in facts.counts(event)]
    return Section(_("People, counted"), [_("Last figures; how they grew stands in the log. Nobody is named.")],
                   [[_("Point of the list"), _("How many")], *rows])


def _warnings(event: Major, now: datetime) -> Section:
    rows = facts.warnings_of(event)[::-1]
    if not rows:
        return Section(_("Warnings"), [_("No warning was issued.")])
    return Section(_("Warnings"), table=[
        [_("Identifier"), _("Issued at"), _("Gravity"), _("Headline"), _("Until"), _("Kind of message")],
        *([w.identifier, _at(w.sent_at), str(SEVERITY.get(w.given["severity"], "")), told(w.given, "headline"),
           _at(w.expires_at), f"{w.msg_type}, {STATUS[w.status]}"] for w in rows)])


def _judgement() -> list[Section]:
    hint = _("For people to write. The software judges nothing.")
    return [Section(_("To be judged: what went well"), [hint], blank=4),
            Section(_("To be judged: what went wrong, and why"), blank=6),
            Section(_("To be judged: was the plan right"), blank=4),
            Section(_("To be decided: who changes what, until when"), blank=4),
            Section(_("Judged by, on"), blank=2)]


def _log(event: Major) -> Section:
    lines = [[_("Time"), _("What happened"), _("Who")]]
    lines += [[_at(e.at), f"{e.text} “{e.words}”" if e.words else e.text, e.who] for e in story(event)]
    gone = [_("Words about the event are deleted on schedule")] if event.words_deleted_at else []
    return Section(_("The log"), gone, lines)


def as_docx(report: Report) -> bytes:
    """The report as a Word file, with the notice in the head of every page."""
    from docx import Document  # a quarter of a second: only those who save a report wait
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.sections[0].header.paragraphs[0].text = report.notice
    document.add_heading(report.title, 1)
    document.add_paragraph().add_run(report.notice).bold = True
    for section in report.sections:
        document.add_heading(section.title, 2)
        for line in section.lines:
            document.add_paragraph(line)
        if section.table:
            table = document.add_table(len(section.table), len(section.table[0]), style="Light Grid Accent 1")
            for cells, row in zip(table.rows, section.table, strict=True):
                for cell, value in zip(cells.cells, row, strict=True):
                    cell.text = "".join(c for c in value if c >= " " or c in "\n\t")  # XML holds no other control marks
        for _n in range(section.blank):
            document.add_paragraph("_" * 70)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def as_pdf(report: Report) -> bytes:
    """The same to be kept, with the notice at the foot of every page."""
    from shouwang.tables.pdf import Document, Grid, Heading, Part, Text, written  # only who saves a report waits

    parts: list[Part] = [Text(report.notice, bold=True)]
    for section in report.sections:
        parts += [Heading(section.title), *(Text(line) for line in section.lines)]
        parts += [Grid(section.table)] if section.table else []
        parts += [Text("_" * 80)] * section.blank
    return written(Document(report.title, parts, get_language() or "", foot=report.notice,
                            page=_("Page %(n)s of %(all)s")))


FILES = {"docx": (as_docx, DOCX), "pdf": (as_pdf, "application/pdf")}
