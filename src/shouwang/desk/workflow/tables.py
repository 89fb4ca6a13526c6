"""Lists as files for people without the desk: CSV, and sheets for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook

from shouwang.desk.log.errors import Missing

TYPES = {"csv": "text/csv; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def known(kind: str) -> None:
    """Raises Missing for a file of no kind that lists are given in."""
    if kind not in TYPES:
        raise Missing(_("The list is given as csv or xlsx."), code="kind")


def answer(rows: Sequence[Sequence[object]], name: str, kind: str) -> HttpResponse:
    """The rows as a file to be saved, the heading first. kind: csv or xlsx."""
    response = HttpResponse(csv_of(rows) if kind == "csv" else xlsx_of(rows), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def csv_of(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[safe(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets that it is UTF-8


def xlsx_of(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([safe(cell) for cell in row])
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def safe(cell: object) -> object:
    """A spreadsheet must not take a name for a formula."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
