"""The analyst's pages: one question in the address, six ways to look at its calls, their tables as files, and they
themselves."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow import tables

from . import asking, facts, listing, pages
from .advice.record import Record
from .terms import NARROW, NOWHERE, PERIODS, RECORDS, SEE, VIEWS, WITHIN_DAYS, Asked


@needs(SEE)
def view_page(request: HttpRequest, view: str = "where") -> HttpResponse:
    """One way to look at the calls of the address."""
    if view not in VIEWS:
        raise Missing(_("There is no such page."), code="view")
    who = actor(request)
    known = asking.record(timezone.now())
    asked = asking.read(request.GET, who, known)
    told, counted = asking.answer(view, asked, who, known)
    records = asking.sees_records(who, asked)
    words = _words(known)
    context = pages.shown(view, told, asked, words, records) | _frame(request, view, asked, known, words) | {
        "told": told, "counted": counted, "counted_text": pages.number(counted), "records": records}  # fmt: skip
    return render(request, f"analysis/{view}.html", context)


@needs(SEE)
def file(request: HttpRequest, view: str, name: str, kind: str) -> HttpResponse:
    """A table of a view, as csv or xlsx."""
    if view not in VIEWS or kind not in tables.TYPES:
        raise Missing(_("Tables are given as csv or xlsx."), code="kind")
    who = actor(request)
    known = asking.record(timezone.now())
    asked = asking.read(request.GET, who, known)
    told, _counted = asking.answer(view, asked, who, known)
    sheet = next((sheet for sheet in told.sheets if sheet.name == name), None)
    if sheet is None:
        raise Missing(_("There is no such table."), code="sheet")
    rows = pages.exported(sheet, _words(known))
    return tables.answer(rows, f"analysis-{name}-{asked.first}-{asked.last}", kind)


@needs(SEE)
def map_json(request: HttpRequest) -> HttpResponse:
    """Squares with calls, their colour and the steps of the legend."""
    who = actor(request)
    known = asking.record(timezone.now())
    return JsonResponse(listing.squares(asking.read(request.GET, who, known), who, known))


@needs(RECORDS)
def calls_page(request: HttpRequest) -> HttpResponse:
    """The calls behind a figure, newest first."""
    who = actor(request)
    known = asking.record(timezone.now())
    asked = asking.read(request.GET, who, known)
    who.require(RECORDS, asked.area)
    found = listing.Calls(asking.chosen(asked, known))
    page: Page[listing.Call] = Paginator(found, listing.PER_PAGE).get_page(request.GET.get("page"))
    words = _words(known)
    context = _frame(request, "", asked, known, words)
    context |= {"rows": [listing.said(row, words) for row in page], "page": page, "total": pages.number(len(found))}
    return render(request, "analysis/calls.html", context)


def _words(known: Record) -> pages.Words:
    return pages.Words(known.kinds.all, known.results.all)


def _frame(request: HttpRequest, view: str, asked: Asked, known: Record, words: pages.Words) -> dict[str, Any]:
    """What every page of the room shows: the choices, and what is counted."""
    who = actor(request)
    wide = asked.but(found="1" if asked.found else "", **dict.fromkeys(NARROW))
    return {
        "view": view, "asked": asked, "query": asked.query, "views": _titles(),
        "areas": [(spot, "　" * (spot.area.count("/") - 1)) for spot in facts.areas(who)],
        "shifts": facts.shifts(), "periods": PERIODS, "within_days": WITHIN_DAYS,
        "kinds": sorted(((code, words.kind(code)) for code in known.kinds.all), key=lambda pair: pair[1]),
        "narrowed": _narrowed(asked, known, words), "covered": known.days,
        "generated": known.generated and not asked.replay,
        "moved_weeks": 0 if asked.replay else known.moved_days // 7, "wide": wide.query,
        "replayable": bool(known.parts[-1].drill.any()) or asked.replay,
    }  # fmt: skip


def _titles() -> list[tuple[str, str]]:
    return [
        ("where", pgettext("way to look", "Where")), ("when", pgettext("way to look", "When")),
        ("what", pgettext("way to look", "What")), ("repeats", _("Repeats")), ("trends", _("Trends")),
        ("response", _("Response times")), ("patrols", _("Patrols")),
    ]  # fmt: skip


def _narrowed(asked: Asked, known: Record, words: pages.Words) -> list[str]:
    """What narrows the calls down beyond the filters of the pages."""
    found = [_("found by patrols")] if asked.found == "only" else []
    if asked.street is not None:
        found.append(asked.street or _("no named street"))
    if asked.cell == NOWHERE:
        found.append(_("outside the map"))
    elif asked.cell is not None:
        lon, lat = known.ground.grid.centres([asked.cell])
        found.append(_("square around %(lat)s, %(lon)s") % {"lat": f"{lat[0]:.5f}", "lon": f"{lon[0]:.5f}"})
    if asked.weekday is not None:
        found.append(pages.weekday(asked.weekday))
    if asked.hour is not None:
        found.append(f"{asked.hour:02}:00—{(asked.hour + 1) % 24:02}:00")
    if asked.result is not None:
        found.append(words.result(asked.result))
    if asked.step is not None:
        found.append(str(pages.STEPS[asked.step]))
    if asked.judged is not None:
        found.append(str(pages.COLUMNS["judged"].label))
    found += pages.narrowed(asked, words)
    return found
