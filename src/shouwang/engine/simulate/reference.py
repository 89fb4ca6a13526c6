"""The readable core: one method per event, plain lists, any policy. It is the meaning of the compiled core.

Each unit has two slots in the list of events: its task (arrival, end, return) and its shift. The next event is
the earliest; at one moment tasks come before shifts before calls, units in their order.
"""

from __future__ import annotations

import bisect
import heapq
from dataclasses import dataclass, field
from math import inf, isfinite, nan

import numpy as np

from shouwang.engine.simulate import events as ev
from shouwang.engine.simulate.events import EVENT, NONE, Run
from shouwang.engine.simulate.model import Calls, Kind, Model, Unit


@dataclass
class _Unit:
    """A unit as it is now. It left `start` at `leave_s` for its post, and will be, or has been, at `place` at
    `at_s`; with a call, `place` is where the call is.
    """

    of: Unit
    capabilities: int
    post: int
    state: int = ev.OFF_DUTY
    call: int = NONE
    is_first: bool = False
    leaves: bool = False  # its shift ended while it was busy
    kept: int = NONE  # a call that waits for it
    start: int = 0
    leave_s: float = 0.0
    place: int = 0
    at_s: float = 0.0
    boundary: int = 0  # next start or end of its shifts
    stamps: list[int] = field(default_factory=lambda: [0, 0])


