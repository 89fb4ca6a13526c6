"""Pages of the inbox, the telephone and callers asked afterwards; the mark in the bar; the door of text messages."""
from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs, public
from shouwang.desk.log.names import names
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.zone import day_of

from . import actions, beside, facts
from .models import Item, Ring, Visit
from .outside import SMS_KEY, signed
from .terms import (
    BACK_STATES,
    CHANNELS,
    FAULTS,
    FEEDBACK,
    ITEM_OPEN,
    ITEM_STATES,
    RATINGS,
    REASONS,
    REPLY_STATES,
    REVEAL,
    RING_STATES,
    SEE,
    TAKE,
    WHYS,
    Incoming,
)

SPANS = (("day", 1), ("week", 7), ("month", 30))
MOST_B = 64 * 1024


# ---- messages


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(TAKE)
def inbox(request: HttpRequest) -> HttpResponse:
    head = log.head()
    return render(request, "channels/inbox.html", {**_rows(actor(request)), "seq": head, "reasons": _told(REASONS)})


@require_GET
@never_cache
@needs(TAKE)
def rows(request: HttpRequest) -> HttpResponse:
    """The lists alone, for a page that heard of a change."""
    return render(request, "channels/rows.html", _rows(actor(request)))


def _rows(who: Actor) -> dict[str, Any]:
    areas, now = who.areas(TAKE), timezone.now()
    items, missed, over = facts.items(areas, now), facts.missed(areas), facts.called_back(areas, now)
    people = names("user", [i.claimed_by for i in items] + [r.back_by for r in missed])
    kinds = {t.code: t for t in calls.types()}
    became = facts.calls_of(who.areas(SEE), [i.call for i in items if i.call and i.ended_at])
    told = [_item(i, who, people, kinds, became, now) for i in items]
    linked, linked_all = facts.linked(areas)
    return {
        "items": [r for r in told if r["open"]], "settled": [r for r in told if not r["open"]],
        "linked": linked, "linked_all": linked_all, "linked_more": linked_all - len(linked),
        "beside": beside.waiting(who), "counts": facts.counts(areas), "seat": facts.seat(who.id),
        "missed": [_ring(r, who, people, now) for r in missed], "called": [_ring(r, who, people, now) for r in over],
        "lost_since": facts.lost_since(now), "exchange": facts.has_exchange(),
    }


def _item(item: Item, who: Actor, people: dict[str, str], kinds: dict[str, Any], became: dict[UUID, Any],
          now: datetime) -> dict[str, Any]:
    held = item.state == "claimed" and item.claim_until is not None and item.claim_until > now
    call = became.get(item.call) if item.call and item.ended_at else None
    return {"it": item, "channel": CHANNELS[item.channel], "kind": kinds.get(item.type), "call": call,
            "state": ITEM_STATES["waiting" if item.state == "claimed" and not held else item.state],
            "why": REASONS.get(item.why, ""), "held": held, "mine": held and item.claimed_by == who.id,
            "by": people.get(item.claimed_by, ""), "open": item.state in ITEM_OPEN}


