"""A desk with fewer than two on duty is told once when it lasts, where its watch and its leaders look, until mended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.roster import actions, facts
from shouwang.desk.roster.models import DeskGap, Presence, Roster, Turn
from shouwang.desk.watch import facts as watch

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(cast: Any, town: Any, crew: list[str]) -> datetime:
    """A desk of "t/1/" whose watch began a day ago; gives now."""
    now = town.now
    roster = Roster.objects.create(area="t/1/", first=now.date() - timedelta(days=1), days=2, asked={}, given={},
                                   made_by="x", made_at=now, state="done", published_by="x", published_at=now)
    start = now - timedelta(hours=24)
    Turn.objects.create(roster=roster, user=crew[0], day=start.date(), shift="07:00", start=start,
                        end=start + timedelta(hours=8), night=False, service="desk")
    return now


def sit(user: str, now: datetime, place: str = "t/1/") -> Presence:
    return Presence.objects.create(id=new_id(), user=user, area="t/1/", on_at=now, on_place=place)


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="roster.desk").order_by("seq").values_list("kind", flat=True))


def test_it_is_told_once_when_it_lasts_and_goes_away_when_mended(desk: datetime, crew: list[str], cast: Any) -> None:
    sit(crew[0], desk)
    sit(crew[1], desk, "P-1")  # at a post of the same area, not at the desk
    assert facts.desks(desk) == {"t/1/": 1}
    done = [actions.watch_desks(desk + n * MINUTE) for n in range(12)]
    assert (sum(done), done[5]) == (1, 1)
    assert kinds() == ["roster.desk_short"]
    event = Event.objects.get(kind="roster.desk_short")
    assert (event.area, event.payload) == ("t/1/", {"here": 1, "needed": 2})
    later = desk + 12 * MINUTE
    assert [(d.area, d.here, d.since) for d in facts.short_desks(("t/",), later)] == [("t/1/", 1, desk)]
    second = sit(crew[2], later)
    assert actions.watch_desks(later) == 1 and actions.watch_desks(later + MINUTE) == 0
    assert kinds() == ["roster.desk_short", "roster.desk_full"]
    assert facts.short_desks(("t/",), later) == []
    Presence.objects.filter(id=second.id).update(off_at=later)
    assert [actions.watch_desks(later + n * MINUTE) for n in (1, 6)] == [0, 1]  # and told anew when it comes again


def test_a_moment_between_two_watches_is_not_told(desk: datetime, crew: list[str]) -> None:
    assert [actions.watch_desks(desk + n * MINUTE) for n in range(5)] == [0] * 5
    sit(crew[0], desk), sit(crew[1], desk)
    assert actions.watch_desks(desk + 5 * MINUTE) == 0
    assert not DeskGap.objects.exists() and kinds() == []


def test_who_leads_and_who_keeps_the_watch_see_it(desk: datetime, cast: Any, crew: list[str]) -> None:
    for n in (0, 5):
        actions.watch_desks(desk + n * MINUTE - timedelta(minutes=6))
    for who, path in (("planner", "/rosters/"), ("supervisor", "/rosters/desks/mark/"), ("centre", "/office/"),
                      ("dispatcher", "/watch/")):
        page = getattr(cast, who).client.get(path).content.decode()
        assert "应有 2 人" in page or "1 个值班室缺人" in page, (who, path)
    assert [d["area"] for d in cast.planner.client.get("/api/rosters/desks").json()] == ["t/1/"]
    assert [i["kind"] for i in watch.open_items("t/", desk)] == ["desk"]
    assert cast.analyst.client.get("/api/rosters/desks").status_code == 403
    assert facts.short_desks(("t/2/",), desk) == []


def test_a_desk_whose_roster_ran_out_is_not_forgotten_but_one_without_a_watch_is_none(desk: datetime) -> None:
    assert facts.desks(desk + timedelta(days=20)) == {"t/1/": 0}
    assert facts.desks(desk + timedelta(days=40)) == {}
    for n in (0, 5):
        actions.watch_desks(desk + n * MINUTE)
    actions.watch_desks(desk + timedelta(days=40))
    assert kinds() == ["roster.desk_short", "roster.desk_full"]
