"""Alarm panels on a real port: what is kept before it is answered, what is refused, what leaves no trace."""
from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from shouwang.shell.main import main
from shouwang.tables.live import secret
from shouwang.tables.live.panels import KEYS, wrap_key
from shouwang.wire import devices, follow
from shouwang.wire.dc09 import codec, links, panel
from shouwang.wire.dc09.panel import DatagramPanel, NoAnswer, Panel

pytestmark = pytest.mark.django_db(transaction=True)
OPEN, SEALED, KEY = "12AB", "CAFE", bytes(range(16))


class Street:
    """Two panels of two sites, one with a key, on a running live process."""

    def __init__(self, start: Callable[..., Any], centre: Any, write: Callable[..., int]) -> None:
        from shouwang.desk.alarms.models import Panel as Registered
        from shouwang.desk.log.ids import new_id
        from shouwang.desk.sites.models import Site

        self.write, self.rows = write, {}
        for account, key in ((OPEN, b""), (SEALED, KEY)):
            site = Site.objects.create(code=account, name=account, kind="bank", lon=-90.2, lat=38.6, area="t/")
            id = new_id()
            self.rows[account] = Registered.objects.create(
                id=id, site=site.id, account=account, key=wrap_key(secret(centre.data, KEYS), id, key))
        self.live = start(dc09=0)
        assert self.live.wire.listening_panels.wait(10)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.live.wire.panels.counts)

    def signals(self) -> list[tuple[str, str, int, int]]:
        from shouwang.desk.alarms.models import Signal
        return list(Signal.objects.order_by("received_at").values_list("panel__account", "code", "zone", "severity"))

    def play(self, work: Callable[[Street], Awaitable[Any]]) -> Any:
        return asyncio.run(asyncio.wait_for(work(self), 30))

    async def connect(self, account: str, key: bytes | None = None) -> Panel:
        found = Panel(account, (KEY if account == SEALED else b"") if key is None else key)
        await found.connect("127.0.0.1", self.live.wire.dc09)
        return found

    async def by_datagram(self, account: str, key: bytes | None = None) -> DatagramPanel:
        found = DatagramPanel(account, (KEY if account == SEALED else b"") if key is None else key)
        await found.connect("127.0.0.1", self.live.wire.dc09)
        return found


def until(found: Callable[[], Any]) -> Any:
    """Waits for what another thread brings about."""
    end_s = time.monotonic() + 10
    while not (value := found()):
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.02)
    return value


@pytest.fixture
def street(start: Any, centre: Any, write: Any, monkeypatch: Any) -> Street:
    monkeypatch.setattr(devices, "SWEEP_S", 0.05)
    monkeypatch.setattr(follow, "HEARD_S", 0.05)
    return Street(start, centre, write)


@pytest.mark.parametrize("account", [OPEN, SEALED])
def test_an_alarm_is_on_the_disk_when_it_is_answered(street: Street, account: str) -> None:
    seen: list[Any] = []

    async def work(street: Street) -> None:
        sent = await street.connect(account)
        assert await sent.beat() == "ACK"
        assert await sent.report("PA", 5) == "ACK"
        seen.extend(await asyncio.to_thread(street.signals))
        assert await sent.report_cid("1131", 7) == "ACK"

    street.play(work)
    assert seen == [(account, "PA", 5, 1)]
    assert street.signals() == [(account, "PA", 5, 1), (account, "BA", 7, 2)]


def test_what_is_stored_slowly_is_answered_slowly_and_what_fails_not_at_all(street: Street, monkeypatch: Any) -> None:
    """The answer waits for the disk. When that fails there is none; the panel sends it again, and then it is kept."""
    from shouwang.tables.live.inbox import Inbox

    put = Inbox.put_signals
    monkeypatch.setattr(panel, "WAIT_S", 0.5)

    def failing(*_: Any) -> None:
        raise OSError("disk full")

    async def work(street: Street) -> tuple[object, str]:
        sent = await street.connect(OPEN)
        monkeypatch.setattr(Inbox, "put_signals", failing)
        [first] = await asyncio.gather(sent.report("BA"), return_exceptions=True)
        monkeypatch.setattr(Inbox, "put_signals", put)
        return first, await sent.report("BA", again=True)

    first, again = street.play(work)
    assert (type(first), again) == (NoAnswer, "ACK")
    assert street.signals() == [(OPEN, "BA", 1, 2)]


