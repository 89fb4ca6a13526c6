"""Pages of sites and of premise hazards: lists, one site with all that belongs to it, files."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.calls.facts import earlier_at
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.zone import day_of

from . import actions, facts
from .forms import ContactForm, HazardForm, LooseHazardForm, SiteForm
from .models import Site
from .terms import CONTACT, EDIT, SEE, site_kinds

PER_PAGE = 50
SOON = timedelta(days=30)


@require_GET
@never_cache
@needs(SEE)
def sites(request: HttpRequest) -> HttpResponse:
    """Sites in the reader's areas, by name, kind, and whether they have to have an alarm."""
    who, asked = actor(request), _asked(request)
    rows = _listed(who, asked).annotate(n=Count("hazards", Q(hazards__until__gte=day_of(timezone.now()))))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "sites/sites.html", {
        "page": page, "rows": [facts.site_fact(row, row.n) for row in page], "asked": asked, "kinds": site_kinds(),
        "may_edit": who.may(EDIT), "filter": request.GET.urlencode(), "closed": request.GET.get("done") == "closed"})


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "")[:80] for name in ("q", "kind", "obliged", "closed")}


def _listed(who: Actor, asked: dict[str, str]) -> Any:
    return facts.sites_in(who.areas(SEE), text=asked["q"], kind=asked["kind"], closed=asked["closed"] == "yes",
                          obliged={"yes": True, "no": False}.get(asked["obliged"]))


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as csv or xlsx, in the columns an import takes, and more. Never a key-holder."""
    tables.known(kind)
    rows: list[list[object]] = [["code", "name", "kind", "lon", "lat", "obliged", _("Kind"), _("Area")]]
    rows += [[s.code, s.name, s.kind, s.lon, s.lat, "yes" if s.obliged else "no", str(site_kinds().get(s.kind, "")),
              s.area] for s in _listed(actor(request), _asked(request))]
    return tables.answer(rows, f"sites-{day_of(timezone.now())}", kind)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(EDIT)
def new_site(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    form = SiteForm(request.POST or None)
    id = given_id(request.POST.get("id")) or new_id()
    row = tried(form, lambda: actions.save_site(actor=who, now=now, id=id, given=form.given()))
    if row is not None:
        return redirect("sites.one", row.id)
    return render(request, "sites/new.html", {"form": form, "id": id}, status=422 if form.is_bound else 200)


@dataclass
class _Forms:
    """The forms of a site's page; one of them may have been sent."""

    site: SiteForm
    contact: ContactForm
    hazard: HazardForm
    sent: forms.Form | None = None


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """One site: what it is, hazards, key-holder, earlier calls at the place."""
    who, now = actor(request), timezone.now()
    row = facts.find(who.areas(SEE), site_id)
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    shown, refusal = None, None
    done = _Forms(SiteForm(initial=SiteForm.of(row)), ContactForm(prefix="contact"),
                  HazardForm(prefix="hazard", initial={"until": day_of(now) + timedelta(days=180)}))
    if request.method == "POST":
        try:
            if request.POST.get("do") == "show":
                reason = request.POST.get("reason", "")
                shown = actions.show_contact(actor=who, now=now, site_id=row.id, reason=reason,
                                             key=given_id(request.POST.get("key")))
            elif (back := _act(request, who, now, row, done)) is not None:
                return back
        except Refused as error:
            refusal = error
            row.refresh_from_db()
    bad = refusal is not None or (done.sent is not None and bool(done.sent.errors))
    return render(request, "sites/site.html", {
        "site": facts.site_fact(row), "hazards": facts.hazards_in(("",), now, site=row.id), "forms": done,
        "shown": shown, "looked": request.POST.get("do") == "show" and refusal is None, "refusal": refusal,
        "key": new_id(),
        "earlier": earlier_at(who.areas(SEE), lon=row.lon, lat=row.lat, now=now), "soon": day_of(now) + SOON,
        "may_edit": who.may(EDIT, row.area) and row.closed_at is None, "may_contact": who.may(CONTACT, row.area),
        "saved": request.GET.get("done", "")}, status=422 if bad else 200)


