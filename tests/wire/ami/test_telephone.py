"""From the line of the exchange to the screen of who answered, on real parts: live process, stream, database, desk."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from played import Played

from shouwang.wire.ami import exchange
from shouwang.wire.ami.line import Login

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def played() -> Iterator[Played]:
    made = Played()
    yield made
    made.close()


def until(there: Callable[[], Any]) -> Any:
    end_s = time.monotonic() + 30
    while not (found := there()) and time.monotonic() < end_s:
        time.sleep(0.01)
    assert found
    return found


def test_a_call_pops_up_where_it_was_answered_and_a_break_of_the_line_counts_nothing_twice(
        played: Played, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from shouwang.desk.channels import facts
    from shouwang.desk.channels.actions import take_in, watch_line
    from shouwang.desk.channels.models import Line, Outage, Ring, Seat

    monkeypatch.setattr(exchange, "AGAIN_S", (0.05,))

    def now() -> datetime:
        return datetime.now(UTC)

    def ring(unique: str) -> Ring | None:
        take_in(now())
        return Ring.objects.filter(unique_no=unique).first()
    Seat.objects.create(seat="6001", user="u1", since=now())
    live = start(telephone=Login("127.0.0.1", played.double.port, "desk", "listen"))
    until(lambda: Line.objects.filter(up=True).exists())
    assert facts.lost_since(now()) is None
    reader = live.read(live.ticket(call_take=""))

    answered = played.do(played.double.ring, "13900001234")
    stays = played.do(played.double.ring, "13900005678")
    until(lambda: ring(stays))
    played.do(played.double.answer, answered, "6001")
    until(lambda: (r := ring(answered)) and r.state == "answered")
    shown = [reader.wait("event") for _n in range(3)]
    assert [e["kind"] for e in shown] == ["ring.came", "ring.came", "ring.answered"]
    assert shown[-1]["card"] == {"user": "u1", "line": "110"}
    assert "1390000" not in str(shown)

    played.do(played.double.cut)
    until(lambda: Line.objects.filter(up=False).exists() or live.wire.exchange.counts["signed_in"] > 1)
    until(lambda: live.wire.exchange.counts["signed_in"] > 1 and live.wire.exchange.up)
    unseen = played.do(played.double.ring, "13900009999")
    until(lambda: ring(unseen))
    played.do(played.double.abandon, unseen)
    until(lambda: (r := ring(unseen)) and r.state == "missed")
    assert {r.unique_no: r.state for r in Ring.objects.all()} == {
        answered: "answered", stays: "ringing", unseen: "missed"}

    played.run(played.double.stop())  # the exchange itself is gone
    until(lambda: Line.objects.filter(up=False).exists())
    assert facts.lost_since(now()) is not None
    assert watch_line(now())
    assert Outage.objects.filter(until=None).count() == 1
    figures = live.wire.exchange.figures()
    assert (figures["up"], figures["answered"], figures["gone"]) == (0, 1, 1)
