"""Mail and text messages on real servers in this process: pymap speaks IMAP, aiosmtpd SMTP, a small one HTTP."""
from __future__ import annotations

import http.server
import imaplib
import json
import mailbox as boxes
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

from live import free_port
from shouwang.desk.channels import actions, outside
from shouwang.desk.channels.models import Item, Reply
from shouwang.desk.channels.outside import HttpCarrier, Imap, Letter, Refusal, SmtpCarrier, Unreachable, signed

pytestmark = pytest.mark.django_db


def letter(text: str = "楼道里有燃气味，燃气泄漏", html: str = "", attached: int = 0) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Somebody <a@example.org>", "desk@example.org", "漏气"
    made["Message-ID"] = f"<{uuid4()}@example.org>"
    made.set_content(text) if text else made.set_content(html, subtype="html")
    for n in range(attached):
        made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=f"{n}.pdf")
    return made


@pytest.mark.parametrize(("made", "words", "left_out"), [
    (letter(), "漏气\n\n楼道里有燃气味，燃气泄漏", 0), (letter(attached=2), "漏气\n\n楼道里有燃气味，燃气泄漏", 2),
    (letter(text="", html="<style>p{}</style><p>Fire &amp; smoke<br>now</p><script>x()</script>"),
     "漏气\n\nFire & smoke\nnow", 0)])
def test_what_a_letter_says(made: EmailMessage, words: str, left_out: int) -> None:
    read = Letter("1", made.as_bytes()).read()
    lines = [line.strip() for line in read.words.splitlines()]
    assert ("\n".join(lines).strip(), read.sender, read.left_out) == (words, "a@example.org", left_out)


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"Content-Type: text/plain; charset=nonsense\r\n\r\nx",
                                 b"From: =?x?x?=\r\nDate: never\r\n\r\nhelp", b"Content-Type: multipart/mixed\r\n\r\n"])
