"""Every page and every operation of the API × every role, in one's own area and in another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from inspect import unwrap
from typing import Any, get_type_hints
from uuid import uuid4

import pytest
from django.test import Client

from shouwang.desk.log.ids import new_id
from shouwang.desk.matters.models import OfficeItem
from shouwang.desk.people.checks import every_door_has_a_guard, operations, pages
from shouwang.desk.people.models import Role
from shouwang.desk.workflow import sheet
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db

CAST = ("call_taker", "dispatcher", "supervisor", "member", "planner", "leader", "admin", "auditor", "grid", "office",
        "clerk", "centre", "handler", "squad", "hr", "mediator", "editor", "surveyor")
# Who holds what, written out by hand: a role that gains a permission by accident fails here.
HOLDERS: dict[str, set[str]] = {
    "*": {*CAST, "nobody", "stranger"},
    "call.take": {"call_taker", "dispatcher"},
    "call.view": {"call_taker", "dispatcher", "supervisor", "leader"},
    "call.edit": {"call_taker", "dispatcher", "supervisor", "member"},
    "call.merge": {"call_taker", "dispatcher"},
    "call.close": {"dispatcher", "supervisor"},
    "call.transfer_matter": {"call_taker", "dispatcher"},
    "call.reveal": {"dispatcher", "supervisor"},
    "call.export": {"dispatcher", "supervisor"},
    "dispatch.recommend": {"call_taker", "dispatcher", "supervisor", "leader"},
    "dispatch.assign": {"dispatcher", "supervisor"},
    "dispatch.override": {"dispatcher", "supervisor"},
    "task.send": {"dispatcher", "supervisor"},
    "dispatch.status": {"dispatcher", "supervisor", "member"},
    "dispatch.upgrade": {"dispatcher", "supervisor"},
    "position.live": {"dispatcher", "supervisor", "leader", "squad"},
    "wall.view": {"dispatcher", "supervisor"},
    "watch.handover": {"dispatcher", "supervisor"},
    "office.handover": {"office", "clerk"},
    "position.history": {"supervisor", "auditor"},
    "position.own": {"member", "grid"},
    "patrol.view": {"dispatcher", "supervisor", "planner", "leader", "squad"},
    "patrol.plan": {"planner", "squad"},
    "patrol.approve": {"supervisor", "leader"},
    "road.view": {"call_taker", "dispatcher", "supervisor", "member", "planner", "leader", "squad"},
    "road.close": {"dispatcher", "supervisor", "planner"},
    "site.view": {"call_taker", "dispatcher", "supervisor", "leader", "admin"},
    "site.edit": {"dispatcher", "supervisor", "admin"},
    "site.contact": {"dispatcher", "supervisor"},
    "device.manage": {"admin"},
    "cordon.start": {"dispatcher", "supervisor"},
    "analysis.view": {"supervisor", "planner", "analyst", "leader", "centre", "surveyor"},
    "bulletin.draft": {"office", "analyst", "editor"},
    "bulletin.publish": {"centre"},
    "survey.manage": {"surveyor"},
    "whatif.run": {"planner"},
    "whatif.view": {"planner", "supervisor"},
    "roster.edit": {"planner", "office", "squad"},
    "roster.approve": {"supervisor", "squad"},
    "config.edit": {"admin"},
    "user.manage": {"admin"},
    "matter.view": {"call_taker", "dispatcher", "supervisor", "leader", "grid", "office", "clerk", "centre", "handler"},
    "matter.report": {"member", "grid", "office", "clerk", "centre"},
    "matter.accept": {"office", "clerk"},
    "matter.assign": {"clerk", "centre"},
    "matter.handle": {"grid", "office", "handler"},
    "matter.check": {"grid", "clerk"},
    "matter.extend": {"centre"},
    "task.answer": {"handler"},
    "meeting.manage": {"leader", "centre"},
    "office.work": {"office", "clerk", "centre"},
    "quality.trace": {"supervisor", "analyst", "centre"},
    "audit.read": {"auditor"},
    "log.hold": {"auditor"},
    "team.manage": {"squad", "hr"},
    "member.hire": {"hr"},
    "member.discipline": {"squad", "hr"},
    "region.request": {"dispatcher", "supervisor"},
    "norm.view": {"planner", "leader", "admin", "office", "clerk", "centre"},
    "norm.edit": {"planner", "admin"},
    "norm.approve": {"centre"},
    "village.manage": {"office", "clerk", "centre"},
    "volunteer.manage": {"office"},
    "notice.send": {"dispatcher", "supervisor", "office"},
    "lookout.order": {"supervisor"},
    "notice.answers": {"dispatcher", "supervisor"},
    "help.claim": {"office", "hr"},
    "help.settle": {"centre", "hr"},
    "event.start": {"dispatcher", "supervisor"},
    "event.command": {"supervisor", "leader"},
    "call.callback": {"call_taker", "dispatcher", "clerk"},
    "mediation.register": {"grid", "office", "clerk", "centre", "mediator"},
    "mediation.conduct": {"mediator"},
    "mediation.visit": {"mediator"},
    "mediation.unseal": set(),  # the mediation manager's: tests/desk/mediation
}


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Any:
    """A waiting call in t/2/b/, taken by the call-taker."""
    from shouwang.desk.calls import actions, defaults
    from shouwang.desk.calls.terms import NewCall

    defaults.load()
    return actions.take_call(
        actor=cast.call_taker.actor,
        now=clock(),
        call=NewCall(id=new_id(), type="200100", place="Elm St", lon=-90.222, lat=38.63),
    )


@pytest.fixture
def site(town: Any, cast: Any, clock: Any) -> Any:
    """A site with a panel and a hazard in t/2/b/."""
    from shouwang.desk.alarms.models import Panel
    from shouwang.desk.sites import actions

    who = cast.dispatcher.actor
    given = actions.SiteGiven("B-1", "Elm Bank of ours", "bank", -90.222, 38.63)
    row = actions.save_site(actor=who, now=clock(), id=new_id(), given=given)
    row.panel = Panel.objects.create(site=row.id, account="12AB")
    hazard = actions.HazardGiven("dog", "site_office", day_of(clock()))
    row.hazard = actions.add_hazard(actor=who, now=clock(), id=new_id(), given=hazard, site_id=row.id)
    return row


def holders(needs: tuple[str, ...]) -> set[str]:
    return set().union(*(HOLDERS[p] for p in needs))


@pytest.fixture
def matter(cast: Any, town: Any, clock: Any) -> Any:
    """A matter in t/2/b/, reported by the grid worker."""
    from shouwang.desk.matters import actions
    from shouwang.desk.matters.terms import NewMatter

    new = NewMatter(id=new_id(), type="M0210", lon=-90.222, lat=38.63, place="Elm St")
    return actions.report(actor=cast.grid.actor, now=clock(), new=new, source="grid")


@pytest.fixture
def closure(close: Any) -> Any:
    """A street shut in t/2/b/ by the dispatcher, on the clock of today."""
    return close(-90.2221, 38.6301)


@pytest.fixture
def brigade(cast: Any, town: Any, clock: Any) -> Any:
    """A brigade in t/ with one member, a case, a piece of equipment, and a draft of a notice."""
    from datetime import date

    from shouwang.desk.brigades import actions
    from shouwang.desk.brigades.terms import Hired, TeamGiven

    by = {"actor": cast.hr.actor, "now": clock()}
    row = actions.save_team(**by, id=new_id(), given=TeamGiven("B7X", "brigade", "大队", "Our own brigade", "t/"))
    given = Hired("Somebody", "somebody", "property_guard", "N7Y", "", date(2026, 1, 4))
    row.member = actions.hire(**by, id=new_id(), team_id=row.id, given=given, of_age=True).member
    row.case = actions.propose(**by, id=new_id(), member_id=row.member.id, breach="late", day=date(2026, 2, 1),
                               grounds="x")
    row.issue = actions.issue(**by, id=new_id(), member_id=row.member.id, gear="torch")
    asked = actions.Written("Guards wanted here", 1, "x", "Office", date(2026, 12, 1))
    row.notice = actions.write_notice(**by, id=new_id(), team_id=row.id, given=asked)
    return row


@pytest.fixture
def help(call: Any, cast: Any, clock: Any) -> Any:
    """A neighbour asked for help with the call in t/2/b/."""
    from shouwang.desk.exchange import actions
    from shouwang.desk.exchange.models import Neighbour
    from shouwang.desk.exchange.terms import Need

    row = Neighbour.objects.create(zh="东区", en="East", address="https://east.example", public_key="k", thumbprint="0",
                                   first_by="1", second_by="2")
    return actions.ask(actor=cast.dispatcher.actor, now=clock(), id=new_id(), call_id=call.id, neighbour_id=row.id,
                       asked=[Need("hazmat", 1)])


@pytest.fixture
def village(town: Any, cast: Any, clock: Any) -> Any:
    """A village in t/2/b/ with a contract that has a payment."""
    from shouwang.desk.norms import actions, villages

    who = cast.office.actor
    given = actions.LocalityGiven("V-1", "柳村", "Willow village of ours", "village", "t/2/b/")
    row = actions.save_locality(actor=who, now=clock(), id=new_id(), given=given)
    day = clock().date()
    actions.save_count(actor=who, now=clock(), locality_id=row.id, given=actions.CountGiven(day, 200, "Town", guards=1))
    signed = villages.ContractGiven("adviser", "L-1-ours", "A law firm", "Advice", day, day, ((day, 10),))
    row.contract = villages.sign_contract(actor=who, now=clock(), id=new_id(), locality_id=row.id, given=signed)
    return row


@pytest.fixture
def told(cast: Any, town: Any, clock: Any) -> dict[str, Any]:
    """A volunteer, an association, a neighbours' group, a notice with an answer, and a claim in t/2/b/."""
    from decimal import Decimal

    from shouwang.desk.volunteers import actions
    from shouwang.desk.volunteers.actions.claims import NewClaim
    from shouwang.desk.volunteers.actions.notices import NewNotice
    from shouwang.desk.volunteers.actions.registering import NewAssociation, NewVolunteer
    from shouwang.desk.volunteers.terms import consent

    now, agreed, office = clock(), consent().version, cast.office.actor
    who = NewVolunteer(new_id(), "Sealed Volunteer", "314-555-0175", "t/2/b/", agreed)
    association = NewAssociation(new_id(), "Taxi association of ours", "taxi_firm", "Office", "314-555-0176", agreed)
    notice = NewNotice(new_id(), "hazard", "Ice on Elm St", "t/2/b/", 60)
    claim = NewClaim(new_id(), "t/2/b/", "volunteer", now.date(), "Hurt Helper", "314-555-0177", "Fell", {}, Decimal(9))
    actions.register_association(now=now, new=association)
    return {
        "volunteer_id": actions.register(now=now, new=who).id, "association_id": association.id,
        "group_id": actions.make_group(actor=office, now=now, id=new_id(), name="Lane of ours", area="t/2/b/").id,
        "notice_id": actions.order(actor=office, now=now, new=notice).id,
        "claim_id": actions.enter_claim(actor=office, now=now, new=claim).id}


