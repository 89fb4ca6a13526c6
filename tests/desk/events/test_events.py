"""Major events: one press starts a plan, command passes on by two signatures, what is late says so, and the report."""
from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from pypdf import PdfReader

from shouwang.desk.calls import actions as calls
from shouwang.desk.events import actions, facts
from shouwang.desk.events.models import Command, EventPlan, Item, Major, Said, Tick
from shouwang.desk.events.report import draft
from shouwang.desk.events.story import story
from shouwang.desk.linked import actions as linked
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event

pytestmark = pytest.mark.django_db
SQUARE = [(-90.23, 38.62), (-90.21, 38.62), (-90.21, 38.64), (-90.23, 38.64)]


def kinds(event: Major) -> list[str]:
    return [e.kind for e in Event.objects.filter(subject_kind="event", subject=str(event.id)).order_by("seq")]


def item(event: Major, code: str) -> Item:
    return Item.objects.get(event=event, code=code)


def test_every_plan_shipped_loads_whole(rules: None) -> None:
    plans = facts.plans()
    assert len(plans) >= 8
    for plan in plans:
        assert plan.levels and plan.tasks and plan.resources and plan.checklist, plan.code
        assert [row["level"] for row in plan.levels] == sorted((r["level"] for r in plan.levels),
                                                               key=("IV", "III", "II", "I").index)


def test_one_press_brings_all_that_the_plan_names(event: Major, call: Any, clock: Any) -> None:
    plan = EventPlan.objects.get(code="fire_major")
    due = {t["id"]: clock() + timedelta(minutes=t["within_min"]) for t in plan.tasks}
    assert {i.code: i.due_at for i in Item.objects.filter(event=event)} == due
    level = plan.levels[0]
    told = list(Tick.objects.filter(event=event, of="notify").order_by("place").values_list("code", flat=True))
    assert told == [level["commander"], level["deputy"], *level["notify"]]
    assert [t.code for t, _ in facts.ticks(event, "check")] == plan.checklist
    assert (event.level, event.area, event.place) == ("III", "t/2/b/", "Elm St 17")
    assert (facts.in_command(event), facts.pending(event).role) == (None, "duty_commander")
    assert Card.objects.get(key=f"event:{event.id}").body["number"] == event.number
    assert [c.id for c in facts.calls_of(event)] == [call.id] and facts.of_call(call.id) == event
    assert kinds(event) == ["event.started"]


def test_a_retry_starts_once_and_a_call_belongs_to_one_event(start: Any, call: Any, event: Major) -> None:
    assert start(id=event.id, call_id=call.id).id == event.id and Major.objects.count() == 1
    with pytest.raises(Conflict) as refused:
        start(call_id=call.id)
    assert refused.value.code == "joined" and Major.objects.count() == 1


def test_without_a_call(start: Any) -> None:
    event = start(lon=-90.222, lat=38.63, plan="flood", level="III")
    assert event.area == "t/2/b/" and event.place and not facts.calls_of(event)
    assert start(lon=-90.222, lat=38.63, plan="flood").number != event.number


def test_what_cannot_be_started(start: Any, call: Any) -> None:
    for given, error, field in (
        ({"plan": "no_such"}, Refused, "plan"), ({"level": "IV"}, Refused, "level"),
        ({"call_id": None}, Refused, "lon"), ({"call_id": None, "lon": 10.0, "lat": 10.0}, Refused, "lon"),
        ({"by": "leader"}, Denied, ""), ({"by": "stranger"}, Missing, ""),
    ):
        with pytest.raises(error) as refused:
            start(**{"call_id": call.id, **given})
        assert getattr(refused.value, "field", "") == field, given
    assert Major.objects.count() == 0 and not Event.objects.filter(kind__startswith="event.").exists()


def test_who_starts_and_holds_the_role_is_in_command_at_once(start: Any, call: Any, cast: Any) -> None:
    event = start("supervisor", call_id=call.id)
    held = facts.in_command(event)
    assert held and held.taken_by == str(cast.supervisor.user.id) and facts.pending(event) is None


