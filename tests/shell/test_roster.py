import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from shouwang.engine.roster.terms import OFF
from shouwang.shell.main import main
from shouwang.tables.rosters import read_roster

INSTANCE = """# two people, one week
SECTION_HORIZON
7

SECTION_SHIFTS
E,480,
L,480,E

SECTION_STAFF
A,E=7|L=7,2400,960,5,2,2,1
B,E=7|L=0,2400,960,5,2,2,1

SECTION_DAYS_OFF
A,0
B,5

SECTION_SHIFT_ON_REQUESTS
B,1,E,3

SECTION_SHIFT_OFF_REQUESTS
A,2,L,4

SECTION_COVER
1,E,1,100,1
1,L,1,100,1
2,L,1,100,1
3,L,0,100,7
"""


def roster(*arguments):
    return CliRunner().invoke(main, ["roster", *map(str, arguments)])


def document(result, exit_code=0):
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_nrp_is_the_public_contract(tmp_path):
    (tmp_path / "one.txt").write_text(INSTANCE)
    found = document(roster("nrp", tmp_path / "one.txt", "--limit-s", 300, "--out", tmp_path / "out.txt", "--json"))
    assert list(found) == ["status", "objective", "bound", "gap", "seconds"]
    # A is late on two days, on one against their wish (4); B is early as wished, and their other day is free
    assert (found["status"], found["objective"], found["bound"], found["gap"]) == ("optimal", 4.0, 4.0, 0.0)
    lines = (tmp_path / "out.txt").read_text().splitlines()
    assert [len(line.split("\t")) for line in lines] == [7, 7]
    assert lines[0].split("\t")[:3] == ["", "L", "L"]
    assert lines[1].split("\t")[1] == "E"


