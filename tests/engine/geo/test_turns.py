import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel

from .networks import METRES_A_SECOND, networks


def with_barred(streets, pairs):
    """The same network, with pairs of its edges (indices) barred."""
    rows = streets.row[np.array(pairs, int).reshape(-1, 2)]
    ids, back = streets.node_id, np.argsort(streets.row)
    return Streets.build(
        node_id=ids, x_m=streets.x_m, y_m=streets.y_m,
        u=ids[streets.tail][back], v=ids[streets.head][back],
        length_m=streets.length_m[back], time_s=streets.time_s[back], barred=rows,
    )  # fmt: skip


@st.composite
def barred_networks(draw):
    streets = draw(networks(most_nodes=8, two_way=draw(st.booleans())))
    turns = np.argwhere(streets.head[:, None] == streets.tail[None, :]).tolist()
    chosen = draw(st.lists(st.sampled_from(turns), max_size=12)) if turns else []
    return with_barred(streets, chosen)


def entered_s(streets, time_s, begin):
    """Seconds until each edge is entered, by Bellman and Ford on edges; `begin` holds those entered at the start."""
    barred = {tuple(pair) for pair in streets.barred.tolist()}
    at_s = begin.copy()
    for _ in range(streets.edge_count):
        for e in range(streets.edge_count):
            for f in np.flatnonzero(streets.tail == streets.head[e]):
                if (e, int(f)) not in barred:
                    at_s[f] = min(at_s[f], at_s[e] + time_s[e])
    return at_s


def expected_s(streets, time_s):
    """Times between all nodes: any exit may be taken first, and a place counts as reached by any approach."""
    result = np.full((streets.node_count,) * 2, np.inf)
    for node in range(streets.node_count):
        at_s = entered_s(streets, time_s, np.where(streets.tail == node, 0.0, np.inf)) + time_s
        np.minimum.at(result[node], streets.head, at_s)
        result[node, node] = 0
    return result


@settings(max_examples=60)
@given(barred_networks(), st.data())
def test_every_question_obeys_barred_turns(streets, data):
    factor = np.array(data.draw(st.lists(st.sampled_from([1.0, 2.0, np.inf]), min_size=1, max_size=20)))
    time_s = streets.time_s * np.resize(factor, streets.edge_count)
    travel, expected = Travel(streets).under(time_s), expected_s(streets, time_s)
    every = Spots.at_nodes(np.arange(streets.node_count))
    np.testing.assert_allclose(travel.matrix(every, every), expected)
    node = data.draw(st.integers(0, streets.node_count - 1))
    np.testing.assert_allclose(travel.from_one(every[[node]]), expected[node])
    np.testing.assert_allclose(travel.from_one(every[[node]], reverse=True), expected[:, node])
    near = travel.k_nearest(every[[node]], every, streets.node_count)
    np.testing.assert_allclose(near.seconds, np.sort(expected[:, node])[: near.seconds.size])
    np.testing.assert_allclose(travel.two_nearest(every[[node]]).seconds[:, 0], expected[node])
    begin = np.where(streets.tail == node, 0.0, np.inf)
    np.testing.assert_allclose(travel.entered_s(every[[node]]), entered_s(streets, time_s, begin))


@settings(max_examples=60)
@given(barred_networks(), st.data())
def test_a_route_takes_no_barred_turn(streets, data):
    node = st.integers(0, streets.node_count - 1)
    a, b = data.draw(node), data.draw(node)
    route = Travel(streets).route(Spots.at_nodes(a), Spots.at_nodes(b))
    expected = expected_s(streets, streets.time_s)[a, b]
    if route is None:
        assert expected == np.inf
        return
    assert route.seconds == pytest.approx(expected)
    assert streets.time_s[route.edges].sum() == pytest.approx(expected)
    assert [route.nodes[0], route.nodes[-1]] == [a, b]
    assert streets.tail[route.edges].tolist() == route.nodes[:-1].tolist()
    assert streets.head[route.edges].tolist() == route.nodes[1:].tolist()
    taken = set(zip(route.edges[:-1].tolist(), route.edges[1:].tolist(), strict=True))
    assert taken.isdisjoint(map(tuple, streets.barred.tolist()))


@settings(max_examples=60)
@given(barred_networks(), st.data())
def test_points_on_edges_obey_them_too(streets, data):
    proper = [e for e in range(streets.edge_count) if streets.tail[e] != streets.head[e]]
    if not proper:
        return
    (e, f), (g, h) = ((data.draw(st.sampled_from(proper)), data.draw(st.floats(0.1, 0.9))) for _ in range(2))
    spots = Spots(np.full(2, -1), np.array([e, g]), np.array([f, h]), np.zeros(2))
    time_s, back = streets.time_s, streets.opposite
    begin, best = np.full(streets.edge_count, np.inf), np.inf
    for edge, share, goal in ((e, f, h if e == g else np.nan), (int(back[e]), 1 - f, 1 - h if e == g else np.nan)):
        if edge >= 0:
            begin[edge] = -share * time_s[edge]  # as if it had been entered before
            if goal >= share:
                best = min(best, (goal - share) * time_s[edge])
    reached = np.full(streets.edge_count, np.inf)
    barred = {tuple(pair) for pair in streets.barred.tolist()}
    for edge in np.flatnonzero(begin < np.inf):
        for onto in np.flatnonzero(streets.tail == streets.head[edge]):
            if (int(edge), int(onto)) not in barred:
                reached[onto] = min(reached[onto], begin[edge] + time_s[edge])
    at_s = entered_s(streets, time_s, reached)
    best = min(best, at_s[g] + h * time_s[g])
    if back[g] >= 0:
        best = min(best, at_s[back[g]] + (1 - h) * time_s[back[g]])
    if (back[e] >= 0 and back[back[e]] != e) or (back[g] >= 0 and back[back[g]] != g) or e == back[g]:
        return  # of edges that repeat one another it is open which one is the way back
    assert Travel(streets).matrix(spots[[0]], spots[[1]])[0, 0] == pytest.approx(best, abs=1e-9)
    route = Travel(streets).route(spots[[0]], spots[[1]])
    assert (np.inf if route is None else route.seconds) == pytest.approx(best, abs=1e-9)
    assert route is None or route.length_m == pytest.approx(best * METRES_A_SECOND, abs=1e-6)


def test_turns_that_join_no_two_edges_are_refused():
    good = {"node_id": [1, 2, 3], "x_m": [0.0, 1, 2], "y_m": [0.0, 0, 0], "u": [1, 2], "v": [2, 3]}
    good |= {"length_m": [1.0, 1], "time_s": [1.0, 1]}
    assert len(Streets.build(**good, barred=[(0, 1)]).barred) == 1
    with pytest.raises(BadInput) as caught:
        Streets.build(**good, barred=[(1, 0), (0, 7), (0, 1)], edges_name="e")
    assert [(fault.where, fault.value) for fault in caught.value.faults] == [
        ("e, row 2, column barred", 0),
        ("e, row 1, column barred", 7),
    ]
