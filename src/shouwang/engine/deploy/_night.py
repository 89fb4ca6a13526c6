"""Tours in the making: whoever is ready first chooses where to go next."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import chain, cycle

import numpy as np

from shouwang.engine.deploy._insertion import cheapest
from shouwang.engine.deploy._tour_terms import Floor, Rules, Visit
from shouwang.engine.deploy.on_streets import street_worth
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

_FILL = 0.8  # of the time until a stop is due again; the rest is room for chance
_PAUSE_S = 60.0  # a unit that may not leave asks again after this
_FRESH_S = 3600.0  # a street passed so lately draws nobody
_CLOSE_S = 1e-6


class Night:
    """Places are numbered posts first, then stops; `stop` counts from the first stop."""

    def __init__(
        self, travel: Travel, posts: IntArray, stops: IntArray, weight: FloatArray, demand: FloatArray, rules: Rules,
        rng: np.random.Generator, floor: Floor | None,
    ) -> None:  # fmt: skip
        self.travel, self.rules, self.rng, self.floor, self.weight = travel, rules, rng, floor, weight
        self.units = posts.size
        self.node = np.concatenate([posts, stops])
        self.drive_s = travel.matrix(Spots.at_nodes(self.node), Spots.at_nodes(self.node))
        self.between_s: list[list[float]] = self.drive_s.tolist()  # single entries are read faster so
        self.street, worth = street_worth(travel.streets, demand)
        pull = worth / np.maximum(travel.time_s, 1e-9)
        self.pull = np.minimum(pull / max(float(pull.mean()), 1e-300), 3.0)
        self.passed_s = np.full(travel.streets.edge_count, -np.inf)  # per street, when last
        self.owned, self.left_out = self._given_out()
        self.visits: list[list[Visit]] = [[] for _ in range(self.units)]
        self.driven: list[list[tuple[int, float]]] = [[] for _ in range(self.units)]
        self.left_s = [0.0] * stops.size
        self.gap_s, self.late, self.overstayed = 0.0, 0, 0
        self.covers = [self._covers(unit, 0.0) for unit in range(self.units)]
        self.least = self.cover

    @property
    def cover(self) -> float:
        """Share of weight that some unit reaches in time now."""
        return self._share(self.covers)

    def tour(self, start_s: float, end_s: float) -> None:
        """One stretch of touring, from all posts and back to them."""
        self.end_s = end_s
        self.at, self.since_s = list(range(self.units)), [start_s] * self.units
        self.plan = [list(round_) for round_ in self.owned]
        self.left_s = [start_s] * len(self.left_s)
        self.horizon_s = [self._horizon_s(unit) for unit in range(self.units)]
        ready = [(start_s, float(self.rng.random()), unit, start_s) for unit in range(self.units)]
        heapq.heapify(ready)
        while ready:
            now_s, _, unit, leave_s = heapq.heappop(ready)
            self.covers[unit] = self._covers(self.at[unit], 0.0)
            if now_s < leave_s:  # it has just arrived, perhaps for good
                if np.isfinite(leave_s):
                    heapq.heappush(ready, (leave_s, float(self.rng.random()), unit, leave_s))
                continue
            arrive_s, leave_s = self._step(unit, now_s)
            heapq.heappush(ready, (arrive_s, float(self.rng.random()), unit, leave_s))

    def _step(self, unit: int, now_s: float) -> tuple[float, float]:
        """Send a unit on, and say when it arrives and leaves again: never, once it goes home for good."""
        blocked = False
        for stop, in_time in self._choices(unit, now_s):
            fastest_s = self.between_s[self.at[unit]][self.units + stop]
            if not self._may_leave(unit, self.units + stop, fastest_s):
                blocked = True
                continue
            for edges in self._ways(self.at[unit], self.units + stop, unit, now_s):
                arrive_s = now_s + float(self.travel.time_s[edges].sum())
                if not self._sees_all(unit, stop, arrive_s, in_time):
                    continue
                if self._may_leave(unit, self.units + stop, arrive_s - now_s):
                    return self._go(unit, stop, now_s, arrive_s, edges)
                blocked = True
        home_s = float(self.drive_s[self.at[unit], unit])
        blocked = blocked or not self._may_leave(unit, unit, home_s)
        if blocked and now_s + _PAUSE_S + home_s <= self.end_s:
            return now_s + _PAUSE_S, now_s + _PAUSE_S
        return self._home(unit, now_s), np.inf

    def _choices(self, unit: int, now_s: float) -> Iterator[tuple[int, bool]]:
        """Stops to go to next, at random; then, if none keeps all others in time (True), those that are due."""
        others = np.array(self.owned[unit], np.int64)
        if others.size > 1:
            others = others[self.units + others != self.at[unit]]
        pull = (self.weight[others] + 1e-9) * (now_s - self._left_s(others) + 1.0)
        drawn = np.argsort(-(np.log(pull) + self.rng.gumbel(size=others.size)))
        for stop in others[drawn]:
            yield int(stop), True
        for stop in others[np.argsort(self._left_s(others), kind="stable")]:
            if self.left_s[stop] + self.rules.revisit_s <= self.horizon_s[unit]:
                yield int(stop), False

    def _left_s(self, stops: AnyArray) -> FloatArray:
        return np.array([self.left_s[stop] for stop in stops], float)

    def _horizon_s(self, unit: int) -> float:
        """A stop that is due after this need not be seen again before the way home."""
        homes_s = [self.between_s[self.units + stop][unit] for stop in self.owned[unit]]
        return self.end_s - self.rules.dwell_s[0] - max(homes_s, default=0.0)

    def _sees_all(self, unit: int, stop: int, arrive_s: float, all_in_time: bool) -> bool:
        """Whether the unit may still dwell and get home, and, if asked for, sees all its stops in time."""
        leave_s = arrive_s + self.rules.dwell_s[0]
        if leave_s + self.drive_s[self.units + stop, unit] > self.end_s + _CLOSE_S:
            return False
        if not all_in_time:
            return True
        in_time = arrive_s <= self.left_s[stop] + self.rules.revisit_s
        return in_time and self._in_time(unit, stop, leave_s) is not None

    def _in_time(self, unit: int, stop: int, leave_s: float) -> list[int] | None:
        """A plan, until the way home, that sees every stop before it is due, after leaving `stop` then.

        Tried are the plan there was, the stops by when they were left, and the short round from here on. What was
        planned first always passes if the unit is not late: so chance never leads where no plan is left.
        """
        planned, round_ = list(self.plan[unit]), self.owned[unit]
        if stop in planned:
            planned.remove(stop)
        i = round_.index(stop)
        by_age = sorted((s for s in round_ if s != stop), key=self.left_s.__getitem__)
        for trial in (planned, by_age, [*round_[i + 1 :], *round_[:i]]):
            plan = self._kept(unit, stop, leave_s, chain(trial, cycle(round_)))
            if plan is not None:
                return plan
        return None

    def _kept(self, unit: int, stop: int, leave_s: float, order: Iterator[int]) -> list[int] | None:
        """The part of an endless order of stops that has to be gone, or None if it comes too late somewhere."""
        due_s = {s: self.left_s[s] + self.rules.revisit_s for s in self.owned[unit]}
        due_s[stop] = leave_s + self.rules.revisit_s
        horizon_s, at, now_s = self.horizon_s[unit], stop, leave_s
        open_ = {s for s, due in due_s.items() if due <= horizon_s}
        plan: list[int] = []
        while open_:
            other = next(order)
            if other not in open_:
                continue
            now_s += self.between_s[self.units + at][self.units + other]
            if now_s > due_s[other] + _CLOSE_S:
                return None
            plan.append(other)
            at, now_s = other, now_s + self.rules.dwell_s[0]
            due_s[other] = now_s + self.rules.revisit_s
            if due_s[other] > horizon_s:
                open_.remove(other)
        return plan

    def _ways(self, origin: int, target: int, home: int, now_s: float) -> Iterator[IntArray]:
        """A way past streets not seen of late, if it is not much longer than the fastest; then the fastest.

        From a unit's only stop back to it: by its post.
        """
        if origin == target:
            yield np.concatenate([self._fastest(origin, home), self._fastest(home, origin)])
            return
        u, v = Spots.at_nodes(self.node[origin]), Spots.at_nodes(self.node[target])
        fastest_s = float(self.drive_s[origin, target])
        if fastest_s > 0 and self.rules.detour > 1:
            fresh = np.where(now_s - self.passed_s[self.street] > _FRESH_S, self.pull, 0.0)
            chance = self.rng.uniform(0.7, 1.3, fresh.size)
            route = self.travel.under(self.travel.time_s * chance / (1 + fresh)).route(u, v)
            assert route is not None
            if self.travel.time_s[route.edges].sum() <= self.rules.detour * fastest_s:
                yield route.edges
        yield self._fastest(origin, target)

    def _fastest(self, origin: int, target: int) -> IntArray:
        u, v = self.node[origin], self.node[target]
        route = self.travel.route(Spots.at_nodes(u), Spots.at_nodes(v)) if u != v else None
        return np.zeros(0, np.int64) if route is None else route.edges

    def _go(self, unit: int, stop: int, now_s: float, arrive_s: float, edges: IntArray) -> tuple[float, float]:
        self._leave(unit, now_s, edges)
        self.gap_s = max(self.gap_s, arrive_s - self.left_s[stop])
        self.late += arrive_s > self.left_s[stop] + self.rules.revisit_s + _CLOSE_S
        self._drive(unit, self.units + stop, arrive_s - now_s)
        least_s, most_s = self.rules.dwell_s
        leave_s = arrive_s + float(self.rng.uniform(least_s, most_s))
        home_s = float(self.drive_s[self.units + stop, unit])
        plan = self._in_time(unit, stop, leave_s) if leave_s + home_s <= self.end_s else None
        if plan is None:
            leave_s = arrive_s + least_s
            plan = self._in_time(unit, stop, leave_s)
        self.plan[unit] = plan or []
        self.at[unit], self.since_s[unit], self.left_s[stop] = self.units + stop, arrive_s, leave_s
        return arrive_s, leave_s

    def _home(self, unit: int, now_s: float) -> float:
        """Go home for good, and say when it is there."""
        went_out = self.at[unit] != unit
        if went_out:
            edges = self._fastest(self.at[unit], unit)
            home_s = float(self.travel.time_s[edges].sum())
            self._leave(unit, now_s, edges)
            self._drive(unit, unit, home_s)
            self.at[unit], self.since_s[unit] = unit, now_s + home_s
        toured_s, left_s = now_s if went_out else self.end_s, [self.left_s[stop] for stop in self.owned[unit]]
        self.gap_s = max([self.gap_s, *(toured_s - left for left in left_s)])
        self.late += sum(left + self.rules.revisit_s <= self.horizon_s[unit] for left in left_s)
        self.visits[unit].append(Visit(-1, self.since_s[unit], self.end_s))
        return max(now_s, self.since_s[unit])

    def _leave(self, unit: int, now_s: float, edges: IntArray) -> None:
        stop = self.at[unit] - self.units if self.at[unit] >= self.units else -1
        if stop >= 0:
            self.left_s[stop] = now_s
            self.overstayed += now_s - self.since_s[unit] > self.rules.dwell_s[1] + _CLOSE_S
        self.visits[unit].append(Visit(stop, self.since_s[unit], now_s))
        at_s = now_s + np.concatenate([[0.0], np.cumsum(self.travel.time_s[edges])])[:-1]
        self.driven[unit] += zip(edges.tolist(), at_s.tolist(), strict=True)
        self.passed_s[self.street[edges]] = at_s

    def _drive(self, unit: int, place: int, seconds: float) -> None:
        self.covers[unit] = self._covers(place, seconds)
        self.least = min(self.least, self.cover)

    def _may_leave(self, unit: int, place: int, seconds: float) -> bool:
        """Whether the floor holds while the unit is on its way; a unit that stays put changes nothing."""
        if self.floor is None or (self.at[unit] == place and seconds == 0):
            return True
        covers = [*self.covers[:unit], self._covers(place, seconds), *self.covers[unit + 1 :]]
        return self._share(covers) >= self.floor.share

    def _covers(self, place: int, before_s: float) -> BoolArray:
        """What a unit reaches in time from a place at which it arrives after so many seconds."""
        if self.floor is None:
            return np.zeros(0, bool)
        return np.asarray(self.floor.reach_s[place] + before_s <= self.floor.within_s, bool)

    def _share(self, covers: list[BoolArray]) -> float:
        if self.floor is None:
            return 1.0
        return float(self.floor.weight[np.any(covers, axis=0)].sum() / self.floor.weight.sum())

    def _given_out(self) -> tuple[list[list[int]], list[int]]:
        """Per unit its stops in the order of a short round, heaviest given out first; and those without a unit."""
        owned: list[list[int]] = [[] for _ in range(self.units)]
        left_out: list[int] = []
        for stop in np.argsort(-self.weight, kind="stable"):
            place = self.units + int(stop)
            away_s = self.drive_s[: self.units, place] + self.drive_s[place, : self.units]
            near = (int(unit) for unit in np.argsort(away_s, kind="stable"))
            if not any(self._fits(owned[unit], int(stop), unit) for unit in near):
                left_out.append(int(stop))
        return owned, left_out

    def _fits(self, order: list[int], stop: int, unit: int) -> bool:
        """Take a stop into a unit's round where that is cheapest, if the round leaves room enough."""
        places = np.array([*(self.units + s for s in [*order, stop]), unit])
        between_s = np.ascontiguousarray(self.drive_s[np.ix_(places, places)])
        if not np.isfinite(between_s).all():
            return False
        now, size = np.arange(len(order)), len(order)
        extra_s, place = cheapest(between_s, np.full(size + 1, self.rules.dwell_s[0]), now)
        walk = np.concatenate([[size + 1], now, [size + 1]])
        round_s = between_s[walk[:-1], walk[1:]].sum() + size * self.rules.dwell_s[0] + extra_s[-1]
        window_s = max(end_s - start_s for start_s, end_s in self.rules.windows_s)
        if round_s > _FILL * min(self.rules.revisit_s, window_s):
            return False
        order.insert(int(place[-1]), stop)
        return True
