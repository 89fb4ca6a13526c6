import itertools
import json

import numpy as np
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main

COST = np.array([[0.0, 8, 9], [8, 0, 4], [9, 4, 0], [7, 2, 6]])  # demand × candidates
WEIGHT = {"day": [5.0, 0, 0, 1], "evening": [0.0, 3, 0, 2], "night": [0.0, 0, 6, 0]}


def deploy(*arguments):
    return CliRunner().invoke(main, ["deploy", "posts", "--objective", "p-median", *map(str, arguments)])


@pytest.fixture
def town(tmp_path):
    np.savez(tmp_path / "costs.npz", C=COST)
    np.savez(tmp_path / "cut.npz", C=np.where(COST == 9, np.inf, COST))
    rows = [f"{shift},{d},{w}" for shift, weights in WEIGHT.items() for d, w in enumerate(weights) if w]
    (tmp_path / "shifts.csv").write_text("\n".join(["shift,demand,weight", *rows]))
    return tmp_path


def best(now, price, cost=COST, always=np.inf, places=(0, 1, 2)):
    """The least total of all plans."""
    def total(plan):
        drive = sum(
            np.minimum(cost[:, list(p)].min(axis=1), always) @ np.array(w, float) if len(p) else 0.0
            for p, w in zip(plan, WEIGHT.values(), strict=True)
        )
        return drive + price * int((np.diff(np.array([now, *plan]), axis=0) != 0).sum())

    each = list(itertools.product(places, repeat=len(now)))
    return min(map(total, itertools.product(each, repeat=len(WEIGHT))))


@pytest.mark.parametrize("price", [0.0, 3.0, 1e6])
@pytest.mark.parametrize("now", [(0,), (2, 0)])
def test_one_plan_over_all_shifts_is_the_best_of_all(town, now, price):
    result = deploy("--cost", town / "costs.npz", "--shifts", town / "shifts.csv", "--price", price, "--json",
                    "--now", ",".join(map(str, now)))  # fmt: skip
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["objective"] == pytest.approx(best(now, price))
    assert (told["status"], told["gap"] <= 1e-6) == ("optimal", True)
    assert [one["shift"] for one in told["shifts"]] == list(WEIGHT)
    assert told["moves"] == sum(one["moves"] for one in told["shifts"]) == (0 if price == 1e6 else told["moves"])
    assert told["objective"] == pytest.approx(sum(one["cost"] for one in told["shifts"]) + price * told["moves"])


def test_crews_that_never_move_and_places_that_are_barred_count(town):
    given = ("--cost", town / "costs.npz", "--shifts", town / "shifts.csv", "--now", 2, "--fixed", 0, "--forbidden", 1)
    told = json.loads(deploy(*given, "--json").stdout)
    assert told["objective"] == pytest.approx(best((2,), 0.0, always=COST[:, 0], places=(0, 2)))
    assert {post for one in told["shifts"] for post in one["posts"]} <= {0, 2}
    assert "moves" in deploy(*given).stdout


def test_every_place_of_demand_is_reached_where_that_is_possible_and_else_there_is_no_answer(town):
    given = ("--cost", town / "cut.npz", "--shifts", town / "shifts.csv")
    told = json.loads(deploy(*given, "--now", 0, "--price", 100, "--json").stdout)
    assert told["shifts"][2]["posts"][0] != 0  # no road leads from there to the night's demand
    assert told["status"] == "optimal"
    stuck = deploy(*given, "--now", 0, "--forbidden", "1,2")
    assert (stuck.exit_code, stuck.stdout) == (3, "")
    assert "1 places of demand" in stuck.stderr


def test_demand_by_road_needs_no_weight_of_its_own(tmp_path, stlouis):
    (tmp_path / "d.csv").write_text("lon,lat\n-90.26,38.63\n-90.22,38.63\n")
    (tmp_path / "c.csv").write_text("lon,lat\n-90.26,38.63\n-90.22,38.63\n")
    (tmp_path / "s.csv").write_text("shift,demand,weight\nday,0,1\nnight,1,1\n")
    result = deploy("--streets", stlouis, "--demand", tmp_path / "d.csv", "--candidates", tmp_path / "c.csv",
                    "--shifts", tmp_path / "s.csv", "--now", 0, "--json")  # fmt: skip
    assert [one["posts"] for one in json.loads(result.stdout)["shifts"]] == [[0], [1]]


@pytest.mark.parametrize(
    ("rows", "arguments", "named"),
    [
        ("shift,demand,weight\nday,0,1", (), ["--now"]),
        ("shift,demand,weight\nday,0,1", ("--now", "1", "--forbidden", "1", "--price", "-1", "--count", "2", "--busy",
                                         "0.5"), ["--busy", "--count", "--now", "--price"]),
        ("shift,demand,weight\nday,9,1\nday,1,-1\n,1,1\nday,0.5,1\nday,0,1\nday,0,2", ("--now", "0"),
         ["s.csv, row 2, column demand", "s.csv, row 3, column weight", "s.csv, row 4, column shift",
          "s.csv, row 5, column demand", "s.csv, row 7, column demand"]),
        ("shift,place", ("--now", "0"), ["s.csv, column demand", "s.csv, column weight"]),
        ("shift,demand,weight", ("--now", "0"), ["s.csv"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_named(town, rows, arguments, named):
    (town / "s.csv").write_text(rows)
    result = deploy("--cost", town / "costs.npz", "--shifts", town / "s.csv", *arguments, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == named


def test_the_options_of_shifts_are_refused_without_them(town):
    result = deploy("--cost", town / "costs.npz", "--count", 1, "--now", "1", "--price", "2")
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["--now", "--price"]
