"""The replay drives a day of real calls over real streets, and leaves to people what they touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from rows import undone

from shouwang.desk import setup
from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.facts import calls_for_demand
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.drill import actions, facts, past
from shouwang.desk.drill.models import Played, Replay
from shouwang.desk.drill.moving import played_units
from shouwang.desk.drill.playing import ACTOR, Player
from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.models import Event
from shouwang.desk.patrol.actions import add_history
from shouwang.desk.patrol.models import HistoryFile
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import User
from shouwang.desk.setup.stlouis import PAST as STLOUIS_PAST
from shouwang.desk.units import actions as units
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow import moves
from shouwang.engine.geo.distance import haversine_m

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


class Stage:
    """St. Louis with a replay that runs, a player, and everything it sent."""

    def __init__(self) -> None:
        self.now = NOW
        self.sent: list[dict[str, Any]] = []
        self.player = Player(send=self.sent.extend)

    def play(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Lets the replay run for real seconds, one by one; True as soon as `until` holds."""
        for _ in range(int(seconds)):
            self.now += timedelta(seconds=1)
            while self.player.step(self.now):
                pass
            if until():
                return True
        return until()

    def user(self, name: str) -> Any:
        return actor_of(User.objects.get(username=name))


@pytest.fixture(scope="module")
def past_week(tmp_path_factory: pytest.TempPathFactory, stlouis: Path) -> Path:
    """A week of the record."""
    table = pq.read_table(stlouis / "calls.parquet")
    time = table["time"].to_numpy(zero_copy_only=False).astype(str)
    path = tmp_path_factory.mktemp("history") / "week.parquet"
    pq.write_table(table.filter((time >= "2019-08-20") & (time < "2019-08-27")), path)
    return path


@pytest.fixture(scope="module")
def example(django_db_setup: None, django_db_blocker: Any, past_week: Path) -> Iterator[None]:
    """The example with the week as its past and a replay that has begun, once for all tests."""
    with undone(django_db_blocker):
        moves.forget()
        setup.load_rules()
        setup.load_example(settings.CONFIG, setup.EXAMPLES["stlouis"], NOW, lambda line: None)
        left_out = STLOUIS_PAST.found_by_patrols
        add_history(actor=setup.SETUP, now=NOW, path=past_week, name="A week", area="stlouis/", excluded=left_out,
                    example=True)
        actions.start(actor=setup.SETUP, now=NOW)
        Player(send=list).step(NOW)
        yield


@pytest.fixture
def stage(example: None, db: None) -> Stage:
    """The example as a worker finds it that has just been started."""
    return Stage()


def kinds(call: Call) -> list[str]:
    return [e.payload.get("new") or e.kind for e in log.of("call", call.id)]


def test_a_few_calls_are_under_way_at_once(stage: Stage) -> None:
    assert Call.objects.filter(state__in=("waiting", "responding")).count() >= 3
    shown = facts.shown(NOW)
    assert shown is not None
    assert (f"{shown.at:%Y}", shown.pace, shown.running) == ("2019", 20.0, True)
    assert all(c.drill and c.taken_by == ACTOR.id for c in Call.objects.all())
    left_out = set(HistoryFile.objects.get().excluded_kinds)
    assert not left_out & set(Played.objects.values_list("category", flat=True))
    assert calls_for_demand(NOW + timedelta(days=1)).time.size == 0  # replayed calls feed no forecast


def test_a_call_goes_through_its_life_on_real_streets(stage: Stage) -> None:
    assert stage.play(300, until=lambda: Call.objects.filter(state="closed").count() >= 3)
    call = Call.objects.filter(state="closed").order_by("received_at").last()
    assert call is not None
    assert call.disposition in past.categories()[Played.objects.get(call=call.id).category].results
    for task in Assignment.objects.filter(call=call):
        steps = [task.assigned_at, task.acknowledged_at, task.enroute_at, task.on_scene_at, task.ended_at]
        assert None not in steps
        assert steps == sorted(steps)
        assert task.state == "cleared"
    told = kinds(call)
    assert told[0] == "call.taken"
    assert told[-1] == "closed"
    assert {"acknowledged", "enroute", "on_scene", "cleared"} <= set(told)
    assert Unit.objects.get(id=task.unit).state != "busy"
    seqs = list(Event.objects.order_by("seq").values_list("at", flat=True))
    assert max(seqs) <= stage.now


def test_units_drive_along_streets_and_arrive_where_they_are_sent(stage: Stage) -> None:
    on_the_way = Assignment.objects.filter(state="enroute", ended_at__isnull=True)
    assert stage.play(120, until=on_the_way.exists)
    task = on_the_way.select_related("call").first()
    assert task is not None
    stage.sent.clear()
    arrived = lambda: Assignment.objects.get(id=task.id).state == "on_scene"  # noqa: E731
    assert stage.play(300, until=arrived)
    stage.play(2)
    mine = [p for p in stage.sent if p["unit"] == str(task.unit)]
    track = np.array([(p["lon"], p["lat"]) for p in mine])
    assert len(track) >= 3
    off_m = setup.places.streets().snap(track[:, 0], track[:, 1]).off_m
    assert off_m[:-2].max() < 150  # on a street, or between a door and one
    assert haversine_m(*track[-1], task.call.lon, task.call.lat) < 30
    assert all(0 <= p["course"] < 360 for p in mine if p["course"] is not None)
    times = [p["at"] for p in mine]
    assert times == sorted(set(times))


