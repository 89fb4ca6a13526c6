"""Teams, members, recruitment and one's own record over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import SIGNED_IN, actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, exports, facts
from .models import Applicant, Case, Member, Notice, Team
from .terms import DISCIPLINE, HIRE, SEE, Contract, Hired, TeamGiven

router = Router(tags=["brigades"])
BIG = 2**31 - 1
CLEAN = r"^[^\x00-\x1f]*$"
WORDS = r"^[^\x00]*$"
ID = "Made by the client (UUIDv7): the same id again is a retry"


class Keyed(Posted):
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class Versioned(Keyed):
    version: int = Field(ge=1, le=BIG, description="As it was read; 409 when somebody else has changed it since")


# ---------- teams ----------
class TeamOut(Schema):
    id: UUID
    code: str
    zh: str
    en: str
    rank: str
    area: str
    parent: UUID | None
    leader: str = Field(description="Id of the leader's account, empty for none")
    lent: str = Field(description="The role that the office gave the leader in the area, empty for none")
    members: dict[str, int] = Field(description="How many by kind")
    closed: bool
    version: int

    @staticmethod
    def resolve_rank(it: facts.TeamFact) -> str:
        return it.rank.code

    @staticmethod
    def resolve_leader(it: facts.TeamFact) -> str:
        return it.leader_id

    @staticmethod
    def resolve_members(it: facts.TeamFact) -> dict[str, int]:
        return it.counts


class TeamIn(Keyed):
    id: UUID = Field(description=ID)
    code: str = Field(max_length=12, pattern=CLEAN)
    rank: str = Field(max_length=16)
    zh: str = Field(max_length=80, pattern=CLEAN)
    en: str = Field(max_length=80, pattern=CLEAN)
    area: str = Field(max_length=200, pattern=CLEAN)
    parent: str = Field("", max_length=12, pattern=CLEAN, description="Code of the team above")
    version: int | None = Field(None, ge=1, le=BIG, description="Given to change a team that stands")


class LeaderIn(Versioned):
    member: UUID


class RulesIn(Versioned):
    rules: str = Field(max_length=8000, pattern=WORDS)
    since: date


class HelpIn(Keyed):
    kind: str = Field(max_length=12)
    day: date
    count: int = Field(1, ge=1, le=10_000)


class JointIn(Keyed):
    id: UUID = Field(description=ID)
    lead: UUID
    people: dict[UUID, int] = Field(description="How many each team sends, the leading one among them")
    start: datetime
    end: datetime


class HelpOut(Schema):
    team: UUID
    code: str
    counts: dict[str, int]


class HelpAsked(Schema):
    first: date
    last: date


@router.get("/teams", response=list[TeamOut])
@opens(SEE)
def teams(request: HttpRequest, closed: bool = False) -> list[facts.TeamFact]:
    """Teams in the caller's areas, by area and code."""
    return facts.told(list(facts.teams_in(actor(request).areas(SEE), closed=closed)))


@router.post("/teams", response=TeamOut)
@opens(SEE)
def save_team(request: HttpRequest, body: TeamIn) -> facts.TeamFact:
    """Set a team up, or change one."""
    given = TeamGiven(body.code, body.rank, body.zh, body.en, body.area, body.parent)
    return _team(actions.save_team(**_by(request, body), id=body.id, given=given, version=body.version))


@router.post("/teams/{uuid:team_id}/leader", response=TeamOut)
@opens(SEE)
def appoint(request: HttpRequest, team_id: UUID, body: LeaderIn) -> facts.TeamFact:
    """Name a member of the team as its leader."""
    return _team(actions.appoint(**_by(request, body), team_id=team_id, member_id=body.member, version=body.version))


@router.post("/teams/{uuid:team_id}/leader/rights", response=TeamOut)
@opens(SEE)
def give_rights(request: HttpRequest, team_id: UUID, body: Versioned) -> facts.TeamFact:
    """Give the leader the role of the office: who manages accounts there, or holds there all that the leader gains."""
    return _team(actions.give_rights(**_by(request, body), team_id=team_id, version=body.version))


@router.post("/teams/{uuid:team_id}/leader/end", response=TeamOut)
@opens(SEE)
def relieve(request: HttpRequest, team_id: UUID, body: Versioned) -> facts.TeamFact:
    """Nobody leads the team any more; the role that the office gave ends at once."""
    return _team(actions.relieve(**_by(request, body), team_id=team_id, version=body.version))


