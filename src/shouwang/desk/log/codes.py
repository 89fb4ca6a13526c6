"""Codes of eight letters by which somebody without an account comes back to what they sent."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, without 0 O 1 I
LENGTH = 8


def code_of(record: object) -> str:
    """The code of a record: made from its id, so that a retry is told the same; kept nowhere (40 bits, and attempts are
    counted)."""
    found = hmac.new(_secret(), f"follow {record}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(found[:5])
    return "".join(LETTERS[number >> 5 * i & 31] for i in range(LENGTH))


def code_digest(code: str) -> str:
    """What a table knows of a code."""
    plain = "".join(c for c in code.upper() if c in LETTERS)
    return hmac.new(_secret(), f"code {plain}".encode(), hashlib.sha256).hexdigest()


def _secret() -> bytes:
    return str(settings.CONFIG.secret("follow.key")).encode()
