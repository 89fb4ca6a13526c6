"""Pages of the office: volunteers, their neighbours' groups and trade associations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of

from . import actions, facts, links
from .forms import CallForm, GroupForm, RefuseForm, ServiceForm, areas, trade_choices
from .models import Volunteer
from .terms import GROUP_SIZE, MANAGE, SEND, SERVICES, STATES, THANKS, WHY_NOT, consents, trades

PER_PAGE = 50


@require_GET
@never_cache
@needs(MANAGE)
def volunteers(request: HttpRequest) -> HttpResponse:
    """Volunteers of the reader's areas: by number, in the order in which they registered. No names."""
    who = actor(request)
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:200] for name in ("state", "trade", "area")}
    mine = who.areas(MANAGE)
    found = facts.volunteers(mine, state=asked["state"], trade=asked["trade"], area=asked["area"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts = facts.counts(mine)
    service, thanks = facts.split(facts.served(mine, timezone.now() - timedelta(days=facts.DAYS)))
    return render(request, "volunteers/volunteers.html", {
        "page": page, "rows": [shown(v) for v in page], "asked": asked, "trades": trade_choices(),
        "states": [(code, label, counts.get(code, 0)) for code, label in STATES.items()],
        "areas": areas(mine), "service": [(SERVICES[s.kind], s) for s in service if s.kind in SERVICES],
        "thanks": [(THANKS[s.kind], s) for s in thanks], "tab": "volunteers", "done": request.GET.get("done", "")})


def shown(row: Volunteer) -> dict[str, Any]:
    trade, spot = trades().get(row.trade), places.area_names().get(row.area)
    return {"row": row, "trade": trade.name if trade else "", "area": spot, "state": STATES[row.state],
            "why": WHY_NOT.get(row.why, "")}


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MANAGE)
def volunteer(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """One volunteer: what the office needs to confirm, train and thank them; the contact for a reason."""
    who, now = actor(request), timezone.now()
    row = facts.find(who.areas(MANAGE), volunteer_id)
    if row is None:
        raise Missing(_("There is no such volunteer in your areas."), code="volunteer")
    refuse, service, contact, fault = RefuseForm(), ServiceForm(initial={"day": day_of(timezone.now())}), None, None
    if request.method == "POST":
        do = request.POST.get("do", "")
        refuse, service = (RefuseForm(request.POST) if do == "refuse" else refuse,
                           ServiceForm(request.POST) if do == "serve" else service)
        try:
            if do == "reveal":
                contact = actions.reveal(actor=who, now=now, volunteer_id=row.id, reason=request.POST.get("reason", ""),
                                         key=given_id(request.POST.get("key")))
            elif _acted(request, who, now, row, do, refuse, service):
                return redirect("/volunteers/?done=ended" if do == "end" else f"/volunteers/{row.id}/?done={do}")
        except Refused as error:
            fault = error
            row.refresh_from_db()
    told = facts.served(("",), now - timedelta(days=facts.DAYS), volunteer=row.id)
    bad = fault is not None or refuse.is_bound or service.is_bound
    return render(request, "volunteers/volunteer.html", {
        "v": shown(row), "row": row, "refuse": refuse, "service": service, "contact": contact, "fault": fault,
        "key": new_id(), "told": [(SERVICES.get(s.kind) or THANKS.get(s.kind, s.kind), s) for s in told],
        "groups": [g for g in facts.groups(who.areas(MANAGE)) if g.area.startswith(row.area)], "tab": "volunteers",
        "link": links.address(links.group_path(row)) if row.group and row.state == "confirmed" else "",
        "consent": consents().get(row.consent), "done": request.GET.get("done", "")}, status=422 if bad else 200)


def _acted(request: HttpRequest, who: Actor, now: datetime, row: Volunteer, do: str, refuse: RefuseForm,
           service: ServiceForm) -> bool:
    """Does what was pressed; False when a form has to be mended first."""
    asked: dict[str, Any] = {"actor": who, "now": now, "volunteer_id": row.id, "key": given_id(request.POST.get("key"))}
    held: dict[str, Any] = {**asked, "version": given_version(request.POST.get("version"))}
    if do == "confirm":
        actions.confirm(**held)
    elif do == "refuse":
        return tried(refuse, lambda: actions.refuse(**held, why=refuse.cleaned_data["why"])) is not None
    elif do == "train":
        actions.train(**held, day=timezone.localtime(now).date())
    elif do == "serve":
        said = service.cleaned_data if service.is_valid() else {}
        return tried(service, lambda: actions.serve(**asked, kind=said["kind"], day=said["day"],
                                                    hours=said["hours"] or 0)) is not None
    elif do == "group":
        actions.set_group(**asked, group_id=given_id(request.POST.get("group")))
    elif do == "end":
        actions.end(**asked, reason=request.POST.get("reason", ""))
    return True


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MANAGE)
def groups(request: HttpRequest) -> HttpResponse:
    """Neighbours' groups of the reader's areas; a new one."""
    who, now = actor(request), timezone.now()
    mine = who.areas(MANAGE)
    form = GroupForm(request.POST or None, paths=mine)
    if form.is_bound:
        said = form.cleaned_data if form.is_valid() else {}
        id = given_id(request.POST.get("key")) or new_id()
        made = tried(form, lambda: actions.make_group(actor=who, now=now, id=id, name=said["name"], area=said["area"]))
        if made is not None:
            return redirect("volunteers.group", made.id)
    names = places.area_names()
    return render(request, "volunteers/groups.html", {
        "rows": [(g, names.get(g.area)) for g in facts.groups(mine)], "form": form, "key": new_id(), "size": GROUP_SIZE,
        "tab": "groups"}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MANAGE, SEND)
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """One group: its code to join, its households by number, one call that notifies all of them."""
    who, now, fault = actor(request), timezone.now(), None
    found = facts.groups(who.areas(MANAGE, SEND), group_id)
    if not found:
        raise Missing(_("There is no such group in your areas."), code="group")
    call = CallForm(request.POST or None)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "call" and call.is_valid():
                actions.call_group(actor=who, now=now, group_id=group_id, about=call.cleaned_data["about"],
                                   key=given_id(request.POST.get("key")))
            elif request.POST.get("do") == "out":
                actions.set_group(actor=who, now=now, volunteer_id=given_id(request.POST.get("volunteer")) or new_id(),
                                  group_id=None)
            return redirect(request.get_full_path())
        except Refused as error:
            fault = error
    g = found[0]
    return render(request, "volunteers/group.html", {
        "g": g, "area": places.area_names().get(g.area), "call": CallForm(), "fault": fault, "key": new_id(),
        "members": [shown(v) for v in facts.volunteers((g.area,), group=g.id)] if who.may(MANAGE, g.area) else [],
        "calls": [(n, facts.heading(n), facts.deliveries([n.id])[n.id])
                  for n in facts.notices((g.area,), now) if n.group_id == g.id][:10],
        "size": GROUP_SIZE, "join": links.address(f"/r/volunteer/?g={g.code}"), "tab": "groups"},
        status=fault.status if fault else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MANAGE)
def associations(request: HttpRequest) -> HttpResponse:
    """Trade associations that registered themselves."""
    who, now, fault, contact = actor(request), timezone.now(), None, None
    id = given_id(request.POST.get("association")) or new_id()
    if request.method == "POST":
        key = given_id(request.POST.get("key"))
        asked: dict[str, Any] = {"actor": who, "now": now, "association_id": id, "key": key}
        try:
            if request.POST.get("do") == "reveal":
                contact = actions.reveal_association(**asked, reason=request.POST.get("reason", ""))
            else:
                if request.POST.get("do") == "refuse":
                    actions.refuse_association(**asked, why=request.POST.get("why", ""))
                elif request.POST.get("do") == "confirm":
                    actions.confirm_association(**asked)
                return redirect("volunteers.associations")
        except Refused as error:
            fault = error
    rows = facts.associations(who.areas(MANAGE))
    return render(request, "volunteers/associations.html", {
        "rows": [{"row": a, "trade": trades()[a.trade].name if a.trade in trades() else a.trade,
                  "state": STATES[a.state], "why": WHY_NOT.get(a.why, "")} for a in rows], "fault": fault,
        "why_not": WHY_NOT, "contact": contact, "of": id, "tab": "associations"}, status=fault.status if fault else 200)
