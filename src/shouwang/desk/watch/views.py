"""The page of a shift change: what is open, what is said about it, and the two signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle

from . import actions, facts
from .models import Handover


@require_http_methods(["GET", "POST"])
@never_cache
@needs(facts.MAY)
def watch(request: HttpRequest) -> HttpResponse:
    """The desk's."""
    return _page(request, "desk")


@require_http_methods(["GET", "POST"])
@never_cache
@needs(facts.OFFICE)
def office(request: HttpRequest) -> HttpResponse:
    """A community office's."""
    return _page(request, "office")


HOME = {"desk": "watch", "office": "watch.office"}


def _page(request: HttpRequest, kind: str) -> HttpResponse:
    """Gives it, takes it, or takes it back; all by plain forms, so that they work when scripts do not."""
    who, now, fault = actor(request), timezone.now(), ""
    if request.method == "POST":
        try:
            _do(who, now, kind, request.POST)
            return redirect(HOME[kind])
        except Refused as error:
            fault = str(error.message)
    mine = facts.areas_of(who, kind)
    area = request.GET.get("area", "") if request.GET.get("area", "") in mine else mine[0]
    waiting, known = facts.pending(kind, area), places.area_names()
    return render(request, "watch/watch.html", {
        "kind": kind, "area": area, "areas": [known[p] for p in mine if p in known], "fault": fault,
        "typed": request.POST.get("note", ""), "new_id": new_id(), "items": _told(facts.ITEMS[kind](area, now)),
        "mine": waiting is not None and waiting.given_by == who.id,
        "waiting": _shown(who, now, waiting) if waiting else None,
        "recent": [_shown(who, now, row, notes=False) for row in facts.recent(kind, (area,))],
    }, status=422 if fault else 200)


@never_cache
@needs(facts.MAY, facts.OFFICE)
def one(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """One handover, to read and to print."""
    who, now = actor(request), timezone.now()
    row, _given, _taken = actions.read(actor=who, now=now, handover_id=handover_id)
    return render(request, "watch/one.html", {"it": _shown(who, now, row), "home": HOME[row.kind]})


def _do(who: Actor, now: datetime, kind: str, post: Any) -> None:
    try:
        key = UUID(post.get("id", ""))
    except ValueError:
        raise Missing(_("There is no such handover in your areas."), code="watch") from None
    note, what = post.get("note", ""), post.get("do")
    if what == "give":
        actions.give(actor=who, now=now, id=key, area=post.get("area", ""), kind=kind, note=note)
    elif what == "take":
        actions.take(actor=who, now=now, handover_id=key, note=note)
    elif what == "withdraw":
        actions.withdraw(actor=who, now=now, handover_id=key)


def _shown(who: Actor, now: datetime, row: Handover, *, notes: bool = True) -> dict[str, Any]:
    given, taken = actions.read(actor=who, now=now, handover_id=row.id)[1:] if notes else ("", "")
    people = names("user", [row.given_by, row.taken_by])
    return {"row": row, "given_note": given, "taken_note": taken, "items": _told(row.items),
            "giver": people.get(row.given_by, "—"), "taker": people.get(row.taken_by, "—")}


def _told(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items with the name of their state and the moment as a time."""
    return [item | {"label": _label(item), "at": datetime.fromisoformat(item["since"]) if item.get("since") else None}
            for item in items]


def _label(item: dict[str, Any]) -> str:
    code = facts.CYCLES.get(item["kind"])
    return cycle(code).state_label(item["state"]) if code else ""
