import itertools
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo import _search
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.tables.streets import read_streets

from .networks import METRES_A_SECOND, all_pairs_s, network, networks


def every(streets):
    return Spots.at_nodes(np.arange(streets.node_count))


@given(networks(), st.data())
def test_all_questions_agree_with_scipy(streets, data):
    travel, expected = Travel(streets), all_pairs_s(streets)
    node = data.draw(st.integers(0, streets.node_count - 1))
    np.testing.assert_allclose(travel.matrix(every(streets), every(streets)), expected)
    np.testing.assert_allclose(travel.from_one(Spots.at_nodes(node)), expected[node])
    np.testing.assert_allclose(travel.from_one(Spots.at_nodes(node), reverse=True), expected[:, node])
    k = data.draw(st.integers(1, streets.node_count))
    near = travel.k_nearest(Spots.at_nodes(node), every(streets), k)
    to_node = np.sort(expected[:, node])
    np.testing.assert_allclose(near.seconds, to_node[np.isfinite(to_node)][:k])
    np.testing.assert_allclose(near.seconds, expected[near.source, node])


@given(networks(), st.data())
def test_a_route_adds_up_to_its_time_and_length(streets, data):
    node = st.integers(0, streets.node_count - 1)
    a, b = data.draw(node), data.draw(node)
    route = Travel(streets).route(Spots.at_nodes(a), Spots.at_nodes(b))
    expected = all_pairs_s(streets)[a, b]
    if route is None:
        assert expected == np.inf
        return
    assert route.seconds == pytest.approx(expected)
    assert streets.time_s[route.edges].sum() == pytest.approx(expected)
    assert streets.length_m[route.edges].sum() == pytest.approx(route.length_m)
    assert [route.nodes[0], route.nodes[-1]] == [a, b]
    assert streets.tail[route.edges].tolist() == route.nodes[:-1].tolist()
    assert streets.head[route.edges].tolist() == route.nodes[1:].tolist()


@given(networks(), st.data())
def test_closures_and_slow_downs_never_shorten_and_keep_the_triangle_inequality(streets, data):
    travel = Travel(streets)
    free = travel.matrix(every(streets), every(streets))
    factor = np.array(data.draw(st.lists(st.sampled_from([1.0, 1.5, np.inf]), min_size=1, max_size=50)))
    times = streets.time_s * np.resize(factor, streets.edge_count)
    slowed = travel.under(times).matrix(every(streets), every(streets))
    assert (slowed >= free).all()
    np.testing.assert_allclose(slowed, all_pairs_s(streets, times))
    through = (slowed[:, :, None] + slowed[None, :, :]).min(axis=1)
    assert (slowed <= through + 1e-9).all()
    np.testing.assert_allclose(travel.matrix(every(streets), every(streets)), free)


@given(networks(two_way=True), st.data())
def test_points_on_edges_are_like_nodes_put_there(streets, data):
    """Splitting an edge at a point and asking for the new node gives the same times."""
    one_of_each = {(int(min(u, v)), int(max(u, v))): e for e, (u, v) in enumerate(zip(*ends_of(streets), strict=True))}
    proper = [e for (u, v), e in one_of_each.items() if u != v]
    if not proper:
        return
    points = [
        (data.draw(st.sampled_from(proper)), share)
        for share in data.draw(st.lists(st.floats(0.05, 0.95), min_size=1, max_size=4, unique=True))
    ]
    edge, fraction = np.array([int(e) for e, _ in points]), np.array([f for _, f in points])
    on_edges = Spots(np.full(len(points), -1), edge, fraction, np.zeros(len(points)))
    got = Travel(streets).matrix(on_edges, on_edges)
    split, at = split_at(streets, edge, fraction)
    np.testing.assert_allclose(got, all_pairs_s(split)[np.ix_(at, at)], atol=1e-9)
    for j in range(len(points)):
        near = Travel(streets).k_nearest(on_edges[[j]], on_edges, len(points))
        np.testing.assert_allclose(near.seconds, got[near.source, j], atol=1e-9)
        np.testing.assert_allclose(near.length_m, near.seconds * METRES_A_SECOND, atol=1e-6)
        route = Travel(streets).route(on_edges[[0]], on_edges[[j]])
        assert (np.inf if route is None else route.seconds) == pytest.approx(got[0, j], abs=1e-9)
        assert route is None or route.length_m == pytest.approx(got[0, j] * METRES_A_SECOND, abs=1e-6)


