"""The list of units: by area, with filter, state changes and export."""
from __future__ import annotations

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from shouwang.desk.log import facts as log
from shouwang.desk.people.access import actor, needs
from shouwang.desk.places.facts import area_names, areas
from shouwang.desk.workflow.moves import cycle

from . import facts

BY_CALL = ("u_busy",)  # comes and goes with an assignment alone


@require_GET
@never_cache
@ensure_csrf_cookie
@needs("position.live")
def units(request: HttpRequest) -> HttpResponse:
    """Every unit of one's areas with its state; changes come in by the stream."""
    who = actor(request)
    if request.GET.get("format") == "csv":
        return _csv(_rows(who.areas("position.live")))
    unit = cycle("unit")
    seq = log.head()
    rows = _rows(who.areas("position.live"))
    return render(request, "units/list.html", {
        "rows": rows, "seq": seq, "areas": areas("control_area"), "may_move": who.may("dispatch.status"),
        "words": {
            "states": {s: unit.state_label(s) for s in unit.states},
            "moves": [{"id": t.id, "from": t.sources, "label": t.label} for t in unit.transitions.values()
                      if t.id not in BY_CALL]},
    })


def _rows(within: tuple[str, ...]) -> list[dict[str, Any]]:
    """Cards in order of control area and name, with the area they lie in and the moves that lead on."""
    names, controls, unit = area_names(), areas("control_area"), cycle("unit")
    rows = []
    for card in facts.cards(areas=within):
        control = next((a for a in controls if card["area"].startswith(a.area)), None)
        home = names.get(card["area"])
        moves = [t for t in unit.moves_from(card["state"]) if t.id not in BY_CALL and not card["call"]]
        rows.append(card | {"control": control, "home": home, "moves": moves,
                            "state_label": unit.state_label(card["state"])})
    return sorted(rows, key=lambda r: (r["control"].area if r["control"] else "~", r["code"]))


def _csv(rows: list[dict[str, Any]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="units-{timezone.localtime():%Y%m%d-%H%M}.csv"'})
    answer.write("\ufeff")  # so that spreadsheets read Chinese
    out = csv.writer(answer)
    out.writerow(["code", "zh", "en", "kind", "service", "area", "state", "since", "example"])
    for r in rows:
        out.writerow([r["code"], r["zh"], r["en"], r["kind"], r["service"], r["area"], r["state"], r["since"],
                      _("Example data") if r["example"] else ""])
    return answer
