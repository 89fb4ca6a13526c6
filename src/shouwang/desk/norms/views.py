"""Pages of staffing norms: gaps, the norms with their history, a change with its effect."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log import names
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import moves, tables
from shouwang.desk.workflow.zone import day_of

from . import actions, advice, facts
from .advice import Line
from .forms import DraftForm, TallyForm
from .models import Norm
from .terms import APPROVE, COUNTED, EDIT, ENTERED, GRADES, KEEP, KINDS, MANAGEMENT, SEE, rule_words

PER_PAGE = 200
SHOW = ("short", "met", "unknown", "other")


@require_GET
@never_cache
@needs(SEE)
def gaps(request: HttpRequest) -> HttpResponse:
    """What the norms ask of each community and village, what is there, and what is missing; most missing on top."""
    who, asked = actor(request), _asked(request)
    day = day_of(timezone.now())
    known, found = _found(who, asked)
    guards = [line for line in found if COUNTED.get(line.norm.code) == "guards"]
    rows = [line for line in found if not asked["show"] or line.state == asked["show"]
            or (asked["show"] == "met" and line.state == "over")]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    area = names.home()
    return render(request, "norms/gaps.html", {
        "page": page, "rows": page.object_list, "asked": asked, "kinds": KINDS, "day": day,
        "norms": facts.in_force(day),
        "areas": places.areas("control_area"), "places": places.area_names(), "managed": MANAGEMENT,
        "filter": request.GET.urlencode(), "uncounted": advice.unknown(known), "n": len(known),
        **_sums(guards), "example": any(k.row.example for k in known),
        "grades": GRADES, "may_count": who.may(KEEP, area),
        "whole": advice.district_lines(facts.in_force(day), area, timezone.now()) if who.may(SEE, area) else []})


ASKED = ("q", "kind", "area", "grade", "norm", "show")


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "")[:80] for name in ASKED}


def _sums(found: Sequence[Line]) -> dict[str, int]:
    """Of those lines for which both what is needed and what is there are known."""
    judged = [line for line in found if line.state in ("short", "met", "over")]
    return {"need": sum(line.need or 0 for line in judged), "have": sum(line.have or 0 for line in judged),
            "short": sum(line.short or 0 for line in judged), "meeting": sum(line.state != "short" for line in judged),
            "judged": len(judged)}


def _found(who: Actor, asked: dict[str, str]) -> tuple[list[facts.Known], list[Line]]:
    """The localities asked for and their lines, most missing first."""
    day = day_of(timezone.now())
    rows = facts.localities(who.areas(SEE), text=asked["q"], kind=asked["kind"], within=asked["area"],
                            grade=asked["grade"])
    known = facts.known(rows, day)
    norms = [n for n in facts.in_force(day) if asked["norm"] in ("", n.code)]
    return known, sorted(advice.lines(known, norms), key=lambda line: -(line.short or 0))


@require_GET
@needs(SEE)
def export_gaps(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as csv or xlsx."""
    tables.known(kind)
    asked = _asked(request)
    _known, found = _found(actor(request), asked)
    area = places.area_names()
    rows: list[list[object]] = [[_("Code"), _("Name"), _("Kind"), _("Area"), _("Class of place"), _("Households"),
                                 _("Housing"), _("Norm"),
                                 _("Needed"), _("There"), _("Missing"), _("Reckoned"), _("Source of the count")]]
    for line in found:
        if line.at is not None and (not asked["show"] or line.state == asked["show"]):
            count, row = line.at.count, line.at.row
            rows.append([row.code, str(row), str(KINDS[row.kind]), area[row.area].name if row.area
                         in area else row.area, str(GRADES[row.grade]),
                         count.households if count else "", str(MANAGEMENT.get(count.management, "")) if count else "",
                         str(line.norm), _blank(line.need), _blank(line.have), _blank(line.short), line.why,
                         line.counted])
    return tables.answer(rows, f"norms-{day_of(timezone.now())}", kind)


def _blank(value: int | None) -> object:
    return "" if value is None else value


@require_GET
@never_cache
@needs(SEE)
def rules(request: HttpRequest) -> HttpResponse:
    """The norms in force, what is drafted or comes, and (with ?code=) every wording of one norm."""
    who, day = actor(request), day_of(timezone.now())
    code = request.GET.get("code", "").replace("\x00", "")[:40]
    return render(request, "norms/rules.html", {
        "rows": [(n, rule_words(n.rule)) for n in facts.in_force(day)], "coming": _told(facts.coming(day)), "day": day,
        "code": code, "history": _told(facts.versions(code)) if code else [], "since": day_of(timezone.now()),
        "may_edit": who.may(EDIT, names.home())})


