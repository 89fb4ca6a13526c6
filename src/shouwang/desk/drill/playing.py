"""Plays the record: takes its calls, sends the recommended units, and acts as their crews, step by step in
the order of the replay's clock.

A person may take over any call by doing anything to it: from then on the replay leaves its decisions alone,
and only lets the cars drive as they are told. What was done before a crash is found in the tables, and
nothing is done twice."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import advice as dispatch
from shouwang.desk.calls.models import ASSIGNMENT_ENDED, CALL_OPEN, Assignment, Call
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.patrol.models import HistoryFile
from shouwang.desk.places import facts as places
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.settings import get as setting

from . import actions, facts, past
from .advice import Draws
from .clock import Clock
from .models import Played, Replay, Task
from .moving import Movement, Send, played_units
from .sending import Line

ACTOR = system("replay", kind="drill")
LOOKING = ("call.revealed", "call.read", "call.seen")  # who only looks has not taken a call over
TRY_AGAIN = timedelta(seconds=60)
SOON, FAR = timedelta(minutes=3), timedelta(days=3)  # of the replay's time
AWAY = timedelta(seconds=90)  # real time without the worker: the clock waits for it
ACK_S, CLOSE_S = 15.0, 40.0
MOST_STEPS = 400  # in one go; the rest follows at once
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)  # until its last crew is done


class Player:
    """Called over and over by the worker. `send` passes positions on."""

    def __init__(self, send: Send | None = None) -> None:
        self.movement = Movement(send or Line().send)
        self._moved_at: datetime | None = None

    def step(self, now: datetime) -> bool:
        """Does everything that is due by the replay's clock. True when more is due at once."""
        replay = facts.current()
        if replay is None or replay.state != "running":
            self.movement.crews.clear()
            return False
        if now - replay.seen_at > AWAY:  # the machine slept: the clock goes on from where it was seen last
            at = facts.clock_of(replay).read(replay.seen_at)
            Replay.objects.filter(id=replay.id, set_at=replay.set_at).update(clock_at=at, set_at=now, seen_at=now)
            return True
        if now - replay.seen_at > timedelta(seconds=5):
            Replay.objects.filter(id=replay.id).update(seen_at=now)
        clock = facts.clock_of(replay)
        moment = clock.read(now)
        units = played_units()
        done = 0
        while done < MOST_STEPS and self._next(replay, clock, moment, now, units):
            done += 1
        if self._moved_at is None or now - self._moved_at >= timedelta(seconds=1):
            self._moved_at = now
            self.movement.step(units, moment, now)
            self._pass_over(replay, moment, now)
        return done == MOST_STEPS

    def _pass_over(self, replay: Replay, moment: datetime, now: datetime) -> None:
        """With nothing under way and nothing coming soon the clock goes on to the next call; at the end of the
        record the replay ends."""
        if replay.calls.exclude(stage__in=("closed", "left")).exists() or self._coming(replay, moment + SOON):
            return
        coming = self._coming(replay, moment + FAR)
        if coming is None:
            actions.end(actor=ACTOR, now=now)
        else:
            actions.pass_over(actor=ACTOR, now=now, to=coming.at - SOON)

    def _next(self, replay: Replay, clock: Clock, moment: datetime, now: datetime, units: dict[UUID, Unit]) -> bool:
        """Does the one thing that is due first. False when nothing is due."""
        found: list[tuple[datetime, Callable[[datetime], None]]] = []
        if coming := self._coming(replay, moment):
            found.append((coming.at, lambda at: self._take(replay, coming, at)))
        waiting = Played.objects.filter(replay=replay, stage__in=("waiting", "answered"), due__lte=moment)
        if played := waiting.order_by("due").first():
            found.append((played.due, lambda at: self._decide(played, at, units)))
        tasks = Task.objects.filter(played__replay=replay, over=False, due__lte=moment).select_related("played")
        if task := tasks.order_by("due").first():
            found.append((task.due, lambda at: self._crew_acts(task, at, units)))
        if not found:
            return False
        due, act = min(found, key=lambda f: f[0])
        act(clock.real(due, latest=now))
        return True

    # The record's calls.

    def _coming(self, replay: Replay, moment: datetime) -> past.Recorded | None:
        """The next call of the record up to `moment`."""
        zone = setting("time_zone")
        history = HistoryFile.objects.filter(id=replay.history).first()
        if history is None:
            return None
        local, last = (t.astimezone(ZoneInfo(zone)).date() for t in (replay.taken_to, moment))
        while local <= last:
            for recorded in past.day(replay.history, local, tuple(history.excluded_kinds), zone):
                if replay.taken_to < recorded.at <= moment:
                    return recorded
            local += timedelta(days=1)
        return None

    def _take(self, replay: Replay, recorded: past.Recorded, at: datetime) -> None:
        becomes = past.becomes(recorded.category)
        assert becomes is not None  # `past.day` gives none without
        draws = Draws.of(recorded.seed, 0)
        zh, en = places.nearest_crossing(recorded.lon, recorded.lat)
        call = calls.NewCall(
            id=UUID(int=recorded.id.int ^ replay.id.int),
            type=becomes.type,
            place=(en if en.isascii() else zh) or f"{recorded.lat:.5f}, {recorded.lon:.5f}",
            lon=recorded.lon,
            lat=recorded.lat,
            severity=becomes.severity,
            services=becomes.services,
            source="resident",
            drill=True,
        )
        calls.take_call(actor=ACTOR, now=at, call=call)
        due = recorded.at + timedelta(seconds=draws.around(becomes.processing_s))
        Played.objects.get_or_create(
            call=call.id, defaults={"replay": replay, "category": recorded.category, "seed": recorded.seed, "due": due}
        )
        Replay.objects.filter(id=replay.id).update(taken_to=recorded.at)
        replay.taken_to = recorded.at

    # What the desk decides.

    def _decide(self, played: Played, at: datetime, units: dict[UUID, Unit]) -> None:
        """Sends the recommended units to a call that waits, or closes one whose units are done."""
        call = Call.objects.select_related("type").filter(id=played.call).first()
        if call is None or call.state not in CALL_OPEN or self._taken_over(played):
            self._leave(played)
            return
        try:
            if played.stage == "waiting":
                self._send(played, call, at, units)
            else:
                self._close(played, call, at)
        except (Conflict, Refused):  # a person was faster
            Played.objects.filter(call=played.call).update(due=played.due + TRY_AGAIN)

    def _send(self, played: Played, call: Call, at: datetime, units: dict[UUID, Unit]) -> None:
        told = dispatch.for_call(call, areas=("",), now=at)
        chosen: list[UUID] = []
        for service in told.services:
            free = [c.unit for c in service.candidates if c.own and c.unit in units and c.unit not in chosen]
            chosen += free[: service.wanted]
        if not chosen:
            Played.objects.filter(call=played.call).update(due=played.due + TRY_AGAIN)
            return
        sent = calls.assign_units(actor=ACTOR, now=at, call_id=call.id, unit_ids=chosen)
        for number, assignment in enumerate(sent):
            due = played.due + timedelta(seconds=Draws.of(played.seed, 1, number).around(ACK_S))
            Task.objects.create(assignment=assignment.id, played=played, unit=assignment.unit, due=due)
        Played.objects.filter(call=played.call).update(stage="answered", due=_NEVER)

    def _close(self, played: Played, call: Call, at: datetime) -> None:
        becomes = past.becomes(played.category)
        result = Draws.of(played.seed, 2).one_of(becomes.results) if becomes else "settled"
        calls.close_call(actor=ACTOR, now=at, call_id=call.id, disposition=result)
        Played.objects.filter(call=played.call).update(stage="closed")

    def _taken_over(self, played: Played) -> bool:
        return any(e.actor != ACTOR.id and e.kind not in LOOKING for e in log.of("call", played.call))

    def _leave(self, played: Played) -> None:
        """The call is a person's: neither its decisions nor its crews' buttons are the replay's any more."""
        Played.objects.filter(call=played.call).update(stage="left")
        Task.objects.filter(played=played).update(over=True)

    # What the crews do.

    def _crew_acts(self, task: Task, at: datetime, units: dict[UUID, Unit]) -> None:
        assignment = Assignment.objects.select_related("call").filter(id=task.assignment).first()
        if self._taken_over(task.played):
            self._leave(task.played)
        elif assignment is None or assignment.state in ASSIGNMENT_ENDED or task.unit not in units:
            self._task_over(task)
        else:
            try:
                self._press(task, assignment, at, units[task.unit])
            except (Conflict, Missing, Refused):
                self._leave(task.played)

    def _press(self, task: Task, assignment: Assignment, at: datetime, unit: Unit) -> None:
        """The crew's next button, and when the one after it comes."""
        draws = Draws.of(task.played.seed, 4, zlib.crc32(f"{unit.code} {assignment.state}".encode()))
        becomes = past.becomes(task.played.category)
        move, wait_s = "a_clear", 0.0
        if assignment.state == "assigned":
            move, wait_s = "a_ack", draws.around(unit.kind.turnout_s)
        elif assignment.state in ("acknowledged", "staged"):
            move = "a_go"
            wait_s = self.movement.set_off(unit, assignment.goal, task.due)
        elif assignment.state == "enroute":
            move, wait_s = "a_scene", draws.around(60 * (becomes.scene_min if becomes else 20.0))
        calls.move_assignment(actor=ACTOR, now=at, assignment_id=assignment.id, transition=move)
        if move == "a_clear":
            self._task_over(task)
        else:
            Task.objects.filter(assignment=task.assignment).update(due=task.due + timedelta(seconds=wait_s))

    def _task_over(self, task: Task) -> None:
        """The last crew to finish leaves the call to be closed."""
        Task.objects.filter(assignment=task.assignment).update(over=True)
        if not Task.objects.filter(played=task.played, over=False).exists():
            Played.objects.filter(call=task.played.call, stage="answered").update(
                due=task.due + timedelta(seconds=Draws.of(task.played.seed, 3).around(CLOSE_S))
            )
