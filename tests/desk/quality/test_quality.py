"""What each step leaves: rules on records, the list to mend, scores by step and area with their uncertainty."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.matters import actions as matters
from shouwang.desk.matters.terms import NewMatter
from shouwang.desk.quality import actions, facts
from shouwang.desk.quality.models import Finding, Tally
from shouwang.desk.quality.rules import CHECKS, held, rules, steps
from shouwang.desk.quality.shares import apart, share
from shouwang.desk.workflow.checked import Checked

EAST = (-90.222, 38.630)  # in t/2/b/


@pytest.fixture
def take(cast: Any, town: Any, clock: Any) -> Any:
    def take(**given: Any) -> Call:
        fields: dict[str, Any] = {"id": new_id(), "type": "200100", "place": "三槐树路 17 号", "lon": EAST[0],
                  "lat": EAST[1], "caller": Caller(words="两个人打起来了", answers={"weapon": "none"})} | given
        return calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(**fields))
    return take


def found(call: Any, state: str = "open") -> set[str]:
    return set(Finding.objects.filter(record=call.id, state=state).values_list("rule", flat=True))


def shares(cast: Any, clock: Any, step: str) -> dict[str, Any]:
    areas = cast.analyst.actor.areas("quality.trace")
    return {s.area: s for s in facts.scores(areas, clock(), 5) if (s.step.kind, s.step.id) == ("call", step)}


def test_every_rule_names_a_step_a_check_and_fields_that_rooms_tell(
    take: Any, cast: Any, town: Any, clock: Any
) -> None:
    """A field that no room gives would be a KeyError in the worker."""
    take()
    matters.report(actor=cast.grid.actor, now=clock(), new=NewMatter(id=new_id(), type="M0210", lon=EAST[0],
                                                                     lat=EAST[1], place="Elm St"), source="grid")
    assert {(r.kind, r.step) for r in rules().values()} <= set(steps())
    assert all(name in CHECKS for r in rules().values() for name in r.holds)
    records = {r.kind: r for r in actions._records(clock() - timedelta(days=1), set())}
    assert set(records) == {"call", "matter"}
    unit = {"state": "cleared", "ended_alone": True, "result": "", **dict.fromkeys(
        ("assigned_at", "acknowledged_at", "enroute_at", "on_scene_at", "ended_at"))}
    for rule in rules().values():
        if rule.kind in records:
            record = records[rule.kind]
            values = {**record.values, "units": [unit], "now": clock()}
            names = [*rule.when, *(n for given in rule.holds.values() for n in (given if isinstance(given, list) else
                                                                                  [given]) if isinstance(n, str))]
            assert set(names) <= set(unit if rule.each else values) | {"now"}, rule.id


def test_a_call_is_followed_through_its_steps_mended_and_right_again(
    take: Any, cast: Any, town: Any, clock: Any
) -> None:
    call = take(caller=Caller(number="13800002046"), received_at=clock() - timedelta(minutes=25))
    second = take(type="990500", lon=-90.0, lat=38.0, caller=Caller(words="x"))  # beyond the district, typed as other
    [task] = calls.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=call.id,
                                unit_ids=[town.units["P02"].id], reason="x")
    clock.forward(minutes=9)
    Assignment.objects.filter(id=task.id).update(on_scene_at=clock() - timedelta(minutes=30))  # a wrong clock
    calls.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="settled")
    calls.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=second.id, disposition="settled")
    actions.look(now=clock())
    assert found(call) == {"C101", "C103", "C104", "C302"}
    assert found(second) == {"C102", "C104", "C106", "C201"}
    row = Finding.objects.get(record=call.id, rule="C302")
    assert (row.area, row.number, row.step, row.made_at) == ("t/2/b/", call.number, "scene", clock())

    Assignment.objects.filter(id=task.id).update(on_scene_at=clock())
    clock.forward(minutes=11)
    assert actions.look_if_due(clock()) is False  # nothing has happened since
    take(lon=-90.225, lat=38.632)
    assert actions.look_if_due(clock()) is True
    assert found(call) == {"C101", "C103", "C104"} and found(call, "mended") == {"C302"}
    scene = shares(cast, clock, "scene")["t/2/"]
    assert (scene.share.records, scene.share.wrong, scene.still_open) == (1, 1, 0)  # it was left wrong at first

    Assignment.objects.filter(id=task.id).update(on_scene_at=call.received_at - timedelta(days=1))
    actions.look(now=clock.forward(minutes=11))
    assert "C302" in found(call)  # wrong again, the same finding
    assert Finding.objects.filter(record=call.id, rule="C302").count() == 1


def test_a_like_call_near_by_is_found_at_the_later_one_until_they_are_linked(take: Any, cast: Any, clock: Any) -> None:
    first = take()
    clock.forward(minutes=3)
    later = take(lon=EAST[0] + 0.0002)
    other = take(type="300100", lon=EAST[0] + 0.0002)
    actions.look(now=clock())
    assert (found(first), found(later), found(other)) == (set(), {"C105"}, set())
    calls.link_calls(actor=cast.dispatcher.actor, now=clock(), call_id=first.id, other_id=later.id)
    actions.look(now=clock())
    assert found(later, "mended") == {"C105"}


def test_what_is_accepted_counts_as_right_and_can_be_taken_back(take: Any, cast: Any, clock: Any) -> None:
    call = take(caller=Caller(number="1"))
    actions.look(now=clock())
    row, key = Finding.objects.get(record=call.id), new_id()
    who = {"actor": cast.analyst.actor, "now": clock(), "finding_id": row.id}
    with pytest.raises(Refused):
        actions.accept(**who, why="whim")
    with pytest.raises(Missing):
        actions.accept(**who | {"actor": cast.stranger.actor}, why="true")
    for _retry in range(2):
        actions.accept(**who, why="true", reason="the caller rang off", key=key)
    with pytest.raises(Conflict):
        actions.accept(**who, why="true")
    told = events_of("finding", row.id)
    assert [e.kind for e in told] == ["quality.accepted"] and "rang off" not in str(told[0].payload)
    actions.look(now=clock())
    assert found(call, "accepted") == {"C101"} and shares(cast, clock, "intake")[""].share.wrong == 0
    actions.reopen(**who)
    actions.look(now=clock())
    assert found(call) == {"C101"} and shares(cast, clock, "intake")[""].share.wrong == 1


def test_neither_findings_nor_scores_know_who_did_it(take: Any, cast: Any, clock: Any) -> None:
    call = take(caller=Caller(name="王小明", number="13800002046"))
    actions.look(now=clock())
    page = "".join(cast.supervisor.client.get(path).content.decode() for path in
                   ("/quality/", "/quality/list/?weeks=26", "/quality/list.csv?weeks=26",
                    "/api/quality/scores?weeks=60", "/api/quality/findings?weeks=60"))
    for person in (cast.call_taker.user, cast.dispatcher.user):
        assert str(person.id) not in page and person.name not in page
    assert "王小明" not in page and "13800002046" not in page
    columns = {f.name for m in (Finding, Tally) for f in m._meta.fields}
    assert not columns & {"by", "user", "taken_by", "actor", "unit"} and call.taken_by == str(cast.call_taker.user.id)


def test_a_share_tells_how_sure_it_is_and_a_desk_differs_only_beyond_chance() -> None:
    told = share(20, 2)
    assert told.right == 0.9
    # Wilson's interval of 18 in 20, by its formula: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.96.
    assert (told.low, told.high) == pytest.approx((0.6990, 0.9721), abs=1e-4)
    assert share(0, 0).right is None
    assert apart([(20, 3), (20, 1), (20, 2)]) == ["", "", ""]  # chance
    assert apart([(200, 60), (200, 10), (200, 12)]) == ["more", "fewer", "fewer"]
    assert apart([(5, 5)]) == [""] and apart([]) == []  # nothing to hold it against


@pytest.mark.parametrize(("values", "holds"), [
    ({"a": None, "b": 2, "c": 1}, False), ({"a": 1, "b": None, "c": 2}, True), ({"a": 1, "b": 1, "c": 1}, True)])
def test_moments_that_are_not_known_are_in_no_order(values: dict[str, Any], holds: bool) -> None:
    assert CHECKS["order"](values, ["a", "b", "c"]) is holds


def test_a_rule_that_does_not_concern_a_record_says_nothing(clock: Any) -> None:
    def of(*units: dict[str, Any]) -> Checked:
        return Checked("call", new_id(), "1", "t/", clock(), {"units": list(units), "state": "waiting"})
    assert held(rules()["C301"], of(), clock()) is None and held(rules()["C401"], of(), clock()) is None
    told, not_told = ({"state": "cleared", "acknowledged_at": at} for at in (clock(), None))
    assert held(rules()["C301"], of(told, {"state": "stood_down", "acknowledged_at": None}), clock()) is True
    assert held(rules()["C301"], of(told, not_told), clock()) is False  # one part is enough


def test_pages_and_api_show_what_lies_in_ones_areas(take: Any, cast: Any, clock: Any, monkeypatch: Any) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", clock)
    call = take(caller=Caller(number="1"))
    actions.look(now=clock())
    row = Finding.objects.get(record=call.id)
    boss, api = cast.supervisor.client, "/api/quality/findings"
    page = boss.get("/quality/list/").content.decode()
    assert call.number in page and f"/board/#{call.id}" in page  # back to the record
    seen_by_analyst = cast.analyst.client.get("/quality/list/").content.decode()
    assert call.number in seen_by_analyst and str(call.id) not in seen_by_analyst  # who sees no calls gets no way in
    assert call.number not in cast.stranger.client.get("/quality/list/").content.decode()
    assert cast.stranger.client.get(api).json() == []
    assert boss.get(f"{api}?rule=C101&step=intake").json()[0]["number"] == call.number
    assert boss.get(f"{api}?step=close").json() == []
    table = boss.get("/quality/list.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 2 and call.number in table[1]
    assert boss.get("/quality/list.xlsx").status_code == 200 and boss.get("/quality/list.pdf").status_code == 404
    assert "C101" in boss.get("/quality/rules/").content.decode() and len(boss.get("/api/quality/rules").json()) > 25
    wrong = boss.post("/quality/list/", {"finding": row.id, "key": new_id(), "do": "accept", "why": "x"})
    assert wrong.status_code == 422
    key = new_id()
    assert boss.post(f"{api}/{row.id}/accept", {"why": "lost", "key": str(key)},
                     content_type="application/json").json()["state"] == "accepted"
    assert boss.post("/quality/list/", {"finding": row.id, "key": new_id(), "do": "reopen"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "open"
    assert boss.get("/api/quality/scores").json()[0]["share"]["wrong"] == 1
