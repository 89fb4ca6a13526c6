from pathlib import Path

import numpy as np
import osmium
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.tables.osm import read_osm
from shouwang.tables.osm_tags import DRIVE, SPEED_KMH, WALK, directions, speed_kmh, speeds_kmh, stops, why_not
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
    ("limit", "kmh"), [("50", 50), ("30 mph", 48.28032), ("60 km/h", 60), ("none", None), ("0", None), ("", None),
     ("60;80", 60), ("CN:urban", 50), ("RU:urban", 60), ("XX:rural", 80), ("DE:zone:30", 30), ("zone20", 20),
     ("walk", 6), ("10 knots", 18.52), ("signals", None), ("50;fast", None)]
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


@pytest.mark.parametrize(
    ("tags", "cars", "walkers"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, True, False),
        ({"highway": "residential", "access": "no", "motorcar": "no", "foot": "yes"}, False, True),
        ({"highway": "service", "service": "parking_aisle"}, False, True),
        ({"highway": "footway"}, False, True),
        ({"highway": "cycleway"}, False, False),
        ({"highway": "cycleway", "foot": "designated"}, False, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "trunk", "foot": "no"}, True, False),
        ({"highway": "pedestrian", "area": "yes"}, False, False),
    ],
)
def test_who_may_use_a_way(tags, cars, walkers):
    assert (why_not(tags) is None, why_not(tags, WALK) is None) == (cars, walkers)


@pytest.mark.parametrize(
    ("tags", "cars", "walkers"),
    [
        ({"barrier": "bollard"}, True, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False, False),
        ({"barrier": "gate"}, False, False),
        ({"barrier": "gate", "access": "private"}, True, True),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, True, False),
    ],
)
def test_what_stops_whom(tags, cars, walkers):
    assert (stops(tags, DRIVE), stops(tags, WALK)) == (cars, walkers)


def test_limits_by_direction_and_walkers_own_rules():
    tags = {"highway": "primary", "maxspeed": "60", "maxspeed:backward": "30", "oneway": "yes"}
    assert speeds_kmh(tags) == (60, 30, True)
    assert speeds_kmh(tags | {"maxspeed:forward": "?"}) == (60, 30, False)
    assert speeds_kmh(tags, WALK)[:2] == (4.8, 4.8)
    assert directions(tags, WALK) == (True, True)
    assert directions(tags | {"oneway:foot": "yes"}, WALK) == (True, False)


CROSSING = """<osm version="0.6">
 <node id="1" lat="0.00" lon="0.00"/> <node id="2" lat="0.01" lon="0.00"/> <node id="3" lat="0.00" lon="0.01"/>
 <node id="4" lat="-0.01" lon="0.00"/> <node id="5" lat="0.00" lon="-0.02"/> <node id="6" lat="0.005" lon="0.005"/>
 <node id="7" lat="0.01" lon="0.01"/> {node}
 <way id="12"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
 <way id="13"><nd ref="1"/><nd ref="6"/><nd ref="3"/><tag k="highway" v="residential"/></way>
 <way id="14"><nd ref="4"/><nd ref="1"/><tag k="highway" v="residential"/></way>
 <way id="15"><nd ref="5"/><nd ref="1"/><tag k="highway" v="residential"/></way>
 <way id="27"><nd ref="2"/><nd ref="7"/><nd ref="3"/><tag k="highway" v="tertiary"/></way> {relation}
</osm>"""
TURN = """<relation id="1"><member type="way" ref="{0}" role="from"/><member type="{3}" ref="{1}" role="via"/>
 <member type="way" ref="{2}" role="to"/><tag k="type" v="restriction"/><tag k="{4}" v="{5}"/>{6}</relation>"""


def crossing(folder, *turns, node="", profile=DRIVE):
    file = folder / "crossing.osm"
    file.write_text(CROSSING.format(node=node, relation="".join(turns)), encoding="utf-8")
    return read_osm(file, profile)


def turn(came=14, via=1, goes=12, kind="node", key="restriction", rule="no_straight_on", more=""):
    return TURN.format(came, via, goes, kind, key, rule, more)


def reached(town, start, goal):
    """The nodes on the way from one to another."""
    streets = town.streets
    route = Travel(streets).route(*(Spots.at_nodes(streets.index_of(node)) for node in (start, goal)))
    return None if route is None else streets.node_id[route.nodes].tolist()