@router.put("/teams/{uuid:team_id}/rules", response=TeamOut)
@opens(SEE)
def set_rules(request: HttpRequest, team_id: UUID, body: RulesIn) -> facts.TeamFact:
    """The working rules that street and station agreed on."""
    return _team(actions.set_rules(**_by(request, body), team_id=team_id, rules=body.rules, since=body.since,
                                   version=body.version))  # fmt: skip


@router.post("/teams/{uuid:team_id}/close", response=TeamOut)
@opens(SEE)
def close_team(request: HttpRequest, team_id: UUID, body: Versioned) -> facts.TeamFact:
    """The team is no more; it has to be empty."""
    return _team(actions.close_team(**_by(request, body), team_id=team_id, version=body.version))


@router.post("/teams/{uuid:team_id}/help", response=dict[str, UUID])
@opens(SEE)
def count_help(request: HttpRequest, team_id: UUID, body: HelpIn) -> dict[str, UUID]:
    """Add help that a team gave on a day."""
    row = actions.count_help(**_by(request, body), team_id=team_id, kind=body.kind, day=body.day, count=body.count)
    return {"id": row.id}


@router.delete("/teams/help/{uuid:help_id}", response=dict[str, bool])
@opens(SEE)
def strike_help(request: HttpRequest, help_id: UUID) -> dict[str, bool]:
    """Take a wrong count away."""
    actions.strike_help(actor=actor(request), now=timezone.now(), help_id=help_id)
    return {"struck": True}


@router.get("/teams/help", response=list[HelpOut])
@opens(SEE)
def helped(request: HttpRequest, asked: Query[HelpAsked]) -> list[HelpOut]:
    """Help given by the caller's teams on days first … last."""
    rows = list(facts.teams_in(actor(request).areas(SEE)))
    sums = facts.helped(rows, asked.first, asked.last)
    return [HelpOut(team=t.id, code=t.code, counts=sums[t.id]) for t in rows]


@router.post("/teams/joint", response=dict[str, UUID])
@opens(SEE)
def plan_joint(request: HttpRequest, body: JointIn) -> dict[str, UUID]:
    """Plan a patrol of several teams together."""
    row = actions.plan_joint(**_by(request, body), id=body.id, lead_id=body.lead, start=_aware(body.start),
                             people={str(t): n for t, n in body.people.items()}, end=_aware(body.end))
    return {"id": row.id}


@router.post("/teams/joint/{uuid:joint_id}/off", response=dict[str, bool])
@opens(SEE)
def call_off(request: HttpRequest, joint_id: UUID, body: Keyed) -> dict[str, bool]:
    """A joint patrol does not take place."""
    return {"called_off": actions.call_off(**_by(request, body), joint_id=joint_id).called_off}


# ---------- members ----------
class MemberOut(Schema):
    id: UUID
    user: str
    name: str
    badge: str
    armband: str
    kind: str
    team_id: UUID
    since: date
    left: bool
    version: int
    due: list[str] = Field(description="What is to be seen to: first, yearly, gear, contract")


class MembersAsked(Schema):
    q: str = Field("", max_length=80, pattern=CLEAN)
    team: UUID | None = None
    kind: str = Field("", max_length=16, pattern=CLEAN)
    due: str = Field("", max_length=8, pattern=CLEAN)
    left: bool = False
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=BIG)


class ContractIn(Schema):
    contract_no: str = Field("", max_length=40, pattern=CLEAN)
    contract_from: date | None = None
    contract_until: date | None = None

    def contract(self) -> Contract:
        return Contract(self.contract_no, self.contract_from, self.contract_until)


class HireIn(ContractIn, Keyed):
    id: UUID = Field(description=ID)
    team: UUID
    kind: str = Field(max_length=16)
    name: str = Field("", max_length=60, pattern=CLEAN)
    username: str = Field(max_length=40, pattern=CLEAN, description="New; for police of the account they have")
    badge: str = Field(max_length=12, pattern=CLEAN)
    armband: str = Field("", max_length=12, pattern=CLEAN)
    since: date
    applicant: UUID | None = Field(None, description="Who was chosen by public notice: needed for a full-time guard")
    of_age: bool = Field(False, description="Age (18 or older) and fitness for the work were checked")


