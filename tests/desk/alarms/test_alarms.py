"""Alarms of vehicle terminals become calls; terminals are registered, imported, and their alarms deleted in time."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shouwang.desk.alarms import actions
from shouwang.desk.alarms.models import Alarm, Terminal
from shouwang.desk.calls.actions import close_call
from shouwang.desk.calls.models import Call
from shouwang.desk.log.models import Event

pytestmark = pytest.mark.django_db
THERE = (-90.222, 38.634)


@pytest.fixture
def call_types(rules: None) -> None:
    from shouwang.desk.calls import defaults
    defaults.load()


@pytest.fixture
def car(town: Any, call_types: None) -> Terminal:
    return Terminal.objects.create(number="13900000001", role="duty", unit=town.units["P02"])


@pytest.fixture
def taxi(town: Any, call_types: None) -> Terminal:
    return Terminal.objects.create(number="13900000002", role="third_party", vehicle="taxi")


def cry(terminal: Terminal, at: datetime, lon: float | None = THERE[0], lat: float | None = THERE[1]) -> Alarm:
    return Alarm.objects.create(id=uuid4(), terminal=terminal, at_device=at - timedelta(days=9), received_at=at,
                                lon=lon, lat=lat)


def test_a_duty_vehicles_cry_opens_a_call_as_its_phone_would(car: Terminal, clock: Any) -> None:
    alarm = cry(car, clock.now)
    assert actions.take_in(clock.forward(seconds=1)) == 1
    call = Call.objects.get()
    assert (call.id, call.type_id, call.severity, call.state, call.panic_unit) == (
        alarm.id, "101300", 1, "waiting", car.unit_id)
    assert ((call.lon, call.lat), call.area) == (THERE, "t/2/b/")
    assert list(Event.objects.order_by("seq").values_list("kind", "actor")) == [
        ("unit.panic", "system:alarms"), ("call.taken", "system:alarms")]
    alarm.refresh_from_db()
    assert (alarm.call, alarm.handled_at, alarm.lon, alarm.lat) == (call.id, clock.now, None, None)
    assert actions.take_in(clock.now) == 0


def test_a_taxis_cry_opens_a_call_of_the_highest_level_at_the_place_of_that_moment(taxi: Terminal, clock: Any) -> None:
    received = clock.now
    cry(taxi, received)
    actions.take_in(clock.forward(seconds=2))
    call = Call.objects.get()
    assert (call.type_id, call.severity, call.source, call.panic_unit) == ("201303", 1, "alarm", None)
    assert ((call.lon, call.lat), call.area, call.received_at) == (THERE, "t/2/b/", received)
    assert call.place.startswith("出租车终端 …0002，") and call.place.endswith("附近")
    assert "13900000002" not in call.place


def test_another_cry_while_the_call_is_open_keeps_no_place(taxi: Terminal, cast: Any, clock: Any) -> None:
    cry(taxi, clock.now)
    actions.take_in(clock.now)
    second = cry(taxi, clock.forward(minutes=1), -90.21, 38.63)
    actions.take_in(clock.now)
    call = Call.objects.get()
    second.refresh_from_db()
    assert (second.call, second.lon, (call.lon, call.lat)) == (call.id, None, THERE)
    close_call(actor=cast.dispatcher.actor, now=clock.now, call_id=call.id, disposition="false_alarm")
    cry(taxi, clock.forward(minutes=1))
    actions.take_in(clock.now)
    assert Call.objects.count() == 2


def test_a_cry_without_a_place_says_so(taxi: Terminal, clock: Any) -> None:
    cry(taxi, clock.now, None, None)
    actions.take_in(clock.now)
    call = Call.objects.get()
    assert (call.place, call.area) == ("出租车终端 …0002，位置不明", "t/2/b/")


def test_a_cry_from_beyond_the_district_is_heard_too(taxi: Terminal, clock: Any) -> None:
    cry(taxi, clock.now, 104.06, 30.67)
    actions.take_in(clock.now)
    assert Call.objects.get().area == "t/"


def test_a_crash_between_the_call_and_the_note_makes_no_second_call(taxi: Terminal, clock: Any) -> None:
    alarm = cry(taxi, clock.now)
    actions.take_in(clock.now)
    Alarm.objects.filter(id=alarm.id).update(handled_at=None, call=None, lon=THERE[0], lat=THERE[1])
    actions.take_in(clock.now)
    assert Call.objects.get().id == alarm.id


def test_one_alarm_that_cannot_become_a_call_holds_up_no_other(car: Terminal, taxi: Terminal, clock: Any) -> None:
    car.unit.active = False
    car.unit.save()
    stuck = cry(car, clock.now)
    cry(taxi, clock.forward(seconds=1))
    assert actions.take_in(clock.now) == 2
    stuck.refresh_from_db()
    assert (stuck.call, stuck.handled_at) == (None, clock.now)
    assert Call.objects.count() == 1


def test_alarms_are_deleted_after_thirty_days_save_those_held(taxi: Terminal, cast: Any, clock: Any) -> None:
    from shouwang.desk.log import retention

    old, kept, new = (cry(taxi, clock.now - timedelta(days=d)) for d in (31, 32, 29))
    Alarm.objects.update(handled_at=clock.now)
    Alarm.objects.filter(id=kept.id).update(call=uuid4())
    kept.refresh_from_db()
    retention.hold(actor=cast.auditor.actor, now=clock.now, subject_kind="call", subject=str(kept.call), reason="case",
                   until=clock.now + timedelta(days=9))
    assert retention.delete_due(clock.now)["alarms"] == 1
    assert set(Alarm.objects.values_list("id", flat=True)) == {kept.id, new.id}
    assert not Alarm.objects.filter(id=old.id).exists()


@pytest.mark.parametrize(("given", "field"), [
    ({"number": "13900000009", "role": "duty"}, "unit"),
    ({"number": "13900000009", "role": "third_party"}, "vehicle"),
    ({"number": "川A12345", "role": "third_party", "vehicle": "taxi"}, "number"),
    ({"number": "139", "role": "third_party", "vehicle": "taxi"}, "number"),
    ({"number": "013900000002", "role": "third_party", "vehicle": "taxi"}, "number"),
    ({"number": "13900000009", "role": "police", "vehicle": "taxi"}, "role"),
])
def test_the_form_says_what_is_wrong(taxi: Terminal, cast: Any, given: dict[str, str], field: str) -> None:
    page = cast.admin.client.post("/settings/terminals/new/", {**given, "active": "on", "reason": "new car"})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_an_administrator_registers_a_terminal(town: Any, cast: Any) -> None:
    unit = town.units["P02"]
    given = {"number": " 013900000009", "role": "duty", "unit": str(unit.id), "vehicle": "taxi", "device": "7654321",
             "active": "on", "reason": "new car"}
    assert cast.admin.client.post("/settings/terminals/new/", given).status_code == 302
    row = Terminal.objects.get()
    assert (row.number, row.role, row.unit, row.vehicle, row.device) == ("13900000009", "duty", unit, "", "7654321")
    event = Event.objects.get(subject_kind="terminals")
    assert (event.kind, event.subject, event.area) == ("settings.added", str(row.id), "t/2/b/")
    assert "13900000009" in cast.admin.client.get("/settings/terminals/").content.decode()
    assert cast.dispatcher.client.post("/settings/terminals/new/", given).status_code == 403


def import_file(path: Path, *, dry_run: bool) -> Any:
    from shouwang.desk.log.actor import system
    from shouwang.desk.places import actions as places
    return places.import_file(actor=system("import"), now=datetime.now(UTC), kind="terminals", path=path,
                              dry_run=dry_run)


def test_terminals_come_from_a_file_all_or_none(car: Terminal, town: Any, tmp_path: Path) -> None:
    path = tmp_path / "terminals.csv"
    path.write_text("number,role,unit,vehicle,device\n013900000001,duty,巡03,,AB1\n13900000005,third_party,,coach,\n")
    tried = import_file(path, dry_run=True)
    assert (tried.counts, tried.faults, Terminal.objects.count()) == ({"terminals": 2, "new": 1}, (), 1)
    assert import_file(path, dry_run=False).done
    rows = Terminal.objects.order_by("number").values_list("number", "role", "unit__en", "vehicle", "device")
    assert list(rows) == [("13900000001", "duty", "P03", "", "AB1"), ("13900000005", "third_party", None, "coach", "")]


def test_every_bad_row_is_named_at_once(town: Any, tmp_path: Path) -> None:
    path = tmp_path / "terminals.csv"
    path.write_text("number,role,unit,vehicle,device\nABC,duty,巡03,,\n1111,boss,,,\n2222,duty,none,,\n3333,third_party,,"
                    f"bus,\n4444,duty,巡03,,{'x' * 31}\n4444,duty,巡03,,\n")
    report = import_file(path, dry_run=False)
    assert [f.where for f in report.faults] == [f"terminals.csv, row {n}, column {c}" for n, c in (
        (2, "number"), (3, "role"), (4, "unit"), (5, "vehicle"), (6, "device"), (7, "number"))]
    assert not Terminal.objects.exists()
