"""Alarm panels of sites: which work, what became of their alarms, and their registration."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id
from shouwang.desk.sites import facts as sites
from shouwang.desk.sites.facts import SiteFact
from shouwang.desk.sites.terms import SEE
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.zone import day_of

from . import facts, panels
from .forms import PanelForm
from .models import Panel
from .panels import KEEP

PER_PAGE = 50


@require_GET
@never_cache
@needs(SEE)
def alarms(request: HttpRequest) -> HttpResponse:
    """Sites that have to have an alarm or have one: those without a working one first."""
    who, text = actor(request), request.GET.get("q", "").replace("\x00", "")[:80]
    rows = facts.site_alarms(who.areas(SEE), timezone.now())
    words = text.casefold().split()
    listed = [r for r in rows if all(w in f"{r.site.name} {r.site.code}".casefold() for w in words)]
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "alarms/alarms.html", {
        "page": page, "coverage": facts.coverage(rows), "query": text, "may_keep": who.may(KEEP),
        "days": facts.RESULTS.days,
        "faults": sum(len(p.faults) for r in rows for p in r.panels if p.active)})


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as csv or xlsx."""
    tables.known(kind)
    now = timezone.now()
    rows: list[list[object]] = [[
        _("Site"), _("Code"), _("Kind"), _("Alarm obliged"), _("Working alarm"), _("Panels"), _("Faults"), _("Calls"),
        _("Alarm signals"), _("Closed"), _("False alarms")]]
    for r in facts.site_alarms(actor(request).areas(SEE), now):
        faults = ", ".join(f"{p.account}: {f.label}" for p in r.panels for f in p.faults)
        rows.append([r.site.name, r.site.code, r.site.kind_name, r.site.obliged, r.working, len(r.panels), faults,
                     r.results.calls, r.results.alarms, r.results.closed, r.results.false])
    return tables.answer(rows, f"alarms-{day_of(now)}", kind)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def new_panel(request: HttpRequest) -> HttpResponse:
    """Registers a panel at the site named by `site`."""
    site = _site(request, request.GET.get("site", ""))
    form = PanelForm(request.POST or None)
    id = given_id(request.POST.get("id")) or new_id()
    if form.is_valid():
        try:
            panels.save_panel(actor=actor(request), now=timezone.now(), id=id, site_id=site.id, given=form.given())
            return redirect(f"/alarms/?q={site.code}")
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return _page(request, form, {"site": site, "id": id})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def one_panel(request: HttpRequest, panel_id: UUID) -> HttpResponse:
    """Changes a panel. Its key is never shown: an empty field leaves it as it is."""
    who, now = actor(request), timezone.now()
    row = facts.find(who.areas(KEEP), panel_id)
    if row is None:
        raise Missing(_("There is no such panel in your areas."), code="panel")
    form = PanelForm(request.POST or None, initial=_initial(row), kept=bool(row.key))
    if form.is_valid():
        try:
            panels.save_panel(actor=who, now=now, id=row.id, site_id=row.site, given=form.given(),
                              version=form.cleaned_data["version"])
            return redirect(f"/alarms/?q={sites.sites([row.site])[row.site].code}")
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return _page(request, form, {"site": sites.sites([row.site])[row.site], "panel": facts.panel_fact(row, now)})


def _page(request: HttpRequest, form: PanelForm, more: dict[str, Any]) -> HttpResponse:
    return render(request, "alarms/panel.html", {"form": form, **more}, status=422 if form.errors else 200)


def _initial(row: Panel) -> dict[str, Any]:
    return {"account": row.account, "supervise_s": row.supervise_s, "active": row.active, "version": row.version}


def _site(request: HttpRequest, text: str) -> SiteFact:
    id = given_id(text)
    row = sites.find(actor(request).areas(KEEP), id) if id else None
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    return sites.site_fact(row)
