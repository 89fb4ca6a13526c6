"""Drive times learned from units' drives: from tracks to factors that dispatch takes when the centre says so."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from shouwang.desk.calls import actions, advice, jobs
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.log.models import Event
from shouwang.desk.places import facts as places
from shouwang.desk.places.models import LearnedPace
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.models import Setting
from shouwang.engine.geo.travel import Travel
from shouwang.tables.live.tracks import Position, TrackStore

from .conftest import EAST, WEST

pytestmark = pytest.mark.django_db
SLOWER = 2.0


@pytest.fixture
def drove(town: Any, take: Any, clock: Any) -> Any:
    """Drives of P02 between west and east, twice as slow as the streets' own times, a position every ten seconds."""
    Unit.objects.update(example=False)
    streets, store = places.streets(), TrackStore(settings.CONFIG)
    unit = str(town.units["P02"].id)

    def drove(times: int, drill: bool = False) -> None:
        travel = Travel(streets)
        for n in range(times):
            a, b = (WEST, EAST) if n % 2 else (EAST, WEST)
            way = travel.route(streets.snap(*a), streets.snap(*b))
            lon, lat = streets.coordinates(way.nodes)
            took = np.concatenate([[0.0], np.cumsum(streets.time_s[way.edges][: len(way.nodes) - 1])]) * SLOWER
            start = clock() - timedelta(days=1, minutes=30 * n)
            at = np.arange(0.0, took[-1], 10.0)
            store.write([Position(unit, int((start.timestamp() + s) * 1000), x, y) for s, x, y in zip(
                at.tolist(), np.interp(at, took, lon).tolist(), np.interp(at, took, lat).tolist(), strict=True)])
            call = take()
            Call.objects.filter(id=call.id).update(drill=drill)
            Assignment.objects.create(
                call=call, unit=unit, state="cleared", by="test", assigned_at=start, enroute_at=start,
                on_scene_at=start + timedelta(seconds=float(took[-1])), ended_at=start + timedelta(minutes=29))

    yield drove
    store.end(unit, 0)
    store.close()


def test_factors_are_learned_and_dispatch_takes_them_only_when_it_is_told_to(drove, town, clock, cast):
    asked = {"lon": WEST[0], "lat": WEST[1], "wanted": {"police_response": 1}, "severity": 2,
             "services": ("police",), "areas": ("t/",), "now": clock()}
    unit = town.units["P03"]

    def road_s() -> float:
        return advice.recommend(**asked).eta_s[unit.id] - unit.kind.turnout_s

    drove(40)
    own = road_s()
    row = actions.learn_pace(actor=jobs.CENTRE, now=clock())
    assert (row.drives, row.held) == (40, 8)
    assert row.km > 50
    assert row.error < row.own_error
    assert road_s() == own, "nobody has switched it on"
    Setting.objects.create(key="pace_learned", value=True)
    assert 1.4 * own < road_s() < 2.2 * own
    assert advice.recommend(**{**asked, "now": clock.forward(hours=5)}).eta_s[unit.id] > 1.4 * own
    Setting.objects.update(value=False)
    assert road_s() == own
    page = cast.admin.client.get("/settings/pace/").content.decode()
    assert f"{row.km:,.0f}" in page
    assert cast.admin.client.get(f"/settings/pace/row/{row.pk}/").status_code == 200


def test_nothing_of_a_unit_or_a_drive_is_kept(drove, town, clock):
    drove(6)
    row = actions.learn_pace(actor=jobs.CENTRE, now=clock())
    kept = str({f.name: getattr(row, f.name) for f in row._meta.concrete_fields})
    event = Event.objects.get(kind="pace.learned")
    assert str(town.units["P02"].id) not in kept + str(event.payload)
    assert np.array(row.factors).shape == (len(row.kinds), 168)
    assert set(event.payload) == {"km", "drives"}


def test_replays_old_tracks_and_units_of_the_example_teach_nothing(drove, town, clock):
    drove(3, drill=True)
    assert actions.learn_pace(actor=jobs.CENTRE, now=clock()) is None
    Call.objects.update(drill=False)
    assert actions.learn_pace(actor=jobs.CENTRE, now=clock()).drives == 3
    assert actions.learn_pace(actor=jobs.CENTRE, now=clock() + timedelta(days=40)) is None
    Unit.objects.update(example=True)
    assert actions.learn_pace(actor=jobs.CENTRE, now=clock()) is None
    assert LearnedPace.objects.get().drives == 3, "what was learned stays while there is nothing new"
