"""The audit: who did and saw what, when, where and why; and whether the log is whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import kinds as words
from .actor import Actor
from .audit import PER_PAGE, Filter, Line, events_of, lines_of, read_filter
from .errors import Refused
from .gate import actor, needs
from .models import Checkpoint, Hold
from .names import ground
from .retention import LONGEST_HOLD_DAYS, end_hold, hold
from .seal import Destroyed, unseal
from .sealing import read_roots
from .verify import Report, verify
from .writing import writing

READ = "audit.read"
EXPORT_MOST = 50_000


@needs(READ)
def audit(request: HttpRequest) -> HttpResponse:
    """A page of the log, newest first. Looking at it is itself an event."""
    who, wanted = actor(request), read_filter(request.GET)
    events = list(events_of(who, wanted)[: PER_PAGE + 1])
    _seen(who, "audit.seen", wanted)
    older = events[PER_PAGE - 1].seq if len(events) > PER_PAGE else None
    return render(
        request,
        "audit/audit.html",
        {
            "lines": lines_of(events[:PER_PAGE]),
            "wanted": wanted,
            "ground": ground(),
            "older": older,
            "choices": words.choices(),
            "subjects": [(k, str(v)) for k, v in words.SUBJECTS.items()],
            "current": request.GET.get("view", "audit"),
            "filter": _without(request.GET, "before"),
            "sealed": Checkpoint.objects.order_by("-size").first(),
        },
    )


@needs(READ)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV. Reasons are left out: they are sealed, and a file is not."""
    who, wanted = actor(request), read_filter(request.GET)
    _seen(who, "audit.exported", wanted)
    events = events_of(who, wanted)[:EXPORT_MOST]
    return StreamingHttpResponse(
        _csv(lines_of(list(events), reasons=False)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


@needs(READ)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Verifies the whole log now, against its own checkpoints and the copies outside if this centre keeps any."""
    who = actor(request)
    started = timezone.now()
    report = verify_centre()
    with writing(actor=who, now=timezone.now()) as log:
        log.append(
            "audit.verified",
            subject=("log", "all"),
            payload={
                "entries": report.entries,
                "intact": report.intact,
                "what": report.broken.what if report.broken else "",
            },
        )
    seconds = (timezone.now() - started).total_seconds()
    return render(
        request,
        "audit/checked.html",
        {"report": report, "seconds": seconds, "verdict": words.BREAKS[report.broken.what] if report.broken else ""},
    )


@needs(READ)
def holds(request: HttpRequest) -> HttpResponse:
    """Legal holds: what is kept beyond its time, why and until when."""
    who, now, refused = actor(request), timezone.now(), ""
    if request.method == "POST":
        try:
            _hold(who, now, request.POST)
        except Refused as error:
            refused = str(error.message)
    rows = [
        _Held(h, words.about(h.subject_kind), _words(h), h.until > now) for h in Hold.objects.order_by("-until")[:200]
    ]
    return render(
        request,
        "audit/holds.html",
        {
            "rows": rows,
            "refused": refused,
            "given": request.POST,
            "may_hold": who.may("log.hold"),
            "days": LONGEST_HOLD_DAYS,
            "current": "holds",
            "holdable": [(k, words.about(k)) for k in words.HOLDABLE],
        },
        status=422 if refused else 200,
    )


def verify_centre() -> Report:
    """Against the checkpoint file kept elsewhere, where there is one; the copy beside the data is no stranger's."""
    outside = settings.CONFIG.checkpoints
    return verify(list(read_roots(outside)) if outside and outside.exists() else ())


@dataclass(frozen=True)
class _Held:
    row: Hold
    about: str
    reason: str
    in_force: bool


def _words(row: Hold) -> str:
    try:
        return unseal(row.id, "reason", bytes(row.reason))
    except Destroyed:
        return ""


def _hold(who: Actor, now: datetime, post: QueryDict) -> None:
    reason = post.get("reason", "")[:500]
    try:
        if post.get("end"):
            end_hold(actor=who, now=now, hold_id=UUID(str(post["end"])), reason=reason)
            return
        until = datetime.fromisoformat(post.get("until", ""))
    except ValueError:
        raise Refused(_("Write the day on which it ends."), field="until") from None
    hold(
        actor=who,
        now=now,
        subject_kind=post.get("subject_kind", "")[:24],
        subject=post.get("subject", "")[:64].strip(),
        reason=reason,
        until=timezone.make_aware(until),
    )


def _seen(who: Actor, kind: str, wanted: Filter) -> None:
    with writing(actor=who, now=timezone.now()) as log:
        log.append(kind, subject=("log", "all"), area=wanted.area, payload=wanted.told())


def _without(query: QueryDict, name: str) -> str:
    left = query.copy()
    left.pop(name, None)
    return left.urlencode()


def _csv(lines: list[Line]) -> Iterator[str]:
    class Echo:
        def write(self, text: str) -> str:
            return text

    out = csv.writer(Echo())
    yield "\ufeff"
    yield out.writerow([_("Entry"), _("Time"), _("Who"), _("What"), _("Subject"), _("Id"), _("Area"), _("Details")])
    for line in lines:
        row: list[Any] = [
            line.seq,
            line.at.isoformat(timespec="seconds"),
            line.actor,
            line.kind,
            line.subject_kind,
            line.subject,
            line.area,
            line.details,
        ]
        yield out.writerow([f"'{c}" if str(c)[:1] in "=+-@\t" else c for c in row])
