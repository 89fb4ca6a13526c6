"""Calls at the exchange: counted once, opened by who answered, called back by one person, timed by the standards."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone
from uuid6 import uuid7

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.channels import actions, facts
from shouwang.desk.channels.actions import rings
from shouwang.desk.channels.models import Line, Outage, Ring, RingEvent, Seat
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.tables.live.rings import ANSWERED, GONE, JOINED, KEY, STOOD, mark_of, wrap_number

pytestmark = pytest.mark.django_db


class Phone:
    """Tells what the exchange tells, as the live process stores it."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock

    def tell(self, kind: str, unique: str = "", number: str = "", seat: str = "", at: datetime | None = None) -> None:
        id, key = new_id(), settings.CONFIG.secret(KEY)
        id = type(id)(int=uuid7().int)
        RingEvent.objects.create(id=id, kind=kind, unique_no=unique, line="110", seat=seat, mark=mark_of(key, number),
                                 number=wrap_number(key, id, number), at=at or self.clock())

    def ring(self, unique: str, number: str = "13900001234") -> None:
        self.tell(JOINED, unique, number)

    def take_in(self) -> Callable[[str], Ring]:
        actions.take_in(self.clock())
        return lambda unique: Ring.objects.get(unique_no=unique)


@pytest.fixture
def phone(town: Any, clock: Any) -> Phone:
    return Phone(clock)


@pytest.fixture
def missed(phone: Phone, clock: Any) -> Ring:
    phone.ring("m")
    clock.forward(seconds=9)
    phone.tell(GONE, "m")
    return phone.take_in()("m")


def test_a_call_is_counted_once_however_often_it_is_told(phone: Phone, clock: Any) -> None:
    phone.ring("a")
    phone.take_in()
    for _again in range(2):  # as after a break of the line
        phone.tell(STOOD)
        phone.tell(JOINED, "a", "13900001234")
    clock.forward(seconds=12)
    phone.tell(ANSWERED, "a", seat="6001")
    phone.tell(JOINED, "a", "13900001234")
    phone.tell(ANSWERED, "a", seat="6001")
    phone.tell(GONE, "a")
    ring = phone.take_in()("a")
    assert ring.joined_at and ring.ended_at
    assert (Ring.objects.count(), ring.state, (ring.ended_at - ring.joined_at).total_seconds()) == (1, "answered", 12)
    assert not RingEvent.objects.exists()
    assert [e.kind for e in of("ring", ring.id)] == ["ring.came", "ring.answered"]


def test_what_ended_unseen_is_not_known_and_is_called_back(phone: Phone, clock: Any) -> None:
    phone.ring("gone", "1")
    phone.ring("stays", "2")
    phone.take_in()
    clock.forward(minutes=2)
    phone.tell(STOOD)
    phone.tell(JOINED, "stays", "2", at=clock() - timedelta(minutes=2))
    phone.ring("new", "3")
    found = phone.take_in()
    assert [(found(u).state, found(u).back) for u in ("gone", "stays", "new")] == [
        ("unknown", "due"), ("ringing", ""), ("ringing", "")]
    assert [e.kind for e in of("ring", found("stays").id)] == ["ring.came"]  # nobody was told that it had been missed


def test_one_that_is_told_by_its_end_alone_is_counted_too(phone: Phone) -> None:
    phone.tell(GONE, "late", "139")
    assert phone.take_in()("late").back == "due"


def test_whoever_answered_gets_the_call_on_their_screen_and_nobody_else(
        phone: Phone, cast: Any, clock: Any, save: Any) -> None:
    actions.sit(actor=cast.call_taker.actor, now=clock(), seat="6001")
    phone.ring("a", "13912345678")
    phone.tell(ANSWERED, "a", "13912345678", "6001")
    ring = phone.take_in()("a")
    card = Card.objects.get(kind="ring", subject=str(ring.id))
    assert (card.body["user"], card.may) == (cast.call_taker.actor.id, "call.take")
    assert "13912345678" not in str(card.body) + str(list(Event.objects.values_list("payload", flat=True)))
    assert facts.answered_by(cast.call_taker.actor.id, clock()) == ring
    with pytest.raises(Missing):
        actions.open_answered(actor=cast.dispatcher.actor, now=clock(), ring_id=ring.id)
    call_id = actions.open_answered(actor=cast.call_taker.actor, now=clock(), ring_id=ring.id)
    draft = calls.read_draft(actor=cast.call_taker.actor, now=clock())
    assert draft is not None
    assert (draft["id"], draft["number"]) == (str(call_id), "13912345678")
    assert Card.objects.get(kind="ring", subject=str(ring.id)).body is None
    assert facts.answered_by(cast.call_taker.actor.id, clock()) is None
    call = save(cast.call_taker)
    assert [e.payload for e in of("call", call.id) if e.kind == "call.came_by"] == [{"channel": "phone", "line": "110"}]
    assert [e.text for e in timeline(call.id)][-1].endswith("电话")