def ends_of(streets):
    return streets.tail, streets.head


def split_at(streets, edge, fraction):
    """The same network with a node at each point, and those nodes. Opposite edges are split at the same place."""
    u, v, t = [], [], []
    at = [streets.node_count + i for i in range(len(edge))]
    cuts = {}
    for i, (e, f) in enumerate(zip(edge, fraction, strict=True)):
        cuts.setdefault(int(e), []).append((float(f), at[i]))
        back = int(streets.opposite[e])
        if back >= 0:
            cuts.setdefault(back, []).append((1 - float(f), at[i]))
    for e in range(streets.edge_count):
        stops = sorted([(0.0, int(streets.tail[e])), *cuts.get(e, []), (1.0, int(streets.head[e]))])
        for (f0, a), (f1, b) in itertools.pairwise(stops):
            u.append(a)
            v.append(b)
            t.append((f1 - f0) * streets.time_s[e])
    return network(u, v, np.array(t), streets.node_count + len(edge)), at


def test_a_point_ahead_on_a_one_way_street_is_near_and_one_behind_is_far():
    ring = network([0, 1, 2], [1, 2, 0], np.array([100.0, 100.0, 100.0]), 3)
    edge = int(np.flatnonzero(ring.tail == 0)[0])
    spots = Spots(np.array([-1, -1]), np.array([edge, edge]), np.array([0.25, 0.75]), np.zeros(2))
    times = Travel(ring).matrix(spots, spots)
    np.testing.assert_allclose(times, [[0, 50], [250, 0]])


def test_a_closure_bars_the_way_through_but_not_the_doors_in_the_street():
    line = network([0, 1, 1, 2], [1, 0, 2, 1], np.array([60.0, 60, 60, 60]), 3)
    first = int(np.flatnonzero((line.tail == 0) & (line.head == 1))[0])
    closed = Travel(line).under(line.closing([first]))
    in_street = Spots(np.array([-1]), np.array([first]), np.array([0.9]), np.zeros(1))
    assert closed.matrix(Spots.at_nodes(2), in_street)[0, 0] == 60
    assert closed.matrix(Spots.at_nodes(2), Spots.at_nodes(0))[0, 0] == np.inf


@given(networks(), st.data())
def test_the_two_nearest_sources_are_those_of_the_whole_matrix(streets, data):
    nodes = data.draw(st.lists(st.integers(0, streets.node_count - 1), min_size=1, max_size=5))
    limit = data.draw(st.sampled_from([50.0, 200.0, np.inf]))
    found = Travel(streets).two_nearest(Spots.at_nodes(nodes), limit_s=limit)
    times = all_pairs_s(streets)[nodes]
    times[times > limit] = np.inf
    ordered = np.vstack([np.sort(times, axis=0), np.full((1, streets.node_count), np.inf)])[:2].T
    np.testing.assert_allclose(found.seconds, ordered)
    for node, slot in zip(*np.nonzero(found.owner >= 0), strict=True):
        assert times[found.owner[node, slot], node] == pytest.approx(found.seconds[node, slot])
    both = (found.owner >= 0).all(axis=1)
    assert (found.owner[both, 0] != found.owner[both, 1]).all()


def test_delays_count_into_arrival_and_change_the_order():
    line = network([0, 1, 2, 3], [1, 2, 3, 4], np.full(4, 10.0), 5)
    units, call = Spots.at_nodes([0, 3]), Spots.at_nodes(4)
    near = Travel(line).k_nearest(call, units, 2, delay_s=np.array([0.0, 35.0]))
    assert near.source.tolist() == [0, 1]
    assert near.seconds.tolist() == [40.0, 45.0]
    assert near.length_m.tolist() == [480.0, 120.0]


def test_threads_do_not_disturb_one_another():
    rng = np.random.default_rng(3)
    u, v = rng.integers(0, 300, (2, 1500))
    streets = network(u, v, rng.random(1500) * 100, 300)
    travel, expected = Travel(streets), all_pairs_s(streets)
    wrong = []

    def ask(seed):
        own = np.random.default_rng(seed)
        for _ in range(150):
            node = int(own.integers(300))
            near = travel.k_nearest(Spots.at_nodes(node), every(streets), 20)
            if not np.allclose(near.seconds, np.sort(expected[:, node])[: len(near.seconds)]):
                wrong.append(node)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("times", [[1.0], [1.0, -2.0], [1.0, np.nan]])
