"""Pages of teams: the list, one team, the help that all of them gave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.posted import given_id
from shouwang.desk.people import facts as people
from shouwang.desk.workflow import tables

from .. import actions, facts
from ..forms import PASSED, PASSED_AS, HelpForm, JointForm, LeaderForm, LessonForm, RulesForm, TeamForm
from ..models import Team
from ..terms import HELPS, KINDS, LEADS_AS, SEE, ranks
from .common import Sent, teams_for, today

COUNTS_SHOWN = 12


@require_GET
@never_cache
@needs(SEE)
def teams(request: HttpRequest) -> HttpResponse:
    """Teams in the reader's areas, each below the one it belongs to, with their leaders and composition."""
    who, closed = actor(request), request.GET.get("closed") == "yes"
    rows = facts.told(list(facts.teams_in(who.areas(SEE), closed=closed)))
    waits = facts.to_answer(who.areas(SEE))
    return render(request, "brigades/teams.html", {
        "rows": rows, "closed": closed, "kinds": KINDS, "waits": [c for c in waits if str(c.member.user) != who.id],
        "areas": facts.area_names(t.area for t in rows)})  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def new_team(request: HttpRequest) -> HttpResponse:
    sent = Sent(request)
    form = TeamForm(request.POST or None, teams=teams_for(sent.who), areas=sent.who.areas(SEE))
    id = given_id(request.POST.get("id")) or new_id()
    if request.method == "POST":
        row = sent.act(form, lambda: actions.save_team(actor=sent.who, now=sent.now, id=id, given=form.given()))
        if row is not None:
            return redirect("teams.one", row.id)
    return render(request, "brigades/team_new.html", {"form": form, "id": id, "fault": sent.fault,
                                                      "ranks": ranks().values()},
                  status=422 if form.is_bound else 200)  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEE)
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """One team: who leads it, who is in it, what it does with others, what help it gave, its rules."""
    who, now = actor(request), timezone.now()
    row = _team(request, team_id)
    sent = Sent(request)
    listed = facts.member_facts(facts.members_in(("",), now, team_id=row.id), now)
    others = [t for t in teams_for(who) if t.id != row.id]
    made = _Forms(row, listed, others, who.areas(SEE))
    if request.method == "POST" and _act(sent, row, made, others):
        return redirect(f"/teams/{row.id}/?done={sent.do}")
    row.refresh_from_db()
    year, role = today().replace(month=1, day=1), LEADS_AS.get(row.rank, "")
    rules = facts.rules_of(row)
    return render(request, "brigades/team.html", {
        "team": facts.told([row])[0], "row": row, "members": listed, "kinds": KINDS, "forms": made, "fault": sent.fault,
        "area": facts.area_names([row.area])[row.area], "above": row.parent, "rules": rules,
        "below": facts.told(list(facts.teams_in(who.areas(SEE)).filter(parent=row))), "others": others,
        "joint": facts.joint_of([row], now - timedelta(days=1)), "now": now, "key": new_id(), "joint_id": new_id(),
        "helped": zip(HELPS.values(), facts.help_row(facts.helped([row], year, today())[row.id]), strict=True),
        "counts": facts.help_lines(row, COUNTS_SHOWN), "helps": HELPS, "passed": PASSED,
        "has_rights": bool(row.lent) or role in people.roles_held(str(row.leader or ""), row.area),
        "may_lend": bool(row.leader) and people.may_lend(who, row.leader or "", role, row.area),
        "saved": request.GET.get("done"), "post": request.POST}, status=422 if sent.bad else 200)  # fmt: skip


class _Forms:
    """The forms of a team's page; one of them may have been sent."""

    def __init__(self, row: Team, members: list[facts.MemberFact], others: list[Team], areas: tuple[str, ...]) -> None:
        # The team above may lie outside the reader's areas: it stays what it is.
        self.above = [*others, *([row.parent] if row.parent and row.parent not in others else [])]
        self.team = TeamForm(initial=TeamForm.of(row), teams=self.above, areas=areas)
        self.leader = LeaderForm(initial={})
        self.leader.choose("member", [(m.id, f"{m.name} {m.badge}") for m in members])
        self.rules = RulesForm(initial={"rules": row.rules, "since": row.rules_since or today()})
        self.help = HelpForm(initial={"day": today()}, prefix="help")
        self.joint = JointForm(prefix="joint")
        self.lesson = LessonForm(initial={"day": today()}, prefix="lesson")
        self.areas = areas