@pytest.mark.parametrize(("text", "said"), [
    (INSTANCE.replace("B,5", "C,5"), "C,5"), (INSTANCE.replace("2400,960,5", "2400,x,5"), "A,E=7"),
    (INSTANCE.replace("SECTION_COVER", "SECTION_OTHER"), "SECTION_COVER"), (None, "cannot be read"),
])  # fmt: skip
def test_what_is_no_instance_is_refused(tmp_path, text, said):
    if text is not None:
        (tmp_path / "one.txt").write_text(text)
    result = roster("nrp", tmp_path / "one.txt", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_nrp_without_any_roster_exits_with_3(tmp_path):
    (tmp_path / "one.txt").write_text(INSTANCE.replace("2400,960,5", "2400,2400,2"))  # 5 duties, 2 in a row
    found = document(roster("nrp", tmp_path / "one.txt", "--limit-s", 300, "--json"), exit_code=3)
    assert (found["status"], found["objective"], found["bound"]) == ("impossible", None, None)


def question(**changes):
    """Ten people around the clock for two weeks, a police officer and a guard or volunteer in each pair."""
    people = [{"id": f"p{i}", "kind": "police" if i < 5 else "guard"} for i in range(10)]
    people[9]["kind"] = "volunteer"
    wanted = {"day": "2026-11-03", "duty": "day", "want": True}
    people[3] |= {"nights": False, "wishes": [{"day": "2026-11-07"}, wanted]}
    people[4] |= {"off": ["2026-11-05/2026-11-08"], "carried": {"nights": 4}, "overtime_h": 30}
    hours = [("day", "06:00"), ("late", "14:00"), ("night", "22:00")]
    return {
        "first": "2026-11-02", "days": 14, "law": {"week_h": 40},
        "duties": [{"id": name, "start": start, "hours": 8} for name, start in hours], "people": people,
        "pairs": [{"duty": name, "count": 1, "kinds": ["police", "guard|volunteer"]} for name, _ in hours],
        "holidays": ["2026-11-10"], "fair": {"nights": 1, "weekends": 1, "holidays": 2},
    } | changes  # fmt: skip


def written(tmp_path, asked):
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    return tmp_path / "asked.json"


def test_solve_is_the_public_contract_and_illness_changes_little(tmp_path):
    asked = question(fair={})
    found = document(roster("solve", written(tmp_path, asked), "--limit-s", 300, "--json"))
    assert list(found) == ["status", "objective", "bound", "gap", "seconds", "roster", "changes", "broken", "conflict"]
    assert found["status"] in ("optimal", "feasible")
    assert (found["changes"], found["broken"], found["conflict"]) == (None, [], None)
    police = {f"p{i}" for i in range(5)}
    for day in range(14):
        for duty in ("day", "late", "night"):
            on = {row["person"] for row in found["roster"]
                  if (row["day"], row["duty"]) == (str(date(2026, 11, 2) + timedelta(days=day)), duty)}
            assert on & police and on - police
    assert not [row for row in found["roster"] if row["person"] == "p3" and row["duty"] == "night"]

    asked["people"][0]["off"] = ["2026-11-06/2026-11-15"]  # p0 falls ill on Friday
    gone = [row for row in found["roster"] if row["person"] == "p0" and row["day"] >= "2026-11-06"]
    changed = document(roster("solve", written(tmp_path, asked | {"previous": found["roster"], "keep": 100}),
                              "--limit-s", 300, "--json"))
    assert changed["broken"] == []
    assert 0 < len(gone) <= changed["changes"] <= 4 * len(gone) + 2


def test_impossible_names_rules_and_remedies(tmp_path):
    asked = question(needs=[{"duty": "day|late|night", "days": ["2026-11-06"], "count": 10, "name": "fair"}])
    result = roster("solve", written(tmp_path, asked), "--limit-s", 300, "--json")
    found = document(result, exit_code=3)
    assert result.stderr.endswith("No roster keeps all rules.\n")
    assert found["status"] == "impossible"
    wanted = {"name": "fair", "day": "2026-11-06", "duties": ["day", "late", "night"], "at": None, "count": 10}
    assert found["conflict"]["rules"] == [{"rule": "need", "need": wanted}, {"rule": "absent", "need": None}]
    assert found["conflict"]["minimal"] is True
    assert found["conflict"]["remedies"] == [
        {"remedy": "missing", "rule": None, "needs": [wanted | {"missing": 1}]},
        {"remedy": "without", "rule": "absent", "needs": []},
    ]  # fmt: skip
    text = roster("solve", written(tmp_path, asked), "--limit-s", 300).stdout
    assert "none of them can be left out" in text
    assert "It would do to lift: people are away" in text


def test_every_fault_is_named_at_once(tmp_path):
    asked = question(law={"week_h": "x", "rest": 3}, first="tomorrow")
    asked["duties"][0]["start"] = "25:00"
    asked["people"][1]["id"] = "p0"
    result = roster("solve", written(tmp_path, asked), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    for said in ("first: this is no date (got 'tomorrow')", "law.week_h", "law.rest: there is no such field",
                 "duties[0].start: this is no time of day (got '25:00')", "people[1].id"):
        assert said in result.stderr


@pytest.mark.parametrize(("change", "said"), [
    ({"needs": [{"duty": "dawn", "count": 1}]}, "needs[0].duty: there is no such duty (got 'dawn')"),
    ({"needs": [{"duty": "day", "count": 1, "days": "always"}]}, "needs[0].days"),
    ({"needs": [{"duty": "day", "count": -1}]}, "needs[0].count"),
    ({"previous": [{"person": "nobody", "day": "2026-11-02", "duty": "day"}]}, "previous[0].person"),
    ({"pairs": [], "needs": [{"duty": "day", "count": 1}], "law": {"overtime_day_h": 0, "day_h": 7}},
     "the duty is longer than the law allows"),
    ({"law": {"hours": "flexible"}}, "law.hours"), ({"people": []}, "people: there has to be one at least"),
    ({"holidays": ["2026-13-01"]}, "holidays: this is no date"),
])  # fmt: skip
def test_faults_in_parts(tmp_path, change, said):
    result = roster("solve", written(tmp_path, question(**change)), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_days_before_are_a_past_that_stays(tmp_path):
    before = [{"person": "p0", "day": f"2026-10-{day}", "duty": "day"} for day in range(28, 32)]
    given = read_roster(written(tmp_path, question(before=before))).problem
    assert (given.past, given.days, given.first) == (5, 19, date(2026, 10, 28))
    assert given.known[0].tolist() == [0, 0, 0, 0, OFF]
    assert given.overtime_min[4] == 1800
    assert {need.day for need in given.needs} == set(range(5, 19))
    assert given.balance[2].cells[:, 0].nonzero()[0].tolist() == [13]  # the holiday
    assert given.bars[1].cells[4].any(axis=1).nonzero()[0].tolist() == [8, 9, 10, 11]


def test_needs_by_hour_are_cut_where_duties_change(tmp_path):
    """Duties 06—14, 14—22, 22—06 and 10—18; two from 9 to 20, one in the other hours."""
    duties = [{"id": name, "start": start, "hours": 8}
              for name, start in (("a", "06:00"), ("b", "14:00"), ("c", "22:00"), ("m", "10:00"))]
    needs = [{"name": "watch", "from": "09:00", "until": "20:00", "count": 2},
             {"name": "watch", "from": "20:00", "until": "09:00", "count": 1}]
    crew = [{"id": "p0", "kind": "police"}]
    asked = question(days=2, duties=duties, pairs=[], needs=needs, people=crew)
    made = read_roster(written(tmp_path, asked)).problem.needs
    found = {(n.day, n.at): (n.duties, n.earlier, n.least) for n in made}
    assert found == {
        (d, at): told for d in (0, 1) for at, told in {
            "09:00—10:00": ((0,), (), 2), "10:00—14:00": ((0, 3), (), 2), "14:00—18:00": ((1, 3), (), 2),
            "18:00—20:00": ((1,), (), 2), "22:00—06:00": ((2,), (), 1),
        }.items()
    }  # fmt: skip
    early = [{"id": "n", "start": "20:00", "hours": 12}, {"id": "d", "start": "07:00", "hours": 13}]
    needs = [{"name": "watch", "from": "00:00", "until": "00:00", "count": 1}]
    asked = question(days=2, duties=early, people=crew, pairs=[], needs=needs,
                     law={"hours": "comprehensive", "longest_h": 14})
    made = read_roster(written(tmp_path, asked)).problem.needs
    assert [(n.day, n.at, n.duties, n.earlier) for n in made if n.at == "07:00—08:00"] == [
        (0, "07:00—08:00", (1,), ()), (1, "07:00—08:00", (1,), (0,))]
    assert (1, "20:00—07:00", (0,), ()) in {(n.day, n.at, n.duties, n.earlier) for n in made}
    asked = question(pairs=[], duties=duties[:2], people=crew, needs=needs)
    result = roster("solve", written(tmp_path, asked), "--json")
    assert result.exit_code == 2 and "no duty lasts through this time (got '00:00—06:00')" in result.stderr
