"""Closing streets: what is chosen, who may, what is kept, and when it ends."""
from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import pytest
from openpyxl import load_workbook

from shouwang.desk.closures import actions, facts
from shouwang.desk.closures.models import Closure
from shouwang.desk.closures.terms import Pick
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.desk.places import facts as places

pytestmark = pytest.mark.django_db
EAST, WEST = (-90.2221, 38.6301), (-90.2601, 38.6301)


def kinds(row):
    return list(Event.objects.filter(subject=str(row.id)).order_by("seq").values_list("kind", flat=True))


def test_a_click_shuts_the_stretch_between_two_junctions_both_ways(close):
    row = close(*EAST)
    streets, edges = places.streets(), np.array(row.edges)
    assert set(streets.opposite[edges][streets.opposite[edges] >= 0]) <= set(row.edges)
    assert (row.area, row.factor, row.version, kinds(row)) == ("t/2/b/", 0, 1, ["closure.entered"])
    assert row.en
    assert len(row.lines) == 1 and not row.lines[0]["one_way"]
    card = Card.objects.get(key=f"closure:{row.id}")
    assert (card.may, card.area, card.body["lines"]) == ("road.view", "t/2/b/", row.lines)


def test_one_way_shuts_half_of_it(close):
    both = close(*EAST)
    ahead, back = (close(picks=[Pick(*EAST, direction=d)]) for d in ("forward", "back"))
    assert set(ahead.edges) | set(back.edges) == set(both.edges)
    assert not set(ahead.edges) & set(back.edges)
    assert ahead.lines[0]["path"] == back.lines[0]["path"][::-1] and ahead.lines[0]["one_way"]


def test_an_area_shuts_every_street_it_touches(close):
    lon, lat = EAST
    west, south, east, north = lon - 0.003, lat - 0.002, lon + 0.003, lat + 0.002
    row = close(ring=[(west, south), (east, south), (east, north), (west, north)])
    assert len(row.edges) > 20
    assert set(close(*EAST).edges) <= set(row.edges)


def test_what_reaches_over_two_areas_belongs_to_the_one_above(close, cast):
    row = close(picks=[Pick(*EAST), Pick(*WEST)])
    assert row.area == "t/"
    with pytest.raises(Denied):
        close(*EAST, by="stranger")


@pytest.mark.parametrize(("given", "field"), [
    ({}, "picks"),
    ({"picks": [Pick(-90.24, 38.9)]}, "picks.0"),
    ({"picks": [Pick(*EAST)], "ring": [(0, 0), (1, 0), (1, 1)]}, "picks"),
    ({"ring": [(0.0, 0.0), (0.1, 0.0)]}, "ring"),
    ({"ring": [(0.0, 0.0), (0.1, 0.1), (0.1, 0.0), (0.0, 0.1)]}, "ring"),
    ({"ring": [(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)]}, "ring"),
    ({"ring": [(-91.0, 38.0), (-90.0, 38.0), (-90.0, 39.0), (-91.0, 39.0)]}, "ring"),
])
def test_what_is_no_closure_is_refused_at_its_field(close, given, field):
    with pytest.raises(Refused) as refused:
        close(**given)
    assert refused.value.field == field
    assert not Closure.objects.exists()


@pytest.mark.parametrize(("from_h", "until_h"), [(0, 0), (0, -1), (0, 7 * 24 + 1), (3, 2), (91 * 24, 91 * 24 + 1)])
def test_an_end_is_required_and_not_too_far(close, clock, from_h, until_h):
    with pytest.raises(Refused):
        close(*EAST, from_at=clock() + timedelta(hours=from_h), until_at=clock() + timedelta(hours=until_h))


def test_a_retry_makes_one_closure(close):
    id = new_id()
    assert close(*EAST, id=id).id == close(*EAST, id=id).id == id
    assert Closure.objects.count() == Event.objects.filter(kind="closure.entered").count() == 1


def test_it_is_changed_by_version_lifted_and_put_back(close, cast, clock):
    row, who = close(*EAST), cast.supervisor.actor
    given = {"actor": who, "now": clock(), "closure_id": row.id}
    key = new_id()
    for _ in range(2):
        longer = actions.amend(**given, version=1, until_at=clock() + timedelta(days=5), factor=2.5, key=key)
    assert (longer.version, longer.factor) == (2, 2.5)
    with pytest.raises(Conflict):
        actions.amend(**given, version=1, factor=3.0)
    with pytest.raises(Refused):
        actions.amend(**given, version=2, until_at=clock() + timedelta(days=8))
    assert actions.lift(**given, version=2).lifted_at == clock()
    assert Card.objects.get(key=f"closure:{row.id}").body is None
    with pytest.raises(Conflict):
        actions.lift(**given)
    back = actions.restore(**given)
    assert (back.lifted_at, back.ended, back.version) == (None, False, 4)
    assert Card.objects.get(key=f"closure:{row.id}").body["version"] == 4
    assert kinds(row) == ["closure.entered", "closure.changed", "closure.lifted", "closure.restored"]
    told = Event.objects.get(kind="closure.changed").payload["changes"]
    assert told["factor"] == [0.0, 2.5] and set(told) == {"factor", "until"}


