"""Members from hiring to leaving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.people import actions as accounts
from shouwang.desk.people import facts as people
from shouwang.desk.units.actions import end_duty
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..models import Applicant, Member, Team
from ..terms import HIRE, KINDS, LEFT, ROLE_OF, SEE, Contract, Hired
from .common import change, chosen, lead_no_more, member_of, opened, past, reason, serving, team_of, tell, text


@dataclass(frozen=True)
class Taken:
    """A new member. `password`: the first one of the new account, readable here alone; "" for police and retries."""

    member: Member
    username: str
    password: str = ""


@once
def hire(*, actor: Actor, now: datetime, id: UUID, team_id: UUID | str, given: Hired, of_age: bool = False,
         applicant_id: UUID | str | None = None, key: UUID | None = None) -> Taken:
    """Takes somebody into a team, with an account that holds the member's role there; police join with the account they
    have. A full-time guard has been chosen by public notice: `applicant_id`, whose name is then the account's.
    `of_age`: the police station has seen that a guard is 18 or older and may do the work. The same id is a retry."""
    team = team_of(actor, team_id, HIRE)
    given = checked(given, now)
    if given.kind != "police" and not of_age:
        says = _("Say that age (18 or older) and fitness for the work were checked.")
        raise Refused(says, field="of_age", code="age")
    with writing(actor=actor, now=now) as log:
        done = Member.objects.filter(id=id).first()
        if done is not None:
            return Taken(member_of(actor, id), given.username)
        if team.closed_at:
            raise Conflict(_("This team is closed."), field="team", code="closed")
        applicant = _applicant(actor, now, given, applicant_id)
        if applicant is not None:
            given = replace(given, name=opened(applicant.id, "name", applicant.name))
        row, password = enter(log, id, team, given)
        if applicant is not None:
            Applicant.objects.filter(id=applicant.id).update(state="hired")
        tell(log, "member.hired", row, key=key, member_kind=row.kind, of_age=of_age)
    return Taken(row, given.username, password)


def checked(given: Hired, now: datetime) -> Hired:
    """Without blanks around; Refused at the field for what cannot stand."""
    chosen(given.kind, KINDS, "kind")
    name = given.name if given.kind == "police" else text(given.name, "name", 60, _("Give the name."))
    contract = _contract(given.contract, needed=given.kind == "full_time_guard")
    return replace(
        given, name=name.strip(), username=text(given.username, "username", 40, _("Give the sign-in name.")),
        badge=text(given.badge, "badge", 12, _("Give the number of the badge, of up to 12 characters.")),
        armband=given.armband.strip(), since=past(given.since, day_of(now), "since"), contract=contract,
    )  # fmt: skip


def _contract(given: Contract, *, needed: bool) -> Contract:
    number = given.number.strip()
    if needed and not (number and given.first):
        raise Refused(_("A labour contract is signed with every full-time guard: give its number and first day."),
                      field="contract_no", code="contract")
    if len(number) > 40:
        raise Refused(_("Up to %(most)s characters.") % {"most": 40}, field="contract_no", code="long")
    if given.last and (not given.first or given.last < given.first):
        raise Refused(_("The contract ends before it begins."), field="contract_until", code="span")
    return Contract(number, given.first, given.last)


def _applicant(actor: Actor, now: datetime, given: Hired, applicant_id: UUID | str | None) -> Applicant | None:
    if given.kind != "full_time_guard" and applicant_id is None:
        return None
    found = {str(a.id): a for a in facts.hireable(actor.areas(HIRE), now)}
    if str(applicant_id) not in found:
        raise Refused(_("A full-time guard is chosen by public notice: name an applicant who was chosen, once the time "
                        "for objections is over and each is answered."), field="applicant", code="notice")
    return found[str(applicant_id)]


def enter(log: Log, id: UUID, team: Team, given: Hired, *, with_password: bool = True) -> tuple[Member, str]:
    """Account and membership, in the transaction under way (hiring, importing)."""
    if Member.objects.filter(badge=given.badge).exists():
        raise Conflict(_("Another member has or had this badge."), field="badge", code="badge")
    if given.armband and Member.objects.filter(armband=given.armband, left_at=None).exists():
        raise Conflict(_("Another member has this armband."), field="armband", code="armband")
    if given.kind == "police":
        found, password = people.account_of(given.username), ""
        if found is None:
            raise Refused(_("There is no account of this sign-in name: police join with the one they have."),
                          field="username", code="account")
        user_id = UUID(found.id)
        if Member.objects.filter(user=user_id, left_at=None).exists():
            raise Conflict(_("This person is in a team already."), field="username", code="twice")
    else:
        user, password = accounts.open_account(log, username=given.username, name=given.name, staff_no=given.badge,
                                               role=ROLE_OF[given.kind], area=team.area, with_password=with_password)
        user_id = user.id
    contract = given.contract
    row = Member.objects.create(id=id, user=user_id, team=team, kind=given.kind, badge=given.badge, since=given.since,
                                armband=given.armband, contract_no=contract.number, contract_from=contract.first,
                                contract_until=contract.last)
    return row, password


@once
def amend(*, actor: Actor, now: datetime, member_id: UUID | str, version: int, badge: str, armband: str,
          contract: Contract, key: UUID | None = None) -> Member:
    """Other numbers, or another contract."""
    badge = text(badge, "badge", 12, _("Give the number of the badge, of up to 12 characters."))
    with writing(actor=actor, now=now) as log:
        row = serving(member_of(actor, member_id))
        if already_written(key):
            return row
        contract = _contract(contract, needed=row.kind == "full_time_guard")
        others = Member.objects.exclude(id=row.id)
        if others.filter(badge=badge).exists():
            raise Conflict(_("Another member has or had this badge."), field="badge", code="badge")
        if armband.strip() and others.filter(armband=armband.strip(), left_at=None).exists():
            raise Conflict(_("Another member has this armband."), field="armband", code="armband")
        values = {"badge": badge, "armband": armband.strip(), "contract_no": contract.number,
                  "contract_from": contract.first, "contract_until": contract.last}
        changed = [n for n, v in values.items() if getattr(row, n) != v]
        change(row, version, **values)
        tell(log, "member.changed", row, key=key, fields=changed)
    return row


@once
def move(*, actor: Actor, now: datetime, member_id: UUID | str, team_id: UUID | str, version: int,
         key: UUID | None = None) -> Member:
    """Into another team. The member's role goes along; whom the old team had as its leader, it has no more."""
    with writing(actor=actor, now=now) as log:
        row = serving(member_of(actor, member_id))
        if already_written(key):
            return row
        old, new = row.team, team_of(actor, team_id)
        if new.closed_at:
            raise Conflict(_("This team is closed."), field="team", code="closed")
        if old.id == new.id:
            return row
        change(row, version, team=new)
        row.team = new
        _lead_no_more(log, row)
        if role := ROLE_OF.get(row.kind):
            accounts.move_role(log, row.user, role, old.area, new.area)
        tell(log, "member.moved", row, key=key, teams=[str(old.id), str(new.id)])
    return row


