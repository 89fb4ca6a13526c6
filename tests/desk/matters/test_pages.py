"""Lists with filters, search, paging and files; the office's day; the phone's outbox; the API."""
from __future__ import annotations

import base64
import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from shouwang.desk.log.ids import new_id
from shouwang.desk.matters import facts
from shouwang.desk.matters.models import Matter, ReportingPoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: Any, clock: Any) -> Any:
    """The pages' own clock stands where the test's does."""
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


def api(who: Any, path: str, body: Any = None, method: str = "POST") -> Any:
    return who.client.generic(method if body is not None else "GET", f"/api/{path}",
                              json.dumps(body) if body is not None else "", content_type="application/json")


def numbers(answer: Any) -> list[str]:
    return [m["number"] for m in answer.json()["matters"]]


def test_lists_are_filtered_searched_and_paged(report: Any, move: Any, cast: Any, now: Any) -> None:
    lamp, hole = report("M0210", place="Elm St"), report("M0209")
    rubbish = report("M0308", by="office", source="office")
    move(rubbish, "m_accept", "clerk")
    now.forward(hours=1)
    all_of_them = {lamp.number, rubbish.number, hole.number}
    cases: list[tuple[str, set[str]]] = [
        ("", all_of_them), ("?show=late", {hole.number}), ("?show=new", all_of_them),
        ("?step=accepted", {rubbish.number}),
        ("?type=M02", {lamp.number, hole.number}), ("?type=M0308", {rubbish.number}), ("?q=elm", {lamp.number}),
        ("?q=" + rubbish.number[-4:], {rubbish.number}), ("?q=路灯", {lamp.number}),
        ("?level=community", {rubbish.number}), ("?q=nothing", set()),
        ("?source=office", {rubbish.number}), ("?area=t/1/", set()), ("?area=t/2/b/", all_of_them),
    ]
    for query, wanted in cases:
        assert set(numbers(api(cast.clerk, f"matters{query}"))) == wanted, query
    assert numbers(api(cast.clerk, "matters"))[0] == hole.number  # whose time ends first
    assert len(numbers(api(cast.clerk, "matters?size=2&page=2"))) == 1
    page = cast.clerk.client.get("/matters/?kind=M0210&text=elm&page=99").content.decode()
    assert lamp.number in page and hole.number not in page
    assert cast.clerk.client.get("/matters/?show=x&step=y&area=z").status_code == 200


def test_lists_come_as_files_without_what_is_sealed(report: Any, cast: Any) -> None:
    matter = report(place="=HYPERLINK(1)", words="Mrs Wang, third floor")
    text = cast.clerk.client.get("/matters/export.csv?show=all").content.decode("utf-8-sig")
    assert matter.number in text and "'=HYPERLINK" in text and "Wang" not in text
    sheet = load_workbook(BytesIO(cast.clerk.client.get("/matters/export.xlsx").content)).active
    assert sheet["A2"].value == matter.number
    assert cast.clerk.client.get("/matters/export.pdf").status_code == 404


def test_a_deadline_in_a_year_without_a_calendar_is_told(report: Any, cast: Any, move: Any, now: Any) -> None:
    from datetime import UTC, datetime
    now.now = datetime(2043, 12, 31, 15, tzinfo=UTC)
    matter = report("M0310")
    move(matter, "m_accept", "clerk")
    move(matter, "m_assign", "clerk")
    for path in ("/matters/", f"/matters/{matter.id}/"):
        assert "2044" in cast.clerk.client.get(path).content.decode(), path


def test_the_offices_day_holds_what_is_late_due_waiting_and_new(report: Any, cast: Any, now: Any) -> None:
    late = report("M0209")
    now.forward(hours=1)
    new = report("M0308")
    page = cast.office.client.get("/office/").content.decode()

    def part(name: str) -> str:
        return page.split(f'id="day-{name}"')[1].split("</section>")[0]

    assert late.number in part("late") and new.number not in part("late")
    assert new.number in part("new") and new.number in part("waits")
    assert cast.handler.client.get("/office/").status_code == 403


def test_the_page_of_one_matter_offers_what_its_reader_may_do(report: Any, cast: Any) -> None:
    matter = report(words="Dark corner")
    path = f"/matters/{matter.id}/"
    clerk, handler = (who.client.get(path).content.decode() for who in (cast.clerk, cast.handler))
    assert 'data-move="m_accept"' in clerk and "Dark corner" in clerk
    assert "data-move" not in handler
    own = report(by="member")
    assert cast.member.client.get(f"/matters/{own.id}/").status_code == 200  # one's own, without seeing others
    assert cast.member.client.get(path).status_code == 404


