"""Norms of the district as a whole are held against the registers, or against a count that an office enters."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.norms import actions, advice, facts
from shouwang.desk.places.models import Area
from shouwang.desk.roster.models import Presence, Roster, Turn
from shouwang.desk.sites.models import Site
from shouwang.desk.units.models import Duty, Unit, UnitKind
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db
DEPUTY = "law_deputy_head"


@pytest.fixture
def whole(town: Any, rules: None, clock: Any) -> Any:
    """`whole()`: the lines of the district by norm."""
    Area.objects.filter(kind="district").update(example=True)

    def whole() -> dict[str, advice.Line]:
        day = day_of(clock())
        return {line.norm.code: line for line in advice.district_lines(facts.in_force(day), "t/", clock())}
    return whole


def test_every_norm_says_what_there_is_or_why_nobody_knows(whole: Any) -> None:
    found = whole()
    assert {"mobile_booths", "mobile_booth_cars", "intercity_stations", "street_platforms", "desk_watch",
            "street_share", DEPUTY, "urban_patrol_brigade"} == set(found)
    assert all(line.counted for line in found.values())
    assert {code for code, line in found.items() if line.have is None} == {"desk_watch", "street_share", DEPUTY}


def test_booths_and_stations_are_the_units_of_their_kind(whole: Any, town: Any, clock: Any) -> None:
    for n, kind in enumerate(("mobile_booth", "mobile_booth", "intercity_station")):
        row = UnitKind.objects.filter(code=kind).first() or UnitKind.objects.create(
            code=kind, service="police", letter="X", moves="post")
        Unit.objects.create(code=f"X{n}", zh="岗", en="Post", kind=row, area="t/1/", lon=0, lat=0, state_since=clock())
    found = whole()
    assert {c: (found[c].need, found[c].have, found[c].short) for c in (
        "mobile_booths", "mobile_booth_cars", "intercity_stations")} == {
        "mobile_booths": (5, 2, 3), "mobile_booth_cars": (5, 2, 3), "intercity_stations": (6, 1, 5)}
    assert found["street_platforms"].need == 22


def test_two_at_each_desk_and_nine_of_ten_officers_on_the_street(whole: Any, town: Any, clock: Any) -> None:
    now = clock()
    for n, area in enumerate(("t/1/", "t/2/")):
        roster = Roster.objects.create(area=area, first=now.date(), days=1, asked={}, given={}, made_by="x",
                                       made_at=now, state="done", published_by="x", published_at=now)
        Turn.objects.create(roster=roster, user=new_id(), day=now.date(), shift="07:00", start=now,
                            end=now + timedelta(hours=8), night=False, service="desk")
        for _k in range(3 - 2 * n):  # three at the first desk, one at the second
            Presence.objects.create(id=new_id(), user=new_id(), area=area, on_at=now, on_place=area)
    assert (whole()["desk_watch"].need, whole()["desk_watch"].have, whole()["desk_watch"].short) == (4, 3, 1)
    out, sits = new_id(), new_id()
    Duty.objects.create(unit=town.units["P01"], user=sits, on_at=now - timedelta(days=1), off_at=now)
    Duty.objects.create(unit=town.units["P01"], user=out, on_at=now)
    Presence.objects.create(id=new_id(), user=sits, area="t/1/", on_at=now, on_place="t/1/")
    share = whole()["street_share"]
    assert (share.need, share.have, share.short) == (2, 1, 1)  # of two on duty one sits in an office


def test_an_office_enters_what_no_register_tells(whole: Any, cast: Any, clock: Any) -> None:
    Site.objects.create(id=new_id(), code="S1", name="School", kind="school_site", area="t/1/", lon=0, lat=0)
    day = day_of(clock())

    def enter(who: str = "centre", **given: Any) -> None:
        values = {"code": DEPUTY, "day": day, "count": 1, "source": "Education office"} | given
        actions.save_tally(actor=getattr(cast, who).actor, now=clock(), **values)

    assert (whole()[DEPUTY].need, whole()[DEPUTY].state) == (1, "unknown")
    enter(count=0)
    enter()  # the same day: in place of what stood
    line = whole()[DEPUTY]
    assert (line.have, line.state, line.counted) == (1, "met", f"{day} · Education office")
    assert Event.objects.filter(kind="norm.counted").count() == 2
    with pytest.raises(Denied):
        enter("planner")
    with pytest.raises(Missing):  # the registers tell it
        enter(code="street_platforms")
    for field, wrong in (("day", day + timedelta(days=1)), ("count", -1), ("source", " ")):
        with pytest.raises(Refused) as told:
            enter(**{field: wrong})
        assert told.value.field == field


def test_the_page_and_the_programs_tell_the_same(whole: Any, cast: Any) -> None:
    client = cast.centre.client
    assert "/norms/counts/law_deputy_head/" in client.get("/norms/").content.decode()
    assert client.post(f"/norms/counts/{DEPUTY}/", {"day": "2026-11-20", "count": "3", "source": ""}).status_code == 422
    assert client.post(f"/norms/counts/{DEPUTY}/", {"day": "2026-11-20", "count": "3", "source": "Office"}
                       ).status_code == 302
    told = {row["norm"]: row for row in client.get("/api/norms/district").json()}
    assert (told[DEPUTY]["have"], told[DEPUTY]["source"]) == (3, "2026-11-20 · Office")
    assert cast.planner.client.get(f"/norms/counts/{DEPUTY}/").status_code == 403


def test_localities_are_narrowed_by_their_class(at: Any, cast: Any) -> None:
    at["C3"].grade = "complex"
    at["C3"].save()
    page = cast.planner.client.get("/norms/?grade=complex").content.decode()
    assert "C3 村" in page and "C1 村" not in page
    assert {g["code"] for g in cast.planner.client.get("/api/norms/gaps?grade=complex").json()} == {"C3"}


def test_a_norm_of_the_example_district_is_not_asked_of_another(whole: Any) -> None:
    Area.objects.filter(kind="district").update(example=False, zh="别处")
    Area.objects.filter(path="x/").delete()
    line = whole()["street_platforms"]
    assert (line.need, line.have, line.short, line.state) == (None, 1, None, "not_asked")
