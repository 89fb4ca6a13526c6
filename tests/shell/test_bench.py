import json

import numpy as np
import pytest
from click.testing import CliRunner, Result

from shouwang.shell.main import main

# The first ring crosses itself in a point, as in the contest's own file.
RINGS = [
    [[104.0, 30.6], [104.08, 30.6], [104.08, 30.64], [104.07, 30.64], [104.08, 30.64], [104.0, 30.64], [104.0, 30.6]],
    [[104.0, 30.64], [104.08, 30.64], [104.08, 30.68], [104.0, 30.68], [104.0, 30.64]],
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two years of thefts at five places and of fires all over; the district in two unnamed parts."""
    folder, rng = tmp_path_factory.mktemp("nij"), np.random.default_rng(2)
    lines = ["time,lon,lat,category"]
    for day in range(820):
        when = np.datetime64("2015-03-01") + day
        spot = rng.integers(5)
        lines.append(f"{when},{104.011 + 0.013 * spot:.6f},{30.61 + 0.011 * spot:.6f},theft")
        lines.append(f"{when},{rng.uniform(104, 104.08):.6f},{rng.uniform(30.6, 30.68):.6f},fire")
    (folder / "events.csv").write_text("\n".join(lines))
    features = [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
                for ring in RINGS]  # fmt: skip
    (folder / "area.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return ["--events", str(folder / "events.csv"), "--boundary", str(folder / "area.geojson")]


def run(files: list[str], *options: str) -> Result:
    return CliRunner().invoke(main, ["bench", "nij", *files, "--offsets", "2", "--json", *options])


def test_the_contest_is_judged_by_kind_model_and_horizon(files: list[str]) -> None:
    result = run(files, "--model", "mean", "--ceiling")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    rows = {(row["category"], row["model"], row["horizon"]): row for row in told["results"]}
    assert len(rows) == len(told["results"]) == 2 * 2 * 5 and told["grids"] == 4
    theft, fire = (rows[kind, "mean", "3 months"] for kind in ("theft", "fire"))
    assert theft["pei"]["mean"] == 1.0 and theft["pai"]["mean"] == pytest.approx(1 / theft["area_share"])
    assert fire["pai"]["mean"] < 5 and fire["pai"]["low"] <= fire["pai"]["mean"] <= fire["pai"]["high"]
    assert theft["events"] == 92 - (np.datetime64("2017-06-01") - np.datetime64("2017-05-29")).astype(int)
    assert fire["pai"]["mean"] < rows["fire", "ceiling", "3 months"]["pai"]["mean"] <= fire["highest"]["most"]


def test_people_are_told_in_words(files: list[str]) -> None:
    result = CliRunner().invoke(main, ["bench", "nij", *files, "--offsets", "1", "--days", "92", "--category", "theft"])
    assert result.exit_code == 0 and "square miles, 1 grids of 600 feet" in result.stdout and "PEI*" in result.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--category", "flood"], 2, "flood"),
        (["--cell-ft", "700"], 2, "square feet"),
        (["--from", "2016-01-01T10:30"], 2, "whole hour"),
        (["--from", "2019-01-01"], 3, "No event"),
    ],
)
def test_what_cannot_be_judged_says_why(files: list[str], options: list[str], code: int, said: str) -> None:
    result = run(files, "--model", "mean", *options)
    assert result.exit_code == code and said in result.stderr and result.stdout == ""
