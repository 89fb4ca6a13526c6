import json

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from shouwang.engine.geo.pace import edge_times
from shouwang.engine.geo.travel import Travel
from shouwang.shell.main import main
from shouwang.tables.pace import read_pace
from shouwang.tables.streets import read_streets

A, B = "-90.2,38.63", "-90.25,38.6"


@pytest.fixture(scope="module")
def streets(stlouis):
    return read_streets(stlouis)


def run(stlouis, *arguments):
    return CliRunner().invoke(main, ["travel", "--streets", str(stlouis), *map(str, arguments)])


def answer(stlouis, *arguments):
    result = run(stlouis, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_ways_are_those_of_the_engine_with_names_and_course(stlouis, streets):
    route = Travel(streets).route(streets.snap(-90.2, 38.63), streets.snap(-90.25, 38.6))
    (found,) = answer(stlouis, "--from", A, "--to", B)["routes"]
    assert found["seconds"] == pytest.approx(route.seconds, abs=1e-5)
    assert found["length_m"] == pytest.approx(route.length_m, abs=1e-2)
    assert found["streets"] == list(route.streets)
    assert found["nodes"] == streets.node_id[route.nodes].tolist()
    line = shapely.geometry.shape(found["line"])
    x_m, y_m = streets.to_xy(*np.array(line.coords).T)
    assert shapely.LineString(np.column_stack([x_m, y_m])).length == pytest.approx(route.length_m, rel=0.02)
    ends = streets.snap([-90.2, -90.25], [38.63, 38.6])
    from_ends = np.hypot(
        *(np.array(streets.to_xy(*np.array(line.coords)[[0, -1]].T)) - streets.to_xy([-90.2, -90.25], [38.63, 38.6]))
    )
    np.testing.assert_allclose(from_ends, ends.off_m, atol=0.5)


def test_hour_closures_and_slow_downs_count_together(stlouis, streets):
    free = answer(stlouis, "--from", A, "--to", B)["routes"][0]
    u, v = free["nodes"][10:12]
    w, x = free["nodes"][20:22]
    found = answer(stlouis, "--from", A, "--to", B, "--hour", 17, "--close", f"{u}-{v}", "--slow", f"{w}-{x}:5")[
        "routes"
    ][0]
    edges = [
        np.flatnonzero((streets.tail == streets.index_of(a)) & (streets.head == streets.index_of(b)))
        for a, b in ((u, v), (w, x))
    ]
    times = edge_times(streets, pace=read_pace(), hour=17, closed=edges[0], slowed=edges[1], slowed_by=5.0)
    route = Travel(streets).under(times).route(streets.snap(-90.2, 38.63), streets.snap(-90.25, 38.6))
    assert found["seconds"] == pytest.approx(route.seconds, abs=1e-5)
    assert found["seconds"] > free["seconds"]


def test_nodes_several_goals_and_areas(stlouis, streets):
    node = int(streets.node_id[5000])
    found = answer(stlouis, "--from", node, "--to", B, "--to", node, "--isochrone", 60, "--isochrone", 120)
    assert found["routes"][1]["seconds"] == 0
    assert found["routes"][1]["nodes"] == [node]
    small, large = (shapely.geometry.shape(one["geometry"]) for one in found["isochrones"])
    assert [one["properties"]["seconds"] for one in found["isochrones"]] == [60, 120]
    assert large.area > 2 * small.area
    lon, lat = streets.coordinates([5000])
    assert small.covers(shapely.Point(lon[0], lat[0]))


def test_people_read_a_table(stlouis):
    result = run(stlouis, "--from", A, "--to", B, "--isochrone", 300)
    assert result.exit_code == 0
    first, second, third = result.stdout.splitlines()
    assert first.startswith(f"{B}: ")
    assert " → " in second
    assert third.endswith(" km²")


def test_what_no_road_leads_to_has_exit_code_3(stlouis, streets):
    goal = 5000
    closures = [
        text
        for edge in np.flatnonzero(streets.tail == goal).tolist()
        for text in ("--close", f"{streets.node_id[goal]}-{streets.node_id[streets.head[edge]]}")
    ]
    node = streets.node_id[goal]
    result = run(stlouis, "--from", A, "--to", node, *closures, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["routes"] == [None]
    assert str(node) in result.stderr


def test_all_faults_are_named_at_once(stlouis):
    result = run(
        stlouis,
        "--from",
        "here",
        "--to",
        "99999999",
        "--close",
        "1-99999999",
        "--slow",
        f"{A}:0.5",
        "--to",
        "2,48",
        "--json",
    )
    assert result.exit_code == 2
    assert result.stdout == ""
    starts = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert starts == ["--from", "--to", "--to", "--close", "--slow"]
    assert run(stlouis, "--from", A).exit_code == 2
    assert run(stlouis, "--from", A, "--isochrone", 0).exit_code == 2
