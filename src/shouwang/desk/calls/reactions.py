"""What calls do about mediations: one that was made of a call and comes back to the desk opens its call again."""

from __future__ import annotations

import logging

from shouwang.desk.log.actor import system
from shouwang.desk.log.facts import Fact
from shouwang.desk.mediation import facts as mediations
from shouwang.engine.errors import ShouwangError

from .actions import reopen_call
from .models import Call

log = logging.getLogger("shouwang.calls")
CENTRE = system("calls")
KINDS = ("mediation.referred",)


def react(event: Fact) -> None:
    """A call that cannot be opened again is told in the process's messages and holds up no other."""
    if event.payload.get("referred") != "desk":
        return
    found = mediations.ended(event.subject)
    if found is None or not found.call or not Call.objects.filter(id=found.call, state="transferred").exists():
        return
    why = f"调解退回接警台 {found.number} / mediation {found.number} came back to the desk"
    try:
        reopen_call(actor=CENTRE, now=event.at, call_id=found.call, reason=why)
    except ShouwangError as error:
        log.error("calls, event %s: %s", event.id, error)
