"""Both cores tell the same story, and the story is one that can be."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.simulate import events as ev
from shouwang.engine.simulate.model import Calls, Kind, Model, OnScene, Unit
from shouwang.engine.simulate.play import play
from shouwang.engine.simulate.policies import (
    ComplianceTable,
    KeepCover,
    NearestByReturn,
    NearestFree,
    OwnAreaFirst,
    Policy,
)
from shouwang.engine.simulate.roads import Roads

from .cases import case, plain_roads, street_roads

NEVER = float("inf")
COLUMNS = ("sent_s", "arrived_s", "done_s", "unit", "first_unit", "first_sent_s", "first_arrived_s",
               "first_done_s", "lost", "events")  # fmt: skip


def calls(*rows):
    """Rows of time_s, place, kind, on_scene_s."""
    time_s, place, kind, stay_s = (np.array(column) for column in zip(*rows, strict=True))
    return Calls(time_s.astype(float), place, np.zeros(len(rows), int), kind, stay_s.astype(float))


def story(run, *kinds):
    """The trace as words, of some kinds of events only."""
    named = [(float(e["time_s"]), ev.KINDS[e["kind"]], int(e["call"]), int(e["unit"])) for e in run.trace]
    return [one for one in named if not kinds or one[1] in kinds]


@pytest.mark.parametrize(("roads", "seeds"), [(plain_roads, range(800)), (street_roads, range(800, 1000))])
def test_the_compiled_core_gives_the_trace_of_the_reference(roads, seeds):
    met = Counter()
    for seed in seeds:
        model, some = case(seed, roads)
        read, ran = play(model, some, compiled=False), play(model, some, trace=True)
        assert np.array_equal(read.trace, ran.trace), seed
        for column in COLUMNS:
            np.testing.assert_array_equal(getattr(read, column), getattr(ran, column), err_msg=str(seed))
        met.update(read.trace["kind"].tolist())
    assert set(met) == set(range(len(ev.KINDS)))  # nothing was left untried


@pytest.mark.parametrize("seed", range(60))
def test_a_trace_is_one_that_can_be(seed):
    model, some = case(seed, street_roads if seed % 3 == 0 else plain_roads)
    trace = play(model, some, trace=True).trace
    assert (np.diff(trace["time_s"]) >= 0).all()
    on, with_call = set(), {}
    for time_s, kind, call, unit in trace.tolist():
        if kind == ev.ON:
            on.add(unit)
        elif kind == ev.OFF:
            assert unit in on and unit not in with_call
            on.remove(unit)
        elif kind in (ev.SENT, ev.FIRST_SENT):
            assert unit in on and unit not in with_call and some.time_s[call] <= time_s
            held = model.units[unit].capabilities
            needed = model.kinds[some.kind[call]].needs if kind == ev.SENT else model.kinds[some.kind[call]].first
            assert needed <= held
            with_call[unit] = call
        elif kind in (ev.DONE, ev.RELIEVED):
            assert with_call.pop(unit) == call
        elif kind in (ev.ARRIVED, ev.FIRST_ARRIVED):
            assert with_call[unit] == call
        elif kind in (ev.HOME, ev.MOVED):
            assert unit in on and unit not in with_call


def line(*posts_at, calls_at=(0,), capabilities=None, kinds=None, policy=None, shifts=None, turnout_s=0.0):
    """Posts and calls along a line, seconds apart, a unit at each post."""
    at = np.array([*calls_at, *posts_at], float)
    apart = np.abs(at[:, None] - at[None])
    units = [
        Unit(f"U{i}", i, **({"shifts": shifts[i]} if shifts else {}), turnout_s=turnout_s,
             capabilities=frozenset(capabilities[i] if capabilities else ()))
        for i in range(len(posts_at))
    ]  # fmt: skip
    roads = Roads.given(apart[: len(calls_at)], apart[len(calls_at) :])
    return Model(roads, kinds or [Kind("any", on_scene=OnScene(600))], units, policy or Policy())


def test_the_most_severe_call_waits_least_then_the_oldest():
    kinds = [Kind("light", severity=2), Kind("grave", severity=1)]
    model = line(10, calls_at=(0,), kinds=kinds)
    run = play(model, calls((0, 0, 0, 100), (1, 0, 0, 100), (2, 0, 0, 100), (3, 0, 1, 100)))
    assert np.argsort(run.sent_s).tolist() == [0, 3, 1, 2]


def test_a_call_is_kept_for_a_busy_unit_that_is_expected_sooner():
    some = calls((0, 0, 0, 300), (500, 0, 0, 300))  # the unit at hand is expected to be free at 610
    model = line(10, 400, calls_at=(0,))
    assert play(model, some, trace=True).unit.tolist() == [0, 0]  # it was free again at 310 and is at home
    longer = calls((0, 0, 0, 560), (500, 0, 0, 300))
    assert play(model, longer).unit.tolist() == [0, 1]
    waits = replace(model, policy=Policy(NearestByReturn()))
    run = play(waits, longer)
    assert run.unit.tolist() == [0, 0]
    assert run.sent_s.tolist() == [0, 570]


def test_a_unit_that_goes_off_duty_gives_back_the_call_it_kept():
    model = line(10, 400, calls_at=(0,), policy=Policy(NearestByReturn()), shifts=[((0, 550),), ((0, NEVER),)])
    run = play(model, calls((0, 0, 0, 560), (500, 0, 0, 300)), trace=True)
    assert run.unit.tolist() == [0, 1]
    assert run.sent_s.tolist() == [0, 550]
    assert (570.0, "off", -1, 0) in story(run)  # it finished its call first


def test_a_first_response_goes_and_hands_over():
    kinds = [Kind("fire", frozenset({"hose"}), frozenset({"aid"}))]
    model = line(500, 100, calls_at=(0,), kinds=kinds, capabilities=[{"hose"}, {"aid"}])
    run = play(model, calls((0, 0, 0, 900)), trace=True)
    assert run.reached_s().tolist() == [100]
    assert story(run, "sent", "first_sent", "first_arrived", "arrived", "relieved", "done") == [
        (0, "sent", 0, 0), (0, "first_sent", 0, 1), (100, "first_arrived", 0, 1), (500, "arrived", 0, 0),
        (620, "relieved", 0, 1), (1400, "done", 0, 0),
    ]  # fmt: skip


def test_no_first_response_goes_that_saves_too_little():
    kinds = [Kind("fire", frozenset({"hose"}), frozenset({"aid"}))]
    model = line(150, 100, calls_at=(0,), kinds=kinds, capabilities=[{"hose"}, {"aid"}])
    assert play(model, calls((0, 0, 0, 900))).first_unit.tolist() == [-1]


def test_nobody_waits_where_calls_are_lost():
    model = line(10, calls_at=(0,), policy=Policy(queue=False))
    run = play(model, calls((0, 0, 0, 100), (50, 0, 0, 100), (200, 0, 0, 100)))
    assert run.lost.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("dispatch", "unit"),
    [(NearestFree(), 0), (OwnAreaFirst(300), 1), (OwnAreaFirst(50), 0), (KeepCover(300), 1), (KeepCover(50), 0)],
)
def test_a_unit_of_another_area_goes_if_it_saves_enough(dispatch, unit):
    model = line(10, 110, calls_at=(0,), policy=Policy(dispatch))  # the call lies in area 0
    units = [replace(one, home=home) for one, home in zip(model.units, (1, 0), strict=True)]
    assert play(replace(model, units=units), calls((0, 0, 0, 100))).unit.tolist() == [unit]


def test_cover_is_kept_only_by_the_last_unit():
    model = line(10, 110, 500, calls_at=(0,), policy=Policy(KeepCover(300)))
    units = [replace(one, home=home) for one, home in zip(model.units, (1, 0, 1), strict=True)]
    assert play(replace(model, units=units), calls((0, 0, 0, 100))).unit.tolist() == [0]  # another of area 1 is left


def test_a_table_moves_the_unit_that_is_soonest_there():
    policy = Policy(move_up=ComplianceTable(((), (), (0, 2))))
    model = line(0, 500, 1000, calls_at=(1000,), policy=policy)
    run = play(model, calls((0, 0, 0, 2000)), trace=True)  # unit 2 is with the call: 0 stays, 1 takes post 2
    assert story(run, "moved", "home") == [(0.0, "moved", -1, 1), (500.0, "home", -1, 1)]


def test_a_policy_of_ones_own_runs_in_the_reference_alone():
    @dataclass(frozen=True)
    class Laziest:
        """The free unit with the highest number."""

        def choose(self, world, call):
            return max((u for u in range(world.unit_count) if world.is_free(u) and world.able(u, call)), default=None)

    model = line(10, 20, 30, calls_at=(0,), policy=Policy(Laziest()))
    some = calls((0, 0, 0, 100), (1, 0, 0, 100))
    assert play(model, some).unit.tolist() == [2, 1]
    with pytest.raises(BadInput, match="does not know this policy"):
        play(model, some, compiled=True)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"units": []}, "units"),
        ({"units": [Unit("A", 0), Unit("A", 0)]}, "unit A"),
        ({"units": [Unit("A", 5)]}, "unit A, post"),
        ({"units": [Unit("A", 0, turnout_s=-1.0)]}, "unit A, turnout_s"),
        ({"units": [Unit("A", 0, shifts=((5.0, 5.0),))]}, "unit A, shifts"),
        ({"units": [Unit("A", 0, shifts=((0.0, 9.0), (5.0, 20.0)))]}, "unit A, shifts"),
        ({"kinds": []}, "kinds"),
        ({"kinds": [Kind("k", frozenset({"boat"}))]}, "kind k"),
        ({"kinds": [Kind("k", on_scene=OnScene(-1.0))]}, "kind k, mean_s"),
        ({"kinds": [Kind("k", on_scene=OnScene(1.0, "uniform"))]}, "kind k, law"),
        ({"policy": Policy(NearestByReturn(), queue=False)}, "policy, dispatch"),
        ({"policy": Policy(NearestFree(), handover_s=-1.0)}, "policy, handover_s"),
        ({"policy": Policy(KeepCover(-1.0))}, "policy, last_s"),
        ({"units": [Unit("A", 0, home=-2)]}, "unit A, home"),
        ({"policy": Policy(move_up=ComplianceTable(((), (7,))))}, "compliance table, row 1"),
        ({"policy": Policy(move_up=ComplianceTable(((0,),)))}, "compliance table, row 0"),
    ],
)
def test_what_cannot_be_played_is_named(change, where):
    with pytest.raises(BadInput) as error:
        replace(line(10, 20), **change)
    assert where in {fault.where for fault in error.value.faults}


@pytest.mark.parametrize(
    ("row", "what"),
    [((0, 9, 0, 1), "place"), ((0, 0, 4, 1), "kind"), ((-1, 0, 0, 1), "time_s"), ((0, 0, 0, NEVER), "on_scene_s")],
)
def test_calls_that_cannot_be_are_named(row, what):
    with pytest.raises(BadInput) as error:
        play(line(10), calls(row))
    assert f"calls, {what} 0" in {fault.where for fault in error.value.faults}


def test_calls_out_of_order_are_refused():
    with pytest.raises(BadInput, match="in order of time"):
        play(line(10), calls((5, 0, 0, 1), (1, 0, 0, 1)))
