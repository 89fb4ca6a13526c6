"""Vehicle terminals on a real port: who is heard, what is kept of it, and what leaves no trace."""
from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from shouwang.desk.log.ids import new_id
from shouwang.shell.main import main
from shouwang.tables.live import last_positions, tracks_of
from shouwang.wire import devices, follow
from shouwang.wire.jt808 import codec, links
from shouwang.wire.jt808.terminal import Terminal, fix_at

pytestmark = pytest.mark.django_db(transaction=True)
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
CAR, TAXI, IDLE = "13900000001", "13900000002", "13900000003"
HERE = (-90.2, 38.6)


class Fleet:
    """CAR in P02 with a crew clocked on, IDLE in P01 without one, TAXI of a third party: on a running live process."""

    def __init__(self, start: Callable[..., Any], units: dict[str, str], write: Callable[..., int]) -> None:
        from shouwang.desk.alarms.models import Terminal as Registered
        from shouwang.desk.units.models import Duty

        self.unit, self.idle, self.write = units["P02"], units["P01"], write
        self.rows = {n: Registered.objects.create(number=n, unit_id=u, role="duty" if u else "third_party",
                                                  vehicle="" if u else "taxi")
                     for n, u in ((CAR, self.unit), (TAXI, None), (IDLE, self.idle))}
        self.duty = Duty.objects.create(unit_id=self.unit, user=new_id(), on_at=datetime.now(UTC) - timedelta(hours=2))
        self.live = start(jt808=0)
        assert self.live.wire.listening.wait(10)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.live.wire.terminals.counts)

    def play(self, work: Callable[[Fleet], Awaitable[Any]]) -> Any:
        return asyncio.run(asyncio.wait_for(work(self), 30))

    async def connect(self, number: str, **options: Any) -> Terminal:
        found = Terminal(number, **options)
        await found.connect("127.0.0.1", self.live.wire.jt808)
        return found

    async def sign_in(self, number: str, **options: Any) -> Terminal:
        found = await self.connect(number, **options)
        assert (await found.register(), await found.sign_in()) == (0, 0)
        return found

    def tracks(self, unit: str) -> list[Any]:
        return tracks_of(self.live.centre, unit, *EVER)


def until(found: Callable[[], Any]) -> Any:
    """Waits for what another thread brings about."""
    end_s = time.monotonic() + 10
    while not (value := found()):
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.02)
    return value


@pytest.fixture
def fleet(start: Any, units: Any, write: Any, monkeypatch: Any) -> Fleet:
    monkeypatch.setattr(devices, "SWEEP_S", 0.02)
    monkeypatch.setattr(follow, "WRITE_S", 0.05)
    monkeypatch.setattr(follow, "TELL_S", 0.1)
    return Fleet(start, units, write)


@pytest.mark.parametrize("edition", [2013, 2019])
def test_a_duty_terminal_tells_where_its_unit_is(fleet: Fleet, edition: int) -> None:
    reader = fleet.live.read(fleet.live.ticket(position_live="t/2/"))
    when = datetime.now(UTC).replace(microsecond=0)

    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR, edition=edition)
        assert await car.heartbeat() == 0
        assert await car.report(fix_at(*HERE, at=when, speed_m_s=12.5, course_deg=90)) == 0
        assert await car.report_many([fix_at(-90.1, 38.6, at=when - timedelta(seconds=n)) for n in (30, 20, 10)]) == 0

    fleet.play(work)
    assert reader.wait("positions")["units"] == [[fleet.unit, *HERE, 90.0, int(when.timestamp() * 1000),
                                                  "terminal", False]]
    kept = until(lambda: len(found := fleet.tracks(fleet.unit)) == 4 and found)
    assert [p.lon for p in kept] == [-90.1] * 3 + [-90.2]
    assert last_positions(fleet.live.centre) == {fleet.unit: kept[-1]}
    assert (kept[-1].at, kept[-1].speed_m_s, kept[-1].course_deg) == (when, 12.5, 90.0)


