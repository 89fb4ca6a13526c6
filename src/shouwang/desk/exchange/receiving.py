"""What another centre sends: checked, kept and answered by a signed receipt, or refused with what is wrong.

The order of the checks: size, form, who signed, the signature, for whom, when, and only then what it says. Nothing is
kept before the signature stands."""
from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError
from django.db.models import F

from shouwang.desk.log import signing
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.names import home
from shouwang.desk.log.seal import seal_bytes
from shouwang.desk.log.writing import Log, writing
from shouwang.engine.errors import BadInput

from .actions import tell
from .facts import record
from .models import Document, Help, Neighbour
from .reading import MOST_B, read
from .terms import ASKING, ENDED, HELPING, MAY, Said

MOST_TOKEN_B = MOST_B * 4 // 3 + 4096
CLOCK = timedelta(minutes=10)  # a signature is good for so long before and after our time
RECEIPT = "application/json"
MOST_WAITING = 200  # requests of one neighbour that are not over
TOLD_EVERY_S = 60  # a fault of one sender is written into the log at most so often
log = logging.getLogger("shouwang.exchange")


class Rejected(Exception):
    """The document is not taken: an HTTP status, a code for programs, and what is wrong and how it is mended."""

    def __init__(self, status: int, code: str, detail: str, who: Neighbour | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.who = status, code, detail, who


@dataclass(frozen=True)
class Signed:
    """A document whose signature stands."""

    neighbour: Neighbour
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def receive(body: Callable[[], bytes], length: int, now: datetime) -> str:
    """Takes a document in and returns the receipt, a compact JWS. One that was taken before gets its receipt again and
    changes nothing. `length`: of the body as announced, looked at before `body` reads it. Raises Rejected."""
    try:
        if length > MOST_TOKEN_B:
            raise Rejected(413, "size", f"the body has {length} B. Send at most {MOST_TOKEN_B} B.")
        signed = check(body(), now)
        document = _read(signed)
        duplicate = _keep(signed, document, now)
    except Rejected as refusal:
        _tell_fault(refusal, now)
        raise
    said = {"document": str(document.id), "digest": signed.digest, "duplicate": duplicate}
    return signing.sign(json.dumps(said).encode(), key=signing.own_key(), at=now,
                        audience=signed.neighbour.thumbprint, type=RECEIPT)


def check(token: bytes, now: datetime) -> Signed:
    """The content, if a neighbour that is in use signed it for us, now."""
    try:
        header = signing.header_of(token.strip())
    except signing.BadSignature as error:
        raise Rejected(400, "form", f"{error}. Send one compact JWS as the body.") from None
    who = str(header.get("kid", ""))[:64]
    neighbour = Neighbour.objects.filter(thumbprint=who).first() if who.isalnum() and who.isascii() else None
    if neighbour is None:
        raise Rejected(401, "unknown", "no neighbour is entered here with the key that kid names. Have it entered.")
    if not neighbour.usable:
        raise Rejected(403, "not_confirmed", "the key is entered but not in use: two people have to compare its "
                       "thumbprint first.", neighbour)
    try:
        content = signing.opened(token.strip(), signing.read_public(neighbour.public_key))
    except signing.BadSignature as error:
        raise Rejected(401, "signature", f"{error} {who}.", neighbour) from None
    if header.get("aud") != signing.thumbprint(signing.own_key()):
        raise Rejected(403, "audience", "aud does not name this centre's key: it is meant for another.", neighbour)
    at = _signed_at(header.get("iat"))
    if at is None or abs(now - at) > CLOCK:
        raise Rejected(400, "clock", f"iat is {header.get('iat')!r:.40}, here it is {int(now.timestamp())}: more than "
                       f"{int(CLOCK.total_seconds())} s apart. Set the clock and sign it anew.", neighbour)
    return Signed(neighbour, content)


def _signed_at(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(value, UTC) if type(value) is int else None
    except (ValueError, OverflowError, OSError):
        return None


def _read(signed: Signed) -> Said:
    try:
        return read(signed.content)
    except BadInput as error:
        raise Rejected(422, "document", str(error)[:4000], signed.neighbour) from None


def of(neighbour: Neighbour) -> Actor:
    """Who acts: the other centre, which may do nothing but say how it stands."""
    return Actor(f"neighbour:{neighbour.id}"[:64], neighbour.en, "system", {})


def _keep(signed: Signed, said: Said, now: datetime) -> bool:
    """Keeps the document and what it changes in one transaction. Returns whether it was known."""
    try:
        with writing(actor=of(signed.neighbour), now=now) as events:
            Neighbour.objects.filter(id=signed.neighbour.id).update(heard_at=now)
            if _known(signed, said):
                return True
            help = _request(events, signed.neighbour, said, now)
            Document.objects.create(
                id=said.id, help=help, ours=False, n=said.n, state=said.state, at=now, digest=signed.digest,
                body=seal_bytes(record(help.id), f"document:{said.id}", signed.content))
            if said.n > help.heard:
                _hear(events, help, said, now)
    except IntegrityError:  # the same document twice at one moment, or another in its place
        if _known(signed, said):
            return True
        raise Rejected(409, "document", "another document has this number within the request.",
                       signed.neighbour) from None
    return False


def _known(signed: Signed, said: Said) -> bool:
    before = Document.objects.select_related("help").filter(id=said.id).first()
    if before is None:
        return False
    if before.ours or before.digest != signed.digest or before.help.neighbour_id != signed.neighbour.id:
        raise Rejected(409, "document", "another document has this id already. Give it one of its own.",
                       signed.neighbour)
    return True


def _request(events: Log, neighbour: Neighbour, said: Said, now: datetime) -> Help:
    """The request that the document is about, locked; a new one where a neighbour asks."""
    help = Help.objects.select_for_update(of=("self",)).select_related("neighbour").filter(id=said.help).first()
    if help is None and said.side == ASKING:
        if not home():
            raise Rejected(503, "not_ready", "this centre has no district yet. Try again later.", neighbour)
        if Help.objects.filter(neighbour=neighbour, side=HELPING, ended_at__isnull=True).count() >= MOST_WAITING:
            raise Rejected(429, "flood", f"{MOST_WAITING} of your requests are open here. End some first.", neighbour)
        return Help.objects.create(
            id=said.help, side=HELPING, neighbour=neighbour, area=home(), made_at=now, made_by=of(neighbour).id,
            **_described(said))
    if help is None or help.neighbour_id != neighbour.id:
        raise Rejected(404, "request", "there is no such request between the two centres.", neighbour)
    if help.side == said.side:
        raise Rejected(409, "side", f"this centre is the {help.side} side of the request itself.", neighbour)
    return help


def _described(said: Said) -> dict[str, Any]:
    assert said.lon is not None and said.lat is not None  # held by reading.py for a side that asks
    return {"type": said.type, "type_text": said.type_text, "severity": said.severity or 2, "place": said.place,
            "lon": said.lon, "lat": said.lat, "number": said.number, "by_at": said.by,
            "asked": [vars(n) for n in said.asked], "units": [vars(u) for u in said.units]}


def _hear(events: Log, help: Help, said: Said, now: datetime) -> None:
    """What the newest document changes. What is over stays over: a later word is kept and moves nothing."""
    old, values = help.state, {"heard": said.n, "theirs_at": min(said.at, now)}
    if old not in ENDED:
        values |= _described(said) if said.side == ASKING else {
            "offered": [vars(n) for n in said.offered], "arrives_at": said.arrives, "number": said.number,
            "units": [vars(u) for u in said.units]}
        if said.state != "sent":  # a side that asks says no more than that it still does
            values |= {"state": said.state, **({"ended_at": now} if said.state in ENDED else {})}
    first = help.heard == 0 and help.side == HELPING
    Help.objects.filter(id=help.id).update(version=F("version") + 1, **values)
    help.refresh_from_db()
    if first:
        tell(events, "help.received", help, words=said.words, new=help.state)
    else:
        tell(events, "help.heard", help, words=said.words, old=old, new=help.state)


def _tell_fault(refusal: Rejected, now: datetime) -> None:
    """Writes down that a document was refused, and why: at most once a minute for a sender and reason, so that nobody
    fills the log from outside."""
    name = str(refusal.who.id) if refusal.who else "unknown"
    log.warning("document of neighbour %s refused: %s", name, refusal.code)
    if cache.add(f"exchange.{name}.{refusal.code}", 1, TOLD_EVERY_S):
        with writing(actor=system("exchange"), now=now) as events:
            events.append("neighbour.rejected", subject=("neighbour", name), area=home(), may=MAY,
                          payload={"fault": refusal.code, "status": refusal.status})