def test_it_ends_by_itself(close, cast, clock):
    row = close(*EAST)
    assert actions.end_due(clock()) == 0
    now = clock.forward(hours=2)
    assert facts.closures(("t/",), now) == []
    assert [c.state for c in facts.closures(("t/",), now, since=now - facts.DAY)] == ["over"]
    assert (actions.end_due(now), actions.end_due(now)) == (1, 0)
    assert kinds(row)[-1] == "closure.ended" and Card.objects.get(key=f"closure:{row.id}").body is None
    with pytest.raises(Conflict):
        actions.restore(actor=cast.dispatcher.actor, now=now, closure_id=row.id)


def test_others_do_not_see_it_and_those_who_see_it_may_not_all_change_it(close, cast, clock):
    row = close(*EAST)
    with pytest.raises(Missing):
        actions.lift(actor=cast.stranger.actor, now=clock(), closure_id=row.id)
    with pytest.raises(Denied):
        actions.lift(actor=cast.leader.actor, now=clock(), closure_id=row.id)
    assert cast.stranger.client.get("/api/closures").json() == []
    assert facts.cards(("t/1/",), clock()) == [] and len(facts.cards(("t/2/",), clock())) == 1


def test_the_roads_are_read_once_until_a_closure_changes(close, cast, clock, django_assert_max_num_queries):
    free = facts.roads(clock())
    row = close(*EAST, from_at=clock() + timedelta(minutes=10))
    assert facts.roads(clock()).closures == ()
    begun = facts.roads(clock.forward(minutes=10))
    assert np.isinf(begun.travel.time_s[row.edges]).all()
    with django_assert_max_num_queries(2):  # which network, and whether closures are as they were
        assert facts.roads(clock()) is begun
    actions.amend(actor=cast.dispatcher.actor, now=clock(), closure_id=row.id, version=1, factor=2.0)
    slower = facts.roads(clock())
    np.testing.assert_allclose(slower.travel.time_s[row.edges], 2 * free.travel.time_s[row.edges])
    actions.lift(actor=cast.dispatcher.actor, now=clock(), closure_id=row.id)
    assert np.array_equal(facts.roads(clock()).travel.time_s, free.travel.time_s)
    actions.restore(actor=cast.dispatcher.actor, now=clock(), closure_id=row.id)
    assert not np.array_equal(facts.roads(clock()).travel.time_s, free.travel.time_s)
    assert np.array_equal(facts.roads(clock.forward(hours=2)).travel.time_s, free.travel.time_s)
    during, named = facts.roads_during(clock() - timedelta(hours=1), clock())
    assert [c.id for c in named] == [str(row.id)] and len(during.closures) == 1


def test_on_a_newer_network_it_is_found_again_by_its_course(close):
    both, ahead = close(*EAST), close(picks=[Pick(*EAST, direction="forward")])
    for row in (both, ahead):
        assert facts.found_again(places.streets(), row.lines).tolist() == sorted(row.edges)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_as_a_file(close, cast, kind, monkeypatch, clock):
    monkeypatch.setattr("shouwang.desk.closures.views.timezone.now", clock)
    row = close(*EAST, factor=2.0)
    answer = cast.dispatcher.client.get(f"/closures/export.{kind}", headers={"accept-language": "en"})
    if kind == "csv":
        text = answer.content.decode("utf-8-sig")
    else:
        cells = [c.value for line in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for c in line]
        text = "\n".join(map(str, cells))
    assert row.zh in text or row.en in text
    assert "2" in text and "t/2/b/" in text
    assert cast.dispatcher.client.get("/closures/export.pdf").status_code == 404


def test_over_http(cast, town, monkeypatch, clock):
    monkeypatch.setattr("shouwang.desk.closures.api.timezone.now", clock)
    client = cast.dispatcher.client

    def post(url, body):
        answer = client.post(f"/api/closures{url}", body, content_type="application/json")
        return answer.status_code, answer.json()

    where = {"picks": [{"lon": EAST[0], "lat": EAST[1]}]}
    status, seen = post("/preview", where)
    assert (status, seen["area"], Closure.objects.count()) == (200, "t/2/b/", 0)
    body = where | {"id": str(new_id()), "reason": "flood", "until_at": (clock() + timedelta(hours=3)).isoformat()}
    status, made = post("", body)
    assert (status, made["state"], made["lines"]) == (200, "in_force", seen["lines"])
    assert [post("", body | bad)[0] for bad in (
        {"id": str(new_id()), "factor": 0.5}, {"id": str(new_id()), "reason": "because"},
        {"id": str(new_id()), "until_at": "9999-12-31T23:59:59"}, {"id": str(new_id()), "picks": []})] == [422] * 4
    assert [c["id"] for c in client.get("/api/closures").json()] == [made["id"]]
    assert post(f"/{made['id']}/lift", {"version": 7})[0] == 409
    assert post(f"/{made['id']}/lift", {"version": 1})[1]["state"] == "lifted"
    assert client.get("/api/closures").json() == []
    assert len(client.get("/api/closures?over=true").json()) == 1
    assert post(f"/{made['id']}/restore", {})[1]["state"] == "in_force"
