"""What was worked on paper: entered with its true times, and with when it was entered beside them."""
from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pypdf import PdfReader

from shouwang.desk.calls import actions, facts
from shouwang.desk.calls.models import Assignment, Call, PaperEntry
from shouwang.desk.calls.terms import Caller, NewCall, PaperCall, PaperUnit
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.settings import get

pytestmark = pytest.mark.django_db


def minute(clock, n):
    """`n` minutes into the outage, which began three hours ago."""
    return clock.now - timedelta(hours=3) + timedelta(minutes=n)


@pytest.fixture
def sheet(clock, town):
    def sheet(**given):
        new = NewCall(id=new_id(), type="200100", place="三槐树路 17 号", lon=-90.222, lat=38.63, severity=2,
                      caller=Caller(words="打起来了"), received_at=given.pop("received", minute(clock, 0)))
        unit = PaperUnit(**{"unit": town.units["P02"].id, "assigned": minute(clock, 1), "on_scene": minute(clock, 9),
                            "ended": minute(clock, 30), **given.pop("unit", {})})
        return PaperCall(**{"call": new, "units": [unit], "closed_at": minute(clock, 31), "disposition": "settled",
                            **given})
    return sheet


@pytest.fixture
def enter(cast, clock):
    def enter(sheet, by="dispatcher", reason="停电"):
        return actions.enter_paper(actor=getattr(cast, by).actor, now=clock.now, sheet=sheet, reason=reason)
    return enter


def test_true_times_count_and_entry_times_stand_beside_them(sheet, enter, clock, cast):
    given = sheet()
    call = enter(given)
    assert enter(given).id == call.id  # a retry
    call = Call.objects.get(id=call.id)
    assert (call.state, call.received_at, call.closed_at) == ("closed", minute(clock, 0), minute(clock, 31))
    assert call.paper.entered_at == clock.now and call.paper.by == str(cast.dispatcher.user.id)
    task = Assignment.objects.get()
    true = tuple(minute(clock, n) for n in (1, 9, 30))
    assert (task.assigned_at, task.on_scene_at, task.ended_at) == true
    lines = [e for e in timeline(call.id) if e.entered_at]
    assert [e.at for e in lines] == [minute(clock, n) for n in (0, 1, 9, 30, 31)]
    assert {e.entered_at for e in lines} == {clock.now} and lines[0].reason == "停电"
    assert {e.at for e in Event.objects.filter(subject=str(call.id))} == {clock.now}  # of entry
    assert facts.taken_by_hour(("t/",), minute(clock, 0).replace(minute=0, second=0), 4)[0] == 1


def test_exports_tell_true_times_from_times_of_entry(sheet, enter, clock, cast):
    clock.now = timezone.now()
    call, zone = enter(sheet()), ZoneInfo(get("time_zone"))
    export = actions.export_call(actor=cast.dispatcher.actor, now=clock.now, call_id=call.id, reason="court")
    client = cast.dispatcher.client
    pdf = client.get(f"/api/exports/{export.id}/pdf").content
    text = "".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages)
    page = client.get(f"/calls/paper/{export.id}/").content.decode()
    for told in (text, page):
        assert told.count(f"{clock.now.astimezone(zone):%m-%d %H:%M:%S} 补录") >= 5
        assert f"{minute(clock, 9).astimezone(zone):%H:%M:%S}" in told
    notes = client.get(f"/api/exports/{export.id}/eido").json()["notesComponent"]
    marked = [n for n in notes if f"entered afterwards, {iso(clock.now)}" in n["notesActionComments"]]
    assert [n["lastUpdateTimeStamp"] for n in marked] == [iso(minute(clock, n)) for n in (0, 1, 9, 30, 31)]


@pytest.mark.parametrize(("change", "field"), [
    ({"received": 181}, "received_at"), ({"received": -8 * 24 * 60}, "received_at"),
    ({"unit": {"assigned": -1}}, "assigned"), ({"unit": {"on_scene": 0.5}}, "on_scene"),
    ({"unit": {"ended": 8}}, "ended"), ({"unit": {"ended": 200}}, "ended"), ({"closed_at": 29}, "closed_at"),
    ({"closed_at": 181}, "closed_at"), ({"disposition": ""}, "disposition"),
])
def test_times_that_lie_ahead_or_out_of_order_are_refused(sheet, enter, clock, change, field):
    def timed(value):
        return {k: timed(v) for k, v in value.items()} if isinstance(value, dict) else (
            minute(clock, value) if isinstance(value, int | float) else value)

    with pytest.raises(Refused) as refused:
        enter(sheet(**timed(change)))
    assert field in refused.value.field
    assert not Call.objects.exists() and not PaperEntry.objects.exists()


def test_who_may_and_why(sheet, enter, take, send, cast, clock, town):
    with pytest.raises(Refused):
        enter(sheet(), reason=" ")
    with pytest.raises(Denied):
        enter(sheet(), by="call_taker")  # may neither close nor send
    waiting = enter(sheet(units=[], closed_at=None, disposition=""), by="call_taker")
    assert Call.objects.get(id=waiting.id).state == "waiting"
    send(take(), "P02")  # on duty elsewhere since now: no clash with an hour ago
    assert enter(sheet()).state == "closed"
    with pytest.raises(Conflict):
        enter(sheet())  # the unit was on the first sheet's call then


def test_by_page_and_by_api(cast, town, sheet):
    now = timezone.localtime()
    came, sent, over = (now - timedelta(minutes=n) for n in (60, 55, 20))

    def local(at):
        return at.strftime("%Y-%m-%dT%H:%M:%S")

    client = cast.dispatcher.client
    assert client.get("/paper/").status_code == 200
    form = {"id": str(new_id()), "received_at": local(came), "type": "200100", "severity": "2", "place": "Elm St 3",
            "point": "38.63, -90.222", "words": "fight", "unit0": str(town.units["P02"].id), "assigned0": local(sent),
            "ended0": local(over), "closed_at": local(now - timedelta(minutes=90)), "disposition": "settled",
            "reason": "power cut"}
    wrong = client.post("/paper/", form)
    assert wrong.status_code == 422 and 'value="Elm St 3"' in wrong.content.decode()
    unsent = form | {"unit0": "", "assigned0": "", "ended0": ""}
    another = cast.call_taker.client.post("/paper/", unsent | {"closed_at": local(over)})  # to close is not theirs
    assert another.status_code == 422 and 'value="Elm St 3"' in another.content.decode()
    done = client.post("/paper/", form | {"closed_at": local(over)})
    assert done.status_code == 302, done.content.decode()
    call = Call.objects.get()
    assert call.number in client.get(done["Location"]).content.decode()
    body = {"call": {"id": str(new_id()), "type": "200100", "place": "Elm St 5", "lon": -90.222, "lat": 38.63,
                     "received_at": came.isoformat()}, "reason": "power cut"}
    made = client.post("/api/calls/paper", json.dumps(body), content_type="application/json")
    assert made.status_code == 200 and made.json()["received_at"] < made.json()["entered_at"]
    for page in ("/paper/blank/", "/board/print/"):
        assert client.get(page).status_code == 200
    assert cast.member.client.get("/paper/").status_code == 403