class TakenOut(Schema):
    id: UUID
    username: str
    password: str = Field(description="The first one, told once; empty for police and for retries")


class AmendIn(ContractIn, Versioned):
    badge: str = Field(max_length=12, pattern=CLEAN)
    armband: str = Field("", max_length=12, pattern=CLEAN)


class MoveIn(Versioned):
    team: UUID


class LeaveIn(Versioned):
    why: str = Field(max_length=12)
    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class IssueIn(Keyed):
    id: UUID = Field(description=ID)
    gear: str = Field(max_length=16)
    number: str = Field("", max_length=40, pattern=CLEAN)
    day: date
    expires_on: date | None = None


class BackIn(Keyed):
    how: str = Field(max_length=8)
    day: date | None = None


class LessonIn(Keyed):
    course: str = Field(max_length=8)
    taught: str = Field(max_length=16)
    day: date
    hours: float = Field(gt=0, le=80)
    passed: dict[UUID, bool | None] = Field(description="By member; null where there was no test")


class PraiseIn(Keyed):
    id: UUID = Field(description=ID)
    kind: str = Field(max_length=12)
    day: date
    reference: str = Field(max_length=40, pattern=CLEAN)


class ReasonIn(Posted):
    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class WordsOut(Schema):
    cases: dict[UUID, list[str]] = Field(description="Grounds, statement, decision")
    corrections: dict[UUID, list[str]] = Field(description="Words, answer")


@router.get("/members", response=list[MemberOut])
@opens(SEE)
def members(request: HttpRequest, asked: Query[MembersAsked]) -> list[facts.MemberFact]:
    """Members of the caller's teams, by badge number."""
    now = timezone.now()
    rows = facts.members_in(actor(request).areas(SEE), now, text=asked.q, team_id=asked.team, kind=asked.kind,
                            due=asked.due, left=asked.left)  # fmt: skip
    return facts.member_facts(rows[asked.offset:asked.offset + asked.limit], now)


@router.get("/members/{uuid:member_id}", response=dict[str, Any])
@opens(SEE)
def member(request: HttpRequest, member_id: UUID) -> dict[str, Any]:
    """A member's record without anybody's words; discipline for those alone who may decide on it."""
    who = actor(request)
    row = facts.member(who.areas(SEE), member_id)
    if row is None:
        raise Missing(_("There is no such member in your areas."), code="member")
    blank = actions.Said({c.id: ("", "", "") for c in row.cases.all()}, {c.id: ("", "") for c in row.corrections.all()})
    told = exports.own(row, blank, timezone.now()) | {"id": row.id, "version": row.version}
    if not who.may(DISCIPLINE, row.team.area):
        told.pop("discipline")
    return told


@router.post("/members", response=TakenOut)
@opens(HIRE)
def hire(request: HttpRequest, body: HireIn) -> dict[str, Any]:
    """Take somebody into a team, with an account."""
    given = Hired(body.name, body.username, body.kind, body.badge, body.armband, body.since, body.contract())
    taken = actions.hire(**_by(request, body), id=body.id, team_id=body.team, given=given, of_age=body.of_age,
                         applicant_id=body.applicant)  # fmt: skip
    return {"id": taken.member.id, "username": taken.username, "password": taken.password}


@router.post("/members/{uuid:member_id}/amend", response=MemberOut)
@opens(SEE)
def amend(request: HttpRequest, member_id: UUID, body: AmendIn) -> facts.MemberFact:
    """Other numbers, or another contract."""
    return _member(actions.amend(**_by(request, body), member_id=member_id, version=body.version, badge=body.badge,
                                 armband=body.armband, contract=body.contract()))  # fmt: skip


@router.post("/members/{uuid:member_id}/move", response=MemberOut)
@opens(SEE)
def move(request: HttpRequest, member_id: UUID, body: MoveIn) -> facts.MemberFact:
    """Into another team, with the role."""
    return _member(actions.move(**_by(request, body), member_id=member_id, team_id=body.team, version=body.version))