@pytest.mark.parametrize(("number", "counted"), [(TAXI, "dropped_third_party"), (IDLE, "dropped_off_duty")])
def test_what_may_not_be_known_is_answered_and_leaves_no_trace(fleet: Fleet, caplog: Any, number: str,
                                                               counted: str) -> None:
    """1,000 positions of a third party without the emergency bit, and of a duty vehicle with nobody clocked on."""
    from shouwang.desk.alarms.models import Alarm
    from shouwang.desk.log.models import Card, Event

    caplog.set_level(logging.DEBUG)
    reader = fleet.live.read(fleet.live.ticket(position_live="t/", call_view="t/"))
    before = (fleet.live.head(), Event.objects.count(), Card.objects.count())

    async def work(fleet: Fleet) -> list[int]:
        sent = await fleet.sign_in(number)
        one_by_one = [sent.report(fix_at(*HERE, at=datetime.now(UTC) - timedelta(seconds=n))) for n in range(700)]
        many = [sent.report_many([fix_at(*HERE, at=datetime.now(UTC) - timedelta(seconds=700 + 30 * n + m))
                                  for m in range(30)]) for n in range(10)]
        return list(await asyncio.gather(*one_by_one, *many))

    assert fleet.play(work) == [0] * 710
    assert fleet.counts[counted] == 1000
    wire = fleet.live.wire
    assert fleet.live.on_loop(lambda: (wire.positions.batch(), dict(wire.positions.last))) == ([], {})
    time.sleep(0.4)  # longer than batches of positions wait
    assert reader.so_far("positions") == reader.so_far("event") == []
    assert (fleet.live.head(), Event.objects.count(), Card.objects.count()) == before
    assert not Alarm.objects.exists()
    assert last_positions(fleet.live.centre) == {}
    assert [fleet.tracks(u) for u in (fleet.unit, fleet.idle)] == [[], []]
    assert str(HERE[1]) not in caplog.text and number not in caplog.text


def test_what_came_in_before_the_clock_off_was_known_goes(fleet: Fleet) -> None:
    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR)
        await car.report(fix_at(*HERE, at=datetime.now(UTC) - timedelta(seconds=20)))
        await car.report(fix_at(-90.3, 38.7, at=datetime.now(UTC) + timedelta(seconds=30)))

    fleet.play(work)
    until(lambda: len(fleet.tracks(fleet.unit)) == 2)
    fleet.duty.off_at = datetime.now(UTC)
    fleet.duty.save()
    fleet.write("unit.clocked_off", subject=("unit", fleet.unit), area="t/2/", may="position.live")
    until(lambda: not last_positions(fleet.live.centre))
    assert [p.lon for p in fleet.tracks(fleet.unit)] == [-90.2]