def test_command_passes_on_by_two_signatures(event: Major, do: Any, cast: Any, clock: Any) -> None:
    with pytest.raises(Refused) as refused:
        do("leader", "take", event_id=event.id)  # holds another role than the plan names
    assert refused.value.field == "reason"
    do("supervisor", "take", event_id=event.id)
    with pytest.raises(Conflict):
        do("supervisor", "take", event_id=event.id)
    with pytest.raises(Refused) as refused:
        do("leader", "give", event_id=event.id)
    assert refused.value.code == "holder"
    given = do("supervisor", "give", event_id=event.id, note="北门已封")
    with pytest.raises(Refused) as refused:
        do("supervisor", "take", event_id=event.id)
    assert refused.value.code == "two"
    key = new_id()
    taken = do("leader", "take", event_id=event.id, reason="指挥长受伤", key=key)
    assert do("leader", "take", event_id=event.id, reason="指挥长受伤", key=key).id == taken.id == given.id
    assert (taken.given_by, taken.taken_by, taken.by_plan) == (
        str(cast.supervisor.user.id), str(cast.leader.user.id), False)
    signed = [(e.kind, e.actor) for e in Event.objects.filter(kind__startswith="event.command").order_by("seq")]
    assert signed == [("event.command_taken", str(cast.supervisor.user.id)),
                      ("event.command_given", str(cast.supervisor.user.id)),
                      ("event.command_taken", str(cast.leader.user.id))]


def test_the_level_changes_who_commands_and_who_is_told(start: Any, call: Any, do: Any) -> None:
    event = start(plan="flood", lon=-90.222, lat=38.63)  # IV: the area's commander
    do("leader", "take", event_id=event.id)
    told = Tick.objects.filter(event=event, of="notify").count()
    do("supervisor", "set_level", event_id=event.id, level="III", reason="多处道路中断", version=event.version)
    with pytest.raises(Conflict):
        do("supervisor", "set_level", event_id=event.id, level="II", reason="x", version=event.version)
    waiting = facts.pending(event)
    assert waiting and (waiting.role, waiting.state) == ("duty_commander", "due")
    assert Tick.objects.filter(event=event, of="notify").count() > told
    with pytest.raises(Conflict):
        do("supervisor", "take", event_id=event.id)  # the giver has not signed
    do("leader", "give", event_id=event.id)
    do("supervisor", "take", event_id=event.id)
    assert facts.in_command(event).role == "duty_commander"
    do("supervisor", "set_level", event_id=event.id, level="IV", reason="水退")
    assert (facts.pending(event).role, facts.pending(event).state) == ("area_commander", "due")
    do("supervisor", "set_level", event_id=event.id, level="III", reason="又涨")
    assert facts.pending(event) is None, "the commander of this level has command already"


def test_command_that_cannot_be_signed_over_is_assumed_with_a_reason(start: Any, do: Any) -> None:
    event = start(plan="flood", lon=-90.222, lat=38.63)
    do("leader", "take", event_id=event.id)
    do("supervisor", "set_level", event_id=event.id, level="III", reason="路断")
    for by in ("leader", "supervisor"):
        with pytest.raises(Refused):
            do(by, "assume", event_id=event.id, reason="" if by == "supervisor" else "x")
    taken = do("supervisor", "assume", event_id=event.id, reason="联系不上")
    assert (taken.given_by, taken.state) == ("", "taken")
    assert "assumed" in Event.objects.filter(kind="event.command_taken").last().payload


def test_what_is_late_gives_the_alarm_once(event: Major, do: Any, clock: Any) -> None:
    first = item(event, "fire_major_t01")
    do("dispatcher", "change_item", item_id=first.id, state="done")
    clock.forward(minutes=6)
    assert actions.late_due(clock()) == 3  # two tasks of 5 minutes, and command that nobody took
    assert actions.late_due(clock()) == 0
    assert Card.objects.get(key=f"event:{event.id}").body["late"] == 2
    late = item(event, "fire_major_t02")
    do("dispatcher", "change_item", item_id=late.id, within_min=10)
    assert actions.late_due(clock.forward(minutes=1)) == 0
    assert actions.late_due(clock.forward(minutes=10)) > 0


def test_a_task_moves_by_the_version_that_was_seen(event: Major, do: Any, clock: Any) -> None:
    row = item(event, "fire_major_t03")
    do("supervisor", "change_item", item_id=row.id, state="doing", version=row.version)
    with pytest.raises(Conflict):
        do("dispatcher", "change_item", item_id=row.id, state="done", version=row.version)
    clock.forward(minutes=9)
    done = do("dispatcher", "change_item", item_id=row.id, state="done", owner="agency:gas_co")
    assert done.ended_at == clock() and Event.objects.filter(kind="event.item").last().payload["late_s"] == 240
    assert do("dispatcher", "change_item", item_id=row.id, state="open").ended_at is None
    for wrong in ({"owner": "nobody"}, {"state": "gone"}, {"within_min": 0}, {"owner": "agency:none"}):
        with pytest.raises(Refused):
            do("dispatcher", "change_item", item_id=row.id, **wrong)


