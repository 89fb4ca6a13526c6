"""The compiled core: `reference.Simulation` step by step, under the same names, on arrays.

The list of events is a tournament tree over the slots (two per unit), so that nothing grows and ties go to the
lower slot, as there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.simulate.events import (
    ARRIVED, CALL, DONE, EVENT, FIRST_ARRIVED, FIRST_SENT, HOME, LOST, MOVED, NONE, OFF, ON, QUEUED, RELIEVED,
    SENT, Run,
)  # fmt: skip
from shouwang.engine.simulate.model import Calls, Model
from shouwang.engine.simulate.policies import ComplianceTable, NearestByReturn
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

OFF_DUTY, FREE, DRIVING, ON_SCENE, STANDING_BY = range(5)

UNIT = np.dtype(
    [
        ("leave_s", "f8"), ("at_s", "f8"), ("turnout_s", "f8"), ("capabilities", "i8"),
        ("state", "i4"), ("place", "i4"), ("start", "i4"), ("post", "i4"), ("base", "i4"), ("call", "i4"),
        ("kept", "i4"), ("boundary", "i4"), ("is_first", "i4"), ("leaves", "i4"),
    ]
)  # fmt: skip
CASE = np.dtype(
    [
        ("time_s", "f8"), ("on_scene_s", "f8"), ("sent_s", "f8"), ("arrived_s", "f8"), ("done_s", "f8"),
        ("first_sent_s", "f8"), ("first_arrived_s", "f8"), ("first_done_s", "f8"), ("place", "i4"), ("kind", "i4"),
        ("unit", "i4"), ("first_unit", "i4"), ("keeper", "i4"), ("lost", "i4"),
    ]
)  # fmt: skip
KIND = np.dtype([("needs", "i8"), ("first", "i8"), ("mean_s", "f8"), ("severity", "i8")])


class World(NamedTuple):
    """All that changes, and all that is asked, during a replication."""

    to_call_s: AnyArray
    to_post_s: FloatArray
    ahead: AnyArray
    unit: AnyArray
    case: AnyArray
    kind: AnyArray
    edge_s: FloatArray  # starts and ends of shifts, unit by unit
    edge_start: IntArray  # of unit u: edge_start[u] … edge_start[u+1]-1
    due_s: FloatArray  # per slot
    tree: IntArray  # winners; tree[1] is the slot that is due first
    waiting: IntArray  # calls, most severe first, then oldest
    tally: IntArray  # [0] calls waiting, [1] open, [2] events
    trace: AnyArray
    table: IntArray  # compliance table
    matched: IntArray  # per unit, for the table
    by_return: bool
    queue: bool
    first_gain_s: float
    handover_s: float


WAITING, OPEN, EVENTS = range(3)


def play(model: Model, calls: Calls, trace: bool) -> Run:
    """Play one replication. The model's policy has to be one that this core knows."""
    room = 16 * len(calls) + 64 * len(model.units) if trace else 0
    while True:
        world = _world(model, calls, room)
        simulate(world)
        happened = int(world.tally[EVENTS])
        if happened <= room or not trace:
            break
        room = happened  # played again with room for all of them: the same happens again
    case = world.case
    return Run(
        case["sent_s"].copy(), case["arrived_s"].copy(), case["done_s"].copy(), case["unit"].astype(np.int64),
        case["first_unit"].astype(np.int64), case["first_sent_s"].copy(), case["first_arrived_s"].copy(),
        case["first_done_s"].copy(), case["lost"].astype(bool), happened,
        world.trace[:happened].copy() if trace else None,
    )  # fmt: skip


