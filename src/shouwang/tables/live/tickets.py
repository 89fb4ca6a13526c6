"""Tickets: what a page may hear and for which unit it may report, signed by desk and checked by wire."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from shouwang.engine.errors import ShouwangError

from .centre import secret

KEY = "live.key"
LIFE_S = 300
ANY_UNIT = "*"  # the replay moves many units; desk gives such a ticket to its own worker alone


class BadTicket(ShouwangError):
    """The ticket is forged, broken or over."""


@dataclass(frozen=True)
class Ticket:
    """`grants`: permission → area paths, as in an actor. `seq`: the log's head from before they were read: an
    later `access.ended` makes the ticket worthless. `expires_s`: seconds since 1970."""

    user: str
    expires_s: float
    seq: int
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str = ""

    def hears(self, may: str, area: str) -> bool:
        return bool(may) and any(area.startswith(path) for path in self.grants.get(may, ()))


def sign_ticket(data: Path, ticket: Ticket) -> str:
    values = [ticket.user, ticket.expires_s, ticket.seq, ticket.grants, ticket.unit]
    return str(_serializer(data).dumps(values))


def read_ticket(data: Path, text: str, *, now_s: float) -> Ticket:
    """The ticket in `text`. BadTicket when it is not ours or its time is over."""
    try:
        user, expires_s, seq, grants, unit = _serializer(data).loads(text)
    except (BadData, ValueError) as error:
        raise BadTicket("not a ticket of this centre") from error
    if expires_s <= now_s:
        raise BadTicket("the ticket is over; ask for a new one")
    return Ticket(user, expires_s, seq, {may: tuple(paths) for may, paths in grants.items()}, unit)


@lru_cache(maxsize=16)
def _serializer(data: Path) -> URLSafeSerializer:
    return URLSafeSerializer(secret(data, KEY), salt="live")