def test_own_words_are_sealed_read_with_a_trace_and_deleted(event: Major, do: Any, cast: Any, clock: Any) -> None:
    ids = [new_id(), new_id()]
    do("dispatcher", "add_item", event_id=event.id, id=ids[0], kind="task", text="搬运沙袋", within_min=10)
    do("dispatcher", "add_item", event_id=event.id, id=ids[0], kind="task", text="搬运沙袋", within_min=10)
    do("dispatcher", "add_item", event_id=event.id, id=ids[1], kind="objective", text="无人受伤")
    do("dispatcher", "remark", event_id=event.id, text="北侧有烟")
    stored = json.dumps([e.payload for e in Event.objects.all()], ensure_ascii=False)
    assert not [w for w in ("沙袋", "受伤", "北侧") if w in stored]
    assert "搬运沙袋" in [i.text for i in facts.items(event, clock())]
    page = cast.supervisor.client.get(f"/events/{event.id}/").content.decode()
    assert "搬运沙袋" in page and "北侧有烟" in page and "无人受伤" in page
    for _again in range(2):
        cast.supervisor.client.get(f"/events/{event.id}/part/")
    assert Event.objects.filter(kind="access.event_read").count() == 1
    do("dispatcher", "stand_down", event_id=event.id, reason="火灭")
    assert actions.words_due(clock() + timedelta(days=89)) == 0
    assert actions.words_due(clock() + timedelta(days=91)) == 1
    event.refresh_from_db()
    assert [line.words for line in story(event) if line.kind == "event.noted"] == [""]
    assert "搬运沙袋" not in [i.text for i in facts.items(event, clock())]
    with pytest.raises(Conflict):
        do("dispatcher", "remark", event_id=event.id, text="再写")
    assert Said.objects.count() == 1


def test_lists_are_ticked_and_unticked(event: Major, do: Any, cast: Any) -> None:
    code = facts.ticks(event, "check")[0][0].code
    done = do("dispatcher", "tick", event_id=event.id, of="check", code=code)
    assert done.done_by == str(cast.dispatcher.user.id)
    before = Event.objects.count()
    do("supervisor", "tick", event_id=event.id, of="check", code=code)
    assert Event.objects.count() == before, "what is ticked stays ticked by whom it was"
    assert do("supervisor", "tick", event_id=event.id, of="check", code=code, done=False).done_at is None
    do("dispatcher", "tick", event_id=event.id, of="notify", code="area_commander")
    with pytest.raises(Missing):
        do("dispatcher", "tick", event_id=event.id, of="check", code="no_such")


def test_sectors_hold_units_agencies_and_tasks(event: Major, call: Any, do: Any, cast: Any, town: Any,
                                               clock: Any) -> None:
    calls.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, unit_ids=[town.units["F31"].id],
                 reason="near")
    task = linked.send(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, codes=["gas_co"])[0]
    north = do("dispatcher", "save_sector", event_id=event.id, id=new_id(), name="北侧", ring=SQUARE)
    for kind, ref in (("unit", town.units["F31"].id), ("agency", task.id)):
        do("dispatcher", "place", event_id=event.id, kind=kind, ref=ref, sector=north.id)
    do("dispatcher", "change_item", item_id=item(event, "fire_major_t05").id, sector=north.id)
    assert [(h.kind, h.sector) for h in facts.forces(event)] == [("unit", str(north.id)), ("agency", str(north.id))]
    with pytest.raises(Missing):
        do("dispatcher", "place", event_id=event.id, kind="unit", ref=town.units["P02"].id, sector=north.id)
    do("dispatcher", "remove_sector", event_id=event.id, sector_id=north.id)
    assert {h.sector for h in facts.forces(event)} == {""} and item(event, "fire_major_t05").sector is None
    for ring in (SQUARE[:2], [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], [(200.0, 0.0), *SQUARE[1:]]):
        with pytest.raises(Refused):
            do("dispatcher", "save_sector", event_id=event.id, id=new_id(), name="x", ring=ring)


def test_people_are_counted_never_named(event: Major, do: Any) -> None:
    do("dispatcher", "count", event_id=event.id, counts={"evacuated": 120, "missing": 2})
    changed = do("dispatcher", "count", event_id=event.id, counts={"missing": 0})
    assert changed.counts == {"evacuated": 120, "missing": 0}
    for counts in ({}, {"names": 1}, {"evacuated": -1}):
        with pytest.raises(Refused):
            do("dispatcher", "count", event_id=event.id, counts=counts)
    with pytest.raises(Conflict):
        do("dispatcher", "count", event_id=event.id, counts={"missing": 1}, version=1)


