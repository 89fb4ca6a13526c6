"""A comparison as a file for people without the desk, and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing

from .models import Study

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
MEASURES = ("within", "mean_s", "median_s", "p90_s", "wait_s", "waited", "unserved", "busy")
GROUPED = ("within", "mean_s", "median_s", "p90_s")


def answer(study: Study, kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind, and while there are no figures."""
    if kind not in TYPES or not study.figures:
        raise Missing(_("Comparisons that were played are given as csv or json."), code="kind")
    response = HttpResponse(_csv(study) if kind == "csv" else _json(study), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="comparison-{study.made_at:%Y-%m-%d-%H%M}.{kind}"'
    return response


def _json(study: Study) -> bytes:
    told = {"id": str(study.id), "title": study.title, "made_at": study.made_at.isoformat(), "simulated": True,
            "given": study.given, "figures": study.figures}  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _csv(study: Study) -> bytes:
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["title", "simulated", "scenario", "area", "hour", "measure", "value", "low", "high"])
    title = f"'{study.title}" if study.title[:1] in "=+-@\t" else study.title
    for row in rows(study.figures):
        out.writerow([title, "yes", *row])
    return text.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets that it is UTF-8


def rows(figures: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Scenario (A, B, or B-A), area, hour, measure, and the estimate with its 95 % interval."""
    areas = [area["path"] or "elsewhere" for area in figures["areas"]]
    for side in ("a", "b"):
        told = figures[side]
        yield from ([side.upper(), "", "", name, *told[name]] for name in MEASURES)
        for number, group in told["areas"].items():
            yield from ([side.upper(), areas[int(number)], "", name, *group[name]] for name in GROUPED)
        for hour, group in told["hours"].items():
            yield from ([side.upper(), "", hour, name, *group[name]] for name in GROUPED)
    change = figures["change"]
    yield from (["B-A", "", "", name, *change[name]] for name in change if name not in ("areas", "hours"))
    yield from (["B-A", areas[int(number)], "", "within", *value] for number, value in change["areas"].items())
    yield from (["B-A", "", hour, "within", *value] for hour, value in change["hours"].items())
