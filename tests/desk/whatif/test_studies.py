"""Comparisons: played by the worker, the same again, and never lost between workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls.models import Measure
from shouwang.desk.closures import actions as closing
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.models import Event
from shouwang.desk.whatif import jobs, pages
from shouwang.desk.whatif.facts import ROOM
from shouwang.desk.whatif.models import Study
from shouwang.desk.whatif.terms import Closure, Edit, Scenario

EAST = ((-90.24, 38.60), (-90.20, 38.60), (-90.20, 38.66), (-90.24, 38.66))

CORE = ((-90.232, 38.624), (-90.212, 38.624), (-90.212, 38.640), (-90.232, 38.640))


def played(study: Study, town: Any) -> Study:
    assert jobs.run_one(town.now)
    study.refresh_from_db()
    assert study.state == "done", study.error
    return study


def test_the_same_scenario_twice_makes_no_difference_and_fewer_units_make_one(
    forecast: Any, ask: Any, town: Any
) -> None:
    same = played(ask(), town).figures
    assert same["change"]["within"] == [0, 0, 0]
    assert same["a"] == same["b"]
    fewer = played(ask(b=Scenario(police=1, first=False), replications=8), town).figures
    assert len([u for u in fewer["b"]["units"] if u["service"] == "police"]) == 1
    assert fewer["change"]["mean_s"][1] > 0  # surely longer
    assert fewer["b"]["waited"][0] > fewer["a"]["waited"][0]
    assert {area["path"] for area in fewer["areas"]} == {"t/1/", "t/2/", ""}


def test_played_again_the_figures_are_identical_and_said_to_be_so(
    forecast: Any, ask: Any, cast: Any, town: Any
) -> None:
    study = played(ask(b=Scenario(dispatch="own_area", move_up=True)), town)
    first = study.figures
    assert study.same is None
    ROOM.again(actor=cast.planner.actor, now=town.now, id=study.id)
    assert played(study, town).figures == first
    assert (study.same, study.runs) == (True, 2)
    assert played(ask(seed=8), town).digest != study.digest


def test_more_units_edits_and_rules_do_what_they_say(forecast: Any, ask: Any, town: Any) -> None:
    patrol = str(town.units["P03"].id)
    edits = (Edit("move", patrol, lon=-90.26, lat=38.62), Edit("add", service="police", lon=-90.25, lat=38.63),
             Edit("drop", str(town.units["S41"].id)))  # fmt: skip
    figures = played(
        ask(a=Scenario(dispatch="cover"), b=Scenario(edits=edits, guard=3, dispatch="return")), town
    ).figures
    units = {u["id"]: u for u in figures["b"]["units"]}
    assert (units[patrol]["how"], units["+2"]["how"]) == ("moved", "added")
    assert str(town.units["S41"].id) not in units
    assert len([u for u in units.values() if u["service"] == "guard"]) == 3
    assert len(figures["a"]["units"]) == 5


def test_streets_closed_for_some_hours_delay_calls_of_those_hours(
    forecast: Any, ask: Any, cast: Any, town: Any
) -> None:
    shut = Scenario(closures=(Closure(ring=EAST, from_h=13, until_h=14),))
    study = played(ask(b=shut, hours=3, replications=8), town)
    figures = study.figures
    assert figures["change"]["hours"]["13"][2] < 0
    assert figures["b"]["hours"]["13"]["within"][0] < figures["a"]["hours"]["13"]["within"][0]
    page = cast.planner.client.get(f"/whatif/{study.id}/").content.decode()
    assert "没人到场的警情" in page


def test_past_calls_are_replayed_as_they_were(history: Any, ask: Any, town: Any) -> None:
    figures = played(ask(calls="past", start="2026-11-18T08:00:00", hours=12), town).figures
    assert figures["moved_days"] > 0
    assert figures["a"]["calls"] == int(figures["a"]["calls"]) > 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "2020-01-01T00:00:00"}, "start"),
        ({"hours": 168}, "start"),
        ({"calls": "past"}, "calls"),
        ({"title": "  "}, "title"),
        ({"b": Scenario(plan="0193f0d0-0000-7000-8000-000000000000")}, "b.plan"),
        ({"a": Scenario(edits=(Edit("drop", "nobody"),))}, "a.edits.0"),
        ({"a": Scenario(guard=2), "guards": False}, "a.guard"),
        ({"b": Scenario(edits=(Edit("add", lon=0.0, lat=0.0),))}, "b.edits.0"),
        ({"a": Scenario(closures=(Closure(street="Nowhere St"),))}, "a.closures.0"),
        ({"b": Scenario(closures=(Closure(ring=((0, 0), (1, 1), (0, 1), (1, 0))),))}, "b.closures.0"),
    ],
)
def test_bad_input_is_named_at_its_field(forecast: Any, ask: Any, town: Any, changes: Any, field: str) -> None:
    changes = dict(changes)
    if not changes.pop("guards", True):
        town.units["G51"].delete()
    with pytest.raises(Refused) as refused:
        ask(**changes)
    assert refused.value.field == field
    assert not Study.objects.exists()


def test_a_run_whose_worker_died_is_taken_again_and_a_cancelled_one_stops(
    forecast: Any, ask: Any, cast: Any, town: Any, monkeypatch: Any
) -> None:
    study = ask()

    def die(*_: Any) -> None:
        raise SystemExit  # as a kill would, it passes every handler

    real = jobs.play
    monkeypatch.setattr(jobs, "play", die)
    with pytest.raises(SystemExit):
        jobs.run_one(town.now)
    assert not jobs.run_one(town.now + timedelta(seconds=30))  # it may still be at work
    with pytest.raises(Conflict):
        ROOM.delete(actor=cast.planner.actor, now=town.now, id=study.id)
    with pytest.raises(Conflict):
        ROOM.again(actor=cast.planner.actor, now=town.now, id=study.id)

    def cancelled(study: Study, tick: Any) -> Any:
        ROOM.cancel(actor=cast.planner.actor, now=town.now, id=study.id)
        return real(study, tick)

    monkeypatch.setattr(jobs, "play", cancelled)
    assert jobs.run_one(town.now + timedelta(minutes=4))
    study.refresh_from_db()
    assert (study.state, study.tries, study.figures) == ("cancelled", 2, {})
    kinds = list(Event.objects.filter(subject=str(study.id)).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["whatif.asked", "whatif.cancelled", "whatif.ended"]


def test_who_may_ask_see_and_delete(forecast: Any, ask: Any, cast: Any, town: Any) -> None:
    study = ask()
    with pytest.raises(Denied):
        ROOM.cancel(actor=cast.supervisor.actor, now=town.now, id=study.id)
    with pytest.raises(Missing):
        ROOM.delete(actor=cast.stranger.actor, now=town.now, id=study.id)
    url = f"/api/whatif/{study.id}"
    assert cast.supervisor.client.get(url).json()["title"] == "试试"
    assert cast.stranger.client.get(url).status_code == 404
    assert cast.stranger.client.get(f"/whatif/{study.id}/").status_code == 404
    assert cast.supervisor.client.delete(url).status_code == 403
    assert cast.planner.client.delete(url).status_code == 204
    assert not Study.objects.exists()


def test_over_http_asked_once_listed_shown_and_exported(forecast: Any, ask: Any, cast: Any, town: Any) -> None:
    client, body = cast.planner.client, {
        "id": "0193f0d0-1111-7000-8000-000000000000", "title": "夜班少两个单位",
        "start": "2026-11-21T13:00:00", "hours": 2, "replications": 3, "a": {},
        "b": {"police": 2, "closures": [{"street": "Market St", "from_h": 13, "until_h": 14}]},
    }  # fmt: skip
    for _ in range(2):
        answer = client.post("/api/whatif", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert client.get("/api/whatif?q=少两个").json()["total"] == 1
    assert client.get("/api/whatif?q=没有").json()["total"] == 0
    refused = client.post("/api/whatif", body | {"id": "0193f0d0-2222-7000-8000-000000000000", "b": {"closures": [{}]}},
                          content_type="application/json")  # fmt: skip
    assert (refused.status_code, refused.json()["field"]) == (422, "b.closures.0")
    url = f"/whatif/{body['id']}/"
    assert client.get(url + "comparison.csv").status_code == 404  # not played yet
    assert "等待后台" in client.get(url).content.decode()
    played(Study.objects.get(), town)
    page = client.get(url).content.decode()
    assert "说不准" in page or "更差" in page
    assert "模拟" in page
    table = client.get(url + "comparison.csv").content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("title,simulated,scenario,area,hour,measure")
    assert any(line.split(",")[2:6] == ["B-A", "", "", "within"] for line in table)
    assert client.get(url + "comparison.json").json()["given"]["seed"] == 1
    assert "夜班少两个单位" in client.get("/whatif/?q=夜班").content.decode()
    assert client.get(f"/whatif/new/?copy={body['id']}").status_code == 200
    assert cast.supervisor.client.get("/whatif/new/").status_code == 403


def test_what_is_closed_now_is_the_default_and_stays_as_it_was(
    forecast: Any, ask: Any, cast: Any, town: Any, close: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwang.desk.whatif.views.timezone.now", lambda: town.now)
    row = close(ring=CORE, factor=20.0, until_at=town.now + timedelta(days=2))
    (told,) = pages.closed_now("t/", town.now)
    assert (told["closure"], told["until_h"]) == (str(row.id), 24)
    assert str(row.id) in cast.planner.client.get("/whatif/new/").content.decode()
    slow = Scenario(closures=(Closure(closure=told["closure"]),))
    study = ask(b=slow, hours=2, replications=4)
    kept = study.given["b"]["closures"][0]
    assert (sorted(kept["edges"]), kept["factor"]) == (sorted(row.edges), 20.0)
    closing.lift(actor=cast.dispatcher.actor, now=town.now, closure_id=row.id)
    assert played(study, town).figures["change"]["mean_s"][1] > 0  # surely longer, though it is lifted meanwhile
    with pytest.raises(Refused) as refused:
        ask(b=slow)
    assert refused.value.field == "b.closures.0"
    assert (row.zh in (page := cast.planner.client.get(f"/whatif/{study.id}/").content.decode())) and "×20" in page


def test_calls_last_as_measured_by_type_and_shift_unless_minutes_are_given(
    forecast: Any, ask: Any, cast: Any, town: Any
) -> None:
    page = cast.planner.client.get("/whatif/new/").content.decode()
    assert "不填：20 分钟" in page
    plain = played(ask(on_scene_min=20.0), town)
    assert played(ask(on_scene_min=None), town).figures == plain.figures, "nothing is measured yet"
    hour, shifts = 3600.0, {"07:00": [3000.0, 40], "15:00": [6000.0, 20], "23:00": [3000.0, 0]}
    for key, mean in (("200100", hour), ("300502", 9 * hour), ("*", hour)):
        figures = {start: [s * mean / hour, cases] for start, (s, cases) in shifts.items()}
        Measure.objects.create(what="scene", key=key, value=mean, weight=60, figures=figures, at=town.now)
    study = played(ask(on_scene_min=None, replications=8), town)
    assert [row["type"] for row in study.given["stays"]["types"]] == ["200100", "*"], "broken-down cars are for traffic"
    assert study.given["stays"]["shifts"] == {"07:00": 0.8333, "15:00": 1.6667, "23:00": 0.8333}
    assert study.figures["a"]["busy"][0] > 1.5 * plain.figures["a"]["busy"][0]
    first = study.figures
    flat = {start: [hour, cases] for start, (_s, cases) in shifts.items()}
    Measure.objects.update(figures=flat)
    assert played(ask(on_scene_min=None, replications=8), town).figures["a"]["busy"] != first["a"]["busy"]
    Measure.objects.all().delete()
    ROOM.again(actor=cast.planner.actor, now=town.now, id=study.id)
    assert played(study, town).figures == first, "what was measured then is kept with it"
    page = cast.planner.client.get(f"/whatif/{study.id}/").content.decode()
    assert 'id="stays"' in page
    assert "依据 60 起" in page


def test_only_the_part_of_the_calls_that_needs_police_is_played(forecast: Any, ask: Any, town: Any) -> None:
    all_calls = played(ask(replications=8), town).figures["a"]["calls"]
    forecast.parts = {"calls": 900, "services": {"police": {
        "mean": 0.25, "calls": 225, "hours": [0.25] * 24, "places": {"t/1/a/": 0.25, "t/2/b/": 0.25}}}}  # fmt: skip
    forecast.save()
    assert played(ask(replications=8), town).figures["a"]["calls"] == pytest.approx(all_calls / 4, rel=0.35)
