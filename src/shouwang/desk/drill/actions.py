"""Starting, pausing and ending the replay. Whoever may assign units may do it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.patrol.models import HistoryFile
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting

from . import facts, past
from .models import Replay

MAY = "dispatch.assign"
PACE = 20.0
PACES = (1, 5, 10, 20, 40, 60)
RUN_UP = timedelta(minutes=40)  # of the record, played at once: a visitor finds calls under way


def start(*, actor: Actor, now: datetime, pace: float = PACE, run_up: timedelta = RUN_UP) -> Replay:
    """Replays a busy day of the record from its liveliest moment on. A replay that stands is taken up again.

    Raises Refused without a record of past calls.
    """
    district = places.district()
    if district is None:
        raise Refused(_("There is no district yet."), code="no_district")
    actor.require(MAY, district.area)
    _checked(pace)
    with writing(actor=actor, now=now) as log:
        replay = facts.current()
        if replay is None:
            found = HistoryFile.objects.filter(area=district.area, active=True).order_by("-last_day").first()
            if found is None:
                raise Refused(_("There are no past calls to replay."), code="no_history")
            day = past.day(found.id, past.busiest(found.id), tuple(found.excluded_kinds), setting("time_zone"))
            at = past.liveliest(day, run_up)
            replay = Replay.objects.create(
                area=district.area,
                history=found.id,
                pace=pace,
                clock_at=at - run_up,
                set_at=now - run_up / pace,
                taken_to=at - run_up,
                seen_at=now,
                started_by=actor.id,
            )
            _tell(log, replay, "drill.started", pace=pace, day=str(at.date()))
            return replay
    return resume(actor=actor, now=now)


def pause(*, actor: Actor, now: datetime) -> Replay:
    """The clock stands still, and with it everything the replay does."""
    return _change(actor, now, "drill.paused", state="paused")


def resume(*, actor: Actor, now: datetime) -> Replay:
    return _change(actor, now, "drill.resumed", state="running")


def set_pace(*, actor: Actor, now: datetime, pace: float) -> Replay:
    """From now on the clock runs `pace` times as fast, 1 to 60."""
    _checked(pace)
    return _change(actor, now, "drill.pace", pace=pace)


def pass_over(*, actor: Actor, now: datetime, to: datetime) -> Replay:
    """Sets the clock on to a later moment of the past day, over a stretch in which nothing happens."""
    return _change(actor, now, "drill.passed_over", clock_at=to)


def end(*, actor: Actor, now: datetime) -> Replay | None:
    """Ends the replay. Its open calls stay for the desk to close. None when there was none."""
    if facts.current() is None:
        return None
    return _change(actor, now, "drill.ended", state="ended")


def _checked(pace: float) -> None:
    if not 1 <= pace <= 60:
        raise Refused(_("Choose a pace from 1 to 60."), field="pace", code="invalid")


def _change(actor: Actor, now: datetime, kind: str, **values: object) -> Replay:
    """Sets the clock to what it reads now, then changes how it runs."""
    with writing(actor=actor, now=now) as log:
        replay = facts.current()
        if replay is None:
            raise Missing(_("No replay is running."), code="no_replay")
        actor.require(MAY, replay.area)
        at = facts.clock_of(replay).read(now)
        if not Replay.objects.filter(id=replay.id, state=replay.state, set_at=replay.set_at).update(
            **({"clock_at": at, "set_at": now, "seen_at": now} | values)
        ):
            raise Conflict(_("Somebody else was first. Look again."), code="raced")
        replay.refresh_from_db()
        _tell(log, replay, kind, pace=replay.pace, state=replay.state)
    return replay


def _tell(log: Log, replay: Replay, kind: str, **payload: object) -> None:
    log.append(kind, subject=("drill", replay.id), area=replay.area, may="call.view", payload=payload)