@pytest.fixture
def major(cast: Any, call: Any, clock: Any) -> Any:
    """A major event in t/2/b/, started from the call."""
    from shouwang.desk.events import actions

    return actions.start(actor=cast.dispatcher.actor, now=clock(), id=new_id(), plan="fire_major", call_id=call.id)


@pytest.fixture
def warning(cast: Any, town: Any, clock: Any) -> Any:
    """A warning for t/2/b/."""
    from shouwang.desk.events import actions
    from shouwang.desk.events.terms import NewWarning

    words = dict.fromkeys(("event_zh", "event_en", "headline_zh", "headline_en"), "Elm Street is flooded")
    return actions.issue(actor=cast.leader.actor, now=clock(), new=NewWarning(
        id=new_id(), category="Met", urgency="Expected", severity="Minor", certainty="Likely", response="Avoid",
        status="Actual", expires_at=clock() + timedelta(hours=2), areas=("t/2/b/",), **words))


@pytest.fixture
def channels(cast: Any, town: Any, clock: Any, call: Any) -> dict[str, Any]:
    """A message, a missed call and a caller to be asked, in t/2/b/."""
    from shouwang.desk.channels import actions, models
    from shouwang.desk.channels.terms import Incoming

    new = Incoming("sms", "1", "ours", sender="139", lon=-90.222, lat=38.63)
    ring = models.Ring.objects.create(unique_no="1.1", area="t/2/b/", state="missed", back="due", joined_at=clock(),
                                      ended_at=clock())
    visit = models.Visit.objects.create(call=call.id, type="200100", area="t/2/b/", day=clock().date(), due_at=clock())
    return {"item_id": actions.receive(now=clock(), new=new).id, "ring_id": ring.id, "visit_id": visit.id}