def _world(model: Model, calls: Calls, room: int) -> World:
    roads, policy, units = model.roads, model.policy, model.units
    held, needs, first = model.masks()
    unit = np.zeros(len(units), UNIT)
    unit["capabilities"], unit["call"], unit["kept"] = held, NONE, NONE
    unit["base"] = unit["post"] = [one.post for one in units]
    unit["turnout_s"] = [one.turnout_s for one in units]
    case = np.zeros(len(calls), CASE)
    for name in ("time_s", "on_scene_s", "place", "kind"):
        case[name] = getattr(calls, name)
    for name in ("sent_s", "arrived_s", "done_s", "first_sent_s", "first_arrived_s", "first_done_s"):
        case[name] = np.nan
    for name in ("unit", "first_unit", "keeper"):
        case[name] = NONE
    kind = np.zeros(len(model.kinds), KIND)
    kind["needs"], kind["first"] = needs, first
    kind["mean_s"] = [one.on_scene.mean_s for one in model.kinds]
    kind["severity"] = [one.severity for one in model.kinds]
    edges = [[edge for shift in one.shifts for edge in shift] for one in units]
    leaves = 1 << max(1, 2 * len(units) - 1).bit_length()
    table = policy.move_up.table() if isinstance(policy.move_up, ComplianceTable) else np.zeros((0, 0), np.int64)
    return World(
        roads.to_call_s, roads.to_post_s, roads.ahead, unit, case, kind,
        np.array([edge for one in edges for edge in one], float),
        np.concatenate([[0], np.cumsum([len(one) for one in edges])]).astype(np.int64),
        np.full(leaves, np.inf), np.zeros(2 * leaves, np.int64), np.zeros(len(calls) + 1, np.int64),
        np.zeros(3, np.int64), np.zeros(room, EVENT), table, np.zeros(len(units), np.int64),
        isinstance(policy.dispatch, NearestByReturn), policy.queue, policy.first_gain_s, policy.handover_s,
    )  # fmt: skip


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
    coming = 0
    while coming < w.case.size or w.tally[OPEN] > 0:
        slot = w.tree[1]
        due_s = w.due_s[slot]
        if coming < w.case.size and w.case[coming].time_s < due_s:
            now = w.case[coming].time_s
            on_call(w, coming, now)
            coming += 1
        elif due_s == np.inf:
            break
        else:
            now = due_s
            on_slot(w, slot, now)
        if w.table.shape[0]:
            move_up(w, now)


@compiled
def schedule(w: World, slot: int, due_s: float) -> None:
    w.due_s[slot] = due_s
    node = (w.due_s.size + slot) >> 1
    while node >= 1:
        left, right = w.tree[2 * node], w.tree[2 * node + 1]
        w.tree[node] = left if w.due_s[left] <= w.due_s[right] else right
        node >>= 1


@compiled
def schedule_shift(w: World, u: int) -> None:
    edge = w.edge_start[u] + w.unit[u].boundary
    w.unit[u].boundary += 1
    schedule(w, w.unit.size + u, w.edge_s[edge] if edge < w.edge_start[u + 1] else np.inf)


@compiled
def on_slot(w: World, slot: int, now: float) -> None:
    count = w.unit.size
    u = slot % count
    unit = w.unit[u]
    schedule(w, slot, np.inf)
    if slot >= count:
        if unit.boundary % 2:
            on_shift_start(w, u, now)
        else:
            on_shift_end(w, u, now)
    elif unit.state == DRIVING:
        if unit.is_first:
            on_first_arrival(w, u, now)
        else:
            on_arrival(w, u, now)
    elif unit.state == ON_SCENE:
        on_done(w, u, now)
    elif unit.state == STANDING_BY:
        on_relieved(w, u, now)
    else:
        log(w, now, HOME, NONE, u)


@compiled
def log(w: World, now: float, kind: int, call: int, unit: int) -> None:
    number = w.tally[EVENTS]
    if number < w.trace.size:
        event = w.trace[number]
        event.time_s = now
        event.kind = kind
        event.call = call
        event.unit = unit
    w.tally[EVENTS] = number + 1


# What happens


@compiled
def on_call(w: World, call: int, now: float) -> None:
    w.tally[OPEN] += 1
    log(w, now, CALL, call, NONE)
    sent = assign(w, call, now)
    if w.kind[w.case[call].kind].first >= 0 and not w.case[call].lost:
        send_first(w, call, sent, now)


@compiled
def assign(w: World, call: int, now: float) -> float:
    chosen = choose(w, call, now)
    if chosen != NONE and w.unit[chosen].state == FREE:
        return send(w, chosen, call, False, now)
    if not w.queue:
        w.case[call].lost = 1
        w.tally[OPEN] -= 1
        log(w, now, LOST, call, NONE)
        return np.inf
    if enqueue(w, call):
        log(w, now, QUEUED, call, NONE)
    if chosen != NONE:
        w.unit[chosen].kept = call
        w.case[call].keeper = chosen
    return np.inf