def test_a_report_from_the_outbox_is_taken_once(cast: Any, town: Any, photo: Any) -> None:
    key = str(new_id())
    body = {"key": key, "kind": "report", "at": "2026-11-21T14:40:00Z", "report": {
        "type": "M0210", "lon": -90.222, "lat": 38.63, "words": "Dark", "photos": [base64.b64encode(photo()).decode()]}}

    def act(who: Any, body: Any) -> Any:
        return who.client.post("/m/act/", json.dumps(body), content_type="application/json")

    assert [act(cast.grid, body).status_code for _ in range(2)] == [200, 200]
    matter = Matter.objects.get()
    assert (str(matter.id), matter.source, len(facts.photos(matter))) == (key, "grid", 1)
    for wrong in ({"type": "M0210"}, None, {"type": "M0210", "lon": 999, "lat": 1}):
        assert act(cast.grid, {**body, "key": str(new_id()), "report": wrong}).status_code == 422
    assert act(cast.grid, {**body, "key": str(new_id()), "kind": "panic"}).status_code == 403  # not of a crew
    page = cast.grid.client.get("/m/matters/").content.decode()
    assert matter.number in page
    assert cast.grid.client.get("/", follow=True).request["PATH_INFO"] == "/m/matters/"
    assert cast.grid.client.get("/m/me/").status_code == 200


def test_the_api_reports_moves_and_refuses_an_old_version(cast: Any, town: Any) -> None:
    made = api(cast.clerk, "matters", {"id": str(new_id()), "type": "M0210", "lon": -90.222, "lat": 38.63}).json()
    path = f"matters/{made['id']}/move"
    moved = api(cast.clerk, path, {"transition": "m_accept", "version": made["version"]}).json()
    assert moved["state"] == "accepted"
    old = api(cast.clerk, path, {"transition": "m_assign", "version": made["version"]})
    assert old.status_code == 409
    missing = api(cast.clerk, path, {"transition": "m_void"})
    assert (missing.status_code, missing.json()["field"]) == (422, "reason")
    assert api(cast.clerk, f"matters/{new_id()}").status_code == 404
    where = api(cast.clerk, "matters/where?lon=-90.222&lat=38.63&type=M0210").json()
    assert [n["number"] for n in where["near"]] == [made["number"]] and not where["outside"]
    assert api(cast.clerk, "matters/types").json()[0]["code"] == "M01"


def test_kinds_and_points_are_kept_on_the_settings_pages(cast: Any, town: Any) -> None:
    client = cast.admin.client
    shown = client.get("/settings/matter-types/row/M0210/").content.decode()
    assert 'name="handle_h"' in shown
    given = {"code": "D77", "kind": "shop", "zh": "店", "en": "Shop", "lon": "-90.222", "lat": "38.63", "active": "on",
             "reason": "New", "shown": ""}
    assert client.post("/settings/points/new/", given).status_code == 302
    assert ReportingPoint.objects.get(code="D77").area == "t/2/b/"
    assert client.post("/settings/points/new/", {**given, "code": "D78", "lon": "0"}).status_code == 422


def test_an_examples_matters_are_marked_and_hang_together(town: Any, clock: Any) -> None:
    from shouwang.desk.places import facts as places
    from shouwang.desk.setup.matters import invent

    assert invent(places.streets(), np.random.default_rng(1), clock(), count=400, chinese=True) == 400
    rows = list(Matter.objects.select_related("type"))
    assert len(rows) == 400 and all(m.example for m in rows) and ReportingPoint.objects.filter(example=True).exists()
    assert {m.state for m in rows} >= {"rated", "closed", "void", "handling"}
    assert all(m.reported_at <= clock() and m.area.startswith(("t/", "x/")) for m in rows)
    assert all((m.closed_at or clock()) >= (m.answered_at or m.reported_at) for m in rows)
    done = [m for m in rows if m.answered_at]
    assert 0.05 < sum(not m.in_time for m in done) / len(done) < 0.2
    numbers = sorted((m.day, m.serial) for m in rows)
    assert len(set(numbers)) == 400
    assert invent(places.streets(), np.random.default_rng(1), clock() + timedelta(days=1), count=0, chinese=True) == 0


def test_cells_tell_devices_and_check_points_and_the_office_who_is_at_a_desk(cast: Any, town: Any) -> None:
    from django.utils import timezone

    from shouwang.desk.alarms.models import Panel
    from shouwang.desk.log.ids import new_id
    from shouwang.desk.phone.models import CheckPoint
    from shouwang.desk.places.models import Area
    from shouwang.desk.roster.models import Presence
    from shouwang.desk.sites.models import Site

    within = Area.objects.get(path="t/2/b/")
    cell = Area.objects.create(path="t/2/b/1/", parent=within.path, code="1", kind="cell", geometry=within.geometry,
                               lon=within.lon, lat=within.lat, zh="一格", en="Cell 1").path
    site = Site.objects.create(code="B1", name="Bank", kind="bank", area=cell, lon=-90.222, lat=38.63)
    Panel.objects.create(site=site.id, account="AB12")
    for n in range(2):
        CheckPoint.objects.create(code=f"CP{n}", area=cell, zh="桥", en="Bridge", lon=-90.222, lat=38.63,
                                  made_at=timezone.now())
    told = {c["path"]: c["things"] for c in cast.clerk.client.get("/api/cells").json()["cells"]}
    assert told[cell] == {"panels": 1, "checkpoints": 2}
    assert "报警主机" in cast.clerk.client.get("/cells/").content.decode()
    Presence.objects.create(id=new_id(), user=cast.office.user.id, area="t/2/b/", on_at=timezone.now(), on_place="P1")
    page = cast.clerk.client.get("/office/").content.decode()
    assert cast.office.user.name in page.split('id="day-on"')[1]
