"""The member's own acts and pages beside tasks and tours: duty, check points, notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.people.access import actor, needs
from shouwang.desk.units import actions as units

from . import actions, rounds
from .day import duty_day
from .terms import BEAT, NEAR_M

KINDS = ("on", "off", "check", "note")


def take(who: Actor, now: datetime, given: dict[str, Any]) -> None:
    """One such act from the outbox, with the phone's own time and place."""
    pressed = units.Pressed(given["at"], given["lon"], given["lat"])
    asked: dict[str, Any] = {"actor": who, "now": now, "key": given["key"], "pressed": pressed}
    if given["kind"] == "on":
        if given["unit"] is None:
            raise Refused(_("Which unit is meant?"), field="unit", code="form")
        units.clock_on(**asked, unit_id=given["unit"], user_id=who.id)
    elif given["kind"] == "off":
        units.clock_off(**asked, user_id=who.id)
    elif given["kind"] == "check":
        actions.see_point(**asked, code=given["point"], how=given["step"])
    else:
        actions.note(**asked, text=given["reason"])


@require_GET
@needs(BEAT)
def points(request: HttpRequest, code: str = "") -> HttpResponse:
    """Check points, the nearest first as the phone sees it; one whose mark was scanned is seen by that."""
    who, now = actor(request), timezone.now()
    rows = rounds.on_beat(who.areas(BEAT), now)
    return render(request, "phone/points.html", {
        "page": "points", "day": duty_day(who, now), "rows": rows, "scanned": code, "near_m": NEAR_M})


@require_GET
@needs(BEAT)
def note(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    return render(request, "phone/note.html", {"page": "note", "day": duty_day(who, now),
                                               "own": rounds.own_notes(who.id, now)})
