import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots
from shouwang.engine.simulate import roads as module
from shouwang.engine.simulate.roads import Roads

from .cases import lanes, somewhere


def measured(seed):
    rng = np.random.default_rng(seed)
    travel = lanes(rng)
    calls, posts = somewhere(rng, travel.streets, 6), somewhere(rng, travel.streets, 3)
    return travel, calls, posts, Roads.measure(travel, calls, posts)


def both(calls, posts):
    columns = ("node", "edge", "fraction", "off_m")
    return Spots(*(np.concatenate([getattr(calls, name), getattr(posts, name)]) for name in columns))


@pytest.mark.parametrize("seed", range(40))
def test_times_are_those_of_travel(seed):
    travel, calls, posts, roads = measured(seed)
    places = both(calls, posts)
    np.testing.assert_allclose(roads.near_s, travel.matrix(places, calls).T, rtol=1e-6)
    np.testing.assert_allclose(roads.way["seconds"][:, : len(places)], travel.matrix(places, posts).T, rtol=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_under_each_state_calls_have_places_of_their_own(seed):
    travel, calls, posts, _ = measured(seed)
    shut = travel.under(travel.streets.closing(np.arange(0, travel.streets.edge_count, 5)))
    roads, places = Roads.measure([travel, shut], calls, posts), both(calls, posts)
    assert roads.call_count == 2 * len(calls)
    for state, here in enumerate((travel, shut)):
        rows = state * len(calls) + np.arange(len(calls))
        columns = np.concatenate([rows, roads.call_count + np.arange(len(posts))])
        np.testing.assert_allclose(roads.near_s[np.ix_(rows, columns)], here.matrix(places, calls).T, rtol=1e-6)
        np.testing.assert_allclose(roads.way["seconds"][:, rows], here.matrix(calls, posts).T, rtol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_a_way_home_passes_the_junctions_of_the_route_and_no_time_is_lost(seed):
    travel, calls, posts, roads = measured(seed)
    places = both(calls, posts)
    neighbours = [set() for _ in range(travel.streets.node_count)]
    for a, b in zip(travel.streets.tail.tolist(), travel.streets.head.tolist(), strict=True):
        neighbours[a].add(b)
        neighbours[b].add(a)
    crossings = {node for node, others in enumerate(neighbours) if len(others) != 2}
    for h in range(len(posts)):
        for start in range(len(places)):
            left_s = float(roads.way["seconds"][h, start])
            if np.isinf(left_s):
                assert roads.way["ahead"][h, start] == -1
                continue
            route = travel.route(places[[start]], posts[[h]])
            assert left_s == pytest.approx(route.seconds, rel=1e-6)
            place, passed = start, 0
            while place != len(calls) + h:
                place = int(roads.way["ahead"][h, place])
                now_left_s = float(roads.way["seconds"][h, place])
                assert now_left_s <= left_s
                left_s, passed = now_left_s, passed + 1
            on_route = crossings & set(route.nodes.tolist())
            starts_there = places.node[start] >= 0 and int(places.node[start]) in crossings
            assert passed - 1 == pytest.approx(len(on_route) - starts_there, abs=1)  # equal ways may differ


def test_a_closed_road_is_not_used():
    travel, calls, posts, roads = measured(3)
    shut = travel.under(np.full(travel.streets.edge_count, np.inf))
    barred = Roads.measure(shut, Spots.at_nodes([0]), Spots.at_nodes([1]))
    assert np.isinf(barred.near_s[0, 1])
    assert barred.way["ahead"][0, 0] == -1
    assert np.isfinite(roads.near_s).any()
    assert len(calls) == roads.call_count
    assert len(posts) == roads.post_count


def test_a_table_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 50)
    with pytest.raises(BadInput, match="too many places"):
        measured(1)


@pytest.mark.parametrize(
    ("calls_s", "posts_s", "where"),
    [([[0, 1, 2]], [[1, 0]], "to_call_s"), ([[0, -1]], [[1, 0]], "to_call_s"), ([[0, 1]], [[np.nan, 0]], "to_post_s")],
)
def test_tables_of_ones_own_are_checked(calls_s, posts_s, where):
    with pytest.raises(BadInput) as error:
        Roads.given(calls_s, posts_s)
    assert where in {fault.where for fault in error.value.faults}
