"""Teams, members and recruitment as plain values. Nothing sealed; lists are in order of names or numbers alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from shouwang.desk.log.gate import in_areas
from shouwang.desk.people import facts as people
from shouwang.desk.places import facts as places
from shouwang.desk.roster import facts as rosters
from shouwang.desk.workflow.zone import day_of

from .models import (
    Applicant,
    Case,
    Correction,
    Help,
    Issue,
    JointPatrol,
    Member,
    Notice,
    Objection,
    Praise,
    Team,
    Training,
)
from .terms import FIRST, HELPS, KINDS, SERVICE_OF, SKILLS, TAUGHT, YEARLY_DAYS, Rank, Words, ranks

SOON = timedelta(days=30)
ATTENDED = timedelta(days=92)  # how far back attendance is shown


# ---------- teams ----------
@dataclass(frozen=True)
class TeamFact:
    """A team in a list. `leader`: name; `counts`: members by kind."""

    id: UUID
    code: str
    zh: str
    en: str
    rank: Rank
    area: str
    parent: UUID | None
    leader_id: str
    leader: str
    closed: bool
    version: int
    example: bool
    counts: dict[str, int] = field(default_factory=dict)
    lent: str = ""

    @property
    def members(self) -> int:
        return sum(self.counts.values())

    @property
    def by_kind(self) -> list[int]:
        return [self.counts.get(kind, 0) for kind in KINDS]


def teams_in(areas: Sequence[str], *, closed: bool = False) -> QuerySet[Team]:
    """Teams of these areas, each below the one it belongs to."""
    return Team.objects.filter(in_areas("area", tuple(areas)), closed_at__isnull=not closed).order_by("area", "code")


def team(areas: Sequence[str], team_id: UUID | str) -> Team | None:
    return Team.objects.filter(in_areas("area", tuple(areas)), id=team_id).first()


def told(rows: Sequence[Team]) -> list[TeamFact]:
    """Teams with their leaders and how many members of each kind they have."""
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    found = Member.objects.filter(team__in=rows, left_at=None).values_list("team", "kind").annotate(n=Count("id"))
    for team_id, kind, n in found:
        counts[team_id][kind] = n
    names = people.names_of([str(t.leader) for t in rows if t.leader])
    return [TeamFact(t.id, t.code, t.zh, t.en, ranks()[t.rank], t.area, t.parent_id, str(t.leader or ""),
                     names.get(str(t.leader), ""), t.closed_at is not None, t.version, t.example, counts[t.id], t.lent)
            for t in rows]  # fmt: skip


def rules_of(row: Team) -> Team | None:
    """The team whose working rules hold: itself, or the nearest above it that has some."""
    at: Team | None = row
    while at is not None and not at.rules:
        at = at.parent
    return at


def area_names(paths: Iterable[str]) -> dict[str, str]:
    known = places.area_names()
    return {path: known[path].name if path in known else path for path in set(paths)}


def joint_of(rows: Iterable[Team], since: datetime) -> list[JointPatrol]:
    """Joint patrols these teams take part in that end after `since`, the next first."""
    found = JointPatrol.objects.filter(parts__team__in=list(rows), end__gt=since).distinct().order_by("start", "id")
    return list(found.select_related("lead").prefetch_related("parts__team"))


@dataclass(frozen=True)
class JointFact:
    """A joint patrol: its teams with how many people each sends, the one in the lead first."""

    start: datetime
    end: datetime
    area: str
    teams: tuple[tuple[Team, int], ...]

    @property
    def people(self) -> int:
        return sum(n for _team, n in self.teams)


def joint_for(user_id: str, now: datetime, until: datetime) -> list[JointFact]:
    """Joint patrols of a member's team that are under way or begin before `until`."""
    row = Member.objects.select_related("team").filter(user=user_id, left_at=None).first()
    return [] if row is None else [_joint(p) for p in joint_of([row.team], now) if p.start < until and not p.called_off]


def joint_in(areas: Sequence[str], since: datetime, until: datetime) -> list[JointFact]:
    """Joint patrols led or joined by teams of these areas that touch a time, the first to begin first."""
    rows = joint_of(teams_in(areas), since)
    return [_joint(p) for p in rows if p.start < until and not p.called_off]