def test_a_cry_for_help_is_on_the_disk_before_it_is_answered_and_once(fleet: Fleet) -> None:
    """A third party's alarm holds the place of its first moment; the way it takes with the button down is not told."""
    from shouwang.desk.alarms.models import Alarm

    when = datetime.now(UTC).replace(microsecond=0)

    async def work(fleet: Fleet) -> Any:
        taxi = await fleet.sign_in(TAXI)
        assert await taxi.report(fix_at(*HERE, at=when, emergency=True)) == 0
        first = await asyncio.to_thread(lambda: list(Alarm.objects.all()))
        for n in range(1, 20):
            later = fix_at(-90.2 + n / 1000, 38.6, at=when + timedelta(seconds=n), emergency=True)
            assert await taxi.report(later) == 0
        await taxi.report(fix_at(*HERE))
        again = await asyncio.to_thread(Alarm.objects.count)
        await taxi.report(fix_at(*HERE, at=when + timedelta(seconds=40), emergency=True))
        return first, again

    (alarm,), again = fleet.play(work)
    assert (alarm.terminal_id, alarm.at_device, alarm.lon, alarm.lat) == (fleet.rows[TAXI].id, when, *HERE)
    assert abs(alarm.received_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert alarm.handled_at is None and alarm.call is None
    assert again == 1
    assert Alarm.objects.count() == 2  # pressed a second time
    assert fleet.tracks(fleet.unit) == []


def test_many_cries_at_the_same_moment_are_one_and_all_are_answered(fleet: Fleet) -> None:
    from shouwang.desk.alarms.models import Alarm

    async def work(fleet: Fleet) -> list[int]:
        car = await fleet.sign_in(CAR)
        start = datetime.now(UTC)
        return list(await asyncio.gather(*(car.report(fix_at(*HERE, at=start - timedelta(seconds=n), emergency=True))
                                           for n in range(50))))

    assert fleet.play(work) == [0] * 50
    assert Alarm.objects.count() == 1
    until(lambda: len(fleet.tracks(fleet.unit)) == 50)


def test_a_cry_that_cannot_be_stored_is_not_answered_as_if_it_were(fleet: Fleet) -> None:
    from django.db import connection

    from shouwang.desk.alarms.models import Alarm

    def rename(a: str, b: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {a} RENAME TO {b}")

    async def work(fleet: Fleet) -> list[int]:
        taxi = await fleet.sign_in(TAXI)
        fix = fix_at(*HERE, emergency=True)
        await asyncio.to_thread(rename, "alarms_alarm", "elsewhere")
        try:
            refused = await taxi.report(fix)
        finally:
            await asyncio.to_thread(rename, "elsewhere", "alarms_alarm")
        return [refused, await taxi.report(fix)]

    assert fleet.play(work) == [codec.FAILED, codec.DONE]
    assert Alarm.objects.count() == 1


@pytest.mark.parametrize(("number", "what"), [
    (TAXI, {"fixed": False}), (CAR, {"at": datetime(2000, 1, 1, tzinfo=UTC)}),
    (CAR, {"at": datetime.now(UTC) - timedelta(hours=3)})], ids=["no fix", "no clock", "before the duty"])
def test_a_cry_is_heard_without_a_place_that_may_not_be_known(fleet: Fleet, number: str, what: dict[str, Any]) -> None:
    from shouwang.desk.alarms.models import Alarm

    async def work(fleet: Fleet) -> None:
        for _ in range(2):  # the same words twice, by a device whose clock stands still
            played = await fleet.sign_in(number)
            assert await played.report(fix_at(*HERE, emergency=True, **what)) == 0
            await played.report(fix_at(*HERE))

    fleet.play(work)
    assert list(Alarm.objects.values_list("lon", "lat")) == [(None, None)] * 2


def test_who_is_not_registered_or_shows_no_code_is_heard_in_nothing(fleet: Fleet) -> None:
    from shouwang.desk.alarms.models import Alarm

    async def work(fleet: Fleet) -> list[int]:
        stranger = await fleet.connect("13911111111")
        results = [await stranger.register(), await stranger.sign_in(),
                   await stranger.report(fix_at(*HERE, emergency=True))]
        car = await fleet.connect(CAR)
        car.code = "guessed"
        results += [await car.sign_in(), await car.report(fix_at(*HERE, emergency=True)), await car.heartbeat()]
        thief = await fleet.sign_in(TAXI)
        thief._address = codec.address_of(CAR)
        return [*results, await thief.report(fix_at(*HERE))]

    assert fleet.play(work) == [codec.NO_TERMINAL, 1, 1, 1, 1, 1, 1]
    assert not Alarm.objects.exists()
    assert fleet.live.wire.positions.last == {}


def test_a_device_with_another_mark_gets_no_code(fleet: Fleet) -> None:
    row = fleet.rows[CAR]
    row.device = "7654321"
    row.save()
    fleet.write("settings.changed", subject=("terminals", str(row.id)))
    until(lambda: fleet.live.wire.terminals.known[CAR].device)

    async def work(fleet: Fleet) -> list[int]:
        return [await (await fleet.connect(CAR, device=mark)).register() for mark in ("1234567", "7654321")]

    assert fleet.play(work) == [codec.KNOWN_OTHERWISE, codec.DONE]


def test_a_terminal_taken_out_of_use_is_no_longer_heard(fleet: Fleet) -> None:
    async def work(fleet: Fleet) -> list[int]:
        car = await fleet.sign_in(CAR)
        before = await car.report(fix_at(*HERE))

        def drop() -> None:
            row = fleet.rows[CAR]
            row.active = False
            row.save()
            fleet.write("settings.changed", subject=("terminals", str(row.id)))
            until(lambda: CAR not in fleet.live.wire.terminals.known)
        await asyncio.to_thread(drop)
        return [before, await car.report(fix_at(*HERE))]

    assert fleet.play(work) == [codec.DONE, codec.FAILED]


def test_broken_frames_and_extras_are_counted_and_never_end_the_link(fleet: Fleet) -> None:
    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR)
        address = codec.address_of(CAR)
        sound = codec.encode(codec.POSITION, address, 900, codec.position(fix_at(*HERE)))
        for spoiled in (sound[:20] + bytes((sound[20] ^ 1,)) + sound[21:], b"\x7e" + b"\x7d\x09" + sound[3:],
                        b"(794104004140,1,001,BASE,2,TIME)" + codec.FLAG, bytes(20_000) + codec.FLAG,
                        codec.encode(codec.POSITION, address, 901, b"short"), codec.encode(0x0900, address, 902, b"?"),
                        codec.encode(codec.BATCH, address, 903, b"\0\x09\0")):
            car.send(spoiled)
        for extras in (b"\x01", b"\x01\xff", b"\xeb\x00\xff\xff" * 9, bytes(range(256))):
            assert await car.report(fix_at(*HERE), extras) == 0

    fleet.play(work)
    counts = fleet.counts
    assert {k: counts[k] for k in ("bad_checksum", "bad_escape", "bad_length", "unsupported")} == {
        "bad_checksum": 2, "bad_escape": 1, "bad_length": 1, "unsupported": 1}
    assert counts["bad_position"] == 1 + 9
    assert counts["positions"] == 4


def test_a_frame_sent_again_is_answered_again_and_taken_once(fleet: Fleet) -> None:
    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR)
        frame = codec.encode(codec.POSITION, codec.address_of(CAR), 900, codec.position(fix_at(*HERE)))
        for _ in range(3):
            assert (await car.ask_raw(frame, 900)).body[4] == 0

    fleet.play(work)
    assert (fleet.counts["positions"], fleet.counts["repeated"]) == (1, 2)


