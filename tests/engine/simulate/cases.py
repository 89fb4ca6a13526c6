"""Small random plans with everything in them: shifts, capabilities, first responses, tables, ties, islands."""

import numpy as np

from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.simulate.model import ALWAYS, Calls, Kind, Model, OnScene, Unit
from shouwang.engine.simulate.policies import (
    ComplianceTable,
    KeepCover,
    NearestByReturn,
    NearestFree,
    OwnAreaFirst,
    Policy,
    StayAtPosts,
)
from shouwang.engine.simulate.roads import Roads


def plain_roads(rng, calls, posts):
    """Tables that need not be those of roads: distances on a grid, some ways barred."""
    at = rng.integers(0, 7, (calls + posts, 2)) * 100.0
    apart = np.abs(at[:, None] - at[None]).sum(axis=2)
    apart[rng.random(apart.shape) < 0.05] = np.inf
    return Roads.given(apart[:calls], apart[calls:])


def street_roads(rng, calls, posts):
    """A network of lanes and two-way streets with bends, on which units turn; places lie on nodes and edges."""
    travel = lanes(rng)
    states = [travel]
    if rng.random() < 0.3:
        shut = rng.choice(travel.streets.edge_count, 4, replace=False)
        states.append(travel.under(travel.streets.closing(shut)))
    return Roads.measure(states, somewhere(rng, travel.streets, calls), somewhere(rng, travel.streets, posts))


def lanes(rng, side=4):
    """A grid of streets, some one-way, each with a bend in the middle, a few closed, perhaps some turns barred."""
    node = {}
    u, v, time_s = [], [], []
    for row in range(side):
        for column in range(side):
            for there in ((row, column + 1), (row + 1, column)):
                if max(there) < side:
                    bend = (row, column, *there)
                    times = rng.integers(5, 60, 4).astype(float)
                    for a, b, t in ((((row, column)), bend, times[0]), (bend, there, times[1])):
                        u.append(node.setdefault(a, len(node)))
                        v.append(node.setdefault(b, len(node)))
                        time_s.append(t)
                    if rng.random() < 0.8:
                        for a, b, t in ((there, bend, times[2]), (bend, (row, column), times[3])):
                            u.append(node[a])
                            v.append(node[b])
                            time_s.append(t)
    x_m = np.array([key[1] if len(key) == 2 else (key[1] + key[3]) / 2 for key in node]) * 200.0
    y_m = np.array([key[0] if len(key) == 2 else (key[0] + key[2]) / 2 for key in node]) * 200.0
    turns = [(i, j) for i in range(len(u)) for j in range(len(u)) if v[i] == u[j]]
    barred = rng.choice(turns, 8, replace=False) if rng.random() < 0.5 else None
    streets = Streets.build(node_id=np.arange(len(node)), u=u, v=v, x_m=x_m, y_m=y_m,
                            length_m=np.array(time_s) * 10, time_s=time_s, barred=barred)  # fmt: skip
    closed = rng.choice(streets.edge_count, 2, replace=False)
    return Travel(streets, streets.closing(closed, both_ways=bool(rng.integers(2))))


def somewhere(rng, streets, count):
    return streets.snap(rng.uniform(0, 600, count), rng.uniform(0, 600, count))


def case(seed, roads=plain_roads):
    """A model and calls. Odd seeds have ties in time."""
    rng = np.random.default_rng(seed)
    places, posts, count = rng.integers(1, 6), rng.integers(1, 4), rng.integers(0, 25)
    model = Model(roads(rng, places, posts), [kind(rng, name) for name in "xy"], units(rng, posts))
    time_s = np.sort(rng.integers(0, 40, count) * 100.0 if seed % 2 else rng.random(count) * 4000)
    calls = Calls(time_s, rng.integers(0, model.roads.call_count, count), rng.integers(0, 3, count),
                  rng.integers(0, 2, count), np.round(rng.exponential(600, count)))  # fmt: skip
    return Model(model.roads, model.kinds, model.units, policy(rng, len(model.units), posts)), calls


def kind(rng, name):
    needs = frozenset("a") if rng.random() < 0.5 else frozenset()
    first = frozenset() if rng.random() < 0.5 else None
    return Kind(name, needs, first, int(rng.integers(1, 3)), OnScene(float(rng.integers(1, 900))))


def units(rng, posts):
    made = []
    for i in range(rng.integers(1, 5)):
        begins, ends, returns, leaves = np.sort(rng.choice(4000, 4, replace=False)).astype(float).tolist()
        shifts = ALWAYS if rng.random() < 0.5 else ((begins, ends), (returns, leaves))
        holds = frozenset("a") if i == 0 or rng.random() < 0.5 else frozenset("b")
        made.append(Unit(f"U{i}", int(rng.integers(posts)), shifts, holds, float(rng.integers(0, 3) * 30),
                         int(rng.integers(-1, 3)), bool(rng.random() < 0.8)))  # fmt: skip
    return made


def policy(rng, count, posts):
    queue = bool(rng.random() < 0.8)
    choices = [NearestFree(), OwnAreaFirst(float(rng.integers(1, 4) * 100)), KeepCover(float(rng.integers(1, 4) * 100))]
    by_return = queue and rng.random() < 0.4
    rows = tuple(tuple(rng.integers(0, posts, rng.integers(0, n + 1)).tolist()) for n in range(count + 1))
    return Policy(
        NearestByReturn() if by_return else choices[rng.integers(3)],
        ComplianceTable(rows) if rng.random() < 0.5 else StayAtPosts(),
        queue,
        float(rng.integers(0, 2) * 60),
        float(rng.integers(0, 2) * 120),
    )


