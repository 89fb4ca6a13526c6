import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from shouwang.shell.main import main

ORIGIN = np.datetime64("2024-06-01T00:00:00", "s")
DAYS = 120


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Calls of 120 days before the origin and 10 after: half of them in one place, all between 8 and 20."""
    rng = np.random.default_rng(6)
    n = 5200
    day = rng.integers(-DAYS, 10, n)
    time = ORIGIN + day * 86400 + rng.integers(8 * 3600, 20 * 3600, n)
    busy = rng.random(n) < 0.5
    return pa.table(
        {
            "time": time.astype(str),
            "lon": np.where(busy, 104.0601, rng.uniform(104.0, 104.06, n)),
            "lat": np.where(busy, 30.6602, rng.uniform(30.6, 30.66, n)),
            "category": rng.choice(["fire", "noise", "drugs"], n, p=[0.6, 0.3, 0.1]),
            "source": rng.choice(["resident", "alarm", "patrol"], n, p=[0.7, 0.1, 0.2]),
        }
    )


@pytest.fixture(scope="module")
def calls(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("calls") / "calls.parquet"
    pq.write_table(table, path)
    return path


def run(calls: Path, out: Path, *options: str) -> Result:
    arguments = ["forecast", str(calls), "--origin", "2024-06-01", "--out", str(out), *options]
    return CliRunner().invoke(main, arguments)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_rows_are_cells_by_hours_as_promised(calls: Path, tmp_path: Path) -> None:
    report = told(run(calls, tmp_path / "f.parquet", "--hours", "30", "--cell-m", "250", "--json"))
    rows = pq.read_table(tmp_path / "f.parquet")
    assert rows.column_names == ["cell", "lon", "lat", "hour", "expected", "low", "high"]
    hours = np.unique(rows["hour"].to_numpy())
    assert (hours == ORIGIN + np.arange(30) * 3600).all()
    assert len(rows) == 30 * report["cells"]
    assert len(np.unique(rows["cell"].to_numpy())) == report["cells"]
    expected, low, high = (rows[name].to_numpy() for name in ("expected", "low", "high"))
    assert (low >= 0).all() and (low <= expected).all() and (expected <= high).all()
    assert np.isclose(expected.sum(), report["expected_calls"], atol=1e-3)


def test_the_busy_place_and_the_busy_hours_stand_out(calls: Path, tmp_path: Path) -> None:
    told(run(calls, tmp_path / "f.parquet", "--json"))
    rows = pq.read_table(tmp_path / "f.parquet")
    columns = {name: rows[name].to_numpy() for name in rows.column_names}
    busiest = columns["expected"].argmax()
    east_m = np.radians(columns["lon"][busiest] - 104.0601) * np.cos(np.radians(30.66)) * 6371008.8
    north_m = np.radians(columns["lat"][busiest] - 30.6602) * 6371008.8
    assert max(abs(east_m), abs(north_m)) <= 100.5
    by_day = (columns["hour"] - ORIGIN) // np.timedelta64(1, "h")
    daytime = columns["expected"][(by_day >= 8) & (by_day < 20)].sum()
    assert daytime / columns["expected"].sum() > 0.95
    here = columns["cell"] == columns["cell"][busiest]
    assert columns["expected"][here].sum() / columns["expected"].sum() == pytest.approx(0.5, abs=0.06)


def test_the_report_accounts_for_every_row(calls: Path, table: pa.Table, tmp_path: Path) -> None:
    report = told(run(calls, tmp_path / "f.parquet", "--json", "--exclude", "drugs,flood"))
    time = table["time"].to_numpy(zero_copy_only=False).astype("datetime64[s]")
    drugs = np.array(table["category"]) == "drugs"
    patrol = (np.array(table["source"]) == "patrol") & ~drugs & (time < ORIGIN)
    assert report["rows_read"] == len(table)
    assert report["left_out"] == {
        "excluded_kinds": int(drugs.sum()),
        "at_or_after_origin": int(((time >= ORIGIN) & ~drugs).sum()),
        "patrol_found": int(patrol.sum()),
        "far_away": 0,
    }
    assert report["rows_used"] + sum(report["left_out"].values()) == len(table)
    used = time[(time < ORIGIN) & ~drugs & (np.array(table["source"]) != "patrol")]
    assert report["span"] == {"from": str(used.min()), "to": str(used.max())}
    assert report["model"] == "learnt" and report["settings"]["where"] and report["seconds"] > 0
    assert "patrols" in report["guard"] and report["sources_used"] == ["resident", "alarm"]
    assert any("flood" in note for note in report["notes"])
    truth = len(used) / DAYS
    assert report["calls_per_day"] == pytest.approx(truth, abs=4 * np.sqrt(truth / 10))


def test_the_future_and_the_patrols_change_nothing(calls: Path, table: pa.Table, tmp_path: Path) -> None:
    time = table["time"].to_numpy(zero_copy_only=False).astype("datetime64[s]")
    kept = (time < ORIGIN) & (np.array(table["source"]) != "patrol")
    pq.write_table(table.filter(pa.array(kept)), tmp_path / "kept.parquet")
    for name, path in (("whole", calls), ("part", tmp_path / "kept.parquet")):
        told(run(path, tmp_path / f"{name}.parquet", "--json"))
    assert pq.read_table(tmp_path / "whole.parquet") == pq.read_table(tmp_path / "part.parquet")


def test_csv_gives_the_same_as_parquet(calls: Path, table: pa.Table, tmp_path: Path) -> None:
    rows = [",".join(map(repr, row.values())).replace("'", "") for row in table.to_pylist()]
    (tmp_path / "calls.csv").write_text("\n".join([",".join(table.column_names), *rows]))
    for name, path in (("parquet", calls), ("csv", tmp_path / "calls.csv")):
        told(run(path, tmp_path / f"{name}.out", "--json"))
    assert pq.read_table(tmp_path / "parquet.out") == pq.read_table(tmp_path / "csv.out")


@pytest.mark.parametrize("model", ["decayed", "mean-365d", "mean"])
def test_other_models_may_be_chosen(calls: Path, tmp_path: Path, model: str) -> None:
    report = told(run(calls, tmp_path / "f.parquet", "--json", "--model", model))
    assert report["model"] == model and report["expected_calls"] > 20


def test_one_row_per_cell_for_all_hours_holds_what_the_hours_hold(calls: Path, tmp_path: Path) -> None:
    hourly = told(run(calls, tmp_path / "h.parquet", "--hours", "240", "--json"))
    total = told(run(calls, tmp_path / "t.parquet", "--hours", "240", "--by", "total", "--json"))
    rows = pq.read_table(tmp_path / "t.parquet")
    assert len(rows) == total["cells"] == hourly["cells"] and total["by"] == "total"
    assert total["expected_calls"] == pytest.approx(hourly["expected_calls"], abs=0.01)
    by_cell = pq.read_table(tmp_path / "h.parquet").group_by("cell").aggregate([("expected", "sum")]).sort_by("cell")
    assert np.allclose(by_cell["expected_sum"], rows.sort_by("cell")["expected"])
    low, expected, high = (rows[name].to_numpy() for name in ("low", "expected", "high"))
    assert (low <= expected).all() and (expected <= high).all() and high.max() > expected.max() > low.max() > 0


def test_one_kind_is_forecast_alone(calls: Path, table: pa.Table, tmp_path: Path) -> None:
    report = told(run(calls, tmp_path / "f.parquet", "--category", "noise", "--json"))
    assert report["left_out"]["excluded_kinds"] == (np.array(table["category"]) != "noise").sum()
    assert report["rows_used"] + sum(report["left_out"].values()) == len(table)
    unknown = run(calls, tmp_path / "f.parquet", "--category", "noise,flood", "--json")
    assert unknown.exit_code == 2 and "flood" in unknown.stderr and "fire, noise" in unknown.stderr


@pytest.mark.parametrize("cells", ["h3:9", "square:300", "areas.geojson", "streets.geojson"])
def test_cells_are_what_was_asked_for(calls: Path, tmp_path: Path, cells: str) -> None:
    boxes = [[104.0, 30.6, 104.03, 30.7], [104.03, 30.6, 104.07, 30.7]]
    rings = [[[w, s], [e, s], [e, n], [w, n], [w, s]] for w, s, e, n in boxes]
    for name, geometries in {
        "areas": [{"type": "Polygon", "coordinates": [ring]} for ring in rings],
        "streets": [{"type": "LineString", "coordinates": ring[:2]} for ring in rings],
    }.items():
        features = [{"type": "Feature", "properties": {"id": f"no{n}"}, "geometry": g}
                    for n, g in enumerate(geometries)]  # fmt: skip
        (tmp_path / f"{name}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    asked = str(tmp_path / cells) if cells.endswith("geojson") else cells
    report = told(run(calls, tmp_path / "f.parquet", "--cells", asked, "--json"))
    rows = pq.read_table(tmp_path / "f.parquet")
    assert report["cells_of"] == asked and len(rows) == 24 * report["cells"]
    assert np.isclose(rows["expected"].to_numpy().sum(), report["expected_calls"], atol=1e-3)
    if cells.endswith("geojson"):
        assert rows["area"].to_pylist()[:2] == ["no0", "no1"] and report["cells"] == 2
        busy = rows.group_by("area").aggregate([("expected", "sum")]).sort_by("area")["expected_sum"].to_pylist()
        assert cells != "areas.geojson" or busy[1] > 2 * busy[0]  # half of all calls in one place in the east
        assert cells == "areas.geojson" or any(f["code"] == "outside" for f in report["findings"])
    elif cells == "h3:9":
        assert len(hex(int(rows["cell"][0].as_py()))) == 17 and report["cell_m"] is None


@pytest.mark.parametrize(
    ("times", "places", "codes"),
    [
        ("2024-03-{day:02}", 1e-3, {"date_only", "rounded"}),
        ("2024-03-{day:02}T{hour:02}:00:00", 0.0, {"hour_only", "snapped"}),
        ("2024-03-{day:02}T{heap}", 1e-9, {"heap"}),
    ],
)
def test_rounded_data_are_noticed_and_told(tmp_path: Path, times: str, places: float, codes: set[str]) -> None:
    rng = np.random.default_rng(5)
    lines = ["time,lon,lat,category"]
    for n in range(1500):
        hour, minute = rng.integers(24), rng.integers(60)
        heap = ["00:00:00", "12:00:00"][n % 2] if n % 5 == 0 else f"{hour:02}:{minute:02}:00"
        at = np.array([104.0, 30.6]) + (rng.uniform(0, 0.05, 2) if places else rng.integers(0, 9, 2) * 0.0031234567)
        at = np.round(at / places) * places if places == 1e-3 else at
        time = times.format(day=n % 31 + 1, hour=hour, heap=heap)
        lines.append(f"{time},{at[0]:.9f},{at[1]:.9f},noise")
    (tmp_path / "calls.csv").write_text("\n".join(lines))
    report = told(run(tmp_path / "calls.csv", tmp_path / "f.parquet", "--json"))
    assert codes <= {finding["code"] for finding in report["findings"]}
    assert {finding["text"] for finding in report["findings"]} <= set(report["notes"])
    if codes == {"heap"}:
        assert {f["time"] for f in report["findings"] if f["code"] == "heap"} == {"00:00", "12:00"}


def test_chinese_festivals_are_known_in_china_and_nothing_elsewhere(calls: Path, tmp_path: Path) -> None:
    here = told(run(calls, tmp_path / "f.parquet", "--json"))
    assert "worked" in here["settings"]["special_days"]
    assert "special_days" not in told(run(calls, tmp_path / "f.parquet", "--calendar", "none", "--json"))["settings"]
    assert "Independence Day" in told(run(calls, tmp_path / "f.parquet", "--calendar", "US", "--json"))["settings"][
        "special_days"
    ]
    assert run(calls, tmp_path / "f.parquet", "--calendar", "Atlantis").exit_code == 2


def test_without_json_people_are_told_in_words(calls: Path, tmp_path: Path) -> None:
    result = run(calls, tmp_path / "f.parquet")
    assert result.exit_code == 0
    assert "calls expected in 24 hours from 2024-06-01T00:00:00" in result.stdout
    assert str(tmp_path / "f.parquet") in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--origin", "tomorrow"], "--origin"),
        (["--origin", "2024-06-01T00:30:00"], "whole hour"),
        (["--origin", "2024-06-01T00:00:00Z"], "local"),
        (["--out", "/nowhere/f.parquet"], "/nowhere/f.parquet"),
        (["--hours", "0"], "--hours"),
        (["--cell-m", "-5"], "--cell-m"),
        (["--cells", "h3:x"], "h3:9"),
        (["--cells", "h3:9.5"], "h3:9"),
        (["--cells", "square:2"], "square:200"),
        (["--cells", "nowhere.geojson"], "nowhere.geojson"),
        (["--cells", "hexagons"], "h3:9"),
    ],
)
def test_bad_options_end_with_2_and_a_reason(calls: Path, tmp_path: Path, options: list[str], said: str) -> None:
    result = run(calls, tmp_path / "f.parquet", "--json", *options)
    assert result.exit_code == 2
    assert said in result.stderr and result.stdout == ""


def test_bad_rows_end_with_2_and_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("time,lon,lat,category\nnow,1,2,fire\n2024-01-01,1,200,fire\n")
    result = run(tmp_path / "bad.csv", tmp_path / "f.parquet", "--json")
    assert result.exit_code == 2 and result.stdout == ""
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "bad.csv, row 2, column time",
        "bad.csv, row 3, column lat",
    ]
    assert not (tmp_path / "f.parquet").exists()


def test_no_call_before_the_origin_ends_with_3(calls: Path, tmp_path: Path) -> None:
    result = run(calls, tmp_path / "f.parquet", "--json", "--origin", "2020-01-01")
    assert result.exit_code == 3 and result.stdout == "" and "origin" in result.stderr
    assert run(calls, tmp_path / "f.parquet", "--exclude", "fire,noise,drugs").exit_code == 3


def test_what_patrols_found_counts_by_its_chance_alone(table: pa.Table, tmp_path: Path) -> None:
    source = table["source"].to_numpy()
    chance = np.where(np.arange(len(table)) % 2, 1.0, 0.25)
    pq.write_table(table.append_column("chance", pa.array(chance)), tmp_path / "c.parquet")
    report = told(run(tmp_path / "c.parquet", tmp_path / "f.parquet", "--found", "--json"))
    before = table["time"].to_numpy().astype("datetime64[s]") < ORIGIN
    found = (source == "patrol") & before
    assert report["patrol_found_counted"] + report["left_out"]["patrol_found"] == found.sum()
    assert report["patrol_found_counted"] == pytest.approx((found * 0.25 / chance).sum(), rel=0.1)
    assert "same chance" in report["guard"]
    plain = told(run(tmp_path / "c.parquet", tmp_path / "f.parquet", "--json"))
    assert plain["patrol_found_counted"] == 0
    assert plain["left_out"]["patrol_found"] == found.sum()


def test_without_chances_found_calls_cannot_be_corrected(calls: Path, table: pa.Table, tmp_path: Path) -> None:
    done = run(calls, tmp_path / "f.parquet", "--found")
    assert done.exit_code == 2
    assert "no column chance" in done.output
    wrong = table.append_column("chance", pa.array(np.full(len(table), 1.5)))
    pq.write_table(wrong.slice(0, 60), tmp_path / "c.parquet")
    done = run(tmp_path / "c.parquet", tmp_path / "f.parquet", "--found")
    assert done.exit_code == 2
    assert "row 1, column chance" in done.output
    assert "above 0 and at most 1" in done.output
