"""Sites are places, their key-holders sealed; hazards come from a list, reach so far, and end."""
from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from shouwang.desk.calls.actions import take_call
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.seal import keys
from shouwang.desk.places.models import Landmark
from shouwang.desk.sites import actions, facilities, facts
from shouwang.desk.sites.actions import Contact, HazardGiven, SiteGiven
from shouwang.desk.sites.models import Hazard, Site
from shouwang.desk.sites.terms import hazard_kinds
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db
HERE = (-90.222, 38.634)
BANK = SiteGiven("B-1", "河湾银行", "bank", *HERE)
M = 1 / 111_195  # a metre in degrees of latitude


@pytest.fixture
def bank(town: Any, cast: Any, clock: Any) -> Site:
    return actions.save_site(actor=cast.dispatcher.actor, now=clock(), id=new_id(), given=BANK)


@pytest.fixture
def hazard(bank: Site, cast: Any, clock: Any) -> Any:
    """Enters a hazard at the bank, or elsewhere."""
    def hazard(kind: str = "dog", *, days: int = 100, site: Any = bank.id, **given: Any) -> Hazard:
        until = day_of(clock()) + timedelta(days=days)
        return actions.add_hazard(actor=cast.dispatcher.actor, now=clock(), id=new_id(), site_id=site,
                                  given=HazardGiven(kind, "police_station", until, **given))
    return hazard


def test_a_site_is_entered_once_and_obliged_as_its_kind_says(bank: Site, cast: Any, clock: Any) -> None:
    assert (bank.area, bank.obliged, bank.version) == ("t/2/b/", True, 1)
    again = actions.save_site(actor=cast.dispatcher.actor, now=clock(), id=bank.id, given=BANK)
    assert (again.id, Site.objects.count(), Event.objects.filter(kind="site.entered").count()) == (bank.id, 1, 1)
    shop = SiteGiven("S-1", "Shop", "street_shop", *HERE, obliged=None)
    assert not actions.save_site(actor=cast.dispatcher.actor, now=clock(), id=new_id(), given=shop).obliged


def test_two_who_change_a_site_do_not_bury_each_other(bank: Site, cast: Any, clock: Any) -> None:
    asked: dict[str, Any] = {"actor": cast.dispatcher.actor, "now": clock(), "id": bank.id, "version": 1}
    moved = actions.save_site(**asked, given=SiteGiven("B-1", "河湾银行南门", "bank", *HERE))
    assert moved.version == 2
    with pytest.raises(Conflict):
        actions.save_site(**asked, given=BANK)
    assert Event.objects.get(kind="site.changed").payload["changes"] == {"name": ["河湾银行", "河湾银行南门"]}


@pytest.mark.parametrize(("given", "field"), [
    (SiteGiven("", "Shop", "bank", *HERE), "code"), (SiteGiven("A", " ", "bank", *HERE), "name"),
    (SiteGiven("A", "Shop", "mosque", *HERE), "kind"), (SiteGiven("A", "Shop", "bank", 104.0, 30.0), "lon"),
    (SiteGiven("A", "Shop", "bank", float("nan"), 30.0), "lon"), (SiteGiven("B-1", "Shop", "bank", *HERE), "code"),
])
def test_what_is_wrong_with_a_site_is_said_at_its_field(bank: Site, cast: Any, clock: Any, given: SiteGiven,
                                                        field: str) -> None:
    with pytest.raises(Refused) as error:
        actions.save_site(actor=cast.dispatcher.actor, now=clock(), id=new_id(), given=given)
    assert error.value.field == field


def test_whoever_may_not_keep_sites_here_does_not(bank: Site, cast: Any, clock: Any) -> None:
    with pytest.raises(Denied):
        actions.save_site(actor=cast.call_taker.actor, now=clock(), id=new_id(), given=BANK)
    for do in (lambda who: actions.close_site(actor=who, now=clock(), site_id=bank.id, version=1),
               lambda who: actions.show_contact(actor=who, now=clock(), site_id=bank.id, reason="x")):
        with pytest.raises(Missing):
            do(cast.stranger.actor)


