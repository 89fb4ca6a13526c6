"""Buttons of the pages beside the board name their commands, and the lines that press them are understood."""
from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from shouwang.desk.alarms.models import Panel
from shouwang.desk.calls import defaults
from shouwang.desk.calls.commands import Choices, parse
from shouwang.desk.calls.verbs import BESIDE, VERBS
from shouwang.desk.channels import actions as channels
from shouwang.desk.channels.models import Line, Ring, Visit
from shouwang.desk.channels.terms import Incoming
from shouwang.desk.events import actions as events
from shouwang.desk.linked import actions as linked
from shouwang.desk.log.ids import new_id
from shouwang.desk.sites import actions as sites
from tests.desk.calls.test_board import named

pytestmark = pytest.mark.django_db


def page(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def post(client: Any, path: str, **body: Any) -> None:
    answer = client.post(f"/api{path}", json.dumps({"key": str(new_id()), **body}), content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()


def test_of_the_inbox_missed_calls_and_call_backs(take: Any, cast: Any, clock: Any, town: Any) -> None:
    client, call = cast.dispatcher.client, take()
    Line.objects.create(name="exchange", up=True, heard_at=clock())
    item = channels.receive(now=clock(), new=Incoming("sms", "1", "ours", sender="139", lon=-90.222, lat=38.63))
    now = timezone.now()  # after a day there is nobody to call back
    ring = Ring.objects.create(unique_no="1.1", area="t/2/b/", state="missed", back="due", joined_at=now, ended_at=now)
    visit = Visit.objects.create(call=call.id, type="200100", area="t/2/b/", day=clock().date(), due_at=clock())
    assert {"claim", "read", "phone"} <= named(page(client, "/inbox/"))
    assert {"claim", "csv", "filter"} <= named(page(client, "/visits/"))
    assert {"claim", "intake", "attach", "settle", "reply", "sender"} <= named(page(client, f"/inbox/{item.id}/"))
    post(client, f"/inbox/{item.id}/claim")
    post(client, f"/rings/{ring.id}/claim")
    post(client, f"/visits/{visit.id}/claim")
    assert {"read", "phone", "intake", "outcome", "back"} <= named(page(client, "/inbox/"))
    assert {"phone", "rate", "outcome", "back"} <= named(page(client, "/visits/"))
    post(client, f"/inbox/{item.id}/close", why="spam")
    assert "again" in named(page(client, f"/inbox/{item.id}/"))


def test_of_linked_agencies_events_and_alarms(take: Any, cast: Any, clock: Any, town: Any) -> None:
    defaults.load()
    by = {"actor": cast.dispatcher.actor, "now": clock()}
    call = take(type="400101", severity=1)
    linked.send(**by, call_id=call.id, codes=["gas_co"])
    seen = page(cast.dispatcher.client, "/linked/")
    assert named(seen) == {"task"} and 'data-cmd-arg="燃气公司 签收"' in seen
    event = events.start(**by, id=new_id(), plan="fire_major", call_id=call.id)
    events.save_sector(**by, event_id=event.id, id=new_id(), name="北", ring=[(-90.23, 38.62), (-90.21, 38.62),
                                                                            (-90.21, 38.64)])
    board = page(cast.leader.client, f"/events/{event.id}/")
    assert {"grade", "log", "join", "warn", "report", "over", "command", "task", "sector", "count"} <= named(board)
    assert 'data-cmd="tick"' in board
    assert {"begin", "warn"} <= named(page(cast.dispatcher.client, "/events/"))
    site = sites.save_site(actor=cast.dispatcher.actor, now=clock(), id=new_id(),
                           given=sites.SiteGiven("B-1", "Elm Bank", "bank", -90.222, 38.63))
    panel = Panel.objects.create(site=site.id, account="12AB")
    assert named(page(cast.admin.client, "/alarms/")) == {"open", "filter", "csv", "panel"}
    assert named(page(cast.admin.client, f"/alarms/panels/{panel.id}/")) == {"open", "panel"}


@pytest.mark.parametrize(("line", "verb", "which"), [
    ("hold 14:03", "claim", "14:03"), ("认领 14:03", "claim", "14:03"), ("outc 0001 Nob", "outcome", "0001 Nob"),
    ("任务 燃气公司 签收", "task", "燃气公司 签收"), ("tic Fire brigade", "tick", "Fire brigade"),
    ("sect", "sector", ""), ("报告", "report", ""),
])
def test_a_line_says_which_button(line: str, verb: str, which: str) -> None:
    said = parse(line, Choices())
    assert (said.ready, said.verb, said.press, said.text) == (True, verb, verb, which)


def test_every_name_belongs_to_one_verb_and_is_completed() -> None:
    every = [name for names in VERBS.values() for name in names]
    assert len(every) == len(set(every))
    for names, _says in BESIDE.values():
        for name in names:
            assert name in parse(name[:-1] or name, Choices()).completions, name
    assert parse("task 0962", Choices()).completions == ()  # the page knows its buttons, the centre does not
