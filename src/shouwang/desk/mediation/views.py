"""Pages of mediation: the list, one case, a new one, the agreement's document, the screening list, the figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.posted import given_id
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.disclose.suppress import SMALL

from . import actions, advice, facts, paper, shown
from .forms import DisputeForm, ScreenedForm
from .models import OVER, Agreement, Declaration, Mediation, Session, Visit
from .terms import (
    AMOUNT_SIZES,
    CONDUCT,
    FIGURES,
    HOW,
    LEVELS,
    MOST_WORDS,
    OUTCOMES,
    PEOPLE_SIZES,
    PERFORMED,
    REGISTER,
    SEE,
    SIDES,
    STEPS,
    TARGETS,
    TO_TAKE,
    UNSEAL,
    VISIT,
    WAYS,
    WHERE,
    WHO,
    WHY,
)

SIZE = 50
MOST_ROWS = 20_000  # of a file
WAYS_OUT = ("d_fail", "d_refer", "d_withdraw", "d_again", "d_pause")  # never the button that is offered first
SHOWS = ("open", "mine", "take", "late", "all")


def _wanted(request: HttpRequest) -> facts.Wanted:
    given = {name: request.GET.get(name, "").replace("\x00", "")[:200]
             for name in ("show", "step", "kind", "way", "area", "text")}
    if given["show"] not in SHOWS:
        given["show"] = "mine" if not any(given.values()) and actor(request).may(CONDUCT) else "open"
    if given["step"] in OVER:
        given["show"] = "all"
    return facts.Wanted(**given)


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SEE)
def mediations(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    return render(request, "mediation/list.html", {
        **_list(request), "start": {"seq": log.head()}, "ways": WAYS, "kinds": facts.kinds(),
        "communities": facts.communities(who, *SEE)})


@require_GET
@never_cache
@needs(*SEE)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "mediation/rows.html", _list(request))


def _list(request: HttpRequest) -> dict[str, Any]:
    who, now, wanted = actor(request), timezone.now(), _wanted(request)
    page = Paginator(facts.mediations(who, wanted, now), SIZE).get_page(request.GET.get("page"))
    told, states = facts.counts(who, now), cycle("mediation")
    query = request.GET.copy()
    query.pop("page", None)
    query["show"] = wanted.show
    return {
        "rows": shown.rows_of(list(page.object_list), now), "page": page, "wanted": wanted, "counts": told,
        "steps": [(n, step, states.state_label(step), sum(told.get(s, 0) for s in of))
                  for n, (step, of) in enumerate(STEPS, 1) if step != "filed"],
        "sides": [(s, states.state_label(s)) for s in OVER], "query": query.urlencode(),
        "may_register": who.may(REGISTER), "may_conduct": who.may(CONDUCT),
        "may_figures": any(who.may(p) for p in FIGURES),
    }


@require_GET
@needs(*SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as it is filtered, as a file: csv or xlsx. Nobody who quarrels is in it."""
    tables.known(kind)
    now = timezone.now()
    found = shown.rows_of(list(facts.mediations(actor(request), _wanted(request), now)[:MOST_ROWS]), now)
    head = [_("Mediation no."), _("Kind of dispute"), _("Community"), _("Body"), _("Way of mediation"), _("State"),
            _("Who settles it"), _("How it came"), _("Registered"), _("Due"), _("Time"), _("Agreed"), _("Confirmed"),
            _("Closed on"), _("How many people it concerns"), _("Money in dispute"), _("Example")]
    table: list[list[Any]] = [head]
    table += [[r.it.number, str(r.it.kind), r.where, str(r.it.body or ""), _way(r.it), r.state, str(LEVELS[r.it.level]),
               r.source, _clock(r.it.registered_at), _clock(r.it.due_at), r.clock.words, _clock(r.it.agreed_at),
               _clock(r.it.confirmed_at), _clock(r.it.closed_at), _blank(r.it.people), _blank(r.it.amount),
               _("yes") if r.it.example else ""] for r in found]
    return tables.answer(table, f"mediation-{timezone.localtime(now):%Y-%m-%d-%H%M}", kind)


def _way(row: Mediation) -> str:
    return str(WAYS[row.body.way]) if row.body else ""


def _blank(number: int | None) -> int | str:
    return "" if number is None else number