def test_what_a_person_touches_is_theirs(stage: Stage) -> None:
    dispatcher = stage.user("dispatcher")
    assert stage.play(200, until=lambda: Call.objects.filter(state="waiting").exists())
    call = Call.objects.filter(state="waiting").order_by("received_at").first()
    assert call is not None
    calls.upgrade(actor=dispatcher, now=stage.now, call_id=call.id, severity=1, reason="worse")
    before = len(log.of("call", call.id))
    stage.play(120)
    call.refresh_from_db()
    assert (call.state, len(log.of("call", call.id))) == ("waiting", before)
    assert Played.objects.get(call=call.id).stage == "left"

    free = Unit.objects.filter(state="available", kind__service="police", id__in=played_units()).first()
    assert free is not None
    task, = calls.assign_units(actor=dispatcher, now=stage.now, call_id=call.id, unit_ids=[free.id], reason="near")
    calls.move_assignment(actor=dispatcher, now=stage.now, assignment_id=task.id, transition="a_go")
    start = stage.player.movement.crews[free.id].at
    stage.play(10)
    assert stage.player.movement.crews[free.id].at != start  # its car drives as it was told
    assert Assignment.objects.get(id=task.id).state == "enroute"  # its buttons are the person's
    calls.close_call(actor=dispatcher, now=stage.now, call_id=call.id, disposition="settled")


def test_looking_takes_nothing_over(stage: Stage) -> None:
    assert stage.play(200, until=lambda: Call.objects.filter(state="waiting").exists())
    call = Call.objects.filter(state="waiting").first()
    assert call is not None
    calls.reveal_caller(actor=stage.user("dispatcher"), now=stage.now, call_id=call.id, reason="call back")
    assert stage.play(120, until=lambda: Call.objects.get(id=call.id).state != "waiting")


def test_a_unit_with_a_real_crew_is_never_played(stage: Stage) -> None:
    member = User.objects.get(username="member")
    free = Unit.objects.filter(state="off_duty").first()
    assert free is not None
    assert free.id not in played_units()
    units.clock_on(actor=actor_of(member), now=stage.now, unit_id=free.id, user_id=member.id)
    assert free.id not in played_units()
    stage.sent.clear()
    stage.play(60)
    assert str(free.id) not in {p["unit"] for p in stage.sent}


def test_paused_it_does_nothing_and_goes_on_where_it_stood(stage: Stage) -> None:
    supervisor = stage.user("supervisor")
    actions.pause(actor=supervisor, now=stage.now)
    before, at = Event.objects.count(), facts.shown(stage.now)
    stage.sent.clear()
    stage.play(60)
    assert (Event.objects.count(), stage.sent, facts.shown(stage.now)) == (before, [], at)
    actions.resume(actor=supervisor, now=stage.now)
    assert facts.shown(stage.now).at == at.at
    assert stage.play(60, until=lambda: Event.objects.count() > before + 1)


def test_the_pace_changes_without_a_jump(stage: Stage) -> None:
    before = facts.shown(stage.now)
    actions.set_pace(actor=stage.user("dispatcher"), now=stage.now, pace=60)
    after = facts.shown(stage.now)
    assert before is not None
    assert after is not None
    assert after.at == before.at
    later = facts.shown(stage.now + timedelta(seconds=10))
    assert later is not None
    assert later.at - after.at == timedelta(minutes=10)
    for pace in (0.5, 61, float("nan")):
        with pytest.raises(Refused):
            actions.set_pace(actor=stage.user("dispatcher"), now=stage.now, pace=pace)


def test_a_worker_that_starts_again_does_nothing_twice(stage: Stage) -> None:
    stage.play(30)
    numbers = list(Call.objects.order_by("serial").values_list("serial", flat=True))
    replay = facts.current()
    assert replay is not None
    Replay.objects.filter(id=replay.id).update(taken_to=replay.taken_to - timedelta(minutes=30))  # as if never kept
    stage.player = Player(send=stage.sent.extend)
    stage.player.step(stage.now)
    assert list(Call.objects.order_by("serial").values_list("serial", flat=True)) == numbers
    assert Played.objects.count() == len(numbers)


def test_quiet_stretches_are_passed_over_and_the_record_ends(stage: Stage) -> None:
    replay = facts.current()
    assert replay is not None
    stage.play(2)
    Played.objects.update(stage="closed")  # as if all were done
    last = max(c.at for c in past.day(replay.history, facts.shown(stage.now).at.date(), (), "America/Chicago"))
    Replay.objects.filter(id=replay.id).update(taken_to=last, clock_at=last, set_at=stage.now)
    stage.play(10, until=lambda: facts.current() is None)
    assert facts.current() is None  # nothing in the three days to come

    fresh = actions.start(actor=setup.SETUP, now=stage.now, run_up=timedelta(0))
    day = past.day(fresh.history, fresh.clock_at.date(), (), "America/Chicago")
    quiet = max(pairwise(day), key=lambda pair: pair[1].at - pair[0].at)
    Replay.objects.filter(id=fresh.id).update(taken_to=quiet[0].at, clock_at=quiet[0].at, set_at=stage.now)
    stage.play(2)
    shown = facts.shown(stage.now)
    assert shown is not None
    assert timedelta(0) < quiet[1].at - shown.at <= timedelta(minutes=4)


def test_the_clock_waits_for_a_sleeping_machine(stage: Stage) -> None:
    stage.play(10)
    before = facts.shown(stage.now)
    stage.now += timedelta(hours=8)
    stage.player.step(stage.now)
    after = facts.shown(stage.now)
    assert before is not None
    assert after is not None
    assert after.at - before.at < timedelta(minutes=5)


def test_who_may_rule_it(stage: Stage) -> None:
    for name in ("calltaker", "planner", "auditor", "member", "leader"):
        with pytest.raises(Denied):
            actions.pause(actor=stage.user(name), now=stage.now)
    actions.end(actor=stage.user("dispatcher"), now=stage.now)
    assert facts.shown(stage.now) is None
    assert actions.end(actor=stage.user("dispatcher"), now=stage.now) is None