def test_out_of_order_serials_and_times_leave_the_newest_last(fleet: Fleet) -> None:
    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR)
        for serial, age_s in ((9, 5), (3, 60), (65535, 30), (0, 20)):
            at = datetime.now(UTC) - timedelta(seconds=age_s)
            frame = codec.encode(codec.POSITION, codec.address_of(CAR), serial,
                                 codec.position(fix_at(-90 - age_s / 100, 38.6, at=at)))
            assert (await car.ask_raw(frame, serial)).body[4] == 0

    fleet.play(work)
    until(lambda: len(fleet.tracks(fleet.unit)) == 4)
    assert last_positions(fleet.live.centre)[fleet.unit].lon == -90.05


@pytest.mark.parametrize(("ahead", "counted"), [(timedelta(hours=8), "in_future"), (timedelta(days=-400), "too_old")])
def test_a_wrong_clock_of_a_device_moves_nothing(fleet: Fleet, ahead: timedelta, counted: str) -> None:
    """It is told what time it is, its frames are answered, and its time is never taken for the server's."""
    async def work(fleet: Fleet) -> bytes:
        car = await fleet.sign_in(CAR, edition=2019)
        assert await car.report(fix_at(*HERE, at=datetime.now(UTC) + ahead)) == 0
        return (await car.ask(codec.ASK_TIME)).body

    told = datetime.strptime(fleet.play(work).hex(), "%y%m%d%H%M%S").replace(tzinfo=UTC)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)
    assert fleet.counts[counted] == 1
    assert fleet.live.wire.positions.last == {}


def test_a_divided_batch_is_put_together_in_any_order(fleet: Fleet) -> None:
    fixes = [fix_at(*HERE, at=datetime.now(UTC) - timedelta(seconds=n)) for n in range(60)]
    body = codec.batch([codec.position(f) for f in fixes])
    pieces = [body[n:n + 700] for n in range(0, len(body), 700)]

    async def work(fleet: Fleet) -> None:
        car = await fleet.sign_in(CAR)
        for n in (2, 0, 0, 1):
            frame = codec.encode(codec.BATCH, codec.address_of(CAR), 500 + n, pieces[n], part=(len(pieces), n + 1))
            assert (await car.ask_raw(frame, 500 + n)).body[4] == 0
        lost = codec.encode(codec.BATCH, codec.address_of(CAR), 600, b"", part=(2, 3))
        assert (await car.ask_raw(lost, 600)).body[4] == codec.WRONG

    fleet.play(work)
    assert len(pieces) == 3 and fleet.counts["positions"] == 60


