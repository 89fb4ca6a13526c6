"""The grid: cells with what lies in them, open matters on the map, faults of the covering and their repair."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import shapely
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import actions as areas
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of

from . import cells as facts
from . import coverage

SIZE, MOST_FLAWS = 50, 100
DIGITS = 6  # of degrees on the map: a decimetre


@require_GET
@never_cache
@needs(*facts.MAY)
def cells(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@never_cache
@needs(areas.MAY_MEND)
def mend(request: HttpRequest) -> HttpResponse:
    """Mends the faults that are ticked, as proposed."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = new_id()
    try:
        areas.mend_cells(actor=actor(request), now=timezone.now(), flaws=request.POST.getlist("flaw")[:MOST_FLAWS],
                         key=key)
    except Refused as refusal:
        return _page(request, fault=str(refusal.message))
    return redirect("cells")


def _page(request: HttpRequest, fault: str = "") -> HttpResponse:
    who, now = actor(request), timezone.now()
    wanted = {name: request.GET.get(name, "").replace("\x00", "")[:200] for name in ("area", "text")}
    found = facts.cells(who, **wanted)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    flaws, reaches = _flaws(who), coverage.reaches(who, *facts.MAY)
    return render(request, "matters/cells.html", {
        "rows": facts.told(list(page.object_list), now), "page": page, "wanted": wanted, "query": query.urlencode(),
        "things": facts.thing_names(),
        "communities": [c for c in places.areas("community") if any(who.may(p, c.area) for p in facts.MAY)],
        "reaches": reaches, "goal": coverage.goal(),
        "late": coverage.goal() < day_of(now) and any(r.lack for r in reaches),
        "flaws": flaws[:MOST_FLAWS], "flaw_count": len(flaws), "fault": fault, "key": new_id(),
        "may_mend": who.may(areas.MAY_MEND, _top()), "drawn": _drawn(who, found, flaws),
    }, status=422 if fault else 200)


def _top() -> str:
    top = places.district()
    return top.area if top else ""


def _flaws(who: Any) -> list[dict[str, Any]]:
    """Faults in or beside cells of the reader."""
    held, known = who.areas(*facts.MAY), places.area_names()
    words = {"gap": _("Gap between cells"), "overlap": _("Overlap of cells"), "beyond": _("Beyond the communities")}

    def name(path: str) -> str:
        return " ".join(a.name for a in places.above(path)[-2:]) if path in known else path

    return [{"it": f, "kind": words[f.kind], "among": [name(p) for p in f.among if p != f.to], "to": name(f.to)}
            for f in places.covering() if any(p.startswith(a) for p in (*f.among, f.to) for a in held)]


def _drawn(who: Any, found: list[places.Spot], flaws: list[dict[str, Any]]) -> dict[str, Any]:
    """For the map: outlines of the cells listed (all pages of them), with their open matters; faults."""
    n = facts.open_by_cell(who.areas(*facts.MAY))
    return {"cells": [{"rings": _rings(c.geometry), "n": n.get(c.area, 0)} for c in found],
            "flaws": [{"rings": _rings(shapely.geometry.mapping(f["it"].shape)), "id": f["it"].id}
                      for f in flaws[:MOST_FLAWS]]}


def _rings(geometry: Any) -> list[Any]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[[round(x, DIGITS), round(y, DIGITS)] for x, y in ring] for part in parts for ring in part]
