"""Processes die at any moment; what was acknowledged stays, and nothing is done twice.

Four clients do without pause what stands in the table DEEDS: calls taken and closed, crews sent and moved on, units
put into other states, tasks of linked agencies, messages both ways, grid matters, tasks of major events. Each keeps a
ledger of what was acknowledged. Round by round one process, every process at once, or the supervisor alone is killed
with SIGKILL. At the end each line of the ledger stands once in the log, calls, tasks and units are held against what
the centre shows, and the log must verify. What neighbouring centres send each other is killed in test_exchange.py, what
devices send in test_devices.py.
"""
from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest
import requests

from live import Centre, Client
from shouwang.desk.channels.outside import SMS_KEY, signature
from shouwang.desk.log.ids import new_id
from shouwang.tables.live import Folder, secret
from shouwang.tables.live.centre import Database

pytestmark = pytest.mark.slow
ROUNDS = 6 if os.environ.get("SHOUWANG_SHORT") else 50
WALK = ("a_ack", "a_go", "a_scene", "a_clear")
WAIT_S = 300.0  # for what has to come; never judged
STATES = ("assigned", "acknowledged", "enroute", "on_scene", "cleared")
AGENCY_WALK = {"l_ack": "acknowledged", "l_go": "enroute", "l_done": "done"}
UNIT_WALK = {"u_break": "on_break", "u_move": "available", "u_post": "at_post"}
Told = tuple[str, str]  # an event's kind, and what it is about


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    made = Centre(tmp_path_factory.mktemp("durability") / "stlouis").start()
    yield made
    made.stop()


@dataclass
class Worker:
    """One client and its ledger. Only what was acknowledged goes into it; a request without an answer is tried again
    with the same ids, as a browser, a phone or a carrier does."""

    client: Client
    clerk: Client
    units: list[str]
    rng: random.Random
    stop: threading.Event
    calls: dict[str, str] = field(default_factory=dict)  # id -> number
    tasks: dict[str, int] = field(default_factory=dict)  # assignment -> how many steps were acknowledged
    closed: list[str] = field(default_factory=list)  # calls
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)  # task of an agency -> its call, its last state
    states: dict[str, str] = field(default_factory=dict)  # of units that are sent nowhere
    told: Counter[Told] = field(default_factory=Counter)  # acknowledged
    open: Counter[Told] = field(default_factory=Counter)  # never answered: done or not
    refused: list[str] = field(default_factory=list)

    def run(self) -> None:
        for deed in cycle(DEEDS):
            if self.stop.is_set():
                return
            deed(self)

    def order(self, path: str, body: Any, kind: str, about: str, *, who: Client | None = None) -> Any:
        """An order that leaves one event of this kind. None when it is over or was refused."""
        return self._until_answered(lambda: (who or self.client).send("POST", path, body), path, (kind, about))

    def _until_answered(self, ask: Callable[[], Any], path: str, told: Told) -> Any:
        while not self.stop.is_set():
            answer = ask()
            if answer is None or answer.status_code >= 500:
                time.sleep(0.2)
            elif answer.status_code in (200, 201):
                self.told[told] += 1
                return answer.json()
            else:
                self.refused.append(f"{path} {answer.status_code} {answer.text[:200]}")
                return None
        self.open[told] += 1
        return None

    def place(self) -> dict[str, float]:
        """Well inside the district: a matter outside it is none."""
        return {"lon": -90.23 + self.rng.uniform(-0.01, 0.01), "lat": 38.63 + self.rng.uniform(-0.01, 0.01)}

    def call(self, type: str = "200100") -> str:
        id = str(new_id())
        call = self.order("/api/calls", {
            "id": id, "type": type, "place": "Market St", **self.place(), "severity": self.rng.randint(1, 4),
            "caller": {"words": "两个人打架"}}, "call.taken", id)
        if call is not None:
            self.calls[id] = call["number"]
        return id if call else ""

    def send_a_crew(self) -> None:
        if not (call := self.call()):
            return
        sent = self.order(f"/api/calls/{call}/assign", {
            "units": [self.rng.choice(self.units[1:])], "reason": "drill", "key": str(new_id())}, "call.assigned", call)
        if sent is None:
            return
        task = sent["assignments"][-1]["id"]
        self.tasks[task] = 0
        for step in WALK:
            body = {"transition": step, "key": str(new_id())}
            if self.order(f"/api/assignments/{task}/move", body, "call.unit_moved", call) is None:
                return
            self.tasks[task] += 1

    def close_a_call(self) -> None:
        if (call := self.call()) and self.order(f"/api/calls/{call}/close", {
                "disposition": "settled", "note": "both left", "key": str(new_id())}, "call.closed", call):
            self.closed.append(call)

    def put_a_unit_elsewhere(self) -> None:
        for step, state in UNIT_WALK.items():
            body = {"transition": step, "key": str(new_id())}
            if self.order(f"/api/units/{self.units[0]}/state", body, "unit.state", self.units[0]) is None:
                return
            self.states[self.units[0]] = state

    def ask_an_agency(self) -> None:
        if not (call := self.call()):
            return
        sent = self.order(f"/api/calls/{call}/linked", {"agencies": ["gas_co"], "text": "阀门", "key": str(new_id())},
                          "linked.sent", call)
        if sent is None:
            return
        task = sent[0]["id"]
        self.asked[task] = (call, "sent")
        for step, state in AGENCY_WALK.items():
            body = {"transition": step, "text": "closed" if step == "l_done" else "", "key": str(new_id())}
            if self.order(f"/api/linked/{task}/move", body, "linked.moved", call) is None:
                return
            self.asked[task] = (call, state)

    def write_to_crews(self) -> None:
        if call := self.call():
            for n in range(2):
                self.order(f"/api/calls/{call}/messages", {"text": f"message {n}", "key": str(new_id())},
                           "call.messaged", call)

    def send_a_text(self) -> None:
        """As the carrier's gateway does. The ledger has the carrier's own number until the message has one here."""
        ref = str(new_id())
        body = json.dumps({"id": ref, "from": "13800000000", "text": "街上有人打架"}).encode()
        came = self._until_answered(lambda: gateway(self.client, body), "sms", ("item.came", ref))
        if came is not None:
            del self.told["item.came", ref]
            self.told["item.came", came["id"]] += 1

    def report_a_matter(self) -> None:
        id = str(new_id())
        self.order("/api/matters", {"id": id, "type": "M0104", "words": "车道被占", **self.place()}, "matter.reported",
                   id, who=self.clerk)

    def run_an_event(self) -> None:
        event, items = str(new_id()), [str(new_id()) for _ in range(2)]
        if self.order("/api/events", {"id": event, "plan": "fire_major", **self.place(), "place": "Market St",
                                      "key": str(new_id())}, "event.started", event) is None:
            return
        for item in items:
            task = {"id": item, "kind": "task", "text": "water", "key": str(new_id())}
            self.order(f"/api/events/{event}/items", task, "event.item_added", event)
            self.order(f"/api/events/items/{item}", {"state": "done", "key": str(new_id())}, "event.item", event)
        self.order(f"/api/events/{event}/stand-down", {"reason": "over", "key": str(new_id())}, "event.stood_down",
                   event)


