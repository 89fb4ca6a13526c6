"""The analyst's pages: figures that can be counted by hand, that lead to their calls, and stay with who may see."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import openpyxl
import pytest
from django.utils import translation

from shouwang.desk.analysis import pages
from shouwang.desk.analysis.advice import record
from shouwang.desk.analysis.advice.trends import _starts
from shouwang.desk.analysis.asking import hidden
from shouwang.desk.analysis.drawn import nice
from shouwang.desk.analysis.terms import VIEWS, Sheet
from shouwang.desk.calls import actions as calls

LINK = re.compile(r'<td[^>]*><a href="(/analysis/calls/\?[^"]+)">([\d,]+)</a></td>')


def heard(plain: Any) -> Any:
    return plain[(plain["source"] != "patrol") & (plain["category"] != "drugs")]


def rows(told: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told["sheets"][name]["rows"]
    return found


# ---- what is counted


@pytest.mark.parametrize(("asked", "keep"), [
    ({}, lambda t: t["time"] >= "2025-11-22"),
    ({"from": "2026-01-01", "to": "2026-01-31"}, lambda t: (t["time"] >= "2026-01-01") & (t["time"] < "2026-02-01")),
    ({"from": "2024-11-18", "kind": ["theft", "noise"]}, lambda t: t["category"].isin(["theft", "noise"])),
    ({"from": "2024-11-18", "shift": "23:00"}, lambda t: (t["time"].dt.hour >= 23) | (t["time"].dt.hour < 7)),
    ({"from": "2024-11-18", "area": "t/1/"}, lambda t: t["lon"] < -90.24),
    ({"from": "2024-11-18", "hour": 4, "weekday": 2},
     lambda t: (t["time"].dt.hour == 4) & (t["time"].dt.day_of_week == 2)),
])  # fmt: skip
def test_a_filter_counts_what_a_plain_count_does(history: Any, plain: Any, api: Any, asked: Any, keep: Any) -> None:
    told = api("when", **asked)
    assert told["calls"] == len(heard(plain[keep(plain)]))
    assert sum(row["calls"] for row in rows(told, "week")) == told["calls"]
    assert sum(row["calls"] for row in rows(told, "hours")) == told["calls"]


def test_what_patrols_found_is_left_out_unless_asked_for_and_marked_then(history: Any, plain: Any, api: Any) -> None:
    whole = {"from": "2024-11-18"}
    assert api("when", found="1", **whole)["calls"] == len(plain)
    assert api("when", found="only", **whole)["calls"] == len(plain) - len(heard(plain))
    kinds = {(row["kind"], row["found"]): row["calls"] for row in rows(api("what", **whole), "kinds")}
    assert ("drugs", False) not in kinds and kinds["drugs", True] == (plain["category"] == "drugs").sum()
    theft = plain[plain["category"] == "theft"]["source"] == "patrol"
    assert (kinds["theft", False], kinds["theft", True]) == ((~theft).sum(), theft.sum())


def test_places_streets_and_areas_add_up(history: Any, plain: Any, api: Any) -> None:
    told = api("where", **{"from": "2024-11-18"})
    total = len(heard(plain))
    areas = {row["area"]: row["calls"] for row in rows(told, "areas")}
    assert set(areas) == {"t/1/a/", "t/2/b/"} and sum(areas.values()) == told["calls"] == total
    for row in rows(told, "streets") + rows(told, "cells"):
        assert row["low"] < row["a_year"] < row["high"] and row["share"] == pytest.approx(row["calls"] / total)
    assert rows(told, "cells")[0]["calls"] >= 40, "the corner of the chain"
    assert all(row["street"] for row in rows(told, "streets"))


def test_communities_without_a_call_stand_beside_what_chance_leaves_without(history: Any, cast: Any) -> None:
    page = cast.analyst.client.get("/analysis/", headers={"accept-language": "en"}).content.decode()
    assert "2 个社区中有 0 个没有这些警情。" in page
    assert "随机落在各社区，约有 0 个社区一起也没有" in page


def test_a_kind_that_grew_is_told_from_those_that_did_not(history: Any, api: Any) -> None:
    kinds = {row["kind"]: row for row in rows(api("what"), "kinds") if not row["found"]}
    assert kinds["noise"]["change_low"] > 0.3
    assert kinds["fight"]["change_low"] < 0 < kinds["fight"]["change_high"]
    assert rows(api("what", **{"from": "2024-11-18"}), "kinds")[0]["before"] is None, "nothing on record so far back"


def test_the_corner_that_repeats_is_found_by_place_and_kind(history: Any, api: Any) -> None:
    told = api("repeats", days="3")
    first = rows(told, "repeats")[0]
    assert (first["kind"], first["beyond"]) == ("theft", True)
    assert first["same"] >= 30 and first["high"] < first["near"]
    assert set(first) >= {"cell", "street", "area", "kind", "calls", "same", "near", "by_chance"}


def test_trends_know_limits_and_leave_the_open_week_out(history: Any, api: Any) -> None:
    periods = rows(api("trends", **{"from": "2025-11-24", "to": "2026-11-18"}), "periods")
    assert (periods[0]["start"], periods[-1]["end"]) == ("2025-11-24", "2026-11-15")
    assert all(row["act_low"] <= row["warn_low"] <= row["expected"] <= row["warn_high"] <= row["act_high"]
               for row in periods)  # fmt: skip
    months = rows(api("trends", period="month", **{"from": "2026-01-01"}), "periods")
    assert [row["start"] for row in months] == [f"2026-{m:02}-01" for m in range(1, 11)]
    early = rows(api("trends", **{"from": "2024-11-18", "to": "2025-01-31"}), "periods")
    assert {row["state"] for row in early} == {""}


@pytest.mark.parametrize(("first", "last", "period", "starts", "cut"), [
    (date(2026, 11, 16), date(2026, 11, 22), "week", [date(2026, 11, 16), date(2026, 11, 23)], False),
    (date(2026, 11, 17), date(2026, 11, 29), "week", [date(2026, 11, 23), date(2026, 11, 30)], False),
    (date(2026, 11, 16), date(2026, 11, 24), "week", [date(2026, 11, 16), date(2026, 11, 23)], True),
    (date(2025, 12, 1), date(2026, 2, 3), "month", [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)], True),
    (date(2025, 12, 2), date(2026, 1, 31), "month", [date(2026, 1, 1), date(2026, 2, 1)], False),
    (date(2025, 12, 2), date(2025, 12, 9), "month", [date(2026, 1, 1)], False)])  # fmt: skip
def test_whole_periods(first: date, last: date, period: str, starts: list[date], cut: bool) -> None:
    assert _starts(first, last, period) == (starts, cut)


@pytest.fixture
def patrolled(history: Any, town: Any) -> tuple[float, float]:
    """Twelve weeks with ten hours of patrol time: half an hour of it in t/1/a/ each, and a quarter of an hour in every
    other one in t/2/b/. Returns the hours of both."""
    from shouwang.desk.patrol.models import PatrolHour

    PatrolHour.objects.bulk_create(
        PatrolHour(area="t/", start=town.now - timedelta(days=3 + 8 * n, hours=n),
                   minutes={"t/1/a/": 30, "": 6} | ({"t/2/b/": 15} if n % 2 else {}), at_posts={"t/1/a/": 12, "": 6})
        for n in range(10))  # fmt: skip
    return 5.0, 1.25


def test_where_patrols_were_stands_beside_where_calls_came(patrolled: Any, plain: Any, api: Any, cast: Any) -> None:
    from shouwang.desk.patrol.models import PatrolHour

    told = api("patrols", **{"from": "2026-08-20"})
    table = {row["area"]: row for row in rows(told, "presence")}
    west, east = table["t/1/a/"], table["t/2/b/"]
    assert (west["patrol_h"], east["patrol_h"]) == patrolled
    assert (west["post_h"], east["post_h"]) == (2.0, 0.0), "of the hours, not besides"
    assert west["patrol"] == pytest.approx(patrolled[0] / sum(patrolled))
    assert west["patrol"] + east["patrol"] == pytest.approx(1)
    assert west["gap"] == pytest.approx(west["patrol"] - west["share"])
    assert west["calls"] + east["calls"] == told["calls"]
    known = plain[plain["time"] >= "2026-08-20"]
    assert west["by_patrols"] + east["by_patrols"] == len(known) - len(heard(known))
    page = cast.supervisor.client.get("/analysis/patrols/?from=2026-08-20").content.decode()
    assert "10 个小时" in page and "7 小时" in page and "1.0 小时" in page, "with what has no place"
    assert "2.0 小时在" in page
    assert "虚构" not in page and "有 2 个社区尚未统计人口" in page
    PatrolHour.objects.update(example=True)
    assert "虚构" in cast.supervisor.client.get("/analysis/patrols/?from=2026-08-20").content.decode()
    alone = rows(api("patrols", area="t/2/", **{"from": "2026-08-20"}), "presence")
    assert [(row["area"], row["patrol"], row["share"]) for row in alone] == [("t/2/b/", 1.0, 1.0)]


def test_patrols_stand_beside_calls_and_people_over_time(patrolled: Any, town: Any, api: Any, cast: Any) -> None:
    from shouwang.desk.norms.models import Count, Locality

    for code, area, residents in (("A", "t/1/a/", 3000), ("A2", "t/1/a/", 600), ("B", "t/2/b/", 1200)):
        place = Locality.objects.create(code=code, zh=code, kind="community", area=area)
        Count.objects.create(locality=place, day=date(2026, 1, 1), households=1, residents=residents, source="made")
    asked = {"from": "2026-08-20"}
    told = api("patrols", **asked)
    table, course = ({row["area"]: row for row in rows(told, "presence")}, rows(told, "course"))
    assert (table["t/1/a/"]["people"], table["t/2/b/"]["people"]) == (0.75, 0.25)
    for area, row in table.items():
        assert sum(r["calls"] for r in course if r["area"] == area) == row["calls"]
    starts = sorted({row["start"] for row in course})
    assert starts[0] == "2026-08-20" and len(starts) == 4
    for start in starts:
        of_block = [row for row in course if row["start"] == start]
        assert sum(row["share"] for row in of_block) == pytest.approx(1)
        assert sum(row["patrol"] for row in of_block if row["patrol"]) == pytest.approx(1)
    one = course[-1]
    calls = api("trends", **{"from": one["start"], "to": one["end"], "area": one["area"]})["calls"]
    assert calls == one["calls"], "the address of a row counts the same"
    page = cast.supervisor.client.get("/analysis/patrols/?from=2026-08-20").content.decode()
    assert page.count("l-patrol") == 2 and page.count("l-stays") == 2

    one_day = {"from": "2026-11-19", "to": "2026-11-20"}
    veiled = rows(api("patrols", by="analyst", **one_day), "course")
    assert veiled and all(row["calls"] is None and row["share"] is None and row["few"] for row in veiled)


@pytest.mark.parametrize(("found", "says"), [
    ((0.9, 0.8, 0.95), "mostly an echo"), ((0.4, 0.1, 0.6), "Part of the record"), ((0.8, -0.1, 0.9), "do not follow"),
    ((float("nan"),) * 3, "cannot be told yet"),
])  # fmt: skip
def test_a_forecast_that_is_an_echo_is_told_so(found: tuple[float, float, float], says: str) -> None:
    with translation.override("en"):
        assert says in pages.echo_says(found, 28)


def test_a_shift_narrows_patrols_and_calls_alike(patrolled: Any, plain: Any, api: Any) -> None:
    told = rows(api("patrols", shift="23:00", **{"from": "2026-08-20"}), "presence")
    night = plain[(plain["time"] >= "2026-08-20") & ((plain["time"].dt.hour >= 23) | (plain["time"].dt.hour < 7))]
    assert sum(row["by_patrols"] for row in told) == len(night) - len(heard(night))
    whole = rows(api("patrols", **{"from": "2026-08-20"}), "presence")
    assert [row["patrol"] for row in told] != [row["patrol"] for row in whole], "hours of the day are left out"


def test_without_patrols_the_page_says_so(history: Any, api: Any, cast: Any) -> None:
    assert {row["patrol"] for row in rows(api("patrols"), "presence")} == {None}
    page = cast.supervisor.client.get("/analysis/patrols/").content.decode()
    assert "这些日子里没有任何一个小时统计了巡逻时间" in page
    found = re.search(r'<a href="(/analysis/calls/\?[^"]*found=only[^"]*)">([\d,]+)</a>', page)
    assert found, "what patrols found leads to those calls"
    behind = cast.supervisor.client.get(html.unescape(found[1])).content.decode()
    assert f"<b>{found[2]}</b>" in behind


# ---- calls of the desk


def test_calls_of_the_desk_are_counted_as_they_change(
    town: Any, cast: Any, clock: Any, take: Any, api: Any
) -> None:
    call, other = take(), take(lon=-90.2621, severity=3)
    unit = town.units["P02"]
    assigned = calls.assign_units(actor=cast.dispatcher.actor, now=clock.forward(seconds=40), call_id=call.id,
                                  unit_ids=[unit.id], reason="near")[0]  # fmt: skip
    for transition, wait in (("a_ack", 20), ("a_go", 30), ("a_scene", 200)):
        calls.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(seconds=wait), assignment_id=assigned.id,
                              transition=transition)  # fmt: skip
    told = api("response")
    steps = {row["step"]: row for row in rows(told, "steps")}
    assert told["calls"] == 2
    assert {name: row["calls"] for name, row in steps.items()} == {
        "registered": 2, "assigned": 1, "acknowledged": 1, "turnout": 1, "arrival": 1, "response": 1}  # fmt: skip
    assert (steps["arrival"]["judged"], steps["arrival"]["in_time"]) == (1, 1.0)
    assert (steps["arrival"]["standard"], steps["assigned"]["in_time"]) == ([300.0, 300.0], 1.0)
    assert [(row["area"], row["calls"]) for row in rows(told, "by_area")] == [("t/2/b/", 1)]
    listed = api("calls")["rows"]
    assert {(row["id"], row["response_s"]) for row in listed} == {(str(call.id), 290.0), (str(other.id), None)}

    assert behind(cast, "flow") == {"received": 2, "unit_sent": 1, "unit_there": 1}
    calls.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=other.id, main_id=call.id)
    calls.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=assigned.id, transition="a_clear")
    calls.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="settled")
    told = api("what")
    assert [(row["kind"], row["calls"]) for row in rows(told, "kinds")] == [("200100", 1)]
    assert [(row["result"], row["calls"]) for row in rows(told, "results")] == [("settled", 1)]
    assert [row["calls"] for row in rows(told, "flow")] == [1, 1, 1, 1]
    assert behind(cast, "flow") == dict.fromkeys(("received", "unit_sent", "unit_there", "result_told"), 1)


def behind(cast: Any, table: str) -> dict[str, int]:
    """By step of a table of the page What, how many calls its link leads to."""
    page = cast.supervisor.client.get("/analysis/what/").content.decode()
    body = page[page.index(f'id="{table}"') :]
    found = re.findall(r'href="(/analysis/calls/[^"]*step=(\w+)[^"]*)"', body[: body.index("</table>")])
    pages = {step: cast.supervisor.client.get(html.unescape(link)).content.decode() for link, step in found}
    return {step: int(re.search(r"<b>(\d+)</b>", page)[1]) for step, page in pages.items()}


def test_late_is_late_and_no_standard_is_none(town: Any, cast: Any, clock: Any, take: Any, api: Any) -> None:
    from shouwang.desk.places.models import Area

    Area.objects.filter(path="t/1/a/").update(setting="country")
    for place in (-90.2621, -90.222):
        call = take(lon=place)
        unit = town.units["S41" if place < -90.24 else "P02"]
        task = calls.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, unit_ids=[unit.id],
                                  reason="near")[0]  # fmt: skip
        calls.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(seconds=301), assignment_id=task.id,
                              transition="a_scene")  # fmt: skip
    areas = {row["area"]: row for row in rows(api("response"), "by_area")}
    assert (areas["t/2/b/"]["judged"], areas["t/2/b/"]["in_time"]) == (1, 0.0)
    assert (areas["t/1/a/"]["judged"], areas["t/1/a/"]["in_time"]) == (0, None)
    page = cast.supervisor.client.get("/analysis/response/").content.decode()
    links = re.findall(r'href="(/analysis/calls/[^"]*step=arrival[^"]*judged=1[^"]*)"', page)
    assert len(links) == 3  # by step, area and hour: the call in the country is under no standard, wherever it counts
    for link in links:
        assert "<b>1</b>" in cast.supervisor.client.get(html.unescape(link)).content.decode()


def test_calls_outside_the_map_are_told_and_lead_to_themselves(cast: Any, take: Any, api: Any) -> None:
    from shouwang.desk.calls.models import Call

    take(), (far := take())
    Call.objects.filter(id=far.id).update(lon=-80.0)
    page = cast.supervisor.client.get("/analysis/where/").content.decode()
    [link] = re.findall(r'<a href="(/analysis/calls/[^"]*cell=-1[^"]*)">1</a>', page)
    told = cast.supervisor.client.get(html.unescape(link)).content.decode()
    assert "<b>1</b>" in told and "地图以外" in told
    assert [row["id"] for row in api("calls", cell="-1")["rows"]] == [str(far.id)]
    assert "cell=-1" not in cast.analyst.client.get("/analysis/where/").content.decode()


def test_replayed_calls_count_only_when_asked_for(take: Any, api: Any) -> None:
    take(drill=True)
    take()
    assert api("when")["calls"] == 1
    assert [row["drill"] for row in api("calls", replay="1")["rows"]] == [True]


# ---- every figure leads to its calls


@pytest.mark.parametrize("view", VIEWS)
def test_each_number_leads_to_as_many_calls(history: Any, take: Any, cast: Any, api: Any, view: str) -> None:
    take()
    asked = "from=2026-03-02&to=2026-11-21&kind=theft&kind=drugs&kind=200100"
    page = cast.supervisor.client.get(f"/analysis/{view}/?{asked}")
    links = [(unescape(href), int(n.replace(",", ""))) for href, n in LINK.findall(page.content.decode())]
    assert links
    rng = np.random.default_rng(0)
    for at in rng.permutation(len(links))[:12]:
        href, n = links[at]
        assert api("calls", **parse_qs(urlsplit(href).query, keep_blank_values=True))["total"] == n, href


def test_the_list_of_calls_shows_the_newest_first_page_by_page(history: Any, plain: Any, cast: Any, api: Any) -> None:
    told = api("calls", kind=["fight"])
    assert len(told["rows"]) == 50
    times = [row["at"] for row in told["rows"]]
    assert times == sorted(times, reverse=True)
    assert api("calls", kind=["fight"], page=2)["rows"][0]["at"] <= times[-1]
    assert api("calls", kind=["fight"], page=9999)["rows"] == []
    page = cast.supervisor.client.get("/analysis/calls/?kind=fight&cell=3").content.decode()
    assert "没有" in page


def test_tables_are_saved_as_they_are_shown(history: Any, api: Any, cast: Any) -> None:
    client = cast.supervisor.client
    answer = client.get("/analysis/where/areas.csv?kind=theft")
    assert re.search(r'filename="analysis-areas-2025-11-\d\d-2026-11-20.csv"', answer["Content-Disposition"])
    saved = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    told = rows(api("where", kind=["theft"]), "areas")
    assert [int(line[2]) for line in saved[1:]] == [row["calls"] for row in told]
    assert len(saved[0]) == len(saved[1]) == 7  # an interval takes two columns
    book = openpyxl.load_workbook(io.BytesIO(client.get("/analysis/trends/periods.xlsx").content))
    assert book.active.max_row == 1 + len(rows(api("trends"), "periods"))
    for wrong in ("where/areas.pdf", "where/weeks.csv", "who/areas.csv"):
        assert client.get(f"/analysis/{wrong}").status_code == 404


# ---- who sees what


def test_small_counts_are_hidden_from_who_may_not_see_the_calls(history: Any, cast: Any, api: Any) -> None:
    asked = {"from": "2026-06-01", "to": "2026-06-14"}
    whole, veiled = (api("when", by=by, **asked) for by in ("supervisor", "analyst"))
    week = {(row["weekday"], row["hour"]): row["calls"] for row in rows(whole, "week")}
    seen = {(row["weekday"], row["hour"]): row["calls"] for row in rows(veiled, "week")}
    assert any(1 <= n <= 10 for n in week.values())
    assert {n for n in seen.values() if n is not None} <= {0, *range(11, 1000)}
    assert all(seen[key] in (None, n) for key, n in week.items())
    assert veiled["sheets"]["week"]["hidden"] > 0 and whole["sheets"]["week"]["hidden"] == 0
    for view in VIEWS:
        for sheet in api(view, by="analyst", **asked)["sheets"].values():
            for row in sheet["rows"]:
                for key in ("calls", "before", "same", "near", "judged"):
                    assert not 1 <= (row.get(key) or 0) <= 10, (view, row)
                if row.get("few"):
                    assert row.get("share") is None and row.get("low") is None
    text = cast.analyst.client.get("/analysis/when/?from=2026-06-01&to=2026-06-14").content.decode()
    assert "/analysis/calls/" not in text and "1–10" in text
    saved = cast.analyst.client.get("/analysis/when/week.csv?from=2026-06-01&to=2026-06-14").content.decode("utf-8-sig")
    assert {line[2] for line in csv.reader(io.StringIO(saved))} <= {"警情", "0", "1–10"}


def test_the_map_tells_no_numbers_and_no_step_in_the_small_counts(history: Any, cast: Any) -> None:
    asked = "?from=2026-06-01&to=2026-06-30"
    told = cast.analyst.client.get(f"/analysis/map.json{asked}").json()
    assert set(told) == {"cell_m", "steps", "lon", "lat", "q"}
    assert all(step > 10 for step in told["steps"])
    whole = cast.supervisor.client.get(f"/analysis/map.json{asked}").json()
    assert max(whole["q"]) > 1 and len(whole["cell"]) == len(whole["q"])
    behind = cast.supervisor.client.get(f"/analysis/calls/{asked}&cell={whole['cell'][0]}")
    assert behind.status_code == 200 and "<b" in behind.content.decode()


def test_few_calls_are_not_counted_out_for_who_may_not_see_them(history: Any, cast: Any, api: Any) -> None:
    asked = {"from": "2026-06-01", "to": "2026-06-01"}
    assert 1 <= api("what", **asked)["calls"] <= 10
    assert api("what", by="analyst", **asked)["calls"] is None
    assert "太少" in cast.analyst.client.get("/analysis/what/?from=2026-06-01&to=2026-06-01").content.decode()


def test_a_part_that_is_small_hides_in_a_row_that_is_not() -> None:
    sheet = Sheet("kinds", ("kind", "calls", "before", "change"),
                  [{"kind": "a", "calls": 50, "before": 7, "change": 6.1, "change_low": 1.0, "change_high": 9.0}])
    assert hidden(sheet).rows == [{"kind": "a", "calls": 50, "before": None, "change": None, "change_low": None,
                                   "change_high": None}]  # fmt: skip


def test_an_area_that_is_not_ones_own_is_not_there(history: Any, leader: Any, api: Any, plain: Any) -> None:
    told = api("where", by="west", **{"from": "2024-11-18"})
    assert told["area"] == "t/1/" and told["calls"] == (heard(plain)["lon"] < -90.24).sum()
    for other in ("t/", "t/2/", "x/"):
        api("where", by="west", status=404, area=other)
        api("calls", by="west", status=404, area=other)
        assert leader.client.get(f"/analysis/map.json?area={other}").status_code == 404
        assert leader.client.get(f"/analysis/where/areas.csv?area={other}").status_code == 404
    assert api("calls", by="west")["total"] == api("when", by="west")["calls"]
    api("where", by="stranger", status=404, area="t/1/")
    assert api("where", by="stranger")["calls"] == 0
    for by in ("analyst", "planner"):
        api("calls", by=by, status=403)


@pytest.mark.parametrize(("asked", "field"), [
    ({"from": "2026-13-01"}, "from"), ({"to": "x"}, "to"), ({"from": "2026-05-02", "to": "2026-05-01"}, "from"),
    ({"shift": "05:00"}, "shift"), ({"hour": "24"}, "hour"), ({"cell": "-2"}, "cell"), ({"days": "5"}, "days"),
    ({"period": "year"}, "period"), ({"weekday": "mon"}, "weekday")])  # fmt: skip
def test_what_cannot_be_asked_is_named(history: Any, cast: Any, asked: dict[str, str], field: str) -> None:
    answer = cast.supervisor.client.get("/analysis/when/", asked, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    value = asked[field]
    assert value in answer.json()["detail"] or field == "from"


# ---- the record


def test_an_example_is_moved_up_to_today(town: Any, calls_file: Any, cast: Any, api: Any, plain: Any) -> None:
    from shouwang.desk.patrol.models import HistoryFile

    row = HistoryFile.objects.create(area="t/", name="made", rows=1, first_day=date(2024, 11, 18),
                                     last_day=date(2026, 11, 20), sha256="", at=town.now, example=True)  # fmt: skip
    from shouwang.desk.patrol.files import history_path

    history_path(row.id).parent.mkdir(parents=True, exist_ok=True)
    history_path(row.id).write_bytes(calls_file.read_bytes())
    known = record.record(town.now + timedelta(days=30))
    assert known.moved_days == 35
    assert known.days == (date(2024, 12, 23), date(2026, 12, 21)), "up to today, although the moved record goes on"


def test_the_worker_works_out_where_calls_lie_once(history: Any, town: Any) -> None:
    from django.conf import settings

    from shouwang.desk.places.models import Area

    folder = settings.CONFIG.data / "analysis"
    assert record.prepare() and not record.prepare()
    kept = set(folder.glob(f"{history.id}-*.npz"))
    assert len(kept) == 1
    before = record.record(town.now)
    Area.objects.filter(path="t/1/a/").delete()
    assert record.prepare()
    assert set(folder.glob(f"{history.id}-*.npz")).isdisjoint(kept)
    after = record.record(town.now)
    assert "t/1/a/" in before.ground.paths and "t/1/a/" not in after.ground.paths


@pytest.mark.parametrize(("most", "last", "count"), [(0, 1, 2), (1, 1, 5), (7, 8, 5), (93, 100, 5), (0.31, 0.4, 5),
                                                     (1001, 1500, 4)])  # fmt: skip
def test_axes_end_at_round_values(most: float, last: float, count: int) -> None:
    assert (nice(most)[-1], len(nice(most))) == (last, count)


@pytest.mark.django_db
def test_no_change_is_neither_more_nor_less() -> None:
    assert [pages.signed(value) for value in (-0.004, 0.004, -0.006, None)] == ["0 %", "0 %", "−1 %", "—"]
    words = pages.Words(["larceny", "of this district"], [])
    assert [words.kind(code) for code in ("larceny", "of this district")] == ["盗窃", "of this district"]
