"""The mark on every screen, the page, and the worker that plays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from shouwang.desk import worker
from shouwang.desk.drill.models import Replay
from shouwang.desk.log import facts, reactions
from shouwang.desk.log.actor import system
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Cursor, Event
from shouwang.desk.log.writing import writing
from shouwang.tables.live import wake_path


@pytest.fixture
def replay(town: Any) -> Replay:
    now = timezone.now()
    at = now.replace(year=2019, month=8, day=26, hour=23, minute=5)  # 18:05 in St. Louis, 07:05 in Shanghai
    return Replay.objects.create(area="t/", history=new_id(), state="paused", pace=20, clock_at=at, set_at=now,
                                 taken_to=at, seen_at=now, started_by="system:setup")


def test_the_mark_is_on_pages_of_everybody_signed_in(replay: Replay, cast: Any) -> None:
    for person in (cast.dispatcher, cast.auditor, cast.member, cast.planner):
        page = person.client.get("/drill/mark/").content.decode()
        assert "回放" in page
        assert "07:05" in page  # the replay's own clock, in the district's zone
    ruled = cast.dispatcher.client.get("/drill/mark/").content.decode()
    assert "继续" in ruled
    assert "继续" not in cast.auditor.client.get("/drill/mark/").content.decode()


def test_no_replay_no_mark(town: Any, cast: Any) -> None:
    assert "回放" not in cast.dispatcher.client.get("/drill/mark/").content.decode()
    assert "开始回放" in cast.dispatcher.client.get("/drill/").content.decode()


def test_it_is_ruled_from_the_page(replay: Replay, cast: Any) -> None:
    client = cast.dispatcher.client
    for post, state, pace in (({"move": "resume"}, "running", 20), ({"pace": "60"}, "running", 60),
                              ({"move": "pause"}, "paused", 60), ({"move": "end"}, "ended", 60)):
        assert client.post("/drill/move/", post).status_code == 302
        replay.refresh_from_db()
        assert (replay.state, replay.pace) == (state, pace)
    told = Event.objects.filter(subject_kind="drill").order_by("seq")
    assert [e.kind for e in told] == ["drill.resumed", "drill.pace", "drill.paused", "drill.ended"]
    assert {(e.may, e.area) for e in told} == {("call.view", "t/")}  # open screens hear of it


@pytest.mark.parametrize("post", [{"pace": "90"}, {"pace": "fast"}, {"move": "fly"}, {}])
def test_wrong_moves_are_refused(replay: Replay, cast: Any, post: dict[str, str]) -> None:
    assert cast.dispatcher.client.post("/drill/move/", post).status_code == 422


def test_others_may_not_rule_it(replay: Replay, cast: Any) -> None:
    for person in (cast.planner, cast.call_taker, cast.stranger):
        assert person.client.post("/drill/move/", {"move": "end"}).status_code == 403
    assert cast.planner.client.get("/drill/").status_code == 403
    replay.refresh_from_db()
    assert replay.state == "paused"


@pytest.mark.django_db
def test_readers_of_the_log_catch_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(facts, "PASSED_BY", 3)
    reactions.register("test-reader", lambda fact: seen.append(fact.kind), ("a.done", "b.done"))
    try:
        with writing(actor=system("test"), now=timezone.now()) as log:
            log.append("a.done", subject=("a", 1))
            log.append("not.read", subject=("a", 1))
            log.append("b.done", subject=("b", 1))
        assert reactions.run() >= 2
        reactions.run()
        assert seen == ["a.done", "b.done"]
        with writing(actor=system("test"), now=timezone.now()) as log:
            for n in range(3):  # of no concern to it: passed by
                log.append("not.read", subject=("a", n))
        reactions.run()
        assert Cursor.objects.get(reader="test-reader").seq == facts.head()
        assert seen == ["a.done", "b.done"]
    finally:
        reactions._readers.pop("test-reader")


@pytest.mark.django_db
def test_an_event_that_fails_holds_up_none_before_it() -> None:
    seen: list[str] = []

    def react(fact: facts.Fact) -> None:
        if fact.subject == "bad":
            raise RuntimeError("cannot")
        seen.append(fact.subject)

    reactions.register("test-reader", react, ("a.done",))
    try:
        with writing(actor=system("test"), now=timezone.now()) as log:
            for subject in ("1", "2", "bad", "4"):
                log.append("a.done", subject=("a", subject))
        for _ in range(2):
            with pytest.raises(RuntimeError):
                reactions.run()
        assert seen == ["1", "2", "1", "2"]  # together, then each by itself; not again
        assert [f.subject for f in facts.unread("test-reader", ("a.done",), limit=9)] == ["bad", "4"]
    finally:
        reactions._readers.pop("test-reader")


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_fails_is_tried_again_and_others_go_on(tmp_path: Path, caplog: Any) -> None:
    tries, steady, stop = [], threading.Event(), threading.Event()

    def bad() -> bool:
        tries.append(time.monotonic())
        raise RuntimeError("two\nlines")

    def good() -> bool:
        if len(tries) > 2:
            steady.set()
        return False

    found = [worker.Duty("bad", 0.01, bad), worker.Duty("good", 0.01, good)]
    path = str(tmp_path / "w.sock")
    thread = threading.Thread(target=worker.serve, args=(found, path, stop))
    thread.start()
    assert steady.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert "bad: RuntimeError: two lines" in caplog.text
    assert not Path(path).exists()


@pytest.mark.django_db(transaction=True)
def test_a_datagram_wakes_the_duties_that_wait_for_events(tmp_path: Path) -> None:
    done, stop = threading.Event(), threading.Event()
    runs: list[int] = []

    def work() -> bool:
        runs.append(1)
        if len(runs) == 2:
            done.set()
        return False

    path = str(tmp_path / "w.sock")
    duty = worker.Duty("waits", 3600, work, on_events=True)
    thread = threading.Thread(target=worker.serve, args=([duty], path, stop))
    thread.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as knock:
        for _ in range(100):
            if runs and Path(path).exists():
                knock.sendto(b"7", path)
                break
            time.sleep(0.05)
    woken = done.wait(10)
    stop.set()
    thread.join(10)
    assert woken


def test_the_process_ends_when_told(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("SHOUWANG_")} | {
        "SHOUWANG_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, check=True, timeout=120)
    process = subprocess.Popen([sys.executable, "-m", "shouwang.desk.worker"], env=env, stderr=subprocess.PIPE)
    try:
        while not Path(wake_path(tmp_path, "worker")).exists():  # until it listens
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()


