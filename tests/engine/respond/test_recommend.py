import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.outlook import Demand, Outlook, Rules, times_to
from shouwang.engine.respond.recommend import Units, recommend

from .conftest import line


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
    demand = Demand(np.array([0, 1, 5]), np.array([2.0, 1.0, 7.0]))
    outlook = Outlook.measure(times_to(travel, units.spots, demand), units.free, demand, Rules(within_s=10))
    assert outlook.share == 1.0
    assert outlook.lost.tolist() == pytest.approx([0.3, 0, 0])
    advice = recommend(travel, Spots.at_nodes(1), units, k=3, outlook=outlook)
    assert next((one.unit, one.cover_lost) for one in advice.recommendations) == (0, pytest.approx(0.3))
    assert all(one.price_s == outlook.price_s[one.unit] for one in advice.recommendations)
    assert codes(advice.recommendations[0]) == ["nearest", "leaves_gap"]
    assert codes(advice.recommendations[1]) == ["later", "keeps_cover"]


def test_bad_arrays_are_refused_with_all_faults():
    with pytest.raises(BadInput) as caught:
        Units.at(Spots.at_nodes([0, 1]), free=np.ones(3, bool), delay_s=np.array([-1.0, 0.0]))
    assert [fault.where for fault in caught.value.faults] == ["free", "delay_s"]
