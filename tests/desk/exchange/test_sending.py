"""Sending over real sockets: until a receipt, with growing waits, whatever the other side answers."""
from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from joserfc.jwk import OKPKey
from served import Served

from shouwang.desk.exchange import actions, facts, sending
from shouwang.desk.exchange.models import Document, Help, Neighbour
from shouwang.desk.log import signing
from shouwang.desk.log.models import Event
from shouwang.desk.workflow.models import Setting

Answer = Callable[[str], web.Response]


class Far:
    """The other centre on a real socket. `answer` makes what it says to a token; by default a receipt."""

    def __init__(self, peer: Any, tls: ssl.SSLContext | None = None) -> None:
        self.peer, self.got, self.answer = peer, [], self.receipt
        app = web.Application()
        app.router.add_post("/exchange/in/", self.take)
        self.served = Served(app, tls=tls)
        Neighbour.objects.filter(id=peer.row.id).update(address=self.served.url)

    async def take(self, request: web.Request) -> web.Response:
        token = await request.text()
        self.got.append(token)
        return self.answer(token)

    def receipt(self, token: str, key: OKPKey | None = None, **more: Any) -> web.Response:
        content = signing.opened(token.encode(), signing.read_public(self.ours))
        document = json.loads(content)["$id"].split(":")[4]
        said = {"document": document, "digest": hashlib.sha256(content).hexdigest()} | more
        return web.Response(text=signing.sign(json.dumps(said).encode(), key=key or self.peer.key, at=timezone.now()))

    ours = ""


@pytest.fixture
def far(peer: Any) -> Iterator[Far]:
    far = Far(peer)
    far.ours = signing.public_text(signing.own_key())
    yield far
    far.served.close()


def only() -> Document:
    return Document.objects.get(ours=True)


@pytest.mark.django_db
def test_delivered_once_with_its_receipt(ask: Any, far: Far, clock: Any) -> None:
    help = ask()
    assert [sending.send_due(clock()) for _ in range(2)] == [True, False]
    header = signing.header_of(far.got[0].encode())
    assert len(far.got) == 1 and header["aud"] == far.peer.row.thumbprint
    document = only()
    assert (document.delivered_at, document.due_at, document.tries) == (clock(), None, 1)
    assert facts.delivery(help).state == "delivered"
    assert Event.objects.filter(kind="help.delivered").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "fault"), [
    (lambda far, token: web.Response(status=500, text="<html>"), "unreachable: 500"),
    (lambda far, token: web.json_response({"detail": "unknown key", "code": "unknown"}, status=401),
     "refused: 401 unknown key"),
    (lambda far, token: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), "unreachable: 302"),
    (lambda far, token: web.Response(text="OK"), "receipt:"),
    (lambda far, token: far.receipt(token, key=OKPKey.generate_key("Ed25519")), "receipt:"),
    (lambda far, token: far.receipt(token, digest="0" * 64), "receipt:"),
    (lambda far, token: far.receipt(token, document="another"), "receipt:"),
    (lambda far, token: web.Response(text="[" * 60_000), "receipt:"),
])
def test_anything_but_the_right_receipt_is_tried_again(ask: Any, far: Far, clock: Any, answer: Any,
                                                       fault: str) -> None:
    help = ask()
    far.answer = lambda token: answer(far, token)
    assert sending.send_due(clock()) is False
    document = only()
    assert document.delivered_at is None and document.fault.startswith(fault)
    assert document.due_at == clock() + timedelta(seconds=sending.wait_s(0))
    assert sending.send_due(clock()) is False and len(far.got) == 1  # not before its time
    far.answer = far.receipt
    assert sending.send_due(document.due_at) is True
    assert only().tries == 2 and facts.delivery(help).state == "delivered"
    assert len({t.split(".")[1] for t in far.got}) == 1  # the same document, signed anew


