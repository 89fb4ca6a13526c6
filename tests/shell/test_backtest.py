import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from shouwang.shell.main import main


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 days of about 30 calls, a third of them in one place, a tenth found by patrols."""
    rng = np.random.default_rng(3)
    n = 2700
    busy = rng.random(n) < 0.33
    time = np.datetime64("2024-01-01T00:00:00", "s") + rng.integers(0, 90 * 86400, n)
    columns = {
        "time": time.astype(str),
        "lon": np.where(busy, 104.0201, rng.uniform(104.0, 104.03, n)),
        "lat": np.where(busy, 30.6202, rng.uniform(30.6, 30.63, n)),
        "category": rng.choice(["fire", "noise"], n),
        "source": rng.choice(["resident", "patrol"], n, p=[0.9, 0.1]),
    }
    path = tmp_path_factory.mktemp("calls") / "calls.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def run(calls: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["backtest", str(calls), "--from", "2024-03-17", "--cell-m", "300", *options])


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_every_score_has_its_interval(calls: Path) -> None:
    one = told(run(calls, "--days", "10", "--model", "decayed", "--model", "mean", "--ceiling", "--json"))
    assert (one["model"], one["forecasts"], one["horizon_h"]) == ("decayed", 10, 24)
    assert [other["model"] for other in one["others"]] == ["mean", "ceiling"]
    for scored in [one, *one["others"]]:
        figures = [*scored["hits"].values(), *scored["pai"].values(), *scored["pei"].values(),
                   *scored["bits"].values(), *scored["coverage"].values(), scored["cell_pit"],
                   scored["seconds_per_forecast"]]  # fmt: skip
        assert len(figures) == 15
        assert all(figure["low"] <= figure["high"] for figure in figures)
        assert scored["hits"]["1%"]["low"] <= scored["hits"]["1%"]["value"] <= scored["hits"]["1%"]["high"]
    assert one["pai"]["5%"]["value"] == pytest.approx(one["hits"]["5%"]["value"] / 0.05)
    assert set(one["others"][0]["gain_of_first"]) == {"bits_place", "bits_place_hour"}
    text = run(calls, "--days", "10", "--model", "mean").stdout
    assert text.startswith("10 forecasts of 24 hours") and "coverage 80%" in text


def test_calls_far_from_all_others_do_not_stretch_the_ground(calls: Path, tmp_path: Path) -> None:
    plain = told(run(calls, "--days", "1", "--model", "mean", "--json"))
    table = pq.read_table(calls)
    lost = table.slice(0, 1).set_column(1, "lon", pa.array([0.0])).set_column(2, "lat", pa.array([0.0]))
    lost = lost.set_column(0, "time", pa.array(["2024-02-01T10:00:00"]))
    lost = lost.set_column(4, "source", pa.array(["resident"]))
    pq.write_table(pa.concat_tables([table, lost]), tmp_path / "lost.parquet")
    one = told(run(tmp_path / "lost.parquet", "--days", "1", "--model", "mean", "--json"))
    assert (one["cells"], one["hits"], one["bits"]) == (plain["cells"], plain["hits"], plain["bits"])
    assert [(f["code"], f["calls"]) for f in one["findings"]] == [("far_away", 1)] and plain["findings"] == []


def test_kinds_left_out_are_not_scored(calls: Path) -> None:
    options = ("--days", "6", "--model", "mean", "--json")
    every, fire = (told(run(calls, *options, *more)) for more in ((), ("--exclude", "noise")))
    assert 0.35 * every["calls"] < fire["calls"] < 0.65 * every["calls"]


def test_a_boundary_needs_no_name(calls: Path, tmp_path: Path) -> None:
    ring = [[104.0, 30.6], [104.03, 30.6], [104.03, 30.63], [104.0, 30.63], [104.0, 30.6]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    boundary = tmp_path / "boundary.geojson"
    boundary.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": shape}]}))  # fmt: skip
    told_of = told(run(calls, "--days", "3", "--model", "mean", "--areas", str(boundary), "--json"))
    assert 80 <= told_of["cells"] <= 130


def test_horizons_share_the_days_out(calls: Path) -> None:
    half, long = (told(run(calls, "--days", "6", "--horizon-h", h, "--model", "mean", "--json")) for h in ("12", "72"))
    assert (half["forecasts"], long["forecasts"]) == (12, 2) and half["calls"] == long["calls"]


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        (("--days", "1", "--horizon-h", "48"), 2, "--horizon-h"),
        (("--from", "soon"), 2, "--from"),
        (("--from", "2020-01-01"), 3, "No call"),
        (("--from", "2030-01-01", "--days", "1"), 3, "No call"),
    ],
)
def test_what_is_wrong_is_named(calls: Path, options: tuple[str, ...], code: int, named: str) -> None:
    result = run(calls, *options, "--json")
    assert (result.exit_code, result.stdout) == (code, "") and named in result.stderr


def test_the_grid_may_be_moved(calls: Path) -> None:
    one = told(run(calls, "--days", "3", "--model", "mean", "--offsets", "2", "--json"))
    grids = one["grids"]
    place = grids["bits place"]
    assert grids["count"] == 4 and place["low"] < place["value"] < place["high"]
    assert grids["hits 5%"]["low"] <= one["hits"]["5%"]["value"] <= grids["hits 5%"]["high"]