def test_a_message_sent_again_is_answered_again_and_kept_once(street: Street) -> None:
    async def work(street: Street) -> None:
        sent = await street.connect(OPEN)
        assert [await sent.report("BA"), await sent.report("BA", again=True)] == ["ACK", "ACK"]
        again = await street.connect(OPEN)  # after a break of the line
        again.sequence = sent.sequence
        assert await again.report("BA", again=True) == "ACK"
        street.live.wire.panels._taken.clear()  # after a crash of the process: the database remembers
        assert await again.report("BA", again=True) == "ACK"
        assert await again.report("BA") == "ACK"  # another alarm of the same zone

    street.play(work)
    assert street.counts["repeated"] == 2
    assert street.signals() == [(OPEN, "BA", 1, 2)] * 2


def test_who_is_refused_is_told_so_and_counted(street: Street) -> None:
    async def work(street: Street) -> None:
        for account, key in (("9999", b""), (SEALED, b"w" * 16), (SEALED, b""), (OPEN, KEY)):
            sent = await street.connect(account, key)
            assert await sent.report("PA") == "NAK"
        late = await street.connect(SEALED)
        assert await late.report("PA", at=datetime.now(UTC) - timedelta(minutes=5)) == "NAK"
        broken = bytearray(late.message("NULL", "]"))
        broken[12] ^= 1
        assert await late.send(bytes(broken)) == "NAK"
        for code in ("Q0", "QQ"):  # no code at all, and one that nobody knows
            assert await late.report(code) == "DUH"
        assert await late.report("PA") == "ACK"  # the link stays

    street.play(work)
    assert street.counts == {
        "messages": 9, "bad_account": 2, "bad_key": 1, "bad_unencrypted": 1, "bad_time": 1, "bad_crc": 1,
        "unknown_code": 2, "alarms": 1}
    assert street.signals() == [(SEALED, "PA", 1, 1)]
    shown = requests.get(f"{street.live.url}/healthz", timeout=10).json()["panels"]
    assert shown["bad_account"] == 2 and SEALED not in str(shown)


def test_datagrams_are_heard_like_links_and_rubbish_among_them_is_not_answered(street: Street,
                                                                               monkeypatch: Any) -> None:
    async def work(street: Street) -> None:
        for account in (OPEN, SEALED):
            told = await street.by_datagram(account)
            assert (await told.report("BA", 7), await told.report("BA", 7, again=True)) == ("ACK", "ACK")
            assert await told.beat() == "ACK"
        assert await (await street.by_datagram(SEALED, bytes(16))).report("BA", 8) == "NAK"
        assert await (await street.by_datagram("FFFF")).report("BA", 8) == "NAK"
        monkeypatch.setattr(panel, "WAIT_S", 0.05)
        for rubbish in (b"x", b"\r", codec.framed('"NULL"0000L0#12AB[]').replace(b"12AB", b"12AC"), b"y" * 2000):
            with pytest.raises(NoAnswer):
                await told.send(rubbish)

    street.play(work)
    assert [signal[:3] for signal in street.signals()] == [(OPEN, "BA", 7), (SEALED, "BA", 7)]
    assert {k: n for k, n in street.counts.items() if k.startswith(("bad", "repeated"))} == {
        "bad_format": 1, "bad_crc": 1, "bad_length": 1, "bad_key": 1, "bad_account": 1, "repeated": 2}


