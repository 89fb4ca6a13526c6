"""Ticking off the lines of a call's run card."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once

from .. import cards
from ..models import CALL_OPEN, Call, CardStep
from ..runcard import run_card
from .common import append, visible


@once
def tick(*, actor: Actor, now: datetime, call_id: UUID | str, kind: str, code: str, done: bool = True,
         key: UUID | None = None) -> Call:
    """Says that a line of the run card is done, or that it is not after all. What is so already stays as it is."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("dispatch.assign", call.area)
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        if (kind, code) not in {(line.kind, line.code) for line in run_card(call).lines}:
            raise Refused(_("The run card of %(call)s has no such line: %(code)s.") % {"call": call, "code": code},
                          field="code", code="invalid")
        row = CardStep.objects.filter(call=call, kind=kind, code=code)
        if row.exists() == done:
            return call
        if done:
            CardStep.objects.create(call=call, kind=kind, code=code, at=now, by=actor.id)
        else:
            row.delete()
        append(log, "call.ticked", call, id=key, line=code, of=kind, done=done)
        cards.show(log, call)
    return call
