"""What a closed street changes for dispatch: arrivals at once, prices a moment later, nobody lost on a shut stretch."""
from __future__ import annotations

import threading

import numpy as np
import pytest

from shouwang.desk.calls import advice, defaults
from shouwang.desk.calls.advice import roads as kept
from shouwang.desk.closures import actions
from shouwang.desk.units.models import Unit

pytestmark = pytest.mark.django_db
CALL = (-90.222, 38.630)


@pytest.fixture
def ask(town, clock):
    defaults.load()

    def ask():
        return advice.recommend(lon=CALL[0], lat=CALL[1], wanted={"police_response": 1}, severity=2,
                                services=("police",), areas=("t/",), now=clock())
    return ask


def ring(lon, lat, half=0.002):
    return [(lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half)]


def renewed():
    for thread in threading.enumerate():
        if thread.name == "roads":
            thread.join(60)


def test_a_slow_or_shut_street_on_the_way_costs_time_and_lifting_it_gives_it_back(ask, close, cast, town, clock):
    unit = town.units["P01"].id
    free = ask().eta_s[unit]
    way = kept.roads(clock())
    crew = kept.fleet(way, [u for u in kept.unit_facts(areas=("t/",)) if u.id == unit], clock())
    route = way.travel.route(crew.spots, way.streets.snap(*CALL))
    lon, lat = way.streets.coordinates(route.nodes[len(route.nodes) // 2 - 1:][:2])
    row = close(float(lon.mean()), float(lat.mean()), factor=20.0)
    slower = ask().eta_s[unit]
    assert slower > free
    shut = actions.amend(actor=cast.dispatcher.actor, now=clock(), closure_id=row.id, version=1, factor=0.0)
    assert ask().eta_s[unit] >= slower
    actions.lift(actor=cast.dispatcher.actor, now=clock(), closure_id=shut.id)
    assert ask().eta_s[unit] == pytest.approx(free)
    renewed()


def test_a_call_on_a_shut_street_still_gets_units_and_a_unit_there_still_goes(ask, close, town):
    before = ask().eta_s
    close(ring=ring(*CALL), reason="fire_ground")
    on_the_scene = ask().eta_s
    assert set(on_the_scene) == set(before)
    on_foot = town.units["G51"].id  # who walks anyway is not held up
    assert all(on_the_scene[u] > before[u] for u in before if u != on_foot)
    Unit.objects.filter(en="P03").update(lon=CALL[0] + 0.0005, lat=CALL[1])
    assert np.isfinite(ask().eta_s[town.units["P03"].id])
    renewed()


def test_two_changes_in_a_row_leave_nothing_stale(ask, close, town, clock, monkeypatch):
    """The second comes before anything was renewed after the first."""
    monkeypatch.setattr(kept, "_renew", lambda on: None)
    ask()
    close(ring=ring(-90.222, 38.634, 0.004), factor=3.0)
    ask()
    close(-90.2601, 38.6301)
    ask()
    now = kept.roads(clock())
    assert now.renew() >= 1
    for place, row in now._times.values():
        spot, wait_s = now.place([place[0]], [place[1]])
        np.testing.assert_allclose(row, now.travel.from_one(spot) + wait_s[0])


def test_what_is_kept_of_units_and_posts_is_renewed_where_it_no_longer_holds(ask, close, town, clock):
    ask()
    before = kept.roads(clock())
    for post in town.posts.values():
        before.seconds_from(post.lon, post.lat)
    close(ring=ring(-90.222, 38.634, 0.004), factor=3.0)  # around P02 and the post P1
    after = kept.roads(clock())
    renewed()
    assert after is not before
    stale = 0
    for unit, (place, row) in after._times.items():
        spot, wait_s = after.place([place[0]], [place[1]])
        np.testing.assert_allclose(row, after.travel.from_one(spot) + wait_s[0])
        stale += row is not before._times[unit][1]
    for (lon, lat), row in after._places.items():
        np.testing.assert_allclose(row, after.travel.from_one(after.place([lon], [lat])[0]))
    assert stale >= 1
