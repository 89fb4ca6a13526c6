import json

import numpy as np
import pytest
from click.testing import CliRunner

from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


@pytest.fixture(scope="module")
def streets(stlouis):
    return read_streets(stlouis)


@pytest.fixture
def units(tmp_path, streets):
    nodes = np.arange(0, 14_000, 700)
    rows = [f"U{i},{streets.node_id[node]}" for i, node in enumerate(nodes)]
    file = tmp_path / "units.csv"
    file.write_text("\n".join(["unit,node", *rows]))
    return file, nodes


def respond(*arguments):
    return CliRunner().invoke(main, ["respond", *map(str, arguments)])


def test_recommendations_are_those_of_the_travel_times(stlouis, streets, units):
    file, nodes = units
    lon, lat = streets.coordinates([5000])
    result = respond("--streets", stlouis, "--units", file, "--at", f"{lon[0]},{lat[0]}", "--k", 3, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert list(document) == ["recommendations", "elapsed_ms"]
    times = Travel(streets).matrix(Spots.at_nodes(nodes), Spots.at_nodes(5000))[:, 0]
    order = np.argsort(times)[:3]
    assert [one["unit"] for one in document["recommendations"]] == [f"U{i}" for i in order]
    assert [one["eta_s"] for one in document["recommendations"]] == pytest.approx(times[order], abs=1e-5)
    assert set(document["recommendations"][0]) == {"unit", "eta_s", "distance_m", "reason"}
    assert document["recommendations"][0]["reason"] == "nearest by road"


def test_negative_coordinates_work_after_a_space_and_a_table_is_printed(stlouis, units):
    result = respond("--streets", stlouis, "--units", units[0], "--at", "-90.2,38.6")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 6
    assert "nearest by road" in result.stdout


def test_a_file_of_calls_gives_a_line_for_each(tmp_path, stlouis, units):
    calls = tmp_path / "calls.csv"
    calls.write_text("id,lon,lat\nc1,-90.2,38.6\nc2,-90.25,38.65\n")
    result = respond("--streets", stlouis, "--units", units[0], "--at", calls, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["c1", "c2"]
    for line, at in zip(lines, ("-90.2,38.6", "-90.25,38.65"), strict=True):
        alone = json.loads(respond("--streets", stlouis, "--units", units[0], "--at", at, "--json").stdout)
        assert line["recommendations"] == alone["recommendations"]


def test_service_and_capability_limit_the_choice(tmp_path, stlouis):
    file = tmp_path / "units.csv"
    file.write_text(
        "unit,lon,lat,service,capabilities\n"
        "near,-90.2,38.6,fire,\nfar,-90.25,38.65,police,patrol;first_aid\nother,-90.21,38.61,police,patrol\n"
    )
    common = ("--streets", stlouis, "--units", file, "--at", "-90.2,38.6", "--json")

    def names(*more):
        return [one["unit"] for one in json.loads(respond(*common, *more).stdout)["recommendations"]]

    assert names() == ["near", "other", "far"]
    assert names("--service", "police") == ["other", "far"]
    assert names("--service", "police", "--need", "first_aid") == ["far"]
    nobody = respond(*common, "--service", "ambulance")
    assert nobody.exit_code == 3
    assert json.loads(nobody.stdout)["recommendations"] == []
    assert "No unit can reach" in nobody.stderr


def test_bad_input_names_every_fault_on_stderr_and_leaves_stdout_empty(tmp_path, stlouis):
    file = tmp_path / "units.csv"
    file.write_text("unit,lon,lat\nA,x,38.6\nA,-90.2,1e9\n")
    result = respond("--streets", stlouis, "--units", file, "--at", "-90.2,38.6", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "units.csv, row 3, column unit",
        "units.csv, row 2, column lon",
        "units.csv, row 3, column lat",
    ]


@pytest.mark.parametrize("at", ["here", "-90.2", "-90.2,38.6,1", "nan,38", "38.6,-90.2", "2,48"])
def test_points_that_are_none_or_far_off_are_refused(stlouis, units, at):
    result = respond("--streets", stlouis, "--units", units[0], "--at", at, "--json")
    assert result.exit_code == 2
    assert result.stderr.startswith("--at: ")


def test_networks_in_metres_take_points_in_metres(reference):
    units = reference / "instances" / "cumcm2011b" / "units_city.csv"
    streets = read_streets(reference / "streets" / "cumcm2011b")
    x_m, y_m = streets.coordinates(streets.index_of([32]))
    result = respond(
        "--streets", reference / "streets" / "cumcm2011b", "--units", units, "--at", f"{x_m[0]},{y_m[0]}", "--json"
    )
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["recommendations"]) == 5


def test_numbered_needs_are_met_together_with_prices_and_moves(tmp_path, stlouis):
    units, demand, sites = (tmp_path / f"{name}.csv" for name in ("units", "demand", "sites"))
    units.write_text(
        "unit,lon,lat,service,capabilities\n"
        "P1,-90.2,38.6,police,\nP2,-90.21,38.61,police,\nP3,-90.22,38.62,police,first_aid\nP4,-90.2,38.6,police,\n"
    )
    demand.write_text("lon,lat,weight\n-90.2,38.6,3\n-90.28,38.65,9\n")
    sites.write_text("site,lon,lat\nnorth,-90.28,38.65\n")
    common = ("--streets", stlouis, "--units", units, "--at", "-90.2,38.6", "--demand", demand)
    asked = (*common, "--need", "police:2,first_aid:1,dog:1", "--move-up", sites, "--busy", 0)
    document = json.loads(respond(*asked, "--json").stdout)
    sent = {one["unit"]: one["also"] for one in document["send"]}
    assert sent in ({"P1": [], "P3": ["first_aid"]}, {"P4": [], "P3": ["first_aid"]})
    assert document["missing"] == [{"for": "dog", "count": 1, "why": "no unit can do it"}]
    assert document["moves"][0]["site"] == "north"
    assert document["moves"][0]["gain_s"] > 60
    assert all(one["price_s"] >= 0 for one in document["recommendations"])
    text = respond(*asked).stdout
    assert "send P3 for police and first_aid" in text
    assert "missing: 1 dog" in text


def test_needs_that_cannot_be_read_and_moves_without_demand_are_refused(stlouis, units):
    common = ("--streets", stlouis, "--units", units[0], "--at", "-90.2,38.6")
    wrong = respond(*common, "--need", "police:two,:1")
    assert wrong.exit_code == 2
    assert wrong.stderr.count("this is not a need") == 2
    assert respond(*common, "--move-up", units[0]).exit_code == 2