@pytest.fixture
def dispute(cast: Any, town: Any, clock: Any) -> Any:
    """A dispute in t/2/b/ on the screening list that has become a case."""
    from shouwang.desk.mediation import actions

    who, day = cast.office.actor, clock().date()
    row = actions.enter(actor=who, now=clock(), id=new_id(), kind="K03", area="t/2/b/", place="Court 3", next_on=day)
    actions.look(actor=who, now=clock(), screened_id=row.id, what="case")
    row.refresh_from_db()
    return row


@pytest.fixture
def bulletin(cast: Any, town: Any, clock: Any) -> Any:
    """A bulletin of t/2/b/ handed in, with a survey there."""
    from shouwang.desk.bulletins import actions
    from shouwang.desk.bulletins.terms import STANDARD, NewBulletin, NewSurvey

    row = actions.draft(actor=cast.editor.actor, now=clock(), id=new_id(),
                        given=NewBulletin("t/2/b/", "Bulletin of ours", "x"))
    row.survey = actions.draft_survey(actor=cast.surveyor.actor, now=clock(), id=new_id(), given=NewSurvey(
        "t/2/b/", "Survey of ours", clock().date(), clock().date(), STANDARD))
    return row


@dataclass
class Ours:
    """Rows of t/: the ids that addresses name, what no list of another area may hold, and by room what its operations
    take beside what all take."""

    ids: dict[str, Any]
    words: set[str]
    bodies: dict[str, dict[str, Any]]


