"""Files taken in: every fault told, all rows or none."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Denied, Missing
from shouwang.desk.log.models import Card, Event
from shouwang.desk.patrol.models import HistoryFile
from shouwang.desk.places import facts, uploads
from shouwang.desk.places.actions import Report, import_file
from shouwang.desk.places.models import Area, Landmark, StreetNetwork, Upload
from shouwang.desk.places.words import said
from shouwang.desk.units.models import Unit
from shouwang.engine.geo.cells import cover_faults_m2

pytestmark = pytest.mark.django_db
IMPORTS = system("import")
HAN = re.compile(r"[\u4e00-\u9fff]")


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: str, kind: str, parent: str, geometry: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"code": code, "kind": kind, "parent": parent, "zh": f"区{code}", "en": f"Area {code}", **more}
    return {"type": "Feature", "properties": said, "geometry": geometry}


GOOD = [
    feature("d", "district", "", square(-90.28, 38.60, -90.20, 38.66)),
    feature("1", "control_area", "d/", square(-90.28, 38.60, -90.24, 38.66)),
    feature("2", "control_area", "d/", square(-90.24, 38.60, -90.20, 38.66)),
    feature("a", "community", "d/1/", square(-90.28, 38.60, -90.24, 38.63)),
    feature("b", "community", "d/1/", square(-90.28, 38.63, -90.24, 38.66)),
    feature("c", "community", "d/2/", square(-90.24, 38.60, -90.20, 38.66), setting="outskirts"),
]


@pytest.fixture
def geojson(tmp_path: Path) -> Any:
    def write(features: list[Any]) -> Path:
        path = tmp_path / "areas.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path
    return write


def take(kind: str, path: Path, clock: Any, **more: Any) -> Report:
    return import_file(actor=IMPORTS, now=clock(), kind=kind, path=path, **more)


def told(report: Report) -> list[tuple[str, str]]:
    return [(f.where.split(", ", 1)[-1], f.what) for f in report.faults]


def test_areas_come_in_with_cells_that_cover_them(rules: None, geojson: Any, clock: Any) -> None:
    report = take("areas", geojson(GOOD), clock)
    assert (report.done, report.faults) == (True, ())
    assert {k: report.counts[k] for k in ("district", "control_area", "community")} == {
        "district": 1, "control_area": 2, "community": 3}
    assert facts.locate(-90.26, 38.61).startswith("d/1/a/c")
    for community in facts.areas("community"):
        cells = [facts.shapely.geometry.shape(a.geometry) for a in facts.areas("cell") if a.parent == community.area]
        gap, overlap = cover_faults_m2(cells, facts.shapely.geometry.shape(community.geometry))
        assert (gap, overlap) == pytest.approx((0, 0), abs=0.01)
    assert Area.objects.get(path="d/2/c/").setting == "outskirts"
    assert not Area.objects.filter(example=True).exists()
    event = Event.objects.get(kind="import.done")
    assert event.payload["community"] == 3 and len(event.payload["sha256"]) == 64


def test_a_dry_run_writes_nothing(rules: None, geojson: Any, clock: Any) -> None:
    report = take("areas", geojson(GOOD), clock, dry_run=True)
    assert (report.done, report.counts["community"], report.faults) == (False, 3, ())
    assert not Area.objects.exists()
    assert not Event.objects.exists()


def test_areas_come_in_again_without_leftovers(rules: None, geojson: Any, clock: Any) -> None:
    take("areas", geojson(GOOD), clock)
    before = Area.objects.count()
    ids = dict(Area.objects.filter(kind="community").values_list("path", "id"))
    changed = [*GOOD[:5], feature("c", "community", "d/2/", square(-90.24, 38.60, -90.22, 38.66))]
    take("areas", geojson(changed), clock)
    assert Area.objects.count() < before  # the cells of the ground that left went with it
    assert dict(Area.objects.filter(kind="community").values_list("path", "id")) == ids


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": "x/y"}, ("feature 4, property code", "a code is 1 to 20 letters, digits, - or _")),
        ({"kind": "ward"}, ("feature 4, property kind", "there is no such kind of area")),
        ({"zh": ""}, ("feature 4, property zh", "a name has 1 to 80 characters")),
        ({"setting": "moon"}, ("feature 4, property setting", "unknown setting")),
        ({"parent": "d/9/"}, ("feature 4, property parent", "there is no such area above")),
        ({"parent": "d/1/b/"}, ("feature 4, property parent", "an area of this kind cannot lie in the one above")),
        ({"code": "b"}, ("feature 5, property code", "the code is used twice under this area")),
    ],
)
def test_what_is_wrong_with_an_area(rules: None, geojson: Any, clock: Any, change: Any, fault: tuple[str, str]) -> None:
    features = json.loads(json.dumps(GOOD))
    features[3]["properties"].update(change)
    report = take("areas", geojson(features), clock)
    assert told(report) == [fault]
    assert all(f.remedy for f in report.faults)
    assert not Area.objects.exists()


def test_broken_geometries_are_all_told(rules: None, geojson: Any, clock: Any) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    features = [
        feature("d", "district", "", bow),
        feature("e", "district", "", {"type": "Point", "coordinates": [0, 0]}),
        feature("f", "district", "", square(5000, 5000, 6000, 6000)),
        feature("g", "district", "", {"type": "Polygon"}),
        {"type": "Feature"},
    ]
    whats = [what for _, what in told(take("areas", geojson(features), clock))]
    assert whats == [
        "the polygon crosses or touches itself", "an area is a Polygon or MultiPolygon",
        "coordinates have to be degrees (WGS 84)", "the geometry cannot be read", "the feature has no properties"]


def test_overlaps_gaps_and_areas_beyond_their_parent(rules: None, geojson: Any, clock: Any) -> None:
    features = json.loads(json.dumps(GOOD))
    features[4]["geometry"] = square(-90.28, 38.62, -90.24, 38.66)  # a third of a
    features[5]["geometry"] = square(-90.24, 38.60, -90.19, 38.66)  # a fifth beyond
    assert told(take("areas", geojson(features), clock)) == [
        ("feature 5, geometry", "the area overlaps its neighbour"),
        ("feature 6, geometry", "the area reaches beyond the one above")]
    features[4]["geometry"] = square(-90.28, 38.6301, -90.24, 38.66)  # a strip of 11 m is left
    features[5]["geometry"] = square(-90.2401, 38.60, -90.20, 38.66)  # 9 m beyond: borders drawn twice
    with translation.override("en"):
        report = take("areas", geojson(features), clock)
    assert report.done
    assert any("lie in no community" in remark for remark in report.remarks)
    assert any("lie outside the area above" in remark for remark in report.remarks)


def test_what_is_no_geojson(rules: None, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text("code,name\n1,one")
    assert told(take("areas", path, clock)) == [("areas.geojson", "this is not a GeoJSON FeatureCollection")]


UNITS = "code,zh,en,kind,lon,lat,capabilities\n巡71,巡71,P71,patrol_car,-90.222,38.634,traffic_control\n"


def test_units_come_in_and_stay_in_their_state(town: Any, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "units.csv"
    path.write_text(UNITS + "巡01,巡一,P01,patrol_car,-90.222,38.634,\n", encoding="utf-8")
    report = take("units", path, clock)
    assert (report.done, dict(report.counts)) == (True, {"units": 2, "new": 1})
    fresh, known = Unit.objects.get(code="巡71"), Unit.objects.get(code="巡01")
    assert (fresh.area, fresh.state, fresh.example) == ("t/2/b/", "off_duty", False)
    assert {"traffic_control", "police_response"} <= set(fresh.capabilities)
    assert (known.zh, known.state, known.id) == ("巡一", "available", town.units["P01"].id)
    assert Card.objects.get(key=f"unit:{fresh.id}").body["code"] == "巡71"
    assert Unit.objects.filter(code="消31").exists()  # left out of the file: stays


def test_every_bad_unit_is_told_and_none_is_kept(town: Any, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "units.csv"
    path.write_text(UNITS + "巡71,,P72,tank,east,38.6,magic;first_aid\n", encoding="utf-8")
    before = Unit.objects.count()
    assert told(take("units", path, clock)) == [
        ("row 3, column code", "the name is used twice"), ("row 3, column zh", "the name is missing or too long"),
        ("row 3, column kind", "there is no such kind of unit"),
        ("row 3, column capabilities", "there is no such capability"),
        ("row 3, column lon", "the value is not a number, or out of bounds")]
    assert Unit.objects.count() == before
    path.write_text("code,zh\n巡71,巡71\n", encoding="utf-8")
    missing = [where for where, _ in told(take("units", path, clock))]
    assert missing == [f"column {c}" for c in ("en", "kind", "lon", "lat")]


def test_past_calls_come_in_with_what_patrols_found_left_out(town: Any, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "calls.parquet"
    table = {"time": ["2026-01-01T08:00:00"] * 3, "lon": [-90.26, -90.22, 0.0], "lat": [38.63, 38.63, 0.0],
             "category": ["theft", "drugs", "theft"], "source": ["resident", "patrol", None]}
    pq.write_table(pa.table(table), path)
    report = take("calls", path, clock, options={"exclude": "drugs", "name": "January", "licence": "CC0"})
    assert (report.done, report.counts["calls"]) == (True, 3)
    assert len(report.remarks) == 2  # one outside the district, one found by a patrol
    kept = HistoryFile.objects.get()
    assert (kept.name, kept.licence, kept.excluded_kinds, kept.area, kept.example) == (
        "January", "CC0", ["drugs"], "t/", False)


def test_bad_past_calls_are_told_by_row(town: Any, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("time,lon,lat,category\n2026-01-01T08:00:00,-90.26,38.63,theft\nyesterday,x,99,\n")
    report = take("calls", path, clock)
    assert {where for where, _ in told(report)} == {f"row 3, column {c}" for c in ("time", "lon", "lat", "category")}
    assert not HistoryFile.objects.exists()
    path.write_text("time,lon,lat,category\n2026-01-01T08:00:00,-90.26,38.63,theft\n")
    assert told(take("calls", path, clock, options={"exclude": "drugs"})) == [("exclude", "the file has no such kind")]


def test_streets_come_in_and_the_old_network_stays(town: Any, stlouis: Path, tmp_path: Path, clock: Any) -> None:
    for name in ("nodes.parquet", "edges.parquet"):
        shutil.copy(stlouis / name, tmp_path / name)
    before = facts.streets()
    clock.forward(minutes=1)
    report = take("streets", tmp_path, clock, options={"name": "Again", "licence": "public domain"})
    assert (report.done, report.counts["nodes"]) == (True, 14071)
    assert facts.network().name == "Again"
    assert facts.streets() is not before
    assert facts.streets().edge_count == before.edge_count
    assert StreetNetwork.objects.count() == 2


def test_streets_of_another_city_are_refused(town: Any, stlouis: Path, clock: Any) -> None:
    assert told(take("streets", stlouis.parent / "chengdu", clock)) == [
        ("chengdu", "no crossing of these streets lies in the district")]


def test_an_openstreetmap_extract_comes_in(rules: None, reference: Path, clock: Any) -> None:
    report = take("streets", reference / "streets" / "poa_osm.pbf", clock)
    assert report.done
    assert report.counts["nodes"] > 10_000
    assert facts.streets().main_part.all()


def test_who_may_import(town: Any, cast: Any, geojson: Any, clock: Any) -> None:
    path = geojson(GOOD)
    for person in (cast.planner, cast.dispatcher, cast.stranger, cast.nobody):
        with pytest.raises(Denied):
            import_file(actor=person.actor, now=clock(), kind="areas", path=path, dry_run=True)
    assert import_file(actor=cast.admin.actor, now=clock(), kind="areas", path=path, dry_run=True).faults == ()
    with pytest.raises(Missing):
        import_file(actor=cast.admin.actor, now=clock(), kind="persons", path=path)


def test_the_page_checks_first_and_takes_in_when_told(town: Any, cast: Any, clock: Any) -> None:
    client = cast.admin.client
    file = SimpleUploadedFile("units.csv", UNITS.encode())
    answer = client.post("/import/", {"kind": "units", "file": file})
    upload = Upload.objects.get()
    assert answer.headers["Location"] == f"/import/{upload.id}/"
    assert "every 1s" in client.get(f"/import/{upload.id}/").content.decode()
    assert uploads.run_one(clock())
    assert not Unit.objects.filter(code="巡71").exists()
    assert f"/import/{upload.id}/save/" in client.get(f"/import/{upload.id}/").content.decode()
    client.post(f"/import/{upload.id}/save/")
    assert uploads.run_one(clock())
    assert Unit.objects.filter(code="巡71").exists()
    upload.refresh_from_db()
    assert (upload.state, uploads.file_of(upload).exists()) == ("done", False)
    assert client.post(f"/import/{upload.id}/save/").status_code == 409  # once
    assert not uploads.run_one(clock())


def test_the_page_lists_faults_in_chinese(town: Any, cast: Any, clock: Any) -> None:
    client = cast.admin.client
    file = SimpleUploadedFile("units.csv", (UNITS + "巡72,巡72,P72,tank,0,0,\n").encode())
    client.post("/import/", {"kind": "units", "file": file})
    uploads.run_one(clock())
    upload = Upload.objects.get()
    page = client.get(f"/import/{upload.id}/").content.decode()
    assert upload.state == "faulty"
    assert "units.csv，第 3 行，kind 列" in page
    assert "没有这种单位" in page
    assert "tank" in page


def test_a_wrong_file_and_a_stranger_are_refused(town: Any, cast: Any) -> None:
    file = SimpleUploadedFile("units.txt", UNITS.encode())
    assert cast.admin.client.post("/import/", {"kind": "units", "file": file}).status_code == 422
    assert cast.admin.client.post("/import/", {"kind": "units"}).status_code == 422
    assert cast.planner.client.get("/import/").status_code == 403
    assert not Upload.objects.exists()


def test_a_name_with_a_path_stays_in_its_folder(town: Any, cast: Any) -> None:
    upload = uploads.take(actor=cast.admin.actor, now=town.now, kind="units", name="../../../etc/units.csv",
                          chunks=[b"x"], size_b=1, options={})
    assert upload.name == "units.csv"
    assert uploads.file_of(upload).read_bytes() == b"x"


def test_files_that_nobody_takes_in_go_after_a_week(town: Any, cast: Any, clock: Any) -> None:
    cast.admin.client.post("/import/", {"kind": "units", "file": SimpleUploadedFile("units.csv", UNITS.encode())})
    now = Upload.objects.get().at
    uploads.run_one(now)
    upload = Upload.objects.get()
    assert uploads.delete_old(now) == 0
    assert uploads.delete_old(now + uploads.KEPT * 1.01) == 1
    assert not uploads.file_of(upload).exists()


BAD = {
    "units": ("units.csv", "code,zh,en,kind,lon,lat,capabilities\n卫71,卫71,G71,police_box,-90.25,38.63,flying\n"
              "卫71,,G72,guardian,181,abc,\n"),
    "calls": ("calls.csv", "time,lon,lat,category\nyesterday,-90.2,38.6,theft\n2019-01-01T00:00:00,200,38.6,\n1,2\n"),
    "areas": ("areas.geojson", json.dumps({"type": "FeatureCollection", "features": [
        feature("no good", "planet", "", square(0, 0, 1, 1)), feature("x", "cell", "y/", square(0, 0, 1, 1))]})),
    "streets": ("streets.pbf", "no map at all"),
}


@pytest.mark.parametrize("kind", BAD)
def test_faults_are_told_in_the_readers_language(rules: None, town: Any, clock: Any, tmp_path: Path, kind: str) -> None:
    name, text = BAD[kind]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    report = take(kind, path, clock)
    assert report.faults
    with translation.override("zh-hans"):
        for fault in report.faults:
            assert HAN.search(said(fault.what)), fault
            assert not fault.remedy or HAN.search(said(fault.remedy)), fault
            assert HAN.search(said(fault.where)) or fault.where == name, fault
    with translation.override("en"):
        assert [said(f.what) for f in report.faults] == [f.what for f in report.faults]


def test_beats_lie_across_other_areas_and_a_new_file_takes_their_place(rules: None, geojson: Any, clock: Any) -> None:
    take("areas", geojson(GOOD), clock)
    inside = facts.locate(-90.26, 38.61)
    halves = [square(-90.28, 38.60, -90.24, 38.66), square(-90.24, 38.60, -90.20, 38.66)]
    assert take("areas", geojson([feature(f"b{n}", "beat", "d/", half) for n, half in enumerate(halves)]), clock).done
    assert facts.locate(-90.26, 38.61) == inside  # a call's area is not its beat
    assert [a.area for a in facts.areas("beat")] == ["d/b0/", "d/b1/"]
    assert take("areas", geojson([feature("B7", "beat", "d/1/", halves[0])]), clock).done
    assert [a.area for a in facts.areas("beat")] == ["d/1/B7/"]  # those it lies on are gone
    Area.objects.filter(kind="cell").delete()
    assert facts.locate(-90.26, 38.61) == "d/1/a/"  # as deep as the beat, and later in order
    wrong = [feature("1", "beat", "d/", halves[0]), feature("z", "cell", "d/1/B7/", halves[0]),
             feature("b1", "beat", "d/1/a/", halves[0])]  # fmt: skip
    assert told(take("areas", geojson(wrong), clock)) == [
        ("feature 1, property code", "an area of another kind has this path"),
        ("feature 2, property parent", "an area of this kind cannot lie in the one above"),
        ("feature 3, property parent", "an area of this kind cannot lie in the one above"),
    ]


LANDMARKS = """code,kind,zh,en,others,lon,lat
P1,park,中山公园,Central Park,老公园;Old Park,-90.25,38.63
S1,school,一中,First School,,-90.21,38.62
"""


def test_landmarks_come_in_and_are_found_by_each_name(rules: None, geojson: Any, tmp_path: Path, clock: Any) -> None:
    take("areas", geojson(GOOD), clock)
    file = tmp_path / "landmarks.csv"
    file.write_text(LANDMARKS, encoding="utf-8")
    assert (take("landmarks", file, clock, dry_run=True).counts, Landmark.objects.count()) == (
        {"landmarks": 2, "new": 2}, 0)
    assert take("landmarks", file, clock).done
    for typed in ("老公园", "old park", "near Central Park", "中山公园旁边"):
        first = facts.search_place(typed)[0]
        assert (first.kind, first.zh, first.area[:4]) == ("landmark", "中山公园", "d/1/"), typed
    point = {"type": "Point", "coordinates": [-90.215, 38.64]}
    changed = tmp_path / "landmarks.geojson"
    said = [{"type": "Feature", "geometry": point, "properties": {"code": c, "kind": "school", "zh": z, "en": e}}
            for c, z, e in (("S1", "一中新校区", "First School, new site"), ("S2", "二中", "Second School"))]
    changed.write_text(json.dumps({"type": "FeatureCollection", "features": said}), encoding="utf-8")
    assert take("landmarks", changed, clock).counts == {"landmarks": 2, "new": 1}
    assert facts.search_place("一中")[0].lon == -90.215 and Landmark.objects.count() == 3


def test_every_bad_landmark_is_named_at_once(rules: None, geojson: Any, tmp_path: Path, clock: Any) -> None:
    take("areas", geojson(GOOD), clock)
    file = tmp_path / "landmarks.csv"
    file.write_text(LANDMARKS + "S1,pub,,Third,,abc,38.62\nS4,park,远,Far,,-91,38.62\n", encoding="utf-8")
    report = take("landmarks", file, clock)
    assert told(report) == [
        ("row 4, column code", "the code is used twice"), ("row 4, column kind", "there is no such kind of landmark"),
        ("row 4, column zh", "this is no name"), ("row 4, column lon", "not a number of degrees"),
        ("row 5, column lon", "this point lies outside the district")]
    assert not Landmark.objects.exists()
    with translation.override("zh-hans"):
        assert all(HAN.search(said(f.what)) and HAN.search(said(f.remedy)) for f in report.faults)
