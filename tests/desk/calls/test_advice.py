"""Recommendations on the real streets: the same times as the engine's, the right people, and the price."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.conf import settings

from shouwang.desk.calls import actions, advice
from shouwang.desk.calls.advice.terms import STALE_S
from shouwang.desk.calls.plans import Case, plans
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.places import facts as places
from shouwang.desk.units.models import Unit
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.tables.live.tracks import Position, TrackStore

from .conftest import EAST

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(town, clock):
    def ask(**given):
        case = Case(given.pop("type", "200100"))
        asked = {"lon": EAST[0], "lat": EAST[1], "severity": 2, "services": ("police",), "areas": ("t/",),
                 "now": clock(), "wanted": plans(case.type).counts(case, {})}
        return advice.recommend(**{**asked, **given})
    return ask


def names(town, candidates):
    by_id = {u.id: name for name, u in town.units.items()}
    return [by_id[c.unit] for c in candidates]


def test_times_are_the_engines(ask, town):
    """Turn-out and the road's fastest way, as a plain search from each unit gives them."""
    streets = places.streets()
    travel = Travel(streets)
    units = [town.units[n] for n in ("P01", "P02", "P03", "S41")]
    truth = travel.matrix(streets.snap([u.lon for u in units], [u.lat for u in units]), streets.snap(*EAST))[:, 0]
    given = ask().eta_s
    assert [given[u.id] for u in units] == pytest.approx(
        [s + u.kind.turnout_s for s, u in zip(truth, units, strict=True)]
    )


def test_police_units_come_in_order_and_nobody_from_elsewhere(ask, town):
    [police] = ask().services
    own = [c for c in police.candidates if c.own]
    assert set(names(town, own)) == {"P01", "P02", "P03", "S41"}
    assert names(town, police.candidates)[0] == "P02"
    assert police.candidates[0].nearest
    assert police.candidates[0].recommended


def test_another_service_with_the_skill_gives_a_first_response_when_it_is_sooner(ask, town):
    Unit.objects.filter(en__in=("P02", "P03")).update(state="off_duty")
    [police] = ask().services
    first = [c for c in police.candidates if not c.own]
    assert names(town, first) == ["T21"]
    assert first[0].eta_s < min(c.eta_s for c in police.candidates if c.own)
    assert "first_response" in first[0].why


def test_each_service_has_its_own_list_and_what_no_unit_can_do_goes_elsewhere(ask, town):
    fire, *_trucks, medical = ask(type="400101", severity=1, services=("fire", "medical")).services
    assert (fire.wanted, names(town, [c for c in fire.candidates if c.own])) == (2, ["F31", "F32"])
    assert [c.recommended for c in fire.candidates if c.own] == [True, True]
    assert not [c for c in medical.candidates if c.own]


def test_a_newer_position_counts_and_an_old_one_says_its_age(ask, town, clock):
    far, old = town.units["P02"], town.units["P03"]
    store = TrackStore(settings.CONFIG)
    at = int(clock().timestamp() * 1000)
    store.write([Position(str(far.id), at, -90.262, 38.632), Position(str(old.id), at - 300_000, *EAST)])
    store.close()
    try:
        [police] = ask().services
        by_name = dict(zip(names(town, police.candidates), police.candidates, strict=True))
        assert by_name["P02"].eta_s == pytest.approx(by_name["P01"].eta_s)
        assert (by_name["P03"].stale, by_name["P03"].position_age_s) == (True, pytest.approx(300))
        assert "stale" in by_name["P03"].why
    finally:
        TrackStore(settings.CONFIG).end(str(far.id), 0)
        TrackStore(settings.CONFIG).end(str(old.id), 0)


def test_a_position_that_cannot_be_true_counts_less_and_is_named(ask, town, clock):
    unit, at = town.units["P02"], int(clock().timestamp() * 1000)
    store = TrackStore(settings.CONFIG)
    try:
        costs = []
        for jump in (False, True):
            store.write([Position(str(unit.id), at + jump, -90.262, 38.632, jump=jump)])
            [police] = ask().services
            found = dict(zip(names(town, police.candidates), police.candidates, strict=True))["P02"]
            assert (found.jump, "jump" in found.why) == (jump, jump)
            costs.append(found.cost_s)
        assert costs[1] == pytest.approx(costs[0] + STALE_S)
    finally:
        store.end(str(unit.id), 0)
        store.close()


def test_cover_lost_is_what_nobody_else_reaches_in_time(ask, town):
    [police] = ask().services
    streets = places.streets()
    travel = Travel(streets)
    units = [town.units[n] for n in ("P01", "P02", "P03", "S41")]
    times = np.array([travel.from_one(streets.snap(u.lon, u.lat)) for u in units])
    reached = times <= 300
    only = reached & (reached.sum(axis=0) == 1)
    lost = {u.id: only[n].mean() for n, u in enumerate(units)}
    assert police.cover == pytest.approx(reached.any(axis=0).mean())
    assert {c.unit: pytest.approx(c.cover_lost) for c in police.candidates if c.own} == lost


def test_a_unit_that_is_sent_changes_the_cover(ask, town, take, send):
    before = ask().services[0].cover
    send(take(), "P01", "S41")
    assert ask().services[0].cover < before


def test_a_unit_not_recommended_needs_the_permission_and_a_reason(take, cast, town, clock):
    call, guard = take(), town.units["G51"].id
    given = {"now": clock(), "call_id": call.id, "unit_ids": [guard]}
    with pytest.raises(Refused) as refused:
        actions.assign_units(actor=cast.dispatcher.actor, **given)
    assert refused.value.field == "reason"
    without = replace(cast.dispatcher.actor, grants={p: a for p, a in cast.dispatcher.actor.grants.items()
                                                     if p != "dispatch.override"})
    with pytest.raises(Denied):
        actions.assign_units(actor=without, **given, reason="近")
    [task] = actions.assign_units(actor=cast.dispatcher.actor, **given, reason="车就在门口")
    assert task.overridden


def test_without_streets_it_says_so_and_the_desk_goes_on(ask, take, cast, town, clock):
    from shouwang.desk.places.models import StreetNetwork
    StreetNetwork.objects.update(active=False)
    assert ask().problem
    [task] = actions.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=take().id,
                                  unit_ids=[town.units["F31"].id])
    assert (task.eta_s, task.overridden) == (None, False)


def test_cover_is_the_share_of_expected_calls_that_a_free_unit_reaches_in_time(town, clock):
    told, within_s = advice.cover_now(areas=("t/",), now=clock())
    streets = places.streets()
    police = [town.units[n] for n in ("P01", "P02", "P03", "S41")]
    spots = streets.snap([u.lon for u in police], [u.lat for u in police])
    soonest = Travel(streets).matrix(spots, Spots.at_nodes(np.arange(streets.node_count))).min(axis=0)
    assert {c.service: c.share for c in told}["police"] == pytest.approx((soonest <= within_s).mean())
    Unit.objects.filter(id__in=[u.id for u in police]).update(state="off_duty")
    assert {c.service: c.share for c in advice.cover_now(areas=("t/",), now=clock())[0]}["police"] == 0


def test_the_board_tells_how_the_hour_goes_and_cover_to_those_who_see_all_of_it(cast, take):
    take()
    whole = cast.dispatcher.client.get("/board/now.json").json()
    assert [c["name"] for c in whole["cover"]][:1] == ["公安"]
    assert whole["hour"]["expected"] is None, "there is no forecast"
    other = cast.stranger.client.get("/board/now.json").json()
    assert other["shift"]["calls"] == 0
    assert cast.planner.client.get("/board/now.json").status_code == 403
