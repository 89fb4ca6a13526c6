"""A unit's vehicle and its crew's phones tell where it is: which is shown, and what cannot be true."""
from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from wire.conftest import EVER, until

from shouwang.tables.live import PHONE, TERMINAL, Folder, Position, Rules, last_positions, tracks_of
from shouwang.tables.live.positions import believed
from shouwang.tables.live.tracks import FILE, close_connections
from shouwang.wire.jumps import Trail

NOW_MS = 1_780_000_000_000
CAR, OFFICER = (TERMINAL, 0.0), (PHONE, 0.01)


def told(source: tuple[str, float], seconds: float, *, jump: bool = False) -> Position:
    return Position("u", NOW_MS + int(seconds * 1000), source[1], 30.0, source=source[0], jump=jump)


@pytest.mark.parametrize(("newest", "rules", "shown"), [
    ([told(CAR, 0)], Rules(), TERMINAL),
    ([told(CAR, 0), told(OFFICER, 20)], Rules(), TERMINAL),  # both fresh: the vehicle's
    ([told(CAR, 0), told(OFFICER, 31)], Rules(), PHONE),  # the vehicle has fallen silent
    ([told(CAR, 0), told(OFFICER, 20)], Rules(fresh_s=10), PHONE),
    ([told(CAR, 0), told(OFFICER, 20)], Rules(terminal_first=False), PHONE),
    ([told(CAR, 20), told(OFFICER, 0)], Rules(terminal_first=False), TERMINAL),  # then the newest alone counts
    ([told(CAR, 0, jump=True), told(OFFICER, 0)], Rules(), PHONE),  # what cannot be true comes after what can
    ([told(CAR, 31, jump=True), told(OFFICER, 0)], Rules(), TERMINAL),  # but before what is old
])
def test_the_place_shown_is_the_best_sources(newest: list[Position], rules: Rules, shown: str) -> None:
    assert believed(newest, rules).source == shown
    assert believed(newest[::-1], rules).source == shown


@pytest.mark.parametrize(("way", "jumps"), [
    # seconds, longitude at the equator (0.01 degrees are 1.1 km)
    ([(0, 0), (10, 0.005), (20, 0.01)], "..."),  # 200 km/h
    ([(0, 0), (1, 0.0015)], ".."),  # a receiver that is off by 170 m
    ([(0, 0), (10, 0.1), (20, 0.001)], ".!."),  # there and back: one outlier
    ([(0, 0), (10, 0.1), (20, 0.1), (30, 0.1)], ".!!."),  # carried there in the dark: believed when they agree
    ([(0, 0), (10, 0.1), (20, 0.3), (30, 0.5), (40, 0.7)], ".!!!!"),  # never two that agree
    ([(0, 0), (600, 0.3)], ".."),  # long enough for 33 km
    ([(0, 0), (10, 0.1), (5, 0.05)], ".!!"),  # one that was on its way longer is judged by the last good one
    ([(10, 0), (0, 0.3)], ".."),  # what is older than the last good one is not judged
])
def test_a_place_that_nobody_can_have_reached_is_marked(way: list[tuple[int, float]], jumps: str) -> None:
    trail = Trail()
    judged = [trail.judged(Position("u", NOW_MS + s * 1000, lon, 0.0), 250) for s, lon in way]
    assert "".join("!" if p.jump else "." for p in judged) == jumps


@pytest.mark.django_db(transaction=True)
def test_a_jump_is_kept_and_told_with_its_mark(live: Any, duty: Any, start: Any) -> None:
    screen = live.read(live.ticket(position_live="t/"))
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    places = [(-90.2, now_ms - 9000), (-90.9, now_ms - 6000)]
    for lon, at_ms in places:
        live.report(duty.ticket, [{"lon": lon, "lat": 38.6, "at": at_ms}])
        said = screen.wait("positions")["units"]
    assert said == [[duty.unit, -90.9, 38.6, None, now_ms - 6000, PHONE, True]]
    until(lambda: len(tracks_of(live.centre, duty.unit, *EVER)) == 2)
    kept = tracks_of(live.centre, duty.unit, *EVER)
    assert [(p.lon, p.source, p.jump) for p in kept] == [(-90.2, PHONE, False), (-90.9, PHONE, True)]
    assert last_positions(live.centre)[duty.unit] == kept[1]
    live.wire.positions.take_one(Position(duty.unit, now_ms - 5000, -90.21, 38.6, source=TERMINAL), now_ms)
    assert screen.wait("positions")["units"] == [[duty.unit, -90.21, 38.6, None, now_ms - 5000, TERMINAL, False]]
    until(lambda: last_positions(live.centre)[duty.unit].source == TERMINAL)
    again = start()
    assert again.read(again.ticket(position_live="t/")).wait("positions")["units"][0][5] == TERMINAL


@pytest.mark.django_db(transaction=True)
def test_the_settings_hold_from_the_next_position_on(live: Any, duty: Any, write: Any) -> None:
    from shouwang.desk.workflow.models import Setting
    assert live.wire.positions.rules == Rules()
    for key, value in (("position_terminal_first", False), ("position_fresh_s", 7), ("position_jump_kmh", 100)):
        Setting.objects.create(key=key, value=value)
    write("rules.changed", subject=("settings", "position_fresh_s"), may="", area="")
    until(lambda: live.wire.positions.rules == Rules(False, 7, 100))


def test_tracks_of_an_older_version_are_kept(tmp_path: Any) -> None:
    old = sqlite3.connect(tmp_path / FILE)
    place = "at_ms bigint NOT NULL, lon float NOT NULL, lat float NOT NULL, speed_m_s float, course_deg float"
    old.execute(f"CREATE TABLE track (unit text NOT NULL, {place}, PRIMARY KEY (unit, at_ms)) WITHOUT ROWID")
    old.execute(f"CREATE TABLE last (unit text PRIMARY KEY, {place}) WITHOUT ROWID")
    old.execute("INSERT INTO track VALUES ('u', 1, 2, 3, 4, 5)")
    old.commit()
    old.close()
    centre = Folder(tmp_path, f"sqlite://{tmp_path / 'desk.sqlite3'}")
    assert tracks_of(centre, "u", datetime(1970, 1, 1, tzinfo=UTC), datetime(1971, 1, 1, tzinfo=UTC)) == [
        Position("u", 1, 2.0, 3.0, 4.0, 5.0)]
    assert last_positions(centre) == {}
    close_connections()
