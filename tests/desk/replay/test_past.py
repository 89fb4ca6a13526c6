"""Past hours: who may see which, for what reason, and what stands in them."""
from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.replay import actions, facts
from shouwang.desk.units.models import Duty
from shouwang.tables.live import Position
from shouwang.tables.live.tracks import TrackStore

pytestmark = pytest.mark.django_db
EAST = (-90.222, 38.630)


@pytest.fixture
def ask(cast: Any, clock: Any) -> Any:
    """Asks for the hour before now, as the supervisor, unless told otherwise."""
    def ask(by: str = "supervisor", **given: Any) -> Any:
        wanted = {"area": "t/", "start": clock() - timedelta(hours=1), "minutes": 60, "reason": "complaint 12"}
        return actions.ask(actor=getattr(cast, by).actor, now=clock(), **wanted | given)
    return ask


@pytest.fixture
def hour(cast: Any, town: Any, clock: Any) -> dict[str, Any]:
    """An hour in which a fight was taken, raised, answered by P02 and closed, seen from its end."""
    defaults.load()
    Duty.objects.create(unit=town.units["P02"], user=cast.member.user.id, on_at=clock() - timedelta(hours=2))
    start, unit = clock(), town.units["P02"]
    taken = calls.take_call(actor=cast.call_taker.actor, now=clock.forward(minutes=5), call=NewCall(
        id=new_id(), type="200100", place="Elm St 17", detail="3rd floor", lon=EAST[0], lat=EAST[1],
        caller=Caller(name="王小明", number="13800002046", words="两个人在门口打起来了")))
    calls.upgrade(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), call_id=taken.id, severity=1, reason="")
    calls.assign_units(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), call_id=taken.id,
                       unit_ids=[unit.id], reason="near")
    (task,) = taken.assignments.all()
    for minutes, move in ((1, "a_go"), (4, "a_scene"), (10, "a_clear")):
        calls.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(minutes=minutes), assignment_id=task.id,
                              transition=move)
    calls.reveal_caller(actor=cast.dispatcher.actor, now=clock(), call_id=taken.id, reason="call back")
    calls.close_call(actor=cast.dispatcher.actor, now=clock.forward(minutes=5), call_id=taken.id,
                     disposition="settled")
    at = int(start.timestamp() * 1000)
    TrackStore(settings.CONFIG).write(
        Position(str(unit.id), at + n * 1000, -90.222 + n * 1e-6, 38.634) for n in range(-1200, 1200, 5))
    clock.forward(minutes=33)
    return {"start": start, "call": taken, "unit": unit}


def test_an_hour_as_it_was(hour: Any, ask: Any, cast: Any, clock: Any, town: Any) -> None:
    viewing = ask(start=hour["start"])
    past = facts.past(viewing, actor=cast.supervisor.actor)
    unit = next(u for u in past.units if u["id"] == hour["unit"].id)
    call = str(hour["call"].id)
    assert unit["steps"] == [(0.0, "free", None), (420, "route", call), (720, "scene", call), (1320, "free", None)]
    (shown,) = past.calls
    assert shown["steps"] == [(300, "waiting"), (420, "responding"), (1620, "closed")]
    assert [level for _at, level in shown["levels"]] == [hour["call"].severity, 1]
    assert shown["place"] == "Elm St 17"
    assert [e["kind"] for e in past.events] == [
        "call.taken", "call.upgraded", "call.assigned", "call.unit_moved", "call.unit_moved", "call.unit_moved",
        "call.closed"]
    track = unit["track"]
    assert track[0][0] == -600 and track[-1][0] < 1200  # from ten minutes before, thinned
    assert {round(b[0] - a[0]) for a, b in pairwise(track)} == {10}
    assert all(u["track"] == [] for u in past.units if u["id"] != hour["unit"].id)
    assert "X01" not in {u["en"] for u in past.units}


def test_nothing_of_a_person_is_in_it(hour: Any, ask: Any, cast: Any) -> None:
    past = facts.past(ask(start=hour["start"]), actor=cast.supervisor.actor)
    text = json.dumps(vars(past), default=str, ensure_ascii=False)
    people = [str(cast.member.user.id), cast.member.user.name, str(cast.dispatcher.user.id), cast.dispatcher.user.name]
    for word in ("王小明", "13800002046", "打起来", "3rd floor", "call.revealed", *people):
        assert word not in text, word


