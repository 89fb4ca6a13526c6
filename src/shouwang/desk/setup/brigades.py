"""Brigades of an example district: invented, and marked so. Nobody of it exists, and nobody but `guard` can sign in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password

from shouwang.desk.brigades.actions import good_until
from shouwang.desk.brigades.models import (
    Applicant,
    Help,
    Issue,
    JointPart,
    JointPatrol,
    Member,
    Notice,
    Team,
    Training,
)
from shouwang.desk.brigades.terms import FIRST, HELPS, LEADS_AS
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import seal
from shouwang.desk.people.models import Grant, User
from shouwang.desk.places.models import Area
from shouwang.desk.units.models import Unit

from .crew import ON_FOOT

A_TEAM = 3  # guards, at least: as the norm asks of most communities
# Since June, of 126 teams: helpful deeds 1,327, people helped 231, certificates 919, letters 69, banners 42
# (seed_rules.md 203). Shared by team and month.
A_MONTH = dict(zip(HELPS, (n / 126 / 6 for n in (1327, 231, 919, 69, 42)), strict=True))
RULES = """一、着装整齐，佩戴编号牌和红袖标，准时到岗，不脱岗。
二、发现问题立即报告；依法制止正在发生的违法行为，不搜查、不扣留。
三、上岗前培训合格；每年脱产培训一次。
四、考勤以排班和签到为准；奖惩公开，处分前先听取本人陈述。"""
CRITERIA = """年满18周岁，本地居民优先，下岗职工、退役军人优先。
持证上岗：录用后先培训，考试合格后上岗。
签订劳动合同，试用期一个月。"""


def invent(areas: Sequence[Area], community: Area, rng: np.random.Generator, day: date, now: datetime, *,
           guards: int) -> int:
    """One brigade, a squadron for each control area, teams for as many communities as there are guards for (those with
    a patrol on foot first), and the guards with what they hold and have learned. `community`: where the demo account
    `guard` works. Returns how many members."""
    if not guards:
        return 0
    teams = _teams(areas, community, guards)
    members, users, grants = _members(teams, guards, rng, day)
    Team.objects.bulk_create(teams)
    User.objects.bulk_create(users)
    Grant.objects.bulk_create(grants)
    Member.objects.bulk_create(members)
    Issue.objects.bulk_create(_issues(members))
    Training.objects.bulk_create(_trainings(members, day), batch_size=1000)
    Help.objects.bulk_create(_helped(teams, rng, day))
    _joint(teams, now)
    _recruitment(teams, day, now)
    return len(members)


def _teams(areas: Sequence[Area], community: Area, guards: int) -> list[Team]:
    top = next(a for a in areas if a.kind == "district")
    brigade = Team(code="B", rank="brigade", area=top.path, zh=f"{top.zh}社会治安巡防大队", example=True, rules=RULES,
                   en=f"{top.en} public safety patrol brigade", rules_since=date(2026, 1, 1))
    control = {a.path: Team(code=f"S{a.code}", rank="squadron", area=a.path, parent=brigade, example=True,
                            zh=f"{a.zh}社会治安巡防中队", en=f"{a.en} patrol squadron")
               for a in areas if a.kind == "control_area"}  # fmt: skip
    walked = set(Unit.objects.filter(kind=ON_FOOT).values_list("area", flat=True))
    chosen = sorted((a for a in areas if a.kind == "community"),
                    key=lambda a: (a is not community, a.path not in walked, a.path))
    own = [Team(code=f"T{a.code}", rank="team_urban", area=a.path, parent=control[a.parent], example=True,
                zh=f"{a.zh}社会治安巡防分队", en=f"{a.en} patrol team") for a in chosen[:guards // A_TEAM]]
    return [brigade, *control.values(), *own]


def _members(teams: Sequence[Team], guards: int, rng: np.random.Generator,
             day: date) -> tuple[list[Member], list[User], list[Grant]]:  # fmt: skip
    """Police lead the upper levels with accounts that stand; a guard leads each team."""
    members: list[Member] = []
    users: list[User] = []
    grants: list[Grant] = []
    upper, own = [t for t in teams if t.rank != "team_urban"], [t for t in teams if t.rank == "team_urban"]
    for n, (team, user) in enumerate(zip(upper, _police(upper), strict=True), 1):
        members.append(Member(user=user, team=team, kind="police", badge=f"P{n:03}", since=date(2026, 1, 4),
                              example=True))
        team.leader = user
    closed, known = make_password(None), User.objects.filter(username="guard").first()
    years = rng.integers(0, 4 * 365, guards).tolist()
    for n in range(guards):
        team, first = own[n % len(own)], n < len(own)
        user = known if known is not None and n == len(own) else User(
            username=f"guard-{n + 1:04}", name=f"示例队员{n + 1:04}", staff_no=f"{n + 1:04}", password=closed,
            example=True)
        since = day - timedelta(days=30 + years[n])
        if user is not known:
            users.append(user)
            grants.append(Grant(user=user, role_id="guard", area=team.area))
        kind = "property_guard" if n % 5 == 4 and not first and user is not known else "full_time_guard"
        members.append(Member(
            user=user.id, team=team, kind=kind, badge=f"{n + 1:04}", armband=f"A{n + 1:04}", since=since, example=True,
            **({"contract_no": f"HT-{n + 1:04}", "contract_from": since, "contract_until": since
                + timedelta(days=5 * 365)} if kind == "full_time_guard" else {})))
        if first:
            team.leader, team.lent = user.id, LEADS_AS[team.rank]
            grants.append(Grant(user=user, role_id=team.lent, area=team.area))
    return members, users, grants


def _police(upper: Sequence[Team]) -> list[Any]:
    """Accounts of officers, for the first squadron the demo account `squad`."""
    crews = list(User.objects.filter(username__startswith="crew-p").order_by("username").values_list("id", flat=True))
    known = User.objects.filter(username="squad").values_list("id", flat=True).first()
    return [known if n == 1 and known else crews[n] for n in range(len(upper))]


def _issues(members: Sequence[Member]) -> Iterator[Issue]:
    for m in members:
        if m.kind != "police":
            for gear, number in (("badge", m.badge), ("armband", m.armband), ("uniform", "")):
                since = m.since if gear == "badge" else max(m.since, date(2026, 1, 10))
                yield Issue(member=m, gear=gear, number=number, issued_on=since, expires_on=good_until(gear, since))


def _trainings(members: Sequence[Member], day: date) -> Iterator[Training]:
    """All have passed what comes before the first duty, but every fortieth not the last subject; the yearly lesson of
    every twentieth is overdue."""
    for n, m in enumerate(members):
        if m.kind == "police":
            continue
        for taught in FIRST:
            if n % 40 != 39 or taught != FIRST[-1]:
                yield Training(member=m, course="first", taught=taught, day=m.since, hours=8, passed=True)
        if (day - m.since).days > 366 and n % 20:
            yield Training(member=m, course="yearly", taught="duties", day=day - timedelta(days=60 + n % 200), hours=16,
                           passed=True)


def _helped(teams: Sequence[Team], rng: np.random.Generator, day: date) -> Iterator[Help]:
    own = [t for t in teams if t.rank == "team_urban"]
    months = [day - timedelta(days=30 * n) for n in range(6)]
    for kind, mean in A_MONTH.items():
        counts = rng.poisson(mean, (len(own), len(months))).tolist()
        for team, row in zip(own, counts, strict=True):
            for at, count in zip(months, row, strict=True):
                if count:
                    yield Help(team=team, kind=kind, day=at, count=count, by="setup:example")


def _joint(teams: Sequence[Team], now: datetime) -> None:
    """Tomorrow a squadron and two of its teams go together."""
    lead = teams[1]
    below = [t for t in teams if t.parent is lead][:2]
    start = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    row = JointPatrol.objects.create(id=new_id(), area=lead.area, lead=lead, start=start,
                                     end=start + timedelta(hours=4), made_by="setup:example")
    JointPart.objects.bulk_create([JointPart(patrol=row, team=t, people=n)
                                   for t, n in zip((lead, *below), (2, 4, 4), strict=False)])


def _recruitment(teams: Sequence[Team], day: date, now: datetime) -> None:
    """One notice that takes applications, one whose result is posted."""
    lead = teams[1]
    for state, closes, objections in (("open", day + timedelta(days=10), None),
                                      ("posted", day - timedelta(days=2), day + timedelta(days=5))):  # fmt: skip
        row = Notice.objects.create(
            id=new_id(), team=lead, title=f"{lead.zh}公开招聘专职治安员", places=2, criteria=CRITERIA, state=state,
            office="示例街道综治中心，电话 000-0000", closes_on=closes, opened_at=now - timedelta(days=20),
            posted_at=now if objections else None, objections_until=objections, made_by="setup:example",
            example=True)  # fmt: skip
        applicants = [Applicant(id=new_id(), notice=row, number=n, priority=n == 1, name=b"",
                                state="applied" if state == "open" else "chosen" if n < 3 else "not_chosen",
                                decided_at=now if objections else None) for n in (1, 2, 3)]
        for a in applicants:
            a.name = seal(a.id, "name", f"示例应聘者{a.number}")
        Applicant.objects.bulk_create(applicants)
