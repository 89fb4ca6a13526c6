"""Callers asked afterwards: drawn by lot by day and class, asked by one person, told in figures that name nobody."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.channels import actions, facts
from shouwang.desk.channels.actions import visits
from shouwang.desk.channels.models import Draw, Visit
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of
from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.models import Setting

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(cast: Any, town: Any, clock: Any) -> Callable[..., list[Any]]:
    """Calls that were closed yesterday."""
    def make(n: int, type: str = "200100", ticks: tuple[str, ...] = ("call_back",), number: str = "555",
             **changed: Any) -> list[Any]:
        rows = [calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
            id=new_id(), type=type, place="Elm St", lon=-90.222, lat=38.63,
            caller=Caller(number=number, words="x", ticks=ticks))) for _n in range(n)]
        Call.objects.filter(id__in=[r.id for r in rows]).update(**{
            "state": "closed", "waiting_since": None, "closed_at": clock() - timedelta(days=1), **changed})
        return rows
    return make


@pytest.fixture
def visit(closed: Any, clock: Any) -> Visit:
    closed(1)
    actions.draw(clock())
    return Visit.objects.get()


def test_of_each_class_its_share_is_drawn_rounded_up_once_a_day(closed: Any, clock: Any) -> None:
    closed(11)
    closed(2, "400100")
    Setting.objects.create(key="callback_types", value="40:100")
    assert actions.draw(clock()) == 3 + 2  # 20 % of 11 rounded up; all of 2
    assert actions.draw(clock()) == 0
    row = Draw.objects.get(drawn__gt=0)
    assert (row.may, row.drawn) == (13, 5)
    assert Draw.objects.count() == 3  # days without a call are drawn from too: nothing


@pytest.mark.parametrize("kept_out", [
    {"ticks": ()}, {"number": ""}, {"drill": True}, {"source": "alarm"}, {"state": "cancelled"},
])
def test_who_is_never_drawn(closed: Any, clock: Any, kept_out: dict[str, Any]) -> None:
    closed(3, **kept_out)
    assert actions.draw(clock()) == 0


def test_everybody_may_be_drawn_and_the_draw_is_by_lot(closed: Any, clock: Any) -> None:
    rows, drawn = closed(2), set()
    for _again in range(30):  # the chance that one of two is never drawn: 2 × (1/2)^30
        Draw.objects.all().delete()
        Visit.objects.all().delete()
        actions.draw(clock())
        drawn |= set(Visit.objects.values_list("call", flat=True))
    assert drawn == {r.id for r in rows}


@pytest.mark.parametrize(("text", "told"), [
    ("", {"": 0.2}), ("10:50, 50：30", {"": 0.2, "10": 0.5, "50": 0.3}), ("40:100", {"": 0.2, "40": 1.0})])
def test_shares_as_written(text: str, told: dict[str, float]) -> None:
    assert dict(actions.shares(text, 20)) == told


@pytest.mark.parametrize(("text", "right"), [("10:50, 50:30", True), ("", True), ("ten", False), ("10:500", False)])
def test_the_settings_page_takes_shares_alone(cast: Any, town: Any, text: str, right: bool) -> None:
    from shouwang.desk.workflow.forms import SHARES

    assert (SHARES.fullmatch(text) is not None) is right


def test_one_person_asks_and_the_rating_stands_alone(visit: Visit, cast: Any, clock: Any) -> None:
    who, other = cast.dispatcher.actor, cast.call_taker.actor
    with pytest.raises(Conflict):
        actions.rate(actor=who, now=clock(), visit_id=visit.id, rating=4, why="quick")
    actions.claim_visit(actor=who, now=clock(), visit_id=visit.id)
    with pytest.raises(Conflict, match="Dispatcher"):
        actions.claim_visit(actor=other, now=clock(), visit_id=visit.id)
    with pytest.raises(Conflict, match="Dispatcher"):
        actions.rate(actor=other, now=clock(), visit_id=visit.id, rating=4, why="quick")
    assert actions.number_of(actor=who, now=clock(), visit_id=visit.id) == "555"
    assert [e.kind for e in of("call", visit.call)][-1] == "call.revealed"
    for rating, why in ((0, "quick"), (6, "quick"), (4, ""), (4, "his fault")):
        with pytest.raises(Refused):
            actions.rate(actor=who, now=clock(), visit_id=visit.id, rating=rating, why=why)
    actions.rate(actor=who, now=clock(), visit_id=visit.id, rating=4, why="quick")
    visit.refresh_from_db()
    assert (visit.state, visit.rating, visit.why, visit.claimed_by) == ("done", 4, "quick", "")
    assert "4" not in str([e.payload for e in of("visit", visit.id)][-1].get("rating", ""))
    with pytest.raises(Conflict):
        actions.claim_visit(actor=other, now=clock(), visit_id=visit.id)


def test_who_may_not_see_numbers_sees_none(visit: Visit, cast: Any, clock: Any) -> None:
    actions.claim_visit(actor=cast.call_taker.actor, now=clock(), visit_id=visit.id)
    with pytest.raises(Denied):
        actions.number_of(actor=cast.call_taker.actor, now=clock(), visit_id=visit.id)
    with pytest.raises(Missing):
        actions.claim_visit(actor=cast.stranger.actor, now=clock(), visit_id=visit.id)


def test_no_answer_three_times_ends_it_and_a_claim_lapses(visit: Visit, cast: Any, clock: Any) -> None:
    who = cast.dispatcher.actor
    actions.claim_visit(actor=who, now=clock(), visit_id=visit.id)
    assert visits.lapse(clock.forward(minutes=11)) == 1
    for _try in range(3):
        actions.claim_visit(actor=who, now=clock(), visit_id=visit.id)
        visit = actions.no_rating(actor=who, now=clock(), visit_id=visit.id, result="no_answer")
    assert visit.state == "unreachable"
    with pytest.raises(Refused):
        actions.no_rating(actor=who, now=clock(), visit_id=visit.id, result="rude")


def test_what_is_a_week_too_late_is_over(visit: Visit, clock: Any) -> None:
    visits.lapse(clock.forward(days=9))
    assert Visit.objects.get().state == "due"
    visits.lapse(clock.forward(days=2))
    assert Visit.objects.get().state == "over"


def rated(type: str, area: str, rating: int, n: int) -> None:
    Visit.objects.bulk_create([Visit(call=new_id(), type=type, area=area, day=date(2026, 11, 20), state="done",
                                     due_at="2026-11-23T00:00Z", rating=rating, why="other") for _n in range(n)])


def figures(areas: tuple[str, ...] = ("t/",)) -> facts.Ratings:
    return facts.ratings(areas, date(2026, 11, 1), date(2026, 12, 1), ("All", "Elsewhere"))


def test_small_counts_are_hidden_and_nothing_gives_them_away(town: Any) -> None:
    rated("200100", "t/1/a/", 5, 40)
    rated("400100", "t/1/a/", 2, 30)
    rated("300100", "t/2/b/", 1, 3)
    found = figures()
    assert (found.all.n, round(found.all.satisfied or 0, 3)) == (73, 0.548)
    shown = {r.name: r.n for r in found.by_type}
    assert sorted(n for n in shown.values() if n is not None) == [40]  # 3 is hidden, and 30, or 73 − 70 tells it
    assert all(r.mean is None for r in found.by_type if r.n is None)
    assert all(r.n is None for r in found.by_area)  # 70 and 3
    assert figures(("x/",)).drawn == 0


def test_few_ratings_are_hidden_as_a_whole(town: Any) -> None:
    rated("200100", "t/1/a/", 5, 10)
    found = figures()
    assert (found.all.n, found.all.mean, found.by_type, found.by_area) == (None, None, [], [])
    assert figures(("x/",)).all.n == 0


def test_pages_and_api(visit: Visit, cast: Any) -> None:
    client = cast.dispatcher.client
    assert str(visit.id) in client.get("/visits/").content.decode()
    assert str(visit.id) in client.get("/visits/list/").content.decode()
    assert client.get("/visits/export.xlsx").status_code == 200
    assert client.get("/visits/?since=nonsense&until=2026-99-99").status_code == 200
    assert client.get("/api/visits").json()[0]["id"] == str(visit.id)
    path = f"/api/visits/{visit.id}"
    assert client.post(f"{path}/claim", "{}", content_type="application/json").json()["state"] == "claimed"
    assert client.post(f"{path}/number", "{}", content_type="application/json").json() == {"number": "555"}
    rated = client.post(f"{path}/rate", '{"rating": 5, "why": "solved"}', content_type="application/json")
    assert rated.json()["state"] == "done"
    assert str(visit.id) not in cast.stranger.client.get("/visits/").content.decode()
