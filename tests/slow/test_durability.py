"""Processes die at any moment; what was acknowledged stays, and nothing is done twice.

Four clients take calls, send units and move tasks without pause, each keeping a ledger of what was acknowledged. Round
by round one process, or every process at once, is killed with SIGKILL. After each round the ledger is held against the
centre, and at the end the log must verify.
"""
from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from live import Centre, Client
from shouwang.desk.log.ids import new_id

pytestmark = pytest.mark.slow
ROUNDS = 6 if os.environ.get("SHOUWANG_SHORT") else 50
WALK = ("a_ack", "a_go", "a_scene", "a_clear")
STATES = ("assigned", "acknowledged", "enroute", "on_scene", "cleared")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    made = Centre(tmp_path_factory.mktemp("durability") / "stlouis").start()
    yield made
    made.stop()


@dataclass
class Worker:
    """One client and its ledger. Only a 200 goes into the ledger; a request without an answer is tried again with the
    same ids, as a browser or phone does."""

    client: Client
    units: list[str]
    rng: random.Random
    stop: threading.Event
    calls: dict[str, str] = field(default_factory=dict)  # id -> number
    tasks: dict[str, int] = field(default_factory=dict)  # assignment -> how many steps were acknowledged
    keys: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            self.one_call()

    def until_answered(self, method: str, path: str, body: Any) -> Any:
        while not self.stop.is_set():
            answer = self.client.send(method, path, body)
            if answer is None or answer.status_code >= 500:
                time.sleep(0.2)
            elif answer.status_code == 200:
                return answer.json()
            else:
                self.refused.append(f"{path} {answer.status_code} {answer.text[:200]}")
                return None
        return None

    def one_call(self) -> None:
        call_id = str(new_id())
        call = self.until_answered("POST", "/api/calls", {
            "id": call_id, "type": "200100", "place": "Market St", "lon": -90.2 + self.rng.uniform(-0.03, 0.03),
            "lat": 38.63 + self.rng.uniform(-0.03, 0.03), "severity": self.rng.randint(1, 4),
            "caller": {"words": "两个人打架"}})
        if call is None:
            return
        self.calls[call_id] = call["number"]
        key = str(new_id())
        call = self.until_answered("POST", f"/api/calls/{call_id}/assign",
                                   {"units": [self.rng.choice(self.units)], "reason": "drill", "key": key})
        if call is None:
            return
        self.keys.append(key)
        task = call["assignments"][-1]["id"]
        self.tasks[task] = 0
        for step in WALK:
            key = str(new_id())
            if self.until_answered("POST", f"/api/assignments/{task}/move", {"transition": step, "key": key}) is None:
                return
            self.keys.append(key)
            self.tasks[task] += 1


def kill_round(centre: Centre, rng: random.Random) -> None:
    processes = centre.processes()
    everything = rng.random() < 0.2
    for pid in processes if everything else [rng.choice(processes[1:])]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if everything:
        assert centre.process is not None
        centre.process.wait()
        centre.start(60)
    until = time.monotonic() + 60
    while not centre.healthy():
        assert time.monotonic() < until, f"the centre did not come back:\n{centre.log[-3000:]}"
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


def test_nothing_acknowledged_is_lost(centre: Centre) -> None:
    rng = random.Random(7)
    reader = Client(centre, "dispatcher")
    units = reader.send("GET", "/api/units")
    assert units is not None
    police = [u["id"] for u in units.json() if u["service"] == "police" and u["state"] in ("available", "at_post")]
    stop = threading.Event()
    share = len(police) // 4
    workers = [Worker(Client(centre, "dispatcher"), police[n * share:(n + 1) * share], random.Random(n), stop)
               for n in range(4)]
    threads = [threading.Thread(target=w.run, daemon=True) for w in workers]
    for t in threads:
        t.start()
    try:
        for _ in range(ROUNDS):
            time.sleep(rng.uniform(0.5, 2.0))
            kill_round(centre, rng)
    finally:
        stop.set()
        for t in threads:
            t.join(60)
    held_against(centre, reader, workers)
    assert sum(len(w.calls) for w in workers) >= ROUNDS
    assert sum(len(w.tasks) for w in workers) >= ROUNDS / 2
    numbers = [n for w in workers for n in w.calls.values()]
    assert len(numbers) == len(set(numbers))
    verified = centre.command("audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr


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
