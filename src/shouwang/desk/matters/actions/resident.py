"""What a resident without an account does: sends a report, follows it by its code, rates what was done.

Nobody is followed for that. A report costs a proof of work (Dwork and Naor 1992; the puzzle of Hashcash, Back 2002)
that belongs to its id: the id is handed out signed, and a second report with it is the first one again. How often one
address asks is counted in memory under a key that is made at each start, and written nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.settings import get as setting

from .. import words
from ..facts import step_of
from ..models import Matter
from ..terms import Given
from .moving import move
from .reporting import RESIDENT

LIFE_S = 2 * 3600  # a page may lie open so long before it is sent
_COUNTED = os.urandom(16)  # so that what is counted says nothing about an address, and nothing after a restart


class Flood(Refused):
    """Too many requests from one place within the time."""

    status = 429


@dataclass(frozen=True)
class Puzzle:
    """`id` is that of the report to be. Find a `counter` so that SHA-256 of "token:counter" begins with `bits`
    noughts."""

    id: UUID
    token: str
    bits: int


def puzzle() -> Puzzle:
    id = new_id()
    return Puzzle(id, _signer().sign(str(id)).decode(), int(setting("puzzle_bits")))


def solved(*, id: UUID, token: str, counter: int) -> None:
    """Raises Refused unless this is the id that was handed out with `token`, not too long ago, and the work is done."""
    try:
        said = _signer().unsign(token, max_age=LIFE_S).decode()
    except SignatureExpired:
        raise Refused(_("This page lay open for too long. Send it once more."), code="puzzle_old") from None
    except BadSignature:
        raise Refused(_("This was not sent from the page of this centre."), code="puzzle") from None
    digest = hashlib.sha256(f"{token}:{counter}".encode()).digest()
    if said != str(id) or int.from_bytes(digest) >> (256 - int(setting("puzzle_bits"))):
        raise Refused(_("This was not sent from the page of this centre."), code="puzzle")


def _signer() -> TimestampSigner:
    return TimestampSigner(settings.CONFIG.secret("desk.key"), salt="matters.puzzle")


def count(what: str, address: str, *, most: int, within_s: int = 3600) -> None:
    """Raises Flood when this is asked for more than `most` times within the time from one address."""
    name = hmac.new(_COUNTED, f"{what} {address}".encode(), hashlib.sha256).hexdigest()
    cache.add(name, 0, within_s)
    try:
        n = cache.incr(name)
    except ValueError:  # its time ended between the two
        n = 1
    if n > most:
        raise Flood(_("Too many from this connection. Try again in an hour, or call the community office."),
                    code="flood")


@dataclass(frozen=True)
class Followed:
    """What a resident sees of a matter: where it stands and until when, nothing of who does what."""

    number: str
    zh: str
    en: str
    place: str
    state: str
    step: int
    times: dict[str, datetime | None]
    due_at: datetime | None
    repeats: bool
    may_rate: bool
    rating: int | None


def follow(code: str) -> Followed:
    """The report of this code; of one that repeats another, how far the other is. Raises Missing."""
    own = _by_code(code)
    row = own.main or own
    due = row.handle_due_at if row.state in ("assigned", "handling", "extended") else None
    times = {"reported": own.reported_at, "accepted": row.accepted_at, "assigned": row.assigned_at,
             "answered": row.answered_at, "closed": row.closed_at}
    return Followed(own.number, row.type.zh, row.type.en, row.place, row.state, step_of(row.state), times, due,
                    own.main_id is not None, own.state == "closed", own.rating)


def rate(*, now: datetime, code: str, rating: int, key: UUID | None = None) -> None:
    """A resident's rating of what was done, 1 to 5."""
    move(actor=RESIDENT, now=now, matter_id=_by_code(code).id, transition="m_rate", given=Given(rating=rating), key=key)


def _by_code(code: str) -> Matter:
    row = None
    if len(code) <= 20:
        found = Matter.objects.select_related("type", "main", "main__type")
        row = found.filter(follow=words.code_digest(code)).first()
    if row is None:
        raise Missing(_("No report has this code. Look at it once more."), field="code", code="code")
    return row
