"""One line to the exchange: what panoramisk is held to, on bytes and over TCP."""
from __future__ import annotations

import asyncio
import logging
import unittest.mock
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from panoramisk.message import Message

from shouwang.wire.ami.double import Double, write
from shouwang.wire.ami.line import ANSWERS_MAX, MESSAGE_MAX_B, Broken, Line, Login, Refused

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
# As printed in the public documentation of the events, the values filled in.
JOIN = ("Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nChannel: PJSIP/trunk-0000001f\r\nChannelState: 6\r\n"
        "CallerIDNum: 13900001234\r\nCallerIDName: 王\r\nUniqueid: 1763733000.31\r\nLinkedid: 1763733000.31\r\n"
        "Queue: 110\r\nPosition: 1\r\nCount: 1\r\n\r\n").encode()
SECRET = "geheim-7f3a"


def said(*packets: bytes) -> tuple[list[Message], Line]:
    """What a line hears when these come, and the line."""
    heard: list[Message] = []
    line = Line(Login("", 0, "desk", SECRET), heard.append, ping_s=10)
    protocol = line.config["protocol_factory"]()
    protocol.connection_made(unittest.mock.Mock())
    for packet in packets:
        protocol.data_received(packet)
    return heard, line


def with_server(serve: Callable[..., Awaitable[None]], work: Callable[[Line], Awaitable[None]],
                secret: str = SECRET) -> None:
    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = Line(Login("127.0.0.1", server.sockets[0].getsockname()[1], "desk", secret), lambda message: None,
                    ping_s=10)
        try:
            async with asyncio.timeout(20):
                await work(line)
        finally:
            line.cut()
            server.close()
    asyncio.run(run())


@examples(max_examples=40)
@given(st.lists(st.integers(0, len(GREETING + JOIN) * 2), max_size=12))
def test_however_packets_are_cut_the_messages_are_the_same(cuts: list[int]) -> None:
    whole = GREETING + JOIN + JOIN
    edges = sorted({0, len(whole), *(c for c in cuts if c < len(whole))})
    found, _line = said(*(whole[a:b] for a, b in pairwise(edges)))
    told = [(m["event"], m["QUEUE"], m["calleridnum"], m["CallerIDName"]) for m in found]
    assert told == [("QueueCallerJoin", "110", "13900001234", "王")] * 2


@examples(max_examples=60)
@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_breaks_the_line(data: bytes) -> None:
    for packets in ((data,), (GREETING, data), (GREETING, b"Event: " + data + b"\r\n\r\n"),
                    (GREETING, b"Response: Fail\r\n" + data + b"\r\n\r\nActionID: x\r\n" + data + b"\r\n\r\n")):
        _heard, line = said(*packets)
        assert line.lost is None or isinstance(line.lost, Broken)


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-OpenSSH\r\n", GREETING[:-2] + b"x" * 300,
                                  GREETING + b"Event: " + b"x" * (MESSAGE_MAX_B + 1)])
def test_what_is_no_manager_interface_breaks_the_line(data: bytes) -> None:
    heard, line = said(data, JOIN)
    assert isinstance(line.lost, Broken)
    assert not heard  # nor what comes behind


def test_an_answer_without_an_end_breaks_the_line() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        asked = await reader.readuntil(b"\r\n\r\n")
        action = asked.decode().partition("ActionID: ")[2].partition("\r\n")[0]
        writer.write(write({"Response": "Success", "ActionID": action, "EventList": "start",
                            "Message": "will follow"}))
        entry = write({"Event": "QueueEntry", "ActionID": action, "Uniqueid": "1"})
        writer.write(entry * (ANSWERS_MAX + 1))

    async def work(line: Line) -> None:
        with pytest.raises(Broken, match="without an end"):
            await line.open()
    with_server(endless, work)


def test_an_account_is_one_line() -> None:
    for user, secret in (("desk\r\nAction: Command", "x"), ("desk", "x\ny")):
        with pytest.raises(ValueError, match="SHOUWANG_TELEPHONE_LOGIN"):
            Login("127.0.0.1", 5038, user, secret)


@examples(max_examples=40)
@given(st.text(max_size=40))
def test_no_value_begins_a_line_of_its_own(value: str) -> None:
    assert write({"Action": "Login", "Secret": value}).count(b"\r\n") == 3


@pytest.mark.parametrize("how", ["refused", "cut", "broken pipe"])
def test_the_password_is_in_no_log_and_no_error(how: str, caplog: pytest.LogCaptureFixture) -> None:
    """Also with every log there is wide open, the library's among them."""
    for name in ("", "asyncio", "panoramisk", "panoramisk.manager", "panoramisk.ami_protocol", "shouwang.wire"):
        caplog.set_level(logging.DEBUG, name)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if how == "refused":
            double = Double(secret="another")
            await double._serve(reader, writer)
        else:
            writer.write(GREETING)
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()

    async def work(line: Line) -> None:
        def broken(*given: Any) -> None:
            raise BrokenPipeError(str(given))
        if how == "broken pipe":
            made = line.config["protocol_factory"]
            line.config["protocol_factory"] = lambda: _with_pipe(made(), broken)
        with pytest.raises((OSError, Refused)) as caught:
            async with asyncio.timeout(0.2 if how == "broken pipe" else None):
                await line.open()
        assert SECRET not in str(caught.value)
        line.send_action({"Action": "Originate", "Secret": SECRET})  # kept to be said again, and logged, by the library
        line.cut()
    with_server(serve, work)
    assert SECRET not in caplog.text


def _with_pipe(protocol: Any, write: Callable[..., None]) -> Any:
    made = protocol.connection_made

    def connection_made(transport: Any) -> None:
        made(transport)
        protocol.transport = unittest.mock.Mock(wraps=transport, write=write)
    protocol.connection_made = connection_made
    return protocol