@compiled
def choose(w: World, call: int, now: float) -> int:
    """`NearestFree.choose`, or `NearestByReturn.choose`."""
    case = w.case[call]
    needs, row = w.kind[case.kind].needs, w.to_call_s[case.place]
    best, best_s = NONE, np.inf
    for u in range(w.unit.size):
        unit = w.unit[u]
        if unit.capabilities & needs != needs:
            continue
        if unit.state == FREE:
            arrival_s = leaving_s(w, u, now) + row[unit.place]
        elif w.by_return:
            arrival_s = free_s(w, u, now) + row[unit.place]
        else:
            continue
        if arrival_s < best_s:
            best, best_s = u, arrival_s
    return best


@compiled
def enqueue(w: World, call: int) -> bool:
    """Put a call in its place among those that wait; False if it is there already."""
    count = w.tally[WAITING]
    for i in range(count):
        if w.waiting[i] == call:
            return False
    severity = w.kind[w.case[call].kind].severity
    place = count
    while place > 0:
        other = w.waiting[place - 1]
        other_severity = w.kind[w.case[other].kind].severity
        if other_severity < severity or (other_severity == severity and other < call):
            break
        w.waiting[place] = other
        place -= 1
    w.waiting[place] = call
    w.tally[WAITING] = count + 1
    return True


@compiled
def dequeue(w: World, call: int) -> None:
    count = w.tally[WAITING]
    for i in range(count):
        if w.waiting[i] == call:
            for j in range(i, count - 1):
                w.waiting[j] = w.waiting[j + 1]
            w.tally[WAITING] = count - 1
            return


@compiled
def send_first(w: World, call: int, able_arrives_s: float, now: float) -> None:
    case = w.case[call]
    kind = w.kind[case.kind]
    best, best_s = NONE, able_arrives_s - w.first_gain_s
    for u in range(w.unit.size):
        unit = w.unit[u]
        able = unit.capabilities & kind.needs == kind.needs
        if unit.state == FREE and not able and unit.capabilities & kind.first == kind.first:
            arrival_s = leaving_s(w, u, now) + w.to_call_s[case.place, unit.place]
            if arrival_s < best_s:
                best, best_s = u, arrival_s
    if best != NONE:
        w.tally[OPEN] += 1
        send(w, best, call, True, now)


@compiled
def send(w: World, u: int, call: int, first: bool, now: float) -> float:
    unit, case = w.unit[u], w.case[call]
    leave_s = leaving_s(w, u, now)
    arrival_s = leave_s + w.to_call_s[case.place, unit.place]
    if not first:
        dequeue(w, call)
        if case.keeper != NONE:
            w.unit[case.keeper].kept = NONE
            case.keeper = NONE
    unit.state = DRIVING
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
    log(w, now, FIRST_SENT if first else SENT, call, u)
    schedule(w, u, arrival_s)
    return arrival_s


