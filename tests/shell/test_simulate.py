import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main
from shouwang.tables.streets import read_streets


@pytest.fixture(scope="module")
def streets(stlouis):
    return read_streets(stlouis)


@pytest.fixture
def plan(tmp_path, streets):
    nodes = np.random.default_rng(1).choice(np.flatnonzero(streets.main_part), 12)
    rows = [f"U{i},{streets.node_id[node]},{'' if i % 2 else '25200,68400'}" for i, node in enumerate(nodes)]
    file = tmp_path / "plan.csv"
    file.write_text("unit,node,start_s,end_s\n" + "\n".join(row if row.count(",") == 3 else row + "," for row in rows))
    return file


@pytest.fixture
def past(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text(
        "time,lon,lat,category,source\n2019-09-01T10:00:00,-90.2,38.62,theft,resident\n"
        "2019-09-01T10:05:00,-90.25,38.65,fire,alarm\n2019-09-01T11:00:00,-90.25,38.65,drugs,patrol\n"
        "2019-09-02T10:00:00,-90.23,38.63,theft,resident\n"
    )
    return file


@pytest.fixture
def forecast(tmp_path):
    at = {"cell": [1, 2, 3], "lon": [-90.2, -90.25, -90.23], "lat": [38.62, 38.65, 38.63]}
    hours = np.arange("2019-09-01T06", "2019-09-01T12", dtype="datetime64[h]").astype("datetime64[s]")
    columns = {name: np.tile(values, 6) for name, values in at.items()}
    file = tmp_path / "forecast.parquet"
    pq.write_table(pa.table(columns | {"hour": np.repeat(hours, 3), "expected": np.tile([2.0, 1.0, 0.5], 6)}), file)
    return file


def simulate(stlouis, calls, *arguments):
    arguments = ["simulate", "--streets", stlouis, "--calls", calls, *arguments, "--json"]
    return CliRunner().invoke(main, [str(one) for one in arguments])


def document(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_forecast_is_drawn_from_and_two_plans_are_compared(stlouis, plan, forecast):
    found = document(simulate(stlouis, forecast, "--units", plan, "--units", plan, "--policy", "nearest", "--policy",
                              "return", "--replications", 40, "--warm-up-s", 3600))  # fmt: skip
    assert list(found) == ["replications", "seed", "within_s", "calls_left_out", "plans", "differences",
                           "seconds_to_measure", "seconds"]  # fmt: skip
    first, second = found["plans"]
    assert first["responses"]["calls"] == pytest.approx(5 * 3.5, abs=2)
    assert first["responses"]["calls"] == second["responses"]["calls"]
    gap = second["responses"]["mean_s"]["value"] - first["responses"]["mean_s"]["value"]
    assert found["differences"][0]["mean_s"]["value"] == pytest.approx(gap, abs=1e-5)
    assert {one["hour"] for one in first["hours"]} == {7, 8, 9, 10, 11}
    assert len(first["units_busy"]) == 12
    assert 0 < first["responses"]["mean_s"]["low"] < first["responses"]["mean_s"]["high"] < 3600


def test_the_same_seed_gives_the_same_document(stlouis, plan, forecast):
    def figures(seed):
        found = document(simulate(stlouis, forecast, "--units", plan, "--replications", 3, "--seed", seed))
        return {name: value for name, value in found.items() if not name.startswith("seconds")} | {"seed": None}

    assert figures(7) == figures(7)
    assert figures(7) != figures(8)


def test_past_calls_are_replayed_without_what_patrols_found(tmp_path, stlouis, plan, past):
    trace = tmp_path / "trace.parquet"
    found = document(simulate(stlouis, past, "--units", plan, "--replications", 2, "--trace", trace,
                              "--until", "2019-09-02"))  # fmt: skip
    assert found["calls_left_out"]["patrol_found"] == 1
    assert found["plans"][0]["responses"]["calls"] == 2
    events = pq.read_table(trace).to_pylist()
    arrivals = [one for one in events if one["event"] == "arrived"]
    assert [one["call"] for one in events if one["event"] == "call"] == [0, 1]
    assert [one["time_s"] for one in events if one["event"] == "call"] == [36_000, 36_300]  # after midnight
    assert {one["unit"] for one in arrivals} <= {f"U{i}" for i in range(12)}
    assert len(arrivals) == 2


def test_figures_are_told_apart_by_area(tmp_path, stlouis, plan, forecast):
    ring = [[-90.26, 38.64], [-90.24, 38.64], [-90.24, 38.66], [-90.26, 38.66], [-90.26, 38.64]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"name": "West"}, "geometry": polygon}
    areas = tmp_path / "areas.geojson"
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    found = document(simulate(stlouis, forecast, "--units", plan, "--areas", areas, "--policy", "own-area"))["plans"][0]
    assert [one["area"] for one in found["areas"]] == ["West", "elsewhere"]
    calls = {one["area"]: one["calls"] for one in found["areas"]}
    assert calls["elsewhere"] / calls["West"] == pytest.approx(2.5, rel=0.3)
    assert found["worst_area"] in ("West", "elsewhere")


def test_kinds_say_who_is_needed_how_long_and_how_often(tmp_path, stlouis, past, streets):
    plan = tmp_path / "plan.csv"
    plan.write_text("unit,lon,lat,capabilities\nengine,-90.2,38.6,hose\ncar,-90.24,38.64,first_aid;patrol\n")
    kinds = tmp_path / "kinds.csv"
    kinds.write_text("category,needs,first,severity,law,mean_s\nfire,hose,first_aid,1,constant,100\n*,patrol,,2,constant,50\n")
    trace = tmp_path / "trace.parquet"
    document(simulate(stlouis, past, "--units", plan, "--kinds", kinds, "--trace", trace,
                      "--until", "2019-09-01T10:30"))  # fmt: skip
    events = {(one["event"], one["call"]): one for one in pq.read_table(trace).to_pylist() if one["call"] is not None}
    assert events["sent", 0]["unit"] == "car"
    assert events["sent", 1]["unit"] == "engine"
    assert events["done", 1]["time_s"] - events["arrived", 1]["time_s"] == pytest.approx(100)
    assert events["done", 0]["time_s"] - events["arrived", 0]["time_s"] == pytest.approx(50)


def test_a_table_of_posts_moves_units_up(tmp_path, stlouis, plan, forecast):
    table = tmp_path / "table.csv"
    table.write_text("free,posts\n" + "\n".join(f"{n},U1;U3" for n in range(2, 13)))
    trace = tmp_path / "trace.parquet"
    found = document(simulate(stlouis, forecast, "--units", plan, "--units", plan, "--move-up", "-", "--move-up", table,
                              "--replications", 2, "--trace", trace))  # fmt: skip
    moved = {one["plan"] for one in pq.read_table(trace).to_pylist() if one["event"] == "moved"}
    assert moved == {1}
    assert len(found["differences"]) == 1


def test_streets_are_closed_for_some_hours_in_one_plan(tmp_path, stlouis, plan, forecast):
    ring = [[-90.22, 38.60], [-90.18, 38.60], [-90.18, 38.64], [-90.22, 38.64], [-90.22, 38.60]]
    area = {"type": "Feature", "properties": {"from_h": 9, "until_h": 11},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    street = {"type": "Feature", "properties": {"street": "Market St"}, "geometry": None}
    closed = tmp_path / "closed.geojson"
    closed.write_text(json.dumps({"type": "FeatureCollection", "features": [area, street]}))
    found = document(simulate(stlouis, forecast, "--units", plan, "--units", plan, "--close", "-", "--close", closed,
                              "--replications", 30))["differences"][0]  # fmt: skip
    hours = {one["hour"]: one["within"] for one in found["hours"]}
    assert hours[9]["high"] < 0
    assert hours[6]["value"] == pytest.approx(0, abs=0.02)  # Market Street alone


def test_closures_that_cannot_be_are_named(tmp_path, stlouis, plan, forecast):
    features = [
        {"type": "Feature", "properties": {"street": "Nowhere"}},
        {"type": "Feature", "properties": {}, "geometry": None},
        {"type": "Feature", "properties": {"street": "Market St", "from_h": 7, "until_h": 7}},
        {"type": "Feature", "properties": {"street": "Market St", "from_h": 25}},
    ]  # fmt: skip
    closed = tmp_path / "closed.geojson"
    closed.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    result = simulate(stlouis, forecast, "--units", plan, "--close", closed)
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "closed.geojson, feature 1", "closed.geojson, feature 2", "closed.geojson, feature 3",
        "closed.geojson, feature 4, from_h",
    ]  # fmt: skip


def test_a_summary_is_printed_for_people(stlouis, plan, forecast):
    arguments = ["simulate", "--streets", stlouis, "--calls", forecast, "--units", plan, "--units", plan]
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    assert result.exit_code == 0
    assert "plan.csv: 20 replications of" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("plan.csv against plan.csv: mean +0.0 s")


def test_all_faults_of_all_plans_are_named(tmp_path, stlouis, forecast):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("unit,lon,lat,start_s,end_s,turnout_s\nA,-90.2,38.6,100,,5\nB,-90.2,38.6,100,100,-5\n")
    two.write_text("unit,lon,lat\nA,-90.2,38.6\nA,-90.2,x\n")
    result = simulate(stlouis, forecast, "--units", one, "--units", two)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "one.csv, row 2, column start_s", "one.csv, row 3, column end_s", "one.csv, row 3, column turnout_s",
        "two.csv, row 3, column unit", "two.csv, row 3, column lat",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--policy", "nearest", "--policy", "return"), "--policy"),
        (("--from", "tomorrow"), "--from"),
        (("--warm-up-s", "99999"), "window"),
        (("--policy", "own-area"), "--policy"),
        (("--close", "absent.geojson"), "absent.geojson"),
        (("--move-up", "absent.csv"), "absent.csv"),
        (("--kinds", "absent.csv"), "absent.csv"),
        (("--trace", "no/such/folder/trace.parquet"), "--trace"),
    ],
)
def test_options_that_cannot_be_are_named(stlouis, plan, forecast, arguments, where):
    result = simulate(stlouis, forecast, "--units", plan, "--replications", 1, *arguments)
    assert result.exit_code == 2, result.stdout
    assert result.stderr.splitlines()[-1].startswith(where)


