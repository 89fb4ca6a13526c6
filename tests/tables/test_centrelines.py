import json
import zipfile

import numpy as np
import pytest
import shapefile

from shouwang.engine.errors import BadInput
from shouwang.tables.centrelines import read_centrelines
from shouwang.tables.osm_tags import WALK

LINES = [
    # name, class, one-way, limit, points in units of 0.001 degrees or 100 units of length
    ("Main St", "primary", "", 0, [(0, 0), (1, 0), (2, 0)]),
    ("Main St", "primary", "", 0, [(2, 0), (3, 0)]),
    ("Back St", "residential", "F", 20, [(3, 0), (3, 1), (0, 1)]),
    ("Side St", "S1400", "T", 0, [(0, 0), (0, 1)]),
    ("Steps", "steps", "", 0, [(1, 0), (1, 1)]),
    ("", "mystery", "", 0, [(2, 0), (2, 5)]),
    ("Far St", "residential", "", 0, [(8, 8), (9, 9)]),
]


DEGREES = 'GEOGCS["g",UNIT["Degree",0.0174532925199433]]'


def geojson(folder, lines=LINES, **more):
    features = [
        {"type": "Feature", "properties": {"FULLNAME": name, "fclass": kind, "oneway": way, "maxspeed": limit},
         "geometry": {"type": "LineString", "coordinates": [(x / 1e3, y / 1e3) for x, y in at]}}
        for name, kind, way, limit, at in lines
    ]  # fmt: skip
    features.append({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}})
    file = folder / "lines.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features} | more), encoding="utf-8")
    return file


def shape(folder, prj=None, scale=100.0):
    with shapefile.Writer(str(folder / "lines"), shapeType=shapefile.POLYLINE, encoding="utf-8") as writer:
        for field, kind in (("FULLNAME", "C"), ("FCLASS", "C"), ("ONEWAY", "C"), ("MAXSPEED", "N")):
            writer.field(field, kind, size=40)
        for name, kind, way, limit, at in LINES:
            writer.line([[(x * scale, y * scale) for x, y in at]])
            writer.record(name, kind, way, limit)
    if prj:
        (folder / "lines.prj").write_text(prj)
    return folder / "lines.shp"


def described(town):
    streets = town.streets
    return sorted(
        (str(streets.name[e]), str(streets.kind[e]), round(streets.length_m[e] / streets.time_s[e] * 3.6))
        for e in range(streets.edge_count)
    )


def test_lines_become_a_network_with_names_directions_and_speeds(tmp_path):
    town = read_centrelines(geojson(tmp_path))
    assert described(town) == sorted(
        [("Main St", "primary", 60)] * 4  # 0 → 2 → 3 and back
        + [("Back St", "residential", 20), ("Side St", "residential", 30)]
        + [("None", "road", 30)] * 2
    )
    assert town.report["features that are no lines"] == 1
    assert town.report["ways not for cars"] == 1
    assert town.report["streets of no known class (30 km/h, or walking speed)"] == 1
    assert town.report["nodes cut off from the largest part"] == 2
    assert town.report["points joined into the streets they lie on"] == 2


def test_walkers_use_steps_and_mind_no_one_way_rule(tmp_path):
    town = read_centrelines(geojson(tmp_path), WALK)
    found = described(town)
    assert ("Steps", "steps", 2) in found
    assert found.count(("Side St", "residential", 5)) == 2


@pytest.mark.parametrize(
    ("prj", "scale", "metres"),
    [
        (None, 100.0, 300.0),  # cannot be degrees
        (f'PROJCS["Some",{DEGREES},UNIT["Meter",1.0]]', 100.0, 300.0),
        (f'PROJCS["Some",{DEGREES},UNIT["Foot_US",0.3048006096012192]]', 100.0, 91.44),
        (DEGREES, 0.001, 333.6),
    ],
)  # fmt: skip
def test_a_shapefile_gives_the_same_streets_in_its_own_unit(tmp_path, prj, scale, metres):
    town = read_centrelines(shape(tmp_path, prj, scale))
    names = [row[0] for row in described(town)]
    assert names == [row[0] for row in described(read_centrelines(geojson(tmp_path)))]
    main = town.streets.name == "Main St"
    assert town.streets.length_m[main].sum() / 2 == pytest.approx(metres, rel=1e-3)
    assert (town.streets.plane is None) == (scale == 100.0)
    with zipfile.ZipFile(tmp_path / "lines.zip", "w") as archive:
        for file in tmp_path.glob("lines.*"):
            if file.suffix != ".zip":
                archive.write(file, file.name)
    zipped = read_centrelines(tmp_path / "lines.zip")
    np.testing.assert_allclose(zipped.streets.length_m, town.streets.length_m)


def test_bad_coordinates_are_all_named(tmp_path):
    lines = [("A", "", "", 0, [(0, 0), (500_000, 4_000_000)]), ("B", "", "", 0, [(0, 0), (float("nan"), 1)])]
    with pytest.raises(BadInput) as caught:
        read_centrelines(geojson(tmp_path, lines))
    assert [fault.where for fault in caught.value.faults] == ["lines.geojson, feature 1", "lines.geojson, feature 2"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.geojson", "{}"), ("a.geojson", "["), ("a.shp", "nothing"), ("a.zip", "nothing"), ("a.geojson", None),
     ("a.shp", None), ("a.geojson", '{"features": []}'), ("a.geojson", '{"features": [null, 3]}')],
)  # fmt: skip
def test_other_files_are_refused(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(BadInput):
        read_centrelines(tmp_path / name)