def _clock(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SEE)
def mediation(request: HttpRequest, mediation_id: UUID) -> HttpResponse:
    """One case; its own part alone for a page that heard of a change."""
    who, now, head = actor(request), timezone.now(), log.head()
    row = _find(who, mediation_id)
    made = Agreement.objects.filter(mediation=row).first()
    part = request.headers.get("HX-Request")
    mine, moves = row.mediator == who.id, actions.moves(who, row)
    return render(request, "mediation/case_now.html" if part else "mediation/case.html", {
        "m": row, "row": shown.rows_of([row], now)[0], "steps": shown.steps_of(row), "start": {"seq": head},
        "level": LEVELS[row.level], "amount": "" if row.amount is None else f"{row.amount:,}",
        "way": WAYS[row.body.way] if row.body else "", "history": shown.timeline(row),
        "sessions": [(s, WHERE[s.where]) for s in Session.objects.filter(mediation=row).order_by("held_at")],
        "visits": [(v, HOW[v.how], PERFORMED[v.performed])
                   for v in Visit.objects.filter(mediation=row).order_by("at")],
        "agreement": made, "performed": PERFORMED.get(row.performed, ""), "target": TARGETS.get(row.target, ""),
        "moves": moves, "first": next((t.id for t in moves if t.id not in WAYS_OUT), ""),
        "given": _given(who, row, made), "may": _may(who, row, made, mine=mine),
        "mine": mine, "declined": Declaration.objects.filter(mediation=row, interest=True).count(),
        "call": names("call", [str(row.call)]).get(str(row.call), "") if row.call else "",
        "matter": names("matter", [str(row.matter)]).get(str(row.matter), "") if row.matter else "",
    })


def _find(who: Actor, mediation_id: UUID) -> Mediation:
    row = facts.find(who, mediation_id)
    if row is None:
        raise Missing(_("There is no such mediation in your areas."), code="mediation")
    return row


def _given(who: Actor, row: Mediation, made: Agreement | None) -> dict[str, Any]:
    """What the page's dialogs offer. Nothing of it is sealed."""
    def pairs(table: Any) -> list[list[str]]:
        return [[code, str(text)] for code, text in table.items()]

    usual = [row.kind.body, *row.kind.also]
    bodies = sorted(facts.bodies(), key=lambda b: (usual.index(b.code) if b.code in usual else len(usual), b.code))
    targets = [t for t in pairs(TARGETS) if t[0] != "desk" or row.call]
    return {
        "id": str(row.id), "number": row.number, "version": row.version, "kind": row.kind_id, "level": row.level,
        "people": row.people or "", "amount": "" if row.amount is None else row.amount,
        "kinds": [[k.code, str(k)] for k in facts.kinds()], "levels": pairs(LEVELS),
        "bodies": [[b.code, f"{b} ({WAYS[b.way]})"] for b in bodies], "targets": targets,
        "sides": pairs(SIDES), "who": pairs(WHO), "where": pairs(WHERE), "how": pairs(HOW),
        "performed": pairs(PERFORMED), "agreement": made.version if made else 0,
        "perform_by": made.perform_by.isoformat() if made else "", "days": row.kind.extend_days,
        "body": row.body_id or "", "most": MOST_WORDS, "why": [str(w) for w in WHY],
    }


def _may(who: Actor, row: Mediation, made: Agreement | None, *, mine: bool) -> dict[str, bool]:
    under_way = row.state in ("routed", "consent", "session", "paused")
    sorting = row.state in ("registered", "judged")
    open_ = facts.may_open(who, row)
    manager = who.may(UNSEAL, row.area)
    barred = facts.barred(who, row)
    return {
        "open": open_, "barred": barred, "party": open_ and (sorting or under_way),
        "take": not row.mediator and row.state in TO_TAKE and who.may(CONDUCT, row.area) and not barred,
        "session": mine and row.state == "session", "write": mine and row.state == "session",
        "paper": made is not None and open_, "visit": row.state == "visited" and who.may(VISIT, row.area)
        and (mine or manager), "extend": mine and row.state in ("consent", "session") and not row.extended,
        "hand_over": under_way and who.may(REGISTER, row.area) and (mine or manager or not row.mediator) and not barred,
        "give_up": bool(row.mediator) and row.state in TO_TAKE and (mine or manager), "remark": open_,
        "call": bool(row.call) and who.may("dispatch.recommend", row.area),
        "matter": bool(row.matter) and who.may("matter.view", row.area),
    }


