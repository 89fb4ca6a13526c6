"""Calls of the default types in the small town."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest


@pytest.fixture(autouse=True)
def call_types(rules: None) -> None:
    """Reactions of earlier tests are none of this test's."""


@pytest.fixture
def came(town: Any, clock: Any) -> Callable[..., Any]:
    """Something that came in, as the channel's own door hands it on."""
    from shouwang.desk.channels import actions
    from shouwang.desk.channels.terms import Incoming

    def come(words: str = "有人打架，快来", channel: str = "sms", **given: Any) -> Any:
        new = {"ref": str(uuid4()), "sender": "13900001234", **given}
        return actions.receive(now=clock(), new=Incoming(channel, words=words, **new))
    return come


@pytest.fixture
def save(town: Any, clock: Any) -> Callable[..., Any]:
    """Saves what lies in somebody's intake form as a call, and lets the reactions of this room do their part."""
    from shouwang.desk.calls import actions
    from shouwang.desk.calls.terms import Caller, NewCall
    from shouwang.desk.channels.reactions import react
    from shouwang.desk.log.facts import of

    def save(who: Any, **given: Any) -> Any:
        draft = actions.read_draft(actor=who.actor, now=clock())
        assert draft is not None
        new = {"type": draft["type"] or "200100", "place": draft["place"] or "Elm St", "lon": -90.222, "lat": 38.63,
               "caller": Caller(number=draft["number"], words=draft["words"]), **given}
        call = actions.take_call(actor=who.actor, now=clock(), call=NewCall(id=UUID(draft["id"]), **new))
        actions.clear_draft(actor=who.actor)
        for event in of("call", call.id):
            react(event)
        return call
    return save
