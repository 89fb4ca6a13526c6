import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.lines import patrol_line, street_demand, street_of
from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel


def city(side=6, block_m=120.0, seconds=12.0, seed=0, keep=1.0):
    """A grid of two-way streets, some of them left out."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    pairs = np.concatenate([east, north])
    pairs = pairs[rng.random(len(pairs)) < keep]
    u, v = np.concatenate([pairs, pairs[:, ::-1]]).T
    y, x = np.divmod(np.arange(side * side), side)
    return Streets.build(
        node_id=np.arange(side * side), x_m=x * block_m, y_m=y * block_m, u=u, v=v,
        length_m=np.full(u.size, block_m), time_s=np.full(u.size, seconds),
        name=[f"{min(a, b)}-{max(a, b)}" for a, b in zip(u, v, strict=True)],
    )  # fmt: skip


def seen_by_hand(streets, edges, demand):
    pairs = {tuple(sorted((int(streets.tail[e]), int(streets.head[e])))): demand[e] for e in edges}
    return sum(pairs.values())


@settings(max_examples=25)
@given(st.integers(0, 1000), st.sampled_from([60.0, 150.0, 400.0]), st.sampled_from([0.7, 1.0]))
def test_a_line_is_a_closed_walk_within_its_budget_that_sees_what_it_says(seed, budget_s, keep):
    streets = city(5, seed=seed, keep=keep)
    rng = np.random.default_rng(seed)
    demand = rng.random(streets.edge_count)[street_of(streets)]
    post = int(streets.tail[0])
    line = patrol_line(Travel(streets), post, demand, budget_s, rng)
    assert line.seconds <= budget_s + 1e-6
    assert [line.nodes[0], line.nodes[-1]] == [post, post]
    assert streets.tail[line.edges].tolist() == line.nodes[:-1].tolist()
    assert streets.head[line.edges].tolist() == line.nodes[1:].tolist()
    assert line.length_m == pytest.approx(120 * line.edges.size)
    total = seen_by_hand(streets, range(streets.edge_count), demand)
    assert line.certificate.objective == pytest.approx(seen_by_hand(streets, line.edges, demand))
    assert line.seen == pytest.approx(line.certificate.objective / total)
    assert line.certificate.bound >= line.certificate.objective


def best_walk(streets, post, demand, steps):
    """The most demand on any closed walk of so many edges, by trying all."""
    best = 0.0
    stack = [(post, ())]
    while stack:
        node, edges = stack.pop()
        if node == post and edges:
            best = max(best, seen_by_hand(streets, edges, demand))
        if len(edges) < steps:
            out = range(streets.out_start[node], streets.out_start[node + 1])
            stack += [(int(streets.head[e]), (*edges, e)) for e in out]
    return best


@pytest.mark.parametrize("seed", range(6))
def test_on_a_small_city_the_line_is_near_the_best_of_all_walks(seed):
    streets = city(3, seed=seed)
    demand = (np.random.default_rng(seed).random(streets.edge_count) ** 3)[street_of(streets)]
    post = int(streets.index_of(4))
    line = patrol_line(Travel(streets), post, demand, 12.0 * 8, np.random.default_rng(0))
    best = best_walk(streets, post, demand, 8)
    assert line.certificate.objective >= 0.9 * best
    assert line.certificate.objective <= best + 1e-9 <= line.certificate.bound + 1e-6


def test_a_line_visits_the_busy_street_and_names_it():
    streets = city()
    demand = np.zeros(streets.edge_count)
    u, v = streets.index_of([20, 21])
    busy = int(np.flatnonzero((streets.tail == u) & (streets.head == v))[0])
    demand[[busy, int(streets.opposite[busy])]] = 3.0
    line = patrol_line(Travel(streets), 0, demand, 300.0, np.random.default_rng(1))
    assert line.seen == 1.0
    assert "20-21" in line.streets


def test_the_same_seed_gives_the_same_line():
    streets = city(8)
    demand = np.random.default_rng(5).random(streets.edge_count)[street_of(streets)]
    one, two = (patrol_line(Travel(streets), 9, demand, 400.0, np.random.default_rng(7)) for _ in range(2))
    assert one.edges.tolist() == two.edges.tolist()


def test_no_demand_or_no_time_gives_an_empty_line():
    streets = city()
    for demand, budget_s in ((np.zeros(streets.edge_count), 500.0), (np.ones(streets.edge_count), 5.0)):
        line = patrol_line(Travel(streets), 0, demand, budget_s, np.random.default_rng(0))
        assert line.edges.size == 0
        assert (line.seen, line.seconds, line.length_m, line.nodes.tolist()) == (0.0, 0.0, 0.0, [0])


@given(st.lists(st.tuples(st.floats(-50, 700), st.floats(-50, 700), st.floats(0, 9)), min_size=1, max_size=30))
def test_all_demand_falls_on_some_street(points):
    streets = city()
    x_m, y_m, weight = np.array(points).T
    demand = street_demand(streets, streets.snap(x_m, y_m), weight)
    own = street_of(streets) == np.arange(streets.edge_count)
    assert demand[own].sum() == pytest.approx(weight.sum())
    back = streets.opposite
    np.testing.assert_allclose(demand, demand[back])


def test_demand_at_a_junction_is_shared_by_its_streets():
    streets = city(3)
    demand = street_demand(streets, Spots.at_nodes(streets.index_of([4])), [8.0])
    assert sorted(set(demand.tolist())) == [0.0, 2.0]


def test_bad_input_is_named_whole():
    streets = city()
    with pytest.raises(BadInput) as caught:
        patrol_line(Travel(streets), 99, np.array([1.0]), -5.0, np.random.default_rng(0))
    assert [fault.where for fault in caught.value.faults] == ["post", "demand", "budget_s"]
