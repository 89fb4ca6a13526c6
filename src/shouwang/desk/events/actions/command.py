"""Beginning an event, its level, who commands, and its end. Command passes on by two signatures: whoever has it gives
it, somebody else takes it. Each is an event of the log by the account of who signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.people.facts import roles_held
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..facts import MAY_COMMAND, MAY_SEE, MAY_START
from ..models import Command, EventPlan, Item, Joined, Major, Tick
from .common import change, may_command, running, say, tell, visible, wordy

OPEN = ("received", "waiting", "responding", "under_control")


@once
def start(*, actor: Actor, now: datetime, id: UUID, plan: str, level: str = "", call_id: UUID | str | None = None,
          lon: float | None = None, lat: float | None = None, place: str = "", key: UUID | None = None) -> Major:
    """Begins an event by a plan, from a call or at a place: everything the plan names is there afterwards. `level`: ""
    for the plan's lowest. The same id again is a retry. Whoever starts it and holds the role that commands is in
    command at once; otherwise command waits to be taken."""
    if (row := Major.objects.filter(id=id, started_by=actor.id).first()) is not None:
        return row
    chosen = facts.plan(plan)
    if chosen is None:
        raise Refused(_("There is no plan “%(code)s”.") % {"code": plan[:40]}, field="plan", code="invalid")
    steps = [row["level"] for row in chosen.levels]
    if level and level not in steps:
        raise Refused(_("This plan has no level %(level)s. It has: %(all)s.") % {
            "level": level[:8], "all": ", ".join(steps)}, field="level", code="invalid")
    with writing(actor=actor, now=now) as log:
        where = _from_call(actor, call_id) if call_id else _from_place(actor, lon, lat, place)
        event = _new(id, chosen, level or steps[0], where, actor, now)
        _tasks(event, chosen, now)
        _whom_to_tell(event)
        for n, code in enumerate(chosen.checklist):
            Tick.objects.create(event=event, of="check", code=code, place=n)
        if call_id:
            Joined.objects.create(event=event, call=call_id, at=now)
        _begin_command(event, actor, now)
        tell(log, event, "event.started", {"main": str(call_id)} if call_id else None, key=key, event_plan=event.code,
             event_level=event.level)
        held = facts.in_command(event)
        if held is not None:
            tell(log, event, "event.command_taken", plan_role=held.role, event_level=held.level)
    return event


def _from_call(actor: Actor, call_id: UUID | str) -> dict[str, Any]:
    call = calls.find(actor.areas(MAY_SEE), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    actor.require(MAY_START, call.area)
    if call.state not in OPEN:
        raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
    _not_in_another(call)
    return {"area": call.area, "lon": call.lon, "lat": call.lat, "place": call.place, "drill": call.drill}


def _not_in_another(call: Any) -> None:
    if (other := Joined.objects.filter(call=call.id, open=True).select_related("event").first()) is not None:
        raise Conflict(_("%(call)s belongs to %(event)s already.") % {"call": call, "event": other.event},
                       code="joined")


def _from_place(actor: Actor, lon: float | None, lat: float | None, place: str) -> dict[str, Any]:
    if lon is None or lat is None or not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Refused(_("Say where: click the map, or find a street."), field="lon", code="needs")
    area = places.locate(lon, lat)
    if not area:
        raise Refused(_("This point lies outside the district."), field="lon", code="outside")
    actor.require(MAY_START, area)
    crossing = places.nearest_crossing(lon, lat)
    typed = place.replace("\x00", "").strip()[:120]
    said = typed or next((name for name in crossing if name), "") or f"{lat:.5f}, {lon:.5f}"
    return {"area": area, "lon": lon, "lat": lat, "place": said}


def _new(id: UUID, plan: EventPlan, level: str, where: dict[str, Any], actor: Actor, now: datetime) -> Major:
    day = day_of(now)
    EventPlan.objects.select_for_update().order_by("code").first()  # those that begin at once wait here for a number
    serial = (Major.objects.filter(day=day).aggregate(n=Max("serial"))["n"] or 0) + 1
    event = Major(id=id, day=day, serial=serial, number=f"E{day:%y%m%d}-{serial}", code=plan.code,
                  plan=facts.plain_plan(plan), level=level, started_at=now, started_by=actor.id, **where)
    event.save(force_insert=True)
    return event


def _tasks(event: Major, plan: EventPlan, now: datetime) -> None:
    """Those of the plan, each due by the plan's minutes. 0 minutes mean "when it comes to that": no clock runs."""
    Item.objects.bulk_create(
        Item(event=event, kind="task", code=t["id"], owner=t["by"], added_at=now,
             due_at=now + timedelta(minutes=t["within_min"]) if t["within_min"] else None) for t in plan.tasks)


