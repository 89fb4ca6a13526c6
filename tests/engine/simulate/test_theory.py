"""The simulator against what queueing theory knows exactly."""

import numpy as np
import pytest

from shouwang.engine.simulate.draws import Drawn
from shouwang.engine.simulate.model import Calls, Kind, Model, OnScene, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.simulate.policies import Policy
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import Window, score
from shouwang.engine.solve.queues import erlang_b, hypercube, mean_wait_s, share_waiting_longer

HOUR_S, DAY_H = 3600.0, 24
SERVICE_S = 1200.0


def scored(roads, units, per_hour, *, queue, hours, replications, law="exponential"):
    """One area per place; the first tenth is warm-up."""
    kind = Kind("any", on_scene=OnScene(SERVICE_S, law))
    per_hour = np.asarray(per_hour)
    places = np.arange(per_hour.size)
    source = Drawn(np.tile(per_hour, (hours, 1)), places, places, [kind])
    model = Model(roads, [kind], units, Policy(queue=queue))
    window = Window(hours * HOUR_S / 10, hours * HOUR_S)
    rng = np.random.default_rng(5)
    found, _ = score([model], source, window, replications, rng=rng, within_s=60.0)
    return found[0], model, source


def holds(estimate, exact):
    """Within twice the half-width: a fair test with a fixed seed, whose interval is small beside the value."""
    half = (estimate.high - estimate.low) / 2
    assert half < 0.08 * exact
    assert abs(estimate.value - exact) < 2 * half


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.4), (12, 9.0)])
def test_waiting_is_that_of_m_m_c(servers, load):
    units = [Unit(f"U{i}", 0) for i in range(servers)]
    hours = 4000 if servers == 1 else 1500
    found, _, _ = scored(Roads.given([[0, 0]], [[0, 0]]), units, [load * 3], queue=True, hours=hours, replications=40)
    exact = mean_wait_s(load / SERVICE_S, SERVICE_S, servers)
    holds(found.wait_s, exact)
    holds(found.overall.mean_s, exact)  # nobody drives: the response is the wait
    longer = share_waiting_longer(load / SERVICE_S, SERVICE_S, servers, 60.0)
    assert 1 - found.overall.within.value == pytest.approx(longer, abs=0.02)
    holds(found.busy_mean, load / servers)
    assert (found.lost.value, found.unserved.value) == (0, 0)


@pytest.mark.parametrize("law", ["exponential", "lognormal", "constant"])
def test_losses_are_erlangs_whatever_the_law_of_service(law):
    units = [Unit(f"U{i}", 0) for i in range(5)]
    roads = Roads.given([[0, 0]], [[0, 0]])
    found, _, _ = scored(roads, units, [12], queue=False, hours=1000, replications=40, law=law)
    holds(found.lost, erlang_b(4.0, 5))


@pytest.mark.parametrize("queue", [True, False])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_who_answers_whom_is_the_hypercube(queue, count):
    # Driving takes next to no time, so that it orders the units without keeping them busy.
    rng = np.random.default_rng(count)
    areas = 3
    at, posts = rng.random((areas, 2)) / 100, rng.random((count, 2)) / 100
    spots = np.concatenate([at, posts])
    apart = np.linalg.norm(spots[:, None] - spots[None], axis=2)
    per_hour = rng.random(areas)
    per_hour *= 0.7 * count * 3 / per_hour.sum()
    units = [Unit(f"U{i}", i) for i in range(count)]
    roads = Roads.given(apart[:areas], apart[areas:])
    found, model, source = scored(roads, units, per_hour, queue=queue, hours=1500, replications=40)
    order = np.argsort(apart[:areas, areas:], axis=1)
    exact = hypercube(per_hour / HOUR_S, order, np.full(count, SERVICE_S), queue=queue)
    for u in range(count):
        holds(found.busy[u], exact.busy[u])
    holds(found.wait_s, exact.wait_s) if queue else holds(found.lost, exact.lost)
    counts, served = np.zeros((areas, count)), 0
    for seed in range(12):
        calls = source.draw(np.random.default_rng(seed))
        run = play(model, calls)
        np.add.at(counts, (calls.area[~run.lost], run.unit[~run.lost]), 1)
        served += len(calls)
    np.testing.assert_allclose(counts / served, exact.answered, atol=0.008)


def test_a_wait_by_hand():
    roads = Roads.given([[0, 100]], [[100, 0]])
    model = Model(roads, [Kind("any")], [Unit("A", 0, turnout_s=30)])
    calls = Calls(np.array([10.0, 20.0]), *(np.zeros(2, int) for _ in range(3)), np.array([600.0, 60.0]))
    run = play(model, calls)
    assert run.arrived_s.tolist() == [140, 740]  # 10 + 30 + 100, then at once, at the same place
    assert run.done_s.tolist() == [740, 800]
    assert run.sent_s.tolist() == [10, 740]
