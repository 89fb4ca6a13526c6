"""Sends what waits, by the worker: each document until its receipt, with growing waits, and given up after a day.

A document is taken by moving its next time on before it goes out, so that a worker that is killed leaves it to be sent
again; the other side knows it by its id."""
from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from django.db.models import F

from shouwang.desk.log import signing
from shouwang.desk.log.seal import Destroyed, unseal_bytes
from shouwang.desk.log.writing import writing

from .actions import CENTRE, tell
from .facts import record
from .models import Document, Help, Neighbour

PATH = "/exchange/in/"
FIRST_WAIT_S, LONGEST_WAIT_S = 2, 300
ANSWER_S, WHOLE_S = 10.0, 20.0  # of silence, and of all of it
ANSWER_MAX_B = 65536
AT_ONCE = 16  # neighbours
log = logging.getLogger("shouwang.exchange")


class Failed(Exception):
    """Not delivered. `code`: unreachable, certificate, slow, refused (with what the other side said), receipt."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"[:300]


@dataclass(frozen=True)
class Letter:
    """A document on its way."""

    document: Document
    address: str
    token: str


def wait_s(tries: int) -> int:
    """Seconds until the next try after so many."""
    return int(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(tries, 10)))


def send_due(now: datetime) -> bool:
    """Sends the oldest document due for each neighbour. Returns whether more may wait."""
    letters = [letter for d in _first_due(now) if (letter := _take(d, now))]
    if not letters:
        return False
    with ThreadPoolExecutor(min(AT_ONCE, len(letters))) as pool:  # they touch no database there
        answers = list(pool.map(_post, letters))
    taken = [_note(letter, answer, now) for letter, answer in zip(letters, answers, strict=True)]
    return any(taken)


def _first_due(now: datetime) -> Sequence[Document]:
    due = Document.objects.filter(due_at__lte=now, delivered_at__isnull=True, help__neighbour__active=True).exclude(
        help__neighbour__second_by="")  # another key that nobody has compared yet
    found: dict[object, Document] = {}
    for document in due.select_related("help__neighbour").order_by("at", "n"):
        found.setdefault(document.help.neighbour_id, document)
    return list(found.values())


def _take(document: Document, now: datetime) -> Letter | None:
    """Signs it for now. None where another worker was faster, or its words are deleted."""
    mine = Document.objects.filter(id=document.id, due_at=document.due_at, tries=document.tries)
    if not mine.update(due_at=now + timedelta(seconds=wait_s(document.tries)), tries=F("tries") + 1):
        return None
    document.refresh_from_db(fields=["due_at", "tries"])
    neighbour = document.help.neighbour
    try:
        body = unseal_bytes(record(document.help_id), f"document:{document.id}", bytes(document.body))
    except Destroyed:
        Document.objects.filter(id=document.id).update(due_at=None, given_up_at=now, fault="deleted")
        return None
    return Letter(document, neighbour.address, signing.sign(
        body, key=signing.own_key(), at=now, audience=neighbour.thumbprint))


def _post(letter: Letter) -> bytes | Failed:
    """What the other side answered with 200. No redirection is followed, and nothing else of ours is sent."""
    parts = urlsplit(letter.address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
    cut = threading.Timer(WHOLE_S, lambda: _cut(connection))  # whoever answers a byte at a time holds up nobody
    cut.start()
    try:
        connection.request("POST", PATH, letter.token.encode(), {"Content-Type": "application/jose"})
        answer = connection.getresponse()
        content = answer.read(ANSWER_MAX_B)
    except TimeoutError:
        return Failed("slow", f"no answer within {ANSWER_S:.0f} s")
    except (OSError, HTTPException, ValueError) as error:
        certificate = isinstance(error, SSLCertVerificationError)
        return Failed("certificate" if certificate else "unreachable", str(error) or type(error).__name__)
    finally:
        cut.cancel()
        connection.close()
    if answer.status == 200:
        return content
    return Failed("refused" if 400 <= answer.status < 500 else "unreachable", f"{answer.status} {_detail(content)}")


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(2)


def _detail(content: bytes) -> str:
    """What the other side says is wrong, if it says so as we would."""
    with suppress(ValueError, RecursionError):
        said = json.loads(content)
        if isinstance(said, dict) and isinstance(said.get("detail"), str):
            return "".join(ch for ch in said["detail"] if ch.isprintable())
    return ""


def _note(letter: Letter, answer: bytes | Failed, now: datetime) -> bool:
    """Writes down the receipt, or why there is none. Returns whether the neighbour took it."""
    document, failed = letter.document, answer if isinstance(answer, Failed) else _receipt(letter, answer)
    with writing(actor=CENTRE, now=now) as events:
        mine = Document.objects.filter(id=document.id, delivered_at__isnull=True)
        help = Help.objects.select_related("neighbour").get(id=document.help_id)
        if failed is None:
            if mine.update(delivered_at=now, due_at=None, given_up_at=None, fault=""):
                Neighbour.objects.filter(id=help.neighbour_id).update(heard_at=now)
                # Whatever waited for the line to come back goes now.
                Document.objects.filter(help__neighbour=help.neighbour_id, due_at__gt=now).update(due_at=now)
                tell(events, "help.delivered", help, tries=document.tries)
            return True
        log.warning("document %s: %s", document.id, failed)
        over = document.until is not None and now > document.until
        mine.update(fault=str(failed), **({"due_at": None, "given_up_at": now} if over else {}))
        if over or document.tries == 1:  # what is tried in between is seen in the list
            tell(events, "help.given_up" if over else "help.not_delivered", help, fault=failed.code)
    return False


def _receipt(letter: Letter, answer: bytes) -> Failed | None:
    """None if the answer is the neighbour's receipt for this document."""
    neighbour, document = letter.document.help.neighbour, letter.document
    try:
        said = json.loads(signing.opened(answer.strip(), signing.read_public(neighbour.public_key)))
        good = said["document"] == str(document.id) and said["digest"] == document.digest
    except (signing.BadSignature, ValueError, KeyError, TypeError, RecursionError):
        good = False
    return None if good else Failed("receipt", "the answer is no receipt signed by the neighbour's key")
