from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.cordon.chase import beyond, chase
from shouwang.engine.cordon.contain import contain
from shouwang.engine.errors import BadInput, Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.places import read_rows, spots
from shouwang.tables.streets import read_streets
from shouwang.tables.units import read_units

from .towns import Town, best_rings, drive, shut_by, towns


def town(roads, units, exits, seen, delay_s=0):
    """A town of two-way roads (u, v, seconds) whose nodes lie in a row, so that numbers are indices."""
    size = max(max(u, v) for u, v, _ in roads) + 1
    ways = [*roads, *((v, u, s) for u, v, s in roads)]
    streets = Streets.build(
        node_id=np.arange(size), x_m=np.arange(size) * 10.0, y_m=np.zeros(size), u=[w[0] for w in ways],
        v=[w[1] for w in ways], length_m=[10.0] * len(ways), time_s=[w[2] for w in ways],
    )  # fmt: skip
    assert streets.node_id.tolist() == list(range(size))
    return Town(streets, ways, units, exits, seen, delay_s)


def check_held(town, found):
    """By the second-by-second vehicle, which knows nothing of the engine."""
    arrivals = town.arrivals()
    arrive_s = [arrivals[unit][node] for unit, node in zip(found.unit, found.node, strict=True)]
    assert found.arrive_s.tolist() == arrive_s
    assert (found.arrive_s <= found.needed_before_s).all()
    assert len(set(found.unit.tolist())) == found.unit.size
    assert len(set(found.node.tolist())) == found.node.size
    passed = drive(town, shut_by(town, found.node.tolist(), arrive_s))
    assert not passed & set(town.exits)
    assert passed == set(found.inside.tolist())


def check_beaten(town, found):
    """The escape is a way by road to an exit, ahead of every unit named; with none named, ahead of every unit."""
    seconds = {(u, v): s for u, v, s in sorted(town.roads, key=lambda road: -road[2])}
    arrivals, at_s = town.arrivals(), 0
    named = dict(zip(found.node.tolist(), found.arrive_s.tolist(), strict=True))
    assert found.escape[0] == town.seen
    assert found.escape[-1] in town.exits
    for i, node in enumerate(found.escape.tolist()):
        at_s += seconds[found.escape[i - 1], node] if i else 0
        ahead_of = named.get(node, np.inf) if named or found.bound < np.inf else min(row[node] for row in arrivals)
        assert at_s < ahead_of


@settings(max_examples=120)
@given(towns())
def test_rings_are_the_best_of_all_and_hold_against_any_driving(town):
    fewest, least_inside = best_rings(town)
    for goal, best in (("fewest-units", fewest), ("tightest-area", least_inside)):
        found = contain(town.chase(), goal=goal)
        assert found.contained == np.isfinite(best)
        assert found.bound == best
        if found.contained:
            check_held(town, found)
            assert found.certificate.objective == best
            assert found.certificate.status == "optimal"
        else:
            check_beaten(town, found)
            assert found.certificate is None


@settings(max_examples=80)
@given(towns(most_units=2))
def test_what_would_be_needed_does_contain(town):
    found = contain(town.chase())
    if found.contained:
        assert found.needed is None
        return
    if np.isfinite(found.needed.earlier_s):
        earlier = replace(town, delay_s=town.delay_s - int(found.needed.earlier_s))
        check_held(earlier, contain(earlier.chase()))
    if found.needed.node >= 0:
        standing = town.chase()
        row = np.full((1, town.size), np.inf)
        row[0, found.needed.node] = found.needed.before_s
        helped = contain(replace(standing, arrive_s=np.vstack([standing.arrive_s, row])))
        assert helped.contained
        assert not drive(town, shut_by(town, helped.node.tolist(), helped.arrive_s.tolist())) & set(town.exits)


@settings(max_examples=60)
@given(towns())
def test_out_of_time_the_bound_still_holds(town):
    for goal, best in zip(("fewest-units", "tightest-area"), best_rings(town), strict=True):
        found = contain(town.chase(), goal=goal, stop=TimeLimit(0))
        assert found.bound <= best
        if found.contained:
            check_held(town, found)


def test_a_shut_junction_delays_the_vehicle_elsewhere():
    # Exit 6 lies behind 1; exit 4 behind 3, which is near by way of 1 and far by way of 2. The unit at 1 shuts both
    # near ways at once; the one at 5 comes to 4 too late for a vehicle from 1, in time for one from 2.
    fork = town(
        [(0, 1, 2), (1, 6, 1), (1, 3, 1), (0, 2, 4), (2, 3, 4), (3, 4, 1), (4, 5, 5)], [1, 5], [4, 6], seen=0
    )
    question = fork.chase()
    assert question.reach(np.full(7, np.inf)).at_s[4] == 4 < question.arrive_s[1, 4] == 5
    found = contain(question)
    check_held(fork, found)
    assert dict(zip(found.unit.tolist(), found.node.tolist(), strict=True))[0] == 1
    assert found.needed_before_s.tolist() == [2, 8]


def test_a_unit_that_comes_as_the_vehicle_does_shuts_the_junction_and_one_later_does_not():
    line = [(0, 1, 3), (1, 2, 3), (2, 3, 3)]
    assert contain(town(line, [3], [2], seen=1).chase()).contained
    beaten = contain(town(line, [3], [2], seen=1, delay_s=1).chase())
    assert not beaten.contained
    assert beaten.escape.tolist() == [1, 2]
    assert beaten.bound == np.inf
    assert beaten.needed.earlier_s == 1


