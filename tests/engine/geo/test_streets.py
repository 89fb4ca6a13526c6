import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Streets

from .networks import network, networks

GOOD = {
    "node_id": [1, 2, 3],
    "lon": [0.0, 0.01, 0.02],
    "lat": [0.0, 0.0, 0.0],
    "u": [1, 2, 3, 2],
    "v": [2, 3, 2, 1],
    "length_m": [1100.0] * 4,
    "time_s": [60.0] * 4,
}


def test_all_faults_of_a_network_are_named_at_once():
    bad = GOOD | {
        "node_id": [1, 2, 2],
        "lat": [0.0, 95.0, 0.0],
        "v": [2, 9, 2, 1],
        "length_m": [1100.0, np.nan, 1100.0, 1100.0],
        "time_s": [-1.0, 60.0, np.inf, 60.0],
    }
    with pytest.raises(BadInput) as caught:
        Streets.build(**bad, nodes_name="n.parquet", edges_name="e.parquet")
    where = [fault.where for fault in caught.value.faults]
    assert where == [
        "n.parquet, row 2, column lat",
        "n.parquet, row 3, column node",
        "e.parquet, row 3, column u",
        "e.parquet, row 2, column v",
        "e.parquet, row 2, column length_m",
        "e.parquet, row 1, column time_s",
        "e.parquet, row 3, column time_s",
    ]
    assert all(fault.remedy for fault in caught.value.faults)


def test_thousands_of_faults_are_counted_and_the_first_ones_kept():
    many = GOOD | {"u": [7] * 3000, "v": [8] * 3000, "length_m": [1.0] * 3000, "time_s": [1.0] * 3000}
    with pytest.raises(BadInput) as caught:
        Streets.build(**many)
    assert len(caught.value.faults) + caught.value.more == 6000


def test_odd_things_are_remarked():
    odd = GOOD | {"node_id": [1, 2, 3, 4], "lon": [0, 0.01, 0.02, 0.03], "lat": [0.0] * 4}
    odd |= {"u": [1, 2, 2, 4], "v": [2, 1, 1, 4]}
    text = " ".join(Streets.build(**odd).remarks())
    assert "2 nodes lie outside" in text
    assert "1 edges repeat" in text
    assert "1 edges return" in text
    assert Streets.build(**GOOD).remarks() == []


@given(networks())
def test_edges_keep_their_rows_and_find_their_opposites(streets):
    assert (np.diff(streets.tail) >= 0).all()
    assert (np.diff(streets.head[streets.in_edge]) >= 0).all()
    assert sorted(streets.row.tolist()) == list(range(streets.edge_count))
    pairs = set(zip(streets.tail.tolist(), streets.head.tolist(), strict=True))
    for edge, back in enumerate(streets.opposite):
        there = (int(streets.tail[edge]), int(streets.head[edge]))
        assert (back >= 0) == (there[::-1] in pairs)
        if back >= 0:
            assert (int(streets.head[back]), int(streets.tail[back])) == there


@pytest.mark.parametrize(
    ("point", "node", "fraction"),
    [((0.9, 0.3), 0, 0), ((1.1, 0.0), -1, 0.011), ((60, 30), -1, 0.6), ((-5, 2), 0, 0), ((101, 500), 1, 0)],
)
def test_a_point_within_a_metre_is_the_node_and_others_lie_on_the_nearest_edge(point, node, fraction):
    line = network([0, 1, 0], [1, 0, 0], np.array([10.0, 10, 3]), 2, x_m=[0.0, 100.0], y_m=[0.0, 0.0])
    spot = line.snap(*point)
    assert spot.node[0] == node
    if node < 0:
        edge = int(spot.edge[0])
        along = spot.fraction[0] if line.tail[edge] == 0 else 1 - spot.fraction[0]
        assert along == pytest.approx(fraction)


@given(networks(two_way=True), st.floats(-500, 2000), st.floats(-300, 600))
def test_snapping_finds_no_farther_place_than_the_ends_of_streets(streets, x_m, y_m):
    spot = streets.snap(x_m, y_m)
    proper = streets.tail != streets.head
    ends = np.concatenate([streets.tail[proper], streets.head[proper]])
    to_ends = np.hypot(streets.x_m[ends] - x_m, streets.y_m[ends] - y_m)
    assert spot.off_m[0] <= to_ends.min(initial=np.inf) + 1e-6


def test_a_point_that_is_no_number_is_refused():
    with pytest.raises(BadInput) as caught:
        network([0], [1], np.array([1.0]), 2).snap([0, np.nan, 3], [0, 1, np.inf])
    assert [fault.where for fault in caught.value.faults] == ["point 2", "point 3"]
