"""What the calls to come lose when a unit leaves, held to counting every pattern of busy units by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.outlook import RANKS, Demand, Outlook, Rules, times_to
from shouwang.engine.simulate.model import Calls, Kind, Model, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.simulate.roads import Roads

from .conftest import line


def by_hand(times_s, calls, rules):
    """Mean response of the next call: each unit is free or busy by itself, the nearest free one goes."""
    total, n = 0.0, times_s.shape[0]
    for busy in product([False, True], repeat=n):
        chance = np.prod([rules.busy_share if b else 1 - rules.busy_share for b in busy])
        free = times_s[~np.array(busy, bool)]
        first = np.minimum(free.min(axis=0), rules.beyond_s) if free.size else np.full(calls.size, rules.beyond_s)
        total += chance * float(first @ calls) / calls.sum()
    return total


def drawn(seed, units, places=7):
    rng = np.random.default_rng(seed)
    times = rng.choice([0.0, 10.0, 50.0, 200.0, 900.0, np.inf], (units, places)) + rng.random((units, places))
    return times, Demand(np.arange(places), rng.random(places))


@given(st.integers(0, 10_000), st.integers(1, RANKS - 1), st.floats(0, 0.9))
def test_price_and_mean_equal_all_patterns_of_busy_units(seed, units, busy_share):
    times, demand = drawn(seed, units)
    rules = Rules(120.0, busy_share, 600.0)
    outlook = Outlook.measure(times, np.ones(units, bool), demand, rules)
    assert outlook.mean_s == pytest.approx(by_hand(times, demand.calls, rules))
    for u in range(units):
        without = by_hand(np.delete(times, u, axis=0), demand.calls, rules) if units > 1 else rules.beyond_s
        assert outlook.price_s[u] == pytest.approx(without - outlook.mean_s, abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_a_price_is_never_negative_and_grows_with_the_calls_a_unit_is_nearest_to(seed, units):
    times, demand = drawn(seed, units)
    free = np.random.default_rng(seed).random(units) < 0.7
    outlook = Outlook.measure(times, free, demand, Rules())
    assert (outlook.price_s >= 0).all()
    assert not outlook.price_s[~free].any()
    more = Outlook.measure(times, free, Demand(demand.node, demand.calls + np.eye(7)[seed % 7]), Rules())
    assert (more.cost_s(600.0) >= outlook.cost_s(600.0) - 1e-9).all()


@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([15.0, 30.0, 45.0]))
def test_cover_and_its_loss_equal_counting_on_a_street(seed, count, within_s):
    rng = np.random.default_rng(seed)
    travel = Travel(line(9))
    at, free = rng.integers(0, 9, count), rng.random(count) < 0.7
    demand = Demand(rng.integers(0, 9, 7), rng.random(7))
    outlook = Outlook.measure(times_to(travel, Spots.at_nodes(at), demand), free, demand, Rules(within_s))

    def share(who):
        near = [(abs(at[who] - n) * 10.0 <= within_s).any() for n in demand.node]
        return demand.calls[near].sum() / demand.calls.sum()

    everyone = np.flatnonzero(free)
    assert outlook.share == pytest.approx(share(everyone) if everyone.size else 0.0)
    for unit in range(count):
        others = everyone[everyone != unit]
        expected = outlook.share - (share(others) if others.size else 0.0) if free[unit] else 0.0
        assert outlook.lost[unit] == pytest.approx(expected, abs=1e-12)


def test_without_units_or_calls_or_roads_nothing_is_lost():
    demand = Demand(np.arange(3), np.ones(3))
    nobody = Outlook.measure(np.zeros((0, 3)), np.zeros(0, bool), demand, Rules())
    assert (nobody.share, nobody.mean_s, nobody.price_s.size) == (0.0, pytest.approx(1800), 0)
    island = Outlook.measure(np.full((1, 3), np.inf), np.ones(1, bool), demand, Rules())
    assert (island.share, island.mean_s, island.price_s.tolist()) == (0.0, pytest.approx(1800), [0.0])
    quiet = Outlook.measure(np.ones((2, 3)), np.ones(2, bool), Demand(np.arange(3), np.zeros(3)), Rules())
    assert (quiet.mean_s, quiet.price_s.tolist(), quiet.calls_during(600)) == (0.0, [0.0, 0.0], 0.0)


def test_bad_tables_are_refused_with_all_faults():
    with pytest.raises(BadInput) as caught:
        Outlook.measure(
            np.array([[-1.0, 2.0]]), np.ones(1, bool), Demand(np.arange(2), np.array([-1, np.nan])), Rules(0.0, 1.0)
        )
    wrong = [fault.where for fault in caught.value.faults]
    assert wrong == ["demand, place 0", "demand, place 1", "times_s", "within_s", "busy_share"]


def test_prices_rank_units_as_the_simulation_does_when_each_is_missing():
    """Twelve junctions a minute apart, four posts, light load: who is dearest is missed most when played."""
    travel, posts, rng = Travel(line(12, 60.0)), [2, 5, 8, 9], np.random.default_rng(7)
    count, stay_s = 20_000, 600.0
    calls = Calls(
        np.cumsum(rng.exponential(1500.0, count)), rng.integers(0, 12, count), np.zeros(count, np.int64),
        np.zeros(count, np.int64), rng.exponential(stay_s, count),
    )  # fmt: skip

    def played(who):
        roads = Roads.measure(travel, Spots.at_nodes(np.arange(12)), Spots.at_nodes(who))
        run = play(Model(roads, [Kind("call")], [Unit(str(n), i) for i, n in enumerate(who)]), calls)
        return float((run.arrived_s - calls.time_s).mean())

    everyone = played(posts)
    missed = [played([p for p in posts if p != post]) - everyone for post in posts]
    demand = Demand(np.arange(12), np.ones(12))
    times = times_to(travel, Spots.at_nodes(posts), demand)
    busy_share = (stay_s + everyone) / (len(posts) * 1500.0)
    prices = Outlook.measure(times, np.ones(4, bool), demand, Rules(busy_share=busy_share)).price_s
    assert np.argsort(prices).tolist() == np.argsort(missed).tolist()
