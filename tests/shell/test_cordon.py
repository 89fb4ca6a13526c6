import json

import numpy as np
import pytest
from click.testing import CliRunner

from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.shell.main import main
from shouwang.tables.streets import read_streets, write_streets


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    """Two streets side by side, with five rungs 10 s apart: nodes 1–5 above, 11–15 below. The exits are 5 and 15."""
    folder = tmp_path_factory.mktemp("ladder")
    roads = [(i, i + 1) for i in range(1, 5)] + [(i, i + 1) for i in range(11, 15)] + [(i, i + 10) for i in range(1, 6)]
    ways = roads + [(v, u) for u, v in roads]
    nodes = [*range(1, 6), *range(11, 16)]
    streets = Streets.build(
        node_id=nodes, x_m=[n % 10 * 100 for n in nodes], y_m=[n // 10 * 100 for n in nodes], u=[w[0] for w in ways],
        v=[w[1] for w in ways], length_m=[100] * len(ways), time_s=[10] * len(ways),
    )  # fmt: skip
    write_streets(streets, folder / "ladder")
    (folder / "exits.csv").write_text("node\n5\n15\n")
    (folder / "units.csv").write_text("unit,node\nA,5\nB,4\nC,14\n")
    return folder


def cordon(*arguments):
    return CliRunner().invoke(main, ["cordon", *map(str, arguments)])


def common(folder, command, units="units.csv", exits="exits.csv"):
    return (command, "--streets", folder / "ladder", "--units", folder / units, "--exits", folder / exits)


def document(result, exit_code=0):
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_blockade_is_the_public_contract(ladder):
    found = document(cordon(*common(ladder, "blockade"), "--seed", 3, "--limit-s", 5, "--json"))
    assert list(found) == ["status", "latest_s", "total_s", "assignments", "seconds"]
    assert found["assignments"] == [
        {"unit": "A", "node": 5, "arrive_s": 0.0}, {"unit": "C", "node": 15, "arrive_s": 10.0}
    ]  # fmt: skip
    assert (found["status"], found["latest_s"], found["total_s"]) == ("optimal", 10.0, 10.0)


def test_contain_is_the_public_contract(ladder):
    found = document(cordon(*common(ladder, "contain"), "--last-seen", 1, "--delay-s", 20, "--json"))
    keys = ["status", "units", "bound", "proven", "inside", "escape", "needed", "seconds"]
    assert list(found) == keys
    assert list(found["units"][0]) == ["unit", "node", "arrive_s", "needed_before_s"]
    assert found["status"] == "contained"
    assert (len(found["units"]), found["bound"], found["proven"], found["needed"]) == (2, 2, True, None)
    assert found["escape"] == []
    assert all(20 <= one["arrive_s"] <= one["needed_before_s"] for one in found["units"])
    assert {1, 11} <= set(found["inside"])
    tight = document(
        cordon(*common(ladder, "contain"), "--last-seen", 1, "--delay-s", 0, "--goal", "tightest-area", "--json")
    )
    assert tight["bound"] == len(tight["inside"]) <= len(found["inside"])


def test_not_contained_names_the_way_out_and_what_would_do(ladder):
    result = cordon(*common(ladder, "contain"), "--last-seen", "100,0", "--delay-s", 60, "--json")
    found = document(result, exit_code=3)
    assert "not contained" in result.stderr
    assert (found["status"], found["bound"], found["proven"]) == ("not contained", None, True)
    assert found["units"] == []
    assert found["escape"] == [1, 2, 3, 4, 5]
    sooner = 60 - found["needed"]["earlier_s"]
    assert document(cordon(*common(ladder, "contain"), "--last-seen", 1, "--delay-s", sooner, "--json"))["units"]
    beaten = cordon(*common(ladder, "contain"), "--last-seen", 1, "--delay-s", sooner + 1, "--json")
    assert beaten.exit_code == 3
    text = cordon(*common(ladder, "contain"), "--last-seen", 1, "--delay-s", 60).stdout
    assert "way out: 1 2 3 4 5" in text
    assert f"units {found['needed']['earlier_s']:.0f} s earlier would contain it" in text


def test_a_radius_stands_for_exits_and_a_fast_vehicle_needs_earlier_units(ladder):
    at = ("--streets", ladder / "ladder", "--units", ladder / "units.csv", "--last-seen", "100,0")
    near = cordon("contain", *at, "--delay-s", 0, "--radius-m", 250, "--json")
    assert document(near)["bound"] == 2
    late = ("--delay-s", 11, "--radius-m", 250, "--json")
    assert document(cordon("contain", *at, *late))["bound"] == 2
    assert document(cordon("contain", *at, *late, "--speed-factor", 3), exit_code=3)["proven"] is True


def test_checkpoints_meet_trips_and_the_exit_set_shuts_the_ways(ladder, tmp_path):
    trips = tmp_path / "trips.csv"
    trips.write_text("from,to,weight\n1,5,3\n11,15,2\n2,12,1\n")
    found = document(
        cordon("checkpoints", "--streets", ladder / "ladder", "--trips", trips, "--exits", ladder / "exits.csv",
               "--count", 2, "--json")
    )  # fmt: skip
    assert list(found) == ["objective", "bound", "gap", "status", "share", "checkpoints", "exit_set", "seconds"]
    assert (found["objective"], found["bound"], found["status"]) == (6.0, 6.0, "optimal")
    assert found["share"] == 1.0
    assert len(found["exit_set"]) == 2
    alone = document(
        cordon("checkpoints", "--streets", ladder / "ladder", "--exits", ladder / "exits.csv", "--count", 1, "--json")
    )
    assert (alone["objective"], alone["exit_set"]) == (2.0, None)
    assert "trips met" in cordon("checkpoints", "--streets", ladder / "ladder", "--trips", trips, "--count", 1).stdout


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"units": "unit,node\nA,5\nA,4\n"}, 2, "used twice"),
        ({"units": "unit,node\n"}, 2, "there is no unit"),
        ({"units": "unit,node\nA,99\n"}, 2, "no such node"),
        ({"exits": "node\n5\n15\n5\n"}, 2, "exits.csv, row 4: the exit is given twice (got 5). Row 2 has it already"),
        ({"exits": "node\n"}, 2, "there is no exit"),
        ({"units": "unit,node\nA,5\n"}, 3, "1 units for 2 exits"),
    ],
)
def test_bad_tables_are_refused(ladder, tmp_path, change, code, said):
    for name in ("units", "exits"):
        (tmp_path / f"{name}.csv").write_text(change.get(name, (ladder / f"{name}.csv").read_text()))
    result = cordon("blockade", "--streets", ladder / "ladder", "--units", tmp_path / "units.csv",
                    "--exits", tmp_path / "exits.csv", "--json")  # fmt: skip
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--last-seen", "99", "--delay-s", "1"), "--last-seen: the network has no such node"),
        (("--last-seen", "here", "--delay-s", "1"), "--last-seen"),
        (("--last-seen", "1e9,0", "--delay-s", "1"), "too far from every street"),
        (("--last-seen", "1", "--delay-s", "-1"), "delay_s: the delay"),
        (("--last-seen", "1", "--delay-s", "nan"), "delay_s: the delay"),
        (("--last-seen", "1", "--delay-s", "1", "--speed-factor", "0"), "speed_factor"),
        (("--last-seen", "1", "--delay-s", "1", "--radius-m", "9"), "exactly one of the two"),
    ],
)
def test_bad_questions_are_refused(ladder, options, said):
    result = cordon(*common(ladder, "contain"), *options, "--json")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_real_city_is_ringed_within_a_radius(stlouis, tmp_path):
    streets = read_streets(stlouis)
    nodes = np.arange(0, streets.node_count, 180)
    (tmp_path / "units.csv").write_text("unit,node\n" + "".join(f"U{n},{streets.node_id[n]}\n" for n in nodes))
    seen = 7000
    result = cordon("contain", "--streets", stlouis, "--units", tmp_path / "units.csv", "--last-seen",
                    streets.node_id[seen], "--delay-s", 30, "--radius-m", 4000, "--json")  # fmt: skip
    found = document(result)
    index = streets.index_of([one["node"] for one in found["units"]])
    shut = np.isin(streets.tail, index) | np.isin(streets.head, index)
    free = Travel(streets, np.where(shut, np.inf, streets.time_s)).from_one(Spots.at_nodes([seen]))
    away = np.hypot(streets.x_m - streets.x_m[seen], streets.y_m - streets.y_m[seen]) > 4000
    assert not (np.isfinite(free) & away).any()