def test_a_broken_letter_holds_up_no_other(raw: bytes, town: Any, tmp_path: Path, clock: Any,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    box = boxes.Maildir(tmp_path / "box")
    box.add(raw)
    box.add(letter())
    monkeypatch.setenv("SHOUWANG_MAIL_IN", f"maildir://{tmp_path / 'box'}")
    assert actions.fetch_mail(clock()) == 2
    assert actions.fetch_mail(clock()) == 0
    assert Item.objects.filter(type="400300").count() == 1


def test_a_letter_that_was_stored_and_not_marked_comes_in_once(town: Any, tmp_path: Path, clock: Any,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    box = boxes.Maildir(tmp_path / "box")
    box.add(letter())
    monkeypatch.setenv("SHOUWANG_MAIL_IN", f"maildir://{tmp_path / 'box'}")
    done = outside.Maildir.done

    def killed(self: Any, letter: Any) -> None:
        raise KeyboardInterrupt
    monkeypatch.setattr(outside.Maildir, "done", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.fetch_mail(clock())
    monkeypatch.setattr(outside.Maildir, "done", done)
    assert actions.fetch_mail(clock()) == 1
    assert Item.objects.count() == 1


@pytest.fixture(scope="module")
def imap() -> Iterator[int]:
    """pymap with one account that is kept in memory."""
    port = free_port()
    server = subprocess.Popen([str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port),
                               "--no-tls", "--no-service", "admin", "dict", "--demo-data"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _try in range(600):
            try:
                imaplib.IMAP4("127.0.0.1", port).logout()
                break
            except OSError:
                assert server.poll() is None, "pymap has ended"
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def test_letters_on_a_mail_server_come_in_once_and_are_marked_there(
        imap: int, town: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with imaplib.IMAP4("127.0.0.1", imap) as line:
        line.login("demouser", "demopass")
        line.create('"Desk mail"')
        for text in ("有人打架", "着火了，火灾"):
            line.append('"Desk mail"', "", "", letter(text=text).as_bytes())
    monkeypatch.setenv("SHOUWANG_MAIL_IN", f"imap://demouser:demopass@127.0.0.1:{imap}/Desk%20mail")
    assert actions.fetch_mail(clock()) == 2
    assert actions.fetch_mail(clock()) == 0
    assert sorted(Item.objects.values_list("type", "severity")) == [("200100", 2), ("400100", 1)]
    with Imap(f"imap://demouser:demopass@127.0.0.1:{imap}/Desk%20mail") as box:
        assert list(box.unread()) == []


class Taking:
    """A mail server that keeps what it is given, and refuses one address."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("gone@"):
            return "550 no such mailbox"
        if address.startswith("later@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[str, Taking]]:
    taking = Taking()
    server = Controller(taking, hostname="127.0.0.1", port=free_port())
    server.start()
    yield f"smtp://127.0.0.1:{server.port}?from=desk@example.org", taking
    server.stop()


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[Any]]]:
    """A carrier of text messages: what it was given, and whether the signature fits. Answers by the text."""
    taken: list[Any] = []

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = json.loads(body)
            fits = signed(settings.CONFIG.secret(outside.SMS_KEY), self.headers["X-Shouwang-Time"], body,
                          self.headers["X-Shouwang-Signature"], time.time())
            taken.append((told, fits))
            self.send_response(int(told["text"]) if told["text"].isdigit() else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/send?centre=1", taken
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_letter_goes_out_with_the_id_of_its_reply(smtp: Any) -> None:
    address, taking = smtp
    id = uuid4()
    SmtpCarrier(address).send(id=id, to="a@example.org", text="巡逻车已经出发\n请留在屋里")
    envelope = taking.letters[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.org", ["a@example.org"])
    assert str(id).encode() in envelope.content
    with pytest.raises(Refusal):
        SmtpCarrier(address).send(id=uuid4(), to="gone@example.org", text="x")
    with pytest.raises(Refusal):
        SmtpCarrier(address).send(id=uuid4(), to="a@b.org\r\nBcc: all@b.org", text="x")
    with pytest.raises(Unreachable):
        SmtpCarrier(f"smtp://127.0.0.1:{free_port()}?from=d@e.org").send(id=uuid4(), to="a@b.org", text="x")


def test_text_messages_go_out_signed(gateway: Any) -> None:
    address, taken = gateway
    id = uuid4()
    HttpCarrier(address).send(id=id, to="139", text="已收到")
    assert taken == [({"id": str(id), "to": "139", "text": "已收到"}, True)]
    for status, fault in (("400", Refusal), ("429", Unreachable), ("500", Unreachable), ("302", Unreachable)):
        with pytest.raises(fault):
            HttpCarrier(address).send(id=uuid4(), to="139", text=status)
    with pytest.raises(Unreachable):
        HttpCarrier(f"http://127.0.0.1:{free_port()}/").send(id=uuid4(), to="139", text="x")


def test_a_reply_is_tried_again_until_it_is_sent_or_given_up(came: Any, cast: Any, clock: Any, gateway: Any) -> None:
    address, taken = gateway
    who, item = cast.call_taker.actor, came()

    def reply(text: str) -> Reply:
        return actions.reply(actor=who, now=clock(), item_id=item.id, text=text, id=uuid4())
    sent, refused, busy = reply("on the way"), reply("400"), reply("503")
    ways = {"sms": HttpCarrier(address)}
    assert actions.send_due(clock(), ways) == 3
    assert actions.send_due(clock(), ways) == 0
    states = [(Reply.objects.get(id=r.id).state, Reply.objects.get(id=r.id).fault) for r in (sent, refused, busy)]
    assert states == [("sent", ""), ("failed", "refused"), ("queued", "unreachable")]
    for _try in range(5):
        assert actions.send_due(clock.forward(hours=5), ways) == 1
    busy.refresh_from_db()
    assert (busy.state, busy.tries) == ("failed", 6)
    assert len({told["id"] for told, _fits in taken}) == 3  # each try of one reply carries the same id
    assert actions.send_due(clock.forward(hours=5), ways) == 0


def test_without_a_way_out_a_reply_says_so(came: Any, cast: Any, clock: Any) -> None:
    row = actions.reply(actor=cast.call_taker.actor, now=clock(), item_id=came().id, text="x", id=uuid4())
    actions.send_due(clock(), outside.carriers())
    row.refresh_from_db()
    assert (row.state, row.fault) == ("failed", "no_way")
