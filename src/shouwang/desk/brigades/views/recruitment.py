"""Pages of recruitment: for the clerk, and for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs, public
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id

from .. import actions, facts
from ..forms import AnswerForm, ApplyForm, NoticeForm, ObjectForm
from ..models import Notice
from ..terms import APPLICANT_STATES, HIRE, NOTICE_STATES
from .common import PER_PAGE, Sent, teams_for, today


@require_GET
@never_cache
@needs(HIRE)
def notices(request: HttpRequest) -> HttpResponse:
    page = Paginator(facts.notices_in(actor(request).areas(HIRE)), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "brigades/notices.html", {
        "page": page, "rows": [(n, NOTICE_STATES[n.state]) for n in page]})  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
@needs(HIRE)
def new_notice(request: HttpRequest) -> HttpResponse:
    sent = Sent(request)
    form = NoticeForm(request.POST or None, teams=teams_for(sent.who, HIRE))
    id = given_id(request.POST.get("id")) or new_id()
    if request.method == "POST":
        row = sent.act(form, lambda: actions.write_notice(actor=sent.who, now=sent.now, id=id, **form.given()))
        if row is not None:
            return redirect("recruitment.one", row.id)
    return render(request, "brigades/notice_new.html", {"form": form, "id": id, "fault": sent.fault},
                  status=422 if form.is_bound else 200)  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
@needs(HIRE)
def notice(request: HttpRequest, recruit_id: UUID) -> HttpResponse:
    """One notice: its text, applicants by number, the result, objections."""
    who, now = actor(request), timezone.now()
    row = facts.notice(who.areas(HIRE), recruit_id)
    if row is None:
        raise Missing(_("There is no such recruitment notice in your areas."), code="notice")
    sent, said = Sent(request), None
    made: dict[str, Any] = {"draft": NoticeForm(initial=NoticeForm.of(row), teams=teams_for(who, HIRE)),
                            "apply": ApplyForm(prefix="apply"), "object": ObjectForm(prefix="object"),
                            "answer": AnswerForm(prefix="answer")}
    chosen = [(a.id, a.number) for a in row.applicants.filter(state="chosen").order_by("number")]
    made["object"].choose("applicant", chosen)
    if request.method == "POST":
        if sent.do == "words":
            said = sent.act(None, lambda: actions.read_notice(
                actor=who, now=now, recruit_id=row.id, because=sent.post.get("reason", "")))
        elif _act(sent, row, made, chosen):
            return redirect(f"/recruitment/{row.id}/?done={sent.do}")
    row.refresh_from_db()
    words = said or actions.Opened()
    day = today()
    response = render(request, "brigades/notice.html", {
        "n": row, "state": NOTICE_STATES[row.state], "forms": made, "fault": sent.fault, "key": new_id(),
        "fresh": new_id(), "open_words": said is not None, "saved": request.GET.get("done"),
        "applicants": [(a, APPLICANT_STATES[a.state], *words.names.get(a.id, ("", "")))
                       for a in row.applicants.order_by("number")],
        "objections": [(o, *words.objections.get(o.id, ("", "")))
                       for o in row.objections.select_related("applicant").order_by("at")],
        "hireable": {a.id for a in facts.hireable(who.areas(HIRE), now)},
        "closed": day > row.closes_on, "objecting": bool(row.objections_until and day <= row.objections_until),
        "public": request.build_absolute_uri(f"/join/{row.id}/"), "post": sent.post,
    }, status=422 if sent.bad else 200)  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _act(sent: Sent, row: Notice, made: dict[str, Any], chosen: list[tuple[UUID, int]]) -> bool:
    post, by = sent.post, sent.by
    one: dict[str, Any] = {"recruit_id": row.id, "version": sent.version}
    plain: dict[str, Callable[[], Any]] = {
        "publish": lambda: actions.publish(**by, **one),
        "drop": lambda: actions.drop_applicant(**by, applicant_id=sent.named("applicant")),
        "post": lambda: actions.post_result(**by, **one, chosen=[i for i in post.getlist("chosen") if given_id(i)]),
        "complete": lambda: actions.complete(**by, **one),
        "cancel": lambda: actions.cancel(**by, **one, because=post.get("because", "")),
    }
    if sent.do in plain:
        return sent.act(None, plain[sent.do]) is not None
    if sent.do == "draft":
        draft = made["draft"] = NoticeForm(post, teams=teams_for(sent.who, HIRE))
        return sent.act(draft, lambda: actions.write_notice(
            **by, id=row.id, version=sent.version, **draft.given())) is not None
    if sent.do == "apply":
        asked = made["apply"] = ApplyForm(post, prefix="apply")
        return sent.act(asked, lambda: actions.apply(
            **by, id=sent.named("fresh"), recruit_id=row.id, **asked.cleaned_data)) is not None
    if sent.do == "object":
        said = made["object"] = ObjectForm(post, prefix="object")
        said.choose("applicant", chosen)
        return sent.act(said, lambda: actions.object_to(
            **by, id=sent.named("fresh"), recruit_id=row.id, said=said.cleaned_data["said"],
            applicant_id=said.cleaned_data["applicant"] or None)) is not None
    if sent.do == "answer":
        answer = made["answer"] = AnswerForm(post, prefix="answer")
        return sent.act(answer, lambda: actions.answer_objection(
            **by, objection_id=sent.named("objection"), upheld=post.get("upheld") == "yes",
            **answer.cleaned_data)) is not None
    return False


@require_GET
@never_cache
@public
def join(request: HttpRequest) -> HttpResponse:
    """Notices for everybody: those that take applications, and results while objections are taken."""
    rows = [(n, facts.area_names([n.team.area])[n.team.area]) for n in facts.public_notices(timezone.now())]
    return render(request, "brigades/join.html", {"rows": rows})


@require_GET
@never_cache
@public
def join_one(request: HttpRequest, recruit_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = next((n for n in facts.public_notices(now) if n.id == recruit_id), None)
    if row is None:
        raise Http404
    return render(request, "brigades/join_one.html", {"n": row, "names": actions.posted_names(row, now)})