@require_http_methods(["POST"])
@never_cache
@needs(*SEE)
def agreement(request: HttpRequest, mediation_id: UUID) -> HttpResponse:
    """The agreement's document, for a stated reason: as a Word or PDF file, or as a sheet to print. It is no
    address that can be opened again: what it shows was asked for once."""
    who, now = actor(request), timezone.now()
    row, opened = actions.paper(actor=who, now=now, mediation_id=mediation_id, reason=request.POST.get("reason", ""),
                                key=given_id(request.POST.get("key")))
    made = paper.sheet(row, opened, area=places.in_words([row.area])[row.area], now=now)
    kind = request.POST.get("as", "")
    if kind in paper.FILES:
        make, type = paper.FILES[kind]
        return HttpResponse(make(made), content_type=type,
                            headers={"Content-Disposition": f'attachment; filename="{row.number}.{kind}"'})
    return render(request, "mediation/paper.html", {"sheet": made, "m": row})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """A dispute that was asked for or found."""
    who = actor(request)
    form = DisputeForm(request.POST or None, communities=facts.communities(who, REGISTER))
    id = given_id(request.POST.get("id")) or new_id()
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.register(actor=who, now=timezone.now(), new=form.given(id),
                                   source=form.cleaned_data["source"])
            return redirect("mediation.show", row.id)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return render(request, "mediation/new.html", {"form": form, "id": id, "sides": form.sides(), "SIDES": SIDES},
                  status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(REGISTER)
def screening(request: HttpRequest) -> HttpResponse:
    """Disputes found at places of an area, with the day each is looked at again."""
    who, now = actor(request), timezone.now()
    communities = facts.communities(who, REGISTER)
    area = request.GET.get("area", "").replace("\x00", "")[:200]
    show = request.GET.get("show", "open")
    form = ScreenedForm(request.POST if request.POST.get("do") == "enter" else None, communities=communities,
                        initial={"area": area, "next_on": day_of(now) + timedelta(days=14)})
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") != "enter":
                return _look(request, who, now)
            if form.is_valid():
                actions.enter(actor=who, now=now, id=given_id(request.POST.get("id")) or new_id(), **form.cleaned_data)
                return redirect(request.get_full_path())
        except Refused as error:
            refusal = error
    page = Paginator(facts.screened(who, area=area, show=show if show in ("open", "due", "all") else "open", now=now),
                     SIZE).get_page(request.GET.get("page"))
    where = places.in_words(r.area for r in page.object_list)
    cases = facts.numbers([str(r.mediation) for r in page.object_list if r.mediation])
    return render(request, "mediation/screening.html", {
        "page": page, "rows": [(r, where[r.area], cases.get(str(r.mediation), "")) for r in page.object_list],
        "form": form, "communities": communities, "area": area, "show": show, "refusal": refusal, "id": new_id(),
        "today": day_of(now), "due": facts.screened(who, area=area, show="due", now=now).count(),
        "soon": day_of(now) + timedelta(days=14),
    }, status=422 if refusal is not None or (form.is_bound and form.errors) else 200)


def _look(request: HttpRequest, who: Actor, now: Any) -> HttpResponse:
    version = request.POST.get("version", "")
    row = actions.look(actor=who, now=now, screened_id=given_id(request.POST.get("row")) or new_id(),
                       what=request.POST.get("do", ""), next_on=_day(request.POST.get("next_on")),
                       version=int(version) if version.isascii() and version.isdigit() else None,
                       key=given_id(request.POST.get("key")))
    return redirect("mediation.show", row.mediation) if row.mediation else redirect(request.get_full_path())


def _day(text: str | None) -> Any:
    try:
        return parse_date(text or "")
    except ValueError:
        return None


@require_GET
@never_cache
@needs(*FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """A year's cases without parties: kinds, bodies, what became of them, times; small counts hidden."""
    who, now = actor(request), timezone.now()
    areas = who.areas(*FIGURES)
    years = facts.years(areas, now)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else years[0]
    told = advice.figures(facts.counted(areas, year), facts.ways())
    called = {k.code: str(k) for k in facts.kinds()} | {b.code: str(b) for b in facts.bodies()}
    called |= {code: str(text) for code, text in WAYS.items()}
    return render(request, "mediation/figures.html", {
        "told": told, "year": year, "years": years, "small": SMALL, "may_see": any(who.may(p) for p in SEE),
        "kinds": [(called.get(r.code, r.code), r) for r in told.kinds] if told else [],
        "bodies": [(called.get(r.code, r.code) or _("passed to none yet"), r) for r in told.bodies] if told else [],
        "sizes": [(title, [(classes[r.code][0] if r.code else _("not said"), r.count) for r in rows])
                  for title, rows, classes in ((_("By how many people it concerns"), told.people, PEOPLE_SIZES),
                                               (_("By money in dispute"), told.amounts, AMOUNT_SIZES))] if told else [],
        "outcomes": [(OUTCOMES[code], n) for code, n in told.outcomes.items()] if told else [],
        "performed": [(PERFORMED[code], told.performed[code]) for code in PERFORMED] if told else [],
    })
