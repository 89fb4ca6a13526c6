"""Pages of communities and villages: the villages with what is due, one locality with all that it keeps, a contract."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
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
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.zone import day_of

from . import actions, advice, facts, villages
from .forms import ContractForm, CountForm, LocalityForm, OfficeForm
from .models import Contract
from .terms import CONTRACTS, GRADES, KEEP, KINDS, MANAGEMENT, SEE, items


@require_GET
@never_cache
@needs(SEE)
def listed(request: HttpRequest) -> HttpResponse:
    """Villages (or communities) with office, adviser, contracts and items done; above them what is due."""
    who = actor(request)
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:80] for name in ("q", "kind")}
    day = day_of(timezone.now())
    found = facts.contracts(who.areas(SEE), day)
    return render(request, "norms/villages.html", {
        "rows": _rows(who, asked), "asked": asked, "kinds": KINDS, "due": facts.due(found, day), "day": day,
        "filter": request.GET.urlencode(), "n_items": len(items()), "places": places.area_names()})


def _rows(who: Actor, asked: dict[str, str]) -> list[dict[str, Any]]:
    day = day_of(timezone.now())
    kind = asked["kind"] if asked["kind"] in KINDS else "village"
    known = facts.known(facts.localities(who.areas(SEE), text=asked["q"], kind=kind), day)
    lines: dict[str, list[advice.Line]] = {}
    for line in advice.lines(known, facts.in_force(day)):
        assert line.at is not None
        lines.setdefault(line.at.id, []).append(line)
    contracts: dict[str, list[facts.ContractFact]] = {}
    for c in facts.contracts(who.areas(SEE), day):
        contracts.setdefault(str(c.row.locality_id), []).append(c)
    ticks = facts.ticks_of([k.row.id for k in known])
    out = []
    for k in known:
        mine, own = lines.get(k.id, []), contracts.get(k.id, [])
        checked = advice.checklist(k, mine, own, ticks.get(k.id, {}))
        guards = next((line for line in mine if line.staff_name and line.norm.rule["per"] == "place"
                       and line.norm.code.endswith(("guards", "managed"))), None)
        out.append({"at": k, "guards": guards, "done": sum(c.done is True for c in checked),
                    "adviser": _newest(own, "adviser"), "security": _newest(own, "security"),
                    "late": sum(c.late for c in own)})
    return out


def _newest(found: list[facts.ContractFact], kind: str) -> facts.ContractFact | None:
    """The contract of a kind that holds, else the one that ended last."""
    mine = [c for c in found if c.row.kind == kind]
    return next((c for c in mine if c.state in ("running", "ending")), mine[-1] if mine else None)


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as csv or xlsx. Never a contact."""
    tables.known(kind)
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:80] for name in ("q", "kind")}
    rows: list[list[object]] = [[_("Code"), _("Name"), _("Safety office"), _("Legal adviser until"),
                                 _("Responsibility contract until"), _("Payments late"), _("Items done")]]
    for r in _rows(actor(request), asked):
        row = r["at"].row
        rows.append([row.code, str(row), row.office_place, *(r[k].row.until.isoformat() if r[k] else ""
                     for k in ("adviser", "security")), r["late"], r["done"]])
    return tables.answer(rows, f"villages-{day_of(timezone.now())}", kind)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def new(request: HttpRequest) -> HttpResponse:
    """Enters a community or village."""
    who, now = actor(request), timezone.now()
    form = LocalityForm(request.POST or None, areas=_areas(who))
    id = given_id(request.POST.get("id")) or new_id()
    row = tried(form, lambda: actions.save_locality(actor=who, now=now, id=id, given=form.given()))
    if row is not None:
        return redirect("norms.place", row.id)
    return render(request, "norms/new.html", {"form": form, "id": id}, status=422 if form.is_bound else 200)


def _areas(who: Actor) -> list[tuple[str, str]]:
    """Areas in which the actor may keep localities, with what each lies in."""
    names = places.area_names()
    return [(a.area, " · ".join(filter(None, (names[a.parent].name if a.parent in names else "", a.name))))
            for a in names.values() if a.kind in ("control_area", "community") and who.may(KEEP, a.area)]


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def one(request: HttpRequest, locality_id: UUID) -> HttpResponse:
    """One community or village: norms, counts, safety office, contracts, safe-village items."""
    who, now = actor(request), timezone.now()
    row, day = actions.locality(who, locality_id), day_of(now)
    known = facts.known([row], day)[0]
    given: dict[str, forms.Form] = {
        "count": CountForm(kind=row.kind, initial=_last(known, day), prefix="count"),
        "contract": ContractForm(prefix="c"),
        "office": OfficeForm(initial={"place": row.office_place}, prefix="office"),
        "row": LocalityForm(initial=LocalityForm.of(row), areas=_areas(who), prefix="row")}
    refusal: Refused | None = None
    shown: villages.Contact | None = None
    do = request.POST.get("do", "")
    if request.method == "POST":
        try:
            if do == "show":
                shown = villages.show_contact(actor=who, now=now, locality_id=row.id, reason=request.POST.get("reason",
                                                                                                              ""),
                                              key=given_id(request.POST.get("key")))
            elif _do(request, who, now, row, given, do):
                return redirect(f"{request.path}?done={do}")
        except Refused as error:
            refusal = error
            row.refresh_from_db()
    lines = advice.lines([known], facts.in_force(day))
    contracts = facts.contracts(who.areas(SEE), day, locality=row.id)
    bad = refusal is not None or any(f.errors for f in given.values())
    return render(request, "norms/locality.html", {
        "row": row, "known": known, "lines": lines, "counts": row.counts.order_by("-day")[:20], "forms": given,
        "contracts": contracts, "checked": advice.checklist(known, lines, contracts, facts.ticks(row.id)),
        "refusal": refusal, "shown": shown, "looked": do == "show" and refusal is None, "key": new_id(), "id": new_id(),
        "may_keep": who.may(KEEP, row.area) and row.closed_at is None, "managed": MANAGEMENT, "grades": GRADES,
        "kinds": CONTRACTS,
        "area": places.area_names().get(row.area), "saved": request.GET.get("done", ""), "day": day,
    }, status=422 if bad else 200)


