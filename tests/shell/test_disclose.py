import csv
import json

import pytest
from click.testing import CliRunner

from shouwang.shell.main import main


def disclose(*arguments):
    return CliRunner().invoke(main, ["disclose", *map(str, arguments)])


@pytest.fixture
def write(tmp_path):
    def write_one(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write_one


def rows_of(file):
    with file.open(encoding="utf-8") as handle:
        return [tuple(row.values()) for row in csv.DictReader(handle)]


CASES = (
    "area,group,kind,count\n"
    "A,east,theft,3\nA,east,fraud,40\nB,east,theft,20\nB,east,fraud,30\nC,,theft,70\nC,,fraud,0\n"
)


def test_small_counts_are_blank_and_do_not_come_back_with_the_next_release(write, tmp_path):
    out, record = tmp_path / "public.csv", tmp_path / "record.csv"
    done = disclose(write("cases.csv", CASES), "--out", out, "--record", record, "--json")
    document = json.loads(done.stdout)
    public = {row[:2]: row[2] for row in rows_of(out)}
    assert public["A", "theft"] == "" and public["C", "fraud"] == "0" and public["*", "*"] == "163"
    assert document["hidden_small"] == 1 and document["hidden_with_them"] == list(public.values()).count("") - 1 > 0
    assert "3" not in public.values() and "keep it" in done.stderr
    later = write("later.csv", CASES.replace("C,,theft,70", "C,,theft,74"))
    second = disclose(later, "--out", out, "--earlier", record, "--json")
    assert second.exit_code == 0, second.output
    public = {row[:2]: row[2] for row in rows_of(out)}
    assert public["C", "theft"] == "" and public["*", "*"] == "", "70 was shown: 74 would tell that 4 came"
    alone = disclose(later, "--out", out, "--json")
    assert json.loads(alone.stdout)["hidden_small"] == 1 and ("C", "theft", "74") in rows_of(out)


def test_noise_is_told_with_its_loss_and_totals_are_sums(write, tmp_path):
    done = disclose(write("cases.csv", CASES), "--out", tmp_path / "n.csv", "--noise", 0.5, "--json")
    document = json.loads(done.stdout)
    assert (document["privacy_loss"], document["cells_within"]) == (0.5, 6)
    public = {row[:2]: int(row[2]) for row in rows_of(tmp_path / "n.csv")}
    assert public["A", "*"] == public["A", "theft"] + public["A", "fraud"]
    assert public["*", "*"] == sum(public[area, "*"] for area in "ABC")


def test_calls_go_to_shared_places_without_time_or_number(write, tmp_path, stlouis):
    calls = write("calls.csv", "id,time,lon,lat,category\nX7,2024-03-05T11:22:33,-90.25,38.63,theft\n"
                               "X8,2024-03-06T01:02:03,-90.2501,38.63,fraud\n")  # fmt: skip
    out = tmp_path / "map.csv"
    assert disclose(calls, "--out", out, "--streets", stlouis, "--json").exit_code == 0
    far = write("far.csv", "id,time,lon,lat,category\nX7,2024-03-05T11:22:33,-90.9,38.63,theft\n")
    moved = disclose(far, "--out", tmp_path / "far-map.csv", "--streets", stlouis, "--json")
    assert "warning" in json.loads(moved.stdout)
    text = out.read_text()
    assert text.startswith("month,category,lon,lat\n2024-03,fraud,") and "X7" not in text and "11:22" not in text
    points = write("points.csv", "lon,lat\n-90.251,38.63\n-90.2,38.6\n")
    homes = write("homes.csv", "lon,lat\n" + "-90.251,38.63\n" * 8 + "-90.2,38.6\n")
    document = json.loads(disclose(calls, "--out", out, "--map-points", points, "--addresses", homes, "--json").stdout)
    assert (document["places"], document["least_addresses"]) == (1, 8)
    assert {row[2:] for row in rows_of(out)} == {("-90.251", "38.63")}


@pytest.mark.parametrize(
    ("text", "more", "named"),
    [
        ("area,kind,count\nA,x,1\nA,x,2\n,x,-1\n", (),
         ["row 3, column area", "row 4, column area", "row 4, column count"]),
        ("area,group,count\nA,g,1\nB,A,2\n", (), ["rows"]),
        ("area,kind\n", (), ["column count"]),
        (CASES, ("--noise", 1, "--record", "r"), ["--record"]),
        (CASES, ("--map-points", "p", "--streets", "s"), ["--streets", "--addresses"]),
        (CASES, ("--earlier", "cases.csv"), ["column shown"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_named(write, tmp_path, monkeypatch, text, more, named):
    monkeypatch.chdir(tmp_path)
    result = disclose(write("cases.csv", text), "--out", tmp_path / "out.csv", *more, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    places = [line.split(": ")[0].removeprefix("cases.csv, ") for line in result.stderr.splitlines()]
    assert places == named, result.stderr