def _whom_to_tell(event: Major) -> list[str]:
    """Puts whom this level tells on the list, those that stand there already left as they are. Returns the new ones."""
    standing = set(Tick.objects.filter(event=event, of="notify").values_list("code", flat=True))
    row = facts.level_of(event.plan, event.level)
    new = [r for r in dict.fromkeys([row["commander"], row["deputy"], *row["notify"]]) if r not in standing]
    Tick.objects.bulk_create(Tick(event=event, of="notify", code=role, level=event.level, place=len(standing) + n)
                             for n, role in enumerate(new))
    return new


def _begin_command(event: Major, actor: Actor, now: datetime) -> None:
    role = facts.level_of(event.plan, event.level)["commander"]
    if actor.may(MAY_COMMAND, event.area) and role in roles_held(actor.id, event.area):
        Command.objects.create(event=event, role=role, level=event.level, state="taken", opened_at=now, due_at=now,
                               taken_by=actor.id, taken_at=now)
    else:
        _open(event, role, now, state="given", given_by=actor.id, given_at=now)


def _open(event: Major, role: str, now: datetime, **more: Any) -> Command:
    due = now + timedelta(minutes=int(setting("event_command_min")))
    return Command.objects.create(event=event, role=role, level=event.level, opened_at=now, due_at=due, **more)


@once
def join(*, actor: Actor, now: datetime, event_id: UUID | str, call_id: UUID | str, key: UUID | None = None) -> Major:
    """Adds another call: its units and agencies are the event's too."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return event
        running(event)
        call = calls.find(actor.areas(MAY_SEE), call_id)
        if call is None:
            raise Missing(_("There is no such call in your areas."), field="call", code="call")
        if call.state not in OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        _not_in_another(call)
        Joined.objects.create(event=event, call=call.id, at=now)
        tell(log, event, "event.joined", key=key, main=str(call.id))
    return event


@once
def set_level(*, actor: Actor, now: datetime, event_id: UUID | str, level: str, reason: str,
              version: int | None = None, key: UUID | None = None) -> Major:
    """Raises or lowers the level: whom to tell grows, and where the plan names another commander command has to pass
    on. `version` as the client saw it."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return event
        running(event)
        steps = [row["level"] for row in event.plan["levels"]]
        if level not in steps:
            raise Refused(_("This plan has no level %(level)s. It has: %(all)s.") % {
                "level": level[:8], "all": ", ".join(steps)}, field="level", code="invalid")
        if level == event.level:
            raise Conflict(_("It has this level already."), code="state")
        why, old = wordy(reason, "reason", longest=500), event.level
        change(event, version=version, level=level)
        new = _whom_to_tell(event)
        tell(log, event, "event.level", key=key, reason=why, event_old=old, event_new=level, told=len(new))
        _command_by_level(log, event, now)
    return event


def _command_by_level(log: Log, event: Major, now: datetime) -> None:
    """Whose command it is at the level in force: what waited is taken back, and another hand-over opened if need be."""
    role = facts.level_of(event.plan, event.level)["commander"]
    held, waiting = facts.in_command(event), facts.pending(event)
    if waiting is not None:
        if waiting.role == role:
            return
        Command.objects.filter(id=waiting.id).update(state="withdrawn")
    if held is not None and held.role == role:
        return
    if held is not None:
        _open(event, role, now, state="due")
    else:  # nobody has commanded yet: the desk goes on holding it out
        given = waiting.given_by if waiting is not None else event.started_by
        _open(event, role, now, state="given", given_by=given, given_at=now)
    tell(log, event, "event.command_due", plan_role=role, event_level=event.level)


