"""POST /positions: taken from units on duty alone, kept, told, and forgotten."""
from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire.conftest import EVER, at, until

from shouwang.tables.live import Position, delete_tracks_before, last_positions, tracks_of
from shouwang.tables.live.tracks import TrackStore
from shouwang.wire import positions

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_position_is_kept_and_told_to_who_may_see_it_there(live: Any, duty: Any) -> None:
    near, far = live.read(live.ticket(position_live="t/2/")), live.read(live.ticket("u2", position_live="t/1/"))
    when = datetime.now(UTC).replace(microsecond=0)
    answer = live.report(duty.ticket, [{"lon": -90.2, "lat": 38.6, "at": when.isoformat(), "speed": 3.5, "course": 90}])
    assert answer.json() == {"accepted": 1, "refused": 0, "why": {}}
    at_ms = int(when.timestamp() * 1000)
    assert near.wait("positions")["units"] == [[duty.unit, -90.2, 38.6, 90.0, at_ms, "phone", False]]
    kept = until(lambda: last_positions(live.centre, [duty.unit, "nobody"]))[duty.unit]
    assert last_positions(live.centre) == {duty.unit: kept}
    assert last_positions(live.centre, []) == {}
    assert (kept.lon, kept.lat, kept.at, kept.speed_m_s, kept.course_deg) == (-90.2, 38.6, when, 3.5, 90.0)
    assert tracks_of(live.centre, duty.unit, *EVER) == [kept]
    assert far.so_far("positions") == []


def test_a_new_screen_is_told_where_units_are(live: Any, duty: Any) -> None:
    live.report(duty.ticket, [{"lon": -90.2, "lat": 38.6, "at": at()}])
    assert live.read(live.ticket(position_live="t/")).wait("positions")["units"][0][0] == duty.unit


def test_off_duty_positions_leave_no_trace(live: Any, units: dict[str, str]) -> None:
    unit = units["P01"]
    before = live.head()
    reader = live.read(live.ticket(position_live="t/"))
    given = [{"lon": -90.2, "lat": 38.6, "at": at(seconds=n)} for n in range(1000)]
    answer = live.report(live.ticket("member", unit=unit), given)
    assert answer.json() == {"accepted": 0, "refused": 1000, "why": {"off_duty": 1000}}
    time.sleep(1.2)  # longer than batches of positions wait
    assert reader.so_far("positions") == []
    assert tracks_of(live.centre, unit, *EVER) == []
    assert last_positions(live.centre) == {}
    assert live.head() == before


def test_clocking_off_ends_it_at_that_moment(live: Any, duty: Any) -> None:
    live.report(duty.ticket, [{"lon": -90.2, "lat": 38.6, "at": at(seconds=10)}])
    until(lambda: last_positions(live.centre))
    ahead = {"lon": -90.3, "lat": 38.7, "at": at(seconds=-30)}  # a device's clock may be ahead
    assert live.report(duty.ticket, [ahead]).json()["accepted"] == 1
    duty.end()
    assert live.report(duty.ticket, [{"lon": -90.2, "lat": 38.6, "at": at()}]).json()["why"] == {"off_duty": 1}
    until(lambda: not last_positions(live.centre))
    assert [p.lon for p in tracks_of(live.centre, duty.unit, *EVER)] == [-90.2]


@pytest.mark.parametrize(("position", "why"), [
    ({"lon": 181, "lat": 0, "at": at()}, "bad_place"),
    ({"lon": 0, "lat": -91, "at": at()}, "bad_place"),
    ({"lon": "0", "lat": 0, "at": at()}, "bad_place"),
    ({"lon": True, "lat": 0, "at": at()}, "bad_place"),
    ({"lat": 0, "at": at()}, "bad_place"),
    ({"lon": 0, "lat": 0}, "bad_time"),
    ({"lon": 0, "lat": 0, "at": "today"}, "bad_time"),
    ({"lon": 0, "lat": 0, "at": "2026-11-21T10:00:00"}, "bad_time"),
    ({"lon": 0, "lat": 0, "at": 1e300}, "bad_time"),
    ({"lon": 0, "lat": 0, "at": "9999-12-31T23:59:59+00:00"}, "in_future"),
    ({"lon": 0, "lat": 0, "at": "2020-01-01T00:00:00+00:00"}, "too_old"),
    ([0, 0], "not_a_position"),
])
def test_bad_positions_are_refused_and_the_good_taken(live: Any, duty: Any, position: Any, why: str) -> None:
    answer = live.report(duty.ticket, [position, {"lon": 0, "lat": 0, "at": at()}]).json()
    assert answer == {"accepted": 1, "refused": 1, "why": {why: 1}}


def test_a_position_from_before_the_duty_is_refused(live: Any, duty: Any) -> None:
    duty.begin(datetime.now(UTC) - timedelta(minutes=10))
    given = [{"lon": 0, "lat": 0, "at": at(minutes=m)} for m in (11, 9)]
    assert live.report(duty.ticket, given).json() == {"accepted": 1, "refused": 1, "why": {"off_duty": 1}}