@router.post("/members/{uuid:member_id}/leave", response=MemberOut)
@opens(HIRE)
def leave(request: HttpRequest, member_id: UUID, body: LeaveIn) -> facts.MemberFact:
    """The member leaves: account, sessions, keys and duty end in the same transaction."""
    return _member(actions.leave(**_by(request, body), member_id=member_id, why=body.why, because=body.reason,
                                 version=body.version))  # fmt: skip


@router.post("/members/{uuid:member_id}/issues", response=dict[str, UUID])
@opens(SEE)
def issue(request: HttpRequest, member_id: UUID, body: IssueIn) -> dict[str, UUID]:
    """Hand a piece of equipment out."""
    row = actions.issue(**_by(request, body), id=body.id, member_id=member_id, gear=body.gear, number=body.number,
                        day=body.day, expires_on=body.expires_on)  # fmt: skip
    return {"id": row.id}


@router.post("/issues/{uuid:issue_id}/back", response=dict[str, date | None])
@opens(SEE)
def give_back(request: HttpRequest, issue_id: UUID, body: BackIn) -> dict[str, date | None]:
    """Take a piece back, or write it off."""
    row = actions.give_back(**_by(request, body), issue_id=issue_id, how=body.how, day=body.day)
    return {"returned_on": row.returned_on}


@router.post("/lessons", response=dict[str, int])
@opens(SEE)
def teach(request: HttpRequest, body: LessonIn) -> dict[str, int]:
    """Enter a lesson of one or more members."""
    rows = actions.teach(**_by(request, body), passed={str(m): p for m, p in body.passed.items()}, course=body.course,
                         taught=body.taught, day=body.day, hours=body.hours)  # fmt: skip
    return {"members": len(rows)}


@router.post("/members/{uuid:member_id}/praises", response=dict[str, UUID])
@opens(DISCIPLINE)
def praise(request: HttpRequest, member_id: UUID, body: PraiseIn) -> dict[str, UUID]:
    """Commend a member."""
    row = actions.praise(**_by(request, body), id=body.id, member_id=member_id, kind=body.kind, day=body.day,
                         reference=body.reference)  # fmt: skip
    return {"id": row.id}


@router.post("/members/{uuid:member_id}/words", response=WordsOut)
@opens(SEE)
def words(request: HttpRequest, member_id: UUID, body: ReasonIn) -> actions.Said:
    """Open the sealed words about a member, for a stated reason. The opening is logged."""
    return actions.read_words(actor=actor(request), now=timezone.now(), member_id=member_id, because=body.reason)


# ---------- discipline ----------
class CaseIn(Keyed):
    id: UUID = Field(description=ID)
    breach: str = Field(max_length=16)
    day: date
    grounds: str = Field(min_length=1, max_length=2000, pattern=WORDS)


class HearIn(Versioned):
    statement: str = Field(min_length=1, max_length=2000, pattern=WORDS)


class DecideIn(Versioned):
    measure: str = Field(max_length=12)
    decision: str = Field(min_length=1, max_length=2000, pattern=WORDS)


class CaseOut(Schema):
    id: UUID
    state: Literal["proposed", "decided", "withdrawn"]
    breach: str
    measure: str
    hear_until: datetime
    heard_at: datetime | None
    version: int


@router.post("/members/{uuid:member_id}/cases", response=CaseOut)
@opens(DISCIPLINE)
def propose(request: HttpRequest, member_id: UUID, body: CaseIn) -> Case:
    """Propose a disciplinary measure; the member has the right to be heard."""
    return actions.propose(**_by(request, body), id=body.id, member_id=member_id, breach=body.breach, day=body.day,
                           grounds=body.grounds)  # fmt: skip


@router.post("/cases/{uuid:case_id}/hear", response=CaseOut)
@opens(SIGNED_IN)
def hear(request: HttpRequest, case_id: UUID, body: HearIn) -> Case:
    """What the member says to it: by the member, or taken down."""
    return actions.hear(**_by(request, body), case_id=case_id, statement=body.statement, version=body.version)


@router.post("/cases/{uuid:case_id}/decide", response=CaseOut)
@opens(DISCIPLINE)
def decide(request: HttpRequest, case_id: UUID, body: DecideIn) -> Case:
    """Decide it, by somebody else than who proposed it, after the hearing."""
    return actions.decide(**_by(request, body), case_id=case_id, measure=body.measure, decision=body.decision,
                          version=body.version)  # fmt: skip


