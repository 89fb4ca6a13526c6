import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shouwang.engine.deploy.staffing import Promise, units_needed
from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


def staffing(*arguments):
    return CliRunner().invoke(main, ["deploy", "staffing", *map(str, arguments)])


@pytest.fixture
def day(tmp_path):
    file = tmp_path / "day.csv"
    file.write_text("hour,expected\n08:00,4\n09:00,10\n08:00,2\n10:00,0\n")
    return file


def test_hours_of_a_table_are_added_up_and_staffed(day):
    result = staffing("--calls", day, "--service-s", 1800, "--within-s", 600, "--travel-s", 300, "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    wanted = units_needed([6, 10, 0], 1800, Promise(600, 0.9), travel_s=300)
    assert [(row["hour"], row["units"]) for row in document["hours"]] == [
        (hour, one.units) for hour, one in zip(("08:00", "09:00", "10:00"), wanted, strict=True)
    ]
    assert document["model"] == "erlang"
    assert document["unit_hours"] == sum(one.units for one in wanted)
    assert "unit hours" in staffing("--calls", day, "--service-s", 1800, "--within-s", 600).stdout


def test_posts_on_streets_are_manned_hour_by_hour(tmp_path, stlouis):
    streets = read_streets(stlouis)
    rng = np.random.default_rng(3)
    nodes = streets.node_id[rng.integers(0, streets.node_count, 12)]
    table = {"hour": np.repeat([0, 1], 12), "node": np.tile(nodes, 2), "expected": np.repeat([0.05, 0.3], 12)}
    pq.write_table(pa.table(table), tmp_path / "calls.parquet")
    posts = streets.node_id[rng.integers(0, streets.node_count, 15)]
    (tmp_path / "posts.csv").write_text("node\n" + "\n".join(map(str, posts)))
    common = ("--calls", tmp_path / "calls.parquet", "--streets", stlouis, "--posts", tmp_path / "posts.csv")
    result = staffing(*common, "--service-s", 2400, "--within-s", 900, "--share", 0.7, "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    night, rush = document["hours"]
    assert night["units"] <= rush["units"] <= 15
    assert min(night["kept"], rush["kept"]) >= 0.7
    assert sorted(document["order"]) == list(range(15))
    hopeless = staffing(*common, "--service-s", 2400, "--within-s", 5, "--keep-order")
    assert (hopeless.exit_code, hopeless.stdout) == (3, "")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--within-s", 60, "--posts", "p.csv", "--keep-order"), ["--posts", "--keep-order"]),
        (("--within-s", 60, "--streets", "s", "--travel-s", 5), ["--posts", "--travel-s"]),
        (("--within-s", "nan", "--share", 1), ["within_s", "share"]),
    ],
)
def test_all_that_is_wrong_with_the_options_is_named(day, arguments, named):
    result = staffing("--calls", day, "--service-s", 60, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == named


def test_all_that_is_wrong_with_the_table_is_named(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("hour,expected\n,1\n2,-1\n3,x\n")
    result = staffing("--calls", file, "--service-s", 60, "--within-s", 60)
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "bad.csv, row 2, column hour", "bad.csv, row 3, column expected", "bad.csv, row 4, column expected",
    ]  # fmt: skip
    file.write_text("calls\n1\n")
    assert staffing("--calls", file, "--service-s", 60, "--within-s", 60).stderr.count("column is missing") == 2
