"""Parts of a call's pane that rooms above this one add."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.safestring import SafeString

from shouwang.desk.log.actor import Actor

from .models import Call

Part = Callable[[Call, Actor, datetime], SafeString]
_parts: list[Part] = []


def add(part: Part) -> None:
    """`part` makes its piece of the pane for a reader, "" where it has nothing to show."""
    if part not in _parts:
        _parts.append(part)


def parts(call: Call, who: Actor, now: datetime) -> list[SafeString]:
    return [text for part in _parts if (text := part(call, who, now))]
