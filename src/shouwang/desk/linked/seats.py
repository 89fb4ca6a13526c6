"""Accounts of agencies: each answers for one agency and sees the tasks of that one alone."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.people.models import Grant, User
from shouwang.desk.workflow.agencies import agencies

from . import facts
from .facts import MAY_ANSWER, agency_of
from .models import Seat, Task

MAY_SEAT = "user.manage"


def tasks(actor: Actor, now: datetime) -> list[Task]:
    """Tasks of the agency that the actor answers for: open ones, then the last that are over."""
    code = agency_of(actor.id)
    return facts.of_agency(actor.areas(MAY_ANSWER), code, now - facts.OVER_SHOWN) if code else []


def own(actor: Actor, task_id: UUID) -> Task:
    """One of them. Raises Missing for any other agency's."""
    task, code = facts.find(actor.areas(MAY_ANSWER), task_id), agency_of(actor.id)
    if task is None or not code or task.agency != code:
        raise Missing(_("There is no such task of your agency."), code="task")
    return task


def accounts(actor: Actor) -> list[tuple[User, str]]:
    """Accounts that may answer for an agency, in the actor's areas, each with the agency it answers for."""
    mine = actor.areas(MAY_SEAT)
    held = [g for g in Grant.objects.select_related("user", "role").filter(user__is_active=True)
            if MAY_ANSWER in g.role.permissions and any(g.area.startswith(path) for path in mine)]
    seats = dict(Seat.objects.values_list("user", "agency"))
    people = {g.user_id: g.user for g in held}
    return [(u, seats.get(u.id, "")) for u in sorted(people.values(), key=lambda u: u.username)]


def seat(*, actor: Actor, now: datetime, user_id: UUID | str, agency: str) -> None:
    """Lets an account answer for an agency; "" for none any more."""
    if agency and agency not in agencies():
        raise Refused(_("There is no agency “%(code)s”.") % {"code": agency}, field="agency", code="invalid")
    with writing(actor=actor, now=now) as log:
        found = next((u for u, _agency in accounts(actor) if str(u.id) == str(user_id)), None)
        if found is None:
            raise Missing(_("There is no such account that answers for agencies."), code="user")
        old = agency_of(str(found.id))
        if old == agency:
            return
        if agency:
            Seat.objects.update_or_create(user=found.id, defaults={"agency": agency})
        else:
            Seat.objects.filter(user=found.id).delete()
        log.append("linked.seated", subject=("user", found.id), payload={"old": old, "new": agency})
