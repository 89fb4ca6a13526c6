"""The arrays on which the compiled core works: the lists of events and of calls that wait."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled_inside
from shouwang.engine.simulate.events import EVENT, NONE, Run
from shouwang.engine.simulate.model import Calls, Model
from shouwang.engine.simulate.policies import ComplianceTable, NearestByReturn
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

WAITING, OPEN, EVENTS, RETURNING, COMING = range(5)
"""Places in `World.tally`: calls that wait, calls under way, events so far, units on their way to a post, the next
call to come.
"""

UNIT = np.dtype(
    [
        ("leave_s", "f8"), ("at_s", "f8"), ("turnout_s", "f8"), ("capabilities", "i8"),
        ("state", "i8"), ("place", "i8"), ("start", "i8"), ("post", "i8"), ("base", "i8"), ("call", "i8"),
        ("kept", "i8"), ("boundary", "i8"), ("is_first", "i8"), ("leaves", "i8"), ("seat", "i8"),
        ("home", "i8"), ("moves_up", "i8"), ("next", "i8"),
    ]
)  # fmt: skip
CASE = np.dtype(
    [
        ("time_s", "f8"), ("on_scene_s", "f8"), ("sent_s", "f8"), ("arrived_s", "f8"), ("done_s", "f8"),
        ("first_sent_s", "f8"), ("first_arrived_s", "f8"), ("first_done_s", "f8"), ("place", "i8"), ("kind", "i8"),
        ("unit", "i8"), ("first_unit", "i8"), ("keeper", "i8"), ("lost", "i8"), ("area", "i8"),
    ]
)  # fmt: skip
KIND = np.dtype([("needs", "i8"), ("first", "i8"), ("mean_s", "f8"), ("severity", "i8")])


class World(NamedTuple):
    """All that changes, and all that is asked, during a replication."""

    near_s: AnyArray
    far_s: AnyArray
    way: AnyArray
    home_s: AnyArray  # the part of `way` that is asked most: seconds to posts from calls' places and posts
    unit: AnyArray
    case: AnyArray
    kind: AnyArray
    edge_s: FloatArray  # starts and ends of shifts, unit by unit
    edge_start: IntArray  # of unit u: edge_start[u] … edge_start[u+1]-1
    due_s: FloatArray  # per slot
    tree: IntArray  # winners; tree[1] is the slot that is due first
    waiting: IntArray  # calls, most severe first, then oldest
    tally: IntArray
    nearest: IntArray  # posts by their distance to each place of a call
    standing: IntArray  # per post the first of the free units that stand there; `next` is the one after a unit
    returning: IntArray  # free units on their way to a post, in any order; `seat` is a unit's place here, or -1
    left: IntArray  # free units by the area they belong to; the last place is for those of none
    trace: AnyArray
    table: IntArray  # compliance table
    matched: IntArray  # per unit, for the table
    later: IntArray  # units still to be looked at, and when they arrive at the earliest
    earliest_s: FloatArray
    metric: bool
    least_turnout_s: float
    by_return: bool
    away_s: float
    last_s: float
    queue: bool
    first_gain_s: float
    handover_s: float


def world(model: Model, calls: Calls, room: int) -> World:
    """The start of a replication, with room for so many events of its trace."""
    roads, policy, units = model.roads, model.policy, model.units
    held, needs, first = model.masks()
    unit = np.zeros(len(units), UNIT)
    unit["capabilities"], unit["call"], unit["kept"] = held, NONE, NONE
    unit["seat"] = unit["next"] = NONE
    unit["base"] = unit["post"] = [one.post for one in units]
    for name in ("turnout_s", "home", "moves_up"):
        unit[name] = [getattr(one, name) for one in units]
    case = np.zeros(len(calls), CASE)
    for name in ("time_s", "on_scene_s", "place", "kind", "area"):
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
    # Floats even where whole numbers were given: other types would be another core, compiled anew.
    given = (getattr(policy.dispatch, "away_s", 0), getattr(policy.dispatch, "last_s", 0), policy.first_gain_s)
    away_s, last_s, first_gain_s = (float(seconds) for seconds in given)
    home_s = np.ascontiguousarray(roads.way["seconds"][:, : roads.near_s.shape[1]])
    return World(
        roads.near_s, roads.far_s, roads.way, home_s, unit, case, kind,
        np.array([edge for one in edges for edge in one], float),
        np.concatenate([[0], np.cumsum([len(one) for one in edges])]).astype(np.int64),
        np.full(leaves, np.inf), np.zeros(2 * leaves, np.int64), np.zeros(len(calls) + 1, np.int64),
        np.zeros(5, np.int64), roads.nearest, np.full(roads.post_count, NONE), np.zeros(len(units), np.int64),
        np.zeros(int(unit["home"].max()) + 2, np.int64), np.zeros(room, EVENT), table,
        np.zeros(len(units), np.int64), np.zeros(len(units), np.int64), np.zeros(len(units)), roads.metric,
        float(unit["turnout_s"].min()), isinstance(policy.dispatch, NearestByReturn),
        away_s, last_s, policy.queue, first_gain_s, float(policy.handover_s),
    )  # fmt: skip


def result(w: World, traced: bool) -> Run:
    """What became of the calls, after the replication."""
    case, happened = w.case, int(w.tally[EVENTS])
    return Run(
        case["sent_s"].copy(), case["arrived_s"].copy(), case["done_s"].copy(), case["unit"].astype(np.int64),
        case["first_unit"].astype(np.int64), case["first_sent_s"].copy(), case["first_arrived_s"].copy(),
        case["first_done_s"].copy(), case["lost"].astype(bool), happened,
        w.trace[:happened].copy() if traced else None,
    )  # fmt: skip


@compiled_inside
def schedule(w: World, slot: int, due_s: float) -> None:
    """Put another time into a slot, and let it play again up the tree until nothing changes."""
    w.due_s[slot] = due_s
    node = (w.due_s.size + slot) >> 1
    while node >= 1:
        left, right = w.tree[2 * node], w.tree[2 * node + 1]
        winner = left if w.due_s[left] <= w.due_s[right] else right
        if winner == w.tree[node] and winner != slot:
            break
        w.tree[node] = winner
        node >>= 1


@compiled_inside
def schedule_shift(w: World, u: int) -> None:
    edge = w.edge_start[u] + w.unit[u].boundary
    w.unit[u].boundary += 1
    schedule(w, w.unit.size + u, w.edge_s[edge] if edge < w.edge_start[u + 1] else np.inf)


@compiled_inside
def log(w: World, now: float, kind: int, call: int, unit: int) -> None:
    number = w.tally[EVENTS]
    if number < w.trace.size:
        event = w.trace[number]
        event.time_s = now
        event.kind = kind
        event.call = call
        event.unit = unit
    w.tally[EVENTS] = number + 1


@compiled_inside
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


@compiled_inside
def dequeue(w: World, call: int) -> None:
    count = w.tally[WAITING]
    for i in range(count):
        if w.waiting[i] == call:
            for j in range(i, count - 1):
                w.waiting[j] = w.waiting[j + 1]
            w.tally[WAITING] = count - 1
            return


@compiled_inside
def set_out(w: World, u: int) -> None:
    """Add a unit to those on their way to a post."""
    seat = w.tally[RETURNING]
    w.returning[seat] = u
    w.unit[u].seat = seat
    w.tally[RETURNING] = seat + 1


@compiled_inside
def stand(w: World, u: int) -> None:
    """Add a unit to those that stand at its post."""
    unit = w.unit[u]
    unit.next = w.standing[unit.post]
    w.standing[unit.post] = u


@compiled_inside
def get_up(w: World, u: int) -> None:
    """Take a unit from where `stand` or `set_out` put it; the last of those on their way takes its seat."""
    unit = w.unit[u]
    if unit.seat != NONE:
        w.tally[RETURNING] -= 1
        last = w.returning[w.tally[RETURNING]]
        w.returning[unit.seat] = last
        w.unit[last].seat = unit.seat
        unit.seat = NONE
    elif w.standing[unit.post] == u:
        w.standing[unit.post] = unit.next
    else:
        before = w.standing[unit.post]
        while w.unit[before].next != u:
            before = w.unit[before].next
        w.unit[before].next = unit.next
