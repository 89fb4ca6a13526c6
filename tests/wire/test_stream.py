"""GET /live: who hears what, going on after a break, and the end of access."""
from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from shouwang.tables.live import Ticket
from shouwang.wire import hub, stream

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = datetime(2026, 11, 21, 14, 46, 37, 250_000, tzinfo=UTC)


def test_an_event_comes_with_its_card_to_whoever_may_see_it_there(live: Any, write: Any) -> None:
    reader = live.read(live.ticket(call_view="t/"))
    seq = write(payload={"severity": 1}, card={"number": "1121-0001"}, at=MOMENT)
    assert reader.wait("event") == {
        "seq": seq, "kind": "call.taken", "subject_kind": "call", "subject": "c1", "area": "t/1/",
        "at": f"{MOMENT:%Y-%m-%dT%H:%M:%S}.250Z", "payload": {"severity": 1}, "card": {"number": "1121-0001"}}


@pytest.mark.parametrize("grants", [{}, {"call_view": "x/"}, {"call_view": "t/2/"}, {"position_live": "t/"}])
def test_others_hear_nothing(live: Any, write: Any, grants: dict[str, str]) -> None:
    deaf, hearing = live.read(live.ticket(**grants)), live.read(live.ticket("u2", call_view="t/1/"))
    write(card={"number": "1121-0001"})
    hearing.wait("event")
    assert deaf.so_far("event") == []


def test_an_event_without_a_permission_is_heard_by_nobody(live: Any, write: Any) -> None:
    reader = live.read(live.ticket(unit="unit-1", call_view="t/", audit_read="t/"))
    write("call.revealed", may="", payload={"unit": "unit-1"})
    last = write("call.closed")
    assert reader.wait("event")["seq"] == last


def test_a_crew_hears_what_names_its_unit_and_nothing_else(live: Any, write: Any) -> None:
    crew = live.read(live.ticket(unit="unit-1"))
    write("call.assigned", payload={"unit": "unit-2"})
    one = write("call.assigned", payload={"unit": "unit-1"})
    two = write("call.amended", payload={"units": ["unit-2", "unit-1"]})
    three = write("unit.state", subject=("unit", "unit-1"), may="position.live")
    assert [crew.wait("event")["seq"] for _ in range(3)] == [one, two, three]


@pytest.mark.parametrize("payload", [{"units": 8}, {"unit": None, "units": {"a": 1}}, {"units": [{"id": "unit-1"}]}])
def test_a_payload_that_names_no_unit_holds_nobody_up(live: Any, write: Any, payload: dict[str, Any]) -> None:
    reader = live.read(live.ticket(call_view="t/"))
    assert write(payload=payload) == reader.wait("event")["seq"]


def test_a_card_without_an_event_of_its_own_comes_by_itself(live: Any, write: Any) -> None:
    reader = live.read(live.ticket(position_live="t/"))
    write(do=lambda log: log.card(("unit", "unit-1"), area="t/1/", may="position.live", body={"state": "busy"}))
    heard = reader.wait("event")
    assert (heard["kind"], heard["subject_kind"], heard["subject"], heard["card"]) == (
        "card", "unit", "unit-1", {"state": "busy"})


def test_a_card_is_not_shown_to_who_may_see_only_its_event(live: Any, write: Any) -> None:
    reader = live.read(live.ticket(call_view="t/"))
    write(may="call.view", do=lambda log: log.card(("call", "c1"), area="t/1/", may="secret.view", body={"secret": 1}))
    assert "card" not in reader.wait("event")


def test_only_the_last_event_of_a_subject_carries_the_card(live: Any, write: Any) -> None:
    reader = live.read(live.ticket(call_view="t/"))
    write("call.taken", card={"n": 2},
          do=lambda log: log.append("call.assigned", subject=("call", "c1"), area="t/1/", may="call.view"))
    assert "card" not in reader.wait("event")
    assert reader.wait("event")["card"] == {"n": 2}


def test_a_call_that_moves_away_leaves_the_screens_of_the_area_it_left(live: Any, write: Any) -> None:
    write(area="t/1/", card={"n": 1})
    left, both = live.read(live.ticket(call_view="t/1/")), live.read(live.ticket("u2", call_view="t/"))
    write("call.amended", area="t/2/", card={"n": 2})
    gone = left.wait("event")
    assert (gone["subject"], gone["card"]) == ("c1", None)
    assert both.wait("event")["card"] == {"n": 2}


