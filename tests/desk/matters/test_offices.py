"""What offices set down of themselves, and how far platforms and grids reach."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shouwang.desk.matters import coverage
from shouwang.desk.matters.models import OfficeItem
from shouwang.desk.people.models import Grant
from shouwang.desk.places.models import Area
from shouwang.desk.workflow.models import Setting

pytestmark = pytest.mark.django_db


def test_an_office_shows_what_is_set_down_for_it(cast: Any, town: Any) -> None:
    Grant.objects.filter(user=cast.office.user).update(area="t/2/b/")
    form = {"area": "t/2/b/", "kind": "room", "zh": "调解室", "en": "Mediation room", "count": "1",
            "answers": "综治办", "active": "on", "reason": "Moved in"}
    assert cast.admin.client.post("/settings/office-items/new/", form).status_code == 302
    assert "调解室" in cast.office.client.get("/office/").content.decode()
    OfficeItem.objects.update(area="t/1/")
    assert "调解室" not in cast.office.client.get("/office/").content.decode()
    assert cast.admin.client.post("/settings/office-items/new/", form | {"area": "x/nowhere/"}).status_code != 302
    assert cast.grid.client.post("/settings/office-items/new/", form).status_code == 403


def test_an_office_keeps_its_own_and_no_other_list(cast: Any, town: Any) -> None:
    Grant.objects.filter(user=cast.office.user).update(area="t/2/b/")
    form = {"area": "t/2/b/", "kind": "room", "zh": "调解室", "en": "Mediation room", "count": "1",
            "answers": "综治办", "active": "on", "reason": "Moved in"}
    client = cast.office.client
    assert "office-items" in client.get("/office/").content.decode()
    assert client.post("/settings/office-items/new/", form).status_code == 302
    mine = OfficeItem.objects.get()
    other = OfficeItem.objects.create(area="t/1/a/", kind="room", zh="别处", en="Elsewhere")
    listed = client.get("/settings/office-items/").content.decode()
    assert "调解室" in listed and "别处" not in listed
    assert "别处" not in client.get("/settings/office-items/export.csv").content.decode("utf-8-sig")
    assert client.get(f"/settings/office-items/row/{other.pk}/").status_code == 404
    assert client.post("/settings/office-items/new/", form | {"area": "t/1/a/"}).status_code == 422
    read = client.get(f"/api/settings/office-items/{mine.pk}").json()
    for area, status in (("t/1/a/", 422), ("t/2/b/", 200)):
        body = {"values": {"area": area, "count": 2}, "mark": read["mark"], "reason": "Counted again"}
        answer = client.patch(f"/api/settings/office-items/{mine.pk}", body, content_type="application/json")
        assert answer.status_code == status, answer.content
    assert client.get(f"/api/settings/office-items/{other.pk}").status_code == 404
    for path in ("/settings/units/", "/settings/settings/", "/api/settings/units", "/api/settings/units/x"):
        assert client.get(path).status_code == 403, path
    assert [s["key"] for s in client.get("/api/settings").json()] == ["office-items"]


def test_platforms_and_grids_are_told_by_level(cast: Any, town: Any, rules: None) -> None:
    Grant.objects.filter(user__in=(cast.office.user, cast.clerk.user)).update(area="t/2/b/")

    def told() -> dict[str, tuple[int, int, int, int]]:
        found = coverage.reaches(cast.planner.actor, "norm.view")
        assert all(len(r.lack) == r.n - r.both for r in found)
        return dict(zip(("district", "street", "community"),
                        ((r.n, r.platforms, r.grids, r.percent) for r in found), strict=True))

    assert told() == {"district": (1, 1, 0, 0), "street": (2, 0, 0, 0), "community": (2, 1, 0, 0)}
    for path in ("t/1/a/", "t/2/b/"):
        of = town.areas[path]
        Area.objects.create(path=f"{path}1/", parent=path, code=f"{path[2]}1", kind="cell", zh="格", en="Cell",
                            lon=of.lon, lat=of.lat, geometry=of.geometry)
    assert told() == {"district": (1, 1, 1, 100), "street": (2, 0, 2, 0), "community": (2, 1, 2, 50)}
    half = {"type": "Polygon", "coordinates": [[[-90.24, 38.61], [-90.21, 38.61], [-90.21, 38.65], [-90.24, 38.65],
                                                [-90.24, 38.61]]]}
    Area.objects.create(path="t/2/b/2/", parent="t/2/b/", code="b2", kind="cell", zh="格", en="Cell", lon=-90.22,
                        lat=38.63, geometry=half)
    assert told()["community"] == (2, 1, 1, 0)
    assert 'id="reach"' in cast.centre.client.get("/cells/").content.decode()


def test_the_goal_is_the_sources_day_until_the_centre_sets_its_own(rules: None) -> None:
    assert coverage.goal() == date(2017, 12, 31)
    Setting.objects.update_or_create(key="coverage_day", defaults={"value": "2028-06-30"})
    assert coverage.goal() == date(2028, 6, 30)
