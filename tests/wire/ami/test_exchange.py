"""The connection to the exchange, on a double that speaks the protocol over TCP: what is told, once."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shouwang.tables.live.rings import ANSWERED, GONE, JOINED, STOOD, RingEvent
from shouwang.wire.ami import exchange as module
from shouwang.wire.ami.double import Double
from shouwang.wire.ami.exchange import Exchange
from shouwang.wire.ami.line import Login


class Heard:
    """An exchange that is listened to, and what came of it."""

    def __init__(self, double: Double, secret: str = "listen") -> None:
        self.double, self.events, self.line = double, list[RingEvent](), list[bool]()
        self.fail = 0
        self.exchange = Exchange(Login("127.0.0.1", double.port, "desk", secret), self.store, self.heard)

    async def store(self, events: list[RingEvent]) -> None:
        if self.fail:
            self.fail -= 1
            raise OSError("the disk is full")
        self.events += events

    async def heard(self, up: bool) -> None:
        self.line.append(up)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(e.kind, e.unique) for e in self.events if e.kind != STOOD]

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not there():
                await asyncio.sleep(0.005)

    async def up(self) -> None:
        await self.until(lambda: self.exchange.up)


def listening(work: Callable[[Heard], Awaitable[None]], monkeypatch: pytest.MonkeyPatch, secret: str = "listen",
              before: Callable[[Double], Any] = lambda double: None) -> Heard:
    monkeypatch.setattr(module, "AGAIN_S", (0.02,))

    async def run() -> Heard:
        double = Double()
        await double.start()
        before(double)
        heard = Heard(double, secret)
        job = asyncio.create_task(heard.exchange.run())
        try:
            await work(heard)
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
            await double.stop()
        return heard
    return asyncio.run(run())


def test_a_call_that_is_answered_one_that_is_not_and_one_that_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.up()
        first, second, third = (h.double.ring(n) for n in ("13900000001", "", "13900000003"))
        h.double.offer(first, "6001")
        h.double.answer(first, "6001")
        h.double.abandon(second)
        h.double.let_go(third)
        await h.until(lambda: len(h.told) == 6)
        assert h.told == [(JOINED, first), (JOINED, second), (JOINED, third), (ANSWERED, first), (GONE, second),
                          (GONE, third)]
    heard = listening(work, monkeypatch)
    rows = {e.kind: e for e in heard.events if e.number == "13900000001"}
    assert (rows[JOINED].line, rows[ANSWERED].seat) == ("110", "6001")
    assert [e.number for e in heard.events if e.kind == JOINED][1] == ""
    ids = [e.id for e in heard.events]
    assert ids == sorted(ids)
    assert heard.line[0] is True


def test_what_rings_when_the_line_comes_is_told_with_the_time_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.up()
        await h.until(lambda: len(h.told) == 1)
    heard = listening(work, monkeypatch, before=lambda d: d.ring("139", waited_s=42))
    stood, rang = heard.events
    assert (stood.kind, rang.kind) == (STOOD, JOINED)
    assert 40_000 <= stood.at_ms - rang.at_ms <= 45_000


def test_after_a_break_those_that_ring_still_are_named_behind_the_word_that_says_so(
        monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.up()
        stays, goes = h.double.ring("1"), h.double.ring("2")
        await h.until(lambda: len(h.told) == 2)
        h.double.cut()
        h.double.ringing.pop(goes)  # unseen
        await h.until(lambda: not h.exchange.up)
        await h.up()
        later = h.double.ring("3")
        await h.until(lambda: h.told[-1] == (JOINED, later))
        assert [(e.kind, e.unique) for e in h.events[-3:]] == [(STOOD, ""), (JOINED, stays), (JOINED, later)]
    heard = listening(work, monkeypatch)
    assert heard.line.count(False) >= 1
    assert heard.exchange.counts["signed_in"] == 2


def test_a_wrong_account_is_tried_again_and_never_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.until(lambda: h.exchange.counts["lost"] >= 2)
        assert not h.exchange.up
    heard = listening(work, monkeypatch, secret="guessed")
    assert not any(heard.line)
    assert "QueueStatus" not in heard.double.actions


def test_a_line_that_is_silent_is_half_open_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENT_S", 0.1)

    async def work(h: Heard) -> None:
        await h.up()
        await h.until(lambda: h.exchange.counts["signed_in"] >= 2)
    assert listening(work, monkeypatch).exchange.counts["lost"] >= 1


def test_a_line_that_is_asked_and_answers_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PING_S", 0.02)

    async def work(h: Heard) -> None:
        await h.up()
        await h.until(lambda: h.double.actions.count("Ping") >= 3)
        assert h.exchange.counts["signed_in"] == 1
    assert listening(work, monkeypatch).line.count(True) >= 2  # the desk hears that it stands


def test_what_could_not_be_stored_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.up()
        h.fail = 1
        unique = h.double.ring("1")
        await h.until(lambda: (JOINED, unique) in h.told)
        assert h.told == [(JOINED, unique)]
    listening(work, monkeypatch)


def test_an_exchange_that_accepts_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN_S", (0.02,))
    monkeypatch.setattr(module, "SIGN_IN_S", 0.05)

    async def run() -> int:
        links = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal links
            links += 1
            await reader.read()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        double = Double(port=server.sockets[0].getsockname()[1])
        heard = Heard(double)
        job = asyncio.create_task(heard.exchange.run())
        await heard.until(lambda: links >= 3)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        server.close()
        return heard.exchange.counts["lost"]
    assert asyncio.run(run()) >= 2


def test_an_exchange_that_does_not_say_what_rings_is_never_up(
        monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Its account may not: what rings while the line is lost would be lost with it."""
    async def work(h: Heard) -> None:
        await h.until(lambda: h.exchange.counts["lost"] >= 1)
    heard = listening(work, monkeypatch, before=lambda double: double.deny("queuestatus"))
    assert not any(heard.line)
    assert "write = agent" in caplog.text


def test_what_came_before_the_line_was_cut_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(h: Heard) -> None:
        await h.up()
        unique = h.double.ring("1")
        h.double.hang_up_line()
        h.double.ringing.clear()
        await h.until(lambda: h.exchange.counts["lost"] >= 1)
        assert h.told == [(JOINED, unique)]
    listening(work, monkeypatch)
