"""From a dispute to its agreement and the visits after it; who may do what; until when."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.mediation import actions, facts, shown
from shouwang.desk.mediation.models import Declaration, DisputeKind, Mediation, MediationBody, Screened, Visit
from shouwang.desk.mediation.terms import SETTLED, STEPS, WAITING, Given, NewDispute
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db


def test_a_dispute_goes_to_its_end(case: Any, move: Any, take: Any, hold: Any, clock: Any) -> None:
    row = case()
    assert (row.state, row.number, row.due_at) == ("registered", "D1121-0001", hours().after(clock(), 8))
    move(row, "d_judge", "clerk", kind="K02")
    row = move(row, "d_route", "clerk")
    assert (row.kind_id, row.level, row.body_id) == ("K02", "community", "B08")  # the kind's own body
    assert row.due_at == hours().after(clock(), 24)
    take(row)
    row = move(row, "d_consent", both_consents=True)
    assert row.settle_due_at == row.due_at == clock() + timedelta(days=30)
    move(row, "d_open")
    hold(row)
    row = move(row, "d_agree")
    assert (row.state, row.in_time, row.agreed_at) == ("agreed", True, clock())
    assert row.due_at == clock() + timedelta(days=30)  # the visit
    row = move(row, "d_confirm", reference="2026-117")
    assert (row.confirmed_at, row.reference) == (clock(), "2026-117")
    row = move(row, "d_perform")
    with override("en"):
        assert [s.label for s in shown.steps_of(row)][5:7] == ["Agreement reached", "Being performed"]
    row = move(row, "d_visit", how="spot", performed="yes", note="The filter runs")
    assert (row.state, row.performed, row.due_at) == ("visited", "yes", None)
    row = move(row, "d_file")
    assert (row.state, row.closed_at) == ("filed", clock())
    assert [s.shown for s in shown.steps_of(row)] == ["done"] * 8
    told = [e.payload.get("new") for e in events_of("mediation", row.id) if "new" in e.payload]
    assert told == ["registered", "judged", "routed", "consent", "session", "agreed", "confirmed", "performing",
                    "visited", "filed"]


def test_every_state_has_its_place_and_every_kind_its_bodies(rules: None) -> None:
    states = cycle("mediation").states
    assert {s for _step, of in STEPS for s in of} | {"failed", "referred", "withdrawn"} == set(states)
    assert {s for s in states if not cycle("mediation").terminal(s)} == set(WAITING)
    assert set(states) > set(SETTLED)
    bodies = set(MediationBody.objects.values_list("code", flat=True))
    for kind in DisputeKind.objects.all():
        assert {kind.body, *kind.also} <= bodies, kind.code
    assert {b.way for b in MediationBody.objects.all()} == {"people", "administrative", "judicial"}


def test_a_mediator_declares_before_taking_and_never_with_an_interest(routed: Any, take: Any, cast: Any, clock: Any,
                                                                     move: Any, colleague: Any) -> None:
    row, who = routed(), cast.mediator.actor
    with pytest.raises(Refused) as told:  # not taken yet
        move(row, "d_consent", both_consents=True)
    assert told.value.code == "mediator"
    with pytest.raises(Refused) as told:  # a declaration without having looked means nothing
        actions.declare(actor=who, now=clock(), mediation_id=row.id, interest=False)
    assert told.value.code == "look"
    row = take(row, interest=True)
    assert row.mediator == "" and Declaration.objects.get().interest
    with pytest.raises(Conflict) as barred:
        actions.declare(actor=who, now=clock(), mediation_id=row.id, interest=False)
    assert barred.value.code == "interest"
    with pytest.raises(Denied):  # nor does what lies sealed open again
        actions.open_case(actor=who, now=clock(), mediation_id=row.id, reason="Curious")
    for step in ("d_withdraw", "d_refer"):
        with pytest.raises(Denied):
            move(row, step, target="court")
    assert take(row, "colleague").mediator == colleague.actor.id
    with pytest.raises(Conflict):
        actions.declare(actor=colleague.actor, now=clock(), mediation_id=row.id, interest=False)


def test_an_interest_found_later_gives_the_case_back(session: Any, take: Any, cast: Any, clock: Any, move: Any,
                                                     colleague: Any) -> None:
    row = session()
    row = actions.declare(actor=cast.mediator.actor, now=clock(), mediation_id=row.id, interest=True)
    assert row.mediator == "" and row.state == "session"
    take(row, "colleague")
    move(row, "d_pause", "colleague", reason="New year")
    assert Mediation.objects.get().state == "paused"


def test_only_the_cases_mediator_conducts_it(session: Any, hold: Any, cast: Any, clock: Any, move: Any, colleague: Any,
                                             manager: Any) -> None:
    row = session()
    hold(row, agreement=False)
    for name in ("colleague", "manager", "clerk"):
        with pytest.raises((Denied, Refused)):
            move(row, "d_pause", name, reason="x")
        with pytest.raises((Denied, Refused)):
            actions.write_agreement(actor=getattr(cast, name).actor, now=clock(), mediation_id=row.id, terms="x",
                                    perform_by=clock().date())
        assert actions.moves(getattr(cast, name).actor, Mediation.objects.get()) == []
    with pytest.raises(Missing):
        move(row, "d_pause", "stranger", reason="x")
    with pytest.raises(Denied):  # the clerk cannot take it from its mediator, the manager can
        actions.give_up(actor=cast.clerk.actor, now=clock(), mediation_id=row.id, reason="x")
    assert actions.give_up(actor=manager.actor, now=clock(), mediation_id=row.id, reason="Ill").mediator == ""


def test_a_step_says_what_it_needs(case: Any, routed: Any, session: Any, take: Any, hold: Any, move: Any) -> None:
    first, alone, open_, held = case(), routed(parties=()), session(), session()
    hold(held, agreement=False)
    empty = case(parties=())
    for row, step, by, given, field in (
        (first, "d_judge", "clerk", {"kind": "K99"}, "kind"), (first, "d_judge", "clerk", {"level": "moon"}, "level"),
        (first, "d_flight", "clerk", {}, "transition"), (open_, "d_pause", "mediator", {}, "reason"),
        (open_, "d_fail", "mediator", {}, "ways_explained"), (open_, "d_agree", "mediator", {}, "session"),
        (held, "d_agree", "mediator", {}, "agreement"), (open_, "d_refer", "mediator", {}, "target"),
        (open_, "d_refer", "mediator", {"target": "desk"}, "target"),  # no call stands behind it
    ):
        before = row.state
        with pytest.raises(Refused) as told:
            move(row, step, by, **given)
        assert told.value.field == field, step
        assert Mediation.objects.get(id=row.id).state == before
    with pytest.raises(Refused) as told:
        take(alone)
    assert told.value.code == "parties"
    assert empty.parties.count() == 0


def test_a_pause_stops_the_clock_and_consent_gives_more_days_once(session: Any, move: Any, cast: Any, clock: Any,
                                                                  ) -> None:
    row, who = session(), cast.mediator.actor
    left = row.settle_due_at - clock()
    row = move(row, "d_pause", reason="Ill")
    assert row.due_at is None
    clock.forward(days=20)
    row = move(row, "d_open")
    assert row.settle_due_at == clock() + left == row.due_at
    row = actions.extend(actor=who, now=clock(), mediation_id=row.id, reason="An expert looks")
    assert row.settle_due_at == clock() + left + timedelta(days=15)
    with pytest.raises(Conflict):
        actions.extend(actor=who, now=clock(), mediation_id=row.id, reason="Again")


def test_the_court_confirms_within_thirty_days_and_not_itself(session: Any, hold: Any, move: Any, cast: Any, clock: Any,
                                                             take: Any) -> None:
    row = session()
    hold(row)
    move(row, "d_agree")
    clock.forward(days=31)
    with pytest.raises(Refused) as told:
        move(row, "d_confirm", reference="1")
    assert told.value.code == "span"
    other = session()
    actions.hand_over(actor=cast.mediator.actor, now=clock(), mediation_id=other.id, body="B09", reason="Hard")
    take(other)
    hold(other)
    move(other, "d_agree")
    with pytest.raises(Refused) as told:
        move(other, "d_confirm", reference="1")
    assert told.value.code == "judicial"


def test_the_three_ways_hand_over_to_one_another(session: Any, cast: Any, clock: Any, take: Any, colleague: Any,
                                                 move: Any) -> None:
    row = session()
    for code, way in (("B04", "administrative"), ("B09", "judicial"), ("B01", "people")):
        who = cast.mediator.actor
        row = actions.hand_over(actor=who, now=clock(), mediation_id=row.id, body=code, reason="They know more")
        assert (row.body.way, row.mediator, row.state) == (way, "", "session")
        take(row)
    bodies = [e.payload["bodies"] for e in events_of("mediation", row.id) if e.kind == "mediation.handed_over"]
    assert bodies == [["B01", "B04"], ["B04", "B09"], ["B09", "B01"]]
    with pytest.raises(Denied):  # not from under its mediator
        actions.hand_over(actor=cast.clerk.actor, now=clock(), mediation_id=row.id, body="B09", reason="x")


def test_what_is_not_performed_is_mediated_again_and_visits_go_on(session: Any, hold: Any, move: Any, cast: Any,
                                                                  clock: Any, manager: Any) -> None:
    row = session()
    hold(row, days=40)
    row = move(row, "d_agree")
    assert row.due_at > clock() + timedelta(days=39)  # it is to be performed first
    next_on = clock().date() + timedelta(days=7)
    row = move(row, "d_visit", "manager", how="phone", performed="part", next_on=next_on)
    assert row.due_at is not None and day_of(row.due_at - timedelta(seconds=1)) == next_on
    given = Given(how="spot", performed="no")
    actions.add_visit(actor=cast.mediator.actor, now=clock(), mediation_id=row.id, given=given)
    assert list(Visit.objects.order_by("id").values_list("performed", flat=True)) == ["part", "no"]
    row = move(row, "d_again")
    assert (row.state, row.agreed_at) == ("session", None)
    assert row.settle_due_at == clock() + timedelta(days=15)
    for bad, field in ((Given(how="x", performed="yes"), "how"), (Given(how="spot"), "performed")):
        with pytest.raises(Refused) as told:
            move(Mediation.objects.get(), "d_visit", how=bad.how, performed=bad.performed)
        assert told.value.field == field


def test_late_steps_are_told_once(routed: Any, clock: Any, cast: Any) -> None:
    row = routed()
    clock.now = row.due_at + timedelta(minutes=1)
    actions.watch(clock())
    actions.watch(clock())
    assert [e.kind for e in events_of("mediation", row.id)].count("mediation.late") == 1
    assert shown.clock_of(Mediation.objects.get(), clock()).how == "late"
    assert facts.counts(cast.clerk.actor, clock())["late"] == 1


def test_a_retry_does_nothing_twice_and_a_stale_version_nothing_at_all(case: Any, move: Any, cast: Any, clock: Any,
                                                                       ) -> None:
    row, key = case(), new_id()
    move(row, "d_judge", "clerk", key=key)
    move(row, "d_judge", "clerk", key=key)
    assert [e.kind for e in events_of("mediation", row.id)].count("mediation.judged") == 1
    with pytest.raises(Conflict):
        move(row, "d_route", "clerk", version=1)
    new = NewDispute(new_id(), "K03", "t/2/b/")
    for _ in range(2):
        actions.register(actor=cast.clerk.actor, now=clock(), new=new)
    assert Mediation.objects.count() == 2
    for area, field in (("t/", "area"), ("q/", "area")):
        with pytest.raises(Refused) as told:
            actions.register(actor=cast.clerk.actor, now=clock(), new=NewDispute(new_id(), "K03", area))
        assert told.value.field == field
    with pytest.raises(Denied):
        actions.register(actor=cast.stranger.actor, now=clock(), new=NewDispute(new_id(), "K03", "t/2/b/"))


def test_the_screening_list_is_looked_at_until_it_is_settled_or_a_case(cast: Any, town: Any, clock: Any) -> None:
    who, day = cast.grid.actor, day_of(clock())
    soon = day + timedelta(days=7)
    rows = [actions.enter(actor=who, now=clock(), id=new_id(), kind="K02", area="t/2/b/", place=f"Court {n}",
                          next_on=day + timedelta(days=n)) for n in range(3)]
    assert [r.place for r in facts.screened(who, show="due", now=clock())] == ["Court 0"]
    assert actions.look(actor=who, now=clock(), screened_id=rows[0].id, what="still", next_on=soon).next_on == soon
    assert actions.look(actor=who, now=clock(), screened_id=rows[1].id, what="settled").state == "settled"
    case = actions.look(actor=who, now=clock(), screened_id=rows[2].id, what="case")
    row = Mediation.objects.get(id=case.mediation)
    assert (row.source, row.kind_id, row.area) == ("screening", "K02", "t/2/b/")
    assert [r.id for r in facts.screened(who, now=clock())] == [rows[0].id]
    for given, error in (({"what": "still"}, Refused), ({"what": "gone"}, Refused),
                         ({"what": "still", "next_on": day - timedelta(days=1)}, Refused),
                         ({"what": "settled", "version": 1}, Conflict)):
        with pytest.raises(error):
            actions.look(actor=who, now=clock(), screened_id=rows[0].id, **given)
    with pytest.raises(Missing):
        actions.look(actor=cast.stranger.actor, now=clock(), screened_id=rows[0].id, what="settled")
    assert Screened.objects.filter(looks=1).count() == 3


@pytest.mark.parametrize(("people", "amount", "level"), [
    (None, None, "community"), (9, 99_999, "community"), (10, None, "street"), (None, 100_000, "street"),
    (30, None, "district"), (2, 1_000_000, "district")])
def test_a_big_dispute_goes_up_a_level(rules: None, cast: Any, town: Any, clock: Any, people: int | None,
                                       amount: int | None, level: str) -> None:
    new = NewDispute(new_id(), "K03", "t/2/b/", people=people, amount=amount)
    row = actions.register(actor=cast.clerk.actor, now=clock(), new=new)
    assert (row.people, row.amount, row.level) == (people, amount, level)


def test_whoever_sorts_it_says_its_size_and_why_it_stays_lower(case: Any, move: Any) -> None:
    row = case()
    assert (row.people, row.level) == (None, "community")
    for given, field in (({"people": 0}, "people"), ({"amount": -1}, "amount"),
                         ({"people": 40, "level": "street"}, "reason")):
        with pytest.raises(Refused) as told:
            move(row, "d_judge", "clerk", **given)
        assert told.value.field == field
    row = move(row, "d_judge", "clerk", people=40, amount=5000, level="street", reason="One stairway, one landlord")
    assert (row.people, row.amount, row.level) == (40, 5000, "street")


def test_without_a_word_a_sorted_dispute_goes_where_its_size_sends_it(case: Any, move: Any) -> None:
    assert move(case(), "d_judge", "clerk", people=12).level == "street"