class Simulation:
    """Plays one replication. It is the `World` that policies look at."""

    def __init__(self, model: Model, calls: Calls) -> None:
        self.model, self.calls, self.policy, self.roads = model, calls, model.policy, model.roads
        self.way_s, self.ahead = model.roads.way["seconds"], model.roads.way["ahead"]
        held, needs, first = (mask.tolist() for mask in model.masks())
        self.needs, self.first = needs, first
        self.units = [_Unit(unit, caps, unit.post) for unit, caps in zip(model.units, held, strict=True)]
        self.now = 0.0
        self.heap: list[tuple[float, int, int]] = []  # time, slot, stamp
        self.waiting: list[tuple[int, int]] = []  # severity, call
        self.open = 0  # calls not finished and first responses not relieved
        self.trace: list[tuple[float, int, int, int]] = []
        count = len(calls)
        self.sent, self.arrived, self.done = [nan] * count, [nan] * count, [nan] * count
        self.first_sent, self.first_arrived, self.first_done = [nan] * count, [nan] * count, [nan] * count
        self.unit, self.first_unit = [NONE] * count, [NONE] * count
        self.keeper = [NONE] * count
        self.lost = [False] * count
        for u in range(len(self.units)):
            self._schedule_shift(u)

    # The list of events

    def run(self) -> Run:
        """Play to the end: until the last call is done, or nothing more can happen."""
        coming = 0
        while coming < len(self.calls) or self.open:
            due_s, slot = self._peek()
            if coming < len(self.calls) and self.calls.time_s[coming] < due_s:
                self.now = float(self.calls.time_s[coming])
                self._on_call(coming)
                coming += 1
            elif due_s == inf:
                break
            else:
                self.now = due_s
                heapq.heappop(self.heap)
                self._on_slot(slot)
            self._move_up()
        return self._result()

    def _peek(self) -> tuple[float, int]:
        count = len(self.units)
        while self.heap:
            due_s, slot, stamp = self.heap[0]
            if self.units[slot % count].stamps[slot // count] == stamp:
                return due_s, slot
            heapq.heappop(self.heap)
        return inf, 0

    def _schedule(self, slot: int, due_s: float) -> None:
        """Put another time into a slot: unit u's task is slot u, its shift slot u + units. Infinity empties it."""
        count = len(self.units)
        stamps = self.units[slot % count].stamps
        stamps[slot // count] += 1
        if due_s < inf:
            heapq.heappush(self.heap, (due_s, slot, stamps[slot // count]))

    def _schedule_shift(self, u: int) -> None:
        unit = self.units[u]
        shift, is_end = divmod(unit.boundary, 2)
        unit.boundary += 1
        shifts = unit.of.shifts
        self._schedule(len(self.units) + u, shifts[shift][is_end] if shift < len(shifts) else inf)

    def _on_slot(self, slot: int) -> None:
        u, is_shift = slot % len(self.units), slot >= len(self.units)
        unit = self.units[u]
        self._schedule(slot, inf)
        if is_shift:
            (self._on_shift_start if unit.boundary % 2 else self._on_shift_end)(u)
        elif unit.state == ev.DRIVING:
            (self._on_first_arrival if unit.is_first else self._on_arrival)(u)
        elif unit.state == ev.ON_SCENE:
            self._on_done(u)
        elif unit.state == ev.STANDING_BY:
            self._on_relieved(u)
        else:
            self._log(ev.HOME, NONE, u)

    def _log(self, kind: int, call: int, unit: int) -> None:
        self.trace.append((self.now, kind, call, unit))

    # What happens

    def _on_call(self, call: int) -> None:
        self.open += 1
        self._log(ev.CALL, call, NONE)
        sent = self._assign(call)
        if self.first[self.calls.kind[call]] >= 0 and not self.lost[call]:
            self._send_first(call, sent)

    def _assign(self, call: int) -> float:
        """Send, keep, queue or lose; when the unit that serves it will arrive is returned."""
        chosen = self.policy.dispatch.choose(self, call)
        if chosen is not None and self.is_free(chosen):
            return self._send(chosen, call, first=False)
        if not self.policy.queue:
            self.lost[call] = True
            self.open -= 1
            self._log(ev.LOST, call, NONE)
            return inf
        entry = (self._severity(call), call)
        if entry not in self.waiting:
            bisect.insort(self.waiting, entry)
            self._log(ev.QUEUED, call, NONE)
        if chosen is not None:
            self.units[chosen].kept, self.keeper[call] = call, chosen
        return inf

    def _send_first(self, call: int, able_arrives_s: float) -> None:
        mask, best, best_s = self.first[self.calls.kind[call]], NONE, able_arrives_s - self.policy.first_gain_s
        for u, unit in enumerate(self.units):
            if unit.state == ev.FREE and not self.able(u, call) and unit.capabilities & mask == mask:
                arrival_s = self.arrival_s(u, call)
                if arrival_s < best_s:
                    best, best_s = u, arrival_s
        if best != NONE:
            self.open += 1
            self._send(best, call, first=True)

    def _send(self, u: int, call: int, first: bool) -> float:
        unit, arrival_s = self.units[u], self.arrival_s(u, call)
        if not first:
            entry = (self._severity(call), call)
            if entry in self.waiting:
                self.waiting.remove(entry)
            if self.keeper[call] != NONE:
                self.units[self.keeper[call]].kept = NONE
                self.keeper[call] = NONE
        unit.state, unit.call, unit.is_first = ev.DRIVING, call, first
        unit.place = int(self.calls.place[call])
        unit.at_s = arrival_s
        if first:
            self.first_unit[call], self.first_sent[call] = u, self.now
        else:
            self.unit[call], self.sent[call] = u, self.now
        self._log(ev.FIRST_SENT if first else ev.SENT, call, u)
        self._schedule(u, arrival_s)
        return arrival_s

    def _on_arrival(self, u: int) -> None:
        unit = self.units[u]
        call = unit.call
        unit.state = ev.ON_SCENE
        self.arrived[call] = self.now
        self._log(ev.ARRIVED, call, u)
        self._schedule(u, self.now + float(self.calls.on_scene_s[call]))
        other = self.first_unit[call]
        if other != NONE and self.units[other].state == ev.STANDING_BY and self.units[other].call == call:
            self.units[other].at_s = self.now + self.policy.handover_s
            self._schedule(other, self.now + self.policy.handover_s)

    def _on_first_arrival(self, u: int) -> None:
        call = self.units[u].call
        self.first_arrived[call] = self.now
        self._log(ev.FIRST_ARRIVED, call, u)
        if isfinite(self.arrived[call]):
            self._on_relieved(u)  # the able unit came first
        else:
            self.units[u].state, self.units[u].at_s = ev.STANDING_BY, inf

    def _on_done(self, u: int) -> None:
        call = self.units[u].call
        self.done[call] = self.now
        self.open -= 1
        self._log(ev.DONE, call, u)
        self._set_free(u)

    def _on_relieved(self, u: int) -> None:
        call = self.units[u].call
        self.first_done[call] = self.now
        self.open -= 1
        self._log(ev.RELIEVED, call, u)
        self._set_free(u)

    def _on_shift_start(self, u: int) -> None:
        unit = self.units[u]
        self._log(ev.ON, NONE, u)
        self._schedule_shift(u)
        unit.leaves = False
        if unit.state == ev.OFF_DUTY:
            unit.place = self.roads.call_count + unit.of.post
            self._set_free(u)

    def _on_shift_end(self, u: int) -> None:
        unit = self.units[u]
        self._schedule_shift(u)
        if unit.state == ev.FREE:
            self._go_off(u)
        else:
            unit.leaves = True
            self._give_back(u)

    def _set_free(self, u: int) -> None:
        """A unit at `place` has nothing to do: off duty, the next waiting call, or back to its post."""
        unit = self.units[u]
        unit.state, unit.call, unit.post = ev.FREE, NONE, unit.of.post
        unit.start, unit.leave_s, unit.at_s = unit.place, self.now, self.now
        if unit.leaves:
            self._go_off(u)
        else:
            call = self._next_waiting(u)
            if call != NONE:
                self._send(u, call, first=False)
            elif unit.place != self.roads.call_count + unit.post:
                self._schedule(u, self.now + self._post_s(unit.post, unit.place))

    def _next_waiting(self, u: int) -> int:
        if self.units[u].kept != NONE:
            return self.units[u].kept
        for _, call in self.waiting:
            if self.able(u, call) and self.keeper[call] == NONE and self.arrival_s(u, call) < inf:
                return call
        return NONE

    def _go_off(self, u: int) -> None:
        unit = self.units[u]
        unit.state, unit.leaves = ev.OFF_DUTY, False
        self._schedule(u, inf)
        self._log(ev.OFF, NONE, u)
        self._give_back(u)

    def _give_back(self, u: int) -> None:
        """Find another way to serve the call that a unit kept."""
        call = self.units[u].kept
        if call != NONE:
            self.units[u].kept = self.keeper[call] = NONE
            self._assign(call)

    def _move_up(self) -> None:
        for u, post in list(self.policy.move_up.moves(self)):
            unit = self.units[u]
            self._advance(u)
            unit.post, unit.start, unit.leave_s = post, unit.place, max(unit.at_s, self.now)
            unit.at_s = unit.leave_s
            self._log(ev.MOVED, NONE, u)
            self._schedule(u, unit.leave_s + self._post_s(post, unit.start))

    # What policies may ask

    @property
    def now_s(self) -> float:
        return self.now

    @property
    def unit_count(self) -> int:
        return len(self.units)

    def is_free(self, unit: int) -> bool:
        return self.units[unit].state == ev.FREE

    def able(self, unit: int, call: int) -> bool:
        needs = self.needs[self.calls.kind[call]]
        return bool(self.units[unit].capabilities & needs == needs)

    def arrival_s(self, unit: int, call: int) -> float:
        one = self.units[unit]
        self._advance(unit)
        standing = one.at_s <= self.now and one.place == self.roads.call_count + one.post
        leave_s = self.now + one.of.turnout_s if standing else max(one.at_s, self.now)
        return leave_s + self._call_s(call, one.place)

    def expected_arrival_s(self, unit: int, call: int) -> float:
        one = self.units[unit]
        if one.state == ev.OFF_DUTY or one.leaves or one.kept != NONE:
            return inf
        if one.is_first:
            free_s = one.at_s if one.state == ev.STANDING_BY else inf
        else:
            free_s = max(self.now, one.at_s + self.model.kinds[self.calls.kind[one.call]].on_scene.mean_s)
        return free_s + self._call_s(call, one.place)

    def home_of(self, unit: int) -> int:
        return self.units[unit].of.home

    def area_of(self, call: int) -> int:
        return int(self.calls.area[call])

    def moves_up(self, unit: int) -> bool:
        return self.units[unit].of.moves_up

    def post_of(self, unit: int) -> int:
        return self.units[unit].post

    def to_post_s(self, unit: int, post: int) -> float:
        one = self.units[unit]
        self._advance(unit)
        return max(one.at_s, self.now) + self._post_s(post, one.place) - self.now

    def _advance(self, u: int) -> None:
        """Bring a returning unit to the next place where it can turn; `at_s` is when it is there."""
        unit = self.units[u]
        home = self.roads.call_count + unit.post
        while unit.place != home and unit.at_s < self.now:
            ahead = int(self.ahead[unit.post, unit.place])
            if ahead == NONE:  # no road leads to the post: it waits where it is
                break
            unit.place = ahead
            unit.at_s = unit.leave_s + (self._post_s(unit.post, unit.start) - self._post_s(unit.post, ahead))

    def _call_s(self, call: int, place: int) -> float:
        return self.roads.to_call_s(int(self.calls.place[call]), place)

    def _post_s(self, post: int, place: int) -> float:
        return float(self.way_s[post, place])

    def _severity(self, call: int) -> int:
        kind: Kind = self.model.kinds[self.calls.kind[call]]
        return kind.severity

    def _result(self) -> Run:
        times = (self.sent, self.arrived, self.done, self.first_sent, self.first_arrived, self.first_done)
        sent, arrived, done, first_sent, first_arrived, first_done = (np.array(column, float) for column in times)
        units, firsts = np.array(self.unit, np.int64), np.array(self.first_unit, np.int64)
        trace = np.array(self.trace, EVENT)
        return Run(sent, arrived, done, units, firsts, first_sent, first_arrived, first_done,
                   np.array(self.lost, bool), len(self.trace), trace)  # fmt: skip