@pytest.fixture
def ours(
    town: Any, call: Any, closure: Any, site: Any, matter: Any, brigade: Any, help: Any, village: Any, told: Any,
    major: Any, warning: Any, channels: Any, dispute: Any, bulletin: Any,
) -> Ours:
    photo = call.photos.create(id=new_id(), unit=town.units["P02"].id, by="x", at=town.now, width=1, height=1)
    ids = {
        "photo_id": photo.id,
        "closure_id": closure.id, "site_id": site.id, "hazard_id": site.hazard.id, "panel_id": site.panel.id,
        "matter_id": matter.id, "team_id": brigade.id, "member_id": brigade.member.id, "case_id": brigade.case.id,
        "issue_id": brigade.issue.id, "recruit_id": brigade.notice.id, "help_id": help.id,
        "locality_id": village.id, "contract_id": village.contract.id,
        "payment_id": village.contract.payments.get().id, "event_id": major.id, "warning_id": warning.id,
        "part_id": major.items.first().id, "mediation_id": dispute.id, "screened_id": dispute.id,
        "bulletin_id": bulletin.id, "survey_id": bulletin.survey.id, **told, **channels,
    }  # fmt: skip
    rows = (call, closure, matter, site.hazard, brigade, brigade.member, help, village, major, warning, dispute,
            bulletin, bulletin.survey)
    words = {str(row.id) for row in rows} | {str(id) for id in (*told.values(), *channels.values())}
    words |= {str(u.id) for n, u in town.units.items() if n != "X01"}
    words |= {
        call.number, matter.number, site.name, site.panel.account, brigade.code, brigade.member.badge,
        brigade.notice.title, village.zh, village.en, village.contract.number, "Lane of ours",
        "Taxi association of ours", major.number, warning.identifier, dispute.place, bulletin.zh,
        bulletin.survey.zh,
    }  # fmt: skip
    bodies = {
        "units": {"transition": "u_break"},
        "brigades": {
            "member": str(brigade.member.id), "team": str(brigade.id), "rules": "x", "since": "2026-01-01",
            "badge": "x", "why": "wish", "gear": "torch", "how": "good", "kind": "deed", "reference": "x",
            "breach": "late", "grounds": "x", "statement": "x", "measure": "talk", "decision": "x", "day": "2026-01-05",
            "said": "x", "chosen": [str(new_id())],
        },
        "norms": {
            "day": "2026-11-01", "households": 1, "source": "x", "item": "patrol_team", "done": True, "kind": "adviser",
            "number": "x", "body": "x", "terms": "x", "from_day": "2026-11-01", "until": "2026-11-02",
            "on": "2026-11-01",
        },
        "volunteers": {"do": "confirm", "about": "fire", "kind": "patrol", "day": "2026-11-20", "hours": 1},
        "events": {
            "of": "notify", "code": "area_commander", "kind": "task", "ref": str(new_id()), "counts": {"missing": 1},
            "ring": [], "call": str(call.id), "why_zh": "x", "why_en": "x",
        },
        "bulletins": {
            "area": "x/", "zh": "x", "text_zh": "x", "opens_on": "2026-11-21", "closes_on": "2026-11-22",
            "questions": [{"id": "q", "zh": "x", "options": [{"zh": "a"}, {"zh": "b"}]}],
        },
        "channels": {"result": "back", "why": "spam", "rating": 4},
        "mediation": {
            "transition": "d_judge", "interest": False, "body": "B02", "side": "a", "how": "phone", "performed": "yes",
            "what": "settled", "terms": "x", "perform_by": "2026-12-01", "held_at": "2026-11-21T10:00",
            "lasted_min": 30, "where": "room", "all_present": True, "minutes": "x",
        },
    }  # fmt: skip
    return Ours(ids, words, bodies)


