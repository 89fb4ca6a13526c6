"""Pages of grid matters: the list, one matter, the office's day, a new one; photos; the marks of reporting points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.names import names
from shouwang.desk.mediation import facts as mediations
from shouwang.desk.places import facts as places
from shouwang.desk.places.marks import qr
from shouwang.desk.roster import facts as rosters
from shouwang.desk.units import facts as units
from shouwang.desk.workflow import sheet, tables
from shouwang.desk.workflow.moves import cycle

from . import actions, facts, shown
from .models import Matter
from .terms import CHECKS, JOINT, LEVELS, SET_DOWN_LIST, SIDE_WAYS, SOURCES, STEPS

SIZE = 50
MOST_ROWS = 20_000  # of a file
MOST_ON = 60
SHOWS = ("open", "due", "late", "new", "all")


def _wanted(request: HttpRequest) -> facts.Wanted:
    given = {name: request.GET.get(name, "").replace("\x00", "")[:200] for name in
             ("show", "step", "kind", "level", "source", "area", "text", "sort")}
    given["show"] = given["show"] if given["show"] in SHOWS else "open"
    if given["step"] in ("rated", "void"):
        given["show"] = "all"
    return facts.Wanted(**{k: v for k, v in given.items() if v}) if any(given.values()) else facts.Wanted()


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.SEE)
def matters(request: HttpRequest) -> HttpResponse:
    return render(request, "matters/matters.html", {
        **_list(request), "start": {"seq": log.head()}, "levels": LEVELS, "sources": SOURCES,
        "kinds": shown.grouped(facts.types()), "communities": _communities(actor(request)), "month": _month(request),
    })


@require_GET
@never_cache
@needs(facts.SEE)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "matters/rows.html", _list(request))


def _month(request: HttpRequest) -> facts.Month:
    return facts.month(actor(request).areas(facts.SEE), timezone.now())


def _list(request: HttpRequest) -> dict[str, Any]:
    who, now, wanted = actor(request), timezone.now(), _wanted(request)
    areas = who.areas(facts.SEE)
    page = Paginator(facts.matters(areas, wanted, now), SIZE).get_page(request.GET.get("page"))
    found, told = list(page.object_list), facts.counts(areas, now)
    states, shown_rows = cycle("matter"), shown.rows_of(found, now)
    query = request.GET.copy()
    query.pop("page", None)
    return {
        "rows": shown_rows, "page": page, "wanted": wanted, "counts": told,
        "steps": [(n, step, states.state_label(step), sum(told.get(s, 0) for s in of if s not in SIDE_WAYS))
                  for n, (step, of) in enumerate(STEPS, 1) if step != "rated"],
        "sides": [(s, states.state_label(s), told.get(s, 0)) for s in SIDE_WAYS],
        "query": query.urlencode(), "guessed": _guessed(shown_rows), "may_report": who.may(facts.REPORT),
    }


def _guessed(rows: list[shown.Row]) -> int | None:
    """The first year among these ends that the calendar does not know."""
    return min((r.clock.guessed for r in rows if r.clock.guessed), default=None)


def _communities(who: Actor) -> list[places.Spot]:
    return [a for a in places.areas("community") if who.may(facts.SEE, a.area)]


@require_GET
@needs(facts.SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as it is filtered, as a file: csv or xlsx. Nothing sealed is in it."""
    tables.known(kind)
    now = timezone.now()
    found = shown.rows_of(list(facts.matters(actor(request).areas(facts.SEE), _wanted(request), now)[:MOST_ROWS]), now)
    head = [_("Matter no."), _("Kind"), _("Place"), _("Area"), _("State"), _("Who settles it"), _("Reported by"),
            _("Handled by"), _("Reported"), _("Due"), _("Time"), _("Answered"), _("Closed on"), _("Rating"),
            _("Example"), _("Longitude"), _("Latitude")]
    table: list[list[Any]] = [head]
    table += [[r.it.number, str(r.it.type), r.it.place, r.where, r.state, r.level, r.source, r.handler,
               _clock(r.it.reported_at), _clock(r.it.due_at), r.clock.words, _clock(r.it.answered_at),
               _clock(r.it.closed_at), r.it.rating or "", _("yes") if r.it.example else "", r.it.lon, r.it.lat]
              for r in found]
    return tables.answer(table, f"matters-{timezone.localtime(now):%Y-%m-%d-%H%M}", kind)


