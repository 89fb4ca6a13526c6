"""The compiled core's policies of dispatch, and what they ask: where units are and when they would arrive."""

from __future__ import annotations

from typing import Any

import numpy as np

from shouwang.engine.compiled import compiled_inside
from shouwang.engine.simulate import events as ev
from shouwang.engine.simulate._world import RETURNING, World
from shouwang.engine.simulate.events import NONE
from shouwang.engine.terms import AnyArray

ROUNDING_S = 1.0
"""More than sums of travel times can be off by."""


@compiled_inside
def choose(w: World, call: int, now: float) -> int:
    """`policies._soonest_free`, or `NearestByReturn.choose`."""
    best, best_s = choose_standing(w, call, now)
    if w.by_return:
        best, best_s = choose_busy(w, call, now, best, best_s)
    return choose_returning(w, call, now, best, best_s)


@compiled_inside
def choose_standing(w: World, call: int, now: float) -> tuple[int, float]:
    """The best of the units at their posts: posts are looked at from the nearest on, until no unit can be sooner."""
    case, calls = w.case[call], w.near_s.shape[0]
    needs, place = w.kind[case.kind].needs, case.place
    best, best_s = NONE, np.inf
    for i in range(w.nearest.shape[1]):
        post = w.nearest[place, i]
        drive_s = w.near_s[place, calls + post]
        if now + w.least_turnout_s + drive_s > best_s:
            break
        u = w.standing[post]
        while u != NONE:
            unit = w.unit[u]
            if unit.capabilities & needs == needs:
                cost_s = now + unit.turnout_s + drive_s + later_s(w, unit, case.area)
                if cost_s < best_s or (cost_s == best_s and u < best):
                    best, best_s = u, cost_s
            u = unit.next
    return best, best_s


@compiled_inside
def later_s(w: World, unit: Any, area: int) -> float:
    """How much later a unit counts than it arrives, for a call in another area than its own."""
    if unit.home in (NONE, area):
        return 0.0
    seconds: float = w.away_s + (w.last_s if w.left[unit.home] == 1 else 0.0)
    return seconds


@compiled_inside
def choose_busy(w: World, call: int, now: float, best: int, best_s: float) -> tuple[int, float]:
    """The best unit so far, or one that is with a call."""
    needs, place = w.kind[w.case[call].kind].needs, w.case[call].place
    for u in range(w.unit.size):
        unit = w.unit[u]
        if unit.state != ev.FREE and unit.capabilities & needs == needs:
            arrival_s = free_s(unit, w.case, w.kind, now) + w.near_s[place, unit.place]
            if arrival_s < best_s or (arrival_s == best_s and u < best):
                best, best_s = u, arrival_s
    return best, best_s


@compiled_inside
def choose_returning(w: World, call: int, now: float, best: int, best_s: float) -> int:
    """The best unit so far, or one on its way to a post.

    On roads none can arrive before it would have, had it been sent from where it set out when it set out. So
    the most promising is looked at first, and most others are out of the question then.
    """
    case = w.case[call]
    needs, place = w.kind[case.kind].needs, case.place
    first = count = 0
    for i in range(w.tally[RETURNING]):
        u = w.returning[i]
        unit = w.unit[u]
        if unit.capabilities & needs != needs:
            continue
        earliest_s = unit.leave_s + to_call_s(w, place, unit.start) - ROUNDING_S if w.metric else -np.inf
        if earliest_s <= best_s:
            w.later[count], w.earliest_s[count] = u, earliest_s
            first = count if earliest_s < w.earliest_s[first] else first
            count += 1
    for i in range(count):
        k = first if i == 0 else i if i != first else 0
        if w.earliest_s[k] <= best_s:
            u = w.later[k]
            unit = w.unit[u]
            home = w.near_s.shape[0] + unit.post
            advance(unit, w.way, w.home_s, home, now)
            cost_s = leaving_s(unit, home, now) + to_call_s(w, place, unit.place) + later_s(w, unit, case.area)
            if cost_s < best_s or (cost_s == best_s and u < best):
                best, best_s = u, cost_s
    return best


@compiled_inside
def to_call_s(w: World, call: int, place: int) -> float:
    """`Roads.to_call_s`."""
    first = w.near_s.shape[1]
    seconds: float = w.near_s[call, place] if place < first else w.far_s[call, place - first]
    return seconds


@compiled_inside
def leaving_s(unit: Any, home: int, now: float) -> float:
    """When a free unit, brought forward by `advance`, can leave its `place`."""
    standing = unit.place == home and unit.at_s <= now
    leave_s: float = now + unit.turnout_s if standing else max(unit.at_s, now)
    return leave_s


@compiled_inside
def free_s(unit: Any, case: AnyArray, kind: AnyArray, now: float) -> float:
    """When a busy unit is expected to be free."""
    if unit.state == ev.OFF_DUTY or unit.leaves or unit.kept != NONE:
        return np.inf
    at_s: float = unit.at_s
    if unit.is_first:
        return at_s if unit.state == ev.STANDING_BY else np.inf
    done_s: float = max(now, at_s + kind[case[unit.call].kind].mean_s)
    return done_s


@compiled_inside
def advance(unit: Any, way: AnyArray, home_s: AnyArray, home: int, now: float) -> None:
    """Bring a returning unit to the next place where it can turn."""
    post, start = unit.post, unit.start
    all_s = np.float64(home_s[post, start] if start < home_s.shape[1] else way[post, start].seconds)
    leaping = True
    while unit.place != home and unit.at_s < now:
        ahead = way[post, unit.place].leap if leaping else way[post, unit.place].ahead
        if ahead == NONE:
            break
        at_s = unit.leave_s + (all_s - way[post, ahead].seconds)
        if leaping and at_s >= now:
            leaping = False
            continue
        unit.place = ahead
        unit.at_s = at_s
