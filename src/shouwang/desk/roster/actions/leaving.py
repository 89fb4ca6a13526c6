"""Whose account closes has no turns any more: those to come are open to whoever may take them, in the same second."""

from __future__ import annotations

from uuid import UUID

from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log

from ..facts import EDIT
from ..models import Presence, Roster, Swap, Turn
from ..terms import OFF
from .presence import end_presence
from .swapping import UNDER_WAY, put


def free_turns(log: Log, user_id: UUID) -> None:
    """In the transaction that closes the account."""
    for row in Presence.objects.filter(user=user_id, off_at=None):
        end_presence(log, row, "roster.clocked_off")
    Swap.objects.filter(other=user_id, state__in=UNDER_WAY).update(state="void")
    to_come = Turn.objects.filter(user=user_id, start__gt=log.now)
    for roster in Roster.objects.select_for_update().filter(id__in=to_come.values("roster")).order_by("id"):
        freed = list(to_come.filter(roster=roster).order_by("day"))
        rows = {user: [*row] for user, row in roster.rows.items()}
        for turn in freed:
            rows[str(user_id)][(turn.day - roster.first).days] = OFF
        put(roster, rows, [(str(user_id), turn.day) for turn in freed])
        for turn in freed:
            swap = Swap.objects.create(id=new_id(), roster=roster, kind="open", day=turn.day, shift=turn.shift,
                                       service=turn.service, made_by=log.actor.id, made_at=log.now)  # fmt: skip
            log.append("roster.shift_opened", subject=("roster", roster.id), area=roster.area, may=EDIT,
                       payload={"swap": str(swap.id), "day": swap.day.isoformat()})
