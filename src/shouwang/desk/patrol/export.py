"""A plan as a table for people without the desk."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from shouwang.desk.log.errors import Missing
from shouwang.desk.people.templatetags.desk import name

from . import pages
from .models import Plan, PlanPost

TYPES = {"csv": "text/csv; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def answer(plan: Plan, posts: Sequence[PlanPost], kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind than csv and xlsx."""
    if kind not in TYPES:
        raise Missing(_("Plans are given as csv or xlsx."), code="kind")
    rows = table(plan, posts)
    start = timezone.localtime(plan.shift_start)
    response = HttpResponse(_csv(rows) if kind == "csv" else _xlsx(rows), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="plan-{start:%Y-%m-%d-%H%M}.{kind}"'
    return response


def table(plan: Plan, posts: Sequence[PlanPost]) -> list[list[str | float]]:
    """A heading and one row per unit; the plan's shift and state in every row, so that a sheet torn off still tells."""
    start, end = (timezone.localtime(t) for t in (plan.shift_start, plan.shift_end))
    shift = f"{start:%Y-%m-%d %H:%M}—{end:%H:%M}"
    lines = {n.unit: n for n in plan.lines.all() if n.taken}
    rows: list[list[str | float]] = [[
        _("Shift"), _("State"), _("Unit"), _("Service"), _("Today at"), _("Plan"), _("Longitude"), _("Latitude"),
        _("Moved"), _("Line"), _("Minutes a round"),
    ]]  # fmt: skip
    for post in posts:
        line = lines.get(post.unit)
        base, place = name({"zh": post.base_zh, "en": post.base_en}), name({"zh": post.place_zh, "en": post.place_en})
        goes = post.moves and post.taken
        rows.append([
            shift, pages.state_of(plan), str(post), pages.service_name(post.service), base, place if goes else base,
            *post.stands, _("yes") if goes else "", "—".join(line.streets) if line else "",
            round(line.minutes) if line else "",
        ])  # fmt: skip
    return rows


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets that it is UTF-8


def _xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(cell: object) -> object:
    """A spreadsheet must not take a name for a formula."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