def test_another_call_joins_and_an_event_ends(event: Major, do: Any, cast: Any, clock: Any, start: Any) -> None:
    from shouwang.desk.calls.terms import NewCall

    other = calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type="200100", place="Elm St 19", lon=-90.222, lat=38.63))
    do("dispatcher", "join", event_id=event.id, call_id=other.id)
    with pytest.raises(Conflict):
        do("dispatcher", "join", event_id=event.id, call_id=other.id)
    do("supervisor", "take", event_id=event.id)
    with pytest.raises(Denied):
        do("dispatcher", "stand_down", event_id=event.id, reason="x")  # somebody commands: the commander ends it
    with pytest.raises(Refused):
        do("supervisor", "stand_down", event_id=event.id, reason=" ")
    over = do("supervisor", "stand_down", event_id=event.id, reason="明火扑灭")
    assert over.state == "over" and Card.objects.get(key=f"event:{event.id}").body is None
    for what, given in (("tick", {"of": "notify", "code": "area_commander"}), ("count", {"counts": {"missing": 1}}),
                        ("set_level", {"level": "I", "reason": "x"}), ("stand_down", {"reason": "x"})):
        with pytest.raises(Conflict):
            do("supervisor", what, event_id=event.id, **given)
    assert start(call_id=other.id).id != event.id, "its calls are free for another event"


def test_the_report_tells_times_against_the_plan(event: Major, do: Any, cast: Any, clock: Any) -> None:
    do("supervisor", "take", event_id=event.id)
    do("supervisor", "remark", event_id=event.id, text="北侧有烟")
    clock.forward(minutes=2)
    do("dispatcher", "change_item", item_id=item(event, "fire_major_t01").id, state="done")
    clock.forward(minutes=18)
    do("dispatcher", "change_item", item_id=item(event, "fire_major_t02").id, state="done")
    do("dispatcher", "count", event_id=event.id, counts={"evacuated": 64})
    clock.forward(minutes=70)
    do("supervisor", "stand_down", event_id=event.id, reason="明火扑灭")
    event.refresh_from_db()
    from django.utils import translation

    with translation.override("en"):
        report = draft(event, clock())
        found = {s.title: s for s in report.sections}
        tasks = {row[0]: row for row in found["Tasks against the plan"].table}
        assert tasks["Start the plan, call the commander"][2:5] == ["2", "2", ""]
        assert tasks["Set up the scene command and report where"][2:5] == ["5", "20", "15"]
        late = found["What was late"].table[1:]
        assert ["Set up the scene command and report where", "15", "done late"] in [[r[0], r[2], r[3]] for r in late]
        assert late[0][2:] == ["85", "never done"], "the latest first: 90 minutes in, of 5 planned"
        assert "Relief crews and supplies" not in [r[0] for r in late], "its 120 minutes were not over"
        assert ["Evacuated", "64"] in [list(r) for r in found["People, counted"].table]
        assert any("北侧有烟" in row[1] for row in found["The log"].table)
        assert "DRAFT" in report.notice and sum(s.blank > 0 for s in report.sections) == 5
    answer = cast.supervisor.client.get(f"/events/{event.id}/report.docx")
    document = Document(io.BytesIO(answer.content))
    text = "\n".join(p.text for p in document.paragraphs)
    assert document.sections[0].header.paragraphs[0].text in text and len(document.tables) >= 7
    pages = PdfReader(io.BytesIO(cast.supervisor.client.get(f"/events/{event.id}/report.pdf").content)).pages
    paper = "".join(p.extract_text() for p in pages)
    assert "北侧有烟" in paper and f"共 {len(pages)} 页" in paper
    assert cast.supervisor.client.get(f"/events/{event.id}/report.odt").status_code == 404
    assert cast.supervisor.client.get(f"/events/{event.id}/report/").status_code == 200
    assert [kinds(event).count(k) for k in ("event.stood_down", "event.report_drafted")] == [1, 2]