def _joint(row: JointPatrol) -> JointFact:
    parts = sorted(((p.team, p.people) for p in row.parts.all()), key=lambda one: one[0].id != row.lead_id)
    return JointFact(row.start, row.end, row.area, tuple(parts))


def helped(rows: Iterable[Team], first: date, last: date) -> dict[UUID, dict[str, int]]:
    """By team and kind, the help counted on days `first` … `last`."""
    sums: dict[UUID, dict[str, int]] = defaultdict(dict)
    found = Help.objects.filter(team__in=list(rows), day__range=(first, last)).values_list("team", "kind")
    for team_id, kind, n in found.annotate(n=Sum("count")):
        sums[team_id][kind] = n
    return sums


def help_lines(row: Team, most: int) -> list[Help]:
    return list(Help.objects.filter(team=row).order_by("-day", "-id")[:most])


def help_row(sums: dict[str, int]) -> list[int]:
    return [sums.get(kind, 0) for kind in HELPS]


# ---------- members ----------
@dataclass(frozen=True)
class MemberFact:
    """A member in a list. `due`: what somebody has to see to: first, yearly, gear, contract (codes)."""

    id: UUID
    user: str
    name: str
    badge: str
    armband: str
    kind: str
    team_id: UUID
    team: Team
    since: date
    left: bool
    version: int
    example: bool
    due: tuple[str, ...] = ()

    @property
    def kind_name(self) -> str:
        return str(KINDS[self.kind])


TEAM_LEVEL = 3  # of communities and villages
DUE = ("first", "yearly", "gear", "contract")


def members_in(areas: Sequence[str], now: datetime, *, text: str = "", team_id: UUID | None = None,
               kind: str = "", due: str = "", left: bool = False) -> QuerySet[Member]:
    """Members of teams in these areas by badge number. `text`: every word in the name or badge number of staff;
    `due`: those alone for whom something of DUE is to be seen to."""
    rows = Member.objects.filter(in_areas("team__area", tuple(areas)), left_at__isnull=not left)
    if team_id:
        rows = rows.filter(team=team_id)
    if kind:
        rows = rows.filter(kind=kind)
    for word in text.split():
        rows = rows.filter(Q(user__in=people.ids_named(word)) | Q(badge__icontains=word))
    rows = _with_due(rows, day_of(now))
    if due in DUE:
        rows = rows.filter(_DUE_RULES[due](day_of(now)))
    return rows.select_related("team").order_by("badge")


def _with_due(rows: QuerySet[Member], day: date) -> QuerySet[Member]:
    mine = Training.objects.filter(member=OuterRef("pk"), passed=True)
    learned = mine.filter(course="first", taught__in=FIRST).order_by().values("member")
    gear = Issue.objects.filter(member=OuterRef("pk"), returned_on=None, expires_on__lt=day).order_by().values("member")
    return rows.annotate(
        learned=Coalesce(Subquery(learned.annotate(n=Count("taught", distinct=True)).values("n")), 0),
        last_training=Subquery(mine.exclude(course="extra").order_by().values("member").annotate(
            last=Max("day")).values("last")),
        expired=Coalesce(Subquery(gear.annotate(n=Count("id")).values("n")), 0))


_DUE_RULES = {
    "first": lambda day: Q(learned__lt=len(FIRST)) & ~Q(kind="police"),
    "yearly": lambda day: Q(learned=len(FIRST), last_training__lt=day - timedelta(days=YEARLY_DAYS)),
    "gear": lambda day: Q(expired__gt=0),
    "contract": lambda day: Q(contract_until__lt=day + SOON),
}


def member_facts(rows: Iterable[Member], now: datetime) -> list[MemberFact]:
    """Of rows from `members_in`."""
    listed, day = list(rows), day_of(now)
    names = people.names_of([str(m.user) for m in listed])
    return [MemberFact(m.id, str(m.user), names.get(str(m.user), "?"), m.badge, m.armband, m.kind, m.team_id, m.team,
                       m.since, m.left_at is not None, m.version, m.example, _due(m, day)) for m in listed]