@pytest.mark.parametrize(
    ("turns", "way", "report"),
    [
        ([], [4, 1, 2], {}),
        ([turn()], [4, 1, 3, 2], {"barred turns": 1}),
        ([turn(key="restriction:motorcar")], [4, 1, 3, 2], {"barred turns": 1}),
        ([turn(rule="only_left_turn", goes=15)], [4, 1, 5, 1, 2], {"barred turns": 3}),
        ([turn(rule="only_straight_on")], [4, 1, 2], {"barred turns": 3}),
        ([turn(more='<tag k="except" v="psv;motorcar"/>')], [4, 1, 2],
         {"turn restrictions for others, or at certain times": 1}),
        ([turn(key="restriction:hgv")], [4, 1, 2], {"turn restrictions for others, or at certain times": 1}),
        ([turn(key="restriction:conditional", rule="no_straight_on @ (07:00-09:00)")], [4, 1, 2],
         {"turn restrictions for others, or at certain times": 1}),
        ([turn(via=13, kind="way")], [4, 1, 2], {"turn restrictions over a street (not read)": 1}),
        ([turn(came=99)], [4, 1, 2], {"turn restrictions whose streets are not in the network": 1}),
    ],
)  # fmt: skip
def test_turn_restrictions(tmp_path, turns, way, report):
    town = crossing(tmp_path, *turns)
    assert reached(town, 4, 2) == way
    counted = {what: n for what, n in town.report.items() if "turn" in what}
    assert counted == report
    assert reached(crossing(tmp_path, *turns, profile=WALK), 4, 2) == [4, 1, 2]


def test_closures_hold_at_restricted_crossings_too(tmp_path):
    streets = crossing(tmp_path, turn()).streets
    ends = [int(streets.index_of(node)) for node in (1, 2)]
    way = np.flatnonzero((streets.tail == ends[0]) & (streets.head == ends[1]))
    closed = Travel(streets).under(streets.closing(way))
    assert closed.route(Spots.at_nodes(ends[0]), Spots.at_nodes(ends[1])).nodes.size == 3


def test_a_barrier_ends_the_street_on_both_sides(tmp_path):
    bollard = '<node id="6" lat="0.005" lon="0.005"><tag k="barrier" v="bollard"/></node>'
    xml = CROSSING.replace('<node id="6" lat="0.005" lon="0.005"/>', bollard).format(node="", relation="")
    file = tmp_path / "crossing.osm"
    file.write_text(xml, encoding="utf-8")
    assert reached(read_osm(file), 1, 3) == [1, 2, 3]
    assert reached(read_osm(file, WALK), 1, 3) == [1, 3]
    assert read_osm(file).report["ends of streets at barriers"] == 2


def test_chains_are_joined_and_keep_their_course(tmp_path):
    streets = crossing(tmp_path).streets
    assert 6 not in streets.node_id
    assert streets.snap(0.005, 0.005).off_m[0] < 0.01


def test_a_restriction_added_to_a_real_extract_is_obeyed(reference, tmp_path):
    source = reference / "streets" / "poa_osm.pbf"
    came, via, goes, u, w = a_turn_of(source)
    file = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(file)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
        members = [("w", came, "from"), ("n", via, "via"), ("w", goes, "to")]
        tags = {"type": "restriction", "restriction": "no_left_turn"}
        writer.add_relation(osmium.osm.mutable.Relation(id=1, members=members, tags=tags))
    before, after = read_osm(source).streets, read_osm(file)
    assert after.report["barred turns"] == 1
    assert reached_s(after.streets, u, w) > reached_s(before, u, w)
    ends = np.stack([after.streets.tail, after.streets.head], axis=1)[after.streets.barred[0]]
    assert after.streets.node_id[ends].tolist() == [[u, via], [via, w]]
    rng = np.random.default_rng(4)
    nodes = rng.choice(np.intersect1d(before.node_id, after.streets.node_id), 30)
    old, new = (
        Travel(one).matrix(*(Spots.at_nodes(one.index_of(nodes)),) * 2) for one in (before, after.streets)
    )
    assert (new >= old - 1e-6).all()


def a_turn_of(source: Path):
    """A junction where two ways end, each in one edge that is part of the fastest way between their other ends."""
    streets = read_osm(source).streets
    ends, ways = {}, {}
    for way in osmium.FileProcessor(str(source), osmium.osm.WAY):
        if way.tags.get("highway") == "residential":
            ways[way.id] = [node.ref for node in way.nodes]
            for node in {way.nodes[0].ref, way.nodes[-1].ref}:
                ends.setdefault(node, []).append(way.id)
    known = set(streets.node_id.tolist())
    edges = set(zip(streets.node_id[streets.tail].tolist(), streets.node_id[streets.head].tolist(), strict=True))
    for via in sorted(ends.keys() & known):
        for came in ends[via]:
            for goes in ends[via]:
                (u, w) = (next(n for n in (ways[way][0], ways[way][-1])) for way in (came, goes))
                ends_apart = {u, w, via} <= known and len({u, w, via}) == 3 and came != goes
                if ends_apart and {(u, via), (via, w)} <= edges:
                    route = Travel(streets).route(*(Spots.at_nodes(streets.index_of(n)) for n in (u, w)))
                    if streets.node_id[route.nodes].tolist() == [u, via, w]:
                        return came, via, goes, u, w
    raise AssertionError("the extract has no such junction")


def reached_s(streets, u, w):
    return Travel(streets).matrix(*(Spots.at_nodes(streets.index_of(node)) for node in (u, w)))[0, 0]