def test_an_answer_at_a_telephone_where_nobody_sits_is_an_answer(phone: Phone) -> None:
    phone.ring("a")
    phone.tell(ANSWERED, "a", seat="6009")
    ring = phone.take_in()("a")
    assert (ring.state, ring.answered_by) == ("answered", "")


def test_one_person_sits_at_one_telephone(cast: Any, town: Any, clock: Any) -> None:
    who = cast.call_taker.actor
    actions.sit(actor=who, now=clock(), seat="6001")
    actions.sit(actor=who, now=clock(), seat="6002")
    actions.sit(actor=cast.dispatcher.actor, now=clock(), seat="6002")
    assert dict(Seat.objects.values_list("seat", "user")) == {"6002": cast.dispatcher.actor.id}
    with pytest.raises(Refused):
        actions.sit(actor=who, now=clock(), seat="6001; drop")


def test_a_missed_call_is_called_back_by_one(missed: Ring, cast: Any, clock: Any) -> None:
    who, other = cast.call_taker.actor, cast.dispatcher.actor
    assert facts.counts(("",)).missed == 1
    _ring, number = actions.claim_back(actor=who, now=clock(), ring_id=missed.id)
    assert number == "13900001234"
    with pytest.raises(Conflict, match="Call Taker"):
        actions.claim_back(actor=other, now=clock(), ring_id=missed.id)
    with pytest.raises(Conflict):  # the id of another event opens no number
        actions.claim_back(actor=other, now=clock(), ring_id=missed.id, key=UUID(of("ring", missed.id)[0].id))
    with pytest.raises(Conflict, match="Call Taker"):
        actions.end_back(actor=other, now=clock(), ring_id=missed.id, result="done")
    assert actions.end_back(actor=who, now=clock(), ring_id=missed.id, result="no_answer").back == "due"
    actions.claim_back(actor=other, now=clock(), ring_id=missed.id)
    assert actions.end_back(actor=other, now=clock(), ring_id=missed.id, result="done").back_tries == 2
    assert facts.missed(("",)) == []
    with pytest.raises(Conflict):
        actions.claim_back(actor=who, now=clock(), ring_id=missed.id)


def test_after_five_tries_it_is_over_and_a_claim_that_is_left_comes_back(missed: Ring, cast: Any, clock: Any) -> None:
    who = cast.call_taker.actor
    actions.claim_back(actor=who, now=clock(), ring_id=missed.id)
    assert rings.lapse(clock.forward(minutes=10)) == 1
    for _try in range(5):
        actions.claim_back(actor=who, now=clock(), ring_id=missed.id)
        missed = actions.end_back(actor=who, now=clock(), ring_id=missed.id, result="no_answer")
    assert missed.back == "over"


def test_reached_and_in_need_it_becomes_a_call(missed: Ring, cast: Any, clock: Any, save: Any) -> None:
    who = cast.call_taker
    with pytest.raises(Conflict):
        actions.open_missed(actor=who.actor, now=clock(), ring_id=missed.id)
    actions.claim_back(actor=who.actor, now=clock(), ring_id=missed.id)
    call_id = actions.open_missed(actor=who.actor, now=clock(), ring_id=missed.id)
    assert save(who).id == call_id
    missed.refresh_from_db()
    assert (missed.back, missed.call) == ("done", call_id)


def test_whoever_gets_through_later_is_not_called_back_and_one_telephone_is_listed_once(
        missed: Ring, phone: Phone, clock: Any) -> None:
    clock.forward(seconds=30)
    phone.tell(JOINED, "again", "139-0000-1234")
    phone.tell(GONE, "again")
    phone.tell(JOINED, "other", "555")
    phone.tell(GONE, "other")
    found = phone.take_in()
    assert [found(u).back for u in ("m", "again", "other")] == ["again", "due", "due"]
    phone.tell(JOINED, "third", "13900001234")
    phone.tell(ANSWERED, "third", seat="6001")
    found = phone.take_in()
    assert [found(u).back for u in ("m", "again", "other", "third")] == ["again", "through", "due", ""]


def test_a_withheld_number_cannot_be_called_back_and_is_listed_so(phone: Phone, cast: Any, clock: Any) -> None:
    clock.now = timezone.now()  # the page reads the clock of today
    phone.ring("w", "")
    phone.tell(GONE, "w")
    assert phone.take_in()("w").back == "withheld"
    assert "未显示号码" in cast.call_taker.client.get("/inbox/").content.decode()


def test_after_a_day_nothing_is_left_of_whose_call_it_was(missed: Ring, cast: Any, clock: Any) -> None:
    assert actions.rings_due(clock.forward(hours=23)) == 0
    assert actions.rings_due(clock.forward(hours=2)) == 1
    missed.refresh_from_db()
    assert (missed.back, bytes(missed.number), missed.mark, missed.state) == ("over", b"", "", "missed")
    with pytest.raises(Conflict):
        actions.claim_back(actor=cast.call_taker.actor, now=clock(), ring_id=missed.id)
    assert facts.answering(("",), clock() - timedelta(days=2), clock()).all.missed == 1
    assert actions.rings_due(clock.forward(days=400)) == 1
    assert not Ring.objects.exists()


