"""Beats: proposed by the worker, the same again, taken in by the import of areas, and nobody else's."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely

from shouwang.desk.beats import exports, jobs
from shouwang.desk.beats.facts import ROOM
from shouwang.desk.beats.models import Proposal
from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.models import Event
from shouwang.desk.places.actions import import_file
from shouwang.desk.places.models import Area

NEW_ID = "0193f0d0-1111-7000-8000-000000000000"


def made(proposal: Proposal, town: Any) -> dict[str, Any]:
    assert jobs.run_one(town.now)
    proposal.refresh_from_db()
    assert proposal.state == "done", proposal.error
    figures: dict[str, Any] = proposal.figures
    return figures


def test_work_is_shared_out_and_what_changes_hands_is_told(forecast: Any, ask: Any, town: Any) -> None:
    told = made(ask(), town)
    west, east = told["before"]
    assert (west["zh"], west["calls"], west["cells"], west["units"]) == ("一控区", pytest.approx(38.4), 16, 2)
    assert (east["calls"], round(east["share"], 4)) == (pytest.approx(19.2), -0.3333)
    assert all(abs(beat["share"]) <= 0.1 for beat in told["after"])
    assert sum(beat["calls"] for beat in told["after"]) == pytest.approx(57.6)
    (region,) = told["regions"]
    assert region["balanced"]
    assert region["bound"] <= region["objective"]
    assert region["gap"] == pytest.approx(1 - region["bound"] / region["objective"], abs=1e-4)
    (change,) = told["changes"]
    assert (change["from"], change["to"], change["cells"]) == (0, 1, region["moved"])
    assert change["calls"] == pytest.approx(2.4 * change["cells"])
    moved = {path for path, was, now in told["cells"] if was != now}
    assert moved <= {cell.path for cell in Area.objects.filter(kind="cell", path__startswith="t/1/")}
    whole = shapely.union_all([shapely.geometry.shape(beat["geometry"]) for beat in told["after"]])
    assert whole.area == pytest.approx(32 * 0.01**2)


def test_both_divisions_are_played_under_the_same_calls(forecast: Any, ask: Any, town: Any) -> None:
    played = made(ask(), town)["score"]
    assert (played["replications"], played["hours"], played["units"]) == (40, 24, 4)
    assert played["a"]["calls"] == played["b"]["calls"] == pytest.approx(57.6, rel=0.15)
    assert played["change"]["mean_s"][0] != 0  # whose call it is decides who goes
    for name, (value, low, high) in played["change"].items():
        assert low <= value <= high, name
    assert played["change"]["mean_s"][0] == pytest.approx(
        played["b"]["mean_s"][0] - played["a"]["mean_s"][0], abs=1e-4
    )  # fmt: skip
    stays = made(ask(tolerance=1.0, worth_min=1e4), town)["score"]
    assert all(change == [0, 0, 0] for change in stays["change"].values())


def test_a_change_that_is_not_worth_it_is_not_made(forecast: Any, ask: Any, cast: Any, town: Any) -> None:
    proposal = ask(tolerance=1.0, worth_min=1e4)
    told = made(proposal, town)
    assert (told["changes"], told["regions"][0]["moved"]) == ([], 0)
    assert told["drive_s"]["before"] == told["drive_s"]["after"]
    assert "不值得" in cast.planner.client.get(f"/beats/{proposal.id}/").content.decode()


def test_control_areas_are_divided_each_by_itself_and_another_number_draws_anew(
    forecast: Any, ask: Any, town: Any
) -> None:
    told = made(ask(each="control_area", count=2), town)
    assert [(beat["parent"], beat["code"], beat["zh"]) for beat in told["after"]] == [
        ("t/1/", "b1", "一控区1号巡区"), ("t/1/", "b2", "一控区2号巡区"),
        ("t/2/", "b3", "二控区1号巡区"), ("t/2/", "b4", "二控区2号巡区"),
    ]  # fmt: skip
    assert all((now < 2) == path.startswith("t/1/") for path, _was, now in told["cells"])
    assert (told["changes"], [region["keeps"] for region in told["regions"]]) == ([], [False, False])
    assert told["total"]["objective"] == pytest.approx(sum(r["objective"] for r in told["regions"]), abs=1e-3)


def test_an_adopted_proposal_is_the_beats_of_today(
    forecast: Any, ask: Any, town: Any, tmp_path: Path
) -> None:
    first = ask(count=3)
    told = made(first, town)
    file = tmp_path / "beats.geojson"
    file.write_bytes(exports.answer(first, "geojson").content)
    report = import_file(actor=system("import"), now=town.now, kind="areas", path=file)
    assert (report.done, report.counts["beat"], report.faults) == (True, 3, ())
    again = made(ask(count=3, tolerance=0.5, worth_min=1e4), town)
    assert [beat["kind"] for beat in again["before"]] == ["beat"] * 3
    assert sorted((b["code"], b["calls"]) for b in again["before"]) == sorted(
        (b["code"], b["calls"]) for b in told["after"]
    )
    assert [beat["code"] for beat in again["after"]] == ["b1", "b2", "b3"]
    assert again["changes"] == []


def test_cells_share_a_border_but_not_a_corner(cells: list[Any]) -> None:
    from shouwang.desk.beats.advice.dividing import beside

    shapes = [shapely.geometry.shape(cell.geometry) for cell in cells[:16]]
    rows = [(4 * r + c, 4 * r + c + 1) for r in range(4) for c in range(3)]
    columns = [(4 * r + c, 4 * r + c + 4) for r in range(3) for c in range(4)]
    assert sorted(map(tuple, beside([*shapes, shapely.Polygon()]).tolist())) == sorted(rows + columns)


def test_codes_are_free_and_differ_so_that_the_import_takes_them(
    forecast: Any, ask: Any, town: Any, tmp_path: Path
) -> None:
    """Two beats of today have one code in two control areas, and a community has another."""
    for path, code, kind in (("t/1/", "b1", "beat"), ("t/2/", "b1", "beat"), ("t/2/", "b2", "community")):
        area = town.areas[path]
        Area.objects.create(path=f"{path}{code}/", parent=path, code=code, kind=kind, zh=code, en=code, lon=area.lon,
                            lat=area.lat, geometry=area.geometry)  # fmt: skip
    proposal = ask()
    assert [beat["code"] for beat in made(proposal, town)["after"]] == ["b1", "b3"]
    file = tmp_path / "beats.geojson"
    file.write_bytes(exports.answer(proposal, "geojson").content)
    assert import_file(actor=system("import"), now=town.now, kind="areas", path=file).done
    assert list(Area.objects.filter(kind="beat").values_list("path", flat=True)) == ["t/b1/", "t/b3/"]


def test_made_again_the_figures_are_identical_and_said_to_be_so(forecast: Any, ask: Any, cast: Any, town: Any) -> None:
    proposal = ask(count=3)
    first = made(proposal, town)
    ROOM.again(actor=cast.planner.actor, now=town.now, id=proposal.id)
    assert made(proposal, town) == first
    assert (proposal.same, proposal.runs) == (True, 2)
    with pytest.raises(Conflict):
        ROOM.again(actor=cast.planner.actor, now=town.now, id=ask().id)


def test_calls_without_a_cell_are_told_and_without_units_nothing_is_played(
    forecast: Any, ask: Any, town: Any
) -> None:
    Area.objects.filter(path="t/2/b/c33/").delete()
    for unit in town.units.values():
        unit.delete()
    told = made(ask(), town)
    assert (told["outside"], told["score"]) == (pytest.approx(1.2), None)
    assert sum(beat["calls"] for beat in told["after"]) == pytest.approx(57.6 - 1.2)


def test_a_cell_that_no_road_leads_to_goes_with_its_neighbour(forecast: Any, ask: Any, town: Any) -> None:
    from shouwang.desk.beats.advice import dividing

    def cut_off(self: Any, *_: Any) -> Any:
        found = real(self, *_)
        found[0, 1:] = found[1:, 0] = np.inf  # the first cell, in the south-west corner
        return found

    real = dividing.Travel.matrix
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dividing.Travel, "matrix", cut_off)
        told = made(ask(count=3), town)
    assert told["left_out"] == 1
    of = {path: now for path, _was, now in told["cells"]}
    assert of["t/1/a/c00/"] in (of["t/1/a/c01/"], of["t/1/a/c10/"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"count": 33}, "count"),
        ({"each": "control_area", "count": 17}, "count"),
        ({"area": "t/1/a/"}, "area"),
        ({"each": "nonsense"}, "each"),
    ],
)
def test_bad_input_is_named_at_its_field(forecast: Any, ask: Any, town: Any, changes: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(**changes)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_nothing_is_asked_before_there_is_something_to_divide(cast: Any, town: Any, ask: Any, request: Any) -> None:
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "no_forecast"
    assert "还没有预测" in cast.planner.client.get("/beats/").content.decode()
    request.getfixturevalue("forecast")
    Area.objects.filter(kind__in=("cell", "community")).delete()
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.field == "area"


def test_a_cancelled_run_stops_and_one_at_work_is_not_deleted(
    forecast: Any, ask: Any, cast: Any, town: Any, monkeypatch: Any
) -> None:
    proposal, real = ask(), jobs.make

    def cancelled(taken: Proposal, tick: Any) -> Any:
        with pytest.raises(Conflict):
            ROOM.delete(actor=cast.planner.actor, now=town.now, id=proposal.id)
        ROOM.cancel(actor=cast.planner.actor, now=town.now, id=proposal.id)
        return real(taken, tick)

    monkeypatch.setattr(jobs, "make", cancelled)
    assert jobs.run_one(town.now)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.figures) == ("cancelled", {})
    kinds = list(Event.objects.filter(subject=str(proposal.id)).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["beats.asked", "beats.cancelled", "beats.ended"]


def test_who_may_ask_see_and_delete(forecast: Any, ask: Any, cast: Any, town: Any) -> None:
    from shouwang.desk.people.models import Grant

    proposal = ask()
    url = f"/api/beats/{proposal.id}"
    with pytest.raises(Denied):
        ROOM.cancel(actor=cast.supervisor.actor, now=town.now, id=proposal.id)
    with pytest.raises(Missing):
        ROOM.delete(actor=cast.stranger.actor, now=town.now, id=proposal.id)
    assert cast.supervisor.client.get(url).json()["given"]["count"] == 2
    assert "ask.js" in cast.supervisor.client.get("/beats/").content.decode()
    assert 'id="ask"' not in cast.supervisor.client.get("/beats/").content.decode()
    for path in (url, f"{url}/geojson", f"/beats/{proposal.id}/", f"/beats/{proposal.id}/beats.csv"):
        assert cast.stranger.client.get(path).status_code == 404
    assert cast.supervisor.client.delete(url).status_code == 403
    Grant.objects.filter(user=cast.planner.user).update(area="t/1/")
    with pytest.raises(Denied):
        ask()
    own = ask(area="t/1/", count=2)
    assert [path for path, *_ in own.given["cells"] if not path.startswith("t/1/")] == []
    assert cast.planner.client.get(url).status_code == 404
    assert cast.planner.client.delete(f"/api/beats/{own.id}").status_code == 204


def test_over_http_asked_once_listed_shown_and_exported(forecast: Any, cast: Any, town: Any) -> None:
    client, body = cast.planner.client, {"id": NEW_ID, "area": "t/", "count": 2, "tolerance": 0.1, "worth_min": 1}
    for _ in range(2):
        answer = client.post("/api/beats", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert client.get("/api/beats").json()["total"] == 1
    refused = client.post("/api/beats", body | {"id": NEW_ID.replace("1111", "2222"), "count": 99},
                          content_type="application/json")  # fmt: skip
    assert (refused.status_code, refused.json()["field"]) == (422, "count")
    url = f"/beats/{NEW_ID}/"
    assert client.get(url + "beats.geojson").status_code == 404  # not made yet
    assert "等待后台" in client.get(url).content.decode()
    told = made(Proposal.objects.get(), town)
    page = client.get(url).content.decode()
    assert "一控区 → " not in page
    for words in ("换归属", "模拟", "区域导入"):
        assert words in page, words
    assert "小城区" in client.get("/beats/").content.decode()
    table = client.get(url + "beats.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 1 + len(told["before"]) + len(told["after"])
    book = openpyxl.load_workbook(io.BytesIO(client.get(url + "beats.xlsx").content))
    assert [sheet.max_row for sheet in book] == [5, 1 + len(told["changes"]), 33]
    assert client.get(url + "beats.pdf").status_code == 404
    features = client.get(f"/api/beats/{NEW_ID}/geojson").json()
    assert features == json.loads(client.get(url + "beats.geojson").content)
    assert [f["properties"]["kind"] for f in features["features"]] == ["beat", "beat"]