def test_a_reader_goes_on_where_it_was(live: Any, write: Any) -> None:
    seqs = [write(subject=("call", f"c{n}"), card={"n": n}) for n in range(5)]
    reader = live.read(live.ticket(call_view="t/"), after=seqs[1])
    assert reader.start == seqs[1]
    seqs.append(write(subject=("call", "new")))
    assert [reader.wait("event")["seq"] for _ in range(4)] == seqs[2:]
    assert live.read(live.ticket(call_view="x/"), after=seqs[1]).so_far("event") == []


def test_one_who_missed_too_much_loads_anew_and_goes_on(live: Any, write: Any) -> None:
    def storm(log: Any) -> None:
        for n in range(1001):
            log.append("call.taken", subject=("call", f"s{n}"), area="t/1/", may="call.view")
    first = write()
    head = write(do=storm)
    reader = live.read(live.ticket(call_view="t/"), after=first, greeting="reset")
    assert reader.start == head
    assert reader.so_far("event") == []
    assert write() == reader.wait("event")["seq"]


def test_a_place_that_this_log_has_not_reached_is_reset(live: Any, write: Any) -> None:
    head = write()
    assert live.read(live.ticket(call_view="t/"), after=head + 7, greeting="reset").start == head


@pytest.mark.parametrize("spoil", [lambda t: "", lambda t: t[:-2] + "xx", lambda t: "e30.abc", lambda t: "x" + t])
def test_forged_tickets_are_refused(live: Any, spoil: Any) -> None:
    refused = live.read(spoil(live.ticket(call_view="t/")))
    assert refused.answer.status_code == 401
    assert refused.answer.json()["code"] == "bad_ticket"


def test_an_old_ticket_is_refused_and_a_stream_ends_with_its_ticket(live: Any) -> None:
    assert live.read(live.ticket(life_s=-1.0, call_view="t/")).answer.status_code == 401
    short = live.read(live.ticket(life_s=0.5, call_view="t/"))
    assert short.wait("over") == {"why": "time"}


def test_the_end_of_access_ends_streams_and_older_tickets(live: Any, write: Any) -> None:
    old = live.ticket("u1", call_view="t/")
    reader, other = live.read(old), live.read(live.ticket("u2", call_view="t/"))
    write("access.ended", subject=("user", "u1"), may="", area="")
    assert reader.wait("over") == {"why": "access"}
    refused = live.read(old)
    assert refused.answer.status_code == 401
    assert refused.answer.json()["code"] == "access_ended"
    assert live.read(live.ticket("u1", call_view="t/")).answer.status_code == 200
    write()
    assert other.wait("event")["kind"] == "call.taken"


def test_an_access_that_ended_before_the_process_began_is_remembered(live: Any, write: Any, start: Any) -> None:
    old = live.ticket("u1", call_view="t/")
    write("access.ended", subject=("user", "u1"), may="", area="")
    again = start()
    assert again.read(old).answer.status_code == 401
    assert again.read(again.ticket("u1", call_view="t/")).answer.status_code == 200


def test_a_quiet_line_beats_and_moves_the_place_on(live: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_S", 0.05)
    reader = live.read(live.ticket(call_view="t/"))
    unheard = write(area="x/")
    until_s = time.monotonic() + 10
    while reader.wait("beat") != str(unheard):
        assert time.monotonic() < until_s


async def _overfull() -> tuple[bytes, bytes]:
    centre_hub = hub.Hub()
    opened = centre_hub.open(Ticket("u1", 1e12, 0, {"call.view": ("t/",)}))
    message = hub.Message(hub.told("event", n=1), "call.view", "t/1/")
    centre_hub.publish([message] * (hub.WAITING + 2), up_to=hub.WAITING + 2)
    return await opened.take(1.0), hub.told("reset", hub.WAITING + 2, seq=hub.WAITING + 2)


def test_a_reader_that_takes_nothing_is_told_to_load_anew() -> None:
    taken, reset = asyncio.run(_overfull())
    assert taken.startswith(reset)
    assert taken.count(b"event: event") == 1
