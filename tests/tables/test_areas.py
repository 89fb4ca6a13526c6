import json

import pytest

from shouwang.engine.errors import BadInput
from shouwang.tables.areas import Area, overlaps, read_areas


def box(west, south, size=1.0):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def save(folder, *features):
    file = folder / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return file


def test_the_neighbourhoods_of_the_example_are_read_and_do_not_overlap(stlouis):
    areas = read_areas(stlouis / "neighbourhoods.geojson")
    assert len(areas) == 88
    assert areas[0] == Area("1", "Carondelet", areas[0].polygon)
    assert overlaps(areas) == []


def test_properties_may_be_named(tmp_path):
    file = save(tmp_path, feature(box(0, 0), 编号="A1", 名称="城东"))
    area = read_areas(file, code="编号", name="名称")[0]
    assert (area.code, area.name, area.polygon.area) == ("A1", "城东", 1.0)


def test_every_bad_feature_is_named(tmp_path):
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    file = save(
        tmp_path,
        feature(box(0, 0), code="1", name="a"),
        feature(box(5, 5), code="1", name="b"),
        feature({"type": "Point", "coordinates": [0, 0]}, code="2", name="c"),
        feature(bow_tie, code="3", name="d"),
        feature(box(400_000, 3_000_000), code="4", name="e"),
        feature(box(9, 9), code="5"),
        feature({"type": "Polygon", "coordinates": [[[0, "x"]]]}, code="6", name="f"),
    )
    with pytest.raises(BadInput) as caught:
        read_areas(file)
    found = {fault.where.split(", ")[1]: fault.what for fault in caught.value.faults}
    assert found == {
        "feature 2": "the code is used twice",
        "feature 3": "the area is no polygon",
        "feature 4": "the polygon is broken",
        "feature 5": "the coordinates are no degrees",
        "feature 6": "the area has no name",
        "feature 7": "the coordinates cannot be read",
    }


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"type": "FeatureCollection", "features": []}', '{"features": [3]}'])
def test_files_of_another_form_are_refused(tmp_path, text):
    file = tmp_path / "areas.geojson"
    file.write_text(text)
    with pytest.raises(BadInput):
        read_areas(file)


def test_overlapping_areas_are_found_with_their_share(tmp_path):
    file = save(tmp_path, feature(box(0, 0), code="1", name="a"), feature(box(0.75, 0), code="2", name="b"),
                feature(box(2.0, 0), code="3", name="c"))  # fmt: skip
    assert overlaps(read_areas(file)) == [("1", "2", pytest.approx(0.25))]
