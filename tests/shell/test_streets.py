import json

import pytest
from click.testing import CliRunner

from shouwang.shell.main import main
from shouwang.tables.streets import read_streets

LINES = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"name": name, "highway": "residential"},
         "geometry": {"type": "LineString", "coordinates": at}}
        for name, at in (("甲路", [[0, 0], [0.001, 0], [0.002, 0]]), ("乙路", [[0.002, 0], [0.002, 0.001]]))
    ],
}  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(main, ["streets", "import", *map(str, arguments)])


@pytest.fixture
def lines(tmp_path):
    file = tmp_path / "lines.geojson"
    file.write_text(json.dumps(LINES), encoding="utf-8")
    return file


def test_a_network_is_written_with_a_report(tmp_path, lines):
    result = run(lines, "--out", tmp_path / "new" / "town", "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["report"] == {"nodes kept": 3, "edges kept": 4, "points joined into the streets they lie on": 1}
    streets = read_streets(tmp_path / "new" / "town")
    assert sorted(set(streets.name.tolist())) == ["乙路", "甲路"]
    assert [path.endswith(".parquet") for path in document["files"]] == [True, True]


def test_walkers_get_a_network_of_their_own(tmp_path, reference):
    kept = {}
    for profile in ("drive", "walk"):
        source = reference / "streets" / "poa_osm.pbf"
        result = run(source, "--out", tmp_path / profile, "--profile", profile)
        assert result.exit_code == 0, result.stderr
        kept[profile] = read_streets(tmp_path / profile)
        assert f"{kept[profile].node_count:,}  nodes kept" in result.stdout
    assert "footway" in set(kept["walk"].kind.tolist()) - set(kept["drive"].kind.tolist())


def test_a_network_made_before_is_taken_as_it_is(tmp_path, lines, stlouis):
    result = run(stlouis, "--out", tmp_path / "again", "--json")
    assert json.loads(result.stdout)["report"] == {"nodes kept": 14071, "edges kept": 44122}


@pytest.mark.parametrize("name", ["nothing.pbf", "broken.geojson", "broken.shp", "broken.pbf"])
def test_what_cannot_be_read_is_named(tmp_path, name):
    if name.startswith("broken"):
        (tmp_path / name).write_text("nothing")
    result = run(tmp_path / name, "--out", tmp_path / "town", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert name in result.stderr


def test_a_place_that_cannot_be_written_is_named(tmp_path, lines):
    result = run(lines, "--out", lines / "town")
    assert result.exit_code == 2
    assert result.stderr.startswith("--out: ")
