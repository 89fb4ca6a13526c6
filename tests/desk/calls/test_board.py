"""The board: each button has its command, views are kept per account, late calls go up the chain, crews are asked."""
from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils import timezone, translation

from shouwang.desk import calls
from shouwang.desk.calls import actions, facts
from shouwang.desk.calls.models import Assignment, Late, SavedView, Welfare
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.calls.verbs import PRESSED, VERBS
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event

pytestmark = pytest.mark.django_db
HERE = Path(calls.__file__).parent


class Buttons(HTMLParser):
    """Buttons and button-like links of a page below its top bar, each with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found, self.depth = [], 0
        self.feed(page[page.index('id="main"'):] if 'id="main"' in page else page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "button" or (tag == "a" and "btn" in (named.get("class") or "").split()):
            self.found.append(named)


def named(page):
    buttons = Buttons(page).found
    assert buttons
    assert [b for b in buttons if b.get("data-cmd") not in VERBS] == []
    return {b["data-cmd"] for b in buttons}


def pane(cast, call, who="dispatcher"):
    return getattr(cast, who).client.get(f"/board/call/{call.id}/").content.decode()


def test_every_button_of_board_pane_and_units_names_its_command(take, send, cast, clock, town):
    for person in (cast.dispatcher, cast.supervisor):
        board = named(person.client.get("/board/").content.decode())
    assert {"filter", "view", "layer", "centre", "free", "tab", "mute"} <= board
    call = take(type="400101", severity=1)
    seen = named(pane(cast, call))
    assert {"dispatch", "next", "agency", "close", "merge", "level", "alarm", "note", "pass", "cancel", "ring",
            "reveal"} <= seen
    [task] = send(call, "P02")
    actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition="a_scene")
    assert {"state", "down", "message", "ask"} <= named(pane(cast, call))
    actions.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="helped")
    assert "reopen" in named(pane(cast, call))
    assert named(cast.dispatcher.client.get("/units/").content.decode()) == {"state", "csv"}


def test_buttons_that_scripts_make_name_their_command_too():
    """All but those of dialogs that only close them or send their one field."""
    for file in (*sorted(HERE.glob("static/calls/board*.js")), HERE.parent / "units/static/units/list.js"):
        for tag in re.findall(r"<button\b[^>]*>", file.read_text(encoding="utf-8")):
            if 'type="submit"' in tag or "data-leave" in tag or 'class="btn" autofocus' in tag:
                continue
            command = re.search(r'data-cmd="([\w-]+)"', tag)
            assert command and command[1] in VERBS, (file.name, tag)


def test_every_verb_that_presses_has_a_button_somewhere():
    desk = HERE.parent
    text = "".join(p.read_text(encoding="utf-8") for kind in ("*.html", "*.js") for p in desk.rglob(kind)
                   if "vendor" not in p.parts)
    assert [v for v in PRESSED if v != "do" and f'data-cmd="{v}"' not in text] == []  # do: any button


@pytest.mark.parametrize(("line", "kind"), [
    ("note look at the yard", "call.noted"), ("message use the north gate", "call.messaged"),
    ("level 1 reason:a knife", "call.upgraded"), ("cancel wrong number", "call.cancelled"),
    ("pass matter street office", "call.transferred"), ("close helped", "call.closed"),
])
def test_a_line_does_what_the_button_does(take, cast, line, kind):
    call = take()
    said = cast.dispatcher.client.post("/api/command", json.dumps({"line": line, "call": str(call.id)}),
                                       content_type="application/json", headers={"Accept-Language": "en"})
    assert said.status_code == 200 and said.json()["done"], said.content.decode()
    assert Event.objects.filter(subject=str(call.id), kind=kind).count() == 1
    assert "yard" not in json.dumps(list(Event.objects.values_list("payload", flat=True)))  # words lie sealed


def test_views_are_kept_by_account_under_names(cast):
    mine, other = cast.dispatcher, cast.supervisor

    def put(person, **body):
        return person.client.put("/api/board/views", json.dumps(body), content_type="application/json")

    assert put(mine, name="East", query="?area=t%2F2%2F&free=1", starts=True).status_code == 200
    assert put(mine, name="East", query="level=1").json()["query"] == "level=1"  # the same name again replaces it
    assert put(mine, name="Map", query="room=map", starts=True).status_code == 200
    assert put(mine, name="Bad", query="next=http://x").status_code == 422
    assert [v["name"] for v in mine.client.get("/api/board/views").json()] == ["East", "Map"]
    assert SavedView.objects.filter(user=mine.user.id, starts=True).count() == 1
    assert other.client.get("/api/board/views").json() == []
    [east, _map] = facts.views_of(str(mine.user.id))
    assert other.client.delete(f"/api/board/views/{east.id}").status_code == 404
    assert mine.client.delete(f"/api/board/views/{east.id}").status_code == 204
    assert '"room=map"' in mine.client.get("/board/").content.decode()
    with pytest.raises(Denied):
        actions.save_view(actor=cast.member.actor, name="x", query="")


def test_a_late_call_goes_up_the_chain_each_step_once(take, cast, clock):
    call = take(severity=1)  # 30 s to be assigned
    start = clock.now
    for after, steps in ((29, 0), (31, 1), (45, 1), (61, 2), (200, 2)):
        actions.watch(start + timedelta(seconds=after))
        told = Event.objects.filter(kind="call.late", subject=str(call.id)).order_by("seq")
        assert told.count() == steps, after
    assert [(e.payload["to"], e.payload["timer"]) for e in told] == [
        ("duty_commander", "t_call_assign"), ("next_centre", "t_call_assign")]
    assert Card.objects.get(subject=str(call.id)).body["passed_up"]["to"] == "next_centre"
    with translation.override("en"):
        assert timeline(call.id)[-1].text == "Assigned late: passed up to the next centre"


def test_each_unit_has_a_clock_of_its_own_and_goes_up_the_chain_by_itself(take, send, cast, clock, town):
    call, start = take(severity=1), clock.now
    first, second = send(call, "P01", "P02")
    for transition in ("a_ack", "a_go", "a_scene"):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=first.id, transition=transition)

    def units():
        body = Card.objects.get(subject=str(call.id)).body
        return body["flag_timer"]["code"], {u["assignment"]: u["timer"]["code"] for u in body["units"]}

    assert units() == ("t_call_ack", {str(first.id): "t_result", str(second.id): "t_call_ack"})
    actions.watch(start + timedelta(seconds=35))
    told = Event.objects.filter(kind="call.late", subject=str(call.id)).order_by("seq")
    assert [(e.payload["unit"], e.payload["timer"], e.payload["step"]) for e in told] == [
        (str(second.unit), "t_call_ack", 1)]
    assert f"{town.units['P02'].zh} 签收超时" in pane(cast, call) and Late.objects.get().assignment_id == second.id
    actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=second.id, transition="a_go")
    assert units()[1][str(second.id)] == "t_arrive"
    actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=second.id, transition="a_scene")
    actions.watch(start + timedelta(hours=4))  # both have no result, each is told of
    assert set(told.filter(payload__timer="t_result").values_list("payload__unit", flat=True)) == {
        str(first.unit), str(second.unit)}


def test_a_later_unit_has_the_time_it_promised(take, send, cast, clock):
    call = take(severity=1)
    tasks = send(call, "P01", "P02")
    Assignment.objects.filter(id=tasks[1].id).update(eta_s=900)
    for n, task in enumerate(tasks):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(seconds=n + 1), assignment_id=task.id,
                                transition="a_go")
    call.refresh_from_db()
    limits = {u["assignment"]: u["timer"]["limit_s"] for u in facts.detail(call)["units"]}
    assert limits == {str(tasks[0].id): 300, str(tasks[1].id): 900}


def test_the_run_card_is_ticked_line_by_line_and_every_screen_sees_it(take, cast, clock):
    call, client = take(type="400101"), cast.dispatcher.client

    def tick(status=200, **body):
        answer = client.post(f"/api/calls/{call.id}/card", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    card = client.get(f"/api/calls/{call.id}/card").json()
    assert (card["plan"], card["alarm"], card["needs"]["fire_pump"]) == ("RP001", "一级火警", 2)
    assert [line["text"] for line in card["lines"] if line["kind"] == "tell"][1] == "值班指挥长"
    before = Card.objects.get(subject=str(call.id)).seq
    body = {"kind": "check", "code": "hydrant", "key": str(new_id())}
    for _again in range(2):
        [line] = [n for n in tick(**body)["lines"] if n["at"]]
        assert (line["code"], line["by"]) == ("hydrant", cast.dispatcher.user.name)
    tick(kind="tell", code="duty_commander")
    assert Card.objects.get(subject=str(call.id)).seq > before
    texts = [e.text for e in timeline(call.id)]
    assert texts[-2:] == ["完成：确认水源", "已告知值班指挥长"]
    tick(kind="check", code="hydrant", done=False)
    assert timeline(call.id)[-1].text == "尚未完成：确认水源"
    tick(422, kind="check", code="no_such_line")
    assert pane(cast, call).count('aria-checked="true"') == 1
    actions.raise_alarm(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, level=2)
    lines = client.get(f"/api/calls/{call.id}/card").json()["lines"]
    assert [n["code"] for n in lines if n["at"]] == ["duty_commander"] and "sectors" in {n["code"] for n in lines}
    actions.cancel_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, reason="x")
    tick(409, kind="check", code="sectors")


def test_a_crew_at_a_scene_is_asked_and_its_silence_is_an_alarm(take, send, cast, clock, on_duty):
    call = take(severity=2)
    [task] = send(call, "P02")
    actions.move_assignment(actor=on_duty.actor, now=clock(), assignment_id=task.id, transition="a_scene")
    start = clock.now

    def kinds():
        return list(Event.objects.filter(kind__in=("call.welfare_asked", "call.welfare_overdue", "call.crew_well"))
                    .order_by("seq").values_list("kind", flat=True))

    for minutes in (19, 21, 22, 24, 30):
        actions.watch(start + timedelta(minutes=minutes))
    assert kinds() == ["call.welfare_asked", "call.welfare_overdue"]
    assert Card.objects.get(subject=str(call.id)).body["units"][0]["welfare"]["overdue"] is True
    clock.now = start + timedelta(minutes=31)
    actions.crew_is_well(actor=on_duty.actor, now=clock.now, assignment_id=task.id)
    assert Card.objects.get(subject=str(call.id)).body["units"][0]["welfare"] is None
    actions.watch(start + timedelta(minutes=50))
    assert kinds()[-1] == "call.crew_well"  # the time began anew
    actions.ask_crew(actor=cast.dispatcher.actor, now=start + timedelta(minutes=51), assignment_id=task.id)
    assert Welfare.objects.get().asked_at == start + timedelta(minutes=51)


def test_a_roll_call_asks_every_crew_at_the_scene_and_each_answers_for_itself(take, send, cast, clock, on_duty):
    call = take(severity=2)

    def roll(status=200, key=None):
        answer = cast.dispatcher.client.post(f"/api/calls/{call.id}/roll-call", json.dumps({"key": key}),
                                             content_type="application/json")
        assert answer.status_code == status, answer.content
        return {u["assignment"]: u["welfare"] for u in answer.json()["units"]} if status == 200 else {}

    tasks = send(call, "P01", "P02", "P03")
    roll(409)  # nobody is there yet
    for task in tasks[:2]:
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition="a_scene")
    assert "到场单位 2 个" in pane(cast, call) and 'data-cmd="roll"' in pane(cast, call)
    key = str(new_id())
    for _again in range(2):
        assert [bool(roll(key=key)[str(t.id)]) for t in tasks] == [True, True, False]
    assert [e.text for e in timeline(call.id)].count("点名：2 个单位") == 1
    actions.crew_is_well(actor=on_duty.actor, now=clock.forward(seconds=20), assignment_id=tasks[1].id)
    assert Welfare.objects.get(assignment=tasks[0]).asked_at and not Welfare.objects.get(assignment=tasks[1]).asked_at
    actions.watch(timezone.now() + timedelta(minutes=3))  # the API has asked by the true clock
    assert list(Welfare.objects.exclude(overdue_at=None).values_list("assignment", flat=True)) == [tasks[0].id]


def test_desk_and_crew_write_to_each_other_and_nobody_else(take, send, cast, clock, on_duty):
    call = take()
    with pytest.raises(Missing):
        actions.send_message(actor=on_duty.actor, now=clock(), call_id=call.id, text="not sent there")
    send(call, "P02")
    actions.send_message(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, text="走北门")
    actions.send_message(actor=on_duty.actor, now=clock(), call_id=call.id, text="已到北门")
    said = {str(r.event): r.text for r in actions.read_words(actor=on_duty.actor, now=clock(), call_id=call.id).remarks}
    assert [(m.crew, m.text) for m in facts.thread(call.id, said)] == [(False, "走北门"), (True, "已到北门")]
    assert "走北门" in pane(cast, call) and "已到北门" in on_duty.client.get("/m/task/").content.decode()
    actions.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="helped")
    with pytest.raises(Conflict):
        actions.send_message(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, text="late")
    with pytest.raises(Refused):
        actions.send_message(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, text=" ")