def test_pages_and_api(call: Any, cast: Any, clock: Any) -> None:
    client, key = cast.dispatcher.client, str(new_id())
    pane = client.get(f"/board/call/{call.id}/").content.decode()
    assert "/events/start/" in pane and 'value="fire_major"' in pane and "flood" not in pane
    made = client.post("/events/start/", {"call": str(call.id), "id": key, "plan": "fire_major", "level": "II"})
    assert made.status_code == 302 and made.headers["Location"] == f"/events/{key}/"
    assert client.post("/events/start/", {"call": "x", "id": key}).status_code == 404
    pane = client.get(f"/board/call/{call.id}/").content.decode()
    assert f"/events/{key}/" in pane and "/events/start/" not in pane

    def post(by: str, path: str, **body: Any) -> Any:
        return getattr(cast, by).client.post(path, json.dumps(body), content_type="application/json")

    board = client.get(f"/api/events/{key}").json()
    assert board["level"] == "II" and board["items"][0]["text"] and board["log"][0]["kind"] == "event.started"
    assert [e["id"] for e in client.get("/api/events").json()] == [key]
    assert len(client.get("/api/events/plans").json()) >= 8
    sector = str(new_id())
    for path, body in (
        ("ticks", {"of": "notify", "code": "leading_group"}), ("remarks", {"text": "x"}),
        ("sectors", {"id": sector, "name": "N", "ring": SQUARE}), ("counts", {"counts": {"evacuated": 3}}),
        ("items", {"id": str(new_id()), "kind": "task", "text": "x", "within_min": 5}),
        ("level", {"level": "III", "reason": "x"}), (f"sectors/{sector}/remove", {}),
        ("command/take", {}), ("command/give", {}), ("stand-down", {"reason": "x"}),
    ):
        by = "supervisor" if path.startswith(("command", "stand")) else "dispatcher"
        answer = post(by, f"/api/events/{key}/{path}", **body)
        assert answer.status_code == 200, (path, answer.content)
    assert [e["id"] for e in client.get("/api/events?over=true").json()] == [key]
    for path in ("/events/", "/events/list/", f"/events/{key}/", f"/events/{key}/part/", f"/events/{key}/map.json"):
        assert client.get(path).status_code == 200, path
    for path in (f"/events/{key}/", f"/api/events/{key}", f"/events/{key}/report/", f"/events/{key}/map.json"):
        assert cast.stranger.client.get(path).status_code == 404, path
    assert cast.stranger.client.get("/api/events?over=true").json() == []
    item_id = board["items"][0]["id"]
    assert post("stranger", f"/api/events/items/{item_id}", state="done").status_code == 404


def test_plans_are_edited_in_the_settings(cast: Any, town: Any) -> None:
    client, path = cast.admin.client, "/settings/event-plans/row/flood/"
    page = client.get(path)
    form = page.context["form"]
    given = {f.html_name: f.value() for f in form if f.value() not in (None, False)}
    given = {k: ("on" if v is True else v) for k, v in given.items()} | {
        "shown": page.context["shown"], "reason": "年度修订"}
    before = EventPlan.objects.get(code="flood")
    same = client.post(path, given)
    assert same.status_code == 302 and EventPlan.objects.get(code="flood").levels == before.levels
    bad = client.post(path, given | {"tasks": "a | 5 | dispatcher | 甲 | A\nb | x | dispatcher | 乙 | B\nc | 5",
                                     "levels": "V | 五 | V | mayor | x | y | z | w", "resources": "boats | 3"})
    assert bad.status_code == 422
    faults = bad.context["form"].errors
    assert len(faults["tasks"]) == 2 and set(faults) == {"tasks", "levels", "resources"}
    changed = client.post(path, given | {"tasks": "a | 5 | dispatcher | 甲 | A", "resources": "ambulance | 2"})
    assert changed.status_code == 302
    plan = EventPlan.objects.get(code="flood")
    assert plan.tasks == [{"id": "a", "within_min": 5, "by": "dispatcher", "zh": "甲", "en": "A"}]
    assert plan.resources == {"ambulance": 2}


def test_the_database_keeps_two_signatures(event: Major) -> None:
    from django.db import IntegrityError, transaction

    row = Command.objects.get(event=event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Command.objects.filter(id=row.id).update(state="taken", taken_by=row.given_by, taken_at=row.given_at)
    assert isinstance(row.id, UUID)


def test_the_report_over_http(event: Major, cast: Any) -> None:
    client = cast.dispatcher.client
    told = client.get(f"/api/events/{event.id}/report").json()
    assert event.number in told["title"] and any("Elm St 17" in cell for s in told["sections"] for row in s["table"]
                                                 for cell in row)
    pdf = client.get(f"/api/events/{event.id}/report/pdf")
    assert event.number in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert kinds(event)[-1] == "event.report_drafted"
    assert client.get(f"/api/events/{event.id}/report/txt").status_code == 422
    assert cast.stranger.client.get(f"/api/events/{event.id}/report").status_code == 404
