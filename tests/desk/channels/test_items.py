"""Messages: taken in once, in one hand at a time, settled by a call, a matter or a reason; nothing is lost."""
from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from shouwang.desk.calls.actions import take_call
from shouwang.desk.calls.models import Call, CallWords
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.channels import actions, facts
from shouwang.desk.channels.actions import items
from shouwang.desk.channels.models import Item
from shouwang.desk.channels.outside import SMS_KEY, signature
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of
from shouwang.desk.log.models import Card, Event, Reason
from tests.residents import solved

pytestmark = pytest.mark.django_db


def kinds(item: Any) -> list[str]:
    return [e.kind for e in of("item", item.id)]


@pytest.mark.parametrize(("words", "type", "severity"), [
    ("楼下有人打架", "200100", 2), ("There is a FIGHT outside", "200100", 2), ("着火了，有浓烟，是火灾", "400100", 1),
    ("请问几点上班", "", 3), ("", "", 3), ("prefight briefing", "", 3),
])
def test_words_suggest_a_type_and_with_it_a_level(came: Any, words: str, type: str, severity: int) -> None:
    item = came(words)
    assert (item.type, item.severity) == (type, severity)


def test_the_same_message_again_is_no_second_one(came: Any) -> None:
    first = came(ref="77")
    assert came("other words", ref="77").id == first.id
    assert came(ref="77", channel="mail").id != first.id
    assert Item.objects.count() == 2


def test_the_list_goes_by_urgency_then_age(came: Any, clock: Any) -> None:
    old, _ = came("请问"), clock.forward(minutes=1)
    urgent, _ = came("有人被撞，流血受伤"), clock.forward(minutes=1)
    grave = came("着火了 火灾")
    assert [i.id for i in facts.items(("",), clock())] == [grave.id, urgent.id, old.id]