@once
def leave(*, actor: Actor, now: datetime, member_id: UUID | str, why: str, because: str, version: int,
          key: UUID | None = None) -> Member:
    """The member leaves the service. In the same transaction the account closes, with its sessions, live screens, keys
    for programs and duty. What is still in their hands stays on the list until it is back."""
    chosen(why, LEFT, "why")
    because = reason(because)
    with writing(actor=actor, now=now) as log:
        row = member_of(actor, member_id, HIRE)
        if already_written(key):
            return row
        let_go(log, serving(row), why=why, because=because, version=version, key=key)
    return row


def let_go(log: Log, row: Member, *, why: str, because: str, version: int, key: UUID | None = None) -> None:
    """In the transaction under way: the membership and all access end now. Raises Refused for who manages accounts:
    they answer to administrators, not to a clerk."""
    if people.manages(row.user):
        says = _("This account manages others: an administrator has to take that role away first.")
        raise Refused(says, code="admin")
    change(row, version, left_at=log.now, left_why=why)
    _lead_no_more(log, row)
    end_duty(log, row.user)
    accounts.close_account(log, row.user, because)
    tell(log, "member.left", row, key=key, reason=because, left=why)


def _lead_no_more(log: Log, row: Member) -> None:
    for team in Team.objects.filter(leader=row.user):
        Team.objects.filter(id=team.id).update(**lead_no_more(log, team))


def roster_of(actor: Actor, member_ids: Sequence[UUID | str]) -> list[Member]:
    """These members, all in the actor's areas and none of them gone, never the actor. Raises Refused if one is not."""
    rows = {str(m.id): m for m in Member.objects.select_related("team").filter(id__in=list(member_ids), left_at=None)
            if actor.may(SEE, m.team.area)}
    if not rows or len(rows) != len({str(i) for i in member_ids}):
        raise Refused(_("Choose members of your own teams."), field="members", code="choice")
    if actor.id in {str(m.user) for m in rows.values()}:
        raise Refused(_("Somebody else has to do this: it is about you."), code="self")
    return list(rows.values())


