"""Neighbours' groups (十户联防): made by the office, joined with a code, called by any of their households."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.codes import LETTERS
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once

from ..models import Group, Message, Notice, Volunteer
from ..terms import ANSWERS, CALL_AGAIN, CALLS, LONGEST, MANAGE, SEND
from .common import PUBLIC, change, mine, needed, room, tell

CODE_LENGTH = 6


@once
def make_group(*, actor: Actor, now: datetime, id: UUID, name: str, area: str, key: UUID | None = None) -> Group:
    """A new group of a community, with the code by which its households join it. The same id again is a retry."""
    title = needed(name, "name", _("Name the lane or building."), 60)
    spot = places.area_names().get(area)
    if spot is None or spot.kind not in ("community", "village"):
        raise Refused(_("Choose the community."), field="area", code="needs")
    actor.require(MANAGE, area)
    with writing(actor=actor, now=now) as log:
        if (kept := Group.objects.filter(id=id).first()) is not None:
            return kept
        code = "".join(secrets.choice(LETTERS) for _n in range(CODE_LENGTH))
        row = Group.objects.create(id=id, code=code, name=title, area=area, made_at=now)
        log.append("group.made", subject=("group", row.id), area=area, may=MANAGE, id=key)
    return row


@once
def set_group(*, actor: Actor, now: datetime, volunteer_id: UUID | str, group_id: UUID | str | None,
              key: UUID | None = None) -> Volunteer:
    """Puts a household into a group, or takes it out (None). Its standing link before opens nothing from now on."""
    with writing(actor=actor, now=now) as log:
        row = mine(actor, volunteer_id)
        if already_written(key):
            return row
        group = _group(actor, group_id) if group_id else None
        if group is not None and group.id != row.group_id:
            if not group.area.startswith(row.area):
                raise Refused(_("This group is in another community."), field="group", code="area")
            room(group)
        change(row, group=group, link=row.link + 1)
        if group is not None and row.channel and row.state == "confirmed":
            Message.objects.create(purpose="confirmed", volunteer=row, channel=row.channel, next_at=now)
        tell(log, "volunteer.grouped", row, key=key, group=str(group.id) if group else "")
    return row


@once
def call_group(*, actor: Actor | None, now: datetime, group_id: UUID | str, about: str, caller: Volunteer | None = None,
               key: UUID | None = None) -> Notice:
    """Notifies every household of a group at once, and the desk. Called by one of them (`caller`, by the standing link)
    or by the office (`actor`). Once within ten minutes. Raises Refused for what is no reason to call."""
    if about not in CALLS:
        raise Refused(_("Choose what it is about."), field="about", code="needs")
    who = actor or PUBLIC
    with writing(actor=who, now=now) as log:
        group = _group(actor, group_id) if actor else Group.objects.select_for_update().get(id=group_id)
        if key and (kept := Notice.objects.filter(id=key).first()) is not None:
            return kept
        again = Notice.objects.filter(kind="group", group=group, at__gt=now - CALL_AGAIN, about=about).exists()
        if again:
            raise Conflict(_("The group is called already. Danger to life: call 110, 119 or 120."), code="again")
        members = group.members.filter(state="confirmed").exclude(channel="")
        if caller is not None:
            members = members.exclude(id=caller.id)
        rows = list(members)
        lasts: timedelta = LONGEST["group"]
        made = Notice(kind="group", about=about, area=group.area, group=group, by=who.id, at=now, told=len(rows),
                      lasts_min=int(lasts.total_seconds() // 60), until_at=now + lasts)
        made.id = log.append("group.called", subject=("group", group.id), area=group.area, may=ANSWERS, id=key,
                             payload={"about": about, "told": len(rows)})
        made.save(force_insert=True)
        Message.objects.bulk_create([Message(purpose="notice", notice=made, volunteer=v, channel=v.channel, next_at=now)
                                     for v in rows])
    return made


def _group(actor: Actor | None, group_id: UUID | str) -> Group:
    row = Group.objects.select_for_update().filter(id=group_id).first()
    if row is None or actor is None or not (actor.may(MANAGE, row.area) or actor.may(SEND, row.area)):
        raise Missing(_("There is no such group in your areas."), code="group")
    return row