def _last(known: facts.Known, day: Any) -> dict[str, Any]:
    """A new count begins with the figures of the last one."""
    if known.count is None:
        return {"day": day}
    return {"day": day, "management": known.count.management,
            **{name: getattr(known.count, name) for name in actions.COUNTS}}


def _do(request: HttpRequest, who: Actor, now: Any, row: Any, given: dict[str, forms.Form], do: str) -> bool:
    """Does what was pressed. False when a form has to be mended first."""
    key = given_id(request.POST.get("key"))
    asked: dict[str, Any] = {"actor": who, "now": now, "locality_id": row.id, "key": key}
    version = given_version(request.POST.get("version"))
    if do == "count":
        count = given["count"] = CountForm(request.POST, kind=row.kind, prefix="count")
        return tried(count, lambda: actions.save_count(**asked, given=count.given())) is not None
    if do == "office":
        office = given["office"] = OfficeForm(request.POST, prefix="office")
        return tried(office, lambda: villages.set_office(
            **asked, place=office.cleaned_data["place"], contact=office.contact(), version=version)) is not None
    if do == "contract":
        contract = given["contract"] = ContractForm(request.POST, prefix="c")
        id = given_id(request.POST.get("id")) or new_id()
        return tried(contract, lambda: villages.sign_contract(
            **asked, id=id, given=contract.given(), contact=contract.contact())) is not None
    if do == "row":
        form = given["row"] = LocalityForm(request.POST, areas=_areas(who), prefix="row")
        return tried(form, lambda: actions.save_locality(
            actor=who, now=now, key=key, id=row.id, given=form.given(), version=version)) is not None
    if do == "close":
        actions.close_locality(**asked, version=version)
    if do in ("done", "open"):
        villages.tick(**asked, item=request.POST.get("item", ""), done=do == "done", version=version)
    return True


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """One contract: what is agreed, until when, what is due and paid."""
    who, now = actor(request), timezone.now()
    row, day = _contract(who, contract_id), day_of(now)
    refusal: Refused | None = None
    shown: villages.Contact | None = None
    do = request.POST.get("do", "")
    if request.method == "POST":
        asked: dict[str, Any] = {"actor": who, "now": now, "key": given_id(request.POST.get("key"))}
        version, on = given_version(request.POST.get("version")), _day(request.POST.get("on"))
        try:
            if do == "show":
                shown = villages.show_contact(**asked, locality_id=row.locality_id, contract_id=row.id,
                                              reason=request.POST.get("reason", ""))
            elif do == "end":
                if on is None:
                    raise Refused(_("Give a day from today on, before its last day."), field="on", code="day")
                villages.end_contract(**asked, contract_id=row.id, on=on, reason=request.POST.get("reason", ""),
                                      version=version)
            else:
                payment = given_id(request.POST.get("payment")) or row.id
                villages.set_paid(**asked, payment_id=payment, on=(on or day) if do == "paid" else None,
                                  version=version)
            if do != "show":
                return redirect("norms.contract", row.id)
        except Refused as error:
            refusal = error
            row.refresh_from_db()
    found = facts.contract_fact(row, day)
    return render(request, "norms/contract.html", {
        "row": row, "found": found, "kind": CONTRACTS[row.kind], "refusal": refusal, "key": new_id(), "day": day,
        "shown": shown, "looked": do == "show" and refusal is None, "said": request.POST.get("reason", ""),
        "may_keep": who.may(KEEP, row.locality.area), "running": found.state in ("running", "ending", "coming"),
    }, status=refusal.status if refusal else 200)


def _day(text: str | None) -> Any:
    try:
        return forms.DateField(required=False).clean(text or "")
    except forms.ValidationError:
        return None


def _contract(who: Actor, contract_id: UUID) -> Contract:
    row = facts.find_contract(who.areas(SEE), contract_id)
    if row is None:
        raise Missing(_("There is no such contract in your areas."), code="contract")
    return row
