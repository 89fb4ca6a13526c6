"""Pages of members: the list, hiring, one member's record."""

from __future__ import annotations

from collections.abc import Callable
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
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id
from shouwang.desk.people import facts as people
from shouwang.desk.workflow import tables

from .. import actions, exports, facts, terms
from ..forms import (
    PASSED_AS,
    AmendForm,
    AnswerForm,
    CaseForm,
    DecideForm,
    Form,
    GearForm,
    HearForm,
    HireForm,
    LeaveForm,
    MoveForm,
    OneLessonForm,
    PraiseForm,
)
from ..models import Member
from ..terms import DISCIPLINE, HIRE, KINDS, SEE
from .common import PER_PAGE, Sent, teams_for, today


@require_GET
@never_cache
@needs(SEE)
def members(request: HttpRequest) -> HttpResponse:
    """Members in the reader's areas by badge number, and for whom something is due."""
    who, asked, now = actor(request), _asked(request), timezone.now()
    page = Paginator(_listed(who, asked), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "brigades/members.html", {
        "page": page, "rows": facts.member_facts(page, now), "asked": asked, "kinds": KINDS, "teams": teams_for(who),
        "due": _due_words(), "filter": request.GET.urlencode(), "may_hire": who.may(HIRE)})  # fmt: skip


def _due_words() -> dict[str, str]:
    return {"first": _("training before the first duty"), "yearly": _("yearly training"),
            "gear": _("equipment past its day"), "contract": _("contract ends within 30 days")}


def _asked(request: HttpRequest) -> dict[str, str]:
    return {n: request.GET.get(n, "").replace("\x00", "")[:80] for n in ("q", "team", "kind", "due", "left")}


def _listed(who: Actor, asked: dict[str, str]) -> Any:
    return facts.members_in(who.areas(SEE), timezone.now(), text=asked["q"], team_id=given_id(asked["team"]),
                            kind=asked["kind"], due=asked["due"], left=asked["left"] == "yes")  # fmt: skip


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list as csv or xlsx. Nothing of what is kept of each."""
    tables.known(kind)
    rows = facts.member_facts(_listed(actor(request), _asked(request)), timezone.now())
    return tables.answer(exports.members(rows), f"members-{today()}", kind)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(HIRE)
def hire(request: HttpRequest) -> HttpResponse:
    sent = Sent(request)
    given: dict[str, Any] = {"teams": teams_for(sent.who, HIRE),
                             "applicants": facts.hireable(sent.who.areas(HIRE), sent.now)}
    first = {"since": today(), "contract_from": today(), "team": request.GET.get("team", ""),
             "applicant": request.GET.get("applicant", ""), "kind": request.GET.get("kind", "")}
    form = HireForm(request.POST or None, initial=first, **given)
    id = given_id(request.POST.get("id")) or new_id()
    if request.method == "POST":
        taken = sent.act(form, lambda: actions.hire(**sent.by, id=id, **form.given()))
        if taken is not None:
            response = render(request, "brigades/hired.html", {"taken": taken})
            response.headers["Cache-Control"] = "no-store"
            return response
    return render(request, "brigades/hire.html", {"form": form, "id": id, "fault": sent.fault},
                  status=422 if form.is_bound else 200)  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """One member's record: numbers, contract, equipment, training, attendance, commendation, discipline, requests."""
    who, now = actor(request), timezone.now()
    row = facts.member(who.areas(SEE), member_id)
    if row is None:
        raise Missing(_("There is no such member in your areas."), code="member")
    sent, made = Sent(request), _Forms(row, who)
    said: actions.Said | None = None
    if request.method == "POST":
        if sent.do == "words":
            said = sent.act(None, lambda: actions.read_words(
                actor=who, now=now, member_id=member_id, because=sent.post.get("reason", "")))
        elif _act(sent, row, made):
            here = facts.member(who.areas(SEE), member_id) is not None
            return redirect(f"/members/{row.id}/?done={sent.do}" if here else "/members/")
    row = facts.member(who.areas(SEE), member_id) or row
    response = render(request, "brigades/member.html", {
        **shown(row, said), "forms": made, "fault": sent.fault, "key": new_id(), "fresh": new_id(),
        "may_keep": str(row.user) != who.id, "may_hire": who.may(HIRE, row.team.area),
        "may_discipline": who.may(DISCIPLINE, row.team.area), "saved": request.GET.get("done"),
        "me": who.id}, status=422 if sent.bad else 200)  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def shown(row: Member, said: actions.Said | None) -> dict[str, Any]:
    """What both pages of a record show, the leader's and the member's own."""
    it = facts.record(row, timezone.now())
    words = said or actions.Said()
    return {
        "m": row, "person": people.names_of([str(row.user)]).get(str(row.user), "?"), "it": it, "terms": terms,
        "kind": KINDS[row.kind], "came": [(terms.CAME[how], n) for how, n in facts.came(it.turns).items()],
        "cases": [(c, *words.cases.get(c.id, ("", "", ""))) for c in it.cases],
        "corrections": [(c, *words.corrections.get(c.id, ("", ""))) for c in it.corrections],
        "open_words": said is not None, "today": today(), "conduct": _conduct(), "now": timezone.now(),
    }  # fmt: skip


