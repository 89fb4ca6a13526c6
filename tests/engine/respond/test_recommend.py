import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.cover import Cover
from shouwang.engine.respond.recommend import Units, recommend


def line(nodes=6, seconds=10.0):
    """A two-way street of nodes 0 … n-1, 120 m and so many seconds apart."""
    u = np.concatenate([np.arange(nodes - 1), np.arange(1, nodes)])
    v = np.concatenate([np.arange(1, nodes), np.arange(nodes - 1)])
    size = 2 * (nodes - 1)
    return Streets.build(
        node_id=np.arange(nodes), x_m=np.arange(nodes) * 120.0, y_m=np.zeros(nodes), u=u, v=v,
        length_m=np.full(size, 120.0), time_s=np.full(size, seconds),
    )  # fmt: skip


def codes(one):
    return [reason.code for reason in one.reasons]


def test_the_nearest_come_first_each_with_its_reason():
    advice = recommend(Travel(line()), Spots.at_nodes(0), Units.at(Spots.at_nodes([4, 1, 2])), k=2)
    assert [(one.unit, one.eta_s, one.distance_m) for one in advice.recommendations] == [(1, 10, 120), (2, 20, 240)]
    assert [codes(one) for one in advice.recommendations] == [["nearest"], ["later"]]
    assert advice.recommendations[1].reasons[0].values == {"by_s": 10.0}
    assert advice.left_out == {}


def test_busy_and_unable_units_are_left_out_and_counted():
    units = Units.at(
        Spots.at_nodes([0, 1, 2, 3]),
        free=np.array([False, True, True, True]),
        able=np.array([True, False, True, True]),
    )
    advice = recommend(Travel(line()), Spots.at_nodes(0), units, k=5)
    assert [one.unit for one in advice.recommendations] == [2, 3]
    assert advice.left_out == {"busy": 1, "unable": 1}


def test_units_without_a_road_are_left_out_and_the_last_one_is_called_the_only():
    streets = line()
    times = streets.closing(np.flatnonzero((streets.tail == 2) & (streets.head == 3)))
    advice = recommend(Travel(streets, times), Spots.at_nodes(0), Units.at(Spots.at_nodes([1, 4, 5])), k=3)
    assert [one.unit for one in advice.recommendations] == [0]
    assert codes(advice.recommendations[0]) == ["only"]
    assert advice.left_out == {"cut_off": 2}
    nobody = recommend(Travel(streets, times), Spots.at_nodes(0), Units.at(Spots.at_nodes([4])), k=3)
    assert nobody.recommendations == ()


def test_turnout_counts_into_arrival():
    units = Units.at(Spots.at_nodes([1, 2]), delay_s=np.array([60.0, 0.0]))
    advice = recommend(Travel(line()), Spots.at_nodes(0), units, k=2)
    assert [(one.unit, one.eta_s) for one in advice.recommendations] == [(1, 20), (0, 70)]


def test_each_unit_says_what_its_leaving_costs():
    travel = Travel(line(6))
    units = Units.at(Spots.at_nodes([0, 5, 5]))
    demand_node, demand = np.array([0, 1, 5]), np.array([2.0, 1.0, 7.0])
    cover = Cover.measure(travel, units.spots, units.free, demand_node, demand, within_s=10)
    assert cover.share == 1.0
    assert cover.lost.tolist() == pytest.approx([0.3, 0, 0])
    advice = recommend(travel, Spots.at_nodes(1), units, k=3, cover=cover)
    assert next((one.unit, one.cover_lost) for one in advice.recommendations) == (0, pytest.approx(0.3))
    assert codes(advice.recommendations[0]) == ["nearest", "leaves_gap"]
    assert codes(advice.recommendations[1]) == ["later", "keeps_cover"]


@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([15.0, 30.0, 45.0]))
def test_cover_and_its_loss_equal_counting_by_hand(seed, count, within_s):
    rng = np.random.default_rng(seed)
    streets = line(9)
    travel = Travel(streets)
    at, free = rng.integers(0, 9, count), rng.random(count) < 0.7
    node, demand = rng.integers(0, 9, 7), rng.random(7)
    cover = Cover.measure(travel, Spots.at_nodes(at), free, node, demand, within_s)

    def share(who):
        near = [(abs(at[who] - n) * 10.0 <= within_s).any() for n in node]
        return demand[near].sum() / demand.sum()

    everyone = np.flatnonzero(free)
    assert cover.share == pytest.approx(share(everyone) if everyone.size else 0.0)
    for unit in range(count):
        others = everyone[everyone != unit]
        expected = cover.share - (share(others) if others.size else 0.0) if free[unit] else 0.0
        assert cover.lost[unit] == pytest.approx(expected, abs=1e-12)


def test_bad_arrays_are_refused_with_all_faults():
    with pytest.raises(BadInput) as caught:
        Units.at(Spots.at_nodes([0, 1]), free=np.ones(3, bool), delay_s=np.array([-1.0, 0.0]))
    assert [fault.where for fault in caught.value.faults] == ["free", "delay_s"]
    with pytest.raises(BadInput) as caught:
        Cover.measure(
            Travel(line()), Spots.at_nodes([0]), np.ones(1, bool), np.array([0, 1]), np.array([-1, np.nan]), 0.0
        )
    assert len(caught.value.faults) == 3
