import json

import numpy as np
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


def beats(*arguments):
    return CliRunner().invoke(main, ["deploy", "beats", *map(str, arguments)])


@pytest.fixture(scope="module")
def cells(tmp_path_factory, stlouis):
    """60 cells on real streets, with four beats of today that are bands from south to north."""
    streets = read_streets(stlouis)
    rng = np.random.default_rng(2)
    nodes = rng.choice(np.flatnonzero(streets.main_part), 60, replace=False)
    lon, lat = streets.coordinates(nodes)
    band = np.argsort(np.argsort(lat)) // 15
    file = tmp_path_factory.mktemp("beats") / "cells.csv"
    rows = enumerate(zip(lon, lat, rng.integers(1, 30, 60), band, strict=True))
    lines = [f"c{i},{x},{y},{w},b{b}" for i, (x, y, w, b) in rows]
    file.write_text("\n".join(["cell,lon,lat,work,beat", *lines]))
    return file


def test_beats_on_streets_are_balanced_and_in_one_piece(cells, stlouis):
    result = beats("--streets", stlouis, "--cells", cells, "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["contiguous"] is True
    assert document["balanced"] is (document["balance"] <= 0.1 + 1e-9) is True
    assert document["bound"] <= document["objective"]
    assert [b["beat"] for b in document["beats"]] == ["b0", "b1", "b2", "b3"]
    work = dict.fromkeys(["b0", "b1", "b2", "b3"], 0.0)
    for line in cells.read_text().splitlines()[1:]:
        cell, _, _, amount, _ = line.split(",")
        work[document["cells"][cell]] += float(amount)
    assert [b["work"] for b in document["beats"]] == list(work.values())
    dear = beats("--streets", stlouis, "--cells", cells, "--price", 1e7, "--tolerance", 0.5, "--json")
    assert json.loads(dear.stdout)["moved"] < document["moved"]


def test_posts_hold_their_beats(cells, stlouis):
    bare = cells.with_name("bare.csv")
    bare.write_text("\n".join(line.rsplit(",", 1)[0] for line in cells.read_text().splitlines()))
    result = beats("--streets", stlouis, "--cells", bare, "--posts", "c3,c7,c20", "--tolerance", 0.3, "--limit-s", 5)
    assert result.exit_code == 0, result.stderr
    assert [line.rsplit(" ", 1)[1] for line in result.stdout.splitlines()[2:]] == ["c3", "c7", "c20"]


def test_all_that_is_wrong_is_named(cells, stlouis, tmp_path):
    def faults(*arguments):
        result = beats("--streets", stlouis, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return [line.split(": ")[0] for line in result.stderr.splitlines() if ": " in line]

    assert faults("--cells", cells, "--count", 3, "--posts", "c1,cx") == ["--posts", "--count"]
    bad = tmp_path / "bad.csv"
    bad.write_text("cell,lon,lat,work\na,-90.2,38.6,-1\na,-90.2,91,1\n")
    assert faults("--cells", bad) == [
        "bad.csv, row 3, column cell", "bad.csv, row 2, column work", "bad.csv, row 3, column lat", "--count",
    ]  # fmt: skip
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\nc0,c1\nc2,nowhere\n")
    assert faults("--cells", cells, "--neighbours", pairs) == ["pairs.csv, row 3, column b"]
    pairs.write_text("a,b\nc0,c1\n")
    assert len(faults("--cells", cells, "--neighbours", pairs)) >= 40
    assert faults("--cells", cells, "--tolerance", -1, "--price", -1) == ["tolerance", "price"]
