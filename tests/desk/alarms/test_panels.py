"""Signals of alarm panels become calls at their site, the gravest first, a storm of them one; faults are listed."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from shouwang.desk.alarms import facts, panels, signals, silence
from shouwang.desk.alarms.models import Fault, Hearing, Panel, Signal
from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.matters.models import Matter
from shouwang.desk.sites.models import Site
from shouwang.tables.live import secret
from shouwang.tables.live.panels import KEYS, codes, read_key, unwrap_key

pytestmark = pytest.mark.django_db
HERE = (-90.222, 38.634)
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def panel(town: Any) -> Callable[..., Panel]:
    """A panel at a site of its own."""
    def panel(account: str = "1234", kind: str = "school_site", **given: Any) -> Panel:
        site = Site.objects.create(code=account, name=f"校 {account}", kind=kind, lon=HERE[0], lat=HERE[1],
                                   area="t/2/b/", obliged=True)
        return Panel.objects.create(site=site.id, account=account, **given)
    return panel


def said(panel: Panel, at: datetime, code: str = "BA", zone: int = 1) -> Signal:
    return Signal.objects.create(panel=panel, sequence=Signal.objects.count() % 9999 + 1, code=code, zone=zone,
                                 severity=codes()[code].severity, received_at=at)


@pytest.mark.parametrize(("kind", "code", "type", "severity"), [
    ("school_site", "BA", "201300", 2), ("school_site", "BV", "201300", 1), ("school_site", "PA", "201301", 1),
    ("bank", "HA", "201302", 1), ("bank", "BA", "201300", 2), ("mall", "FA", "400200", 2),
    ("care_home", "MA", "550100", 1)])
def test_an_alarm_opens_a_call_at_the_site_with_its_types_plan(panel: Any, clock: Any, kind: str, code: str, type: str,
                                                               severity: int) -> None:
    row = panel(kind=kind)
    first = said(row, clock.now, code, zone=7)
    assert signals.take_in(clock.forward(seconds=1)) == 1
    call = Call.objects.get()
    assert (call.id, call.type_id, call.severity) == (first.id, type, severity)
    assert (call.state, call.source) == ("waiting", "alarm")
    assert (call.site, call.alarms, call.place, call.detail) == (row.site, 1, "校 1234", f"{codes()[code].zh} 防区7")
    assert ((call.lon, call.lat), call.area, call.received_at) == (HERE, "t/2/b/", clock.now - timedelta(seconds=1))
    assert call.services
    first.refresh_from_db()
    assert (first.call, first.handled_at) == (call.id, clock.now)
    assert signals.take_in(clock.now) == 0


def test_a_storm_of_one_site_is_one_call_that_counts_them(panel: Any, clock: Any, cast: Any) -> None:
    row = panel()
    for n in range(30):
        said(row, clock.forward(seconds=1), zone=n % 4)
    signals.take_in(clock.now)
    said(row, clock.forward(minutes=9), zone=9)
    said(row, clock.now, "PA")
    said(row, clock.now, "FA")  # another service: its own call
    while signals.take_in(clock.now):
        pass
    police, fire = Call.objects.order_by("type")
    assert (police.alarms, police.severity, police.type_id, fire.alarms) == (32, 1, "201300", 1)
    assert police.detail.startswith("紧急按钮报警 防区1；入侵报警 防区") and "9" in police.detail
    story = [(e.kind, e.text) for e in timeline(police.id)]
    assert [kind for kind, _text in story] == ["call.taken", "call.alarm_again"]
    assert "32" in story[1][1]
    assert set(Signal.objects.values_list("call", flat=True)) == {police.id, fire.id}


def test_what_comes_after_the_call_is_over_or_much_later_is_another_call(panel: Any, clock: Any, cast: Any) -> None:
    row = panel()
    said(row, clock.now)
    signals.take_in(clock.now)
    said(row, clock.forward(minutes=31))
    signals.take_in(clock.now)
    assert Call.objects.count() == 2
    for call in Call.objects.all():
        calls.close_call(actor=cast.dispatcher.actor, now=clock.now, call_id=call.id, disposition="false_alarm")
    said(row, clock.forward(seconds=9))
    signals.take_in(clock.now)
    assert list(Call.objects.order_by("received_at").values_list("alarms", flat=True)) == [1, 1, 1]


def test_alarms_of_a_merged_call_count_with_the_main_one(panel: Any, clock: Any, cast: Any) -> None:
    row = panel()
    said(row, clock.now)
    signals.take_in(clock.now)
    main = calls.take_call(actor=cast.dispatcher.actor, now=clock.now, call=calls.NewCall(
        id=new_id(), type="100400", place="Elm", lon=HERE[0], lat=HERE[1]))
    merged = Call.objects.exclude(id=main.id).get()
    calls.merge_call(actor=cast.dispatcher.actor, now=clock.now, call_id=merged.id, main_id=main.id)
    said(row, clock.forward(seconds=9))
    signals.take_in(clock.now)
    main.refresh_from_db()
    assert (Call.objects.count(), main.alarms) == (2, 1)


def test_the_gravest_wait_behind_nothing(panel: Any, clock: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(signals, "AT_ONCE", 10)
    for n in range(12):
        said(panel(f"A{n:03}"), clock.forward(seconds=1))
    said(panel("B000"), clock.forward(seconds=1), "PA")
    signals.take_in(clock.now)
    assert Call.objects.count() == 10 and Call.objects.filter(type="201301").count() == 1
    assert signals.take_in(clock.now) == 3
    assert Call.objects.count() == 13  # nothing is dropped


def test_a_crash_half_way_neither_loses_nor_doubles(panel: Any, clock: Any, monkeypatch: Any) -> None:
    row = panel()
    for _ in range(3):
        said(row, clock.now)

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(signals, "_handled", crash)
        with pytest.raises(KeyboardInterrupt):
            signals.take_in(clock.now)
    said(row, clock.now, "PA")
    signals.take_in(clock.now)
    assert Call.objects.get().alarms == 4


def test_one_site_whose_alarm_cannot_become_a_call_holds_up_no_other(panel: Any, clock: Any) -> None:
    bad, good = panel("AAAA"), panel("BBBB")
    Site.objects.filter(id=bad.site).update(name=" ")  # a call has to have a place
    for row in (bad, good):
        said(row, clock.now)
    assert signals.take_in(clock.now) == 2
    assert Call.objects.get().site == good.site
    assert Signal.objects.get(panel=bad).handled_at == clock.now


def test_a_user_who_cancels_leaves_a_remark_and_the_call_stays(panel: Any, clock: Any, cast: Any) -> None:
    row = panel()
    said(row, clock.now)
    signals.take_in(clock.now)
    said(row, clock.forward(seconds=20), "BC")
    signals.take_in(clock.now)
    call = Call.objects.get()
    told = calls.read_words(actor=cast.dispatcher.actor, now=clock.now, call_id=call.id)
    assert (call.state, [r.text for r in told.remarks]) == ("waiting", ["用户取消报警"])


def test_faults_are_listed_until_they_are_over(panel: Any, clock: Any) -> None:
    row = panel()
    for code in ("AT", "AT", "YT"):
        said(row, clock.forward(seconds=1), code)
    said(row, clock.now, "BT", zone=3)
    signals.take_in(clock.now)
    assert sorted(Fault.objects.filter(until=None).values_list("kind", "zone")) == [
        ("battery", -1), ("detector", 3), ("power", -1)]
    said(row, clock.forward(minutes=1), "AR")
    said(row, clock.now, "BJ", zone=4)  # another detector
    said(row, clock.now, "BJ", zone=3)
    signals.take_in(clock.now)
    assert list(Fault.objects.filter(until=None).values_list("kind", flat=True)) == ["battery"]
    mended = Event.objects.filter(kind="panel.mended").order_by("seq")
    assert [e.payload["fault"] for e in mended] == ["power", "detector"]
    assert not Call.objects.exists()


def test_a_silent_panel_does_not_count_as_working_until_it_is_heard(panel: Any, clock: Any, cast: Any) -> None:
    row = panel()

    def figure() -> tuple[int, int, bool]:
        rows = facts.site_alarms(("t/",), clock.now)
        told = facts.coverage(rows)
        return told.obliged, told.working, rows[0].working

    assert figure() == (1, 0, False)  # never heard
    Hearing.objects.create(panel=row, heard_at=clock.now)
    assert figure() == (1, 1, True)
    said(row, clock.forward(seconds=120), "YC", -1)
    signals.take_in(clock.now)
    assert figure() == (1, 0, False)
    Hearing.objects.update(heard_at=clock.forward(seconds=5))
    signals.take_in(clock.now)
    assert figure() == (1, 1, True) and Fault.objects.get().until == clock.now
    clock.forward(hours=1)  # nobody writes down what is heard: no panel can be said to work
    assert figure() == (1, 0, False)
    Panel.objects.update(active=False)
    assert figure()[1] == 0


def test_a_panel_that_stays_silent_becomes_a_matter_and_one_heard_in_time_takes_it_back(panel: Any,
                                                                                        clock: Any) -> None:
    rows = [panel(f"{n:04}") for n in range(2)]
    for row in rows:
        said(row, clock.now, "YC", -1)
    signals.take_in(clock.now)
    assert silence.look(clock.forward(minutes=9)) == 0  # it may be the network
    assert silence.look(clock.forward(minutes=2)) == 2 and silence.look(clock.now) == 0
    kept = list(Matter.objects.order_by("place"))
    assert [(m.type_id, m.source, m.state, m.place) for m in kept] == [
        ("M0404", "alarm", "reported", "校 0000"), ("M0404", "alarm", "reported", "校 0001")]
    Fault.objects.update(matter=None)  # a crash between the two
    assert silence.look(clock.now) == 2 and Matter.objects.count() == 2
    Hearing.objects.create(panel=rows[0], heard_at=clock.forward(minutes=5))
    signals.take_in(clock.now)
    assert silence.look(clock.now) == 1
    assert [m.state for m in Matter.objects.order_by("place")] == ["void", "reported"]


def test_when_most_panels_are_silent_it_is_the_line_and_no_matter(panel: Any, clock: Any) -> None:
    for n in range(7):
        row = panel(f"{n:04}")
        if n:
            said(row, clock.now, "YC", -1)
    signals.take_in(clock.now)
    assert silence.look(clock.forward(minutes=11)) == 0 and not Matter.objects.exists()


def test_false_alarms_are_counted_from_the_results_of_calls(panel: Any, cast: Any, clock: Any) -> None:
    row = panel()
    for result in ("false_alarm", "false_alarm", "case", ""):
        said(row, clock.forward(hours=1))
        said(row, clock.now)
        signals.take_in(clock.now)
        if result:
            call = Call.objects.exclude(state="closed").get()
            calls.close_call(actor=cast.dispatcher.actor, now=clock.now, call_id=call.id, disposition=result)
    told = facts.site_alarms(("t/",), clock.now)[0]
    assert (told.results.calls, told.results.alarms, told.results.closed, told.results.false) == (4, 8, 3, 2)
    assert told.false_share == pytest.approx(2 / 3)


def test_signals_are_deleted_after_thirty_days(panel: Any, clock: Any) -> None:
    from shouwang.desk.log import retention

    row = panel()
    for days in (31, 29):
        said(row, clock.now - timedelta(days=days))
    waiting = said(row, clock.now - timedelta(days=40))
    Signal.objects.exclude(id=waiting.id).update(handled_at=clock.now)
    assert retention.delete_due(clock.now)["signals"] == 1
    assert Signal.objects.count() == 2


# ---- registration

def register(cast: Any, clock: Any, row: Panel | None = None, who: str = "admin", site: UUID | None = None,
             **given: Any) -> Panel:
    asked = {"account": "00ab", "supervise_s": 60, "key": KEY} | given
    return panels.save_panel(actor=getattr(cast, who).actor, now=clock(), id=row.id if row else new_id(),
                             site_id=site or Site.objects.get().id, given=panels.PanelGiven(**asked),
                             version=row.version if row else None)


@pytest.fixture
def school(town: Any) -> Site:
    return Site.objects.create(code="E", name="Elm", kind="school_site", lon=HERE[0], lat=HERE[1], area="t/2/b/",
                               obliged=True)


def test_a_panels_key_is_wrapped_and_never_told(school: Site, cast: Any, clock: Any) -> None:
    row = register(cast, clock)
    wrapped = bytes(row.key)
    assert row.account == "00AB" and bytes.fromhex(KEY) not in wrapped
    assert unwrap_key(secret(settings.CONFIG.data, KEYS), row.id, wrapped) == bytes.fromhex(KEY)
    with pytest.raises(ValueError, match="cannot be opened"):
        unwrap_key(secret(settings.CONFIG.data, KEYS), uuid4(), wrapped)
    assert KEY not in str(Event.objects.get(kind="panel.registered").payload)
    kept = register(cast, clock, row, key=None, supervise_s=70)
    assert (bytes(kept.key), kept.supervise_s, kept.version) == (wrapped, 70, 2)
    assert bytes(register(cast, clock, kept, key="").key) == b""


@pytest.mark.parametrize(("given", "field"), [
    ({"account": "xyz"}, "account"), ({"account": "12"}, "account"), ({"supervise_s": 9}, "supervise_s"),
    ({"key": "abc"}, "key"), ({"key": "text:short"}, "key"), ({"key": "zz" * 16}, "key")])
def test_what_is_wrong_with_a_panel_is_said_at_its_field(school: Site, cast: Any, clock: Any, given: dict[str, Any],
                                                         field: str) -> None:
    with pytest.raises(Refused) as error:
        register(cast, clock, **given)
    assert error.value.field == field and not Panel.objects.exists()


def test_a_key_may_be_typed_as_digits_or_as_text() -> None:
    assert read_key(f" {KEY} ") == bytes.fromhex(KEY)
    assert read_key("text:" + "k" * 24) == b"k" * 24


def test_only_keepers_of_devices_register_and_nobody_buries_another(school: Site, cast: Any, clock: Any) -> None:
    with pytest.raises(Denied):
        register(cast, clock, who="dispatcher")
    with pytest.raises(Missing):
        register(cast, clock, who="stranger")
    row = register(cast, clock)
    with pytest.raises(Conflict) as error:
        register(cast, clock)
    assert error.value.field == "account"
    register(cast, clock, row, supervise_s=70)
    with pytest.raises(Conflict):
        register(cast, clock, row, supervise_s=80)


def test_the_pages_register_a_panel_and_show_what_works(school: Site, cast: Any) -> None:
    client, said = cast.admin.client, {"account": "77a", "supervise_s": 60, "key": KEY, "active": "on"}
    page = f"/alarms/panels/new/?site={school.id}"
    assert client.post(page, said | {"key": "1"}).status_code == 422
    assert client.post(page, said).status_code == 302
    row = Panel.objects.get()
    one = f"/alarms/panels/{row.id}/"
    assert KEY not in client.get(one).content.decode()
    assert client.post(one, said | {"key": "", "supervise_s": 80, "version": 1}).status_code == 302
    assert client.post(one, said | {"version": 1}).status_code == 422
    row.refresh_from_db()
    assert (row.supervise_s, bool(row.key)) == (80, True)
    Hearing.objects.create(panel=row, heard_at=timezone.now())
    shown = cast.dispatcher.client.get("/alarms/").content.decode()
    assert "077A" not in shown and "77A" in shown and "100 %" in shown
    assert cast.dispatcher.client.get("/alarms/export.csv").status_code == 200
    assert cast.dispatcher.client.get(one).status_code == 403
    told = cast.dispatcher.client.get("/api/alarms/coverage").json()
    assert told == {"obliged": 1, "working": 1, "share": 1.0}
    sites = cast.dispatcher.client.get("/api/alarms/sites?q=elm").json()
    assert [(s["name"], s["working"], len(s["panels"])) for s in sites] == [("Elm", True, 1)]
    assert cast.stranger.client.get("/api/alarms/sites").json() == []


def test_the_api_registers_and_a_retry_does_it_once(school: Site, cast: Any) -> None:
    body = {"id": str(new_id()), "site": str(school.id), "account": "ABC", "secret": KEY}
    for _ in range(2):
        told = cast.admin.client.post("/api/alarms/panels", body, content_type="application/json")
        assert (told.status_code, told.json()["encrypted"], KEY in told.content.decode()) == (200, True, False)
    assert Panel.objects.count() == 1
