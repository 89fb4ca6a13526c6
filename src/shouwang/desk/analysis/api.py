"""The analysis over HTTP: the tables of each page as rows, and the calls behind them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.gate import actor, opens

from . import asking, listing
from .terms import NOWHERE, RECORDS

router = Router(tags=["analysis"])
SOURCES = ("resident", "alarm", "patrol")


class Filter(Schema):
    """As in the address of a page. The same names and values."""

    first: date | None = Field(None, alias="from", description="First day; default: 52 weeks before the last")
    last: date | None = Field(None, alias="to", description="Last day; default: the last of the record")
    area: str = Field("", max_length=200, description="Path of a district, control area or community")
    kind: list[str] = Field([], max_length=100, description="Codes or names of kinds; none: all")
    shift: str = Field("", max_length=5, description="Time of day at which a shift begins, as 23:00")
    found: Literal["", "1", "only"] = Field("", description="1: with what patrols found themselves; only: that alone")
    replay: Literal["", "1"] = Field("", description="1: the replayed calls instead of the real ones")
    days: Literal["3", "7", "14", "28"] = Field("14", description="Days within which a call repeats another")
    period: Literal["week", "month"] = "week"
    cell: int | None = Field(
        None, ge=NOWHERE, description="Square of the ground, as the lists of places number them; -1: calls on none")
    street: str | None = Field(None, max_length=200)
    hour: int | None = Field(None, ge=0, le=23)
    weekday: int | None = Field(None, ge=0, le=6, description="0: Monday")
    result: str | None = Field(None, max_length=40)
    step: str | None = Field(None, max_length=20, description="Calls that came so far: a step of the response")
    judged: Literal["", "1"] = Field("", description="1: calls for which a standard says how long the step may take")
    source: Literal["", "resident", "alarm", "patrol"] = Field("", description="Who told of the calls")
    clock: Literal["", "day", "night"] = Field("", description="day: from 6 to 22; night: the other hours")
    within: str = Field("", max_length=8000, description="Paths of areas, joined by commas: calls in one of them")


class SheetOut(Schema):
    name: str
    columns: list[str]
    hidden: int = Field(description="Rows of which so few calls are behind that you are not shown their figures")
    rows: list[dict[str, Any]] = Field(description="Seconds, shares of 1, calls; low and high: ends of 95 % intervals")


class AnalysisOut(Schema):
    view: str
    first: date
    last: date
    area: str
    calls: int | None = Field(description="Calls counted; null where they are too few to tell you")
    sheets: list[SheetOut]


class CallRow(Schema):
    at: datetime = Field(description="Local, without a zone")
    kind: str
    street: str
    area: str
    source: str
    level: int = Field(description="0: unknown")
    result: str
    found: bool = Field(description="Found by a patrol by itself")
    drill: bool
    id: str = Field(description="Of a call of this desk; empty for one of a file")
    response_s: float | None


class CallsOut(Schema):
    total: int
    page: int
    rows: list[CallRow]


class Paged(Filter):
    page: int = Field(1, ge=1, le=100_000)


@router.get("/analysis/calls", response=CallsOut)
@opens(RECORDS)
def calls(request: HttpRequest, wanted: Query[Paged]) -> dict[str, Any]:
    """The calls behind a figure, newest first."""
    who = actor(request)
    known = asking.record(timezone.now())
    asked = asking.read(request.GET, who, known)
    who.require(RECORDS, asked.area)
    found = listing.Calls(asking.chosen(asked, known))
    start = (wanted.page - 1) * listing.PER_PAGE
    rows = [{**vars(call), "source": SOURCES[call.source]} for call in found[start : start + listing.PER_PAGE]]
    return {"total": len(found), "page": wanted.page, "rows": rows}


@router.get("/analysis/{view}", response=AnalysisOut)
@opens("analysis.view")
def analysis(
    request: HttpRequest, wanted: Query[Filter],
    view: Literal["where", "when", "what", "repeats", "trends", "response", "patrols"],
) -> dict[str, Any]:
    """The tables of a page."""
    who = actor(request)
    known = asking.record(timezone.now())
    asked = asking.read(request.GET, who, known)
    told, counted = asking.answer(view, asked, who, known)
    return {
        "view": view, "first": asked.first, "last": asked.last, "area": asked.area, "calls": counted,
        "sheets": [{"name": s.name, "columns": s.columns, "hidden": s.hidden, "rows": [_plain(r) for r in s.rows]}
                   for s in told.sheets],
    }  # fmt: skip


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """JSON knows no infinity: an end that is open is left out."""
    return {k: None if isinstance(v, float) and not (abs(v) < float("inf")) else v for k, v in row.items()}