DEEDS = (Worker.send_a_crew, Worker.write_to_crews, Worker.send_a_text, Worker.report_a_matter, Worker.run_an_event,
         Worker.close_a_call, Worker.put_a_unit_elsewhere, Worker.ask_an_agency)


def gateway(client: Client, body: bytes) -> Any:
    at = str(int(time.time()))
    signed = signature(secret(client.centre.data, SMS_KEY), at, body)
    with suppress(requests.RequestException):
        return requests.post(f"{client.centre.url}/hooks/sms/", body, timeout=20, headers={
            "X-Shouwang-Signature": signed, "X-Shouwang-Time": at, "Content-Type": "application/json"})
    return None


def kill_round(centre: Centre, rng: random.Random, n: int) -> None:
    supervisor, *others = centre.processes()
    victims = ([supervisor, *others], [supervisor], *([rng.choice(others)] for _ in range(3)))[n % 5]
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if supervisor in victims:
        assert centre.process is not None
        centre.process.wait()
        centre.start(WAIT_S)  # at once, as whoever sees it gone would: its children may still be ending
        gone(others)
    until = time.monotonic() + WAIT_S
    while not centre.healthy():
        assert time.monotonic() < until, f"the centre did not come back:\n{centre.log[-3000:]}"
        time.sleep(0.1)


def gone(processes: list[int]) -> None:
    until = time.monotonic() + WAIT_S
    while left := [pid for pid in processes if os.path.exists(f"/proc/{pid}")]:
        assert time.monotonic() < until, f"these outlive their supervisor: {left}"
        time.sleep(0.1)