def _due(m: Member, day: date) -> tuple[str, ...]:
    """The same rules as _DUE_RULES, of a row with its annotations."""
    if m.left_at is not None:
        return ()
    learned, last, expired = m.learned, m.last_training, m.expired  # type: ignore[attr-defined]
    met = {
        "first": learned < len(FIRST) and m.kind != "police",
        "yearly": learned == len(FIRST) and last < day - timedelta(days=YEARLY_DAYS),
        "gear": expired > 0,
        "contract": m.contract_until is not None and m.contract_until < day + SOON,
    }
    return tuple(code for code in DUE if met[code])


def teams_of(user_ids: Iterable[str]) -> dict[str, Team]:
    """By account, the team it is a member of."""
    rows = Member.objects.filter(user__in=list(user_ids), left_at=None).select_related("team")
    return {str(row.user): row.team for row in rows}


def services_of(user_ids: Iterable[str]) -> dict[str, str]:
    """By account, the service that members of its kind go out with; who is in no team is left out."""
    rows = Member.objects.filter(user__in=list(user_ids), left_at=None).values_list("user", "kind")
    return {str(user): SERVICE_OF[kind] for user, kind in rows}


def skills_of(user_ids: Iterable[str]) -> dict[str, dict[str, date]]:
    """By account, the skills that turns may ask for, each with the last day on which its test counts."""
    found: dict[str, dict[str, date]] = defaultdict(dict)
    rows = Training.objects.filter(member__user__in=list(user_ids), member__left_at=None, passed=True)
    rows = rows.filter(taught__in=SKILLS)
    for user, skill, day in rows.values_list("member__user", "taught").annotate(last=Max("day")):
        found[str(user)][skill] = day + timedelta(days=YEARLY_DAYS)
    return found


def skill_names() -> dict[str, str]:
    return {skill: str(TAUGHT[skill]) for skill in SKILLS}


def volunteers_in(area: str) -> dict[str, str]:
    """By account, where the team of each volunteer is at home, in the area or below."""
    rows = Member.objects.filter(left_at=None, kind="volunteer", team__area__startswith=area)
    return {str(user): home for user, home in rows.values_list("user", "team__area")}


def kept() -> bool:
    """Whether the centre keeps brigades here."""
    return Member.objects.filter(left_at=None).exists()


def guards_at(paths: Iterable[str]) -> dict[str, int]:
    """Full-time guards of brigades at each of these areas or below it."""
    homes = list(Member.objects.filter(left_at=None, kind="full_time_guard").values_list("team__area", flat=True))
    return {path: sum(home.startswith(path) for home in homes) for path in set(paths)}


def patrol_members(area: str) -> int:
    """Police and full-time guards of the district's brigade and its squadrons in an area, without the teams of
    communities and villages."""
    upper = [code for code, rank in ranks().items() if rank.level < TEAM_LEVEL]
    return Member.objects.filter(left_at=None, kind__in=("police", "full_time_guard"), team__rank__in=upper,
                                 team__area__startswith=area).count()


def member(areas: Sequence[str], member_id: UUID | str) -> Member | None:
    return Member.objects.select_related("team").filter(in_areas("team__area", tuple(areas)), id=member_id).first()


def member_of(user_id: str) -> Member | None:
    """The membership of an account that stands, the newest one that has ended where none does."""
    rows = Member.objects.select_related("team").filter(user=user_id)
    return rows.filter(left_at=None).first() or rows.order_by("-left_at").first()


@dataclass(frozen=True)
class Work:
    """A member's certificate to work: its number is the badge's. `lacks`: subjects still to be passed before the first
    duty; `until`: the next yearly training is due by then."""

    since: date | None
    until: date | None
    lacks: tuple[str, ...]


def certificate(row: Member) -> Work:
    passed = list(Training.objects.filter(member=row, passed=True).exclude(course="extra").order_by("day"))
    first: dict[str, date] = {}
    for t in passed:
        if t.course == "first" and t.taught in FIRST:
            first.setdefault(t.taught, t.day)
    lacks = tuple(s for s in FIRST if s not in first)
    if lacks:
        return Work(None, None, lacks)
    return Work(max(first.values()), passed[-1].day + timedelta(days=YEARLY_DAYS), ())


