import json

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shouwang.shell.main import main


def effects(*arguments):
    return CliRunner().invoke(main, ["effects", *map(str, arguments)])


def document(*arguments):
    result = effects(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def table(tmp_path):
    def write(text):
        file = tmp_path / "table.csv"
        file.write_text(text, encoding="utf-8")
        return file

    return write


WDD = "role,time,count\ntreated,before,20\ntreated,after,10\ncontrol,before,20\ncontrol,after,20\n"
NEAR = "near_treated,before,30\nnear_treated,after,20\nnear_control,before,30\nnear_control,after,30\n"


def test_every_question_answers_in_one_shape(table):
    rng = np.random.default_rng(1)
    months = "count,time\n" + "".join(
        f"{n},{'before' if i < 24 else 'after'}\n" for i, n in enumerate(rng.poisson(30, 36))
    )
    areas = "area,count,exposure,base,test\n" + "".join(
        f"A{i},{n},9,{n},{n + 1}\n" for i, n in enumerate(rng.poisson(9, 9))
    )
    panel = "area,group,period,time,count\n" + "".join(
        f"A{a},{'treated' if a < 3 else 'control'},{t},{'before' if t < 3 else 'after'},{rng.poisson(20)}\n"
        for a in range(6) for t in range(6)
    )  # fmt: skip
    asked = [
        ("wdd", WDD + NEAR), ("poisson", "time,count\nbefore,20\nafter,10\n"), ("did", panel), ("sppt", areas),
        ("rirr", WDD), ("answer", panel),
        ("its", months), ("trend", months), ("funnel", areas),
    ]  # fmt: skip
    answers = {name: document(name, table(text)) for name, text in asked}
    answers["reported"] = document("reported", "--change", "-35.6")
    answers["empty"] = document("empty", "--areas", 126, "--empty", 89)
    shapes = {frozenset(answer) for answer in answers.values()}
    assert len(shapes) == 1 and {"estimate", "low", "high", "p", "checks", "assumptions", "sentence"} <= shapes.pop()
    assert round(answers["rirr"]["estimate"], 9) == 0.5 and answers["answer"]["method"] == "rirr"  # 3 against 3
    assert answers["wdd"]["estimate"] == -20 and round(answers["wdd"]["details"]["error"], 3) == 13.416
    assert round(answers["poisson"]["p"], 4) == 0.0688
    assert (answers["reported"]["details"]["least_before"], answers["empty"]["p"]) == (45, None)
    assert answers["funnel"]["details"]["areas"][0]["area"] == "A0"
    assert all(answer["checks"] and answer["assumptions"] for name, answer in answers.items())


def test_the_text_says_result_checks_and_assumptions(table):
    text = effects("wdd", table(WDD)).stdout
    assert text.startswith("No effect beyond chance: -10 cases") and "not tested: " in text and "assumed: " in text
    assert "44 cases" in effects("empty", "--areas", 126, "--empty", 89).stdout
    assert "114 before and 77 after" in effects("reported", "--change", "-32.46", "--decimals", 2).stdout


def test_repeats_in_the_example_city(stlouis, tmp_path):
    calls = pq.read_table(stlouis / "calls.parquet")
    burglaries = calls.filter(pc.equal(calls["category"], "burglary")).sort_by("time")
    pq.write_table(burglaries.slice(0, 1200), tmp_path / "calls.parquet")
    found = document("knox", tmp_path / "calls.parquet", "--draws", 99, "--within-m", "150,300")
    assert found["verdict"] == "more" and len(found["details"]["bands"]) == 6


def test_no_fair_answer_is_exit_code_3_with_the_reason(table):
    result = effects("its", table("count,time\n3,before\n4,after\n"), "--json")
    assert (result.exit_code, result.stdout) == (3, "") and "too few" in result.stderr


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("wdd", "role,time\n", ["table.csv, column count", "table.csv"]),
        ("wdd", "role,time,count\ntreated,soon,1\nhelper,before,x\ntreated,after,1.5\n",
         ["table.csv, row 3, column role", "table.csv, row 2, column time", "table.csv, row 3, column count",
          "table.csv, row 4, column count", "table.csv", "table.csv, column role"]),
        ("did", "area,group,period,time,count\nA,treated,1,before,1\nA,control,1,after,1\nB,control,2,after,3\n",
         ["table.csv, row 3, column period", "table.csv, row 3, column group", "table.csv, row 3, column time",
          "table.csv", "table.csv"]),
        ("its", "count\n3\n", ["table.csv, column time"]),
        ("its", "count,time\n3,after\n3,before\n", ["table.csv, column time"]),
        ("funnel", "area,count,exposure\nA,1,-2\nA,1,2\n",
         ["table.csv, row 3, column area", "table.csv, row 2, column exposure"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_with_a_table_is_named(table, name, text, named):
    result = effects(name, table(text), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == named, result.stderr


def test_parts_of_a_pattern_show_whether_cases_gather(table):
    rng = np.random.default_rng(3)
    rows = [f"A{a},{year}-{m},{'' if year > 2024 else 4 * rng.poisson(4)},{4 * rng.poisson(4) if year > 2024 else ''}"
            for a in range(20) for year in (2024, 2025) for m in range(6)]  # fmt: skip
    found = document("sppt", table("area,part,base,test\n" + "\n".join(rows) + "\n"))
    assert found["switched"] == ["gathering"] and 3 < found["details"]["index"] < 5
    assert found["details"]["areas"][1] == "A1"
    text = effects("sppt", table("area,part,base,test\nA,1,3,4\nA,1,3,x\nB,1,3,4.5\nB,2,3,\n"), "--json")
    assert text.exit_code == 2
    assert [line.split(": ")[0] for line in text.stderr.splitlines()] == [
        "table.csv, row 3, column area", "table.csv, column base", "table.csv, row 3, column test",
        "table.csv, row 4, column test"]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), [("--within-m", "far"), ("--category", "burglary, nope")])
def test_bands_are_numbers_and_kinds_are_known(stlouis, option, value):
    result = effects("knox", stlouis / "calls.parquet", option, value)
    assert result.exit_code == 2 and option in result.stderr


def test_the_rule_says_why_it_took_its_method_and_why_it_gives_none(table):
    def panel(counts):
        """Counts (areas, 12 periods), half of the areas treated; the periods after come first in the file."""
        return table("area,group,period,time,count\n" + "".join(
            f"A{a},{'treated' if a < len(counts) // 2 else 'control'},{t},{'before' if t < 6 else 'after'},{row[t]}\n"
            for a, row in enumerate(counts) for t in (*range(6, 12), *range(6))
        ))  # fmt: skip

    rng = np.random.default_rng(4)
    many = panel(rng.poisson(20, (20, 12)))
    result = effects("answer", many)
    assert result.exit_code == 0 and "each area counts as one witness" in result.stdout
    assert document("answer", many)["method"] == "did"
    apart = rng.poisson(60, (4, 12))
    apart[:2, 3:] //= 2
    refused = effects("answer", panel(apart), "--json")
    assert refused.exit_code == 3 and "Choose other comparison areas" in refused.stderr and refused.stdout == ""
