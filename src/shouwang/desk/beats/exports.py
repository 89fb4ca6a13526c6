"""A proposal as a file: borders for maps and for the import of areas, and a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from shouwang.desk.log.errors import Missing
from shouwang.desk.people.templatetags.desk import name

from .models import Proposal

TYPES = {
    "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
Cell = str | float | int | None


def answer(proposal: Proposal, kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind, and while there are no figures."""
    if kind not in TYPES:
        raise Missing(_("Beats are given as geojson, csv or xlsx."), code="kind")
    if kind == "geojson":
        content = json.dumps(collection(proposal), ensure_ascii=False).encode()
    else:
        sheets = tables(proposal)
        content = _csv(sheets) if kind == "csv" else _xlsx(sheets)
    response = HttpResponse(content, content_type=TYPES[kind])
    made = timezone.localtime(proposal.made_at)
    response["Content-Disposition"] = f'attachment; filename="beats-{made:%Y-%m-%d-%H%M}.{kind}"'
    return response


def collection(proposal: Proposal) -> dict[str, Any]:
    """A GeoJSON FeatureCollection that the import of areas takes. Raises Missing while there are no figures."""
    if not proposal.figures:
        raise Missing(_("This proposal has not been made yet."), code="figures")
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": beat["geometry"], "properties": {
            "code": beat["code"], "kind": "beat", "zh": beat["zh"], "en": beat["en"], "parent": beat["parent"],
            "setting": "town", "calls_a_day": beat["calls"], "hours_a_day": beat["hours"],
            "mean_drive_s": beat["drive_s"], "longest_drive_s": beat["far_s"],
        }}
        for beat in proposal.figures["after"]
    ]}  # fmt: skip


def tables(proposal: Proposal) -> list[tuple[str, list[list[Cell]]]]:
    """Beats before and after, what changes hands, and the beat of each cell: a name and rows with a heading each."""
    if not proposal.figures:
        raise Missing(_("This proposal has not been made yet."), code="figures")
    told = proposal.figures
    before, after = ([name(beat) for beat in told[side]] for side in ("before", "after"))

    def beat(names: Sequence[str], number: int) -> str:
        return names[number] if number >= 0 else ""

    beats: list[list[Cell]] = [[
        _("Division"), _("Beat"), _("Calls a day"), _("Hours of work a day"), _("Calls against the mean, %"),
        _("Mean drive, s"), _("Longest drive, s"), _("Grid cells"), _("Patrols there"),
    ]]  # fmt: skip
    for label, side in ((_("today"), "before"), (_("proposed"), "after")):
        for row in told[side]:
            share = None if row["share"] is None else round(row["share"] * 100, 1)
            beats.append([label, name(row), round(row["calls"], 2), round(row["hours"], 2), share, row["drive_s"],
                          row["far_s"], row["cells"], row["units"]])  # fmt: skip
    changes: list[list[Cell]] = [[
        _("From beat"), _("To beat"), _("Grid cells"), _("Calls a day"), _("Driving saved, minutes a day"),
    ]]  # fmt: skip
    for row in told["changes"]:
        changes.append([before[row["from"]], after[row["to"]], row["cells"], round(row["calls"], 2),
                        round(row["saved_min"], 2)])  # fmt: skip
    cells: list[list[Cell]] = [[_("Cell"), _("As it is"), _("Proposed")]]
    cells += [[path, beat(before, was), beat(after, now)] for path, was, now in told["cells"]]
    return [(_("Beats"), beats), (_("What changes hands"), changes), (_("Grid cells"), cells)]


def _csv(sheets: Sequence[tuple[str, list[list[Cell]]]]) -> bytes:
    """The beats; what else there is stands in the workbook."""
    text = io.StringIO()
    csv.writer(text).writerows([[_plain(cell) for cell in row] for row in sheets[0][1]])
    return text.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets that it is UTF-8


def _xlsx(sheets: Sequence[tuple[str, list[list[Cell]]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_plain(cell) for cell in row])
        sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(cell: Cell) -> Cell:
    """A spreadsheet must not take a name for a formula."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