def _clock(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.SEE, facts.REPORT)
def matter(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """One matter; its own part alone for a page that heard of a change."""
    if request.headers.get("HX-Request"):
        return shown_as_part(request, matter_id)
    return shown_as_page(request, matter_id, part_url=request.path)


def shown_as_page(request: HttpRequest, matter_id: UUID, *, part_url: str) -> HttpResponse:
    """`part_url`: where the page asks for its part anew."""
    return render(request, "matters/matter.html", _one(request, matter_id) | {"part_url": part_url})


def shown_as_part(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    return render(request, "matters/matter_now.html", _one(request, matter_id))


def _one(request: HttpRequest, matter_id: UUID) -> dict[str, Any]:
    who, now = actor(request), timezone.now()
    head = log.head()
    row = facts.find(who.areas(facts.SEE), matter_id, reporter=who.id)
    if row is None:
        raise Missing(_("There is no such matter in your areas."), code="matter")
    said = actions.read_words(actor=who, now=now, matter_id=row.id)
    walks = who.may("position.own") and not who.may("dispatch.recommend")  # has the list on the phone
    return {
        "m": row, "row": shown.rows_of([row], now)[0], "steps": shown.steps_of(row), "start": {"seq": head},
        "history": shown.timeline(row, {s.event: s.text for s in said if s.kind != "report"}),
        "report": [s for s in said if s.kind == "report"], "pictures": facts.photos(row),
        "moves": sorted(actions.moves(who, row), key=lambda step: step.id == "m_void"),
        "parts": shown.parts_of(row, who, now),
        "pieces": shown.rows_of(facts.pieces(row), now), "now": timezone.localtime(now),
        "near": _near(who, row, now), "call": names("call", [str(row.call)]).get(str(row.call), "") if row.call else "",
        "mediation": mediations.of_matter(row.id) if mediations.may_see(who, row.area) else None,
        "reporter": names("user", [row.reported_by]).get(row.reported_by, ""),
        "given": _given(row), "may": _may(who, row), "back": reverse("m.matters" if walks else "matters"),
    }


def _near(who: Actor, row: Matter, now: Any) -> list[facts.Near]:
    if row.state not in ("reported", "accepted"):
        return []
    return facts.near(row.lon, row.lat, row.type_id, now, areas=who.areas(facts.SEE), leave_out=str(row.id))


def _given(row: Matter) -> dict[str, Any]:
    """What the page's dialogs offer."""
    offices = facts.agencies()
    return {
        "id": str(row.id), "number": row.number, "version": row.version, "lon": row.lon, "lat": row.lat,
        "type": row.type_id, "referral": row.type.referral, "handler": row.handler or row.type.agency,
        "offices": sorted(offices.items(), key=lambda o: o[0] != (row.handler or row.type.agency)),
        "checks": [[code, str(text)] for code, text in CHECKS.items()],
        "joint": [[code, str(text)] for code, text in JOINT.items()],
        "kinds": [[k.code, str(k)] for k in facts.types() if k.parent and k.referral == row.type.referral],
    }


def _may(who: Actor, row: Matter) -> dict[str, bool]:
    before = row.state in ("reported", "accepted", "returned")
    up = who.may("matter.accept" if row.state == "reported" else "matter.assign", row.area)
    return {
        "escalate": before and up and row.level != "district", "see": who.may(facts.SEE, row.area),
        "joint": row.state in ("assigned", "handling", "extended") and not row.type.referral
        and who.may("matter.assign", facts.seat(row.area, row.level)),
        "split": row.state in ("accepted", "returned", "assigned", "handling", "extended", "suspended")
        and not row.type.referral and not row.whole_id
        and who.may("matter.assign", facts.seat(row.area, row.level)),
        "reveal": bool(row.contact) and who.may("matter.accept", row.area),
        "remark": not row.words_deleted_at and not row.type.referral,
        "call": bool(row.call) and who.may("dispatch.recommend", row.area),
    }


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.REPORT)
def new(request: HttpRequest) -> HttpResponse:
    """A matter told to the office."""
    return render(request, "matters/new.html", shown.report_form("office"))


@require_GET
@never_cache
@ensure_csrf_cookie
@needs("office.work")
def office(request: HttpRequest) -> HttpResponse:
    """A community office's day: what is late, due today, waiting for a step of the reader, and what came in."""
    part = request.headers.get("HX-Request")
    return render(request, "matters/office_now.html" if part else "matters/office.html", {
        **_day(request), "start": {"seq": log.head()}})


def _day(request: HttpRequest) -> dict[str, Any]:
    who, now = actor(request), timezone.now()
    areas, told = who.areas("office.work"), facts.counts(who.areas("office.work"), now)
    lists = [("late", _("Late")), ("due", _("Due today")), ("new", _("Came in today"))]
    kept = sheet.get(SET_DOWN_LIST)
    waits = facts.matters(areas, facts.Wanted(), now).filter(state__in=facts.WAITS)
    found = [(code, title, told[code], shown.rows_of(list(facts.matters(areas, facts.Wanted(
        show=code, sort="new" if code == "new" else "due"), now)[:20]), now)) for code, title in lists]
    found.insert(2, ("waits", _("Waiting here: to accept, to dispatch again, to check"), waits.count(),
                     shown.rows_of(list(waits[:20]), now)))
    return {"lists": found, "counts": told, "area": ", ".join(_named(p) for p in areas), "now": timezone.localtime(now),
            "month": facts.month(areas, now), "may_report": who.may(facts.REPORT), "on": _on(areas, now),
            "short": rosters.short_desks(areas, now), "set_down": facts.set_down(areas),
            "may_set_down": kept is not None and sheet.may_keep(who, kept),
            "parts": shown.parts_for(who, now),
            "disputes": mediations.left_open(areas, now) if any(who.may(p) for p in mediations.SEE) else [],
            "may_hand_over": who.may("office.handover")}


def _on(areas: tuple[str, ...], now: Any) -> list[dict[str, Any]]:
    """Who is on duty here: turns of the rosters that go on now or begin within the day, crews that are clocked on, and
    who is at a desk or post. Names of staff on duty and their service, nothing else of them."""
    turns = rosters.turns_in(areas, now, now + timedelta(hours=12))[:MOST_ON]
    out = [u for u in units.units(areas=areas) if u.state not in units.OFF][:MOST_ON]
    clocked_on = units.crews_of(u.id for u in out)
    crews = [(u, clocked_on.get(u.id, [])) for u in out]
    here = rosters.here_now(areas)[:MOST_ON]
    clocked = {user for _u, crew in crews for user in crew} | {user for user, _place, _at in here}
    people, posts = names("user", {t.user for t in turns} | clocked), {p.code: p.name for p in places.posts()}
    return [{"who": ", ".join(people.get(user, "—") for user in crew), "unit": u} for u, crew in crews] + [
        {"who": people.get(user, "—"), "place": posts.get(place) or _named(place), "since": at}
        for user, place, at in here] + [
        {"who": people.get(t.user, "—"), "turn": t, "later": t.start > now} for t in turns if t.user not in clocked]


def _named(path: str) -> str:
    known = places.area_names()
    return known[path].name if path in known else path


@require_GET
@needs(facts.SEE, facts.REPORT)
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """A photo, for those who see its matter."""
    content = actions.photo(actor=actor(request), photo_id=photo_id)
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@require_GET
@needs("config.edit", facts.SEE)
def mark(request: HttpRequest, code: str) -> HttpResponse:
    """The mark of a reporting point, to be printed and put up."""
    point = facts.point(code)
    if point is None:
        raise Missing(_("There is no such reporting point."), code="point")
    address = request.build_absolute_uri(reverse("resident.point", args=[point.code]))
    return render(request, "matters/mark.html", {"point": point, "address": address, "qr": qr(address)})
