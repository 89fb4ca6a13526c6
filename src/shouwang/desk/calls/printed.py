"""One call as a PDF document: the same values as the sheet to print, with the map as lines."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.people.templatetags.desk import clock, name
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get_many

from .models import Call
from .paper import Paper, entered, map_of, paper
from .questions import told
from .terms import TICKS, Export, Taken

CLOCK = "%H:%M:%S"


def pdf(export: Export, call: Call, *, by: Actor, said: tuple[Taken, ...], remarks: dict[str, str], now: datetime,
        language: str) -> bytes:
    """`said`, `remarks`: what callers and staff said, where the export is personal."""
    from shouwang.tables.pdf import Document, Grid, Heading, Pairs, Text, written  # only who saves a document waits

    made = paper(call, personal=export.personal, notes=remarks, now=now)
    drawn = map_of(made)
    parts: list[Any] = [Pairs(_facts(made)), *([drawn] if drawn else [])]
    if made.seen:
        parts.append(Text(_("Squares: units as they were last seen, %(at)s.") % {"at": _stamp(now)}, small=True))
    parts += [Heading(_("Times")), Grid(_times(made), (5, 4, 2))]
    if made.sent:
        parts += [Heading(_("Units")), Grid(_sent(made), (4, 2, 2, 2, 2, 2, 3))]
    if export.personal:
        parts += [Heading(_("Callers")), Pairs(_callers(said)) if said else
                  Text(_("Nothing was said, or it is deleted on schedule."))]
    parts += [Heading(_("What happened")), Grid(
        _lines(made, export.personal), (3, 12, 3) if export.personal else (3, 15))]
    return written(Document(
        _("Call %(number)s") % {"number": call.number}, parts, language, _above(call),
        f"{_origin(export, by)} {_handling(export.personal)}", _("Page %(n)s of %(all)s")))


def _above(call: Call) -> str:
    known = get_many("district_zh", "district_en", "example_note")
    district = name({"zh": known["district_zh"], "en": known["district_en"]})
    notes = {"": "", "generated": _("Generated calls")}
    note = notes.get(known["example_note"], _("Example data"))
    return "  ".join(t for t in (f"{_('Shouwang')} {district}", note, _("Replay") if call.drill else "") if t)


def why(export: Export) -> str:
    """What the export was asked for."""
    return read_reasons([export.id]).get(str(export.id), "")


def _origin(export: Export, by: Actor) -> str:
    return _("Made by %(who)s, %(at)s, for: %(why)s. Entry in the log: %(id)s.") % {
        "who": by.name, "at": f"{localtime(export.at):%Y-%m-%d %H:%M:%S}", "why": why(export), "id": export.id}


def _handling(personal: bool) -> str:
    return (_("Holds personal data: destroy it when it has served.") if personal
            else _("Without names, numbers and words of callers."))


def _facts(made: Paper) -> list[tuple[str, str]]:
    call = made.call
    rows = [
        (_("Type"), " · ".join(t for t in (str(call.type), made.severity, made.alarm) if t)),
        (_("Place"), " · ".join(t for t in (made.place, made.area, f"{call.lat:.5f}, {call.lon:.5f}") if t)),
        (_("Services"), ", ".join(made.services)),
        (_("State"), " · ".join(t for t in (cycle("call").state_label(call.state), made.result, call.receiver) if t)),
    ]
    if made.entered_at:
        rows.append((_("Worked on paper"), _("The times are the true ones; entered %(at)s.") % {
            "at": _stamp(made.entered_at)}))
    return [row for row in rows if row[1]]


def _stamp(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}"


def _times(made: Paper) -> list[list[str]]:
    rows = [[t.label, _stamp(t.at), clock(t.after.total_seconds())] for t in made.times]
    return [[_("Moment"), _("Time"), _("Elapsed")], *rows]


def _sent(made: Paper) -> list[list[str]]:
    head = [_("Unit"), _("Sent at"), _("Acknowledged"), _("On the way"), _("On scene"), _("Task over"), _("Result")]
    rows = [(name(s.unit), *(f"{localtime(at):{CLOCK}}" if at else "" for at in s.times), s.result) for s in made.sent]
    return [head, *([cell or "—" for cell in row] for row in rows)]


def _callers(said: tuple[Taken, ...]) -> list[tuple[str, str]]:
    rows = []
    for one in said:
        ticks = [str(TICKS[k]) for k in one.caller.ticks if k in TICKS]
        answers = [f"{question} {answer}" for question, answer in told(one.caller.answers)]
        who = f"{one.caller.name} {one.caller.number}".strip()
        text = [" · ".join(t for t in (who, *ticks) if t), one.caller.words]
        rows.append((f"{localtime(one.at):{CLOCK}}", "  ".join(t for t in (*text, *answers) if t)))
    return rows


def _lines(made: Paper, personal: bool) -> list[list[str]]:
    rows = [[_("Time"), _("What"), _("Done by")]]
    for e in made.lines:
        what = [e.text, *(f"“{t}”" for t in (e.reason, e.note) if t)]
        what += [f"({entered(e.entered_at)})"] if e.entered_at else []
        rows.append([f"{localtime(e.at):%m-%d {CLOCK}}", " ".join(what), e.who])
    return rows if personal else [row[:2] for row in rows]
