"""Counted beforehand and forecast from the counts: the same as from the calls."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from shouwang.shell.main import main
from shouwang.tables import counting
from shouwang.tables.binned import read_binned

ORIGIN = np.datetime64("2024-06-01T00:00:00", "s")


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Calls of 120 days, one after the origin far from all others, some found by patrols, most of
    unknown source."""
    rng = np.random.default_rng(6)
    n = 3000
    time = ORIGIN + rng.integers(-110 * 86400, 10 * 86400, n).astype("timedelta64[s]")
    time[-1] = ORIGIN + np.timedelta64(2, "D")
    return pa.table({
        "time": pa.array(time),
        "lon": np.append(rng.normal(104.06, 0.02, n - 1), 0.0),
        "lat": np.append(rng.normal(30.66, 0.02, n - 1), 0.0),
        "category": rng.choice(["火灾", "noise"], n),
        "source": pa.array(rng.choice(["resident", "patrol", ""], n, p=[0.2, 0.2, 0.6]).tolist()),
    })  # fmt: skip


@pytest.fixture(scope="module")
def files(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two files, and one of all calls."""
    folder = tmp_path_factory.mktemp("calls")
    pq.write_table(table.slice(0, 1700), folder / "part-1.parquet")
    pq.write_table(table.slice(1700), folder / "part-2.parquet")
    pq.write_table(table, folder / "all.parquet")
    return folder / "part-*.parquet", folder / "all.parquet"


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def told(*arguments: Any) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout, parse_float=lambda text: round(float(text), 9))
    return report


def test_counts_feed_forecast_and_backtest_as_calls_do(
    files: tuple[Path, Path], table: pa.Table, tmp_path: Path
) -> None:
    parts, whole = files
    about = told("count", parts, "--out", tmp_path / "counted", "--cell-m", "500")
    heard = int(pc.sum(pc.not_equal(table["source"], "patrol")).as_py())
    assert about["calls"] == len(table) and about["rows"] <= len(table)
    assert about["sources"] == {"resident": heard, "alarm": 0, "patrol": len(table) - heard}

    reports = [told("forecast", calls, "--origin", "2024-06-01", "--cell-m", "500", "--out", tmp_path / f"{n}.parquet")
               for n, calls in enumerate((whole, tmp_path / "counted"))]  # fmt: skip
    assert pq.read_table(tmp_path / "0.parquet").equals(pq.read_table(tmp_path / "1.parquet"))
    for key in ("rows_used", "left_out", "cells", "settings", "calls_per_day", "interval"):
        assert reports[0][key] == reports[1][key], key
    assert reports[1]["findings"][0]["code"] == "binned"
    assert {one["code"] for one in reports[0]["findings"]} == {o["code"] for o in reports[1]["findings"]} - {"binned"}

    scored = [told("backtest", calls, "--from", "2024-05-25", "--days", "2", "--cell-m", "500", "--model", "decayed")
              for calls in (whole, tmp_path / "counted")]  # fmt: skip
    for one in scored:
        del one["seconds_per_forecast"]
    assert scored[0] == scored[1]


def test_profiles_hold_every_call_once(files: tuple[Path, Path], table: pa.Table, tmp_path: Path) -> None:
    told("count", files[1], "--out", tmp_path / "counted")
    profiles = pq.read_table(tmp_path / "counted" / "profiles.parquet")
    hour = table["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    wanted = np.bincount((hour + 72) % 168, minlength=168)
    found = np.bincount(profiles["hour_of_week"].to_numpy(), profiles["calls"].to_numpy(), 168)
    assert (found == wanted).all()
    assert set(profiles["category"].to_pylist()) == {"火灾", "noise"}


def test_where_nearly_all_counts_are_one_calls_are_written_singly(
    files: tuple[Path, Path], table: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.concat_tables([table.slice(0, 300)] * 10), tmp_path / "dense.parquet")
    scattered, dense = (tmp_path / name for name in ("scattered", "dense"))
    whole = [told("count", calls, "--out", folder)["findings"]
             for calls, folder in ((files[1], scattered), (tmp_path / "dense.parquet", dense))]  # fmt: skip
    monkeypatch.setattr(counting, "LOOKED_AT_WHOLE", 100)
    monkeypatch.setattr(counting, "SAMPLED", 2)
    again = told("count", files[1], "--out", tmp_path / "again")
    assert again["rows"] == again["calls"] == len(table)
    assert read_binned(tmp_path / "again").equals(read_binned(scattered))
    thick = told("count", tmp_path / "dense.parquet", "--out", tmp_path / "thick")
    assert thick["rows"] <= 300 and read_binned(tmp_path / "thick").equals(read_binned(dense))
    repeated = [next(f for f in found if f["code"] == "repeated") for found in (whole[1], thick["findings"])]
    assert repeated[1]["values"]["share"] == pytest.approx(repeated[0]["values"]["share"], abs=0.05)


def test_csv_counts_as_parquet_does(files: tuple[Path, Path], table: pa.Table, tmp_path: Path) -> None:
    rows = [f"{t.isoformat()},{lon!r},{lat!r},{c},{s}" for t, lon, lat, c, s in zip(
        *(table[name].to_pylist() for name in table.column_names), strict=True)]  # fmt: skip
    (tmp_path / "calls.csv").write_text("\n".join([",".join(table.column_names), *rows]))
    counts = []
    for name, calls in (("p", files[1]), ("c", tmp_path / "calls.csv")):
        told("count", calls, "--out", tmp_path / name)
        counts.append(sorted(map(tuple, pq.read_table(tmp_path / name / "counts").to_pandas().to_numpy().tolist())))
    assert counts[0] == counts[1]


def test_what_are_no_calls_is_refused_with_how_many_rows(tmp_path: Path) -> None:
    bad = {
        "time": ["2024-05-01T10:00:00", "yesterday", None], "lon": [104.0, 204.0, 104.0], "lat": [30.6, 30.6, 95.0],
        "category": ["fire", " ", "fire"], "source": ["resident", "rumour", None],
    }  # fmt: skip
    pq.write_table(pa.table(bad), tmp_path / "bad.parquet")
    refused = run("count", tmp_path / "bad.parquet", "--out", tmp_path / "out")
    assert refused.exit_code == 2
    for column, rows in (("time", 2), ("lon", 1), ("lat", 1), ("category", 1), ("source", 1)):
        line = next(line for line in refused.stderr.splitlines() if f"column {column}:" in line)
        assert f"(got {rows})" in line
    pq.write_table(pa.table({"time": bad["time"]}), tmp_path / "less.parquet")
    assert "column lon" in run("count", tmp_path / "less.parquet", "--out", tmp_path / "out").stderr
    assert run("count", tmp_path / "none.parquet", "--out", tmp_path / "out").exit_code == 2


def test_counts_serve_only_what_they_were_counted_for(files: tuple[Path, Path], tmp_path: Path) -> None:
    told("count", files[1], "--out", tmp_path / "counted")
    asked = ("--origin", "2024-06-01", "--out", tmp_path / "f.parquet")
    for other in (("--cell-m", "300"), ("--cells", "h3:9")):
        refused = run("forecast", tmp_path / "counted", *asked, *other)
        assert refused.exit_code == 2 and "square:200" in refused.stderr
    moved = run("backtest", tmp_path / "counted", "--from", "2024-05-20", "--days", "2", "--offsets", "2")
    assert moved.exit_code == 2 and "--offsets" in moved.stderr
    (tmp_path / "counted" / "about.json").write_text("{}")
    assert run("forecast", tmp_path / "counted", *asked).exit_code == 2