def test_one_that_rings_for_a_day_has_ended_unheard(phone: Phone, clock: Any) -> None:
    phone.ring("stuck")
    phone.take_in()
    actions.rings_due(clock.forward(hours=25))
    ring = Ring.objects.get()
    assert (ring.state, ring.back, bytes(ring.number)) == ("unknown", "over", b"")


def test_an_old_missed_call_is_not_called_back_though_nobody_has_deleted_it_yet(
        missed: Ring, cast: Any, clock: Any) -> None:
    clock.forward(hours=25)
    with pytest.raises(Conflict):
        actions.claim_back(actor=cast.call_taker.actor, now=clock(), ring_id=missed.id)


def test_times_beside_the_standards(phone: Phone, clock: Any) -> None:
    waits = [2, 9.4, 10, 10.5, 15, 15.1, 20, 31]
    start = clock()
    for n, wait in enumerate(waits):
        phone.tell(JOINED, f"a{n}", "1", at=start)
        phone.tell(ANSWERED, f"a{n}", at=start + timedelta(seconds=wait))
    phone.tell(JOINED, "soon", "2", at=start + timedelta(hours=1))
    phone.tell(GONE, "soon", at=start + timedelta(hours=1, seconds=3))
    phone.tell(JOINED, "rings", "3", at=start + timedelta(hours=1))
    clock.forward(hours=2)
    phone.take_in()
    found = facts.answering(("t/",), start, clock())
    assert (found.all.rang, found.all.answered, found.all.missed, found.all.within) == (10, 8, 1, (3, 5, 7))
    assert [round(share or 0, 3) for _m, share, _o, _s in found.told] == [0.333, 0.556, 0.778]  # of the 9 that are over
    assert [(h.rang, h.answered, h.missed) for h in found.hours] == [(8, 8, 0), (2, 0, 1)]
    assert found.median_s == pytest.approx(12.75)
    assert facts.answering(("x/",), start, clock()).all.rang == 0
    assert facts.answering(("t/",), start, start).median_s is None


def test_a_lost_line_is_shown_and_its_time_is_counted(town: Any, cast: Any, clock: Any) -> None:
    assert not facts.has_exchange()
    assert actions.watch_line(clock()) is False
    Line.objects.create(name="exchange", up=True, heard_at=clock())
    assert actions.watch_line(clock.forward(seconds=20)) is False
    assert actions.watch_line(clock.forward(seconds=20)) is True  # no word for 40 s
    assert actions.watch_line(clock()) is False
    assert "交换机" in cast.call_taker.client.get("/inbox/").content.decode()
    Line.objects.update(up=True, heard_at=clock.forward(seconds=60))
    assert actions.watch_line(clock()) is True
    gap = Outage.objects.get()
    assert gap.until and (gap.until - gap.since).total_seconds() == 100
    assert facts.answering(("",), clock() - timedelta(seconds=50), clock()).lost_s == 50
    Line.objects.update(up=False)
    assert facts.lost_since(clock()) is not None
    assert list(Event.objects.filter(subject_kind="line").order_by("seq").values_list("kind", flat=True)) == [
        "line.lost", "line.found"]


def test_pages_and_api(missed: Ring, cast: Any, clock: Any) -> None:
    client = cast.call_taker.client
    assert str(missed.id) in client.get("/inbox/list/").content.decode()
    assert client.get("/telephone/?span=month").status_code == 200
    assert client.get("/telephone/export.csv?span=month").content.decode("utf-8-sig").count("\n") >= 2
    assert client.get("/telephone/export.pdf").status_code == 404
    assert client.get("/api/rings").json()[0]["back"] == "due"
    assert client.get("/api/answering?hours=2000").status_code == 200
    assert cast.stranger.client.get("/api/rings").json() == []
    Ring.objects.update(joined_at=timezone.now(), ended_at=timezone.now())  # the server's clock is not the test's
    claimed = client.post(f"/api/rings/{missed.id}/claim", "{}", content_type="application/json")
    assert claimed.json()["number"] == "13900001234"
    done = client.post(f"/api/rings/{missed.id}/result", '{"result": "done"}', content_type="application/json")
    assert done.json()["back"] == "done"
    assert client.post("/api/seat", '{"seat": "6001"}', content_type="application/json").json()["seat"] == "6001"
    Ring.objects.update(state="answered", back="", answered_by=cast.call_taker.actor.id, call=None)
    assert f'data-answered="{missed.id}"' in client.get("/inbox/mark/").content.decode()
    opened = client.post(f"/api/rings/{missed.id}/answered", "{}", content_type="application/json")
    assert opened.json()["url"] == "/calls/new/"