def not_ready(user_id: str, now: datetime) -> tuple[str, ...]:
    """Subjects that a member has still to pass before the first duty; none for somebody who is no member, and for
    police, who are trained elsewhere."""
    row = Member.objects.filter(user=user_id, left_at=None).exclude(kind="police").first()
    return certificate(row).lacks if row else ()


@dataclass(frozen=True)
class Record:
    """All that is kept of a member, without sealed words."""

    issues: Sequence[Issue]
    trainings: Sequence[Training]
    praises: Sequence[Praise]
    cases: Sequence[Case]
    corrections: Sequence[Correction]
    turns: Sequence[tuple[rosters.TurnFact, str]]
    work: Work


def record(row: Member, now: datetime) -> Record:
    """Newest first; attendance of the last three months by the rosters' turns and the duty ledger."""
    day = day_of(now)
    turns = rosters.turns([str(row.user)], since=day - ATTENDED, before=day + timedelta(days=1))
    return Record(
        list(row.issues.order_by("returned_on", "gear", "id")), list(row.trainings.order_by("-day", "taught")),
        list(row.praises.order_by("-day", "id")), list(row.cases.order_by("-proposed_at")),
        list(row.corrections.order_by("-asked_at")), rosters.attended(turns, now)[::-1], certificate(row))


def came(turns: Iterable[tuple[rosters.TurnFact, str]]) -> dict[str, int]:
    """How many turns were met how."""
    sums: dict[str, int] = defaultdict(int)
    for _turn, how in turns:
        sums[how] += 1
    return dict(sums)


def to_answer(areas: Sequence[str]) -> list[Correction]:
    """Corrections asked for in these areas that wait for an answer, the oldest first."""
    rows = Correction.objects.filter(in_areas("member__team__area", tuple(areas)), answered_at=None)
    return list(rows.select_related("member__team").order_by("asked_at"))


# ---------- recruitment ----------
def notices_in(areas: Sequence[str]) -> QuerySet[Notice]:
    rows = Notice.objects.filter(in_areas("team__area", tuple(areas))).select_related("team")
    return rows.annotate(n=Count("applicants")).order_by("-closes_on", "-id")


def notice(areas: Sequence[str], recruit_id: UUID | str) -> Notice | None:
    rows = Notice.objects.select_related("team").filter(in_areas("team__area", tuple(areas)))
    return rows.filter(id=recruit_id).first()


def public_notices(now: datetime) -> list[Notice]:
    """Notices that anybody may read: open ones, and results while objections are taken."""
    rows = Notice.objects.filter(Q(state="open", closes_on__gte=day_of(now)) | Q(state="posted"))
    return list(rows.select_related("team").order_by("closes_on", "id"))


def hireable(areas: Sequence[str], now: datetime) -> list[Applicant]:
    """Chosen applicants against whom no objection is open any more, by notice and number."""
    rows = Applicant.objects.filter(in_areas("notice__team__area", tuple(areas)), state="chosen",
                                    notice__state__in=("posted", "done"), notice__objections_until__lt=day_of(now))
    rows = rows.exclude(notice__in=Objection.objects.filter(answered_at=None).values("notice"))
    return list(rows.select_related("notice__team").order_by("notice", "number"))


# ---------- names for the log ----------
def team_names(ids: list[str]) -> dict[str, str]:
    return {str(t.id): str(t) for t in Team.objects.filter(id__in=ids)}


def member_names(ids: list[str]) -> dict[str, str]:
    return {str(i): badge for i, badge in Member.objects.filter(id__in=ids).values_list("id", "badge")}


def words_of(words: Words, codes: list[str]) -> dict[str, str]:
    return {code: str(words[code]) for code in codes if code in words}


def notice_names(ids: list[str]) -> dict[str, str]:
    return {str(i): title for i, title in Notice.objects.filter(id__in=ids).values_list("id", "title")}
