"""The compiled core: `reference.Simulation` step by step, under the same names, on arrays.

The list of events is a tournament tree over the slots (two per unit), so that nothing grows and ties go to the
lower slot, as there. A call for which a unit is to be found is handed up to `simulate`: with one place that chooses and
numbers that come from arrays (a literal would be a type of its own) the core compiles in half the time.
"""

from __future__ import annotations

import numpy as np

from shouwang.engine.compiled import compiled, compiled_inside
from shouwang.engine.simulate import _world
from shouwang.engine.simulate import events as ev
from shouwang.engine.simulate._choose import advance, choose, leaving_s, to_call_s
from shouwang.engine.simulate._world import (
    COMING,
    EVENTS,
    OPEN,
    WAITING,
    World,
    dequeue,
    enqueue,
    get_up,
    log,
    schedule,
    schedule_shift,
    set_out,
    stand,
)
from shouwang.engine.simulate.events import NONE, Run
from shouwang.engine.simulate.model import Calls, Model


def play(model: Model, calls: Calls, trace: bool) -> Run:
    """Play one replication. The model's policy has to be one that this core knows."""
    room = 16 * len(calls) + 64 * len(model.units) if trace else 0
    while True:
        w = _world.world(model, calls, room)
        simulate(w)
        happened = int(w.tally[EVENTS])
        if happened <= room or not trace:
            return _world.result(w, trace)
        room = happened  # played again with room for all of them: the same happens again


# The list of events


@compiled
def simulate(w: World) -> None:
    """Play to the end: until the last call is done, or nothing more can happen."""
    leaves = w.due_s.size
    for slot in range(leaves):
        w.tree[leaves + slot] = slot
    for node in range(leaves - 1, 0, -1):
        w.tree[node] = w.tree[2 * node]
    for u in range(w.unit.size):
        schedule_shift(w, u)
    while w.tally[COMING] < w.case.size or w.tally[OPEN] > 0:
        slot = w.tree[1]
        due_s = w.due_s[slot]
        call = w.tally[COMING]
        is_new = call < w.case.size and w.case[call].time_s < due_s
        if is_new:
            now = w.case[call].time_s
            on_call(w, call, now)
        elif due_s == np.inf:
            break
        else:
            now = due_s
            call = on_slot(w, slot, now)
        if call != NONE:
            arrives_s = assign(w, call, now)
            if is_new and w.kind[w.case[call].kind].first >= 0 and not w.case[call].lost:
                send_first(w, call, arrives_s, now)
        if w.table.shape[0]:
            move_up(w, now)


@compiled_inside
def on_slot(w: World, slot: int, now: float) -> int:
    """Returns a call that its unit gave back. The handlers say whether the unit has nothing to do now: one call of
    `set_free` compiles much faster.
    """
    count = w.unit.size
    u = slot % count
    unit = w.unit[u]
    w.due_s[slot] = np.inf
    is_free = is_off = False
    if slot >= count:
        if unit.boundary % 2:
            is_free = on_shift_start(w, u, now)
        else:
            is_off = on_shift_end(w, u, now)
    elif unit.state == ev.DRIVING:
        if unit.is_first:
            is_free = on_first_arrival(w, u, now)
        else:
            on_arrival(w, u, now)
    elif unit.state in (ev.ON_SCENE, ev.STANDING_BY):
        is_free = on_end(w, u, now)
    else:
        on_home(w, u, now)
    if is_free:
        is_off = set_free(w, u, now)
    call = give_back(w, u) if is_off else NONE
    if w.due_s[slot] == np.inf:  # nothing new was put there: only now its absence is made known to the tree
        schedule(w, slot, np.inf)
    return call


# What happens


@compiled_inside
def on_call(w: World, call: int, now: float) -> None:
    w.tally[COMING] += 1
    w.tally[OPEN] += 1
    log(w, now, ev.CALL, call, NONE)