@compiled
def on_arrival(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    call = unit.call
    case = w.case[call]
    unit.state = ON_SCENE
    case.arrived_s = now
    log(w, now, ARRIVED, call, u)
    schedule(w, u, now + case.on_scene_s)
    other = case.first_unit
    if other != NONE and w.unit[other].state == STANDING_BY and w.unit[other].call == call:
        w.unit[other].at_s = now + w.handover_s
        schedule(w, other, now + w.handover_s)


@compiled
def on_first_arrival(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    case = w.case[unit.call]
    case.first_arrived_s = now
    log(w, now, FIRST_ARRIVED, unit.call, u)
    if np.isfinite(case.arrived_s):
        on_relieved(w, u, now)
    else:
        unit.state = STANDING_BY
        unit.at_s = np.inf


@compiled
def on_done(w: World, u: int, now: float) -> None:
    call = w.unit[u].call
    w.case[call].done_s = now
    w.tally[OPEN] -= 1
    log(w, now, DONE, call, u)
    set_free(w, u, now)


@compiled
def on_relieved(w: World, u: int, now: float) -> None:
    call = w.unit[u].call
    w.case[call].first_done_s = now
    w.tally[OPEN] -= 1
    log(w, now, RELIEVED, call, u)
    set_free(w, u, now)


@compiled
def on_shift_start(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    log(w, now, ON, NONE, u)
    schedule_shift(w, u)
    unit.leaves = 0
    if unit.state == OFF_DUTY:
        unit.place = w.to_call_s.shape[0] + unit.base
        set_free(w, u, now)


@compiled
def on_shift_end(w: World, u: int, now: float) -> None:
    schedule_shift(w, u)
    if w.unit[u].state == FREE:
        go_off(w, u, now)
    else:
        w.unit[u].leaves = 1
        give_back(w, u, now)


@compiled
def set_free(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    unit.state = FREE
    unit.call = NONE
    unit.post = unit.base
    unit.start = unit.place
    unit.leave_s = now
    unit.at_s = now
    if unit.leaves:
        go_off(w, u, now)
        return
    call = next_waiting(w, u, now)
    if call != NONE:
        send(w, u, call, False, now)
    elif unit.place != w.to_call_s.shape[0] + unit.post:
        schedule(w, u, now + w.to_post_s[unit.post, unit.place])


@compiled
def next_waiting(w: World, u: int, now: float) -> int:
    unit = w.unit[u]
    if unit.kept != NONE:
        return unit.kept
    for i in range(w.tally[WAITING]):
        call = w.waiting[i]
        case = w.case[call]
        needs = w.kind[case.kind].needs
        able = unit.capabilities & needs == needs
        if able and case.keeper == NONE and w.to_call_s[case.place, unit.place] < np.inf:
            return call
    return NONE


@compiled
def go_off(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    unit.state = OFF_DUTY
    unit.leaves = 0
    schedule(w, u, np.inf)
    log(w, now, OFF, NONE, u)
    give_back(w, u, now)


@compiled
def give_back(w: World, u: int, now: float) -> None:
    call = w.unit[u].kept
    if call != NONE:
        w.unit[u].kept = NONE
        w.case[call].keeper = NONE
        assign(w, call, now)


@compiled
def move_up(w: World, now: float) -> None:
    """`ComplianceTable.moves`, carried out."""
    free = 0
    for u in range(w.unit.size):
        w.matched[u] = w.unit[u].state != FREE
        free += w.unit[u].state == FREE
    if free >= w.table.shape[0]:
        return
    missing = 0
    wanted = np.empty(w.table.shape[1], np.int64)
    for post in w.table[free]:
        if post == NONE:
            break
        holder = NONE
        for u in range(w.unit.size):
            if not w.matched[u] and w.unit[u].post == post:
                holder = u
                break
        if holder == NONE:
            wanted[missing] = post
            missing += 1
        else:
            w.matched[holder] = 1
    for post in wanted[:missing]:
        best, best_s = NONE, np.inf
        for u in range(w.unit.size):
            if not w.matched[u]:
                advance(w, u, now)
                seconds = max(w.unit[u].at_s, now) + w.to_post_s[post, w.unit[u].place] - now
                if seconds < best_s:
                    best, best_s = u, seconds
        if best != NONE:
            w.matched[best] = 1
            redirect(w, best, post, now)


@compiled
def redirect(w: World, u: int, post: int, now: float) -> None:
    unit = w.unit[u]
    unit.post = post
    unit.start = unit.place
    unit.leave_s = max(unit.at_s, now)
    unit.at_s = unit.leave_s
    log(w, now, MOVED, NONE, u)
    schedule(w, u, unit.leave_s + w.to_post_s[post, unit.start])


# What policies ask


@compiled
def leaving_s(w: World, u: int, now: float) -> float:
    """When a free unit can leave its `place`, after it was brought there."""
    unit = w.unit[u]
    home = w.to_call_s.shape[0] + unit.post
    if unit.place != home and unit.at_s < now:
        advance(w, u, now)
    if unit.place == home and unit.at_s <= now:
        return now + unit.turnout_s
    return max(unit.at_s, now)


@compiled
def free_s(w: World, u: int, now: float) -> float:
    """When a busy unit is expected to be free."""
    unit = w.unit[u]
    if unit.state == OFF_DUTY or unit.leaves or unit.kept != NONE:
        return np.inf
    if unit.is_first:
        return unit.at_s if unit.state == STANDING_BY else np.inf
    return max(now, unit.at_s + w.kind[w.case[unit.call].kind].mean_s)


@compiled
def advance(w: World, u: int, now: float) -> None:
    unit = w.unit[u]
    home = w.to_call_s.shape[0] + unit.post
    while unit.place != home and unit.at_s < now:
        ahead = w.ahead[unit.post, unit.place]
        if ahead == NONE:
            break
        unit.place = ahead
        unit.at_s = unit.leave_s + (w.to_post_s[unit.post, unit.start] - w.to_post_s[unit.post, ahead])
