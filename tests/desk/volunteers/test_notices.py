"""Look-outs within the limits, notices, their delivery, and answers for the desk alone."""
from __future__ import annotations

import base64
import json
import socketserver
import threading
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from shouwang.desk.calls import defaults
from shouwang.desk.calls.actions import take_call
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log import reactions
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.seal import keys
from shouwang.desk.matters import actions as matters
from shouwang.desk.matters.models import Matter
from shouwang.desk.volunteers import actions, channels, facts, links
from shouwang.desk.volunteers.channels import Email, Letter, Undelivered
from shouwang.desk.volunteers.models import Answer, Message, Notice
from shouwang.desk.volunteers.terms import LOOKOUTS
from shouwang.desk.workflow import pictures
from shouwang.desk.workflow.models import Setting

pytestmark = pytest.mark.django_db


def shot() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (180, 40, 40)).save(out, "JPEG")
    return out.getvalue()


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs to hand a letter over; it knows no box "no@"."""

    got: list[bytes] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                self.got.append(letter)
            no = verb == b"RCPT" and b"no@" in line
            self.wfile.write(b"550 no such box\r\n" if no else b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")


def link_of(notice: Notice) -> str:
    return links.notice_path(notice.messages.get())


# ---- the limits


@pytest.mark.parametrize(("given", "field"), [
    ({"about": ""}, "about"), ({"about": "suspect"}, "about"), ({"minutes": 24 * 60 + 1}, "minutes"),
    ({"minutes": 9}, "minutes"), ({"reason": "  "}, "reason"), ({"text": ""}, "text"), ({"text": "x" * 501}, "text"),
    ({"area": "nowhere/"}, "area"), ({"trades": ["spy"]}, "trades"), ({"kind": "wanted"}, "kind"),
    ({"kind": "hazard", "picture": b"x"}, "picture"), ({"picture": b"<svg/>"}, "photos"),
    ({"kind": "traffic", "minutes": 7 * 24 * 60 + 1}, "minutes")])
def test_what_the_limits_or_the_form_forbid_is_refused(order: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        order(**given)
    assert refused.value.field == field and not Notice.objects.exists()


def test_only_children_and_who_cannot_look_after_themselves_are_looked_for() -> None:
    assert set(LOOKOUTS) == {"child", "elder", "dependent"}


@pytest.mark.parametrize("wrong", [{"lasts_min": 1441}, {"about": "adult"}, {"about": ""}])
def test_the_database_itself_refuses_a_look_out_beyond_the_limits(order: Any, wrong: dict[str, Any]) -> None:
    row = order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(id=row.id).update(**wrong)


@pytest.mark.parametrize("by", ["dispatcher", "office", "call_taker", "member"])
def test_a_look_out_is_ordered_by_an_officer_who_may(order: Any, by: str) -> None:
    with pytest.raises(Denied):
        order(by=by)


def test_an_order_names_its_officer_and_its_reason_lies_sealed(order: Any, confirmed: Any, cast: Any) -> None:
    confirmed()
    row = order(picture=shot())
    event = Event.objects.get(kind="lookout.ordered")
    assert row.by == event.actor == str(cast.supervisor.user.id) and event.payload["told"] == 1
    assert not [t for t in ("Red coat", "market") if t in str(list(Event.objects.values())) + str(
        list(Notice.objects.values()))]
    page = Client().get(link_of(row)).content.decode()
    assert "Red coat" in page and cast.supervisor.user.name in page


def test_after_its_time_the_words_and_the_picture_are_gone(order: Any, confirmed: Any, cast: Any, clock: Any) -> None:
    confirmed()
    row = order(picture=shot(), minutes=24 * 60)
    path, file = link_of(row), pictures.path_of(row.picture)
    assert Client().get(f"{path}picture/").content[:2] == b"\xff\xd8" and file.exists()
    clock.forward(hours=23, minutes=59)
    actions.words_due(clock())
    assert keys().get(str(row.id)) and actions.read_text(row) == "Red coat, blue cap"
    clock.forward(minutes=1)
    actions.words_due(clock())
    old = row  # as a backup of the table would hold it: sealed text, and no key
    row = Notice.objects.get()
    assert (bytes(row.text), row.picture, row.ended_at, file.exists()) == (b"", None, clock(), False)
    assert actions.read_text(old) == "" and keys().get(str(row.id)) is None
    assert Client().get(path).status_code == 410 and Client().get(f"{path}picture/").status_code == 410
    assert row.messages.get().state == "void", "what was not sent in time is not sent"
    assert Event.objects.filter(kind="notice.words_deleted").count() == 1
    assert "Red coat" not in cast.supervisor.client.get(f"/notices/{row.id}/").content.decode()


def test_no_legal_hold_makes_a_look_out_last(order: Any, cast: Any, clock: Any) -> None:
    from shouwang.desk.log import retention

    row = order()
    retention.hold(actor=cast.auditor.actor, now=clock(), subject_kind="all", subject="*", reason="Court",
                   until=clock() + timedelta(days=9))
    clock.forward(hours=3)
    actions.due(clock())
    assert keys().get(str(row.id)) is None


def test_look_outs_are_few_and_end_early(order: Any, cast: Any, clock: Any) -> None:
    Setting.objects.create(key="lookouts_open", value=2)
    first, _second = order(), order()
    with pytest.raises(Conflict):
        order()
    order(kind="hazard", by="office", text="Ice")  # other notices are not counted
    with pytest.raises(Denied):
        actions.end_notice(actor=cast.dispatcher.actor, now=clock(), notice_id=first.id)
    key = new_id()
    for _twice in range(2):
        ended = actions.end_notice(actor=cast.supervisor.actor, now=clock(), notice_id=first.id, key=key)
    assert ended.words_deleted_at and keys().get(str(first.id)) is None
    order()


# ---- whom it reaches


@pytest.mark.parametrize(("given", "reached"), [
    ({}, {"east taxi", "east", "west"}), ({"area": "t/2/"}, {"east taxi", "east"}), ({"area": "t/1/a/"}, {"west"}),
    ({"trades": ["taxi_firm", "hotel"]}, {"east taxi"}), ({"area": "t/1/", "trades": ["taxi_firm"]}, set())])
def test_a_notice_reaches_an_area_and_trades(order: Any, confirmed: Any, register: Any, outbox: Any,
                                             given: dict[str, Any], reached: set[str]) -> None:
    numbers = {"314-555-0001": "east taxi", "314-555-0002": "east", "314-555-0003": "west"}
    confirmed(how="314-555-0001", trade="taxi_firm")
    confirmed(how="314-555-0002")
    confirmed(how="314-555-0003", area="t/1/a/")
    register(how="314-555-0004")  # not confirmed
    before = len(outbox())
    row = order(**given)
    letters = outbox()[before:]
    assert {numbers[line["to"]] for line in letters} == reached and row.told == len(reached)
    assert all("Red coat" not in line["text"] and "/v/" in line["text"] for line in letters), "a link, not the words"


def test_a_message_that_fails_is_tried_again_and_then_by_hand(order: Any, confirmed: Any, cast: Any,
                                                              clock: Any) -> None:
    confirmed()
    Message.objects.all().delete()
    folder = settings.CONFIG.data / "outbox"
    folder.write_text("a file where the folder should be")
    row = order(minutes=20 * 60)
    waits = []
    while (message := Message.objects.get()).state == "queued":
        actions.deliver(clock())
        waits.append((Message.objects.get().next_at - clock()).total_seconds())
        clock.forward(hours=1)
    assert (message.state, message.fault, message.tries) == ("failed", "disk", 5) and waits[:4] == [30, 120, 600, 1800]
    page = cast.supervisor.client.get(f"/notices/{row.id}/").content.decode()
    assert "文件无法写入" in page and 'value="retry"' in page
    folder.unlink()
    assert actions.retry(actor=cast.supervisor.actor, now=clock(), notice_id=row.id) == 1
    actions.deliver(clock())
    assert facts.deliveries([row.id])[row.id]["sent"] == 1 and len(list(folder.glob("*.jsonl"))) == 1
    assert oct((next(folder.glob("*.jsonl"))).stat().st_mode)[-3:] == "600"
    actions.due(clock.forward(days=3))
    assert not list(folder.glob("*.jsonl")), "a gateway has had its time"


def test_a_message_taken_by_a_run_that_died_goes_out_with_the_next(order: Any, confirmed: Any, outbox: Any,
                                                                   clock: Any) -> None:
    confirmed()
    before = len(outbox())
    order()
    Message.objects.filter(state="queued").update(state="sending", taken=new_id())
    assert len(outbox()) == before
    clock.forward(minutes=6)
    assert len(outbox()) == before + 1


def test_mail_goes_by_smtp(order: Any, confirmed: Any, clock: Any, settings: Any) -> None:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
    letter = Letter(new_id(), "wl@example.org", "Subject", "Read: http://x/v/1/", clock())
    Email().send(letter)
    with pytest.raises(Undelivered) as fault:
        Email().send(Letter(new_id(), "no@example.org", "Subject", "Text", clock()))
    assert (fault.value.fault, fault.value.again) == ("refused", False)
    server.shutdown()
    server.server_close()
    assert b"/v/1/" in Mailbox.got[-1] and str(letter.id).encode() in Mailbox.got[-1]
    settings.EMAIL_PORT = 1
    with pytest.raises(Undelivered) as fault:
        Email().send(letter)
    assert (fault.value.fault, fault.value.again) == ("unreachable", True)


# ---- answers


def test_a_volunteer_answers_by_the_link_and_the_desk_alone_reads_it(order: Any, confirmed: Any, cast: Any,
                                                                     clock: Any) -> None:
    who = confirmed()
    row = order()
    path, key = link_of(row), str(new_id())
    said = {"what": "seen", "place": "Elm St 17", "text": "By the fountain", "lon": "-90.222", "lat": "38.63",
            "key": key}
    client = Client()
    for _twice in range(2):
        assert client.post(path, said).status_code == 302
    answer = Answer.objects.get()
    assert (answer.lon, answer.lat) == (-90.222, 38.63) and not Message.objects.filter(
        opened_at__isnull=False).exists(), "an answer alone is no reading"
    client.get(path)
    told = facts.deliveries([row.id])[row.id]
    assert [told[name] for name in ("read", "answers", "new")] == [1, 1, 1]
    assert "fountain" not in str(list(Event.objects.values())) + str(list(Answer.objects.values()))

    page = cast.dispatcher.client.get(f"/notices/{row.id}/").content.decode()
    assert "By the fountain" in page and "Elm St 17" in page and who.number in page
    assert Event.objects.filter(kind="access.answers_read", actor=str(cast.dispatcher.user.id)).count() == 1
    office = cast.office.client.get(f"/notices/{row.id}/").content.decode()
    assert "Red coat" in office and "fountain" not in office and who.number in office
    with pytest.raises(Denied):
        actions.read_answers(actor=cast.office.actor, now=clock(), notice_id=row.id)
    cast.dispatcher.client.post(f"/notices/{row.id}/", {"do": "handle", "answer": str(answer.id)})
    answer.refresh_from_db()
    assert answer.handled_by == str(cast.dispatcher.user.id)
    with pytest.raises(Missing):
        actions.handle(actor=cast.office.actor, now=clock(), answer_id=answer.id)


@pytest.mark.parametrize("said", [{"what": "arrested", "text": "x"}, {"what": "seen"}, {"what": "seen", "lon": "1"},
                                  {"what": "seen", "text": "x" * 501}, {"what": "seen", "lon": "1", "lat": "99"}])
def test_what_is_no_answer_is_refused_and_what_was_typed_stays(order: Any, confirmed: Any, said: Any) -> None:
    confirmed()
    page = Client().post(link_of(order()), {"place": "", **said})
    assert page.status_code == 422 and (said.get("text", "") in page.content.decode()) and not Answer.objects.exists()


def test_ten_answers_are_enough(order: Any, confirmed: Any) -> None:
    confirmed()
    path = link_of(order())
    statuses = [Client().post(path, {"what": "seen", "text": str(n)}).status_code for n in range(11)]
    assert statuses == [302] * 10 + [409]


def test_a_link_ends_with_its_notice_and_with_its_volunteer(order: Any, confirmed: Any, clock: Any) -> None:
    who = confirmed()
    path = link_of(order())
    actions.withdraw(now=clock(), code=who.code)
    assert Client().get(path).status_code == 410
    assert Client().get("/v/made-up/").status_code == 404


def test_answers_are_deleted_a_week_after_the_end(order: Any, confirmed: Any, clock: Any) -> None:
    confirmed()
    row = order()
    Client().post(link_of(row), {"what": "seen", "text": "By the fountain"})
    answer = Answer.objects.get()
    actions.due(clock.forward(hours=3))
    assert Answer.objects.exists() and keys().get(str(answer.id)), "the desk still needs it"
    actions.due(clock.forward(days=8))
    assert not Answer.objects.exists() and not Message.objects.exists() and keys().get(str(answer.id)) is None


def test_a_look_out_for_a_call_stands_in_its_story(order: Any, confirmed: Any, cast: Any, clock: Any) -> None:
    defaults.load()
    call = take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type="500200", place="Elm St", lon=-90.222, lat=38.63))
    confirmed()
    row = order(call=call.id)
    Client().post(link_of(row), {"what": "seen", "text": "Here"})
    told = [e.text for e in timeline(call.id)]
    assert any("走失儿童" in t for t in told) and any("看到了" in t for t in told)
    with pytest.raises(Missing):
        order(call=new_id())


@pytest.mark.parametrize(("notice", "what", "kind"), [
    ({"kind": "traffic"}, "seen", "M0204"), ({"kind": "hazard"}, "more", "M0401"),
    ({"kind": "hazard"}, "gone", None),  # nothing is left to be put right
    ({}, "seen", None),  # a look-out: for the desk alone
])
def test_what_a_volunteer_sees_of_a_hazard_comes_in_as_a_matter_once(
    order: Any, confirmed: Any, cast: Any, clock: Any, notice: dict[str, Any], what: str, kind: str | None
) -> None:
    defaults.load()
    confirmed()
    said = {"what": what, "text": "A pole leans over the lane", "lon": "-90.222", "lat": "38.63", "key": str(new_id())}
    path = link_of(order(**notice))
    for _twice in range(2):
        Client().post(path, said)
        while reactions.run():
            pass
    rows = list(Matter.objects.all())
    assert [(m.type_id, m.source) for m in rows] == ([(kind, "observer")] if kind else [])
    for row in rows:
        told = matters.read_words(actor=cast.clerk.actor, now=clock(), matter_id=row.id)
        assert [t.text for t in told] == ["A pole leans over the lane"]
        assert "leans" not in str(list(Event.objects.values()))


def test_the_api_orders_answers_and_ends(confirmed: Any, cast: Any, town: Any) -> None:
    confirmed()

    def post(path: str, body: dict[str, Any], who: str = "supervisor") -> Any:
        return getattr(cast, who).client.post(path, json.dumps(body), content_type="application/json")

    body = {"id": str(new_id()), "kind": "lookout", "about": "elder", "text": "Grey hat", "area": "t/2/b/",
            "minutes": 60, "reason": "Left the home", "picture": base64.b64encode(shot()).decode()}
    made = post("/api/notices", body)
    assert made.status_code == 200 and made.json()["told"] == 1 and post("/api/notices", body).json() == made.json()
    notice = Notice.objects.get()
    Client().post(link_of(notice), {"what": "seen", "text": "By the river"})
    (answer,) = cast.dispatcher.client.get(f"/api/notices/{notice.id}/answers").json()
    assert answer["text"] == "By the river" and cast.office.client.get(
        f"/api/notices/{notice.id}/answers").status_code == 403
    assert post(f"/api/notices/{notice.id}/end", {}).json()["ended_at"]
    assert post("/api/notices", {**body, "id": str(new_id()), "minutes": 1441}).status_code == 422


def test_the_pages_order_a_look_out_with_a_picture(confirmed: Any, cast: Any) -> None:
    confirmed()
    client, picture = cast.supervisor.client, BytesIO(shot())
    picture.name = "p.jpg"
    said = {"about": "child", "text": "Red coat", "area": "t/2/b/", "hours": "4", "reason": "Lost",
            "key": str(new_id())}
    assert client.post("/notices/lookout/", said).status_code == 422, "not without saying that nobody is suspected"
    done = client.post("/notices/lookout/", {**said, "sure": "on", "picture": picture})
    assert done.status_code == 302, done.content.decode()
    row = Notice.objects.get()
    assert client.get(f"/notices/{row.id}/picture/").content[:2] == b"\xff\xd8" and row.lasts_min == 240
    assert client.get(f"/notices/{row.id}/part/").status_code == 200
    sent = cast.office.client.post("/notices/new/", {"kind": "traffic", "text": "Elm St shut", "area": "t/2/b/",
                                                     "hours": "4"})
    assert sent.status_code == 302 and Notice.objects.count() == 2
    assert channels.FAULTS