def _act(sent: Sent, row: Team, made: _Forms, others: list[Team]) -> bool:
    post = sent.post
    one: dict[str, Any] = {"team_id": row.id, "version": sent.version}
    if sent.do == "team":
        form = made.team = TeamForm(post, teams=made.above, areas=made.areas)
        return sent.act(form, lambda: actions.save_team(
            **sent.by, id=row.id, given=form.given(), version=sent.version)) is not None
    if sent.do == "leader":
        leader = LeaderForm(post)
        leader.fields["member"].choices = made.leader.fields["member"].choices  # type: ignore[attr-defined]
        made.leader = leader
        return sent.act(leader, lambda: actions.appoint(
            **sent.by, **one, member_id=leader.cleaned_data["member"])) is not None
    if sent.do in ("rights", "relieve"):
        do = actions.give_rights if sent.do == "rights" else actions.relieve
        return sent.act(None, lambda: do(**sent.by, **one)) is not None
    if sent.do == "rules":
        rules = made.rules = RulesForm(post)
        return sent.act(rules, lambda: actions.set_rules(**sent.by, **one, **rules.cleaned_data)) is not None
    if sent.do == "help":
        counted = made.help = HelpForm(post, prefix="help")
        return sent.act(counted, lambda: actions.count_help(
            **sent.by, team_id=row.id, **counted.cleaned_data)) is not None
    if sent.do == "strike":
        return sent.act(None, lambda: actions.strike_help(
            actor=sent.who, now=sent.now, help_id=sent.named("help"))) is not None
    if sent.do == "joint":
        joint = made.joint = JointForm(post, prefix="joint")
        people = {str(t.id): _count(post.get(f"people-{t.id}", "")) for t in (row, *others)}
        return sent.act(joint, lambda: actions.plan_joint(
            **sent.by, id=sent.named("joint_id"), lead_id=row.id, people=people, **joint.cleaned_data)) is not None
    if sent.do == "call_off":
        return sent.act(None, lambda: actions.call_off(**sent.by, joint_id=sent.named("joint_id"))) is not None
    if sent.do == "lesson":
        lesson = made.lesson = LessonForm(post, prefix="lesson")
        passed = {i: PASSED_AS.get(post.get(f"passed-{i}", "")) for i in post.getlist("there")}
        return sent.act(lesson, lambda: actions.teach(
            **sent.by, passed=_ids(passed), **lesson.cleaned_data)) is not None
    if sent.do == "close":
        return sent.act(None, lambda: actions.close_team(**sent.by, **one)) is not None
    return False


def _ids(passed: dict[str, bool | None]) -> dict[str, bool | None]:
    return {str(found): how for i, how in passed.items() if (found := given_id(i))}


def _count(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _team(request: HttpRequest, team_id: UUID) -> Team:
    row = facts.team(actor(request).areas(SEE), team_id)
    if row is None:
        raise Missing(_("There is no such team in your areas."), code="team")
    return row


@require_GET
@never_cache
@needs(SEE)
def helped(request: HttpRequest) -> HttpResponse:
    """Help given, by team and kind, in a year or a month."""
    first, last, chosen = _period(request)
    rows = list(facts.teams_in(actor(request).areas(SEE)))
    sums = facts.helped(rows, first, last)
    lines = [(t, facts.help_row(sums[t.id])) for t in rows]
    return render(request, "brigades/help.html", {
        "lines": lines, "helps": HELPS, "totals": [sum(n) for n in zip(*(line for _t, line in lines), strict=True)],
        "chosen": chosen, "first": first, "last": last})  # fmt: skip


@require_GET
@needs(SEE)
def export_helped(request: HttpRequest, kind: str) -> HttpResponse:
    tables.known(kind)
    first, last, chosen = _period(request)
    rows = list(facts.teams_in(actor(request).areas(SEE)))
    sums = facts.helped(rows, first, last)
    head: list[object] = [_("Code"), _("Team"), *(str(h) for h in HELPS.values())]
    return tables.answer([head, *([t.code, str(t), *facts.help_row(sums[t.id])] for t in rows)],
                         f"help-{chosen or first.year}", kind)  # fmt: skip


def _period(request: HttpRequest) -> tuple[date, date, str]:
    """First and last day: of the month asked for (2026-11), else of this year."""
    text = request.GET.get("month", "")
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today().replace(month=1, day=1), today(), ""
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), text