def test_links_that_are_half_open_or_never_sign_in_are_cut(fleet: Fleet, monkeypatch: Any) -> None:
    async def work(fleet: Fleet) -> None:
        silent, car = await fleet.connect(TAXI), await fleet.sign_in(CAR)
        again = await fleet.sign_in(CAR)
        await car.closed()  # the same terminal on a new link: the old one is dead
        monkeypatch.setattr(links, "LOGIN_S", 0.0)
        await silent.closed()
        assert await again.heartbeat() == 0
        monkeypatch.setattr(devices, "IDLE_S", 0.0)
        await again.closed()

    fleet.play(work)
    assert [fleet.counts[k] for k in ("replaced", "never_signed_in", "half_open")] == [1, 1, 1]
    assert fleet.live.wire.terminals.figures()["links"] == 0


@pytest.mark.parametrize("drill", [False, True])
def test_a_vehicles_screen_shows_where_its_crew_is_sent(fleet: Fleet, drill: bool) -> None:
    card = {"number": "1128-0007", "severity": 1, "type_zh": "民警紧急求援", "place": "和平路12号", "drill": drill}

    async def work(fleet: Fleet) -> tuple[list[str], list[str]]:
        car, taxi = await fleet.sign_in(CAR, edition=2019), await fleet.sign_in(TAXI)
        await asyncio.to_thread(fleet.write, "call.assigned", payload={"unit": fleet.unit}, card=card)
        await asyncio.wait_for(car.heard.wait(), 10)
        car.heard.clear()
        await asyncio.to_thread(fleet.write, "unit.stand_by", subject=("unit", fleet.unit), area="t/2/",
                                may="position.live", payload={"zh": "东门岗亭", "en": "East gate"})
        await asyncio.wait_for(car.heard.wait(), 10)
        await car.heartbeat()
        return car.texts, taxi.texts

    sent = f"{'演练 ' * drill}派警 1128-0007 1级 民警紧急求援 和平路12号"
    assert fleet.play(work) == ([sent, "待命：东门岗亭"], [])
    assert (fleet.counts["texts"], fleet.counts["texts_read"]) == (2, 2)


def test_a_text_nobody_acknowledges_is_sent_again_and_given_up(fleet: Fleet, monkeypatch: Any) -> None:
    monkeypatch.setattr(links, "ANSWER_S", 0.02)

    async def work(fleet: Fleet) -> list[str]:
        car = await fleet.sign_in(CAR)
        heard: list[str] = []

        def deaf(frame: Any) -> None:
            heard.append(frame.body[1:].decode("gbk"))
        monkeypatch.setattr(car, "_hear", deaf)
        await asyncio.to_thread(lambda: fleet.live.on_loop(
            lambda: fleet.live.wire.terminals.send_text(fleet.unit, "回所")))
        await asyncio.to_thread(until, lambda: fleet.counts.get("texts_lost"))
        await asyncio.sleep(0.05)
        return heard

    assert fleet.play(work) == ["回所"] * links.TIMES


def test_whoever_watches_the_process_sees_counts_and_no_terminal(fleet: Fleet) -> None:
    import requests

    async def work(fleet: Fleet) -> Any:
        car = await fleet.sign_in(CAR)
        await car.report(fix_at(*HERE))
        return await asyncio.to_thread(lambda: requests.get(f"{fleet.live.url}/healthz", timeout=10).json())

    told = fleet.play(work)["terminals"]
    assert (told["links"], told["signed_in"], told["registered"], told["positions"]) == (1, 1, 3, 1)
    assert all(isinstance(v, int) for v in told.values())


def test_the_command_plays_a_terminal(fleet: Fleet) -> None:
    from shouwang.desk.alarms.models import Alarm

    def play(number: str, *more: str) -> Any:
        return CliRunner().invoke(main, ["terminal", "--number", number, "--port", str(fleet.live.wire.jt808), "--json",
                                         "--from", "-90.2,38.6", "--to", "-90.1,38.6", "--every", "0", *more])

    done = play(CAR, "--count", "5", "--edition", "2019")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {
        "registration": "done", "sign_in": "done", "acknowledged": 5, "texts": []})
    assert fleet.live.wire.positions.last[fleet.unit].lon == pytest.approx(-90.2, abs=0.1)
    assert play(TAXI, "--count", "1", "--panic").exit_code == 0
    assert Alarm.objects.count() == 1
    stranger = play("13911111111")
    assert (stranger.exit_code, json.loads(stranger.stdout)["registration"]) == (3, "not registered")
    assert play("13x").exit_code == 2
