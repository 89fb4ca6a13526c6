"""Calls at the exchange as they lie between wire and desk."""
from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from shouwang.tables.live.rings import mark_of, seat_of, unwrap_number, wrap_number


@pytest.mark.parametrize(("interface", "seat"), [
    ("PJSIP/6001", "6001"), ("SIP/6001-0000001a", "6001"), ("Local/6001@desk/n", "6001"), ("6001", "6001"),
    ("PJSIP/seat-3", "seat-3"), ("", "")])
def test_a_telephone_has_one_name(interface: str, seat: str) -> None:
    assert seat_of(interface) == seat


def test_a_number_is_opened_with_the_same_secret_and_event_alone() -> None:
    event, other = uuid4(), uuid4()
    wrapped = wrap_number("s", event, "13900001234")
    assert b"1390" not in wrapped
    assert unwrap_number("s", event, wrapped) == "13900001234"
    told: Any = (unwrap_number("t", event, wrapped), unwrap_number("s", other, wrapped), unwrap_number("s", event, b""))
    assert told == ("", "", "")
    assert mark_of("s", "+86 139") == mark_of("s", "86139") != mark_of("t", "86139")
    assert mark_of("s", "anonymous") == ""
