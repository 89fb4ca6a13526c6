"""A member's own record: seen, taken along as a file, answered, corrected."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, signed_in
from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow import tables

from .. import actions, exports, facts
from ..forms import AskForm, HearForm
from ..models import Member
from .common import Sent, today
from .members import shown


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def record(request: HttpRequest) -> HttpResponse:
    """All that is kept of the reader as a member, words included. What is wrong can be said; somebody answers."""
    who, sent = actor(request), Sent(request)
    row = facts.member_of(who.id)
    if row is None:
        return render(request, "brigades/own_none.html")
    ask, hear = AskForm(prefix="ask"), HearForm(prefix="hear")
    if request.method == "POST":
        done = None
        if sent.do == "ask":
            ask = AskForm(request.POST, prefix="ask")
            done = sent.act(ask, lambda: actions.ask_correction(**sent.by, id=sent.named("fresh"), **ask.cleaned_data))
        elif sent.do == "hear":
            hear = HearForm(request.POST, prefix="hear")
            done = sent.act(hear, lambda: actions.hear(
                **sent.by, case_id=sent.named("case"), version=sent.version, **hear.cleaned_data))
        if done is not None:
            return redirect(f"/me/record/?done={sent.do}")
    response = render(request, "brigades/own.html", {
        **shown(row, actions.own_words(row, actor=who)), "rules": facts.rules_of(row.team), "ask": ask, "hear": hear,
        "key": new_id(), "fresh": new_id(), "fault": sent.fault, "saved": request.GET.get("done"), "own": True,
    }, status=422 if sent.bad else 200)  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
@signed_in
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as a file: json, csv or xlsx."""
    row, now = _mine(request), timezone.now()
    said = actions.own_words(row, actor=actor(request))
    if kind == "json":
        response = HttpResponse(exports.own_json(row, said, now), content_type="application/json",
                                headers={"Content-Disposition": f'attachment; filename="my-record-{today()}.json"'})
    elif kind in tables.TYPES:
        response = tables.answer(exports.own_rows(row, said, now), f"my-record-{today()}", kind)
    else:
        raise Missing(_("The record is given as json, csv or xlsx."), code="kind")
    response.headers["Cache-Control"] = "no-store"
    return response


def _mine(request: HttpRequest) -> Member:
    row = facts.member_of(actor(request).id)
    if row is None:
        raise Missing(_("You are in no team."), code="member")
    return row