def test_kinds_that_nobody_can_serve_or_that_do_not_fit_the_calls_are_named(tmp_path, stlouis, plan, past):
    kinds = tmp_path / "kinds.csv"
    kinds.write_text("category,needs\ntheft,boat\n")
    assert "fire" in simulate(stlouis, past, "--units", plan, "--kinds", kinds).stderr
    kinds.write_text("category,needs\n*,boat\n")
    result = simulate(stlouis, past, "--units", plan, "--kinds", kinds)
    assert result.exit_code == 2
    assert "kind *: no unit can serve it (got 'boat')" in result.stderr
    kinds.write_text("category,law,mean_s\ntheft,uniform,-3\n")
    result = simulate(stlouis, past, "--units", plan, "--kinds", kinds)
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "kinds.csv, row 2, column law", "kinds.csv, row 2, column mean_s",
    ]  # fmt: skip


def test_nothing_to_play_is_no_answer(stlouis, plan, forecast, past):
    assert simulate(stlouis, forecast, "--units", plan, "--from", "2020-01-01").exit_code == 3
    assert simulate(stlouis, past, "--units", plan, "--from", "2020-01-01").exit_code == 3


@pytest.mark.parametrize("wrong", ["forecast", "past"])
def test_calls_on_other_streets_are_a_mistake_and_few_far_off_are_left_out(tmp_path, stlouis, plan, forecast, wrong):
    far, mixed = tmp_path / "far.parquet", tmp_path / "mixed.parquet"
    if wrong == "forecast":
        table = pq.read_table(forecast)
        pq.write_table(table.set_column(1, "lon", pa.array(np.full(len(table), -91.5))), far)
        lon = table["lon"].to_numpy().copy()
        lon[table["cell"].to_numpy() == 3] = -91.5
        expected = np.where(lon < -91, 0.01, 2.0)
        pq.write_table(table.set_column(1, "lon", pa.array(lon)).set_column(4, "expected", pa.array(expected)), mixed)
        left_out = 0.06
    else:
        rows = {"time": ["2019-09-01T10:00:00"] * 20, "lat": [38.62] * 20, "category": ["theft"] * 20}
        pq.write_table(pa.table(rows | {"lon": [-91.5] * 20}), far)
        pq.write_table(pa.table(rows | {"lon": [-91.5] + [-90.2] * 19}), mixed)
        left_out = 1
    result = simulate(stlouis, far, "--units", plan)
    assert result.exit_code == 2
    assert "too far from every street" in result.stderr
    found = document(simulate(stlouis, mixed, "--units", plan, "--replications", 2))
    assert found["calls_left_out"]["off_streets"] == pytest.approx(left_out)


def test_a_broken_forecast_is_named(tmp_path, stlouis, plan, forecast):
    table = pq.read_table(forecast)
    broken = tmp_path / "broken.parquet"
    pq.write_table(table.set_column(4, "expected", pa.array([-1.0] + [1.0] * (len(table) - 1))), broken)
    assert "broken.parquet, row 1, column expected" in simulate(stlouis, broken, "--units", plan).stderr
    pq.write_table(table.drop_columns(["cell"]), broken)
    assert "broken.parquet, column cell" in simulate(stlouis, broken, "--units", plan).stderr


def test_networks_in_metres_take_forecasts_by_node(tmp_path, reference):
    streets = reference / "streets" / "cumcm2011b"
    units = reference / "instances" / "cumcm2011b" / "units_city.csv"
    nodes = read_streets(streets).node_id[:5]
    file = tmp_path / "forecast.parquet"
    hour = np.full(5, np.datetime64("2011-09-09T00:00:00", "s"))
    pq.write_table(pa.table({"cell": np.arange(5), "node": nodes, "hour": hour, "expected": np.ones(5)}), file)
    found = document(simulate(streets, file, "--units", units, "--replications", 3))
    assert found["plans"][0]["unserved"]["value"] == 0
