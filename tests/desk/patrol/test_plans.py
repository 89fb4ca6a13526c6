"""Plans: what is proposed, how it is changed, who approves, and what is in force."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card
from shouwang.desk.patrol import actions, facts, pages
from shouwang.desk.patrol.advice import drafting
from shouwang.desk.patrol.models import Plan, PlanPost, PlanTour
from shouwang.desk.patrol.terms import Edit
from shouwang.desk.places import facts as places
from shouwang.engine.deploy.on_streets import street_demand, street_of
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel

from .conftest import CENTRE


def moved(plan: Plan) -> PlanPost:
    return next(p for p in plan.posts.all() if p.moves)


def mobile(plan: Plan) -> PlanPost:
    return next(p for p in plan.posts.all() if not p.fixed)


def test_plans_are_proposed_for_the_next_three_shifts(plans: list[Plan], town: Any) -> None:
    assert len(plans) == 3
    assert plans[0].shift_start > town.now
    assert all(a.shift_end == b.shift_start for a, b in pairwise(plans))
    assert {p.state for p in plans} == {"draft"}


def test_the_shift_under_way_has_a_plan_while_an_hour_of_it_is_left(history: Any, town: Any) -> None:
    now = town.now - timedelta(hours=3)
    actions.make_forecast(actor=CENTRE, now=now)
    first = actions.propose_plans(actor=CENTRE, now=now)[0]
    assert first.shift_start < now < first.shift_end


def test_police_and_guards_of_the_district_stand_in_a_plan(plans: list[Plan], town: Any) -> None:
    units = {str(p.unit) for p in plans[0].posts.all()}
    assert units == {str(town.units[c].id) for c in ("P01", "P02", "P03", "S41", "G51")}


def test_a_proposal_moves_few_units_and_makes_nothing_worse(plans: list[Plan]) -> None:
    for plan in plans:
        for part in plan.figures["services"].values():
            assert part["plan"]["share"] >= part["today"]["share"]
            assert part["plan"]["mean_s"] <= part["today"]["mean_s"]
        posts = list(plan.posts.all())
        assert any(p.moves for p in posts)
        assert not any(p.moves for p in posts if p.fixed)
        for post in posts:  # nobody leaves the control area it keeps to
            if post.moves:
                assert facts.control_area(post.area) == facts.control_area(places.locate(post.base_lon, post.base_lat))


def test_shifts_are_planned_together_with_few_moves(plans: list[Plan]) -> None:
    told = plans[0].figures["between"]
    before, moves = {p.unit: (p.base_lon, p.base_lat) for p in plans[0].posts.all()}, 0
    for plan in plans:
        now = {p.unit: (p.lon, p.lat) for p in plan.posts.all()}
        moves += sum(now[unit] != at for unit, at in before.items())
        before = now
    assert (told["shifts"], told["moves"]) == (3, moves)
    assert told["moves"] <= told["alone"]
    for proof in told["proofs"]:
        assert proof["bound"] <= proof["objective"] and proof["status"] in ("optimal", "feasible")


def test_figures_are_those_of_the_engine(plans: list[Plan]) -> None:
    """Counted anew from the rows alone: expected calls, posts, roads."""
    plan = plans[1]
    streets = places.streets()
    cells = facts.expected_in(drafting.files.read_cells(str(plan.forecast_id)), plan.shift_start, plan.shift_end)
    weight = cells.sum(axis=0)
    node = streets.index_of(drafting.files.read_cells(str(plan.forecast_id)).node)
    posts = np.array([p.stands for p in plan.posts.all()])
    at, _ = streets.nearest_node(posts[:, 0], posts[:, 1])
    seconds = np.minimum(Travel(streets).two_nearest(Spots.at_nodes(at)).seconds[node, 0], 3600)
    told = plan.figures["all"]
    assert told["expected"] == pytest.approx(weight.sum())
    assert told["plan"]["share"] == pytest.approx(weight[seconds <= plan.within_s].sum() / weight.sum())
    assert told["plan"]["mean_s"] == pytest.approx(seconds @ weight / weight.sum())


def toured(plans: list[Plan]) -> tuple[Plan, PlanTour]:
    """A tour with four stops or more, and its plan."""
    return next((p, t) for p in plans for t in p.tours.all() if sum(not v["post"] for v in t.visits) > 3)


def test_patrols_are_on_tour_in_the_quiet_hours_and_at_their_posts_in_the_others(plans: list[Plan]) -> None:
    for plan in plans:
        longer = 0
        posts, length_s = {p.unit: p for p in plan.posts.all()}, (plan.shift_end - plan.shift_start).total_seconds()
        assert len(plan.figures["quiet_hours"]) >= length_s / 7200
        assert plan.tours.exists()
        for tour in plan.tours.all():
            first, last = tour.visits[0], tour.visits[-1]
            assert (first["post"], last["post"], first["from_s"], last["to_s"]) == (True, True, 0, length_s)
            assert haversine_m(*posts[tour.unit].stands, first["lon"], first["lat"]) < 150
            assert not posts[tour.unit].fixed
            for before, now in pairwise(tour.visits):
                assert before["to_s"] <= now["from_s"] <= now["to_s"]
            for visit in (v for v in tour.visits if not v["post"]):
                assert visit["to_s"] - visit["from_s"] >= 599
                longer += visit["to_s"] - visit["from_s"] > 961
                assert any(a <= visit["from_s"] and visit["to_s"] <= b for a, b in plan.figures["windows"])
                assert visit["zh"] and visit["en"]
        told = plan.figures["tours"]
        assert len(told["seen"]) == length_s / 3600
        assert longer == told["longer"]
        assert 0 < told["cover"][1] <= told["cover"][0] <= 1


def test_the_same_forecast_draws_the_same_tours(plans: list[Plan], cast: Any, town: Any) -> None:
    again = actions.propose_plans(actor=cast.planner.actor, now=town.now, anew=True)
    assert [t.visits for t in again[0].tours.order_by("unit")] == [t.visits for t in plans[0].tours.order_by("unit")]


def test_what_patrols_see_is_counted_from_the_rows(plans: list[Plan]) -> None:
    """A street counts once an hour, however many pass it or stand at its ends."""
    plan, streets = plans[0], places.streets()
    demand = drafting.demand_of(plan.forecast, plan.shift_start, plan.shift_end)
    worth = street_demand(streets, Spots.at_nodes(demand.node), demand.weight) * streets.length_m
    worth[streets.tail == streets.head] = 0
    street = street_of(streets)
    on_tour = {t.unit: t for t in plan.tours.all()}
    for hour, told in enumerate(plan.figures["tours"]["seen"]):
        seen: set[int] = set()
        for post in plan.posts.all():
            tour = on_tour.get(post.unit)
            stays = tour.visits if tour else [{"lon": post.stands[0], "lat": post.stands[1], "from_s": 0, "to_s": 1e9}]
            for stay in stays:
                if stay["from_s"] < (hour + 1) * 3600 and stay["to_s"] > hour * 3600 and stay["to_s"] > stay["from_s"]:
                    node = streets.nearest_node([stay["lon"]], [stay["lat"]])[0][0]
                    seen |= set(street[streets.tail == node].tolist())
            if tour:
                seen |= {int(street[e]) for e, at in zip(tour.edges, tour.at_s, strict=True) if at // 3600 == hour}
        assert told == pytest.approx(worth[list(seen)].sum() / worth[np.unique(street)].sum(), abs=2e-3)


def test_a_tour_can_be_left_out_and_drawn_again(plans: list[Plan], cast: Any, town: Any) -> None:
    plan, tour = toured(plans)
    seen, before = plan.figures["tours"]["seen"], tour.visits

    def edited(edit: Edit) -> Plan:
        return actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=edit)

    assert sum(edited(Edit("take_tour", str(tour.unit), taken=False)).figures["tours"]["seen"]) < sum(seen)
    edited(Edit("draw", str(tour.unit)))
    again = PlanTour.objects.get(id=tour.id)
    assert (again.taken, again.by_hand, again.seed) == (True, True, tour.seed + 1)
    assert again.visits != before


def test_a_stop_is_left_out_or_seen_later(plans: list[Plan], cast: Any, town: Any) -> None:
    plan, tour = toured(plans)
    post = [v["post"] for v in tour.visits]
    second = next(n for n in range(1, len(post) - 1) if not (post[n] or post[n + 1]))

    def edited(kind: str, number: int) -> PlanTour:
        edit = Edit(kind, str(tour.unit), number=number)
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=edit)
        return PlanTour.objects.get(id=tour.id)

    names = [v["zh"] for v in tour.visits]
    fewer = edited("drop", second)
    assert [v["zh"] for v in fewer.visits] == names[:second] + names[second + 1 :]
    assert fewer.visits[-1]["to_s"] == tour.visits[-1]["to_s"]
    with pytest.raises(Missing):
        edited("drop", 0)
    travel = Travel(places.streets())
    for before, now in pairwise(fewer.visits):  # nobody drives faster than the streets allow
        a, b = (Spots.at_nodes(places.streets().nearest_node([v["lon"]], [v["lat"]])[0]) for v in (before, now))
        assert now["from_s"] - before["to_s"] >= travel.matrix(a, b)[0, 0] - 1


def test_a_tour_begins_where_its_unit_stands(plans: list[Plan], cast: Any, town: Any) -> None:
    plan, tour = toured(plans)
    edit = Edit("move", str(tour.unit), -90.225, 38.645)
    actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=edit)
    tour.refresh_from_db()
    assert haversine_m(-90.225, 38.645, tour.visits[0]["lon"], tour.visits[0]["lat"]) < 300


def test_a_unit_moved_away_and_back_is_on_tour_again(plans: list[Plan], cast: Any, town: Any) -> None:
    plan, tour = toured(plans)
    edge = (-90.2795, 38.5915)  # the corner of the district, where no calls are expected
    stops = []
    for edit in (Edit("move", str(tour.unit), *edge), Edit("back", str(tour.unit))):
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=edit)
        tour.refresh_from_db()
        stops.append(sum(not v["post"] for v in tour.visits))
        assert tour.taken
    assert stops[1] > 0


def test_no_plan_beats_the_bound(plans: list[Plan]) -> None:
    for plan in plans:
        for service, best in plan.figures["best"].items():
            reached = plan.figures["services"][service]["plan"]
            assert reached["share"] <= best["share"]["bound"] + 1e-9
            assert reached["mean_s"] >= best["mean_s"]["bound"] - 1e-6
            assert best["share"]["status"] in ("optimal", "feasible")
            assert (best["share"]["gap"] <= 1e-6) == (best["share"]["status"] == "optimal")


def test_a_change_not_taken_counts_as_staying(plans: list[Plan], cast: Any, town: Any) -> None:
    plan = plans[0]
    for post in [p for p in plan.posts.all() if p.moves]:
        plan = actions.edit_plan(
            actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=Edit("take", str(post.unit), taken=False)
        )
    assert plan.figures["all"]["plan"] == plan.figures["all"]["today"]
    assert plan.figures["all"]["moved"] == 0
    assert plan.figures["best"] == plans[0].figures["best"]


def test_a_post_moved_by_hand_stands_at_a_street_of_the_district(plans: list[Plan], cast: Any, town: Any) -> None:
    post = mobile(plans[0])
    plan = actions.edit_plan(
        actor=cast.planner.actor, now=town.now, plan_id=plans[0].id, edit=Edit("move", str(post.unit), -90.23, 38.64)
    )
    after = plan.posts.get(unit=post.unit)
    assert after.by_hand
    assert abs(after.lon + 90.23) < 0.002
    assert abs(after.lat - 38.64) < 0.002
    _, off_m = places.streets().nearest_node([after.lon], [after.lat])
    assert off_m[0] < 1
    assert after.place_en
    assert plan.version == plans[0].version + 1
    back = actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=Edit("back", str(post.unit)))
    assert not back.posts.get(unit=post.unit).moves


@pytest.mark.parametrize(("lon", "lat"), [(-90.24, 38.73), (0.0, 0.0)])
def test_a_post_does_not_leave_the_district(plans: list[Plan], cast: Any, town: Any, lon: float, lat: float) -> None:
    with pytest.raises(Refused) as refused:
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id,
                          edit=Edit("move", str(mobile(plans[0]).unit), lon, lat))  # fmt: skip
    assert refused.value.code == "outside"


def test_a_fixed_crew_stays(plans: list[Plan], cast: Any, town: Any) -> None:
    with pytest.raises(Refused) as refused:
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id,
                          edit=Edit("move", str(town.units["S41"].id), -90.23, 38.64))  # fmt: skip
    assert refused.value.code == "fixed"


def test_an_edit_of_an_older_version_is_refused_and_a_retry_done_once(plans: list[Plan], cast: Any, town: Any) -> None:
    post, key = mobile(plans[0]), new_id()
    edit = Edit("move", str(post.unit), -90.23, 38.64)
    for _ in range(2):
        plan = actions.edit_plan(
            actor=cast.planner.actor, now=town.now, plan_id=plans[0].id, edit=edit, version=1, key=key
        )
    assert plan.version == 2
    with pytest.raises(Conflict):
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id, edit=edit, version=1)


def test_submitted_then_approved_is_in_force_for_its_shift(plans: list[Plan], cast: Any, town: Any) -> None:
    plan = plans[0]
    post = moved(plan)
    later = plan.shift_start + timedelta(hours=1)
    assert facts.plan_in_force(later) is None
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id)
    assert facts.plan_in_force(later) is None
    actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plan.id)
    assert facts.plan_in_force(town.now) is None
    force = facts.plan_in_force(later)
    assert force is not None
    assert force.id == str(plan.id)
    assert force.posts[str(post.unit)].moved
    assert (force.posts[str(post.unit)].lon, force.posts[str(post.unit)].lat) == (post.lon, post.lat)
    assert facts.plan_in_force(plan.shift_end) is None
    assert facts.plan_in_force(later, "x/") is None
    card = Card.objects.get(key=f"plan:{plan.id}")
    assert (card.may, card.area, card.body["state"]) == ("patrol.view", "t/", "approved")
    assert [e.kind for e in log.of("plan", plan.id)][-2:] == ["plan.submitted", "plan.approved"]


def test_who_submits_does_not_approve(plans: list[Plan], cast: Any, town: Any) -> None:
    from shouwang.desk.people.models import Grant, Role

    Grant.objects.create(user=cast.planner.user, role=Role.objects.get(code="duty_commander"), area="t/")
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    with pytest.raises(Refused) as refused:
        actions.approve_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    assert refused.value.code == "own_plan"
    assert Plan.objects.get(id=plans[0].id).state == "submitted"


@pytest.mark.parametrize("name", ["dispatcher", "call_taker", "planner", "member", "auditor", "admin", "nobody"])
def test_only_who_may_approves(plans: list[Plan], cast: Any, town: Any, name: str) -> None:
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    with pytest.raises((Denied, Missing, Refused)):
        actions.approve_plan(actor=getattr(cast, name).actor, now=town.now, plan_id=plans[0].id)
    assert Plan.objects.get(id=plans[0].id).state == "submitted"


def test_a_stranger_finds_no_plan(plans: list[Plan], cast: Any, town: Any) -> None:
    with pytest.raises(Missing):
        actions.submit_plan(actor=cast.stranger.actor, now=town.now, plan_id=plans[0].id)
    assert facts.plans(cast.stranger.actor.areas("patrol.view"), after=town.now) == []


def test_a_draft_is_not_approved_and_an_approved_plan_not_changed(plans: list[Plan], cast: Any, town: Any) -> None:
    with pytest.raises(Conflict):
        actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id)
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id)
    with pytest.raises(Conflict):
        actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id,
                          edit=Edit("back", str(mobile(plans[0]).unit)))  # fmt: skip


def test_a_plan_goes_back_with_a_reason_that_stays_sealed(plans: list[Plan], cast: Any, town: Any) -> None:
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    with pytest.raises(Refused):
        actions.return_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id, reason="  ")
    plan = actions.return_plan(
        actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id, reason="The school closes at four"
    )
    assert plan.state == "returned"
    assert b"school" not in bytes(plan.reason)
    assert "school" not in str([e.payload for e in log.of("plan", plan.id)])
    side = cast.planner.client.get(f"/plan/{plan.id}/side/", headers={"Accept-Language": "en"}).content.decode()
    assert "The school closes at four" in side
    assert "The school" not in cast.dispatcher.client.get(f"/plan/{plan.id}/side/").content.decode()
    # It can be mended and handed in again.
    assert actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id).state == "submitted"


def test_a_plan_can_be_withdrawn(plans: list[Plan], cast: Any, town: Any) -> None:
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    assert actions.withdraw_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id).state == "draft"


def test_proposing_again_keeps_what_stands_unless_asked(plans: list[Plan], cast: Any, town: Any) -> None:
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    assert actions.propose_plans(actor=cast.planner.actor, now=town.now) == []
    again = actions.propose_plans(actor=cast.planner.actor, now=town.now, anew=True)
    assert [p.shift_start for p in again] == [p.shift_start for p in plans[1:]]
    assert Plan.objects.get(id=plans[0].id).state == "submitted"
    assert Plan.objects.get(id=plans[1].id).state == "replaced"
    assert Card.objects.get(key=f"plan:{plans[1].id}").body is None
    assert Card.objects.get(key=f"plan:{again[0].id}").body["state"] == "draft"


def test_a_newer_approved_plan_replaces_the_older(plans: list[Plan], cast: Any, town: Any) -> None:
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id)
    # A second plan for the same shift is made by hand of the first: proposals leave an approved shift alone.
    second = Plan.objects.get(id=plans[1].id)
    Plan.objects.filter(id=second.id).update(shift_start=plans[0].shift_start, shift_end=plans[0].shift_end)
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=second.id)
    actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=second.id)
    force = facts.plan_in_force(plans[0].shift_start)
    assert force is not None
    assert force.id == str(second.id)
    assert Plan.objects.get(id=plans[0].id).state == "replaced"


def test_the_next_day_starts_from_the_approved_plan(plans: list[Plan], cast: Any, town: Any) -> None:
    """What people stand by today is the last plan approved for that time of day."""
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plans[0].id)
    actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plans[0].id)
    post = moved(plans[0])
    standing = facts.standing("t/", plans[0].shift_start + timedelta(days=1))
    assert standing[str(post.unit)].stands == (post.lon, post.lat)
    assert facts.standing("t/", plans[1].shift_start + timedelta(days=1)) == {}


def test_a_plan_drives_around_what_is_closed_in_its_shift(
    plans: list[Plan], cast: Any, town: Any, close: Any
) -> None:
    """Proposals and edits of the shift that a closure overlaps count it, and say so; others do not."""
    plan = plans[0]
    free = plan.figures
    assert free["closures"] == []
    post = next(p for p in plan.posts.all() if not p.fixed)
    lon, lat = post.stands
    half = 0.004
    close(ring=[(lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half)],
          factor=20.0, until_at=plan.shift_end)  # fmt: skip
    made = actions.propose_plans(actor=cast.planner.actor, now=town.now, anew=True)
    closed = [p.figures["closures"] for p in made]
    assert len(closed[0]) == 1 and closed[1] == []
    assert made[0].figures["all"]["today"]["mean_s"] > free["all"]["today"]["mean_s"]
    assert "封闭或缓行" in " ".join(pages.words(made[0], pages.measures(made[0].figures)))