@pytest.mark.django_db
def test_waits_grow_until_it_is_given_up_and_a_person_sends_it_again(ask: Any, peer: Any, cast: Any,
                                                                     clock: Any) -> None:
    Neighbour.objects.update(address="http://127.0.0.1:9")  # nobody listens there
    Setting.objects.create(key="exchange_give_up_h", value=1)
    help, at, waits = ask(), clock(), []
    while only().given_up_at is None and len(waits) < 60:
        assert sending.send_due(at) is False
        after = only().due_at
        if after is not None:
            waits.append((after - at).total_seconds())
            at = after
    assert waits[:8] == [2, 4, 8, 16, 32, 64, 128, 256] and set(waits[8:]) == {300}
    assert timedelta(hours=1) <= at - clock() < timedelta(hours=1, minutes=6)
    assert list(Event.objects.filter(kind__startswith="help.").order_by("seq").values_list("kind", flat=True)) == [
        "help.asked", "help.not_delivered", "help.given_up"]
    assert only().fault.startswith("unreachable") and facts.delivery(help).state == "given_up"
    actions.send_again(actor=cast.dispatcher.actor, now=at, help_id=help.id)
    assert facts.delivery(help).state == "waiting" and only().due_at == at
    sending.send_due(at)
    assert facts.delivery(help).state == "waiting"  # for as long again


@pytest.mark.django_db
def test_a_worker_killed_while_sending_leaves_it_to_be_sent_again(ask: Any, far: Far, clock: Any,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    ask()

    def killed(*given: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "_note", killed)  # after the answer, before it is written down
    with pytest.raises(KeyboardInterrupt):
        sending.send_due(clock())
    monkeypatch.undo()
    assert len(far.got) == 1 and only().delivered_at is None
    assert sending.send_due(only().due_at) is True and len(far.got) == 2


@pytest.mark.django_db
def test_one_that_is_silent_holds_up_no_other(ask: Any, far: Far, confirmed: Any, clock: Any, cast: Any, call: Any,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ANSWER_S", 0.3)
    silent = threading.Event()

    async def wait(request: web.Request) -> web.Response:
        while not silent.is_set():
            await asyncio.sleep(0.02)
        return web.Response()

    app = web.Application()
    app.router.add_post("/exchange/in/", wait)
    served = Served(app)
    try:
        row = confirmed(OKPKey.generate_key("Ed25519"), f"http://127.0.0.1:{served.port}")
        ask(neighbour_id=row.id)
        ask()
        sending.send_due(clock())
    finally:
        silent.set()
        served.close()
    found = {d.help.neighbour_id: d for d in Document.objects.select_related("help")}
    assert found[row.id].fault.startswith("slow") and found[far.peer.row.id].delivered_at is not None


@pytest.mark.django_db
def test_a_line_that_is_back_takes_all_at_once(ask: Any, far: Far, cast: Any, clock: Any) -> None:
    help = ask()
    actions.move(actor=cast.dispatcher.actor, now=clock(), help_id=help.id, transition="n_withdraw", words="over")
    Document.objects.update(due_at=clock() + timedelta(minutes=5), tries=9)
    Document.objects.filter(n=1).update(due_at=clock())
    assert [sending.send_due(clock()) for _ in range(3)] == [True, True, False]
    assert [json.loads(signing.opened(t.encode(), signing.own_key()))["help:request"]["state"] for t in far.got] == [
        "sent", "withdrawn"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signs itself, with its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), timezone.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    path = tmp_path / "tls.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


@pytest.mark.django_db
def test_over_tls_only_to_who_has_the_name(ask: Any, peer: Any, clock: Any, certificate: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    far = Far(peer, tls=tls)
    far.ours = signing.public_text(signing.own_key())
    try:
        ask()
        sending.send_due(clock())
        assert only().fault.startswith("certificate") and far.got == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # as for an authority of one's own
        sending.send_due(clock.forward(seconds=2))
        assert only().delivered_at == clock() and len(far.got) == 1
    finally:
        far.served.close()


@pytest.mark.django_db
def test_nothing_goes_to_a_key_that_nobody_has_compared(ask: Any, far: Far, clock: Any) -> None:
    ask()
    for change in ({"first_by": "", "second_by": ""}, {"first_by": "1", "second_by": "2", "active": False}):
        Neighbour.objects.update(**change)
        assert sending.send_due(clock()) is False and far.got == []


@pytest.mark.django_db(transaction=True)
def test_the_door_on_a_real_socket(peer: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `_post` says to the desk's own door, and what the door says of a body that is too large."""
    from shouwang.desk.exchange.receiving import MOST_TOKEN_B

    letter = sending.Letter(Document(), live_server.url, peer.sign(peer.document()).decode())
    receipt = sending._post(letter)
    assert isinstance(receipt, bytes) and Help.objects.get().state == "sent"
    assert json.loads(signing.opened(receipt, signing.own_key()))["duplicate"] is False
    large = sending._post(sending.Letter(Document(), live_server.url, "x" * (MOST_TOKEN_B + 1)))
    assert isinstance(large, sending.Failed) and ("413" in str(large) or large.code == "unreachable")
