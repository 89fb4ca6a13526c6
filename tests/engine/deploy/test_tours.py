from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.on_streets import street_of
from shouwang.engine.deploy.seen import seen_per_hour
from shouwang.engine.deploy.tours import Floor, Rules, hot_places, plan_tours
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel

SIDE = 8
NIGHT = Rules(((0.0, 4 * 3600.0), (5 * 3600.0, 8 * 3600.0)))


def city(seconds=30.0):
    """A grid of two-way streets."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    u, v = np.concatenate([east, north, east[:, ::-1], north[:, ::-1]]).T
    y, x = np.divmod(np.arange(SIDE * SIDE), SIDE)
    return Streets.build(
        node_id=np.arange(SIDE * SIDE), x_m=x * 250.0, y_m=y * 250.0, u=u, v=v,
        length_m=np.full(u.size, 250.0), time_s=np.full(u.size, seconds),
    )  # fmt: skip


TRAVEL = Travel(city())


def planned(seed, units=3, stops=12, share=None, rules=NIGHT):
    rng = np.random.default_rng(seed)
    streets = TRAVEL.streets
    nodes = rng.choice(streets.node_count, units + stops, replace=False)
    demand = rng.random(streets.edge_count)[street_of(streets)]
    floor = None
    if share is not None:
        reach_s = TRAVEL.matrix(Spots.at_nodes(nodes), Spots.at_nodes(np.arange(streets.node_count)))
        weight = rng.random(streets.node_count)
        at_posts = weight[(reach_s[:units] <= 150.0).any(axis=0)].sum() / weight.sum()
        floor = Floor(reach_s, weight, 150.0, share * at_posts)
    tours = plan_tours(TRAVEL, nodes[:units], nodes[units:], rng.random(stops), demand, rules, rng, floor)
    return tours, nodes, demand, floor


def legs(tour, rules):
    """Per window its visits, one after the other."""
    for start_s, end_s in rules.windows_s:
        yield start_s, end_s, [v for v in tour.visits if start_s <= v.arrive_s <= end_s]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 20), st.sampled_from([None, 0.5, 0.9]))
@example(10, 2, 9, None)  # a stop drawn for next that is due before a long way leads there
@example(34, 3, 20, None)
def test_units_drive_what_they_say_and_dwell_and_come_again_as_the_rules_want(seed, units, stops, share):
    tours, nodes, _, _ = planned(seed, units, stops, share)
    streets, gaps, last_gaps, longer = TRAVEL.streets, [], [], 0
    assert sorted([*tours.left_out, *(s for t in tours.tours for s in t.stops)]) == list(range(stops))
    for unit, tour in enumerate(tours.tours):
        assert (np.diff(tour.at_s) >= 0).all()
        for start_s, end_s, visits in legs(tour, NIGHT):
            assert (visits[0].stop, visits[0].arrive_s) == (-1, start_s)
            assert (visits[-1].stop, visits[-1].leave_s) == (-1, end_s)
            left_s = dict.fromkeys(tour.stops.tolist(), start_s)
            for before, after in pairwise(visits):
                way = (tour.at_s >= before.leave_s - 1e-6) & (tour.at_s < after.arrive_s - 1e-6)
                walk = [nodes[units + before.stop] if before.stop >= 0 else nodes[unit]]
                for edge in tour.edges[way]:
                    assert streets.tail[edge] == walk[-1]
                    walk.append(streets.head[edge])
                assert walk[-1] == (nodes[units + after.stop] if after.stop >= 0 else nodes[unit])
                assert TRAVEL.time_s[tour.edges[way]].sum() == pytest.approx(after.arrive_s - before.leave_s)
                if after.stop >= 0:
                    gaps.append(after.arrive_s - left_s[after.stop])
                    left_s[after.stop] = after.leave_s
                    assert after.leave_s - after.arrive_s >= 600 - 1e-6
                    longer += after.leave_s - after.arrive_s > 960 + 1e-6
            touring_s = visits[-2].leave_s if len(visits) > 1 else end_s
            last_gaps += [touring_s - left for left in left_s.values()]
    assert longer == tours.overstayed
    assert tours.longest_gap_s == pytest.approx(max(gaps + last_gaps, default=0.0))
    if share is None:
        assert (tours.late, tours.overstayed, tours.cover) == (0, 0, 1.0)
        assert max(gaps, default=0.0) <= 7200 + 1e-6
        assert max(last_gaps, default=0.0) <= 7200 + 600 + 14 * 30  # the last stop and the way home


def cover_at(tours, floor, units, now_s):
    """Share of weight that some unit reaches in time, those on their way after arriving where they go."""
    covers = np.zeros(floor.weight.size, bool)
    for unit, tour in enumerate(tours.tours):
        later = next(v for v in tour.visits if v.leave_s > now_s)
        start_s = max(s for s, _ in NIGHT.windows_s if s <= max(now_s, later.arrive_s))
        before_s = max(0.0, later.arrive_s - now_s) if later.arrive_s > start_s else 0.0
        covers |= floor.reach_s[unit if later.stop < 0 else units + later.stop] + before_s <= floor.within_s
    return floor.weight[covers].sum() / floor.weight.sum()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.95]))
def test_no_unit_sets_out_to_a_stop_below_the_floor_and_the_least_cover_is_told(seed, share):
    tours, _, _, floor = planned(seed, 3, 9, share)
    for now_s in np.random.default_rng(seed).uniform(0, 8 * 3600, 100):
        assert cover_at(tours, floor, 3, now_s) >= tours.cover - 1e-9
    for tour in tours.tours:
        for before, after in pairwise(tour.visits):
            if after.stop >= 0:
                assert cover_at(tours, floor, 3, before.leave_s) >= floor.share - 1e-9


def test_what_is_seen_is_what_was_passed_in_the_hour():
    tours, _, demand, _ = planned(5)
    streets, street = TRAVEL.streets, street_of(TRAVEL.streets)
    total = sum(demand[s] * 250 for s in np.unique(street))
    for hour, seen in enumerate(tours.seen):
        passed = {int(s) for t in tours.tours for s in street[t.edges[t.at_s // 3600 == hour]]}
        assert seen == pytest.approx(sum(demand[s] * 250 for s in passed) / total)
    assert tours.seen[4] == 0  # at the posts
    assert tours.certificate.objective == pytest.approx(tours.seen.mean())
    assert tours.certificate.objective <= tours.certificate.bound <= 1
    nobody = seen_per_hour(streets, demand, np.zeros(0, np.int64), np.zeros(0), 3)
    assert nobody.tolist() == [0, 0, 0]


def test_the_same_seed_gives_the_same_tours_and_another_one_another_order():
    def order(seed):
        rng = np.random.default_rng(0)
        demand, nodes = rng.random(TRAVEL.streets.edge_count), rng.choice(64, 8, replace=False)
        drawn = np.random.default_rng(seed)
        tours = plan_tours(TRAVEL, nodes[:1], nodes[1:], np.ones(7), demand, NIGHT, drawn)
        return [v.stop for v in tours.tours[0].visits]

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(8)}) == 8


def test_heavy_stops_come_first_where_time_is_short():
    weight = np.arange(40.0)
    demand = np.ones(TRAVEL.streets.edge_count)
    tours = plan_tours(TRAVEL, np.array([27]), np.arange(40), weight, demand, NIGHT, np.random.default_rng(0))
    assert tours.left_out.size > 20
    assert set(tours.tours[0].stops) >= {39, 38, 37}
    assert tours.late == 0


def test_hot_places_are_apart_and_the_hottest_comes_first():
    demand = np.random.default_rng(1).random(TRAVEL.streets.edge_count)
    nodes, worth = hot_places(TRAVEL, demand, 6, 61.0)
    assert (np.diff(worth) <= 0).all()
    apart_s = TRAVEL.matrix(Spots.at_nodes(nodes), Spots.at_nodes(nodes))
    assert apart_s[~np.eye(6, dtype=bool)].min() > 61.0


def test_a_floor_that_posts_do_not_hold_has_no_answer():
    reach_s = np.full((2, 3), 500.0)
    floor = Floor(reach_s, np.ones(3), 60.0, 0.5)
    with pytest.raises(NoAnswer, match=r"0\.0%"):
        plan_tours(TRAVEL, np.array([0]), np.array([5]), np.ones(1), np.ones(TRAVEL.streets.edge_count), NIGHT,
                   np.random.default_rng(0), floor)  # fmt: skip


def test_all_faults_are_named_at_once():
    rng, nodes = np.random.default_rng(0), (np.array([99]), np.array([-1]))
    rules = Rules(((5.0, 5.0),), dwell_s=(900.0, 600.0), revisit_s=60.0, detour=0.5)
    floor = Floor(np.zeros((1, 1)), np.ones(1), -1.0, 2.0)
    with pytest.raises(BadInput) as caught:
        plan_tours(TRAVEL, *nodes, np.array([-1.0]), np.ones(3), rules, rng, floor)
    assert [fault.where for fault in caught.value.faults] == [
        "posts, number 0", "stops, number 0", "weight", "demand", "dwell_s", "revisit_s", "detour", "windows_s",
        "floor", "floor",
    ]  # fmt: skip
