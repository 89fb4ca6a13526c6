"""A call saved under the id that a message or a ringing call was opened with settles it."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shouwang.desk.log.facts import Fact

from .actions import items, rings

KINDS = ("call.taken",)


def react(event: Fact) -> None:
    settle(UUID(event.subject), event.payload.get("state") == "transferred", event.at)


def settle(call: UUID, passed_on: bool, at: datetime) -> None:
    items.became(now=at, call=call, matter=passed_on)
    rings.became(now=at, call=call)
