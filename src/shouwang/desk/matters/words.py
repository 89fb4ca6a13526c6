"""Sealing and opening what was said about a matter. Everything lies under the matter's own key."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from django.conf import settings

from shouwang.desk.log.seal import Destroyed, digest, seal, unseal

from .models import Matter, MatterWords

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, without 0 O 1 I
LENGTH = 8


def keep(*, event: UUID, matter: Matter, kind: str, at: datetime, by: str, text: str) -> None:
    """Keeps words beside the event they belong to. No words, no row."""
    if text:
        sealed = seal(matter.id, f"words:{event}", text)
        MatterWords.objects.create(id=event, matter=matter, kind=kind, at=at, by=by, text=sealed)


def text_of(row: MatterWords) -> str:
    """The words in the clear, "" once they are deleted."""
    try:
        return unseal(row.matter_id, f"words:{row.id}", bytes(row.text))
    except Destroyed:
        return ""


def fingerprint(matter: object, text: str) -> str:
    return digest(matter, text)


def contact_sealed(matter: object, text: str) -> bytes:
    return seal(matter, "contact", text)


def contact_of(matter: Matter) -> str:
    try:
        return unseal(matter.id, "contact", bytes(matter.contact))
    except Destroyed:
        return ""


def code_of(matter: object) -> str:
    """The code by which a resident follows a report: made from its id, so that a retry is told the same; kept nowhere
    (40 bits, and attempts are counted)."""
    found = hmac.new(_secret(), f"follow {matter}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(found[:5])
    return "".join(LETTERS[number >> 5 * i & 31] for i in range(LENGTH))


def code_digest(code: str) -> str:
    """What the table knows of a code."""
    plain = "".join(c for c in code.upper() if c in LETTERS)
    return hmac.new(_secret(), f"code {plain}".encode(), hashlib.sha256).hexdigest()


def _secret() -> bytes:
    return str(settings.CONFIG.secret("follow.key")).encode()