def fill(town: Any, cast: Any, call: Any, **more: Any) -> Callable[[str], str]:
    """Addresses with the ids of rows in the area t/; ids of no row where the town has none of the kind."""
    item = OfficeItem.objects.create(area="t/2/b/", kind="room", zh="调解室", en="Mediation room")
    known = {
        "call_id": call.id,
        "user_id": cast.dispatcher.user.id,
        "unit_id": town.units["P02"].id,
        "key": "office-items",  # the list that most people keep
        "pk": item.id,
        "kind": "csv",
        **more,
    }

    def filled(route: str) -> str:
        route = re.sub(r"\(\?:([a-z-]+)[^)]*\)+.*", r"\1", route.replace("^", ""))
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(known.get(m[1], uuid4())), route).lstrip("/")

    return filled


def turn(names: list[str], n: int) -> list[str]:
    """Two of the names, others for each `n`."""
    return [names[(n + k) % len(names)] for k in range(min(2, len(names)))]


def known_to(view: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Of these fields those that the operation knows."""
    shape = get_type_hints(unwrap(view)).get("body")
    return {name: value for name, value in body.items() if name in getattr(shape, "model_fields", body)}


def room_of(view: Any) -> str:
    return str(view.__module__).split(".")[2]


def test_the_roles_hold_exactly_what_is_written_here(rules: None) -> None:
    roles = {
        "call_taker": "call_taker",
        "dispatcher": "dispatcher",
        "supervisor": "duty_commander",
        "member": "patrol_officer",
        "planner": "planner",
        "analyst": "analyst",
        "leader": "area_commander",
        "admin": "admin",
        "auditor": "auditor",
        "grid": "grid_worker",
        "office": "safety_office_head",
        "clerk": "centre_clerk",
        "centre": "centre_head_district",
        "handler": "matter_handler",
        "squad": "squadron_leader",
        "hr": "hr_clerk",
        "mediator": "mediator",
        "editor": "bulletin_editor",
        "surveyor": "survey_manager",
    }
    for permission, people in HOLDERS.items():
        if permission != "*":
            assert {
                who for who, code in roles.items() if permission in Role.objects.get(code=code).permissions
            } == people, permission


def test_every_door_names_its_permission_and_no_other_is_needed() -> None:
    assert every_door_has_a_guard(None) == []
    asked = {p for _route, view in pages() for p in view.needs} | {
        p for _m, _p, view in operations() for p in view.needs
    }
    assert asked - {""} <= set(HOLDERS), "a permission that opens a door is missing from the table above"


def test_an_unmarked_page_or_operation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for _route, view in pages():
        if view.needs == ("audit.read",):
            monkeypatch.delattr(view, "needs")
            break
    for method, _path, view in operations():
        if method == "POST":
            monkeypatch.delattr(view, "needs")
            break
    assert {e.id for e in every_door_has_a_guard(None)} == {"people.E001", "people.E002"}


BRIEFLY = {"Accept": "application/json"}  # a refusal is one line then, and no page to render


def test_pages_open_to_those_who_hold_the_permission_and_to_nobody_else(cast: Any, town: Any, call: Any) -> None:
    """All who do not hold it are sent away; of those who do, two in turn see the page: one gate stands before all."""
    filled, wrong = fill(town, cast, call), []
    clients = {name: cast.people[name].client for name in (*CAST, "nobody")}
    assert len(list(pages())) > 40
    anonymous = Client()
    for n, (route, view) in enumerate(pages()):
        path, public = filled(route), "" in view.needs
        opens = clients.keys() if public else holders(view.needs) & clients.keys()
        for name in {*turn(sorted(opens), n), *(clients.keys() - opens)}:
            client = clients[name]
            status = client.get(path, headers=BRIEFLY).status_code
            if status >= 500 or (status == 403) != (name not in opens):
                wrong.append((path, name, status))
        answer = anonymous.get(path)
        if not public and not (answer.status_code == 302 and "/account/login/" in answer.headers["Location"]):
            wrong.append((path, "anonymous", answer.status_code))
    assert wrong == []


def test_pages_that_change_something_are_closed_to_others_by_post_too(cast: Any, town: Any, call: Any) -> None:
    """One gate stands before all methods, and the test above tries it for everybody: here each page meets three."""
    filled, wrong = fill(town, cast, call), []
    for n, (route, view) in enumerate(pages()):
        others = [name for name in CAST if "" not in view.needs and name not in holders(view.needs)]
        for name in {*turn(others, n), *(["nobody"] if others else [])}:
            status = cast.people[name].client.post(filled(route), {}, headers=BRIEFLY).status_code
            if status != 403:
                wrong.append((route, name, status))
    assert wrong == []


def test_lists_of_the_settings_open_to_those_who_keep_them_and_to_nobody_else(cast: Any, town: Any) -> None:
    clients, wrong = {name: cast.people[name].client for name in CAST}, []
    for found in sheet.sheets(cast.admin.actor):
        for name, client in clients.items():
            for path in (f"/settings/{found.key}/", f"/api/settings/{found.key}"):
                status = client.get(path, headers=BRIEFLY).status_code
                if status != (200 if name in holders(found.keeps) else 403):
                    wrong.append((path, name, status))
    assert wrong == []


def test_operations_open_to_those_who_hold_the_permission_and_to_nobody_else(cast: Any, town: Any, call: Any) -> None:
    filled, wrong, seen = fill(town, cast, call), [], set()
    clients = {name: cast.people[name].client for name in (*CAST, "nobody")}
    for n, (method, route, view) in enumerate(operations()):
        if (method, route) in seen:
            continue
        seen.add((method, route))
        path, opens = filled(route), holders(view.needs) & clients.keys()
        looking = turn(sorted(opens), n) if method == "GET" else []  # any other would do it: that is tested in its room
        for name in {*looking, *(clients.keys() - opens)}:
            client = clients[name]
            status = client.generic(method, path, "{}", content_type="application/json").status_code
            refused = status in (403, 422) if name not in holders(view.needs) else False  # 422: the body is read first
            if (
                status >= 500
                or (name not in holders(view.needs) and not refused)
                or (name in holders(view.needs) and status == 401)
            ):
                wrong.append((method, path, name, status))
        if Client().generic(method, path, "{}", content_type="application/json").status_code != 401:
            wrong.append((method, path, "anonymous"))
    assert wrong == []


def test_rows_of_another_area_are_not_there(cast: Any, town: Any, call: Any, ours: Ours) -> None:
    """The stranger holds every role in x/; rows of t/ are 404 (or 403 where only the permission decides)."""
    client, wrong, unread = cast.stranger.client, [], []
    filled = fill(town, cast, call, **ours.ids)
    named = {"call_id", "user_id", "unit_id", "pk", *ours.ids}
    for route, view in pages():
        if (
            "" not in view.needs
            and any(f":{name}>" in route for name in named)
            and not route.startswith("settings/<slug")
        ):
            for method in ("get", "post"):
                status = getattr(client, method)(filled(route)).status_code
                if status not in (403, 404, 405):
                    wrong.append((method, route, status))
    for method, route, view in operations():
        if any(f":{name}>" in route for name in named):
            body = {
                "severity": 1, "level": 2, "reason": "x", "unit_ids": [str(town.units["X01"].id)],
                "disposition": "settled", "main_id": str(call.id), "transition": "m_accept", "id": str(new_id()),
                "joint": "remedy", "agency": "gas_co", "target": "matter", "receiver": "x", "text": "x", "name": "x",
                "phone": "x", "version": 1, "zh": "x", "en": "x", "lon": -90.2, "lat": 38.6, "state": "open",
                "unit": str(town.units["X01"].id), "units": [str(town.units["X01"].id)], "event": str(new_id()),
                "main": str(call.id), "other": str(call.id), "call_id": str(call.id), "type": "200500", "kind": "step",
                "code": "x", "done": True, "photo": "x", "key": str(new_id()), "agencies": ["gas_co"],
                "neighbour": str(new_id()), "asked": [{"capability": "rescue", "count": 1}],
                **ours.bodies.get(room_of(view), {}),
            }  # fmt: skip
            status = client.generic(
                method, filled(route), json.dumps(known_to(view, body)), content_type="application/json"
            ).status_code
            if status not in (403, 404, 405, 422):
                wrong.append((method, route, status))
            unread += [route] if status == 422 else []
    assert wrong == []
    assert len(unread) < 30, unread  # the body was wrong, which says nothing of the row


def test_lists_of_another_area_hold_nothing_of_ours(cast: Any, call: Any, ours: Ours) -> None:
    client = cast.stranger.client
    for path in (
        "/api/calls",
        "/api/units",
        "/api/cards",
        "/api/cards?kinds=closure",
        "/api/closures?over=true",
        "/api/sites",
        "/api/hazards",
        "/api/facilities",
        "/api/alarms/sites",
        "/sites/",
        "/sites/export.csv",
        "/hazards/",
        "/hazards/export.csv",
        "/facilities/",
        "/facilities/export.csv",
        "/alarms/",
        "/alarms/export.csv",
        "/closures/",
        "/closures/list/",
        "/closures/export.csv",
        "/effects/",
        "/api/effects",
        "/api/duplicates?lon=-90.222&lat=38.63&type=200100",
        "/api/matters?show=all",
        "/api/matters/where?lon=-90.222&lat=38.63&type=M0210",
        "/matters/",
        "/matters/list/?show=all",
        "/matters/export.csv?show=all",
        "/office/",
        "/m/matters/",
        "/board/",
        "/board/picture.json",
        "/board/now.json",
        "/units/",
        "/audit/",
        "/settings/users/",
        "/teams/",
        "/teams/help/",
        "/teams/help/export.csv",
        "/members/",
        "/members/export.csv",
        "/recruitment/",
        "/api/teams",
        "/api/teams/help?first=2026-01-01&last=2026-12-31",
        "/api/members",
        "/api/notices",
        "/api/recruitment",
        "/api/help",
        "/exchange/",
        "/exchange/list/",
        "/bulletins/",
        "/surveys/",
        "/api/bulletins",
        "/api/surveys",
        "/norms/",
        "/norms/export.csv",
        "/villages/",
        "/villages/export.csv",
        "/api/norms/gaps",
        "/api/norms/district",
        "/api/localities",
        "/api/contracts",
        "/api/contracts/due",
        "/volunteers/",
        "/volunteers/groups/",
        "/volunteers/associations/",
        "/notices/",
        "/notices/list/",
        "/hurt/",
        "/api/volunteers",
        "/api/groups",
        "/api/hurt",
        "/events/",
        "/events/list/",
        "/api/events",
        "/api/cards?kinds=event",
        "/warnings/",
        "/api/warnings",
        "/inbox/",
        "/inbox/list/",
        "/inbox/mark/",
        "/telephone/",
        "/visits/",
        "/visits/list/",
        "/api/inbox",
        "/api/rings",
        "/api/visits",
        "/api/mediations?show=all",
        "/api/screened?show=all",
        "/mediation/?show=all",
        "/mediation/list/?show=all",
        "/mediation/export.csv?show=all",
        "/mediation/screening/?show=all",
    ):
        answer = client.get(path)
        assert answer.status_code in (200, 422), (path, answer.status_code)
        text = re.sub(r"[A-Za-z0-9]{30,}", "", answer.content.decode())  # a form's token may hold any word by chance
        assert not {word for word in ours.words if word in text}, path
    mine = cast.dispatcher.client.get("/api/calls").content.decode()
    assert str(call.id) in mine, "the list shows what it should, so that its silence above means something"