@router.post("/cases/{uuid:case_id}/withdraw", response=CaseOut)
@opens(DISCIPLINE)
def withdraw(request: HttpRequest, case_id: UUID, body: Versioned) -> Case:
    """Take a proposal back."""
    return actions.withdraw(**_by(request, body), case_id=case_id, version=body.version)


# ---------- one's own record ----------
class AskIn(Keyed):
    id: UUID = Field(description=ID)
    about: str = Field(max_length=12)
    text: str = Field(min_length=1, max_length=2000, pattern=WORDS)


class AnswerIn(Keyed):
    yes: bool = Field(description="Put right, or upheld")
    answer: str = Field(min_length=1, max_length=2000, pattern=WORDS)


@router.get("/me/record", response=dict[str, Any])
@opens(SIGNED_IN)
def own_record(request: HttpRequest) -> dict[str, Any]:
    """All that is kept of the caller as a member, words included."""
    who = actor(request)
    row = facts.member_of(who.id)
    if row is None:
        raise Missing(_("You are in no team."), code="member")
    return exports.own(row, actions.own_words(row, actor=who), timezone.now())


@router.post("/me/corrections", response=dict[str, UUID])
@opens(SIGNED_IN)
def ask_correction(request: HttpRequest, body: AskIn) -> dict[str, UUID]:
    """Say what in one's own record is wrong."""
    return {"id": actions.ask_correction(**_by(request, body), id=body.id, about=body.about, text=body.text).id}


@router.post("/corrections/{uuid:correction_id}/answer", response=dict[str, bool | None])
@opens(SEE)
def answer_correction(request: HttpRequest, correction_id: UUID, body: AnswerIn) -> dict[str, bool | None]:
    """Say whether it was put right, and how or why not."""
    row = actions.answer_correction(**_by(request, body), correction_id=correction_id, mended=body.yes,
                                    answer=body.answer)  # fmt: skip
    return {"mended": row.mended}


# ---------- recruitment ----------
class NoticeOut(Schema):
    id: UUID
    team_id: UUID
    title: str
    places: int
    criteria: str
    office: str
    state: str
    closes_on: date
    objections_until: date | None
    version: int


class NoticeIn(Keyed):
    id: UUID = Field(description=ID)
    team: UUID
    title: str = Field(max_length=80, pattern=CLEAN)
    places: int = Field(ge=1, le=1000)
    criteria: str = Field(min_length=1, max_length=4000, pattern=WORDS)
    office: str = Field(max_length=120, pattern=CLEAN)
    closes_on: date
    version: int | None = Field(None, ge=1, le=BIG, description="Given to change a draft")


class ApplicantOut(Schema):
    id: UUID
    number: int
    priority: bool
    state: str


class ApplyIn(Keyed):
    id: UUID = Field(description=ID)
    name: str = Field(min_length=1, max_length=60, pattern=CLEAN)
    phone: str = Field("", max_length=30, pattern=CLEAN)
    priority: bool = False


class PostIn(Versioned):
    chosen: list[UUID] = Field(min_length=1, max_length=1000)


class ObjectIn(Keyed):
    id: UUID = Field(description=ID)
    said: str = Field(min_length=1, max_length=2000, pattern=WORDS)
    applicant: UUID | None = None


class CancelIn(Versioned):
    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class OpenedOut(Schema):
    names: dict[UUID, list[str]] = Field(description="Name, telephone")
    objections: dict[UUID, list[str]] = Field(description="Words, answer")


@router.get("/recruitment", response=list[NoticeOut])
@opens(HIRE)
def notices(request: HttpRequest) -> Sequence[Notice]:
    """Recruitment notices of the caller's areas, the last to close first."""
    return list(facts.notices_in(actor(request).areas(HIRE)))


@router.post("/recruitment", response=NoticeOut)
@opens(HIRE)
def write_notice(request: HttpRequest, body: NoticeIn) -> Notice:
    """Draft a notice, or change a draft."""
    given = actions.Written(body.title, body.places, body.criteria, body.office, body.closes_on)
    return actions.write_notice(**_by(request, body), id=body.id, team_id=body.team, given=given, version=body.version)


