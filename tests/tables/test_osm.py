import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.distance import haversine_m
from shouwang.tables.osm import SPEED_KMH, directions, read_osm, speed_kmh
from shouwang.tables.streets import read_streets, write_streets

XML = """<osm version="0.6">
 <node id="1" lat="10.00" lon="20.00"/> <node id="2" lat="10.00" lon="20.01"/> <node id="3" lat="10.01" lon="20.01"/>
 <node id="4" lat="10.05" lon="20.05"/> <node id="5" lat="10.05" lon="20.06"/> <node id="6" lat="10.02" lon="20.02"/>
 <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="人民路"/></way>
 <way id="2"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="30 mph"/></way>
 <way id="3"><nd ref="3"/><nd ref="1"/><tag k="highway" v="tertiary"/><tag k="oneway" v="yes"/></way>
 <way id="4"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/></way>
 <way id="5"><nd ref="3"/><nd ref="6"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
 <way id="6"><nd ref="3"/><nd ref="6"/><tag k="highway" v="footway"/></way>
 <way id="7"><nd ref="3"/><nd ref="6"/><tag k="highway" v="residential"/><tag k="oneway" v="-1"/>
  <tag k="maxspeed" v="slow"/></way>
</osm>"""


@pytest.fixture
def town(tmp_path):
    file = tmp_path / "town.osm"
    file.write_text(XML, encoding="utf-8")
    return read_osm(file)


def edges(streets):
    ids = streets.node_id
    return set(zip(ids[streets.tail].tolist(), ids[streets.head].tolist(), strict=True))


def test_directions_access_and_the_largest_part_are_kept(town):
    assert edges(town.streets) == {(1, 2), (2, 1), (2, 3), (3, 2), (3, 1)}
    assert town.report == {
        "nodes kept": 3,
        "edges kept": 5,
        "private or closed ways": 1,
        "ways not for cars": 1,
        "speed limits not understood (class speed used)": 1,
        "nodes cut off from the largest part": 3,
    }


def test_lengths_speeds_names_and_classes(town):
    streets = town.streets
    for edge in range(streets.edge_count):
        u, v = streets.node_id[[streets.tail[edge], streets.head[edge]]]
        kmh = {(1, 2): 30, (2, 3): 30 * 1.609344, (1, 3): SPEED_KMH["tertiary"]}[min(u, v), max(u, v)]
        lon, lat = streets.coordinates([streets.tail[edge], streets.head[edge]])
        assert streets.length_m[edge] == pytest.approx(haversine_m(lon[0], lat[0], lon[1], lat[1]))
        assert streets.time_s[edge] == pytest.approx(streets.length_m[edge] * 3.6 / kmh)
        assert streets.name[edge] == ("人民路" if {u, v} == {1, 2} else None)
        assert streets.kind[edge] in ("residential", "primary", "tertiary")


@pytest.mark.parametrize(
    ("tags", "both"),
    [
        ({"highway": "primary"}, (True, True)),
        ({"highway": "primary", "oneway": "yes"}, (True, False)),
        ({"highway": "primary", "oneway": "-1"}, (False, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"highway": "residential", "junction": "roundabout"}, (True, False)),
    ],
)
def test_one_way_rules(tags, both):
    assert directions(tags) == both


@pytest.mark.parametrize(
    ("limit", "kmh"), [("50", 50), ("30 mph", 48.28032), ("60 km/h", 60), ("none", None), ("0", None), ("", None)]
)
def test_speed_limits(limit, kmh):
    assert speed_kmh({"maxspeed": limit}) == (None if kmh is None else pytest.approx(kmh))


def test_a_real_extract_becomes_one_connected_network(reference, tmp_path):
    town = read_osm(reference / "streets" / "poa_osm.pbf")
    assert town.streets.main_part.all()
    assert town.streets.node_count > 10_000
    assert (town.streets.time_s >= 0).all()
    assert town.report["ways not for cars"] > 1000
    write_streets(town.streets, tmp_path / "poa")
    again = read_streets(tmp_path / "poa")
    np.testing.assert_allclose(again.length_m, town.streets.length_m)


@pytest.mark.parametrize("content", [b"no extract", None])
def test_other_files_are_refused(tmp_path, content):
    file = tmp_path / "town.osm.pbf"
    if content:
        file.write_bytes(content)
    with pytest.raises(BadInput):
        read_osm(file)
