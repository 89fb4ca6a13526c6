"""What happens to a call is told to the centres that it concerns: progress of those that help, changes and the end of
those that ask."""
from __future__ import annotations

import logging
from uuid import UUID

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.models import CALL_OPEN, Call
from shouwang.desk.log.facts import Fact
from shouwang.engine.errors import ShouwangError

from .actions import follow_call
from .models import Help
from .terms import ASKING

PROGRESS = ("call.assigned", "call.unit_moved", "call.stood_down")
OVER = ("call.closed", "call.cancelled", "call.transferred", "call.merged")
CHANGED = ("call.amended", "call.upgraded")
KINDS = (*PROGRESS, *OVER, *CHANGED)
STAGES = {"on_scene": "on_scene", "transporting": "on_scene", "enroute": "enroute", "staged": "enroute"}
log = logging.getLogger("shouwang.exchange")


def react(event: Fact) -> None:
    """What cannot be told is told in the process's messages and holds up no other."""
    call = calls.find(("",), event.subject)
    if call is None:
        return
    for help in Help.objects.select_related("neighbour").filter(call=call.id, ended_at__isnull=True):
        try:
            if (state := _state(help, event.kind, call)) is not None:
                follow_call(help, event=UUID(event.id), state=state, now=event.at)
        except ShouwangError as error:
            log.error("exchange, event %s: %s", event.id, error)


def _state(help: Help, kind: str, call: Call) -> str | None:
    """The request's state after the event; None where the other side need not hear of it."""
    if kind in OVER:
        ended = call.state not in CALL_OPEN
        return ("withdrawn" if help.side == ASKING else "done") if ended else None
    if kind in CHANGED:
        return help.state if help.side == ASKING else None
    if help.side == ASKING:
        return help.state if "units" in help.neighbour.sends else None
    stages = [STAGES.get(u["state"], "") for u in calls.detail(call)["units"]]
    return next((s for s in ("on_scene", "enroute") if s in stages), help.state)
