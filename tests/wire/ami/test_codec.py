"""The manager interface as bytes."""
from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from shouwang.tables.live.rings import mark_of, seat_of, unwrap_number, wrap_number
from shouwang.wire.ami.codec import MESSAGE_MAX_B, Broken, Splitter, write

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
# As printed in the public documentation of the events, the values filled in.
JOIN = (b"Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nChannel: PJSIP/trunk-0000001f\r\nChannelState: 6\r\n"
        b"CallerIDNum: 13900001234\r\nCallerIDName: <unknown>\r\nUniqueid: 1763733000.31\r\nLinkedid: 1763733000.31\r\n"
        b"Queue: 110\r\nPosition: 1\r\nCount: 1\r\n\r\n")


@examples(max_examples=40)
@given(st.lists(st.integers(0, len(GREETING + JOIN) * 2), max_size=12))
def test_however_packets_are_cut_the_messages_are_the_same(cuts: list[int]) -> None:
    whole, splitter = GREETING + JOIN + JOIN, Splitter()
    edges = sorted({0, len(whole), *(c for c in cuts if c < len(whole))})
    found = [m for a, b in pairwise(edges) for m in splitter.feed(whole[a:b])]
    told = [(m["event"], m["queue"], m["calleridnum"]) for m in found]
    assert told == [("QueueCallerJoin", "110", "13900001234")] * 2


@examples(max_examples=60)
@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        for message in Splitter().feed(data) + Splitter().feed(GREETING + data):
            assert all(isinstance(v, str) for v in message.values())
    except Broken:
        pass


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH\r\n", GREETING[:-2] + b"x" * 300,
                                  GREETING + b"Event: " + b"x" * (MESSAGE_MAX_B + 1)])
def test_what_is_no_manager_interface_is_refused(data: bytes) -> None:
    with pytest.raises(Broken):
        Splitter().feed(data)


@examples(max_examples=40)
@given(st.text(max_size=40))
def test_no_value_begins_a_line_of_its_own(value: str) -> None:
    assert write({"Action": "Login", "Secret": value}).count(b"\r\n") == 3


@pytest.mark.parametrize(("interface", "seat"), [
    ("PJSIP/6001", "6001"), ("SIP/6001-0000001a", "6001"), ("Local/6001@desk/n", "6001"), ("6001", "6001"),
    ("PJSIP/seat-3", "seat-3"), ("", "")])
def test_a_telephone_has_one_name(interface: str, seat: str) -> None:
    assert seat_of(interface) == seat


def test_a_number_is_opened_with_the_same_secret_and_event_alone() -> None:
    from uuid import uuid4

    event, other = uuid4(), uuid4()
    wrapped = wrap_number("s", event, "13900001234")
    assert b"1390" not in wrapped
    assert unwrap_number("s", event, wrapped) == "13900001234"
    told: Any = (unwrap_number("t", event, wrapped), unwrap_number("s", other, wrapped), unwrap_number("s", event, b""))
    assert told == ("", "", "")
    assert mark_of("s", "+86 139") == mark_of("s", "86139") != mark_of("t", "86139")
    assert mark_of("s", "anonymous") == ""
