"""Alarms that the live process took in, made into calls by the centre itself."""
from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import facts as call_facts
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.actor import system
from shouwang.desk.log.retention import held
from shouwang.desk.places import facts as places
from shouwang.engine.errors import ShouwangError

from .models import Alarm, Terminal

CENTRE = system("alarms")
TYPES = {"taxi": "201303", "coach": "201303", "van": "201301", "other": "201301"}  # call types of a third party's alarm
VEHICLES_ZH = {"taxi": "出租车", "coach": "客车", "van": "货车", "other": "车辆"}  # in a call's place, which is data
KEPT = timedelta(days=30)  # alarm records: facts of the law, docs/data-protection.md
log = logging.getLogger("shouwang.alarms")


def take_in(now: datetime) -> int:
    """Makes calls of the alarms that wait, the oldest first. Returns how many were handled. One that cannot become a
    call is told in the process's messages and holds up no other."""
    handled = 0
    for alarm in Alarm.objects.filter(handled_at__isnull=True).select_related("terminal__unit").order_by("received_at"):
        try:
            call: UUID | None = _call(alarm, now)
        except ShouwangError as error:
            log.error("alarm %s: %s", alarm.id, error)
            call = None
        Alarm.objects.filter(id=alarm.id).update(handled_at=now, call=call, lon=None, lat=None)
        handled += 1
    return handled


def _call(alarm: Alarm, now: datetime) -> UUID:
    """The call of an alarm. A crash before it is noted down does no harm: its id is the alarm's."""
    terminal = alarm.terminal
    if terminal.unit is not None:
        return calls.panic_call(actor=CENTRE, now=now, unit_id=terminal.unit.id, key=alarm.id, lon=alarm.lon,
                                lat=alarm.lat).id
    earlier = Alarm.objects.filter(terminal=terminal, call__isnull=False).values_list("call", flat=True)
    if still := call_facts.still_open(c for c in earlier if c):
        return still[0]
    return calls.take_call(actor=CENTRE, now=now, call=_new_call(alarm, terminal)).id


def _new_call(alarm: Alarm, terminal: Terminal) -> NewCall:
    name = f"{VEHICLES_ZH[terminal.vehicle]}终端 …{terminal.number[-4:]}"
    top = places.district()
    if alarm.lon is None or alarm.lat is None:  # the middle of the district stands for a place nobody knows
        lon, lat, place = (top.lon if top else 0.0), (top.lat if top else 0.0), f"{name}，位置不明"
    else:
        lon, lat, crossing = alarm.lon, alarm.lat, places.nearest_crossing(alarm.lon, alarm.lat)[0]
        place = f"{name}，{crossing}附近" if crossing else name
    return NewCall(id=alarm.id, type=TYPES[terminal.vehicle], place=place[:120], lon=lon, lat=lat, severity=1,
                   source="alarm", received_at=alarm.received_at)


def alarms_due(now: datetime) -> int:
    """Deletes what is told of alarms after 30 days."""
    kept = held("call", now)
    if "*" in kept:
        return 0
    old = Alarm.objects.filter(received_at__lt=now - KEPT, handled_at__isnull=False)
    return old.exclude(call__in=list(kept)).delete()[0]
