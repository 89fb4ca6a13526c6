"""Linked agencies: asked in one click, answering by a link, passed up when late; and what nobody reads."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.linked import actions, facts, links, seats
from shouwang.desk.linked.models import Said, Task
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.desk.log.seal import keys
from shouwang.desk.workflow.agencies import agencies
from shouwang.desk.workflow.models import Agency

pytestmark = pytest.mark.django_db
GAS = "400101"  # a fire


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Call:
    defaults.load()
    clock.now = timezone.now() - timedelta(minutes=1)
    return calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type=GAS, severity=1, place="Elm St 17", detail="3rd floor", lon=-90.222, lat=38.63,
        caller=Caller(name="王小明", number="13800002046", words="厨房着火了")))


@pytest.fixture
def ask(cast: Any, clock: Any, call: Call) -> Callable[..., list[Task]]:
    def ask(*codes: str, by: str = "dispatcher", **given: Any) -> list[Task]:
        return actions.send(actor=getattr(cast, by).actor, now=clock(), call_id=call.id, codes=codes or ("gas_co",),
                            **given)
    return ask


@pytest.fixture
def step(cast: Any, clock: Any) -> Callable[..., Task]:
    """The desk moves a task; `by="agency"` makes it the agency's own move."""
    def step(task: Task, transition: str, by: str = "dispatcher", **given: Any) -> Task:
        actor = links.agency(task) if by == "agency" else getattr(cast, by).actor
        return actions.move(actor=actor, now=clock(), task_id=task.id, transition=transition, **given)
    return step


def kinds(call: Call) -> list[str]:
    return list(Event.objects.filter(subject=str(call.id), kind__startswith="linked.").order_by("seq")
                .values_list("kind", flat=True))


def test_agencies_are_asked_with_a_deadline_of_their_own(ask: Any, call: Call, clock: Any) -> None:
    tasks = ask("gas_co", "ambulance_centre", "gas_co")
    assert [t.agency for t in tasks] == ["gas_co", "ambulance_centre"]
    for task in tasks:
        assert task.ack_due == clock() + timedelta(minutes=agencies()[task.agency].ack_min_1)
        assert Card.objects.get(key=f"linked:{task.id}").body["state"] == "sent"
    assert kinds(call) == ["linked.sent"] * 2
    with pytest.raises(Conflict):
        ask("gas_co")
    assert [t.agency for t in ask("gas_co", "water_co")] == ["gas_co", "water_co"]
    with pytest.raises(Refused) as refused:
        ask("no_such")
    assert refused.value.field == "agencies"


def test_an_agency_out_of_use_keeps_its_tasks_and_is_asked_no_more(ask: Any, call: Call, cast: Any, clock: Any) -> None:
    ask("gas_co")
    Agency.objects.filter(code__in=("gas_co", "power_co")).update(active=False, zh="燃气一公司")
    with pytest.raises(Refused):
        ask("power_co")
    assert [r.agency.zh for r in facts.rows_of(call.id, ["gas_co", "power_co"])] == ["燃气一公司"]
    assert "power_co" not in cast.dispatcher.client.get("/linked/agencies.json").json()


def test_a_retry_asks_once(ask: Any, call: Call) -> None:
    key = new_id()
    assert [t.id for t in ask(key=key)] == [t.id for t in ask(key=key)]
    assert Task.objects.count() == 1 and kinds(call) == ["linked.sent"]


def test_from_asked_to_confirmed(ask: Any, step: Any, call: Call, clock: Any) -> None:
    (task,) = ask()
    task = step(task, "l_ack", by="agency")
    assert task.report_due == clock() + timedelta(minutes=agencies()["gas_co"].report_min)
    clock.forward(minutes=3)
    for move in ("l_go", "l_scene"):
        task = step(task, move, by="agency")
    with pytest.raises(Refused) as refused:
        step(task, "l_done", by="agency", text="  ")
    assert (refused.value.field, Task.objects.get().state) == ("text", "on_scene")
    task = step(task, "l_done", by="agency", text="阀门已关")
    with pytest.raises(Denied):
        step(task, "l_confirm", by="agency")
    task = step(task, "l_confirm")
    assert task.state == "confirmed" and task.ended_at == clock()
    assert Card.objects.get(key=f"linked:{task.id}").body is None
    told = [e.text for e in timeline(call.id) if e.kind.startswith("linked.")]
    assert len(told) == 6 and all("燃气公司" in t for t in told)


