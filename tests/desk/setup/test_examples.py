"""Both example districts, built whole: nesting, cells without gap or overlap, everything invented marked."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.db.models import Count
from django.test import Client
from django.utils import timezone
from rows import undone

from shouwang.desk import setup
from shouwang.desk.brigades.models import Praise, Team
from shouwang.desk.bulletins.facts import public_bulletins
from shouwang.desk.calls.models import Call
from shouwang.desk.linked.models import Seat
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card
from shouwang.desk.matters.models import JointTask, Matter, OfficeItem
from shouwang.desk.mediation.models import Mediation, Session
from shouwang.desk.norms import advice, facts
from shouwang.desk.norms.models import Locality
from shouwang.desk.patrol.models import HistoryFile, PatrolHour
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import Grant, User
from shouwang.desk.phone.day import duty_day
from shouwang.desk.phone.models import CheckPoint
from shouwang.desk.places import facts as places
from shouwang.desk.places.cutting import SLIVER_SHARE
from shouwang.desk.places.models import Area, Post
from shouwang.desk.places.streets import map_path
from shouwang.desk.roster.advice import changing
from shouwang.desk.roster.models import Roster
from shouwang.desk.setup.example import CELL_M, area_rows, shares
from shouwang.desk.sites.models import Site
from shouwang.desk.units.models import Duty, Unit
from shouwang.desk.workflow import moves
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.geo.cells import Grid, cover_faults_m2

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
CELLS_ABOVE = {"stlouis": 1000, "chengdu": 500}
SIZES = {"stlouis": (6, 88), "chengdu": (7, 126)}


def shape(area: Any) -> Any:
    return shapely.geometry.shape(area.geometry)


@pytest.fixture(scope="module", params=["stlouis", "chengdu"])
def areas(request: pytest.FixtureRequest) -> tuple[str, list[Area]]:
    return request.param, area_rows(setup.EXAMPLES[request.param])


def test_cells_cover_their_communities_without_gap_or_overlap(areas: tuple[str, list[Area]]) -> None:
    name, rows = areas
    cells = np.array([shape(r) for r in rows if r.kind == "cell"], object)
    assert len(cells) > CELLS_ABOVE[name]
    assert shapely.coverage_is_valid(cells)  # neighbours share their vertices: no gap, no overlap
    for community in (r for r in rows if r.kind == "community"):
        inside = [shape(r) for r in rows if r.parent == community.path]
        assert cover_faults_m2(inside, shape(community)) == pytest.approx((0, 0), abs=0.01)


def test_areas_nest_exactly_up_to_the_district(areas: tuple[str, list[Area]]) -> None:
    name, rows = areas
    by_path = {r.path: r for r in rows}
    assert tuple(sum(r.kind == k for r in rows) for k in ("control_area", "community")) == SIZES[name]
    for row in rows:
        if row.parent:
            assert row.path == f"{row.parent}{row.code}/"
            assert by_path[row.parent].kind == Area.KINDS[Area.KINDS.index(row.kind) - 1]
    for parent, children in (("district", "control_area"), ("control_area", "community")):
        for above in (r for r in rows if r.kind == parent):
            inside = [r for r in rows if r.kind == children and r.parent == above.path]
            whole = shapely.coverage_union_all([shape(r) for r in inside])
            assert whole.area == pytest.approx(shape(above).area, rel=1e-12)
            assert whole.symmetric_difference(shape(above)).area == pytest.approx(0, abs=1e-16)


def test_cells_are_squares_unless_the_border_cuts_them(areas: tuple[str, list[Area]]) -> None:
    _, rows = areas
    whole = float(shapely.area(Grid.over(shape(rows[0]), CELL_M).squares([0]))[0])
    sizes = np.array([shape(r).area for r in rows if r.kind == "cell"]) / whole
    assert (np.abs(sizes - 1) < 1e-3).mean() > 0.03  # the border of a community cuts nearly all in Chengdu
    assert sizes.max() < 1.3  # a sliver joins a neighbour, no more
    assert (sizes < SLIVER_SHARE).mean() < 0.02  # and stays alone only where its community is no larger


def test_shares_add_up_and_leave_nobody_out() -> None:
    given = shares({"a": 100, "b": 10, "c": 1}, 10)
    assert sum(given.values()) == 10
    assert min(given.values()) >= 1
    assert given["a"] > given["b"] >= given["c"]


@pytest.fixture(scope="module", params=["stlouis", "chengdu"])
def example(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """One example, loaded once for all tests."""
    name: str = request.param
    with undone(django_db_blocker):
        moves.forget()
        setup.load_rules()
        setup.load_example(settings.CONFIG, setup.EXAMPLES[name], NOW, lambda line: None)
        setup.load_history(setup.EXAMPLES[name], NOW, lambda line: None)
        yield name


@pytest.fixture
def loaded(example: str, db: None) -> str:
    return example


def test_patrol_time_is_invented_marked_and_lies_in_communities(loaded: str) -> None:
    hours = list(PatrolHour.objects.order_by("start"))
    known = set(Area.objects.filter(kind="community").values_list("path", flat=True))
    assert all(hour.example and set(hour.minutes) <= known for hour in hours)
    assert len(hours) == 16 * 7 * 24 and hours[-1].start < NOW


def test_every_community_is_counted_and_villages_lie_at_the_edge(loaded: str) -> None:
    rows = list(Locality.objects.prefetch_related("counts"))
    assert all(r.example and r.counts.count() == 1 for r in rows)
    assert [sum(r.kind == k for r in rows) for k in ("community", "village")] == [SIZES[loaded][1], 12]
    assert {r.area for r in rows} == {a.path for a in Area.objects.filter(kind="community")}
    lines = advice.lines(facts.known(rows, NOW.date()), facts.in_force(NOW.date()))
    guards = [line for line in lines if line.norm.code.startswith(("urban_", "village_guards"))]
    assert {"short", "met", "other"} <= {line.state for line in guards} and len(guards) == len(rows)


def test_units_and_posts_stand_at_crossings_and_are_marked(loaded: str) -> None:
    units = list(Unit.objects.select_related("kind"))
    assert 55 <= len(units) <= 70
    assert {u.kind.service for u in units} == {"police", "traffic", "fire", "guard"}
    assert {u.kind.letter for u in units} == set("巡交消卫所")
    assert all(u.example and u.capabilities and u.code == u.zh and u.en.isascii() for u in units)
    posts = list(Post.objects.all())
    assert len(posts) >= 50
    assert all(p.example for p in posts)
    lon, lat = places.streets().coordinates()
    crossings = {(round(x, 6), round(y, 6)) for x, y in zip(lon, lat, strict=True)}
    assert {(p.lon, p.lat) for p in posts} <= crossings
    assert {(u.lon, u.lat) for u in units} <= crossings
    assert all(places.locate(u.lon, u.lat).startswith(u.area) for u in units)


def test_sites_are_invented_and_told_so(loaded: str) -> None:
    sites = list(Site.objects.prefetch_related("hazards"))
    assert len(sites) == 9 and all(s.example and not s.contact for s in sites)
    assert all(places.locate(s.lon, s.lat).startswith(s.area) for s in sites)
    assert all(s.name.isascii() == (loaded == "stlouis") for s in sites)
    assert 0 < sum(s.hazards.count() for s in sites) < 8


def test_crews_are_on_duty_and_shown(loaded: str) -> None:
    on_duty = set(Unit.objects.filter(state="available").values_list("id", flat=True))
    assert on_duty == set(Duty.objects.filter(off_at__isnull=True).values_list("unit", flat=True))
    assert 0 < len(on_duty) < Unit.objects.count()  # some rest, so that clocking on can be shown
    assert Card.objects.filter(kind="unit", body__isnull=False).count() == Unit.objects.count()


def test_what_is_said_of_the_past_calls(loaded: str) -> None:
    history = HistoryFile.objects.get()
    assert history.example
    assert history.generated == (loaded == "chengdu")
    assert setting("example_note") == ("generated" if loaded == "chengdu" else "example")
    assert setting("time_zone") == ("Asia/Shanghai" if loaded == "chengdu" else "America/Chicago")
    left_out = {"drugs", "loitering_begging", "weapons", "stolen_property", "liquor", "dwi", "gambling"}
    assert set(history.excluded_kinds) == (left_out if loaded == "stlouis" else set())


def test_the_streets_are_drawn_in_four_widths_with_their_names(loaded: str) -> None:
    network = places.network()
    assert network is not None
    drawn = json.loads(gzip.decompress(map_path(network.id).read_bytes()))["features"]
    assert {f["properties"]["class"] for f in drawn} == {1, 2, 3, 4}
    names = {f["properties"]["name"] for f in drawn}
    assert ("一环路" in names) == (loaded == "chengdu")
    assert ("S Grand Blvd" in names) == (loaded == "stlouis")


def test_accounts_are_examples_with_one_password_for_each_role(loaded: str) -> None:
    accounts = setup.accounts(settings.CONFIG)
    assert {a.username for a in accounts} == {
        "calltaker", "dispatcher", "supervisor", "member", "planner", "analyst", "leader", "admin", "auditor",
        "grid", "office", "clerk", "centre", "handler", "squad", "hr",
        "guard", "mediator", "mediation", "callback", "agency", "editor", "survey"}
    assert len({a.password for a in accounts}) == 1
    assert len({User.objects.get(username=a.username).password for a in accounts}) == 1  # one hash: it costs to check
    assert User.objects.get(username=accounts[0].username).check_password(accounts[0].password)
    assert all(u.example for u in User.objects.all())
    assert Seat.objects.get(agency="gas_co").user == User.objects.get(username="agency").id
    assert not any(u.has_usable_password() for u in User.objects.filter(username__regex="^(crew|guard|mediator)-"))


def test_bodies_and_teams_work_together_and_residents_have_something_to_read(loaded: str) -> None:
    parts = JointTask.objects.select_related("matter")
    assert len({p.joint for p in parts}) == 5 and all(p.matter.example for p in parts)
    pieces = Matter.objects.exclude(whole=None).select_related("whole")
    assert pieces and all(p.example and p.whole and p.whole.example and p.area == p.whole.area for p in pieces)
    rosters = list(Roster.objects.exclude(published_at=None))
    assert len(rosters) == 12
    for roster in rosters:  # as law and register have it: a leader could have signed it
        assert not {fault.code for fault in changing.faults(roster)} - {"need"}
        assert roster.turns.count() == sum(k >= 0 for row in roster.rows.values() for k in row)
    assert Praise.objects.exists()
    assert OfficeItem.objects.filter(area__in=Area.objects.filter(kind="district").values("path")).count() == 6
    assert [b.example for b in public_bulletins()] == [True]
    assert all(t.lent == "team_leader" for t in Team.objects.filter(rank="team_urban"))


def test_disputes_have_who_mediates_and_was_met(loaded: str) -> None:
    begun = Mediation.objects.exclude(consent_at=None)
    assert not begun.filter(mediator="") and not Mediation.objects.filter(consent_at=None).exclude(mediator="")
    for user, area in begun.order_by().values_list("mediator", "area").distinct():
        assert any(area.startswith(g.area) for g in Grant.objects.filter(user=user, role="mediator"))
    assert begun.filter(mediator=User.objects.get(username="mediator").id, state="session").exists()
    met = Session.objects.select_related("mediation")
    assert met.count() > begun.count() and all(s.by == s.mediation.mediator and s.held_at >= s.mediation.consent_at
                                               for s in met)
    assert not met.filter(held_at__gt=timezone.now()).exists()


TEAMS = {"stlouis": 20, "chengdu": 126}


def test_every_community_has_its_team_while_there_are_guards_for_it(loaded: str) -> None:
    own = Team.objects.filter(rank="team_urban")
    assert own.count() == len(set(own.values_list("area", flat=True))) == TEAMS[loaded]
    assert set(own.values_list("area", flat=True)) <= set(
        Area.objects.filter(kind="community").values_list("path", flat=True))
    assert min(own.annotate(n=Count("members")).values_list("n", flat=True)) >= 3


def test_check_points_are_invented_and_told_so(loaded: str) -> None:
    rows = list(CheckPoint.objects.all())
    assert len(rows) >= 4 * SIZES[loaded][0] and all(row.example for row in rows)
    assert len({(row.lon, row.lat) for row in rows}) == len(rows)


def act(client: Client, **body: Any) -> Any:
    return client.post("/m/act/", json.dumps({"key": str(new_id()), "at": timezone.now().isoformat(), **body}),
                       content_type="application/json")


def test_the_guard_works_a_whole_duty_with_a_unit_of_the_own_community(loaded: str) -> None:
    guard, client = User.objects.get(username="guard"), Client()
    client.force_login(guard, backend="allauth.account.auth_backends.AuthenticationBackend")
    (held,) = set(Grant.objects.filter(user=guard).values_list("area", flat=True))
    day = duty_day(actor_of(guard), timezone.now())
    unit = next(u for u in day.units if u.state == "off_duty")
    assert unit.kind_id == "community_patrol" and unit.area == held
    assert act(client, kind="on", unit=str(unit.id), lon=unit.lon, lat=unit.lat).status_code == 200
    page = client.get("/m/points/").content.decode()
    (point, *more) = CheckPoint.objects.filter(area__startswith=held)
    assert page.count("示例") > len(more) >= 3 and point.code in page
    assert act(client, kind="check", point=point.code, step="mark").status_code == 200
    assert act(client, kind="note", reason="路灯不亮").status_code == 200
    assert [act(client, kind=kind, lon=unit.lon, lat=unit.lat).status_code for kind in ("pair", "panic")] == [200, 200]
    assert set(Call.objects.filter(taken_by=str(guard.id)).values_list("severity", flat=True)) == {1, 3}
    client.force_login(User.objects.get(username="leader"),
                       backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "路灯不亮" in client.get("/rounds/").content.decode()


def test_patrols_on_foot_are_of_the_community_they_stand_in(loaded: str) -> None:
    on_foot = Unit.objects.filter(kind="community_patrol")
    communities = set(Area.objects.filter(kind="community").values_list("path", flat=True))
    teams = set(Team.objects.filter(rank="team_urban").values_list("area", flat=True))
    assert on_foot.count() == 7 and set(on_foot.values_list("area", flat=True)) <= communities & teams