def held_against(centre: Centre, auditor: Client, workers: list[Worker]) -> None:
    for worker in workers:
        for call_id, number in list(worker.calls.items()):
            answer = auditor.send("GET", f"/api/calls/{call_id}")
            assert answer is not None and answer.status_code == 200, f"call {number} is lost"
            seen = answer.json()
            assert seen["number"] == number
            for task in seen["assignments"]:
                steps = worker.tasks.get(task["id"])
                if steps is not None:
                    assert STATES.index(task["state"]) >= steps, f"{number}: {task['state']} after {steps} steps"
            assert call_id not in worker.closed or seen["state"] == "closed", f"{number}: {seen['state']}"
        for task_id, (call_id, state) in worker.asked.items():
            answer = auditor.send("GET", f"/api/calls/{call_id}/linked")
            assert answer is not None
            found = {t["id"]: t["state"] for t in answer.json()}
            assert reached(found[task_id], state, AGENCY_WALK), f"{call_id}: {found[task_id]} after {state}"
        listed = auditor.send("GET", "/api/units")
        assert listed is not None
        now = {u["id"]: u["state"] for u in listed.json()}
        for unit, state in worker.states.items():
            assert now[unit] == state or ("unit.state", unit) in worker.open, f"{unit}: {now[unit]} after {state}"


def reached(state: str, acknowledged: str, walk: dict[str, str]) -> bool:
    """As far as was acknowledged, or farther: the last step may have been done without an answer."""
    order = ["sent", *walk.values()]
    return order.index(state) >= order.index(acknowledged)


def once_in_the_log(centre: Centre, workers: list[Worker]) -> Counter[str]:
    """Every acknowledged order left one event, and nothing was done twice. Returns how many of each kind."""
    told, open_ = (sum((c for c in counts), Counter[Told]()) for counts in (
        [w.told for w in workers], [w.open for w in workers]))
    database = Database(Folder.from_env(centre.env).database_url, read_only=True)
    logged = {(kind, subject): n for kind, subject, n in database.rows(
        "SELECT kind, subject, count(*) FROM log_event GROUP BY kind, subject")}
    database.close()
    wrong = [(line, n, logged.get(line, 0)) for line, n in told.items()
             if not n <= logged.get(line, 0) <= n + open_[line]]
    assert not wrong, f"acknowledged and logged differ: {wrong[:10]}"
    return Counter(kind for kind, _about in told.elements())


def test_nothing_acknowledged_is_lost(centre: Centre) -> None:
    rng = random.Random(7)
    reader, clerk = Client(centre, "dispatcher"), Client(centre, "centre")
    units = reader.send("GET", "/api/units")
    assert units is not None
    police = [u["id"] for u in units.json() if u["service"] == "police" and u["state"] in ("available", "at_post")]
    stop = threading.Event()
    share = len(police) // 4
    workers = [Worker(again(reader), again(clerk), police[n * share:(n + 1) * share], random.Random(n), stop)
               for n in range(4)]
    threads = [threading.Thread(target=w.run, daemon=True) for w in workers]
    for t in threads:
        t.start()
    try:
        for n in range(ROUNDS):
            time.sleep(rng.uniform(0.5, 2.0))
            kill_round(centre, rng, n)
    finally:
        stop.set()
        for t in threads:
            t.join(WAIT_S)
    refused = [r for w in workers for r in w.refused if "/assign" not in r]  # a unit may be away on its own
    assert not refused, refused[:5]
    held_against(centre, reader, workers)
    done = once_in_the_log(centre, workers)
    print(dict(done))
    assert {"call.taken", "call.assigned", "call.closed", "call.messaged", "item.came", "linked.moved",
            "matter.reported", "unit.state", "event.item_added", "event.item"} <= done.keys()
    assert done["call.taken"] >= ROUNDS
    numbers = [n for w in workers for n in w.calls.values()]
    assert len(numbers) == len(set(numbers))
    verified = centre.command("audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def again(client: Client) -> Client:
    """The same sign-in on connections of its own."""
    other = Client.__new__(Client)
    other.__dict__.update(client.__dict__)
    other.session = requests.Session()
    other.session.cookies.update(client.session.cookies)
    return other


def test_one_unit_for_fifty_who_assign_at_once(centre: Centre) -> None:
    desk = Client(centre, "dispatcher")
    listed = desk.send("GET", "/api/units")
    assert listed is not None
    unit = next(u["id"] for u in listed.json() if u["service"] == "police" and u["state"] in ("available", "at_post"))
    calls = [str(new_id()) for _ in range(50)]
    for call_id in calls:
        made = desk.send("POST", "/api/calls", {"id": call_id, "type": "200100", "place": "Olive St", "lon": -90.2,
                                                "lat": 38.63, "severity": 2})
        assert made is not None and made.status_code == 200, made and made.text
    answers: list[int] = []
    gate = threading.Barrier(50)

    def send(call_id: str) -> None:
        client = Client.__new__(Client)
        client.__dict__.update(desk.__dict__)
        gate.wait()
        answer = client.send("POST", f"/api/calls/{call_id}/assign", {"units": [unit], "reason": "race"})
        answers.append(answer.status_code if answer is not None else 0)

    threads = [threading.Thread(target=send, args=(c,)) for c in calls]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) == [200] + [409] * 49