def test_what_is_returned_goes_to_another_and_the_old_link_dies(ask: Any, step: Any, clock: Any) -> None:
    (task,) = ask()
    before = links.path_of(task)
    with pytest.raises(Refused):
        step(task, "l_refuse", by="agency")
    task = step(task, "l_refuse", by="agency", text="不归我们管")
    assert facts.last_words(task) == "不归我们管" and facts.due(task) is None
    task = step(task, "l_resend", agency="power_co")
    assert (task.agency, task.state, task.acknowledged_at) == ("power_co", "sent", None)
    assert links.path_of(task) != before
    with pytest.raises(links.Over):
        links.task_of(before.split("/")[2], clock())


def test_the_desk_writes_down_what_was_said_by_telephone(ask: Any, step: Any, cast: Any) -> None:
    (task,) = ask()
    step(task, "l_ack")
    event = Event.objects.get(kind="linked.moved")
    assert event.payload["by_phone"] is True and event.actor == str(cast.dispatcher.user.id)
    step(task, "l_go", by="agency")
    event = Event.objects.filter(kind="linked.moved").latest("seq")
    assert event.payload["by_phone"] is False and event.actor == "agency:gas_co"


def test_each_missed_deadline_is_passed_up_once(ask: Any, step: Any, clock: Any, call: Call) -> None:
    (task,) = ask()
    assert actions.pass_up_late(clock()) == 0
    late = task.ack_due + timedelta(seconds=1)
    assert [actions.pass_up_late(late), actions.pass_up_late(late)] == [1, 0]
    task.refresh_from_db()
    assert (task.late, task.escalated_at) == ("ack", late)
    assert facts.row(task).flag
    clock.now = late
    task = step(task, "l_ack", by="agency")
    late = task.report_due + timedelta(seconds=1)
    assert [actions.pass_up_late(late), actions.pass_up_late(late)] == [1, 0]
    task.refresh_from_db()
    assert task.late == "report"
    clock.now = late
    task = step(task, "l_done", by="agency", text="好了")
    assert (task.late, task.escalated_at, actions.pass_up_late(late + timedelta(days=9))) == ("", None, 0)
    assert kinds(call).count("linked.late") == 2


def test_passed_up_by_hand(ask: Any, cast: Any, clock: Any) -> None:
    (task,) = ask()
    for reason in ("", "no answer on two numbers"):
        given = {"actor": cast.dispatcher.actor, "now": clock(), "task_id": task.id, "reason": reason}
        if reason:
            assert actions.escalate(**given).escalated_at == clock()
        else:
            with pytest.raises(Refused):
                actions.escalate(**given)


def test_of_two_who_move_it_one_succeeds(ask: Any, step: Any) -> None:
    (task,) = ask()
    step(task, "l_ack", by="agency")
    with pytest.raises(Conflict):
        step(task, "l_ack")
    stale = Task.objects.get()
    Task.objects.update(version=stale.version + 1)  # somebody was faster, after it was read
    with pytest.raises(Conflict):
        actions._change(stale, escalated_at=None)
    key = new_id()
    assert step(task, "l_go", key=key).version == step(task, "l_go", key=key).version


def test_only_who_may_in_their_area(ask: Any, step: Any, cast: Any) -> None:
    with pytest.raises(Denied):
        ask(by="call_taker")
    with pytest.raises(Missing):
        ask(by="stranger")
    (task,) = ask()
    with pytest.raises(Denied):
        step(task, "l_ack", by="leader")
    with pytest.raises(Missing):
        step(task, "l_ack", by="stranger")
    assert cast.stranger.client.get("/api/linked").json() == []
    assert cast.stranger.client.get(f"/api/linked/{task.id}/link").status_code == 404
    assert str(task.id) not in cast.stranger.client.get("/linked/").content.decode()
    assert str(task.id) in cast.dispatcher.client.get("/linked/").content.decode()


