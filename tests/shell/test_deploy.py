import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shouwang.engine.geo.travel import Travel
from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


def deploy(*arguments):
    return CliRunner().invoke(main, ["deploy", "posts", *map(str, arguments)])


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "costs.npz"
    np.savez(file, C=np.array([[0.0, 5, 9], [5, 0, 4], [9, 4, 0], [7, 2, 6]]), w=np.array([1.0, 2, 3, 4]))
    return file


def test_p_median_of_an_archive_counts_candidates_from_zero(archive):
    result = deploy("--cost", archive, "--count", 1, "--objective", "p-median", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document.pop("seconds") >= 0
    assert document == {"objective": 25.0, "bound": 25.0, "gap": 0.0, "status": "optimal", "posts": [1]}


def test_maximal_cover_of_an_archive(archive):
    result = deploy("--cost", archive, "--count", 1, "--objective", "max-cover", "--within-s", 4, "--json")
    document = json.loads(result.stdout)
    assert (document["objective"], document["status"], document["posts"]) == (9.0, "optimal", [1])


@pytest.mark.parametrize(
    ("arguments", "objective", "posts"),
    [
        (("p-center", "--count", 2), 4.0, [0, 1]),
        (("p-center", "--count", 2, "--forbidden", "0"), 5.0, [1, 2]),
        (("set-cover", "--within-s", 4), 2.0, [0, 1]),
        (("set-cover", "--within-s", 4, "--fixed", "2"), 3.0, [0, 1, 2]),
        (("expected-cover", "--count", 2, "--within-s", 5, "--busy", 0.5), 6.25, [1, 2]),
        (("expected-cover", "--count", 1, "--within-s", 5, "--busy", 0.5, "--forbidden", "1"), 2.5, [2]),
    ],
)
def test_the_other_objectives_by_hand(archive, arguments, objective, posts):
    result = deploy("--cost", archive, "--objective", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["objective"], document["bound"], document["status"]) == (objective, objective, "optimal")
    assert document["posts"] == posts


def test_fixed_posts_stay(archive):
    result = deploy("--cost", archive, "--count", 2, "--objective", "p-median", "--fixed", "0", "--json")
    assert json.loads(result.stdout)["posts"][0] == 0


def test_library_files_count_candidates_from_one_and_say_how_many(tmp_path):
    file = tmp_path / "case.txt"
    file.write_text("3 2 1\n1 2 5\n2 3 5\n")
    document = json.loads(deploy("--orlib", file, "--objective", "p-median", "--json").stdout)
    assert (document["objective"], document["posts"]) == (10.0, [2])


def test_posts_on_streets_are_rows_of_the_candidates(tmp_path, stlouis):
    streets = read_streets(stlouis)
    rng = np.random.default_rng(1)
    demand, candidates = rng.integers(0, streets.node_count, 200), rng.integers(0, streets.node_count, 30)
    weight = rng.random(200)
    lon, lat = streets.coordinates(candidates)
    pq.write_table(pa.table({"node": streets.node_id[demand], "weight": weight}), tmp_path / "d.parquet")
    pq.write_table(pa.table({"lon": lon, "lat": lat}), tmp_path / "c.parquet")
    common = ("--streets", stlouis, "--demand", tmp_path / "d.parquet", "--candidates", tmp_path / "c.parquet")
    document = json.loads(deploy(*common, "--count", 4, "--objective", "p-median", "--json").stdout)
    travel = Travel(streets)
    posts = streets.snap(lon[document["posts"]], lat[document["posts"]])
    lon_d, lat_d = streets.coordinates(demand)
    nearest_s = travel.matrix(posts, streets.snap(lon_d, lat_d)).min(axis=0)
    assert document["objective"] == pytest.approx(float((weight * nearest_s).sum()))
    assert document["status"] == "optimal"
    cover = json.loads(deploy(*common, "--count", 4, "--objective", "max-cover", "--within-s", 240, "--json").stdout)
    assert 0 < cover["objective"] <= weight.sum()


def test_without_json_a_person_can_read_it(archive):
    result = deploy("--cost", archive, "--count", 1, "--objective", "p-median")
    assert "optimal" in result.stdout
    assert "posts 1" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), ["--cost, --orlib, --streets"]),
        (("--streets", "town"), ["--demand", "--candidates"]),
        (("--cost", "ARCHIVE", "--demand", "d.parquet"), ["--demand"]),
        (("--cost", "ARCHIVE", "--count", "9", "--within-s", "nan", "--fixed", "1,x"),
         ["--count", "--within-s", "--within-s", "--fixed"]),
        (("--cost", "ARCHIVE"), ["--count"]),
        (("--cost", "missing.npz", "--count", "1"), ["missing.npz"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_named(archive, arguments, named):
    given = [archive if argument == "ARCHIVE" else argument for argument in arguments]
    result = deploy(*given, "--objective", "p-median", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == named


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("max-cover", "--count", 1), ["--within-s"]),
        (("set-cover", "--count", 1), ["--count", "--within-s"]),
        (("expected-cover", "--busy", 1, "--forbidden", "4,"), ["--count", "--within-s", "--busy", "--forbidden"]),
        (("p-center", "--count", 1, "--busy", 0.5), ["--busy"]),
        (("p-center", "--count", 1, "--fixed", "1", "--forbidden", "1"), ["forbidden"]),
        (("set-cover", "--within-s", 5, "--forbidden", "0,1,2"), ["forbidden"]),
    ],
)
def test_each_objective_names_the_options_it_misses_or_does_not_know(archive, arguments, named):
    result = deploy("--cost", archive, "--objective", *arguments)
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines() if ": " in line] == named


def test_a_standard_that_no_posts_can_keep_exits_with_three(archive):
    result = deploy("--cost", archive, "--objective", "set-cover", "--within-s", 1)
    assert result.exit_code == 3
    assert "1 places of demand" in result.stderr


def test_demand_out_of_reach_exits_with_three(tmp_path):
    file = tmp_path / "case.txt"
    file.write_text("3 1 1\n1 2 5\n")
    result = deploy("--orlib", file, "--objective", "p-median", "--json")
    assert result.exit_code == 3
    assert result.stdout == ""