def test_a_unit_that_turns_out_later_is_there_so_much_later():
    line = town([(0, 1, 3), (1, 2, 3), (2, 3, 3)], [3], [2], seen=1)
    mask, seen = np.isin(np.arange(4), [2]), Spots.at_nodes([1])

    def held(turnout_s):
        given = {"delay_s": 0, "turnout_s": np.array([turnout_s])}
        return contain(chase(Travel(line.streets), Spots.at_nodes([3]), mask, seen, **given))

    assert held(0.0).arrive_s.tolist() == [3.0]
    assert not held(1.0).contained


def test_the_tightest_ring_is_proven_however_far_out_it_has_to_be():
    # Two ways of 14 streets from 0 to 14, where the only unit stands; the exit lies behind. Near the vehicle two
    # units would do; one has to wait where the ways meet.
    first, second = [*range(15)], [0, *range(15, 28), 14]
    ways = [(u, v, 1) for way in (first, second) for u, v in pairwise(way)]
    loop = town([*ways, (14, 28, 1)], [14], [28], seen=0)
    mask = np.isin(np.arange(loop.size), loop.exits)
    units, seen = Spots.at_nodes([14]), Spots.at_nodes([0])
    found = contain(chase(Travel(loop.streets), units, mask, seen, delay_s=0, speed_factor=0.1), goal="tightest-area")
    assert found.node.tolist() == [14]
    assert found.inside.size == 27 == found.bound


def test_no_way_out_needs_nobody():
    island = town([(0, 1, 1), (2, 3, 1)], [3], [2], seen=0)
    found = contain(island.chase())
    assert found.contained
    assert found.node.size == 0
    assert found.inside.tolist() == [0, 1]


def test_a_vehicle_seen_on_a_street_meets_both_ends_first():
    line = town([(0, 1, 10), (1, 2, 10)], [0], [0, 2], seen=0)
    spot = Spots(np.array([-1]), np.array([0]), np.array([0.25]), np.zeros(1))
    assert (line.streets.tail[0], line.streets.head[0]) == (0, 1)
    seen = chase(Travel(line.streets), Spots.at_nodes([0]), np.zeros(3, bool), spot, delay_s=0, speed_factor=2)
    assert seen.reach(np.full(3, np.inf)).at_s.tolist() == [1.25, 3.75, 8.75]
    closed = Travel(line.streets, line.streets.closing([0]))
    seen = chase(closed, Spots.at_nodes([0]), np.zeros(3, bool), spot, delay_s=0)
    assert seen.reach(np.full(3, np.inf)).at_s.tolist() == [2.5, 7.5, 17.5]


def test_everything_beyond_a_radius_is_away():
    line = town([(0, 1, 1), (1, 2, 1), (2, 3, 1)], [3], [3], seen=0)
    assert beyond(line.streets, Spots.at_nodes([0]), 15).tolist() == [False, False, True, True]
    for radius_m in (0, -1, np.nan, np.inf, 30):
        with pytest.raises(BadInput, match="radius_m"):
            beyond(line.streets, Spots.at_nodes([0]), radius_m)


def test_every_fault_of_a_question_is_named_at_once():
    line = town([(0, 1, 1)], [0], [1], seen=0)
    with pytest.raises(BadInput) as caught:
        chase(Travel(line.streets), Spots.at_nodes([0]), np.zeros(2, bool), Spots.at_nodes([0, 1]), delay_s=-1,
              speed_factor=0)  # fmt: skip
    assert [fault.where for fault in caught.value.faults] == ["delay_s", "speed_factor", "last_seen"]


@settings(max_examples=40)
@given(towns(), st.sampled_from([0.5, 2.0]))
def test_a_faster_vehicle_is_one_on_faster_streets(town, factor):
    units, seen = Spots.at_nodes(town.units), Spots.at_nodes([town.seen])
    mask = np.isin(np.arange(town.size), town.exits)
    fast = contain(chase(Travel(town.streets), units, mask, seen, delay_s=town.delay_s, speed_factor=factor))
    slow_units = replace(town.chase(), arrive_s=town.chase().arrive_s * factor)
    assert fast.bound == contain(slow_units).bound


@pytest.mark.parametrize(("delay_s", "units"), [(0, 4), (180, 11), (300, 14)])
def test_the_city_of_the_contest_is_contained_and_proven(reference, delay_s, units):
    streets = read_streets(reference / "streets" / "cumcm2011b")
    folder = reference / "instances" / "cumcm2011b"
    platforms = read_units(folder / "units_city.csv", streets).spots
    exits = spots(Faults(), read_rows(folder / "exits_city.csv"), streets).node
    mask = np.isin(np.arange(streets.node_count), exits)
    seen = Spots.at_nodes(streets.index_of([32]))
    question = chase(Travel(streets), platforms, mask, seen, delay_s=delay_s)
    for goal in ("fewest-units", "tightest-area"):
        found = contain(question, goal=goal)
        assert found.contained
        assert found.certificate.status == "optimal"
        passed = drive_far(streets, int(seen.node[0]), found.node.tolist(), found.arrive_s.tolist())
        assert not passed & set(exits.tolist())
        assert passed == set(found.inside.tolist())
        if goal == "fewest-units":
            assert found.node.size == units


def drive_far(streets, start, nodes, arrive_s):
    """Nodes a vehicle can pass, by going on from whatever improved until nothing does: no order of time assumed."""
    shut_s = dict(zip(nodes, arrive_s, strict=True))
    at_s, todo = {start: 0.0}, [start]
    while todo:
        node = todo.pop(0)
        if at_s[node] >= shut_s.get(node, np.inf):
            continue
        for edge in range(streets.out_start[node], streets.out_start[node + 1]):
            end, end_s = int(streets.head[edge]), at_s[node] + float(streets.time_s[edge])
            if end_s < at_s.get(end, np.inf):
                at_s[end] = end_s
                todo.append(end)
    return {node for node, reached_s in at_s.items() if reached_s < shut_s.get(node, np.inf)}
