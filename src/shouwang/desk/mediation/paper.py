"""The agreement as a document: Word to be written on, PDF to be kept, or a sheet to print. All are made of the same
lines, in Chinese or English, with blank fields for the signatures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .actions.opening import Opened, OpenParty
from .layouts import filled, template_of
from .models import Mediation
from .terms import SIDES, WHO

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Microsoft YaHei"


@dataclass(frozen=True)
class Sheet:
    """`parties`: rows of side, who, name, telephone, address; `lines`: paragraphs under a heading; `signs`: what each
    blank field is for."""

    title: str
    number: str
    facts: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    parties: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    signs: tuple[str, ...]
    example: bool


def sheet(row: Mediation, opened: Opened, *, area: str, now: datetime) -> Sheet:
    """The centre's layout for this kind of dispute, filled in (调解协议书), between the parties and the blank fields
    for the signatures of the parties, the mediator and whoever wrote it down."""
    told = (
        (_("Body"), str(row.body or "")), (_("Kind of dispute"), str(row.kind)), (_("Community"), area),
        (_("Made on"), f"{localtime(now):%Y-%m-%d}"),
    )
    account = next((w.text for w in opened.words if w.kind == "account"), "")
    until = opened.perform_by.isoformat() if opened.perform_by else ""
    template = template_of(row.kind.code)
    lines = filled(template, {
        "account": account, "terms": opened.terms, "perform_by": until, "number": row.number, "kind": str(row.kind),
        "body": str(row.body or ""), "community": area, "day": f"{localtime(now):%Y-%m-%d}"})
    signs = tuple(_signer(p) for p in opened.parties)
    signs += (_("Mediator"), _("Written down by"), _("Seal of the body"))
    head = (_("Side"), _("Person or organisation"), _("Full name"), _("Telephone"), _("Address"))
    parties = tuple((str(SIDES[p.side]), str(WHO[p.kind]), p.name, p.phone, p.address) for p in opened.parties)
    return Sheet(str(template), row.number, told, head, parties, lines, signs, row.example)


def _signer(one: OpenParty) -> str:
    """Their side alone: who signs writes the name."""
    what = _("signature or fingerprint") if one.kind == "person" else _("signature and seal")
    chinese = (get_language() or "").startswith("zh")
    return f"{SIDES[one.side]}（{what}）" if chinese else f"{SIDES[one.side]} ({what})"


def docx(made: Sheet) -> bytes:
    from docx import Document  # a quarter of a second: only those who save a document wait
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm

    document = Document()
    style = document.styles["Normal"]
    style.font.name = FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.add_heading(made.title, 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(made.number).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if made.example:
        document.add_paragraph().add_run(_("Example data")).bold = True
    for name, value in made.facts:
        document.add_paragraph(f"{name}: {value}")
    _grid(document, [made.head, *made.parties])
    for title, lines in made.lines:
        document.add_heading(title, 2)
        for line in lines:
            document.add_paragraph(line)
    document.add_heading(_("Signatures"), 2)
    table = _grid(document, [(sign, "", _("Day"), "") for sign in made.signs])
    for row in table.rows:
        row.height = Cm(1.4)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf(made: Sheet) -> bytes:
    from shouwang.tables.pdf import Document, Grid, Heading, Pairs, Part, Text, written  # only who saves one waits

    parts: list[Part] = [Text(made.number), Pairs(made.facts), Grid([made.head, *made.parties], (2, 3, 3, 3, 5))]
    for title, lines in made.lines:
        parts += [Heading(title), *(Text(line) for line in lines)]
    signs = [(sign, "", _("Day"), "") for sign in made.signs]
    parts += [Heading(_("Signatures")), Grid(signs, (4, 6, 1, 3), head=False, boxed=True, high_mm=14)]
    return written(Document(made.title, parts, get_language() or "", _("Example data") if made.example else "",
                            made.number, _("Page %(n)s of %(all)s")))


FILES = {"docx": (docx, TYPE), "pdf": (pdf, "application/pdf")}


def _grid(document: Any, rows: Sequence[Sequence[str]]) -> Any:
    table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, value in zip(cells.cells, row, strict=True):
            cell.text = value
    return table
