"""The page of closures: what is shut on the map, the list with what ends soon, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.settings import get as setting

from . import facts
from .terms import REASONS, SLOWEST, STATES

SOON = timedelta(hours=1)
ORDER = ("in_force", "planned", "lifted", "over")


@dataclass(frozen=True)
class Row:
    """A closure as the list shows it. soon: it ends within the hour; restorable: if lifted, it can be put back."""

    it: facts.ClosureFact
    state: str
    effect: str
    soon: bool
    may: bool
    restorable: bool

    @property
    def lasts(self) -> bool:
        return self.it.state in ("planned", "in_force")


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.SEE)
def closures(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    start = {"seq": log.head(), "closures": facts.cards(who.areas(facts.SEE), now), "days": setting("closure_days")}
    return render(request, "closures/closures.html", {
        "rows": _rows(who, now), "start": start, "reasons": REASONS, "may_close": who.may(facts.CLOSE),
        "days": setting("closure_days"), "slowest": int(SLOWEST), "at": now,
    })  # fmt: skip


@require_GET
@never_cache
@needs(facts.SEE)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "closures/rows.html", {"rows": _rows(actor(request), timezone.now())})


@require_GET
@needs(facts.SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as a file: csv or xlsx."""
    tables.known(kind)
    now = timezone.now()
    found: list[list[Any]] = [[
        _("Streets"), _("Effect"), _("Reason"), _("State"), _("From"), _("Until"), _("Length, m"), _("Area"),
        _("Longitude"), _("Latitude"),
    ]]  # fmt: skip
    for row in _rows(actor(request), now):
        lon, lat = row.it.lines[0]["path"][0]
        found.append([
            row.it.name, row.effect, row.it.reason_label, row.state, _clock(row.it.from_at),
            _clock(row.it.lifted_at or row.it.until_at), round(row.it.length_m), row.it.area, lon, lat,
        ])  # fmt: skip
    return tables.answer(found, f"closures-{timezone.localtime(now):%Y-%m-%d-%H%M}", kind)


def _rows(who: Actor, now: datetime) -> list[Row]:
    found = facts.closures(who.areas(facts.SEE), now, since=now - facts.DAY)
    found.sort(key=lambda one: ORDER.index(one.state))  # each state keeps its own order
    return [Row(one, str(STATES[one.state]), effect(one.factor), one.state == "in_force" and one.until_at - now <= SOON,
                who.may(facts.CLOSE, one.area), one.until_at > now) for one in found]  # fmt: skip


def effect(factor: float) -> str:
    return _("shut") if not factor else _("slower, ×%(n)s") % {"n": f"{factor:g}"}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