def test_who_reads_the_words_in_the_list_is_written_down_once(ask: Any, call: Call, cast: Any) -> None:
    def read() -> list[tuple[str, str]]:
        assert cast.supervisor.client.get("/linked/").status_code == 200
        return list(Event.objects.filter(kind="access.words_read").values_list("actor", "subject"))

    ask("water_co")
    assert read() == []  # nothing was said
    ask("gas_co", text="带可燃气体检测仪")
    assert read() == read() == [(str(cast.supervisor.user.id), str(call.id))]


def test_words_are_sealed_with_the_call_and_go_with_it(ask: Any, step: Any, call: Call) -> None:
    (task,) = ask(text="带可燃气体检测仪")
    (row,) = Said.objects.all()
    assert "检测仪".encode() not in bytes(row.text)
    event = Event.objects.get(kind="linked.sent")
    assert event.id == row.id and "检测仪" not in json.dumps(event.payload, ensure_ascii=False)
    assert facts.words_of([task]) == {str(row.id): "带可燃气体检测仪"}
    keys().destroy([str(call.id)])
    assert facts.words_of([task]) == {str(row.id): ""}
    Call.objects.filter(id=call.id).update(words_deleted_at=timezone.now())
    with pytest.raises(Conflict):
        step(task, "l_refuse", by="agency", text="不归我们管")
    assert step(task, "l_ack", by="agency").state == "acknowledged"


# ---- the agency's own page


@pytest.fixture
def page(ask: Any) -> str:
    (task,) = ask(text="带可燃气体检测仪")
    return links.path_of(task)


def test_an_agency_answers_without_an_account(page: str) -> None:
    client = Client()
    first = client.get(page)
    text = first.content.decode()
    assert first.status_code == 200 and first["X-Robots-Tag"].startswith("noindex")
    for word in ("燃气公司", "Elm St 17", "3rd floor", "检测仪"):
        assert word in text, word
    for word in ("王小明", "13800002046", "厨房着火了", "Dispatcher"):
        assert word not in text, word
    assert client.post(page, {"move": "l_ack"}).status_code == 302
    assert client.get(page + "version.json").json() == {"version": 2}
    assert client.post(page, {"move": "l_done", "text": ""}).status_code == 422
    assert client.post(page, {"move": "l_done", "text": "阀门已关"}).status_code == 302
    assert Task.objects.get().state == "done"
    assert client.post(page, {"move": "l_ack"}).status_code == 409


@pytest.mark.parametrize("move", ["l_confirm", "l_withdraw", "l_resend", "nothing"])
def test_it_makes_no_move_of_the_desk(page: str, move: str, step: Any) -> None:
    if move == "l_confirm":
        step(Task.objects.get(), "l_ack")
        step(Task.objects.get(), "l_done", text="x")
    before = Task.objects.get().state
    assert Client().post(page, {"move": move, "text": "x"}).status_code in (403, 404)
    assert Task.objects.get().state == before


def test_a_link_ends(page: str, cast: Any) -> None:
    task, client = Task.objects.get(), Client()
    assert client.get(page[:-4] + "xyz/").status_code == 404
    assert client.get("/l/anything/").status_code == 404
    made = cast.dispatcher.client.post(f"/api/linked/{task.id}/link", "{}", content_type="application/json").json()
    assert client.get(page).status_code == 410
    assert client.get(page + "version.json").json() == {"version": 0}
    assert client.get(made["path"]).status_code == 200
    Task.objects.update(link_until=timezone.now())
    assert client.get(made["path"]).status_code == 410
    assert datetime.fromisoformat(made["until"]) > timezone.now()


def test_it_speaks_both_languages(page: str) -> None:
    client = Client()
    assert client.get(page + "?l=en").status_code == 302
    assert "Gas company" in client.get(page).content.decode()


def test_by_api(call: Call, cast: Any) -> None:
    client = cast.dispatcher.client

    def post(path: str, **body: Any) -> Any:
        return client.post(path, json.dumps(body), content_type="application/json")

    (task,) = post(f"/api/calls/{call.id}/linked", agencies=["gas_co"], text="x").json()
    assert (task["state"], task["en"], task["call"]) == ("sent", "Gas company", str(call.id))
    assert client.get(f"/api/linked/{task['id']}/link").json()["path"].startswith("/l/")
    assert post(f"/api/linked/{task['id']}/escalate", reason="silent").json()["escalated"]
    assert post(f"/api/linked/{task['id']}/move", transition="l_ack").json()["state"] == "acknowledged"
    assert post(f"/api/linked/{task['id']}/move", transition="l_confirm").status_code == 409
    assert [t["id"] for t in client.get("/api/linked").json()] == [task["id"]]
    assert [t["id"] for t in client.get(f"/api/calls/{call.id}/linked").json()] == [task["id"]]
    cards = client.get("/api/cards?kinds=linked").json()["cards"]
    assert [c["body"]["state"] for c in cards] == ["acknowledged"]