def test_a_key_holder_is_sealed_and_shown_for_a_reason_alone(bank: Site, cast: Any, clock: Any) -> None:
    who, held = cast.dispatcher.actor, Contact("值班室 王", "314-555-0100")
    row = actions.set_contact(actor=who, now=clock(), site_id=bank.id, contact=held, version=1)
    assert b"555-0100" not in bytes(row.contact) and facts.site_fact(row).has_contact
    with pytest.raises(Refused) as error:
        actions.show_contact(actor=who, now=clock(), site_id=bank.id, reason="  ")
    assert error.value.field == "reason"
    with pytest.raises(Denied):
        actions.show_contact(actor=cast.leader.actor, now=clock(), site_id=bank.id, reason="curious")
    key = uuid4()
    for _ in range(2):  # a retry is one showing
        assert actions.show_contact(actor=who, now=clock(), site_id=bank.id, reason="alarm", key=key) == held
    told = Event.objects.get(kind="site.contact_shown")
    assert (told.actor, told.subject) == (who.id, str(bank.id))
    assert not any("555-0100" in str(e.payload) or "王" in str(e.payload) for e in Event.objects.all())


def test_a_closed_site_loses_its_key_holder_and_its_hazards_for_good(bank: Site, hazard: Any, cast: Any,
                                                                     clock: Any) -> None:
    who = cast.dispatcher.actor
    hazard("dog")
    actions.set_contact(actor=who, now=clock(), site_id=bank.id, contact=Contact("a", "b"), version=1)
    assert keys().get(str(bank.id)) is not None
    actions.close_site(actor=who, now=clock(), site_id=bank.id, version=2)
    assert keys().get(str(bank.id)) is None and bytes(Site.objects.get().contact) == b""
    assert not facts.premises(*HERE, clock()) and facts.hazards_in(("t/",), clock()) == []
    with pytest.raises(Conflict):
        actions.set_contact(actor=who, now=clock(), site_id=bank.id, contact=Contact("a", "b"), version=3)


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, True), (366, True), (367, False)])
def test_a_hazard_ends_within_twelve_months(hazard: Any, days: int, fits: bool) -> None:
    if fits:
        assert hazard(days=days).radius_m == 50
        return
    with pytest.raises(Refused) as error:
        hazard(days=days)
    assert error.value.field == "until"


@pytest.mark.parametrize(("wrong", "field"), [
    ({"kind": "known offender"}, "kind"), ({"radius_m": 9}, "radius_m"), ({"radius_m": 501}, "radius_m")])