def test_edge_times_of_the_wrong_number_or_sign_are_refused(times):
    with pytest.raises(BadInput):
        Travel(network([0, 1], [1, 0], np.array([5.0, 5.0]), 2)).under(np.array(times))


def test_places_off_the_network_are_refused():
    travel = Travel(network([0, 1], [1, 0], np.array([5.0, 5.0]), 2))
    nowhere = Spots.at_nodes(travel.streets.index_of([5, 999]))
    for ask in (
        lambda: travel.matrix(nowhere, Spots.at_nodes(0)),
        lambda: travel.k_nearest(Spots.at_nodes(0), nowhere, 1),
        lambda: travel.route(Spots.at_nodes(7), Spots.at_nodes(0)),
        lambda: travel.two_nearest(nowhere),
    ):
        with pytest.raises(BadInput):
            ask()


def test_ten_thousand_pairs_of_a_real_network_equal_scipys_with_closures(stlouis):
    streets, rng = read_streets(stlouis), np.random.default_rng(11)
    times = streets.closing(rng.integers(0, streets.edge_count, 2000))
    times = times * rng.choice([1.0, 1.7, 4.0], streets.edge_count)
    origins, targets = rng.integers(0, streets.node_count, (2, 100))
    travel = Travel(streets).under(times)
    got = travel.matrix(Spots.at_nodes(origins), Spots.at_nodes(targets))
    np.testing.assert_allclose(got, all_pairs_s(streets, times, origins)[:, targets], atol=1e-6, rtol=0)
    near = travel.k_nearest(Spots.at_nodes(targets[0]), Spots.at_nodes(origins), 8)
    np.testing.assert_allclose(near.seconds, np.sort(got[:, 0])[:8], atol=1e-6)


@given(networks(), st.data())
def test_times_of_all_magnitudes_are_exact(streets, data):
    scale = np.array(data.draw(st.lists(st.sampled_from([0.0, 1e-6, 1.0, 1e5, 1e12]), min_size=1, max_size=30)))
    times = streets.time_s * np.resize(scale, streets.edge_count)
    expected = np.full((streets.node_count,) * 2, np.inf)
    np.minimum.at(expected, (streets.tail, streets.head), times)
    np.fill_diagonal(expected, 0)
    for k in range(streets.node_count):  # Floyd and Warshall: scipy takes 0 for no edge
        expected = np.minimum(expected, expected[:, [k]] + expected[[k]])
    np.testing.assert_allclose(Travel(streets, times).matrix(every(streets), every(streets)), expected)


def test_a_workspace_whose_numbers_run_out_is_replaced(monkeypatch):
    made, make = [], _search.workspace

    def nearly_used_up(vertices, targets):
        made.append(make(vertices, targets))
        made[-1].counter[0] = _search.SEARCHES - 3
        return made[-1]

    monkeypatch.setattr(_search, "workspace", nearly_used_up)
    streets = network([0, 1, 2], [1, 2, 0], np.array([5.0, 6.0, 7.0]), 3)
    travel = Travel(streets)
    for node in [0, 1, 2, 0]:
        np.testing.assert_allclose(travel.from_one(Spots.at_nodes(node)), all_pairs_s(streets)[node])
    assert len(made) == 2


def test_the_interpreter_is_free_while_the_kernel_runs(stlouis):
    """Nobody is made to give up the interpreter here: another thread gets it only if the kernel lets it go."""
    streets = read_streets(stlouis)
    travel, places = Travel(streets), Spots.at_nodes(np.arange(0, streets.node_count, 70))
    travel.matrix(places[:2], places)  # compiles
    state, seen = {"running": False, "done": False}, []

    def watch():
        while not state["done"] and not seen:
            if state["running"]:
                seen.append(True)
            time.sleep(0)

    before = sys.getswitchinterval()
    sys.setswitchinterval(100)
    try:
        watcher = threading.Thread(target=watch)
        watcher.start()
        state["running"] = True
        travel.matrix(places, places)
        state["running"] = False
        state["done"] = True
        watcher.join()
    finally:
        sys.setswitchinterval(before)
    assert seen
