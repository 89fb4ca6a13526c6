from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.cordon.checkpoints import Trips, checkpoints, exit_set
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.streets import read_streets

from .towns import drive, shut_by, towns


@settings(max_examples=80)
@given(towns(), st.integers(1, 3), st.integers(0, 1000))
def test_no_other_places_meet_more_trips(town, count, seed):
    rng = np.random.default_rng(seed)
    jitter = rng.random(town.streets.edge_count)  # one fastest way each, so that both routes are the same
    streets = town.streets
    travel = Travel(streets, streets.time_s + jitter)
    trips = Trips(rng.integers(0, town.size, 8), rng.integers(0, town.size, 8), rng.integers(0, 5, 8).astype(float))
    routes = []
    for i in range(8):
        route = travel.route(Spots.at_nodes(trips.origin[[i]]), Spots.at_nodes(trips.target[[i]]))
        if route is not None and trips.weight[i]:
            routes.append((set(route.nodes.tolist()), trips.weight[i]))
    if not routes:
        with pytest.raises(NoAnswer):
            checkpoints(travel, trips, count)
        return

    def met(places):
        return sum(weight for way, weight in routes if way & set(places))

    best = max(met(places) for places in combinations(range(town.size), min(count, town.size)))
    found = checkpoints(travel, trips, count)
    assert found.certificate.objective == best == met(found.node.tolist())
    assert found.certificate.status == "optimal"
    assert found.node.size <= count
    assert found.passing.tolist() == [met([node]) for node in found.node.tolist()]
    assert found.passing.tolist() == sorted(found.passing, reverse=True)
    assert found.all_trips == sum(weight for _, weight in routes)
    hasty = checkpoints(travel, trips, count, stop=TimeLimit(0))
    assert met(hasty.node.tolist()) == hasty.certificate.objective <= best <= hasty.certificate.bound


@settings(max_examples=80)
@given(towns())
def test_the_exit_set_shuts_every_way_and_no_smaller_one_does(town):
    if town.seen in town.exits:
        with pytest.raises(NoAnswer, match=str(town.streets.node_id[town.seen])):
            exit_set(Travel(town.streets), np.array(town.exits), np.array([town.seen]))
        return
    found = exit_set(Travel(town.streets), np.array(town.exits), np.array([town.seen]))

    def shuts(places):
        return not drive(town, shut_by(town, list(places), [0] * len(places))) & set(town.exits)

    others = [node for node in range(town.size) if node != town.seen]
    fewest = next(k for k in range(town.size) if any(shuts(places) for places in combinations(others, k)))
    assert shuts(found.tolist())
    assert found.size == fewest
    assert town.seen not in found


def test_faults_are_named_together(stlouis):
    travel = Travel(read_streets(stlouis))
    trips = Trips(np.array([0, 1]), np.array([1, 0]), np.array([-1.0, np.nan]))
    with pytest.raises(BadInput) as caught:
        checkpoints(travel, trips, 0)
    assert [fault.where for fault in caught.value.faults] == ["count", "trip 1", "trip 2"]
    nothing = np.zeros(0, np.int64)
    with pytest.raises(BadInput, match="there is no trip"):
        checkpoints(travel, Trips(nothing, nothing, np.zeros(0)), 1)


def test_between_makes_a_trip_each_way_of_every_two():
    trips = Trips.between(np.array([3, 5, 8]))
    pairs = set(zip(trips.origin.tolist(), trips.target.tolist(), strict=True))
    assert pairs == {(3, 5), (5, 3), (3, 8), (8, 3), (5, 8), (8, 5)}
    assert trips.weight.tolist() == [1.0] * 6
