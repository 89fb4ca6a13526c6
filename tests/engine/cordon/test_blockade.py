from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.cordon.blockade import blockade
from shouwang.engine.errors import BadInput, Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.tables.places import read_rows, spots
from shouwang.tables.streets import read_streets
from shouwang.tables.units import read_units

from .towns import towns


@settings(max_examples=150)
@given(towns(most_units=5), st.integers(0, 1000))
def test_the_latest_and_then_the_total_are_the_least_of_all_assignments(town, seed):
    count = min(town.size, int(np.random.default_rng(seed).integers(1, 4)))
    exits = np.random.default_rng(seed).choice(town.size, count, replace=False)
    times = np.array(town.arrivals()) - town.delay_s
    plans = [times[list(who), exits] for who in permutations(range(len(town.units)), count)]
    best = min(((plan.max(), plan.sum()) for plan in plans if np.isfinite(plan).all()), default=None)
    travel, units = Travel(town.streets), Spots.at_nodes(town.units)
    if best is None:
        with pytest.raises(NoAnswer):
            blockade(travel, units, exits)
        return
    found = blockade(travel, units, exits)
    assert (found.latest_s, found.total_s) == best
    assert found.arrive_s.tolist() == times[found.unit, exits].tolist()
    assert len(set(found.unit.tolist())) == count


@given(towns(most_units=4), st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_turning_out_counts_as_driving(town, turnout_s):
    travel, units, exits = Travel(town.streets), Spots.at_nodes(town.units), np.array([0])
    late = np.array(turnout_s[: len(town.units)], float)
    soonest = (np.array(town.arrivals())[:, 0] - town.delay_s + late).min()
    if np.isfinite(soonest):
        assert blockade(travel, units, exits, turnout_s=late).latest_s == soonest


def test_faults_and_missing_answers_name_the_exits(stlouis):
    streets = read_streets(stlouis)
    travel, units = Travel(streets), Spots.at_nodes([0, 1, 2])
    name = streets.node_id
    for exits, what in (([], "no exit"), ([5, 7, 5], f"twice.*{name[5]}"), ([streets.node_count], "not a node")):
        with pytest.raises(BadInput, match=what):
            blockade(travel, units, np.array(exits, np.int64))
    with pytest.raises(NoAnswer, match="3 units for 4 exits"):
        blockade(travel, units, np.arange(4))
    with pytest.raises(NoAnswer, match="0 units for 1 exits"):
        blockade(travel, Spots.at_nodes([]), np.arange(1))
    cut_off = streets.time_s.copy()
    cut_off[(streets.head == 9) | (streets.head == 11)] = np.inf
    with pytest.raises(NoAnswer, match=f"No unit can reach these exits: {name[9]}, {name[11]}"):
        blockade(travel.under(cut_off), units, np.array([9, 30, 11]))


def test_exits_that_compete_for_too_few_units_are_named():
    # Only the unit at 0 gets to 1 and 2; the other two get to 4 alone.
    streets = Streets.build(
        node_id=range(5), x_m=range(0, 50, 10), y_m=[0] * 5, u=[0, 0, 3], v=[1, 2, 4], length_m=[1] * 3, time_s=[1] * 3
    )
    assert streets.node_id.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(NoAnswer, match=r"^Only 1 units can reach these 2 exits: 1, 2\.$"):
        blockade(Travel(streets), Spots.at_nodes([0, 3, 3]), np.array([1, 4, 2]))


@pytest.mark.parametrize(
    ("where", "latest_s", "total_s"), [("city", 760.816413, 5166.596873), ("district_a", 480.927412, 2771.309367)]
)
def test_the_contest_is_closed_exactly(reference, where, latest_s, total_s):
    streets = read_streets(reference / "streets" / "cumcm2011b")
    folder = reference / "instances" / "cumcm2011b"
    units = read_units(folder / f"units_{where}.csv", streets).spots
    exits = spots(Faults(), read_rows(folder / f"exits_{where}.csv"), streets).node
    found = blockade(Travel(streets), units, exits)
    assert (found.latest_s, found.total_s) == pytest.approx((latest_s, total_s), abs=1e-5)