def test_the_pane_of_a_call_names_what_the_plan_wants_told(call: Call, ask: Any, cast: Any) -> None:
    def pane() -> str:
        return cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()

    assert 'data-linked="send"' in pane() and "data-task" not in pane()
    (task,) = ask("gas_co")
    assert f'data-task="{task.id}"' in pane()


def test_an_account_of_an_agency_sees_and_answers_its_own_tasks_alone(cast: Any, ask: Any, call: Call) -> None:
    [gas], [water] = ask("gas_co"), ask("water_co")
    officer = cast.handler  # holds task.answer, and nothing of calls
    page = officer.client.get("/agency/").content.decode()
    assert "Elm St 17" not in page  # not seated yet
    own = f"/agency/{gas.id}/"
    for answer in (officer.client.get(own), officer.client.post(own, {"move": "l_ack"})):
        assert answer.status_code == 404
    with pytest.raises(Missing):
        actions.move(actor=officer.actor, now=timezone.now(), task_id=gas.id, transition="l_ack")
    assert officer.client.get("/linked/accounts/").status_code == 403
    seated = {"user": str(officer.user.id), "agency": "gas_co"}
    assert cast.admin.client.post("/linked/accounts/", seated).status_code == 302
    assert cast.admin.client.post("/linked/accounts/", seated | {"agency": "nobody"}).status_code == 422
    assert "Elm St 17" in officer.client.get("/agency/").content.decode()
    before = officer.client.get("/agency/seen.json").json()
    one = officer.client.get(f"/agency/{gas.id}/").content.decode()
    assert "Elm St 17" in one and "13800002046" not in one and "厨房着火了" not in one
    assert officer.client.post(f"/agency/{gas.id}/", {"move": "l_ack"}).status_code == 302
    assert Task.objects.get(id=gas.id).state == "acknowledged"
    assert officer.client.get("/agency/seen.json").json() != before
    assert officer.client.get(f"/agency/{water.id}/").status_code == 404
    with pytest.raises(Missing):
        actions.move(actor=officer.actor, now=timezone.now(), task_id=water.id, transition="l_ack")
    for path in ("/board/", "/linked/", f"/board/call/{call.id}/", "/api/linked", f"/api/calls/{call.id}"):
        assert officer.client.get(path).status_code in (403, 404), path
    event = Event.objects.get(kind="linked.seated")
    assert (event.actor, event.payload) == (str(cast.admin.user.id), {"old": "", "new": "gas_co"})


def test_an_agency_answers_by_a_program(cast: Any, ask: Any, call: Call, clock: Any) -> None:
    [gas], [water] = ask("gas_co"), ask("water_co")
    client, key = cast.handler.client, str(new_id())

    def move(task: Task, status: int = 200, **body: Any) -> Any:
        answer = client.post(f"/api/agency/tasks/{task.id}/move", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    assert client.get("/api/agency/tasks").json() == []  # not seated yet
    move(gas, 404, transition="l_ack")
    seats.seat(actor=cast.admin.actor, now=clock(), user_id=cast.handler.user.id, agency="gas_co")
    [listed] = client.get("/api/agency/tasks").json()
    assert (listed["id"], listed["place"], listed["moves"][0]["id"]) == (str(gas.id), "Elm St 17", "l_ack")
    assert {move(gas, transition="l_ack", key=key)["state"] for _ in range(2)} == {"acknowledged"}
    assert move(gas, 422, transition="l_done")["field"] == "text"
    assert move(gas, transition="l_done", text="valve shut")["said"] == "valve shut"
    move(gas, 403, transition="l_confirm")  # the desk's
    move(water, 404, transition="l_ack")
    moved = Event.objects.filter(kind="linked.moved")
    assert [e.payload["by_phone"] for e in moved] == [False, False]
    assert cast.dispatcher.client.get("/api/agency/tasks").status_code == 403
