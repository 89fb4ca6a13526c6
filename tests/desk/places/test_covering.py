"""Grid cells without gap or overlap: faults found, the repair proposed, accepted and done."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Conflict, Denied
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.places import actions, facts
from shouwang.desk.places.covering import flaws, mended
from shouwang.desk.places.models import Area

D = 0.001
COMMUNITIES = {"t/a/": shapely.box(0, 0, 4 * D, 4 * D), "t/b/": shapely.box(4 * D, 0, 8 * D, 4 * D)}
WHOLE = {"t/a/1/": shapely.box(0, 0, 4 * D, 2 * D), "t/a/2/": shapely.box(0, 2 * D, 4 * D, 4 * D),
         "t/b/1/": shapely.box(4 * D, 0, 8 * D, 4 * D)}


def test_every_kind_of_fault_is_found_and_mended_as_proposed() -> None:
    assert flaws(WHOLE, COMMUNITIES) == []
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"t/a/2/": shapely.box(0, 3 * D, 4 * D, 4 * D)}, [("gap", "t/a/2/")]),
        ({"t/a/2/": shapely.box(0, 1.5 * D, 4 * D, 4 * D)}, [("overlap", "t/a/1/")]),  # stays with the smaller
        ({"t/b/1/": shapely.box(3 * D, 0, 8 * D, 4 * D)}, [("overlap", "t/a/1/"), ("overlap", "t/a/2/")]),
        ({"t/b/1/": shapely.box(4 * D, 0, 9 * D, 4 * D)}, [("beyond", "")]),
        ({"t/a/1/": shapely.box(0, 0, 3 * D, 1 * D)}, [("gap", "t/a/2/")]),
        ({"t/a/1/": shapely.box(0, 0, 4 * D, 4 * D)}, [("overlap", "t/a/2/")]),  # one wholly inside another
    ]
    for change, told in cases:
        cells = WHOLE | change
        found = flaws(cells, COMMUNITIES)
        assert sorted((f.kind, f.to) for f in found) == sorted(told), change
        after = cells | mended(cells, found)
        assert flaws(after, COMMUNITIES) == [], change
        assert abs(sum(c.area for c in after.values()) - 32 * D * D) < 1e-11


@pytest.mark.django_db
def test_the_planner_mends_what_was_looked_at(cast: Any, town: Any, clock: Any, grid: Any) -> None:
    cut = grid()
    assert [f["kind"] for f in cut] == ["gap"]
    page = cast.planner.client.get("/cells/").content.decode()
    assert cut[0]["id"] in page and 'action="/cells/mend/"' in page
    assert cut[0]["id"] in cast.clerk.client.get("/cells/").content.decode()  # sees it, and cannot mend it
    with pytest.raises(Denied):
        actions.mend_cells(actor=cast.clerk.actor, now=clock(), flaws=[cut[0]["id"]])
    with pytest.raises(Conflict):
        actions.mend_cells(actor=cast.planner.actor, now=clock(), flaws=[cut[0]["id"], "0" * 16])
    key = str(new_id())
    for _retry in range(2):
        body = json.dumps({"flaws": [cut[0]["id"]], "key": key})
        answer = cast.planner.client.post("/api/cells/mend", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert facts.covering() == [] and Event.objects.filter(kind="areas.mended").count() == 1
    assert cast.planner.client.get("/api/cells").json()["count"] == Area.objects.filter(kind="cell").count()


@pytest.fixture
def grid(town: Any, cast: Any) -> Any:
    """The town's communities cut into two cells each, one of them too small."""
    def made() -> list[dict[str, Any]]:
        Area.objects.filter(kind="cell").delete()
        first = True
        for c in Area.objects.filter(kind="community"):
            ground = shapely.geometry.shape(c.geometry)
            west, south, east, north = ground.bounds
            middle = (west + east) / 2
            for n, box in enumerate((shapely.box(west, south, middle, north), shapely.box(middle, south, east, north))):
                shape = ground.intersection(box)
                if first:
                    shape = ground.intersection(shapely.box(west, south, middle - (east - west) / 10, north))
                    first = False
                Area.objects.create(path=f"{c.path}c{n}/", parent=c.path, code=f"c{n}", kind="cell", zh=f"网格{n}",
                                    en=f"Cell {n}", geometry=shapely.geometry.mapping(shape), lon=shape.centroid.x,
                                    lat=shape.centroid.y)
        told: list[dict[str, Any]] = cast.planner.client.get("/api/cells/faults").json()
        return told
    return made


@pytest.mark.django_db
def test_cells_of_a_file_are_mended_when_asked_and_counts_come_in(tmp_path: Path, town: Any, clock: Any) -> None:
    community = Area.objects.get(path="t/2/b/")
    west, south, east, north = shapely.geometry.shape(community.geometry).bounds
    middle, over = (west + east) / 2, (east - west) / 10

    def feature(code: str, box: Any) -> dict[str, Any]:
        return {"type": "Feature", "geometry": shapely.geometry.mapping(box),
                "properties": {"code": code, "kind": "cell", "parent": "t/2/b/", "zh": code, "en": code}}

    file = tmp_path / "cells.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [
        feature("x1", shapely.box(west, south, middle + over, north)),
        feature("x2", shapely.box(middle, south, east, north))]}))

    def taken(**given: Any) -> Any:
        return actions.import_file(actor=system("import"), now=clock(), kind="areas", path=file, **given)

    refused = taken()
    assert [f.what for f in refused.faults] == ["the area overlaps its neighbour"]
    told = taken(options={"mend": "yes"})
    assert told.done and "t/2/b/x2/" in told.remarks[0], told
    assert [f for f in facts.covering() if "t/2/b/x1/" in f.among] == []

    counts = tmp_path / "counts.csv"
    counts.write_text("cell,day,residents,source\nx1,2026-01-31,412,Yearly count\nx2,2026-02-30,many,\n")
    faulty = actions.import_file(actor=system("import"), now=clock(), kind="cell-counts", path=counts)
    assert len(faulty.faults) == 3
    counts.write_text("cell,day,residents,source\nx1,2026-01-31,412,Yearly count\nx2,2026-01-31,30,Yearly count\n")
    assert actions.import_file(actor=system("import"), now=clock(), kind="cell-counts", path=counts).done
    from shouwang.desk.matters.cells import told as of

    rows = of([a for a in facts.areas("cell") if a.parent == "t/2/b/"], clock())
    assert [(r.it.code, r.residents, r.source) for r in rows] == [("x1", 412, "Yearly count"),
                                                                   ("x2", 30, "Yearly count")]
