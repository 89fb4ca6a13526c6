"""A fire in t/2/b/ whose kind has a plan, and the one press that starts it."""
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.events import actions
from shouwang.desk.events.models import Major
from shouwang.desk.events.terms import NewWarning
from shouwang.desk.log.ids import new_id

FIRE = "400102"


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Any:
    defaults.load()
    return calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type=FIRE, severity=1, place="Elm St 17", lon=-90.222, lat=38.63,
        caller=Caller(name="王小明", number="13800002046", words="楼上着火了")))


@pytest.fixture
def start(cast: Any, town: Any, clock: Any) -> Callable[..., Major]:
    def start(by: str = "dispatcher", plan: str = "fire_major", **given: Any) -> Major:
        return actions.start(actor=getattr(cast, by).actor, now=clock(), plan=plan, **{"id": new_id()} | given)
    return start


@pytest.fixture
def event(start: Any, call: Any) -> Major:
    """A major fire at level III, started by the dispatcher from the call."""
    return start(call_id=call.id)


@pytest.fixture
def do(cast: Any, clock: Any) -> Callable[..., Any]:
    """An action by a person, now: do("dispatcher", "tick", event_id=…)."""
    def do(by: str, what: str, **given: Any) -> Any:
        return getattr(actions, what)(actor=getattr(cast, by).actor, now=clock(), **given)
    return do


@pytest.fixture
def new(clock: Any) -> Callable[..., NewWarning]:
    """A sound warning, with what is given changed."""
    def new(**given: Any) -> NewWarning:
        return NewWarning(**{
            "id": new_id(), "category": "Fire", "urgency": "Immediate", "severity": "Severe", "certainty": "Observed",
            "response": "Evacuate", "status": "Actual", "expires_at": clock() + timedelta(hours=4),
            "event_zh": "重大火灾", "event_en": "Major fire",
            "headline_zh": "榆树街大火，请撤离", "headline_en": "Fire in Elm Street: leave",
            "text_zh": "浓烟", "text_en": "Thick smoke", "areas": ("t/2/b/",)} | given)
    return new