def _ring(ring: Ring, who: Actor, people: dict[str, str], now: datetime) -> dict[str, Any]:
    held = ring.back == "claimed" and ring.back_until is not None and ring.back_until > now
    return {"it": ring, "state": RING_STATES[ring.state], "held": held, "mine": held and ring.back_by == who.id,
            "by": people.get(ring.back_by, ""), "back": BACK_STATES.get(ring.back, ""),
            "waited_s": round((ring.ended_at - ring.joined_at).total_seconds()) if ring.ended_at else None}


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(TAKE)
def one(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One message; its own part alone for a page that heard of a change."""
    who, now = actor(request), timezone.now()
    head = log.head()
    item, words, replies = actions.read(actor=who, now=now, item_id=item_id)
    kinds = {t.code: t for t in calls.types()}
    became = facts.calls_of(who.areas(SEE), [item.call] if item.call else [])
    row = _item(item, who, names("user", [item.claimed_by]), kinds, became, now)
    by = names("user", [r.by for r, _text in replies])
    return render(request, "channels/part.html" if request.headers.get("HX-Request") else "channels/one.html", {
        "row": row, "words": words, "seq": head, "reasons": _told(REASONS), "may_reveal": who.may(REVEAL, item.area),
        "most": actions.items.MOST_REPLY,
        "replies": [{"it": r, "text": text, "by": by.get(r.by, ""), "state": REPLY_STATES[r.state],
                     "fault": FAULTS[r.fault]} for r, text in replies]})


@require_GET
@never_cache
@needs(TAKE)
def mark(request: HttpRequest) -> HttpResponse:
    """The fragment in the top bar: what waits, whether the exchange is lost, and the call this person has answered."""
    who, now = actor(request), timezone.now()
    return render(request, "channels/mark.html", {
        "counts": facts.counts(who.areas(TAKE)), "lost": facts.lost_since(now), "seq": log.head(),
        "answered": facts.answered_by(who.id, now)})


def _told(labels: Any) -> dict[str, str]:
    return {code: str(label) for code, label in labels.items()}


@csrf_exempt
@require_POST
@public
def sms(request: HttpRequest) -> HttpResponse:
    """Takes a text message from the carrier's gateway: {"id", "from", "text"}, signed (outside.signature). 201 says
    that it is on the disk; the same id again is no second message."""
    if len(body := request.body) > MOST_B:
        raise Refused(_("A text message is shorter than that."), code="long")
    given = request.headers.get("X-Shouwang-Signature", ""), request.headers.get("X-Shouwang-Time", "")
    if not signed(settings.CONFIG.secret(SMS_KEY), given[1], body, given[0], time.time()):
        return JsonResponse({"detail": _("The signature does not fit, or is older than five minutes."),
                             "code": "signature"}, status=401)
    try:
        told = json.loads(body)
        ref, sender, text = (told[name] for name in ("id", "from", "text"))
    except (ValueError, LookupError, TypeError):
        ref = sender = text = None
    if not (isinstance(ref, str) and isinstance(sender, str) and isinstance(text, str) and ref.strip()):
        raise Refused(_("A text message has an id, a sender and a text."), code="invalid")
    clean = text.encode("utf-8", "replace").decode()  # halves of characters are no text
    new = Incoming("sms", ref[:200], clean, sender=sender.encode("utf-8", "replace").decode()[:40])
    item = actions.receive(now=timezone.now(), new=new)
    return JsonResponse({"id": str(item.id)}, status=201)


# ---- the telephone


@require_GET
@never_cache
@needs(SEE)
def telephone(request: HttpRequest) -> HttpResponse:
    """How fast calls are answered, beside the standards, by hour."""
    who, now = actor(request), timezone.now()
    span, since = _span(request, now)
    found = facts.answering(who.areas(SEE), since, now)
    return render(request, "channels/telephone.html", {
        "found": found, "span": span, "spans": [code for code, _days in SPANS], "since": since, "now": now,
        "marks": facts.MARKS_S, "lost_since": facts.lost_since(now), "exchange": facts.has_exchange(),
        "told": [{"mark": mark, "share": _percent(share), "off": round(100 * off), "standard": round(100 * standard),
                  "kept": share is not None and share >= standard} for mark, share, off, standard in found.told],
        "hours": [{"it": h, "shares": [_percent(s) for s in h.shares]} for h in reversed(found.hours)],
        "lost_min": round(found.lost_s / 60)})


def _span(request: HttpRequest, now: datetime) -> tuple[str, datetime]:
    given = request.GET.get("span", "")
    days = dict(SPANS).get(given)
    return (given, now - timedelta(days=days)) if days else ("day", now - timedelta(days=1))


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The hours as a file: csv or xlsx. Counts alone."""
    tables.known(kind)
    now = timezone.now()
    found = facts.answering(actor(request).areas(SEE), _span(request, now)[1], now)
    head = [_("Hour"), _("Rang"), _("Picked up"), _("Missed"), _("Not known")]
    head += [_("Within %(n)s s") % {"n": mark} for mark in facts.MARKS_S]
    table: list[list[Any]] = [head]
    table += [[f"{h.at:%Y-%m-%d %H:%M}" if h.at else _("All"), h.rang, h.answered, h.missed, h.unknown, *h.within]
              for h in (*found.hours, found.all)]
    return tables.answer(table, f"telephone-{timezone.localtime(now):%Y-%m-%d-%H%M}", kind)


# ---- callers asked afterwards


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(FEEDBACK)
def visits(request: HttpRequest) -> HttpResponse:
    who, head = actor(request), log.head()
    since, until = _days(request)
    return render(request, "channels/visits.html", {
        **_visits(who), "seq": head, "since": since, "until": until, "ratings": _told(RATINGS), "whys": _told(WHYS),
        "told": _ratings(who, since, until)})


@require_GET
@never_cache
@needs(FEEDBACK)
def visit_rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "channels/visit_rows.html", _visits(actor(request)))


def _visits(who: Actor) -> dict[str, Any]:
    found = list(facts.visits(who.areas(FEEDBACK))[:100])
    people, now = names("user", [v.claimed_by for v in found]), timezone.now()
    about = facts.calls_of(who.areas(FEEDBACK), [v.call for v in found])
    return {"rows": [_visit(v, who, people, about, now) for v in found], "late": sum(v.due_at < now for v in found),
            "may_reveal": who.may(REVEAL)}


def _visit(visit: Visit, who: Actor, people: dict[str, str], about: dict[UUID, Any], now: datetime) -> dict[str, Any]:
    held = visit.state == "claimed" and visit.claim_until is not None and visit.claim_until > now
    return {"it": visit, "call": about.get(visit.call), "held": held, "late": visit.due_at < now,
            "mine": held and visit.claimed_by == who.id, "by": people.get(visit.claimed_by, "")}


def _days(request: HttpRequest) -> tuple[date, date]:
    """The days asked for, both counted; the last 90 without."""
    today = day_of(timezone.now())

    def read(name: str) -> date | None:
        try:
            return parse_date(request.GET.get(name, ""))
        except ValueError:
            return None
    until = read("until") or today
    return min(read("since") or until - timedelta(days=89), until), until


def _ratings(who: Actor, since: date, until: date) -> facts.Ratings:
    return facts.ratings(who.areas(FEEDBACK), since, until + timedelta(days=1), (_("All"), _("Elsewhere")))


@require_GET
@needs(FEEDBACK)
def visits_export(request: HttpRequest, kind: str) -> HttpResponse:
    """Ratings by type and area as a file: small counts are hidden there too."""
    tables.known(kind)
    since, until = _days(request)
    found = _ratings(actor(request), since, until)
    table: list[list[Any]] = [[_("By"), _("Name"), _("Ratings"), _("Mean"), _("Satisfied, percent")]]
    for by, rows in ((_("All"), [found.all]), (_("Type"), found.by_type), (_("Area"), found.by_area)):
        table += [[by, r.name, _("hidden") if r.n is None else r.n, "" if r.mean is None else round(r.mean, 2),
                   "" if r.satisfied is None else round(100 * r.satisfied)] for r in rows]
    return tables.answer(table, f"call-backs-{since}-{until}", kind)
