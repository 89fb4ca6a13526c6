"""The simulator against simpy on the same model: calls, units and travel by road on the streets of St. Louis.

Both play the same calls over the same table of travel times, returning units may turn at junctions, calls wait in
order when all are busy. Their arrivals are compared: they have to be the same. Needs simpy (pip install simpy).
Run: python benchmarks/simulate.py [--units 60] [--days 30] [--busy 0.5]
"""

from __future__ import annotations

import argparse
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.simulate.draws import Drawn
from shouwang.engine.simulate.model import Calls, Kind, Model, OnScene, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import Window, score
from shouwang.tables.history import arrays, read_calls
from shouwang.tables.streets import read_streets

try:
    import simpy
except ImportError:
    simpy = None

EXAMPLE = Path(__file__).parents[1] / "src" / "shouwang" / "data" / "districts" / "stlouis"
PLACES, STAY_S, DAY_S = 1_500, 1_200.0, 86_400.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--busy", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    streets, past = read_streets(EXAMPLE), arrays(read_calls(EXAMPLE / "calls.parquet"))
    chosen = rng.choice(len(past), PLACES, replace=False)
    places = streets.snap(past.lon[chosen], past.lat[chosen])
    posts = Spots.at_nodes(rng.choice(np.flatnonzero(streets.main_part), options.units, replace=False))
    began = time.perf_counter()
    roads = Roads.measure(Travel(streets), places, posts)
    print(f"{streets.node_count} nodes; roads measured for {PLACES} places, {options.units} posts and "
          f"{roads.far_s.shape[1]} junctions in {time.perf_counter() - began:.1f} s")  # fmt: skip
    kind = Kind("any", on_scene=OnScene(STAY_S))
    drive_s = 240.0  # about what a nearest free unit needs; only sets the load
    per_hour = options.units * options.busy / (STAY_S + drive_s) * 3600
    cells = np.arange(PLACES)
    source = Drawn(np.full((options.days * 24, PLACES), per_hour / PLACES), cells, np.zeros(PLACES, int), [kind])
    model = Model(roads, [kind], [Unit(f"U{h}", h, turnout_s=60.0) for h in range(options.units)])
    calls = source.draw(rng)
    play(model, calls)
    run = play(model, calls)
    print(f"{len(calls)} calls on {options.days} days, {run.events} events, "
          f"busy {np.nansum(run.done_s - run.sent_s) / options.units / options.days / DAY_S:.0%}, "
          f"mean response {np.nanmean(run.arrived_s - calls.time_s):.0f} s")  # fmt: skip
    players = {"compiled": lambda: play(model, calls).arrived_s,
               "readable reference": lambda: play(model, calls, compiled=False).arrived_s}  # fmt: skip
    if simpy is None:
        print("  simpy is not installed")
    else:
        players[f"simpy {simpy.__version__}"] = lambda: np.array(Peer(model, calls).run())
    times: dict[str, list[float]] = {name: [] for name in players}
    for _ in range(options.rounds):  # by turns, so that a busy machine is busy for all
        for name, player in players.items():
            began_s = time.process_time()
            arrived_s = player()
            times[name].append(time.process_time() - began_s)
            np.testing.assert_allclose(arrived_s, run.arrived_s, atol=1e-3)
    for name, took_s in times.items():
        show(name, took_s, run.events, times["compiled"])
    began = time.perf_counter()
    window = Window(DAY_S, options.days * DAY_S)
    found, _ = score([model], source, window, 20, rng=rng, within_s=480.0)
    elapsed_s = time.perf_counter() - began
    print(f"  20 replications with figures, {os.cpu_count()} cores: {elapsed_s:.2f} s; "
          f"mean response {found[0].overall.mean_s.low:.1f} to {found[0].overall.mean_s.high:.1f} s")  # fmt: skip


def show(what: str, took_s: list[float], events: int, ours_s: list[float]) -> None:
    middle_s, least_s = float(np.median(took_s)), min(took_s)
    print(f"  {what:<20} processor time: median {middle_s * 1e3:7.1f} ms, least {least_s * 1e3:7.1f} ms; "
          f"{events / middle_s / 1e6:5.2f} M events/s; compiled is {middle_s / np.median(ours_s):.0f}x as fast "
          f"(least against least: {least_s / min(ours_s):.0f}x)")  # fmt: skip


class Peer:
    """The same model as simpy users write it: a process per unit on its way, interrupted when it is sent."""

    def __init__(self, model: Model, calls: Calls) -> None:
        self.env, self.calls, roads = simpy.Environment(), calls, model.roads
        self.to_call = memoryview(np.hstack([roads.near_s, roads.far_s]))
        self.to_post = memoryview(np.ascontiguousarray(roads.way["seconds"]))
        self.ahead = memoryview(np.ascontiguousarray(roads.way["ahead"]))
        self.place, self.stay = calls.place.tolist(), calls.on_scene_s.tolist()
        self.arrived = [0.0] * len(calls)
        self.queue: deque[int] = deque()
        self.units = [PeerUnit(unit.post, roads.call_count + unit.post, unit.turnout_s) for unit in model.units]
        self.free = dict.fromkeys(range(len(self.units)))

    def run(self) -> list[float]:
        self.env.process(self.arrivals())
        self.env.run()
        return self.arrived

    def arrivals(self) -> Iterator[object]:
        env = self.env
        for call, at_s in enumerate(self.calls.time_s.tolist()):
            yield env.timeout(at_s - env.now)
            unit = self.nearest(call)
            if unit is None:
                self.queue.append(call)
            else:
                del self.free[unit]
                going_home = self.units[unit].process
                if going_home is not None and going_home.is_alive:
                    going_home.interrupt()
                self.units[unit].process = env.process(self.serve(unit, call))

    def nearest(self, call: int) -> int | None:
        best_unit, best_s, place, table = None, float("inf"), self.place[call], self.to_call
        for unit in self.free:
            one = self.units[unit]
            arrival_s = self.leaves_s(one) + table[place, one.place]
            if arrival_s < best_s or (arrival_s == best_s and unit < best_unit):
                best_unit, best_s = unit, arrival_s
        return best_unit

    def leaves_s(self, one: PeerUnit) -> float:
        now = self.env.now
        while one.place != one.home and one.at_s < now:
            one.place = self.ahead[one.post, one.place]
            one.at_s = one.left_s + self.to_post[one.post, one.start] - self.to_post[one.post, one.place]
        if one.place == one.home and one.at_s <= now:
            return now + one.turnout_s
        return max(one.at_s, now)

    def serve(self, unit: int, call: int) -> Iterator[object]:
        env, one = self.env, self.units[unit]
        while True:
            arrival_s = self.leaves_s(one) + self.to_call[self.place[call], one.place]
            yield env.timeout(arrival_s - env.now)
            self.arrived[call] = env.now
            one.place = self.place[call]
            yield env.timeout(self.stay[call])
            one.start, one.left_s, one.at_s = one.place, env.now, env.now
            if not self.queue:
                break
            call = self.queue.popleft()
        self.free[unit] = None
        try:
            yield env.timeout(self.to_post[one.post, one.place])
        except simpy.Interrupt:
            return


class PeerUnit:
    """Where a unit is, as in the model it is compared with."""

    def __init__(self, post: int, home: int, turnout_s: float) -> None:
        self.post, self.home, self.turnout_s = post, home, turnout_s
        self.place = self.start = home
        self.left_s = self.at_s = 0.0
        self.process = None


if __name__ == "__main__":
    main()
