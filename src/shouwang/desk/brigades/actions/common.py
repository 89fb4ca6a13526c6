"""What the actions of this room share: finding within one's areas, compare and set, telling the log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.log.writing import Log
from shouwang.desk.people import actions as accounts

from .. import facts
from ..models import Member, Notice, Team
from ..terms import DISCIPLINE, HIRE, LEADS_AS, SEE, Words

ANY = (SEE, HIRE, DISCIPLINE)
WORDS_MAX = 2000
EARLIEST = timedelta(days=366 * 50)
M = TypeVar("M", bound=models.Model)


def team_of(actor: Actor, team_id: UUID | str | None, permission: str = SEE) -> Team:
    row = facts.team(actor.areas(*ANY), team_id) if team_id else None
    if row is None:
        raise Missing(_("There is no such team in your areas."), field="team", code="team")
    actor.require(permission, row.area)
    return row


def member_of(actor: Actor, member_id: UUID | str, permission: str = SEE) -> Member:
    """A member in the actor's areas who has not left, never the actor: nobody keeps their own record."""
    row = facts.member(actor.areas(*ANY), member_id)
    if row is None:
        raise Missing(_("There is no such member in your areas."), code="member")
    actor.require(permission, row.team.area)
    if str(row.user) == actor.id:
        raise Refused(_("Somebody else has to do this: it is about you."), code="self")
    return row


def serving(row: Member) -> Member:
    if row.left_at is not None:
        raise Conflict(_("This member has left."), code="left")
    return row


def notice_of(actor: Actor, recruit_id: UUID | str) -> Notice:
    row = facts.notice(actor.areas(HIRE), recruit_id)
    if row is None:
        raise Missing(_("There is no such recruitment notice in your areas."), code="notice")
    return row


def change(row: M, version: int, **values: Any) -> M:
    """Compare and set by version."""
    rows = type(row)._default_manager.filter(pk=row.pk, version=version)
    if not rows.update(version=F("version") + 1, **values):
        raise Conflict(_("It has been changed meanwhile. Look at it again."), code="version")
    row.refresh_from_db()
    return row


def lead_no_more(log: Log, row: Team) -> dict[str, Any]:
    """In the transaction under way: what the office gave its leader is taken. Returns the columns of nobody leading."""
    if row.leader and row.lent:
        accounts.take_role(log, row.leader, row.lent, row.area)
    return {"leader": None, "lent": ""}


def lead(log: Log, actor: Actor, row: Team) -> dict[str, Any]:
    """In the transaction under way: the leader gets the rights of the office, where the actor may give them."""
    role = LEADS_AS.get(row.rank, "")
    given = bool(row.leader and role) and accounts.lend_role(log, actor, row.leader, role, row.area)  # type: ignore[arg-type]
    return {"lent": role if given else ""}


def tell(log: Log, kind: str, row: Member, *, key: UUID | None = None, may: str = SEE, reason: str = "",
         **payload: Any) -> None:
    log.append(kind, subject=("member", row.id), area=row.team.area, may=may, payload=payload, id=key, reason=reason)


def tell_team(log: Log, kind: str, row: Team, *, key: UUID | None = None, **payload: Any) -> None:
    log.append(kind, subject=("team", row.id), area=row.area, may=SEE, payload=payload, id=key)


def text(value: str, field: str, most: int, says: str) -> str:
    value = value.strip()
    if not 0 < len(value) <= most:
        raise Refused(says, field=field, code="needs")
    return value


def words(value: str, field: str) -> str:
    return text(value, field, WORDS_MAX, _("Write it down, in up to %(most)s characters.") % {"most": WORDS_MAX})


def reason(value: str) -> str:
    return text(value, "reason", 500, _("Give the reason."))


def chosen(value: str, of: Words, field: str) -> str:
    if value not in of:
        raise Refused(_("Choose one of the list."), field=field, code="choice")
    return value


def past(day: date, now_day: date, field: str = "day") -> date:
    """A day on which something may have happened."""
    if not now_day - EARLIEST <= day <= now_day:
        raise Refused(_("This day is still to come, or too long ago."), field=field, code="day")
    return day


def opened(record: object, field: str, sealed: bytes | memoryview) -> str:
    try:
        return unseal(record, field, bytes(sealed))
    except Destroyed:
        return ""