def test_a_hazard_is_one_of_the_list_with_a_radius(hazard: Any, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as error:
        hazard(**wrong)
    assert error.value.field == field


def test_no_hazard_is_about_a_person() -> None:
    assert not [k for k in hazard_kinds().values() if any(w in k.en.lower() for w in ("person", "offender", "violent"))]
    assert not {f.name for f in Hazard._meta.concrete_fields} & {"text", "note", "words", "reason"}


@pytest.mark.parametrize(("away_m", "warned"), [(0, True), (49, True), (51, False)])
def test_a_hazard_is_told_within_its_radius(hazard: Any, clock: Any, away_m: float, warned: bool) -> None:
    hazard("gas_cylinders")
    told = facts.premises(HERE[0], HERE[1] + away_m * M, clock()).hazards
    assert [h.kind for h in told] == (["gas_cylinders"] if warned else [])


def test_a_hazard_is_told_until_its_last_day_and_then_deleted(hazard: Any, clock: Any) -> None:
    hazard(days=3)
    assert facts.premises(*HERE, clock.forward(days=3)).hazards
    assert not facts.premises(*HERE, clock.forward(days=1)).hazards
    assert [h.over for h in facts.hazards_in(("t/",), clock(), over=True)] == [True]
    assert actions.hazards_due(clock.forward(days=29)) == 0
    assert actions.hazards_due(clock.forward(days=2)) == 1


def test_a_hazard_is_prolonged_by_who_has_looked_and_ended_when_it_is_gone(hazard: Any, cast: Any, clock: Any) -> None:
    row, who = hazard(days=5), cast.dispatcher.actor
    later = day_of(clock()) + timedelta(days=180)
    assert actions.amend_hazard(actor=who, now=clock(), hazard_id=row.id, version=1, until=later).until == later
    with pytest.raises(Conflict):
        actions.end_hazard(actor=who, now=clock(), hazard_id=row.id, version=1)
    actions.end_hazard(actor=who, now=clock(), hazard_id=row.id, version=2)
    assert not facts.premises(*HERE, clock()).hazards


# ---- at intake, on the board, on the phone

@pytest.fixture
def call(bank: Site, cast: Any) -> Any:
    return take_call(actor=cast.call_taker.actor, now=timezone.now(), call=NewCall(
        id=new_id(), type="200100", place="Elm St", lon=HERE[0], lat=HERE[1]))


@pytest.fixture
def today_hazard(bank: Site, cast: Any) -> Hazard:
    """On the clock of today, as pages read it."""
    now = timezone.now()
    given = HazardGiven("steep_stairs", "fire_rescue", day_of(now) + timedelta(days=9))
    return actions.add_hazard(actor=cast.dispatcher.actor, now=now, id=new_id(), site_id=bank.id, given=given)


def test_a_place_tells_its_hazards_sites_and_earlier_calls_while_it_is_chosen(today_hazard: Hazard, call: Any,
                                                                              cast: Any) -> None:
    asked = f"/api/premises?lon={HERE[0]}&lat={HERE[1]}"
    told = cast.call_taker.client.get(asked).json()
    assert [s["name"] for s in told["sites"]] == ["河湾银行"]
    assert [(h["kind"], h["away_m"]) for h in told["hazards"]] == [("steep_stairs", 0)]
    assert [set(e) for e in told["earlier"]] == [{"type", "name", "at"}]
    assert cast.call_taker.client.get(f"{asked}&leave_out={call.id}").json()["earlier"] == []
    assert cast.stranger.client.get(asked).json()["earlier"] == []
    found = cast.call_taker.client.get("/api/places?q=河湾").json()
    assert [(f["kind"], f["zh"]) for f in found][:1] == [("site", "河湾银行")]


def test_the_pane_and_the_phone_warn_of_hazards(today_hazard: Hazard, call: Any, bank: Site, cast: Any,
                                                on_duty: Any) -> None:
    from shouwang.desk.calls.actions import assign_units

    actions.set_contact(actor=cast.dispatcher.actor, now=timezone.now(), site_id=bank.id, version=1,
                        contact=Contact("值班室", "314-555-0100"))
    pane = cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()
    assert "楼梯陡窄" in pane and "河湾银行" in pane and "key_holder" in pane and "314-555-0100" not in pane
    assign_units(actor=cast.dispatcher.actor, now=timezone.now(), call_id=call.id, unit_ids=[on_duty.actor.unit],
                 reason="near")
    assert "楼梯陡窄" in on_duty.client.get("/m/task/").content.decode()


# ---- pages and files

def test_a_site_lives_on_its_page(town: Any, cast: Any) -> None:
    client = cast.dispatcher.client
    said = {"name": "Elm School", "code": "E1", "kind": "school_site", "obliged": "", "lon": HERE[0], "lat": HERE[1]}
    assert client.post("/sites/new/", said | {"kind": ""}).status_code == 422
    assert client.post("/sites/new/", said).status_code == 302
    row = Site.objects.get()
    page, day = f"/sites/{row.id}/", day_of(timezone.now()) + timedelta(days=30)
    for do in ({"do": "contact", "version": 1, "contact-name": "Gate 7", "contact-phone": "100"},
               {"do": "save", "version": 2, **said, "name": "Elm School North"},
               {"do": "hazard", "key": str(uuid4()), "hazard-kind": "no_lift", "hazard-owner": "site_office",
                "hazard-radius_m": 60, "hazard-until": day.isoformat()}):
        assert client.post(page, do).status_code == 302, do
    assert client.post(page, {"do": "save", "version": 2, **said}).status_code == 422  # somebody was first
    shown = client.post(page, {"do": "show", "reason": "alarm", "key": str(uuid4())}).content.decode()
    assert "Gate 7" in shown and "Elm School North" in shown
    assert "Gate 7" not in cast.leader.client.get(page).content.decode()
    hazard = Hazard.objects.get()
    assert client.post(page, {"do": "longer", "hazard": str(hazard.id), "version": 1}).status_code == 302
    assert client.post("/hazards/", {"do": "end", "hazard": str(hazard.id), "version": 2}).status_code == 302
    assert client.post(page, {"do": "close", "version": 3}).status_code == 302
    assert "Elm School North" not in client.get("/sites/").content.decode()
    assert "Elm School North" in client.get("/sites/?closed=yes&q=elm&kind=school_site&obliged=yes").content.decode()
    for odd in ({"do": "save", "version": "x"}, {"do": "end", "hazard": "x"}, {"do": "what"}, {"do": "show"}):
        assert client.post(page, odd).status_code < 500


def test_the_api_answers_a_retry_as_before(town: Any, cast: Any) -> None:
    client, id = cast.dispatcher.client, str(new_id())

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api{path}", body, content_type="application/json")

    site = {"id": id, "code": "E1", "name": "Elm", "kind": "bank", "lon": HERE[0], "lat": HERE[1]}
    assert [post("/sites", site).json()["version"] for _ in range(2)] == [1, 1]
    assert post("/sites", site | {"version": 7}).status_code == 409
    until = (day_of(timezone.now()) + timedelta(days=9)).isoformat()
    hazard = {"id": str(new_id()), "site_id": id, "kind": "dog", "owner": "site_office", "until": until}
    assert [post("/hazards", hazard).json()["until"] for _ in range(2)] == [until, until]
    assert post("/hazards", hazard | {"id": str(new_id()), "kind": "x"}).status_code == 422
    assert len(client.get("/api/hazards").json()) == 1 and len(client.get("/api/sites?q=elm").json()) == 1
    path, key = f"/sites/{id}/contact", str(uuid4())
    given = {"name": "Office", "phone": "100", "version": 1, "key": key}
    for _ in range(2):
        assert client.put(f"/api{path}", given, content_type="application/json").json()["version"] == 2
    assert post(f"{path}/show", {"reason": "alarm"}).json() == [{"name": "Office", "phone": "100"}]
    assert post(f"/hazards/{hazard['id']}/end", {"version": 1}).json()["over"]
    assert post(f"/sites/{id}/close", {"version": 2}).json()["closed"]


def import_file(kind: str, path: Path, *, dry_run: bool = False) -> Any:
    from shouwang.desk.log.actor import system
    from shouwang.desk.places import actions as places
    return places.import_file(actor=system("import"), now=timezone.now(), kind=kind, path=path, dry_run=dry_run)


def test_sites_and_hazards_come_from_files_and_go_into_such(bank: Site, cast: Any, tmp_path: Path) -> None:
    file, day = tmp_path / "sites.csv", date.today() + timedelta(days=40)
    file.write_text(f"code,name,kind,lon,lat,obliged\nB-1,新名,bank,{HERE[0]},{HERE[1]},no\n"
                    f"K1,幼儿园,kindergarten,{HERE[0]},{HERE[1]},\n")
    tried = import_file("sites", file, dry_run=True)
    assert (tried.counts, tried.faults, Site.objects.count()) == ({"sites": 2, "new": 1}, (), 1)
    assert import_file("sites", file).done
    assert list(Site.objects.order_by("code").values_list("code", "name", "obliged", "version")) == [
        ("B-1", "新名", False, 2), ("K1", "幼儿园", True, 1)]
    file = tmp_path / "hazards.csv"
    Landmark.objects.create(code="L1", kind="bridge", zh="东桥", en="East Bridge", lon=HERE[0], lat=HERE[1] + 0.002,
                            area=bank.area)
    file.write_text(f"kind,owner,until,site,landmark,lon,lat,radius_m\ndog,site_office,{day},B-1,,,,\n"
                    f"pit,street_office,{day},,,{HERE[0]},{HERE[1]},80\npit,street_office,{day},,L1,,,\n")
    for n in (3, 0):
        told = import_file("hazards", file)
        assert (told.counts, Hazard.objects.count()) == ({"hazards": 3, "new": n}, 3)
    assert Hazard.objects.filter(lat=HERE[1] + 0.002).count() == 1
    for path, kind in (("sites", "sites"), ("hazards", "hazards")):
        text = cast.dispatcher.client.get(f"/{path}/export.csv").content
        (again := tmp_path / f"{kind}-again.csv").write_bytes(text)
        assert import_file(kind, again).counts["new"] == 0
        assert cast.dispatcher.client.get(f"/{path}/export.xlsx").status_code == 200
        assert cast.dispatcher.client.get(f"/{path}/export.pdf").status_code == 404


def test_every_bad_row_of_a_file_is_named_at_once(bank: Site, tmp_path: Path) -> None:
    lon, lat, day = *HERE, date.today() + timedelta(2)  # no day that is over anywhere
    file = tmp_path / "sites.csv"
    file.write_text(f"code,name,kind,lon,lat,obliged\n,a,bank,{lon},{lat},\nA,,bank,{lon},{lat},\nB,a,church,{lon},{lat},\n"
                    f"C,a,bank,x,{lat},\nD,a,bank,104,30,\nE,a,bank,{lon},{lat},maybe\nE,a,bank,{lon},{lat},\n")
    where = [f.where for f in import_file("sites", file).faults]
    assert where == [f"sites.csv, row {n}, column {c}" for n, c in (
        (2, "code"), (3, "name"), (4, "kind"), (5, "lon"), (6, "lon"), (7, "obliged"), (8, "code"))]
    file = tmp_path / "hazards.csv"
    rows = (f"ghost,site_office,{day},B-1,50", f"dog,nobody,{day},B-1,50", "dog,site_office,soon,B-1,50",
            f"dog,site_office,{day - timedelta(9)},B-1,50", f"dog,site_office,{day},B-1,5.5",
            f"dog,site_office,{day},Z,50")
    file.write_text("kind,owner,until,site,radius_m\n" + "\n".join(rows) + "\n")
    where = [f.where for f in import_file("hazards", file).faults]
    assert where[:6] == [f"hazards.csv, row {n}, column {c}" for n, c in (
        (2, "kind"), (3, "owner"), (4, "until"), (5, "until"), (6, "radius_m"), (7, "site"))]
    assert (Site.objects.count(), Hazard.objects.count()) == (1, 0)


def test_facilities_say_what_they_take_and_are_asked_again(bank: Site, cast: Any, clock: Any, town: Any) -> None:
    person, client = cast.dispatcher.actor, cast.dispatcher.client
    far, near = (actions.save_site(actor=person, now=clock(), id=new_id(), given=given) for given in (
        SiteGiven("H-2", "西区医院", "hospital", -90.262, 38.634), SiteGiven("H-1", "东区医院", "hospital", *HERE)))
    assert "东区医院" in client.get("/facilities/").content.decode()  # offered

    def put(site: Site, status: int = 200, **body: Any) -> Any:
        answer = client.put(f"/api/sites/{site.id}/facility", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    key = str(new_id())
    for _again in range(2):
        assert put(near, state="open", free=3, places=40, key=key)["version"] == 1
    put(far, state="limited")
    put(near, 409, state="full")  # it is on the board: say at which version
    for wrong in ({"state": "open", "free": 41, "places": 40, "version": 1}, {"state": "no"},
                  {"state": "open", "free": -1}):
        put(near, 422, **wrong)
    call = take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type="500301", place="路口", lon=HERE[0], lat=HERE[1]))
    pane = client.get(f"/board/call/{call.id}/").content.decode()
    assert pane.index("东区医院") < pane.index("西区医院") and "空位 3" in pane
    put(near, state="full", free=0, places=40, version=1)
    assert [f.site.name for f in facilities.nearest(("t/",), *HERE, clock())] == ["西区医院"]
    late = timezone.now() + timedelta(hours=7)
    assert all(f.old for f in facilities.board(("t/",), late))
    assert facilities.board(("t/1/",), late) and not facilities.board(("x/",), late)
    sent = {"site": str(near.id), "version": "2", "state": "open", "free": "１２", "places": "40", "do": "tell"}
    assert client.post("/facilities/", sent).status_code == 302  # as people type it
    assert facilities.of_site(near.id, late).free == 12
    refused = client.post("/facilities/", sent | {"free": "many", "version": "3"})
    assert refused.status_code == 422 and "写一个整数" in refused.content.decode()
    assert client.delete(f"/api/sites/{near.id}/facility").status_code == 204
    assert [f["site"]["code"] for f in client.get("/api/facilities").json()] == ["H-2"]
    assert Event.objects.filter(kind="site.facility_told").count() == 4
    with pytest.raises(Denied):
        facilities.tell(actor=cast.call_taker.actor, now=clock(), site_id=far.id, version=1,
                        told=facilities.Told("open"))
