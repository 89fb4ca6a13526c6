"""Calls in the town, and short names for what tests do over and over."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shouwang.desk.calls import actions, defaults
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.log.ids import new_id

EAST = (-90.222, 38.630)  # in t/2/b/
WEST = (-90.262, 38.630)  # in t/1/a/


@pytest.fixture
def rules(rules: None) -> None:
    defaults.load()


@pytest.fixture
def take(cast: Any, town: Any, clock: Any) -> Callable[..., Call]:
    """Takes a call as the call-taker: a fight in the east of the town unless told otherwise."""
    def take(by: str = "call_taker", at: tuple[float, float] = EAST, **given: Any) -> Call:
        caller = given.pop("caller", Caller(name="王小明", number="13800002046", words="两个人在门口打起来了"))
        fields = {
            "id": new_id(),
            "type": "200100",
            "place": "三槐树路 17 号",
            "lon": at[0],
            "lat": at[1],
            "caller": caller,
        }
        return actions.take_call(actor=getattr(cast, by).actor, now=clock(), call=NewCall(**{**fields, **given}))
    return take


@pytest.fixture
def send(cast: Any, town: Any, clock: Any) -> Callable[..., Any]:
    """The dispatcher sends units to a call, saying why."""
    def send(call: Call, *names: str, **given: Any) -> Any:
        given.setdefault("reason", "tests choose freely")
        return actions.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=call.id,
                                    unit_ids=[town.units[n].id for n in names], **given)
    return send
