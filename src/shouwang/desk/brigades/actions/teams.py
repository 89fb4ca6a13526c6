"""Teams: set up, led, their working rules, joint patrols and the help they gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.names import ground
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..models import Help, JointPart, JointPatrol, Member, Team
from ..terms import HELPS, SEE, TeamGiven, ranks
from .common import change, chosen, lead, lead_no_more, past, team_of, tell_team, text

RULES_MAX = 8000
LONGEST = timedelta(hours=24)
AHEAD = timedelta(days=366)
MOST = 10_000


@once
def save_team(*, actor: Actor, now: datetime, id: UUID, given: TeamGiven, version: int | None = None,
              key: UUID | None = None) -> Team:
    """Sets a team up, or with the `version` it was read at changes it. Setting up again with the same id is a retry.
    A team lies in the area of the one above it, and one level or more below."""
    actor.require(SEE, given.area)
    code = text(given.code, "code", 12, _("Give a code of up to 12 characters."))
    names = {n: text(getattr(given, n), n, 80, _("Give the name in Chinese and in English.")) for n in ("zh", "en")}
    if given.rank not in ranks():
        raise Refused(_("Choose a level."), field="rank", code="choice")
    if given.area not in {g.path for g in ground()}:
        raise Refused(_("Choose an area."), field="area", code="choice")
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return team_of(actor, id)
        parent = _parent(given)
        row = Team.objects.filter(id=id).first()
        if row is not None and version is None:
            return team_of(actor, id)
        if Team.objects.filter(code=code).exclude(id=id).exists():
            raise Conflict(_("Another team has this code."), field="code", code="code")
        values = {**names, "code": code, "rank": given.rank, "area": given.area, "parent": parent}
        if row is None:
            row = Team.objects.create(id=id, **values)
            tell_team(log, "team.set_up", row, key=key)
            return row
        row = team_of(actor, id)
        if Team.objects.filter(parent=row, closed_at=None).exists() and (row.area, row.rank) != (given.area,
                                                                                                 given.rank):
            raise Conflict(_("Teams belong to it: its level and area stay."), field="area", code="below")
        moved = (row.area, row.rank) != (given.area, given.rank)
        if row.leader and not _may_lead(given.rank, Member.objects.filter(team=row, user=row.leader).first()):
            values |= lead_no_more(log, row)
        elif moved:
            values |= lead_no_more(log, row) | {"leader": row.leader}
        change(row, version or 0, **values)
        if moved and row.leader:
            Team.objects.filter(id=row.id).update(**lead(log, actor, row))
        tell_team(log, "team.changed", row, key=key)
    return row


def _parent(given: TeamGiven) -> Team | None:
    level = ranks()[given.rank].level
    if not given.parent:
        if level > 1:
            raise Refused(_("Say which team it belongs to."), field="parent", code="needs")
        return None
    parent = Team.objects.filter(code=given.parent, closed_at=None).first()
    if parent is None:
        raise Refused(_("There is no such team."), field="parent", code="choice")
    if ranks()[parent.rank].level >= level:
        raise Refused(_("It has to belong to a team of a higher level."), field="parent", code="level")
    if not given.area.startswith(parent.area):
        raise Refused(_("Its area has to lie in that of the team above."), field="area", code="area")
    return parent


def _may_lead(rank: str, row: Member | None) -> bool:
    wanted = ranks()[rank].leader_kind
    return row is not None and row.left_at is None and (not wanted or row.kind == wanted)


@once
def appoint(*, actor: Actor, now: datetime, team_id: UUID | str, member_id: UUID | str, version: int,
            key: UUID | None = None) -> Team:
    """Names a member of the team as its leader, after the rule of its level: police lead brigades and squadrons, a
    full-time guard leads an urban team. The office gives them the leader's role in the team's area if the actor may
    give it (never more than the actor has there); else it waits for `give_rights`. Whoever led before loses theirs."""
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if already_written(key):
            return row
        member = Member.objects.filter(id=member_id, team=row, left_at=None).first()
        if member is None:
            raise Refused(_("Choose a member of this team."), field="member", code="choice")
        if not _may_lead(row.rank, member):
            raise Refused(_("Of this level: %(rule)s.") % {"rule": ranks()[row.rank].rule}, field="member", code="rule")
        if row.leader != member.user:
            lead_no_more(log, row)
            change(row, version, leader=member.user, lent="")
            Team.objects.filter(id=row.id).update(**lead(log, actor, row))
            row.refresh_from_db()
            tell_team(log, "team.led", row, key=key, member=str(member.id))
    return row


@once
def give_rights(*, actor: Actor, now: datetime, team_id: UUID | str, version: int, key: UUID | None = None) -> Team:
    """The leader gets the role of the office, from somebody who may give it."""
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if already_written(key) or row.lent:
            return row
        if not row.leader:
            raise Conflict(_("Nobody leads this team."), code="leader")
        made = lead(log, actor, row)
        if not made["lent"]:
            says = _("You hold less than the leader would get, or the leader has it already: an administrator of the "
                     "area gives it.")
            raise Refused(says, code="less")
        change(row, version, **made)
        tell_team(log, "team.led", row, key=key)
    return row


@once
def relieve(*, actor: Actor, now: datetime, team_id: UUID | str, version: int, key: UUID | None = None) -> Team:
    """Nobody leads the team any more; what the office gave ends in the same second."""
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if already_written(key) or not row.leader:
            return row
        change(row, version, **lead_no_more(log, row))
        tell_team(log, "team.relieved", row, key=key)
    return row


@once
def set_rules(*, actor: Actor, now: datetime, team_id: UUID | str, rules: str, since: date, version: int,
              key: UUID | None = None) -> Team:
    """The working rules that street and station agreed on: patrol, training, attendance, reward and penalty. They hold
    for the teams below too, unless these have their own."""
    if len(rules) > RULES_MAX:
        raise Refused(_("Up to %(most)s characters.") % {"most": RULES_MAX}, field="rules", code="long")
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if already_written(key):
            return row
        change(row, version, rules=rules.strip(), rules_since=since)
        tell_team(log, "team.rules_set", row, key=key, day=since.isoformat())
    return row


@once
def close_team(*, actor: Actor, now: datetime, team_id: UUID | str, version: int, key: UUID | None = None) -> Team:
    """The team is no more; it has to be empty."""
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if already_written(key) or row.closed_at:
            return row
        if Member.objects.filter(team=row, left_at=None).exists() or Team.objects.filter(parent=row,
                                                                                         closed_at=None).exists():
            raise Conflict(_("Members or teams belong to it: move them first."), code="members")
        change(row, version, closed_at=now, **lead_no_more(log, row))
        tell_team(log, "team.closed", row, key=key)
    return row


@once
def plan_joint(*, actor: Actor, now: datetime, id: UUID, lead_id: UUID | str, people: Mapping[str, int],
               start: datetime, end: datetime, key: UUID | None = None) -> JointPatrol:
    """Several teams patrol together. `people`: how many each sends, by team id, the leading team among them. The same
    id again is a retry."""
    if not now - LONGEST < start < now + AHEAD or not timedelta(0) < end - start <= LONGEST:
        raise Refused(_("Give a start within the coming year and an end at most 24 hours later."), field="end",
                      code="span")
    with writing(actor=actor, now=now) as log:
        done = JointPatrol.objects.filter(id=id).first()
        lead = team_of(actor, lead_id)
        if done is not None:
            if done.lead_id != lead.id:
                raise Missing(_("There is no such joint patrol in your areas."), code="joint")
            return done
        sends = {team_of(actor, team_id).id: n for team_id, n in people.items() if n}
        if lead.id not in sends or len(sends) < 2:
            raise Refused(_("At least two teams take part, the leading one among them."), field="people", code="teams")
        if not all(0 < n <= MOST for n in sends.values()):
            raise Refused(_("Give how many people each team sends."), field="people", code="people")
        row = JointPatrol.objects.create(id=id, area=lead.area, lead=lead, start=start, end=end, made_by=actor.id)
        JointPart.objects.bulk_create([JointPart(patrol=row, team_id=t, people=n) for t, n in sends.items()])
        tell_team(log, "team.joint_planned", lead, key=key, teams=[str(t) for t in sends], at=start.isoformat())
    return row


@once
def call_off(*, actor: Actor, now: datetime, joint_id: UUID | str, key: UUID | None = None) -> JointPatrol:
    """A joint patrol does not take place."""
    with writing(actor=actor, now=now) as log:
        row = JointPatrol.objects.select_related("lead").filter(id=joint_id).first()
        if row is None or not actor.may(SEE, row.area):
            raise Missing(_("There is no such joint patrol in your areas."), code="joint")
        if already_written(key) or row.called_off:
            return row
        if row.end <= now:
            raise Conflict(_("It is over."), code="over")
        JointPatrol.objects.filter(id=row.id).update(called_off=True)
        row.called_off = True
        tell_team(log, "team.joint_called_off", row.lead, key=key)
    return row


@once
def count_help(*, actor: Actor, now: datetime, team_id: UUID | str, kind: str, day: date, count: int,
               key: UUID | None = None) -> Help:
    """Adds help that a team gave on a day."""
    chosen(kind, HELPS, "kind")
    past(day, day_of(now))
    if not 0 < count <= MOST:
        raise Refused(_("Give a number from 1 to %(most)s.") % {"most": MOST}, field="count", code="count")
    with writing(actor=actor, now=now) as log:
        row = team_of(actor, team_id)
        if key is not None and (done := Help.objects.filter(id=key, team=row).first()):
            return done
        made = Help.objects.create(**({"id": key} if key else {}), team=row, kind=kind, day=day, count=count,
                                   by=actor.id)
        tell_team(log, "team.helped", row, help=kind, count=count, day=day.isoformat())
    return made


def strike_help(*, actor: Actor, now: datetime, help_id: UUID | str) -> Help:
    """Takes a wrong count away. Returns what it was."""
    with writing(actor=actor, now=now) as log:
        row = Help.objects.select_related("team").filter(id=help_id).first()
        if row is None or facts.team(actor.areas(SEE), row.team_id) is None:
            raise Missing(_("There is no such count in your areas."), code="help")
        row.delete()
        tell_team(log, "team.help_struck", row.team, help=row.kind, count=row.count, day=row.day.isoformat())
    return row
