import json

import numpy as np
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


def tours(*arguments):
    return CliRunner().invoke(main, ["deploy", "tours", *map(str, arguments)])


@pytest.fixture(scope="module")
def town(tmp_path_factory, stlouis):
    streets = read_streets(stlouis)
    rng = np.random.default_rng(4)
    middle = np.flatnonzero(streets.main_part & (np.hypot(streets.x_m, streets.y_m) < 2500))
    nodes = streets.node_id[rng.choice(middle, 90, replace=False)]
    folder = tmp_path_factory.mktemp("tours")
    (folder / "units.csv").write_text("unit,node\n" + "\n".join(f"P{i},{n}" for i, n in enumerate(nodes[:3])))
    (folder / "demand.csv").write_text("node,weight\n" + "\n".join(f"{n},{i % 5 + 1}" for i, n in enumerate(nodes[3:])))
    (folder / "stops.csv").write_text("stop,node,weight\n" + "\n".join(f"S{i},{n},1" for i, n in enumerate(nodes[3:9])))
    common = ("--streets", stlouis, "--units", folder / "units.csv", "--demand", folder / "demand.csv")
    return folder, common


def test_tours_keep_their_rules_and_the_same_seed_repeats_them(town):
    folder, common = town
    ask = (*common, "--stops", folder / "stops.csv", "--windows", "0-9000,10800-18000", "--json")
    result = tours(*ask, "--seed", 5)
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["late"], document["overstayed"], document["left_out"]) == (0, 0, [])
    assert [tour["unit"] for tour in document["tours"]] == ["P0", "P1", "P2"]
    assert len(document["seen"]) == 5
    assert document["objective"] == pytest.approx(np.mean(document["seen"]))
    stops = [visit for tour in document["tours"] for visit in tour["visits"] if visit["stop"] != "post"]
    assert {visit["stop"] for visit in stops} == {f"S{i}" for i in range(6)}
    assert all(599 <= visit["leave_s"] - visit["arrive_s"] <= 961 for visit in stops)
    assert any(visit["streets"] for visit in stops)
    again, other = (json.loads(tours(*ask, "--seed", seed).stdout)["tours"] for seed in (5, 6))
    assert again == document["tours"] != other


def test_a_floor_of_cover_is_kept_or_refused(town):
    _, common = town
    result = tours(*common, "--windows", "0-9000", "--floor", 0.3, "--within-s", 400)
    assert result.exit_code == 0, result.stderr
    assert "least cover" in result.stdout
    assert tours(*common, "--floor", 1, "--within-s", 5).exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--windows", "7", "--dwell-s", "a-b", "--floor", 0.5), ["--windows", "--dwell-s", "--within-s"]),
        (("--windows", "10-5", "--dwell-s", "0-5", "--revisit-s", -1, "--detour", 0),
         ["dwell_s", "revisit_s", "detour", "windows_s"]),
        (("--floor", 2, "--within-s", -1), ["floor"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_named(town, arguments, named):
    result = tours(*town[1], *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[0] for line in result.stderr.splitlines() if ": " in line] == named


def test_tables_name_what_they_lack(town):
    folder, common = town
    (folder / "bad.csv").write_text("stop,node\na,-5\n")
    result = tours(*common, "--stops", folder / "bad.csv")
    assert result.exit_code == 2
    named = [line.split(": ")[0] for line in result.stderr.splitlines()]
    assert named == ["bad.csv, row 2, column node", "bad.csv, column weight"]