@compiled_inside
def assign(w: World, call: int, now: float) -> float:
    chosen = choose(w, call, now)
    if chosen != NONE and w.unit[chosen].state == ev.FREE:
        return send(w, chosen, call, False, now)
    if not w.queue:
        w.case[call].lost = 1
        w.tally[OPEN] -= 1
        log(w, now, ev.LOST, call, NONE)
        return np.inf
    if enqueue(w, call):
        log(w, now, ev.QUEUED, call, NONE)
    if chosen != NONE:
        w.unit[chosen].kept = call
        w.case[call].keeper = chosen
    return np.inf


@compiled_inside
def send_first(w: World, call: int, able_arrives_s: float, now: float) -> None:
    case = w.case[call]
    kind = w.kind[case.kind]
    best, best_s = NONE, able_arrives_s - w.first_gain_s
    for u in range(w.unit.size):
        unit = w.unit[u]
        able = unit.capabilities & kind.needs == kind.needs
        if unit.state == ev.FREE and not able and unit.capabilities & kind.first == kind.first:
            home = w.near_s.shape[0] + unit.post
            advance(unit, w.way, w.home_s, home, now)
            arrival_s = leaving_s(unit, home, now) + to_call_s(w, case.place, unit.place)
            if arrival_s < best_s:
                best, best_s = u, arrival_s
    if best != NONE:
        w.tally[OPEN] += 1
        send(w, best, call, True, now)


@compiled_inside
def send(w: World, u: int, call: int, first: bool, now: float) -> float:
    unit, case = w.unit[u], w.case[call]
    home = w.near_s.shape[0] + unit.post
    advance(unit, w.way, w.home_s, home, now)
    arrival_s: float = leaving_s(unit, home, now) + to_call_s(w, case.place, unit.place)
    if not first:
        dequeue(w, call)
        if case.keeper != NONE:
            w.unit[case.keeper].kept = NONE
            case.keeper = NONE
    get_up(w, u)
    w.left[unit.home] -= 1
    unit.state = ev.DRIVING
    unit.call = call
    unit.is_first = first
    unit.place = case.place
    unit.at_s = arrival_s
    if first:
        case.first_unit = u
        case.first_sent_s = now
    else:
        case.unit = u
        case.sent_s = now
    log(w, now, ev.FIRST_SENT if first else ev.SENT, call, u)
    schedule(w, u, arrival_s)
    return arrival_s