def test_of_two_who_claim_one_gets_it_and_the_other_is_told_who(came: Any, cast: Any, clock: Any) -> None:
    item = came()
    actions.claim(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    with pytest.raises(Conflict, match="Call Taker"):
        actions.claim(actor=cast.dispatcher.actor, now=clock(), item_id=item.id)
    with pytest.raises(Conflict, match="Call Taker"):
        actions.close(actor=cast.dispatcher.actor, now=clock(), item_id=item.id, why="spam")
    with pytest.raises(Conflict):
        actions.give_back(actor=cast.dispatcher.actor, now=clock(), item_id=item.id)
    actions.give_back(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    assert actions.claim(actor=cast.dispatcher.actor, now=clock(), item_id=item.id).claimed_by == \
        cast.dispatcher.actor.id


def test_two_who_read_it_free_at_the_same_moment_do_not_both_get_it(came: Any, cast: Any, clock: Any) -> None:
    """Compare and set below the check: the second writes on what it read before the first wrote."""
    item = came()
    stale = Item.objects.get(id=item.id)
    actions.claim(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    with pytest.raises(Conflict) as refused:
        items._change(stale, state="claimed", claimed_by="another", claim_until=clock())
    assert refused.value.code == "raced"


def test_a_claim_lapses_by_itself_and_anybody_may_take_it_then(came: Any, cast: Any, clock: Any) -> None:
    item = came()
    actions.claim(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    assert items.lapse(clock.forward(minutes=9)) == 0
    assert items.lapse(clock.forward(minutes=1)) == 1
    assert Item.objects.get(id=item.id).state == "waiting"
    assert kinds(item)[-1] == "item.given_back"
    actions.claim(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    clock.forward(minutes=11)  # also before the worker has looked
    assert actions.claim(actor=cast.dispatcher.actor, now=clock(), item_id=item.id).claimed_by == \
        cast.dispatcher.actor.id


def test_it_becomes_a_call_with_its_sender_and_words_and_the_call_says_how_it_came(
        came: Any, cast: Any, clock: Any, save: Any) -> None:
    item = came("楼下有人打架")
    key = uuid4()
    call_id = actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=item.id, key=key)
    assert actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=item.id, key=key) == call_id  # a retry
    call = save(cast.call_taker)
    item.refresh_from_db()
    assert (call.id, item.state, item.call, item.claimed_by) == (call_id, "call", call.id, "")
    assert CallWords.objects.filter(call=call).count() == 1
    assert [e.payload for e in of("call", call.id) if e.kind == "call.came_by"] == [{"channel": "sms"}]
    with pytest.raises(Conflict):
        actions.begin(actor=cast.dispatcher.actor, now=clock(), item_id=item.id)


def test_passed_on_from_the_form_it_is_a_matter(came: Any, cast: Any, clock: Any, save: Any) -> None:
    from shouwang.desk.calls.terms import Transfer

    item = came("路灯坏了")
    actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    save(cast.call_taker, transfer=Transfer("matter", "Street office"))
    assert Item.objects.get(id=item.id).state == "matter"


def test_a_form_that_was_saved_after_its_claim_lapsed_settles_it_all_the_same(
        came: Any, cast: Any, clock: Any, save: Any) -> None:
    item = came()
    actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    items.lapse(clock.forward(minutes=11))
    save(cast.call_taker)
    assert Item.objects.get(id=item.id).state == "call"


def test_what_somebody_has_typed_and_not_saved_is_never_overwritten(came: Any, cast: Any, clock: Any) -> None:
    from shouwang.desk.calls import actions as calls

    calls.save_draft(actor=cast.call_taker.actor, now=clock(), body={"id": str(uuid4()), "words": "half a call"})
    item = came()
    with pytest.raises(Conflict) as refused:
        actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    assert refused.value.code == "draft"
    assert (calls.read_draft(actor=cast.call_taker.actor, now=clock()) or {})["words"] == "half a call"
    assert Item.objects.get(id=item.id).state == "waiting"  # and it is not in a hand that cannot work on it


def test_attached_it_is_a_further_caller_of_an_open_call(came: Any, cast: Any, clock: Any, save: Any) -> None:
    actions.begin(actor=cast.call_taker.actor, now=clock(), item_id=came().id)
    call = save(cast.call_taker)
    second = came("also here")
    actions.attach(actor=cast.dispatcher.actor, now=clock(), item_id=second.id, call_id=call.id)
    second.refresh_from_db()
    assert (second.state, second.call) == ("attached", call.id)
    assert CallWords.objects.filter(call=call).count() == 2
    Call.objects.filter(id=call.id).update(state="closed", closed_at=clock())
    third = came("too late")
    with pytest.raises(Conflict):
        actions.attach(actor=cast.dispatcher.actor, now=clock(), item_id=third.id, call_id=call.id)
    assert Item.objects.get(id=third.id).state == "waiting"


def test_closed_only_for_a_reason_of_the_list_and_opened_again(came: Any, cast: Any, clock: Any) -> None:
    item, who = came(), cast.call_taker.actor
    with pytest.raises(Refused):
        actions.close(actor=who, now=clock(), item_id=item.id, why="")
    actions.close(actor=who, now=clock(), item_id=item.id, why="spam")
    assert facts.counts(("",)).items == 0
    actions.reopen(actor=who, now=clock(), item_id=item.id)
    assert facts.counts(("",)).items == 1
    with pytest.raises(Conflict):
        actions.reopen(actor=who, now=clock(), item_id=item.id)


def test_words_are_opened_to_who_works_there_and_written_down_once_a_shift(came: Any, cast: Any, clock: Any) -> None:
    item = came("secret words")
    for _again in range(2):
        assert actions.read(actor=cast.call_taker.actor, now=clock(), item_id=item.id)[1] == "secret words"
    assert kinds(item).count("access.item_read") == 1
    clock.forward(hours=9)
    actions.read(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    assert kinds(item).count("access.item_read") == 2
    with pytest.raises(Missing):
        actions.read(actor=cast.stranger.actor, now=clock(), item_id=item.id)


def test_the_sender_is_shown_for_a_stated_reason_alone(came: Any, cast: Any, clock: Any) -> None:
    item = came()
    with pytest.raises(Refused):
        actions.reveal(actor=cast.dispatcher.actor, now=clock(), item_id=item.id, reason=" ")
    with pytest.raises(Denied):
        actions.reveal(actor=cast.call_taker.actor, now=clock(), item_id=item.id, reason="to ask back")
    assert actions.reveal(actor=cast.dispatcher.actor, now=clock(), item_id=item.id, reason="to ask") == "13900001234"
    assert kinds(item)[-1] == "item.revealed"
    other = of("item", item.id)[0]
    with pytest.raises(Conflict):  # the id of another event is no key to what is written nowhere
        actions.reveal(actor=cast.dispatcher.actor, now=clock(), item_id=item.id, reason="x", key=UUID(other.id))
    assert Reason.objects.count() == 1


def test_no_word_and_no_number_stands_in_the_clear_anywhere(came: Any, cast: Any, clock: Any) -> None:
    item = came("verbatim words", sender="13912345678")
    actions.reply(actor=cast.dispatcher.actor, now=clock(), item_id=item.id, text="our answer", id=uuid4())
    held = json.dumps([list(m.objects.values()) for m in (Item, Event, Card)], default=lambda v: bytes(v).decode(
        "latin1") if isinstance(v, bytes | memoryview) else str(v))
    for text in ("verbatim", "13912345678", "our answer"):
        assert text not in held


def test_after_its_time_nobody_reads_it_and_what_waits_is_kept(came: Any, cast: Any, clock: Any) -> None:
    item, waiting = came("old words", place="Elm St 5", lon=-90.222, lat=38.63), came("still waits")
    actions.close(actor=cast.call_taker.actor, now=clock(), item_id=item.id, why="answered")
    assert actions.items_due(clock.forward(days=89)) == 0
    assert actions.items_due(clock.forward(days=2)) == 1
    assert actions.read(actor=cast.call_taker.actor, now=clock(), item_id=item.id)[1] == ""
    item.refresh_from_db()
    assert (item.place, item.lon) == ("", None)
    assert actions.read(actor=cast.call_taker.actor, now=clock(), item_id=waiting.id)[1] == "still waits"
    with pytest.raises(Conflict):
        actions.reply(actor=cast.call_taker.actor, now=clock(), item_id=item.id, text="too late", id=uuid4())


def test_a_hold_keeps_it(came: Any, cast: Any, clock: Any) -> None:
    from shouwang.desk.log import retention

    item = came("kept words")
    actions.close(actor=cast.call_taker.actor, now=clock(), item_id=item.id, why="answered")
    clock.forward(days=100)
    retention.hold(actor=cast.auditor.actor, now=clock(), subject_kind="item", subject=str(item.id), reason="court",
                   until=clock() + timedelta(days=30))
    assert actions.items_due(clock()) == 0


# ---- the doors


SMS = {"id": "1", "from": "x", "text": "y"}


def text_message(body: dict[str, Any] | bytes, *, late_s: int = 0, secret: str = "") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = str(int(time.time()) - late_s)
    sign = signature(secret or settings.CONFIG.secret(SMS_KEY), at, raw)
    return Client(enforce_csrf_checks=True).post(
        "/hooks/sms/", raw, content_type="application/json",
        headers={"X-Shouwang-Time": at, "X-Shouwang-Signature": sign})


def test_a_signed_text_message_comes_in_once(town: Any) -> None:
    body = {"id": "sms-1", "from": "13900001234", "text": "有人打架"}
    first, again = text_message(body), text_message(body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Item.objects.get().channel == "sms"


@pytest.mark.parametrize(("body", "given", "status"), [
    (SMS, {"late_s": 400}, 401), (SMS, {"late_s": -400}, 401), (SMS, {"secret": "guessed"}, 401),
    (b"no json", {}, 422), ({**SMS, "id": ""}, {}, 422), ({**SMS, "from": 5}, {}, 422), (b"[]", {}, 422),
    ({"from": "x", "text": "y"}, {}, 422), (b"x" * 70_000, {}, 422),
])
def test_what_is_not_signed_or_no_message_is_refused(town: Any, body: Any, given: Any, status: int) -> None:
    assert text_message(body, **given).status_code == status
    assert not Item.objects.exists()


def test_an_unsigned_request_is_refused(town: Any) -> None:
    assert Client().post("/hooks/sms/", b"{}", content_type="application/json").status_code == 401


def test_half_a_character_does_not_stop_a_message(town: Any) -> None:
    assert text_message(b'{"id": "h", "from": "1", "text": "help \\ud83d"}').status_code == 201


def test_a_resident_who_cannot_ring_writes_and_follows_what_the_desk_says(town: Any, cast: Any, clock: Any) -> None:
    from shouwang.desk.workflow.models import Setting

    Setting.objects.create(key="puzzle_bits", value=8)
    client = Client()
    page = client.get("/r/urgent/").content.decode()
    assert page.index("tel:110") < page.index('id="urgent"')  # ring first
    body = {**solved(), "kind": "400100", "lon": -90.222, "lat": 38.63, "words": "smoke on the stairs",
            "contact": "13900001234"}
    told = client.post("/r/urgent/send/", json.dumps(body), content_type="application/json")
    assert told.status_code == 201
    again = client.post("/r/urgent/send/", json.dumps(body), content_type="application/json")
    assert again.json()["token"] == told.json()["token"]
    item = Item.objects.get()
    assert (item.channel, item.type, item.severity, item.area) == ("web", "400100", 1, "t/2/b/")

    def state() -> Any:
        return client.post("/r/urgent/state/", json.dumps({"token": told.json()["token"]}),
                           content_type="application/json").json()
    before = state()
    assert before["replies"] == []
    actions.claim(actor=cast.call_taker.actor, now=clock(), item_id=item.id)
    actions.reply(actor=cast.call_taker.actor, now=clock(), item_id=item.id, text="Go outside.", id=uuid4())
    after = state()
    assert after["state"] != before["state"]
    assert [r["text"] for r in after["replies"]] == ["Go outside."]
    assert item.replies.get().state == "sent"
    assert client.post("/r/urgent/state/", json.dumps({"token": str(uuid4())}),
                       content_type="application/json").status_code == 404


@pytest.mark.parametrize(("change", "field"), [
    ({"counter": 5}, ""), ({"words": "", "kind": ""}, "words"), ({"lat": 99}, "lat"), ({"kind": "999999"}, "kind"),
])
def test_a_resident_is_told_what_is_wrong(town: Any, change: dict[str, Any], field: str) -> None:
    from shouwang.desk.workflow.models import Setting

    Setting.objects.create(key="puzzle_bits", value=8)
    client = Client()
    body = {**solved(), "kind": "", "words": "help", "place": "Elm", **change}
    if "counter" in change:
        body["token"] = body["token"][:-1] + ("A" if body["token"][-1] != "A" else "B")
    answer = client.post("/r/urgent/send/", json.dumps(body), content_type="application/json",
                         headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Item.objects.exists()


def test_pages_and_api_work_on_a_message(came: Any, cast: Any, clock: Any) -> None:
    item, who = came("楼下有人打架", at=clock()), cast.call_taker.client
    page = who.get("/inbox/").content.decode()
    assert str(item.id) in page
    assert "楼下有人打架" not in page  # words are opened one by one
    assert "楼下有人打架" in who.get(f"/inbox/{item.id}/").content.decode()
    assert '<span class="n">1</span>' in who.get("/inbox/mark/").content.decode()
    claimed = who.post(f"/api/inbox/{item.id}/claim", "{}", content_type="application/json")
    assert claimed.json()["state"] == "claimed"
    second = cast.dispatcher.client.post(f"/api/inbox/{item.id}/claim", "{}", content_type="application/json")
    assert (second.status_code, "Call Taker" in second.json()["detail"]) == (409, True)
    opened = who.post(f"/api/inbox/{item.id}/open", "{}", content_type="application/json").json()
    form = who.get(opened["url"]).content.decode()
    assert opened["call"] in form
    assert "13900001234" in form
    assert who.get("/api/inbox").json()[0]["id"] == str(item.id)
    body = {"id": str(uuid4()), "text": "on the way"}
    assert who.post(f"/api/inbox/{item.id}/reply", json.dumps(body), content_type="application/json").json()["state"] \
        == "queued"
    assert [r["text"] for r in who.get(f"/api/inbox/{item.id}").json()["replies"]] == ["on the way"]
    assert who.post(f"/api/inbox/{item.id}/back", "{}", content_type="application/json").json()["state"] == "waiting"
    assert cast.stranger.client.get("/api/inbox").json() == []


def test_calls_that_opened_by_themselves_are_counted_where_not_all_are_shown(
    cast: Any, town: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "LINKED", 2)
    for n in range(5):
        take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
            id=uuid4(), type="201302", place=f"Bank {n}", lon=-90.222, lat=38.63, source="alarm"))
    page = cast.call_taker.client.get("/inbox/").content.decode()
    assert sum(f"Bank {n}" in page for n in range(5)) == 2 and "调度台上还有 3 起" in page