@router.post("/recruitment/{uuid:recruit_id}/publish", response=NoticeOut)
@opens(HIRE)
def publish(request: HttpRequest, recruit_id: UUID, body: Versioned) -> Notice:
    """Let everybody read it."""
    return actions.publish(**_by(request, body), recruit_id=recruit_id, version=body.version)


@router.get("/recruitment/{uuid:recruit_id}/applicants", response=list[ApplicantOut])
@opens(HIRE)
def applicants(request: HttpRequest, recruit_id: UUID) -> list[Applicant]:
    """Applicants by number, without names."""
    row = facts.notice(actor(request).areas(HIRE), recruit_id)
    if row is None:
        raise Missing(_("There is no such recruitment notice in your areas."), code="notice")
    return list(row.applicants.order_by("number"))


@router.post("/recruitment/{uuid:recruit_id}/applicants", response=ApplicantOut)
@opens(HIRE)
def apply(request: HttpRequest, recruit_id: UUID, body: ApplyIn) -> Applicant:
    """Enter somebody who applied."""
    return actions.apply(**_by(request, body), id=body.id, recruit_id=recruit_id, name=body.name, phone=body.phone,
                         priority=body.priority)  # fmt: skip


@router.post("/applicants/{uuid:applicant_id}/withdraw", response=ApplicantOut)
@opens(HIRE)
def drop_applicant(request: HttpRequest, applicant_id: UUID, body: Keyed) -> Applicant:
    """Somebody does not want the place any more."""
    return actions.drop_applicant(**_by(request, body), applicant_id=applicant_id)


@router.post("/recruitment/{uuid:recruit_id}/post", response=NoticeOut)
@opens(HIRE)
def post_result(request: HttpRequest, recruit_id: UUID, body: PostIn) -> Notice:
    """Post the names of those chosen until the time for objections is over."""
    return actions.post_result(**_by(request, body), recruit_id=recruit_id, chosen=body.chosen, version=body.version)


@router.post("/recruitment/{uuid:recruit_id}/objections", response=dict[str, UUID])
@opens(HIRE)
def object_to(request: HttpRequest, recruit_id: UUID, body: ObjectIn) -> dict[str, UUID]:
    """Enter an objection that came to the office."""
    row = actions.object_to(**_by(request, body), id=body.id, recruit_id=recruit_id, said=body.said,
                            applicant_id=body.applicant)  # fmt: skip
    return {"id": row.id}


@router.post("/objections/{uuid:objection_id}/answer", response=dict[str, bool | None])
@opens(HIRE)
def answer_objection(request: HttpRequest, objection_id: UUID, body: AnswerIn) -> dict[str, bool | None]:
    """Answer an objection; upheld, it takes the place back."""
    row = actions.answer_objection(**_by(request, body), objection_id=objection_id, upheld=body.yes,
                                   answer=body.answer)  # fmt: skip
    return {"upheld": row.upheld}


@router.post("/recruitment/{uuid:recruit_id}/complete", response=NoticeOut)
@opens(HIRE)
def complete(request: HttpRequest, recruit_id: UUID, body: Versioned) -> Notice:
    """The time for objections is over and each is answered."""
    return actions.complete(**_by(request, body), recruit_id=recruit_id, version=body.version)


@router.post("/recruitment/{uuid:recruit_id}/cancel", response=NoticeOut)
@opens(HIRE)
def cancel(request: HttpRequest, recruit_id: UUID, body: CancelIn) -> Notice:
    """End a notice without a result."""
    return actions.cancel(**_by(request, body), recruit_id=recruit_id, because=body.reason, version=body.version)


@router.post("/recruitment/{uuid:recruit_id}/words", response=OpenedOut)
@opens(HIRE)
def notice_words(request: HttpRequest, recruit_id: UUID, body: ReasonIn) -> actions.Opened:
    """Open applicants' names and objections, for a stated reason. The opening is logged."""
    return actions.read_notice(actor=actor(request), now=timezone.now(), recruit_id=recruit_id, because=body.reason)


def _by(request: HttpRequest, body: Keyed) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now(), "key": body.key}


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else timezone.make_aware(at)


def _team(row: Team) -> facts.TeamFact:
    return facts.told([row])[0]


def _member(row: Member) -> facts.MemberFact:
    now = timezone.now()
    left = row.left_at is not None
    return facts.member_facts(facts.members_in(("",), now, left=left).filter(id=row.id), now)[0]