@once
def give(*, actor: Actor, now: datetime, event_id: UUID | str, note: str = "", key: UUID | None = None) -> Command:
    """Whoever has command signs it over: to the role that the level names, or at a relief to the next of the same role.
    `note`: what the next has to know, sealed."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id, MAY_COMMAND)
        held, waiting = facts.in_command(event), facts.pending(event)
        if already_written(key):
            return _shown(waiting or held)
        running(event)
        if held is None or held.taken_by != actor.id:
            raise Refused(_("Only who has command hands it over."), code="holder")
        if waiting is not None and waiting.state == "given":
            raise Conflict(_("Command is handed over already and waits to be taken."), code="state")
        if waiting is None:
            waiting = _open(event, held.role, now, state="due")
        Command.objects.filter(id=waiting.id).update(state="given", given_by=actor.id, given_at=now)
        done = tell(log, event, "event.command_given", key=key, plan_role=waiting.role, event_level=waiting.level)
        if words := wordy(note, "note", needed=False):
            say(event, done, words)
    waiting.refresh_from_db()
    return waiting


@once
def take(*, actor: Actor, now: datetime, event_id: UUID | str, reason: str = "", key: UUID | None = None) -> Command:
    """Signs for the command that was handed over: somebody else than who gave it. Who does not hold the role that the
    plan names says why."""
    return _take(actor, now, event_id, reason, key, ("given",))


@once
def assume(*, actor: Actor, now: datetime, event_id: UUID | str, reason: str, key: UUID | None = None) -> Command:
    """Takes a command that its holder has not signed over and cannot: always with a reason, and the report says that
    one signature lacks."""
    return _take(actor, now, event_id, wordy(reason, "reason", longest=500), key, ("due", "given"))


def _take(actor: Actor, now: datetime, event_id: UUID | str, reason: str, key: UUID | None,
          states: tuple[str, ...]) -> Command:
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id, MAY_COMMAND)
        waiting = facts.pending(event)
        if already_written(key):
            return _shown(facts.in_command(event))
        running(event)
        if waiting is None or waiting.state not in states:
            raise Conflict(_("No command waits to be taken.") if waiting is None
                           else _("Whoever has command has not signed it over yet."), code="state")
        held = facts.in_command(event)
        if actor.id in (waiting.given_by, held.taken_by if held and waiting.state == "due" else ""):
            raise Refused(_("Another person signs for the command that you hand over."), code="two")
        by_plan = waiting.role in roles_held(actor.id, event.area)
        if not by_plan and not reason.strip():
            raise Refused(_("The plan names another role. Say why you take command."), field="reason", code="needs")
        Command.objects.filter(id=waiting.id).update(state="taken", taken_by=actor.id, taken_at=now, by_plan=by_plan)
        flags = {} if by_plan else {"override": True}
        tell(log, event, "event.command_taken", flags if waiting.given_by else {**flags, "assumed": True}, key=key,
             reason=reason, plan_role=waiting.role, event_level=waiting.level)
    waiting.refresh_from_db()
    return waiting


def _shown(row: Command | None) -> Command:
    if row is None:
        raise Missing(_("Nobody has command."), code="command")
    return row


@once
def stand_down(*, actor: Actor, now: datetime, event_id: UUID | str, reason: str, version: int | None = None,
               key: UUID | None = None) -> Major:
    """Ends the event. `reason`: that the plan's end is reached, or why it ends all the same. What is open stays so in
    the record; calls, units and agencies go on by themselves."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return event
        running(event)
        held = facts.in_command(event)
        if held is not None:  # once somebody commands, commanding permission ends it
            may_command(actor, event)
        why = wordy(reason, "reason", longest=500)
        left = Item.objects.filter(event=event, kind="task", state__in=("open", "doing")).count()
        Command.objects.filter(event=event, state__in=("due", "given")).update(state="withdrawn")
        Joined.objects.filter(event=event).update(open=False)
        change(event, version=version, state="over", ended_at=now)
        tell(log, event, "event.stood_down", key=key, reason=why, tasks_left=left)
    return event