def test_a_phone_sends_later_what_it_could_not_send_for_a_shift(live: Any, duty: Any) -> None:
    duty.begin(datetime.now(UTC) - timedelta(hours=14))
    given = [{"lon": -90.2, "lat": 38.6, "at": at(minutes=60 * hours)} for hours in (13, 11, 3, 0)]
    assert live.report(duty.ticket, given).json() == {"accepted": 3, "refused": 1, "why": {"too_old": 1}}
    until(lambda: len(tracks_of(live.centre, duty.unit, *EVER)) == 3)


def test_the_newest_wins_and_a_repeated_one_is_kept_once(live: Any, duty: Any) -> None:
    new, old = ({"lon": lon, "lat": 38.6, "at": at(seconds=s)} for lon, s in ((-90.2, 5), (-90.1, 60)))
    live.report(duty.ticket, [new])
    live.report(duty.ticket, [old, new])
    until(lambda: len(tracks_of(live.centre, duty.unit, *EVER)) == 2)
    assert last_positions(live.centre)[duty.unit].lon == -90.2
    assert live.wire.positions.last[duty.unit].lon == -90.2


def test_a_phone_reports_its_own_unit_whatever_it_says(live: Any, duty: Any, units: dict[str, str]) -> None:
    live.report(duty.ticket, [{"unit": units["P01"], "lon": -90.2, "lat": 38.6, "at": at()}])
    assert list(until(lambda: last_positions(live.centre))) == [duty.unit]


def test_the_replay_reports_many_units_but_none_off_duty(live: Any, duty: Any, units: dict[str, str]) -> None:
    given = [{"unit": unit, "lon": -90.2, "lat": 38.6, "at": at()} for unit in (duty.unit, units["P01"], "")]
    answer = live.report(live.ticket("drill:replay", unit="*"), given).json()
    assert answer == {"accepted": 1, "refused": 2, "why": {"off_duty": 2}}


def test_who_is_in_no_crew_reports_nothing(live: Any) -> None:
    assert live.report(live.ticket("u1", call_view="t/"), []).status_code == 403
    assert live.report("forged", []).status_code == 401


@pytest.mark.parametrize("body", [None, 7, {"a": 1}, [{}] * 5001])
def test_a_body_that_is_no_list_of_positions_is_refused(live: Any, duty: Any, body: Any) -> None:
    answer = live.report(duty.ticket, body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_body"


def test_positions_outlive_the_process_that_took_them(live: Any, duty: Any, start: Any) -> None:
    live.report(duty.ticket, [{"lon": -90.2, "lat": 38.6, "at": at()}])
    until(lambda: last_positions(live.centre))
    again = start()
    assert again.read(again.ticket(position_live="t/")).wait("positions")["units"][0][0] == duty.unit


def test_tracks_are_deleted_on_schedule(live: Any, duty: Any) -> None:
    live.report(duty.ticket, [{"lon": 0, "lat": 0, "at": at(minutes=m)} for m in (50, 40, 1)])
    until(lambda: len(tracks_of(live.centre, duty.unit, *EVER)) == 3)
    assert delete_tracks_before(live.centre, datetime.now(UTC) - timedelta(minutes=30)) == 2
    assert len(tracks_of(live.centre, duty.unit, *EVER)) == 1


def test_what_is_left_of_units_off_duty_goes_at_the_start(centre: Any, units: dict[str, str], start: Any) -> None:
    store = TrackStore(centre)
    store.write([Position(unit, 1, 0.0, 0.0) for unit in ("no unit at all", units["P01"])])
    store.close()
    reader = start()
    assert reader.read(reader.ticket(position_live="t/")).start == reader.head()
    assert last_positions(centre) == {}


def test_what_waits_while_the_disk_is_slow_is_stored_at_the_end(live: Any, duty: Any, monkeypatch: Any) -> None:
    """However much came in during a write: ending the process loses none. Only a disk that refuses has a bound."""
    begun, go, write = threading.Event(), threading.Event(), TrackStore.write

    def slow(store: TrackStore, given: Any) -> None:
        begun.set()
        go.wait(10)
        write(store, given)

    monkeypatch.setattr(TrackStore, "write", slow)
    monkeypatch.setattr(positions, "UNWRITTEN", 1)
    live.report(duty.ticket, [{"lon": 0, "lat": 0, "at": at(seconds=n)} for n in range(10, 15)])
    assert begun.wait(10)
    live.report(duty.ticket, [{"lon": 0, "lat": 0, "at": at(seconds=n)} for n in range(20, 25)])
    threading.Timer(0.3, go.set).start()
    live.close()
    assert len(tracks_of(live.centre, duty.unit, *EVER)) == 10