def _told(rows: Sequence[Norm]) -> list[dict[str, Any]]:
    people = names.names("user", [n.made_by for n in rows] + [n.decided_by for n in rows])
    cycle = moves.cycle("norm")
    return [{"norm": n, "words": rule_words(n.rule), "state": cycle.state_label(n.state),
             "made_by": people.get(n.made_by, ""), "decided_by": people.get(n.decided_by, "")} for n in rows]


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def tally(request: HttpRequest, code: str) -> HttpResponse:
    """What was counted in the district for a norm that no register tells."""
    who, now = actor(request), timezone.now()
    norm = next((n for n in facts.in_force(day_of(now)) if n.code == code and COUNTED.get(code) in ENTERED), None)
    if norm is None:
        raise Missing(_("There is no such norm."), code="norm")
    who.require(KEEP, names.home())
    form = TallyForm(request.POST or None, initial={"day": day_of(now)})
    if tried(form, lambda: actions.save_tally(actor=who, now=now, code=code, **form.cleaned_data)) is not None:
        return redirect("norms")
    return render(request, "norms/tally.html", {"form": form, "norm": norm, "words": rule_words(norm.rule)},
                  status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(EDIT)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    who, now = actor(request), timezone.now()
    day = day_of(now)
    old = next((n for n in facts.in_force(day) if n.code == code), None)
    if old is None:
        raise Missing(_("There is no such norm."), code="norm")
    last = next((n for n in facts.versions(code) if n.guard_year_cost is not None), None)
    before = {"from_day": day + timedelta(days=30), "guard_year_cost": last.guard_year_cost if last else None}
    form = DraftForm(request.POST or None, norm=old, initial=before)
    id = given_id(request.POST.get("id")) or new_id()
    row = tried(form, lambda: actions.draft_norm(actor=who, now=now, id=id, code=code, given=form.given()))
    if row is not None:
        return redirect("norms.rule", row.id)
    return render(request, "norms/draft.html", {"form": form, "norm": old, "words": rule_words(old.rule), "id": id},
                  status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def rule(request: HttpRequest, norm_id: UUID) -> HttpResponse:
    """One wording: what it asks where it holds, what it changes, what that costs, who decided; and the decision."""
    who, now = actor(request), timezone.now()
    row = _rule(norm_id)
    refusal: Refused | None = None
    if request.method == "POST":
        asked: dict[str, Any] = {"actor": who, "now": now, "norm_id": row.id,
                                 "version": given_version(request.POST.get("version")),
                                 "key": given_id(request.POST.get("key"))}
        try:
            do = request.POST.get("do")
            if do == "approve":
                actions.approve_norm(**asked)
            elif do == "withdraw":
                actions.withdraw_norm(**asked)
            elif do == "decline":
                actions.decline_norm(**asked, reason=request.POST.get("reason", ""))
            return redirect("norms.rule", row.id)
        except Refused as error:
            refusal = error
            row.refresh_from_db()
    day, home = day_of(now), names.home()
    found = advice.effect(row, day)
    holds = any(n.id == row.id for n in facts.in_force(day))
    lines = _found(who, dict.fromkeys(ASKED, "") | {"norm": row.code})[1] if holds else []
    old = next((n for n in facts.versions(row.code) if n.state == "approved" and n.from_day < row.from_day), None)
    return render(request, "norms/rule.html", {
        "told": _told([row])[0], "norm": row, "effect": found, "old": rule_words(old.rule) if old else "",
        "reason": actions.reason_of(row), "refusal": refusal, "key": new_id(), "day": day,
        "places": places.area_names(),
        "rows": lines[:PER_PAGE], "sums": _sums(lines), "grades": GRADES, "managed": MANAGEMENT,
        "whole": advice.district_lines([row], home, now) if holds and who.may(SEE, home) else [],
        "changes": _mine(who, found), "said": request.POST.get("reason", ""), "own": row.made_by == who.id,
        "may_approve": row.state == "draft" and who.may(APPROVE, home) and row.made_by != who.id,
        "may_withdraw": row.state == "draft" and who.may(EDIT, home),
        "may_decline": who.may(APPROVE, home) and (
            row.state == "draft" or (row.state == "approved" and bool(row.made_by) and row.from_day > day)),
    }, status=refusal.status if refusal else 200)


@require_GET
@needs(SEE)
def export_rule(request: HttpRequest, norm_id: UUID, kind: str) -> HttpResponse:
    """What a wording changes, locality by locality, and what it costs: csv or xlsx."""
    tables.known(kind)
    row = _rule(norm_id)
    found = advice.effect(row, day_of(timezone.now()))
    mine = _mine(actor(request), found)
    rows: list[list[object]] = [[_("Code"), _("Name"), _("Kind"), _("Needed before"), _("Needed after"),
                                 _("Difference"),
                                 _("There"),
                                 _("Missing")]]
    rows += [[at.row.code, str(at.row), str(KINDS[at.row.kind]), _blank(c.before), _blank(c.after), c.more,
              _blank(c.have),
              _blank(c.short)] for at, c in mine]
    rows += [[]] + [[cost.name, payer, cost.people, _("still open") if part is None else part]
                    for cost in found.costs for _code, payer, part in cost.shares]
    return tables.answer(rows, f"norm-{row.code}-{row.from_day}", kind)


def _mine(who: Actor, found: advice.Effect) -> list[tuple[facts.Known, Any]]:
    """Of the localities whose need changes those in the reader's areas; sums are of the whole district."""
    return [(at, c) for at, c in found.changes if who.may(SEE, at.row.area)]


def _rule(norm_id: UUID) -> Norm:
    row = facts.norm(norm_id)
    if row is None:
        raise Missing(_("There is no such norm."), code="norm")
    return row