def _conduct() -> list[str]:
    """What everybody on patrol keeps to; from the province's rules and 保安服务管理条例 30."""
    return [
        _("Badge and red armband are worn on every patrol."),
        _("Be on time, follow orders, do not leave the post."),
        _("Stop what is going on within the law and report at once; nobody is searched or held."),
        _("Be polite and help residents."),
        _("Take nothing, keep what is to be kept, shield nobody."),
    ]


class _Forms:
    """The forms of a member's page; one of them may have been sent."""

    def __init__(self, row: Member, who: Actor) -> None:
        teams = [(t.id, str(t)) for t in teams_for(who) if t.id != row.team_id]
        self.amend: Form = AmendForm(initial=AmendForm.of(row))
        self.move: Form = MoveForm()
        self.leave: Form = LeaveForm(prefix="leave")
        self.gear: Form = GearForm(initial={"day": today()}, prefix="gear")
        self.lesson: Form = OneLessonForm(initial={"day": today()}, prefix="lesson")
        self.praise: Form = PraiseForm(initial={"day": today()}, prefix="praise")
        self.case: Form = CaseForm(initial={"day": today()}, prefix="case")
        self.decide: Form = DecideForm(prefix="decide")
        self.hear: Form = HearForm(prefix="hear")
        self.answer: Form = AnswerForm(prefix="answer")
        self.move.choose("team", teams)
        self.teams = teams


def _act(sent: Sent, row: Member, made: _Forms) -> bool:
    """Does what was pressed; False when something has to be mended first."""
    post, do = sent.post, sent.do
    one: dict[str, Any] = {"member_id": row.id, "version": sent.version}
    by = sent.by
    plain: dict[str, Callable[[], Any]] = {
        "give_back": lambda: actions.give_back(**by, issue_id=sent.named("issue"), how=post.get("how", "")),
        "withdraw": lambda: actions.withdraw(**by, case_id=sent.named("case"), version=sent.version),
    }
    if do in plain:
        return sent.act(None, plain[do]) is not None
    if do == "move":
        move = made.move = MoveForm(post)
        move.choose("team", made.teams)
        return sent.act(move, lambda: actions.move(**by, **one, team_id=move.cleaned_data["team"])) is not None
    kinds: dict[str, type[Form]] = {"amend": AmendForm, "leave": LeaveForm, "gear": GearForm, "lesson": OneLessonForm,
                                    "praise": PraiseForm, "case": CaseForm, "decide": DecideForm, "hear": HearForm,
                                    "answer": AnswerForm}
    if do not in kinds:
        return False
    form = kinds[do](post, prefix=None if do == "amend" else do)
    setattr(made, do, form)

    def said() -> dict[str, Any]:
        return form.cleaned_data

    steps: dict[str, Callable[[], Any]] = {
        "amend": lambda: actions.amend(**by, **one, badge=said()["badge"], armband=said()["armband"],
                                       contract=form.contract()),  # type: ignore[attr-defined]
        "leave": lambda: actions.leave(**by, **one, **said()),
        "gear": lambda: actions.issue(**by, id=sent.named("fresh"), member_id=row.id, **said()),
        "lesson": lambda: actions.teach(**by, passed={str(row.id): PASSED_AS.get(said().pop("passed"))}, **said()),
        "praise": lambda: actions.praise(**by, id=sent.named("fresh"), member_id=row.id, **said()),
        "case": lambda: actions.propose(**by, id=sent.named("fresh"), member_id=row.id, **said()),
        "decide": lambda: actions.decide(**by, case_id=sent.named("case"), version=sent.version, **said()),
        "hear": lambda: actions.hear(**by, case_id=sent.named("case"), version=sent.version, **said()),
        "answer": lambda: actions.answer_correction(**by, correction_id=sent.named("correction"),
                                                    mended=post.get("mended") == "yes", **said()),
    }
    return sent.act(form, steps[do]) is not None