@compiled_inside
def on_arrival(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    call = unit.call
    case = w.case[call]
    unit.state = ev.ON_SCENE
    case.arrived_s = now
    log(w, now, ev.ARRIVED, call, u)
    schedule(w, u, now + case.on_scene_s)
    other = case.first_unit
    if other != NONE and w.unit[other].state == ev.STANDING_BY and w.unit[other].call == call:
        w.unit[other].at_s = now + w.handover_s
        schedule(w, other, now + w.handover_s)


@compiled_inside
def on_first_arrival(w: World, u: int, now: float) -> bool:
    unit = w.unit[u]
    case = w.case[unit.call]
    case.first_arrived_s = now
    log(w, now, ev.FIRST_ARRIVED, unit.call, u)
    if np.isfinite(case.arrived_s):  # the able unit came first
        return on_end(w, u, now)
    unit.state = ev.STANDING_BY
    unit.at_s = np.inf
    return False


@compiled_inside
def on_end(w: World, u: int, now: float) -> bool:
    """`_on_done`, and `_on_relieved` for a first response."""
    call = w.unit[u].call
    if w.unit[u].is_first:
        w.case[call].first_done_s = now
        log(w, now, ev.RELIEVED, call, u)
    else:
        w.case[call].done_s = now
        log(w, now, ev.DONE, call, u)
    w.tally[OPEN] -= 1
    return True


@compiled_inside
def on_home(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    get_up(w, u)
    unit.place = w.near_s.shape[0] + unit.post
    unit.at_s = now
    stand(w, u)
    log(w, now, ev.HOME, NONE, u)


@compiled_inside
def on_shift_start(w: World, u: int, now: float) -> bool:
    unit = w.unit[u]
    log(w, now, ev.ON, NONE, u)
    schedule_shift(w, u)
    unit.leaves = 0
    if unit.state != ev.OFF_DUTY:
        return False
    unit.place = w.near_s.shape[0] + unit.base
    return True


@compiled_inside
def on_shift_end(w: World, u: int, now: float) -> bool:
    schedule_shift(w, u)
    if w.unit[u].state == ev.FREE:
        go_off(w, u, now)
    else:
        w.unit[u].leaves = 1
    return True


@compiled_inside
def set_free(w: World, u: int, now: float) -> bool:
    """Whether it went off duty."""
    unit = w.unit[u]
    unit.state = ev.FREE
    unit.call = NONE
    unit.post = unit.base
    w.left[unit.home] += 1
    is_home = unit.place == w.near_s.shape[0] + unit.post
    if is_home:
        stand(w, u)
    else:
        set_out(w, u)
    unit.start = unit.place
    unit.leave_s = now
    unit.at_s = now
    if unit.leaves:
        go_off(w, u, now)
        return True
    call = next_waiting(w, u, now)
    if call != NONE:
        send(w, u, call, False, now)
    elif not is_home:
        schedule(w, u, now + w.home_s[unit.post, unit.place])
    return False


@compiled_inside
def next_waiting(w: World, u: int, now: float) -> int:
    unit = w.unit[u]
    call: int = unit.kept
    if call != NONE:
        return call
    for i in range(w.tally[WAITING]):
        call = w.waiting[i]
        case = w.case[call]
        needs = w.kind[case.kind].needs
        able = unit.capabilities & needs == needs
        if able and case.keeper == NONE and w.near_s[case.place, unit.place] < np.inf:
            return call
    return NONE


@compiled_inside
def go_off(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    get_up(w, u)
    w.left[unit.home] -= 1
    unit.state = ev.OFF_DUTY
    unit.leaves = 0
    schedule(w, u, np.inf)
    log(w, now, ev.OFF, NONE, u)


@compiled_inside
def give_back(w: World, u: int) -> int:
    call: int = w.unit[u].kept
    if call != NONE:
        w.unit[u].kept = NONE
        w.case[call].keeper = NONE
    return call


@compiled_inside
def move_up(w: World, now: float) -> None:
    """`ComplianceTable.moves`, carried out."""
    free = 0
    for u in range(w.unit.size):
        w.matched[u] = w.unit[u].state != ev.FREE or not w.unit[u].moves_up
        free += 1 - w.matched[u]
    if free >= w.table.shape[0]:
        return
    missing = 0
    for post in w.table[free]:
        if post == NONE:
            break
        holder = NONE
        for u in range(w.unit.size):
            if not w.matched[u] and w.unit[u].post == post:
                holder = u
                break
        if holder == NONE:
            w.later[missing] = post
            missing += 1
        else:
            w.matched[holder] = 1
    for i in range(missing):
        post = w.later[i]
        best, best_s = NONE, np.inf
        for u in range(w.unit.size):
            if not w.matched[u]:
                unit = w.unit[u]
                advance(unit, w.way, w.home_s, w.near_s.shape[0] + unit.post, now)
                seconds = max(unit.at_s, now) + w.way[post, unit.place].seconds - now
                if seconds < best_s:
                    best, best_s = u, seconds
        if best != NONE:
            w.matched[best] = 1
            redirect(w, best, post, now)


@compiled_inside
def redirect(w: World, u: int, post: int, now: float) -> None:
    unit = w.unit[u]
    get_up(w, u)
    unit.post = post
    set_out(w, u)
    unit.start = unit.place
    unit.leave_s = max(unit.at_s, now)
    unit.at_s = unit.leave_s
    log(w, now, ev.MOVED, NONE, u)
    schedule(w, u, unit.leave_s + w.way[post, unit.start].seconds)