def test_who_may_not_see_calls_gets_no_address(hour: Any, ask: Any, cast: Any) -> None:
    (call,) = facts.past(ask("auditor", start=hour["start"]), actor=cast.auditor.actor).calls
    assert (call["place"], call["lon"], call["lat"]) == ("", -90.222, 38.63)


def test_a_part_of_the_town_holds_its_own(hour: Any, ask: Any, cast: Any) -> None:
    past = facts.past(ask(area="t/1/", start=hour["start"]), actor=cast.supervisor.actor)
    assert {u["en"] for u in past.units} == {"P01", "S41", "F32", "G51"} and past.calls == [] == past.events


def test_the_asking_is_kept_and_opens_it_for_that_person_alone(hour: Any, ask: Any, cast: Any, clock: Any) -> None:
    key = new_id()
    viewing = ask(key=key, start=hour["start"])
    assert ask(key=key, start=hour["start"]) == viewing and viewing.id == key
    (event,) = Event.objects.filter(kind="access.replayed")
    assert (event.actor, event.area, event.id) == (str(cast.supervisor.user.id), "t/", viewing.id)
    assert event.payload["from"] == hour["start"].isoformat()
    assert read_reasons([event.id]) == {str(event.id): "complaint 12"}
    assert actions.opened(actor=cast.supervisor.actor, now=clock(), viewing_id=key) == viewing
    for actor, now in ((cast.auditor.actor, clock()), (cast.supervisor.actor, clock() + timedelta(hours=9))):
        with pytest.raises(Missing):
            actions.opened(actor=actor, now=now, viewing_id=key)
    with pytest.raises(Missing):
        actions.opened(actor=cast.supervisor.actor, now=clock(), viewing_id=hour["call"].id)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no reason": ({"reason": "  "}, "reason"), "two hours": ({"minutes": 120}, "minutes"),
    "not over": ({"start": timedelta(minutes=-30)}, "start"), "too old": ({"start": timedelta(days=-31)}, "start"),
    "an area of one unit": ({"area": "t/9/"}, "area"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_refused(case: str, ask: Any, town: Any, clock: Any) -> None:
    given, field = dict(FAULTS[case][0]), FAULTS[case][1]
    if isinstance(given.get("start"), timedelta):
        given["start"] = clock() + given["start"]
    if given.get("area") == "t/9/":
        made = town.areas["t/2/"]
        made.id, made.path, made.code = new_id(), "t/9/", "9"
        made.save(force_insert=True)
        town.units["P03"].area = "t/9/"
        town.units["P03"].save()
    with pytest.raises(Refused) as refused:
        ask(**given)
    assert refused.value.field == field
    assert not Event.objects.filter(kind="access.replayed").exists()


@pytest.mark.parametrize(("by", "area"), [("dispatcher", "t/"), ("leader", "t/"), ("supervisor", "x/")])
def test_only_who_may_in_their_area(by: str, area: str, ask: Any, town: Any) -> None:
    with pytest.raises(Denied):
        ask(by, area=area)


def test_by_page_and_by_api(cast: Any, town: Any) -> None:
    client, start = cast.supervisor.client, timezone.localtime() - timedelta(hours=2)
    assert client.get("/replay/").status_code == 200
    form = {"area": "t/", "start": f"{start:%Y-%m-%dT%H:%M}", "minutes": "60", "reason": ""}
    assert client.post("/replay/", form).status_code == 422
    answer = client.post("/replay/", form | {"reason": "complaint 12"})
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert cast.auditor.client.get(answer["Location"]).status_code == 404
    body = {"area": "t/", "start": start.isoformat(), "minutes": 15, "reason": "complaint 12", "key": str(new_id())}
    made = client.post("/api/past-hours", json.dumps(body), content_type="application/json").json()
    assert made["id"] == body["key"]
    told = client.get(f"/api/past-hours/{made['id']}").json()
    assert {len(told["units"]), len(told["calls"])} == {8, 0}
    assert cast.auditor.client.get(f"/api/past-hours/{made['id']}").status_code == 404