def _act(request: HttpRequest, who: Actor, now: datetime, row: Site, done: _Forms) -> HttpResponse | None:
    """Does what was pressed. None when a form has to be mended first."""
    do, version = request.POST.get("do", ""), given_version(request.POST.get("version"))
    asked: dict[str, Any] = {"actor": who, "now": now, "key": given_id(request.POST.get("key"))}
    made: Any = None
    if do == "save":
        form = done.site = SiteForm(request.POST)
        done.sent = form
        made = tried(form, lambda: actions.save_site(**asked, id=row.id, given=form.given(), version=version))
    elif do == "contact":
        contact = done.contact = ContactForm(request.POST, prefix="contact")
        done.sent = contact
        made = tried(contact, lambda: actions.set_contact(
            **asked, site_id=row.id, contact=contact.given(), version=version))
    elif do == "no_contact":
        made = actions.set_contact(**asked, site_id=row.id, contact=None, version=version)
    elif do == "hazard":
        hazard = done.hazard = HazardForm(request.POST, prefix="hazard")
        done.sent = hazard
        made = tried(hazard, lambda: actions.add_hazard(
            **asked, id=asked["key"] or new_id(), given=hazard.given(), site_id=row.id))
    elif do in ("end", "longer"):
        _hazard(request, who, now)
        made = row
    elif do == "close":
        actions.close_site(**asked, site_id=row.id, version=version)
        return redirect("/sites/?done=closed")
    return redirect(f"/sites/{row.id}/?done={do}") if made is not None else None


def _hazard(request: HttpRequest, who: Actor, now: datetime) -> None:
    """Ends a hazard, or lets it hold for half a year more."""
    id = given_id(request.POST.get("hazard"))
    if id is None:
        raise Missing(_("There is no such hazard in your areas."), code="hazard")
    asked: dict[str, Any] = {"actor": who, "now": now, "hazard_id": id, "key": given_id(request.POST.get("key")),
                             "version": given_version(request.POST.get("version"))}
    if request.POST.get("do") == "end":
        actions.end_hazard(**asked)
    else:
        actions.amend_hazard(**asked, until=day_of(now) + timedelta(days=182))


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def hazards(request: HttpRequest) -> HttpResponse:
    """Every hazard in the reader's areas, the one that ends first on top; a new one at a place that is no site."""
    who, now = actor(request), timezone.now()
    over = request.GET.get("over") == "yes"
    form, refusal = LooseHazardForm(initial={"until": day_of(now) + timedelta(days=180)}), None
    if request.method == "POST":
        try:
            if request.POST.get("do") in ("end", "longer"):
                _hazard(request, who, now)
                return redirect("/hazards/?done=yes")
            form = LooseHazardForm(request.POST)
            key = given_id(request.POST.get("key"))
            if tried(form, lambda: actions.add_hazard(
                    actor=who, now=now, id=key or new_id(), given=form.given(), key=key)):
                return redirect("/hazards/?done=yes")
        except Refused as error:
            refusal = error
    bad = refusal is not None or bool(form.errors)
    return render(request, "sites/hazards.html", {
        "rows": facts.hazards_in(who.areas(SEE), now, over=over), "over": over, "form": form, "refusal": refusal,
        "may_edit": who.may(EDIT), "key": new_id(), "soon": day_of(now) + SOON,
        "saved": request.GET.get("done", "")}, status=422 if bad else 200)


@require_GET
@needs(SEE)
def export_hazards(request: HttpRequest, kind: str) -> HttpResponse:
    """Hazards in force, in the columns an import takes, and more."""
    tables.known(kind)
    now = timezone.now()
    codes = {s.id: s.code for s in facts.sites_in(actor(request).areas(SEE))}
    rows: list[list[object]] = [
        ["kind", "owner", "until", "radius_m", "site", "lon", "lat", _("Hazard"), _("Responsible office")]]
    rows += [[h.kind, h.owner, h.until.isoformat(), h.radius_m, codes.get(h.site_id, "") if h.site_id else "", h.lon,
              h.lat, h.label, h.owner_name] for h in facts.hazards_in(actor(request).areas(SEE), now)]
    return tables.answer(rows, f"hazards-{day_of(now)}", kind)
