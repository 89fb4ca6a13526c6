"""An answer as a file: a report for Word or as PDF and a workbook, all with the chart, and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing

from . import charts, pages
from .models import Review

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
Cell = str | float | int | None
Table = tuple[str, list[list[Cell]]]
FONT = "Microsoft YaHei"


def answer(review: Review, kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind."""
    makers: dict[str, Callable[[Review], bytes]] = {"docx": _docx, "pdf": _pdf, "xlsx": _xlsx, "csv": _csv}
    if kind not in makers:
        raise Missing(_("Answers are given as docx, pdf, xlsx or csv."), code="kind")
    response = HttpResponse(makers[kind](review), content_type=TYPES[kind])
    made = timezone.localtime(review.done_at)
    response["Content-Disposition"] = f'attachment; filename="effects-{made:%Y-%m-%d-%H%M}.{kind}"'
    return response


def tables(told: dict[str, Any]) -> list[Table]:
    """Sums of the groups, areas, and parts of the time, each with a heading."""
    heading: list[Cell] = [_("Before"), _("After"), _("Change in calls")]
    groups: list[list[Cell]] = [[_("Group of areas"), _("Areas"), *heading]]
    groups += [[str(s["role_word"]), s["areas"], s["before"], s["after"], s["change"]] for s in told["sums"]]
    areas: list[list[Cell]] = [[_("Area"), _("Group of areas"), *heading]]
    areas += [[a["name"], str(a["role_word"]), a["before"], a["after"], a["change"]] for a in told["areas"]]
    times: list[list[Cell]] = [[_("Part from"), _("Calls with the measure"), _("Expected without it")]]
    times += [[p["day"], p["treated"], float(p["without"])] for p in told["periods"]]
    return [(_("Groups"), groups), (_("Areas"), areas), (_("Course"), times)]


def lines(review: Review, told: dict[str, Any]) -> list[str]:
    """The answer and what it rests on, a paragraph each."""
    asked, figures = told["asked"], told["figures"]
    says = [told["head"], told["size"], told["near"]]
    says.append(_("Before: %(a)s to %(b)s. After: %(c)s to %(d)s.") % dict(zip("abcd", [
        day.isoformat() for day in (*told["before"], *told["after"])], strict=True)))  # fmt: skip
    says.append(_("Calls of residents: %(kinds)s, %(hours)s.") % {
        "kinds": ", ".join(told["kinds"]) or _("all kinds"), "hours": told["hours"]})  # fmt: skip
    if figures["generated"]:
        says.append(_("Generated example data: no such calls were made."))
    elif figures["moved_days"]:
        says.append(_("Example data: old days moved up to now by whole weeks."))
    says += told["steps"]
    says += [f"{c['word']}: {c['says']}" for c in told["checks"]]
    says += [_("Assumed: %(text)s") % {"text": text} for text in told["assumes"]]
    says += [f"{o['method']}: {o['says']}" for o in told["others"]]
    made = timezone.localtime(review.done_at)
    says.append(_("%(area)s; answered %(at)s.") % {"area": asked.area, "at": f"{made:%Y-%m-%d %H:%M}"})
    return [str(one) for one in says if one]


def _docx(review: Review) -> bytes:
    from docx import Document  # a quarter of a second: only those who save a report wait
    from docx.oxml.ns import qn

    told = pages.told(review)
    document = Document()
    style = document.styles["Normal"]
    style.font.name = FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.add_heading(f"{_('Did it work?')} {review.title}", 1)
    first, *rest = lines(review, told)
    document.add_paragraph().add_run(first).bold = True
    for line in rest:
        document.add_paragraph(line)
    if told["figures"]["parts"]:
        charts.into_word(document, _chart(told), _xlsx(review), str(told["head"]))
    for title, rows in tables(told):
        document.add_heading(title, 2)
        table = document.add_table(len(rows), len(rows[0]), style="Light Grid Accent 1")
        for cells, row in zip(table.rows, rows, strict=True):
            for cell, value in zip(cells.cells, row, strict=True):
                cell.text = "" if value is None else str(value)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _pdf(review: Review) -> bytes:
    from shouwang.tables.pdf import Document, Grid, Heading, Part, Text, written  # only who saves one waits

    told = pages.told(review)
    first, *rest = lines(review, told)
    parts: list[Part] = [Text(first, bold=True), *(Text(line) for line in rest)]
    if told["figures"]["parts"]:
        title, rows = tables(told)[-1]
        parts += [Heading(title), Text(_course(told)), charts.drawn(rows, str(told["asked"].began), _course(told))]
    for title, rows in tables(told):
        parts += [Heading(title), Grid([["" if cell is None else str(cell) for cell in row] for row in rows])]
    return written(Document(f"{_('Did it work?')} {review.title}", parts, get_language() or "", foot=_("Shouwang"),
                            page=_("Page %(n)s of %(all)s")))


def _xlsx(review: Review) -> bytes:
    from openpyxl import Workbook

    told = pages.told(review)
    book = Workbook()
    sheet = book.active
    sheet.title = _("Answer")
    for line in [review.title, *lines(review, told)]:
        sheet.append([_plain(line)])
    sheet.column_dimensions["A"].width = 120
    for title, rows in tables(told):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_plain(cell) for cell in row])
        sheet.freeze_panes = "A2"
    sheet.add_chart(_chart(told), "E2")  # on the last sheet, the course of time
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _chart(told: dict[str, Any]) -> Any:
    title, rows = tables(told)[-1]
    return charts.line(title, rows, _course(told))


def _course(told: dict[str, Any]) -> str:
    return _("Calls of the areas with the measure; it began on %(day)s") % {"day": told["asked"].began}


def _csv(review: Review) -> bytes:
    """The areas; what else there is stands in the workbook."""
    text = io.StringIO()
    csv.writer(text).writerows(_plained(tables(pages.told(review))[1][1]))
    return text.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets that it is UTF-8


def _plained(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell: Cell) -> Cell:
    """A spreadsheet must not take a name for a formula."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