def test_who_comes_and_goes_is_answered_and_leaves_no_trace(street: Street) -> None:
    from shouwang.desk.log.models import Event

    async def work(street: Street) -> None:
        sent = await street.connect(OPEN)
        for code in ("OP", "CL", "OA", "CG", "RP", "RX", "BH"):
            assert await sent.report(code, 12) == "ACK"
        assert await sent.report_cid("3401", 12) == "ACK"

    before = Event.objects.count()
    street.play(work)
    assert (street.signals(), Event.objects.count(), street.counts["not_taken"]) == ([], before, 7)


def test_a_panel_that_falls_silent_is_told_once_and_is_heard_again(street: Street, monkeypatch: Any) -> None:
    from shouwang.desk.alarms.models import Hearing

    async def beat(street: Street) -> None:
        assert await (await street.connect(OPEN)).beat() == "ACK"

    street.play(beat)
    first = until(lambda: Hearing.objects.filter(panel=street.rows[OPEN]).first())
    assert (datetime.now(UTC) - first.heard_at).total_seconds() < 60
    monkeypatch.setattr(links, "silent_after_s", lambda s: 0.3)
    until(lambda: len(street.signals()) == 2)
    assert {(account, code) for account, code, _zone, _severity in street.signals()} == {(OPEN, "YC"), (SEALED, "YC")}
    monkeypatch.setattr(links, "silent_after_s", lambda s: 1e9)
    street.play(beat)
    until(lambda: Hearing.objects.get(panel=street.rows[OPEN]).heard_at > first.heard_at)
    assert len(street.signals()) == 2 and street.counts["silent"] == 2


def test_a_panel_is_known_as_soon_as_it_is_registered_and_no_longer_when_it_is_given_up(street: Street) -> None:
    async def report(street: Street) -> str:
        return str(await (await street.connect(OPEN)).report("BA"))

    row = street.rows[OPEN]
    for active, word in ((False, "NAK"), (True, "ACK")):
        type(row).objects.filter(id=row.id).update(active=active)
        street.write("panel.changed", subject=("panel", str(row.id)))
        until(lambda active=active: (OPEN in street.live.wire.panels.known) == active)
        assert street.play(report) == word


def test_a_storm_on_many_links_is_stored_whole(street: Street) -> None:
    async def one(street: Street, n: int) -> None:
        sent = await street.connect(OPEN)
        sent.sequence = n * 10
        for zone in range(10):
            assert await sent.report("BA", zone) == "ACK"
        await sent.close()

    async def work(street: Street) -> None:
        await asyncio.gather(*(one(street, n) for n in range(30)))

    street.play(work)
    assert len(street.signals()) == 300


def test_endless_rubbish_neither_fills_the_memory_nor_ends_the_link(street: Street) -> None:
    async def work(street: Street) -> None:
        sent = await street.connect(OPEN)
        for _ in range(50):
            sent._writer.write(b"x" * 5000)
        await sent._writer.drain()
        sent._writer.write(b"\r")
        word = await sent.beat()
        while word == "NAK":
            word = "ACK" if b'"ACK"' in await sent._reader.readuntil(b"\r") else "NAK"

    street.play(work)
    assert street.counts["bad_length"] > 0 and street.counts["signs_of_life"] == 1


def test_the_command_registers_and_plays_a_panel(street: Street, tmp_path: Any) -> None:
    key = tmp_path / "key"
    key.write_text(KEY.hex())
    port = str(street.live.wire.dc09)
    told = CliRunner().invoke(main, ["panel", "play", "--port", port, "--account", SEALED, "--key-file", str(key),
                                     "--code", "FA", "--zone", "3", "--json"])
    assert (told.exit_code, told.stdout) == (0, '{"account": "CAFE", "code": "FA", "zone": 3, "answers": ["ACK"]}\n')
    assert street.signals() == [(SEALED, "FA", 3, 2)]
    play = ["panel", "play", "--port", port, "--account", "9999"]
    assert CliRunner().invoke(main, play).exit_code == 3
    key.write_text("short")
    assert CliRunner().invoke(main, [*play, "--key-file", str(key)]).exit_code == 2
