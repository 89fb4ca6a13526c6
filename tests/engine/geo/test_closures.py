"""Roads under closures: what is shut, who is let in, and which times still hold."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.closures import WALK_M_S, Closure, Difference, Passable, stretch, times_under, touched
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel

from .networks import METRES_A_SECOND, all_pairs_s, network, networks

INF = np.inf


def line(nodes=6, seconds=10.0, two_way=True):
    """A street of some nodes, with a side street at node 2 and node 4 (numbers nodes and nodes + 1)."""
    u = [*range(nodes - 1), 2, 4]
    v = [*range(1, nodes), nodes, nodes + 1]
    if two_way:
        u, v = u + v, v + u
    x = np.array([*range(nodes), 2, 4]) * 100.0
    y = np.array([0.0] * nodes + [100.0, 100.0])
    return network(u, v, [seconds] * len(u), nodes + 2, x_m=x, y_m=y)


def nodes_of(streets, edges):
    number = (streets.node_id - 5) // 10
    return [*number[streets.tail[edges]].tolist(), int(number[streets.head[edges[-1]]])]


@pytest.mark.parametrize(("x", "expected"), [
    (50, [0, 1, 2]), (150, [0, 1, 2]), (210, [2, 3, 4]), (390, [2, 3, 4]), (450, [4, 5])])
@pytest.mark.parametrize("two_way", [True, False])
def test_a_stretch_runs_from_junction_to_junction(x, expected, two_way):
    streets = line(two_way=two_way)
    found = nodes_of(streets, stretch(streets, streets.snap([x], [3.0])))
    assert found == expected or (two_way and found == expected[::-1])


def test_a_stretch_of_a_ring_or_of_a_single_street_ends():
    ring = network([0, 1, 2, 1, 2, 0], [1, 2, 0, 0, 1, 2], [5.0] * 6, 3, x_m=np.array([0.0, 100, 50]),
                   y_m=np.array([0.0, 0, 80]))
    assert 1 <= len(stretch(ring, ring.snap([50], [1.0]))) <= 3
    lone = network([0, 1], [1, 0], [5.0, 5.0], 2)
    assert len(stretch(lone, lone.snap([50], [1.0]))) == 1
    assert len(stretch(lone, Spots.at_nodes([0]))) == 1


def test_the_largest_factor_holds_and_others_stay():
    streets = line()
    given = [Closure(np.array([0, 1]), 2.0), Closure(np.array([1, 2]), 3.0), Closure(np.array([3]))]
    times = times_under(streets, given)
    assert times[:5].tolist() == [20.0, 30.0, 30.0, INF, 10.0]


@pytest.mark.parametrize(("edges", "factor"), [([0], 1.0), ([0], 0.5), ([0], np.nan), ([99], 2.0), ([-1], INF)])
def test_a_closure_that_is_none_is_refused(edges, factor):
    with pytest.raises(BadInput):
        times_under(line(), [Closure(np.array(edges), factor)])


def test_an_area_takes_every_street_it_touches():
    streets = line()
    found = touched(streets, shapely.box(250, -10, 260, 10))
    number = (streets.node_id - 5) // 10
    assert {frozenset(p) for p in zip(number[streets.tail[found]], number[streets.head[found]], strict=True)} == {
        frozenset({2, 3})}


def test_those_whose_place_is_on_a_shut_stretch_walk_to_the_nearest_open_junction():
    streets = line()
    closed = stretch(streets, streets.snap([250], [0.0]))  # 2 — 3 — 4, each 100 m apart
    both = np.union1d(closed, streets.opposite[closed])
    roads = Passable(streets, [Closure(both)])
    spots = streets.snap([230.0, 300.0, 390.0, 50.0], [0.0, 0.0, 0.0, 0.0])
    placed, wait_s = roads.place(spots)
    number = (streets.node_id - 5) // 10
    assert number[placed.node[:3]].tolist() == [2, 2, 4] or number[placed.node[:3]].tolist() == [2, 4, 4]
    edge_m = 10.0 * METRES_A_SECOND
    np.testing.assert_allclose(wait_s, [0.3 * edge_m / WALK_M_S, edge_m / WALK_M_S, 0.1 * edge_m / WALK_M_S, 0.0])
    assert placed.edge[3] == spots.edge[3] and placed.fraction[3] == spots.fraction[3]
    ends = (Spots.at_nodes(streets.index_of([n])) for n in (25, 45))
    assert np.isinf(roads.travel.matrix(*ends)).all()


def test_a_street_shut_one_way_is_left_by_the_other():
    streets = line()
    closed = stretch(streets, streets.snap([250], [0.0]))
    roads = Passable(streets, [Closure(closed)])
    spots = streets.snap([230.0], [0.0])
    placed, wait_s = roads.place(spots)
    assert wait_s.tolist() == [0.0] and placed.edge[0] == spots.edge[0]
    assert np.isfinite(roads.travel.matrix(placed, Spots.at_nodes(np.arange(8)))).sum() >= 4


def test_without_an_open_junction_a_place_stays_out_of_reach():
    streets = line()
    roads = Passable(streets, [Closure(np.arange(streets.edge_count))])
    placed, wait_s = roads.place(streets.snap([230.0], [0.0]))
    assert placed.node[0] == -1 and wait_s[0] == 0.0


@st.composite
def closed(draw, streets):
    edges = draw(st.lists(st.integers(0, streets.edge_count - 1), max_size=6))
    factor = draw(st.sampled_from([1.5, 4.0, INF]))
    return [Closure(np.unique(np.array(edges, np.int64)), factor)] if edges else []


@given(networks(), st.data())
def test_times_that_are_not_touched_still_hold(streets, data):
    """From a node or from a place on an edge, from one set of closures to another: what `touches` lets stand is what a
    new search finds."""
    before, after = (Passable(streets, data.draw(closed(streets))) for _ in range(2))
    what = Difference.between(before.travel, after.travel)
    x_m = data.draw(st.floats(-50, 1400))
    raw = streets.snap([x_m], [data.draw(st.floats(-50, 350))])

    def row(roads):
        spot, wait_s = roads.place(raw)
        return roads.travel.from_one(spot) + wait_s[0]

    old, let_in = row(before), max(roads.place(raw)[1][0] for roads in (before, after))
    if not let_in and not what.touches(old, raw):
        np.testing.assert_allclose(row(after), old)


@given(networks(), st.data())
def test_closures_agree_with_scipy(streets, data):
    roads = Passable(streets, data.draw(closed(streets)))
    every = Spots.at_nodes(np.arange(streets.node_count))
    np.testing.assert_allclose(roads.travel.matrix(every, every), all_pairs_s(streets, roads.travel.time_s))
    back = roads.under([])
    np.testing.assert_allclose(back.travel.time_s, Travel(streets).time_s)
