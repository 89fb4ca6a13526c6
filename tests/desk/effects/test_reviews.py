"""Did it work?: asked, answered from calls of residents alone, kept, answered again, saved, and nobody else's."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import docx
import numpy as np
import openpyxl
import pytest
from lxml import etree
from pypdf import PdfReader

from shouwang.desk.effects import actions, exports, sentences
from shouwang.desk.effects.models import Review
from shouwang.desk.effects.terms import Question
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.models import Event

from .conftest import BEGAN, TREATED, WEEKS

NEW_ID = "0193f0d0-2222-7000-8000-000000000000"


def counts_of(table: Any, source: str = "resident") -> int:
    """Calls of the record within the weeks of the question."""
    day = table["time"].to_numpy().astype("datetime64[D]")
    span = np.timedelta64(7 * WEEKS, "D")
    within = (day >= np.datetime64(BEGAN) - span) & (day < np.datetime64(BEGAN) + span)
    return int((within & (np.array(table["source"]) == source)).sum())


def test_a_measure_that_halved_the_calls_is_told_so_in_one_sentence(
    record: Any, ask: Any, communities: list[str]
) -> None:
    table = record(0.5)
    review = ask(control=tuple(p for p in communities if p not in TREATED))
    told = review.figures
    assert told["calls"] == counts_of(table)  # all areas are in a group: residents' calls and no others
    assert told["main"]["method"] == "rirr" and [s["code"] for s in told["steps"]] == ["few_areas"]
    assert told["main"]["low"] < 0.5 < told["main"]["high"] < 1
    assert len(told["parts"]) == 2 * WEEKS and told["parts"][WEEKS] == BEGAN.isoformat()
    assert len([a for a in told["areas"] if a["role"] == "treated"]) == 4
    head = sentences.headline(told)
    assert head.startswith("有成效，超出偶然") and head.count("。") == 1 and "95 %" in head
    assert "起" in sentences.size(told)


def test_ten_areas_a_side_are_compared_area_by_area(record: Any, ask: Any, communities: list[str]) -> None:
    record(1.0)
    west = tuple(p for p in communities if p.startswith("t/1/"))
    review = ask(treated=west)
    assert review.figures["main"]["method"] == "did"
    assert sentences.verdict(review.figures) == "chance" and "偶然" in sentences.headline(review.figures)
    assert {o["method"] for o in review.figures["others"]} == {"wdd", "poisson"}


def test_without_comparison_nothing_is_said_to_be_the_measures(record: Any, ask: Any) -> None:
    record(0.5)
    review = ask(control=())
    assert review.figures["main"]["method"] == "poisson"
    assert [s["code"] for s in review.figures["steps"]] == ["no_comparison"]
    assert "没有对照" in sentences.headline(review.figures)


def test_comparison_areas_are_proposed_and_those_next_door_kept_apart(record: Any, cast: Any, town: Any) -> None:
    record(0.5)
    body = {"area": "t/", "treated": list(TREATED), "began": BEGAN.isoformat(), "weeks": WEEKS}
    answer = cast.leader.client.post("/api/effects/proposal", json.dumps(body), content_type="application/json")
    told = answer.json()
    assert answer.status_code == 200
    # the row above, and the two that touch its end
    assert set(told["near"]) == {f"t/1/c{n:02}/" for n in (4, 5, 6, 7)} | {"t/2/c00/", "t/2/c04/"}
    assert len(told["control"]) == 12 and not set(told["control"]) & {*told["near"], *TREATED}
    assert all(n > 50 for n in told["before"].values()) and not Review.objects.exists()


def test_what_moved_next_door_is_told(record: Any, ask: Any) -> None:
    record(0.5)
    review = ask(near=tuple(f"t/1/c{n:02}/" for n in (4, 5, 6, 7)))
    assert "旁边" in sentences.next_door(review.figures)
    assert sentences.next_door(ask().figures) == ""


def test_kinds_and_hours_narrow_what_is_counted(record: Any, ask: Any) -> None:
    record(0.5)
    whole, theft, night, day = (ask(**c).figures["calls"] for c in (
        {}, {"kinds": ("theft",)}, {"hours": "night"}, {"hours": "day"}))  # fmt: skip
    assert night + day == whole and 0.25 < night / whole < 0.42 and 0.42 < theft / whole < 0.58


def test_calls_of_this_desk_count_with_the_past_ones(record: Any, ask: Any, cast: Any, town: Any) -> None:
    from shouwang.desk.calls import actions as calls
    from shouwang.desk.calls import defaults
    from shouwang.desk.calls.terms import NewCall
    from shouwang.desk.log.ids import new_id

    record(0.5)
    before = ask().figures
    defaults.load()
    at = town.now.replace(month=8, day=5)
    for source in ("resident", "alarm", "patrol"):
        call = NewCall(id=new_id(), type="200100", place="x", lon=-90.275, lat=38.615, source=source)
        calls.take_call(actor=cast.call_taker.actor, now=at, call=call)
    after = ask().figures
    assert after["calls"] == before["calls"] + 1
    of = {a["path"]: a["counts"] for a in after["areas"]}["t/1/c00/"]
    was = {a["path"]: a["counts"] for a in before["areas"]}["t/1/c00/"]
    assert [n - m for n, m in zip(of, was, strict=True)].index(1) == WEEKS


def test_the_same_question_has_the_same_answer_and_a_changed_record_is_noticed(
    record: Any, ask: Any, cast: Any, town: Any
) -> None:
    record(0.5)
    review = ask()
    again = actions.again(actor=cast.leader.actor, now=town.now, review_id=review.id)
    assert (again.same, again.runs, again.figures) == (True, 2, review.figures)
    record(0.9, seed=3)
    again = actions.again(actor=cast.leader.actor, now=town.now, review_id=review.id)
    assert again.same is False and again.figures["calls"] > review.figures["calls"]
    assert [e.kind for e in Event.objects.filter(kind__startswith="effects.").order_by("seq")] == [
        "effects.asked", "effects.again", "effects.again",
    ]  # fmt: skip
    retry = actions.ask(actor=cast.leader.actor, now=town.now, id=review.id, question=Question(
        "x", "t/", "community", TREATED, (), (), BEGAN.isoformat(), WEEKS))  # fmt: skip
    assert retry.title == review.title and Review.objects.count() == 1


def test_groups_that_moved_apart_before_get_no_answer_but_the_reason(
    record: Any, ask: Any, cast: Any, communities: list[str]
) -> None:
    record(0.3)  # asked of a day six weeks late: half the time before lies after the true beginning
    late = (BEGAN + timedelta(7 * 6)).isoformat()
    review = ask(began=late, weeks=6, control=tuple(p for p in communities if p not in TREATED))
    review = ask(began=(BEGAN + timedelta(7 * 4)).isoformat(), weeks=8) if review.figures["main"] else review
    assert review.figures["refused"]["code"] == "apart_factor" and sentences.verdict(review.figures) == "none"
    assert "换" in sentences.headline(review.figures)
    assert sentences.headline(review.figures) in cast.leader.client.get(f"/effects/{review.id}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"treated": ()}, "treated", "treated"),
        ({"treated": ("t/9/",)}, "treated", "unknown"),
        ({"control": TREATED}, "control", "twice"),
        ({"began": "2026-13-01"}, "began", "began"),
        ({"began": "2026-11-18"}, "began", "began"),
        ({"began": "2020-01-01"}, "began", "began"),
        ({"weeks": 60}, "weeks", "weeks"),
        ({"unit": "cell"}, "unit", "unit"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(
    record: Any, ask: Any, changes: dict[str, Any], field: str, code: str
) -> None:
    record(0.5, per_week=1.0)
    with pytest.raises(Refused) as refused:
        ask(**changes)
    assert (refused.value.field, refused.value.code) == (field, code) and not Review.objects.exists()


def test_a_record_with_a_gap_and_none_at_all_are_refused(record: Any, ask: Any) -> None:
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "no_calls"
    record(0.5, gap=(date(2026, 6, 1), date(2026, 7, 20)))
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "gap"


def test_the_page_and_the_files_say_the_same(record: Any, ask: Any, cast: Any) -> None:
    record(0.5)
    review = ask(near=("t/1/c04/", "t/1/c05/"))
    head = sentences.headline(review.figures)
    page = cast.leader.client.get(f"/effects/{review.id}/").content.decode()
    assert head in page and "c00小区" in page
    assert head in cast.leader.client.get("/effects/").content.decode()
    files = {kind: cast.leader.client.get(f"/effects/{review.id}/effects.{kind}").content for kind in exports.TYPES}
    paper = "".join(p.extract_text() for p in PdfReader(io.BytesIO(files["pdf"])).pages)
    assert "".join(head.split()) in "".join(paper.split()) and "c00小区" in paper and "第 1 页" in paper
    assert cast.leader.client.get(f"/api/effects/{review.id}/file").content[:5] == b"%PDF-"
    document = docx.Document(io.BytesIO(files["docx"]))
    assert head in [p.text for p in document.paragraphs] and len(document.tables) == 3
    treated = review.figures["sums"]["treated"]
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as word:  # the chart with its values, and their workbook
        drawn = etree.fromstring(word.read("word/charts/chart1.xml"))
        inside = openpyxl.load_workbook(io.BytesIO(word.read("word/embeddings/course.xlsx")))
    first = drawn.find(".//{*}ser/{*}val")
    assert [float(v.text) for v in first.findall(".//{*}pt/{*}v")] == treated
    cells = inside[first.find(".//{*}f").text.split("!")[0].strip("'")]["B"]
    assert [cell.value for cell in cells[1:]] == treated
    assert len(document.inline_shapes) == 1 and drawn.find(".//{*}valAx/{*}delete").get("val") == "0"
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert head in [cell.value for cell in book.worksheets[0]["A"]]
    assert sum(row[1] for row in book.worksheets[3].iter_rows(min_row=2, values_only=True)) == sum(
        review.figures["sums"]["treated"]
    )
    assert len(files["csv"].decode("utf-8-sig").strip().splitlines()) == 1 + len(review.figures["areas"])
    assert cast.leader.client.get(f"/effects/{review.id}/effects.odt").status_code == 404


def test_the_form_offers_what_can_be_asked_and_says_what_lacks(record: Any, cast: Any) -> None:
    empty = cast.leader.client.get("/effects/new/").content.decode()
    assert "还没有警情记录" in empty
    record(0.5)
    page = cast.leader.client.get("/effects/new/?area=t/1/|community").content.decode()
    assert page.count('name="treated"') == 12 and "theft" in page and 'data-area="t/1/"' in page


def test_questions_of_others_are_not_there(record: Any, ask: Any, cast: Any, town: Any) -> None:
    record(0.5)
    review = ask()
    stranger, nobody = cast.stranger, cast.call_taker
    for client in (stranger.client,):
        assert client.get(f"/effects/{review.id}/").status_code == 404
        assert client.get(f"/api/effects/{review.id}").status_code == 404
        assert client.post(f"/api/effects/{review.id}/again", "{}", content_type="application/json").status_code == 404
        assert client.delete(f"/api/effects/{review.id}").status_code == 404
        assert str(review.id) not in client.get("/api/effects").content.decode()
    body = {"id": NEW_ID, "title": "x", "area": "t/", "treated": list(TREATED), "began": BEGAN.isoformat()}
    for client in (stranger.client, nobody.client):
        assert client.post("/api/effects", json.dumps(body), content_type="application/json").status_code == 403
        proposal = json.dumps({k: v for k, v in body.items() if k not in ("id", "title")})
        assert client.post("/api/effects/proposal", proposal, content_type="application/json").status_code == 403
    with pytest.raises(Missing):
        actions.delete(actor=stranger.actor, now=town.now, review_id=review.id)
    with pytest.raises(Denied):
        actions.ask(actor=stranger.actor, now=town.now, id=NEW_ID, question=Question(
            "x", "t/", "community", TREATED, (), (), BEGAN.isoformat(), WEEKS))  # fmt: skip


def test_over_http_it_is_asked_answered_listed_and_deleted(record: Any, cast: Any, communities: list[str]) -> None:
    record(0.5)
    body = {"id": NEW_ID, "title": "夜巡", "area": "t/", "treated": list(TREATED), "began": BEGAN.isoformat(),
            "weeks": WEEKS, "control": [p for p in communities if p.startswith("t/2/")]}  # fmt: skip
    client = cast.planner.client
    for _retry in range(2):
        answer = client.post("/api/effects", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200 and answer.json()["figures"]["main"]["estimate"] < 0.8
    assert client.get("/api/effects").json()["total"] == 1
    assert client.get(f"/api/effects/{NEW_ID}").json()["given"]["weeks"] == WEEKS
    wrong = client.post("/api/effects", json.dumps(body | {"id": NEW_ID.replace("2222", "3333"), "weeks": 1}),
                        content_type="application/json")  # fmt: skip
    assert wrong.status_code == 422
    assert client.delete(f"/api/effects/{NEW_ID}").status_code == 204 and not Review.objects.exists()


def test_who_may_not_see_calls_is_told_no_small_count(record: Any, ask: Any, cast: Any, communities: list[str]) -> None:
    record(0.3, per_week=1.5)
    near = tuple(p for p in communities if p.startswith("t/1/") and p not in TREATED)
    review = ask(near=near)
    all_of_it = cast.leader.client.get(f"/api/effects/{review.id}").json()["figures"]
    assert any(1 <= sum(a["counts"][WEEKS:]) <= 10 for a in all_of_it["areas"])
    told = cast.analyst.client.get(f"/api/effects/{review.id}").json()["figures"]
    assert told["main"] == all_of_it["main"]
    assert told["parts"] == [all_of_it["parts"][0], BEGAN.isoformat()]  # a single week has few calls
    for role, counts in told["sums"].items():
        assert counts == [sum(all_of_it["sums"][role][:WEEKS]), sum(all_of_it["sums"][role][WEEKS:])]
        rows = [a["counts"] for a in told["areas"] if a["role"] == role]
        assert all(n is None or n == 0 or n > 10 for row in rows for n in row)
        assert rows.count([None, None]) != 1  # or the sum would tell it
    assert [None, None] in [a["counts"] for a in told["areas"]]
    page = cast.analyst.client.get(f"/effects/{review.id}/").content.decode()
    assert "<td class=\"n\">—</td>" in page and "已隐去" in page
    book = openpyxl.load_workbook(io.BytesIO(cast.analyst.client.get(f"/effects/{review.id}/effects.xlsx").content))
    rows = [row[2:4] for row in book.worksheets[2].iter_rows(min_row=2, values_only=True)]
    assert (None, None) in rows and all(n is None or n == 0 or n > 10 for row in rows for n in row)
    assert book.worksheets[3].max_row == 3


def test_an_answer_that_rests_on_few_calls_is_for_those_who_may_see_them(record: Any, ask: Any, cast: Any) -> None:
    record(0.5, per_week=2.0)
    body = {"area": "t/", "treated": ["t/1/c00/"], "began": BEGAN.isoformat(), "weeks": 6, "hours": "night"}
    asked = {"content_type": "application/json"}
    before = cast.analyst.client.post("/api/effects/proposal", json.dumps(body), **asked).json()["before"]
    assert set(before.values()) <= {None, 0} and None in before.values()
    question = {**body, "id": NEW_ID, "title": "x"}
    refused = cast.analyst.client.post("/api/effects", json.dumps(question), **asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "small") and not Review.objects.exists()
    assert cast.leader.client.post("/api/effects", json.dumps(question), **asked).status_code == 200
    for path in (f"/effects/{NEW_ID}/", f"/effects/{NEW_ID}/effects.csv", f"/api/effects/{NEW_ID}"):
        assert cast.analyst.client.get(path).status_code == 422
    assert "1 到 10 起" in cast.analyst.client.get("/effects/").content.decode()


@pytest.mark.parametrize(("weeks", "part"), [(6, 1), (26, 1), (27, 2), (52, 2), (53, 3), (104, 4)])
def test_parts_of_the_time_are_equal_and_few(weeks: int, part: int) -> None:
    asked = Question("x", "t/", "community", (), (), (), "2026-01-01", weeks)
    assert asked.part_weeks == part and asked.span.days % (7 * part) == 0
    assert 0 <= 7 * weeks - asked.span.days < 7 * part and asked.span.days // (7 * part) <= 26


@pytest.mark.parametrize("changes", [{}, {"kinds": ("theft",), "hours": "night"}])
def test_each_count_leads_to_the_calls_behind_it(record: Any, ask: Any, cast: Any, changes: dict[str, Any]) -> None:
    record(0.5)
    review = ask(**changes)
    page = cast.leader.client.get(f"/effects/{review.id}/").content.decode()
    for name, least in (("sums", 2 * 2), ("areas", 2 * len(review.figures["areas"])), ("periods", WEEKS)):
        told = page.split(f'id="{name}"')[1].split("</table>")[0]
        links = re.findall(r'<a href="(/analysis/calls/[^"]+)">(\d+)</a>', told)
        assert len(links) >= least, "a day or a week without a call leads nowhere"
        for address, count in (links[0], links[-1]):
            behind = cast.leader.client.get(html.unescape(address))
            assert f"<b>{int(count):,}</b>" in behind.content.decode(), (name, address)


def test_who_may_not_see_calls_is_led_to_none_and_neither_is_anybody_once_the_example_moved(
    record: Any, ask: Any, cast: Any
) -> None:
    record(0.5)
    review = ask()
    assert "/analysis/calls/" not in cast.analyst.client.get(f"/effects/{review.id}/").content.decode()
    assert "/analysis/calls/" in cast.leader.client.get(f"/effects/{review.id}/").content.decode()
    Review.objects.update(figures=review.figures | {"moved_days": 7})
    assert "/analysis/calls/" not in cast.leader.client.get(f"/effects/{review.id}/").content.decode()


def test_narrowing_asks_for_what_there_is(record: Any, cast: Any) -> None:
    record(0.5)
    client = cast.leader.client
    assert client.get("/api/analysis/calls?source=spy").status_code == 422
    assert client.get("/api/analysis/calls?clock=noon").status_code == 422
    assert client.get("/api/analysis/calls?within=t/1/c00/,x/").status_code == 404
