"""Calls that ring at the telephone exchange, as wire hears of them and desk takes them in."""
from __future__ import annotations

import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY = "telephone.key"  # the secret under which numbers lie between wire and desk
JOINED, ANSWERED, GONE, STOOD = "joined", "answered", "gone", "stood"
_NONCE_B = 12


@dataclass(frozen=True, slots=True)
class RingEvent:
    """What became of one call at the exchange. `kind`: joined (it rings, since `at_ms`), answered (at `seat`), gone
    (its caller hung up unanswered, or was let go), stood (no call: everything that rang at `at_ms` has been told, so
    that what was not is over). `unique`: the exchange's own number of the call; `line`: the queue, as 110; `number`:
    the caller's, "" where it is withheld. Times in ms since 1970, this machine's clock."""

    id: UUID
    kind: str
    unique: str
    at_ms: int
    line: str = ""
    seat: str = ""
    number: str = ""


def wrap_number(secret: str, event: UUID, number: str) -> bytes:
    """A number as the database holds it until desk seals it: AES-GCM under a secret outside the data."""
    nonce = os.urandom(_NONCE_B)
    return nonce + _cipher(secret).encrypt(nonce, number.encode(), event.bytes) if number else b""


def unwrap_number(secret: str, event: UUID, wrapped: bytes) -> str:
    """The number again; "" where the secret is another one, for a call without a number is a call all the same."""
    try:
        return _cipher(secret).decrypt(wrapped[:_NONCE_B], wrapped[_NONCE_B:], event.bytes).decode() if wrapped else ""
    except InvalidTag:
        return ""


def mark_of(secret: str, number: str) -> str:
    """Tells whether two calls of one day came from one number, and nothing else. Keyed: nobody can try numbers."""
    digits = re.sub(r"[^0-9*#]", "", number)
    return hmac.new(secret.encode(), f"mark {digits}".encode(), hashlib.sha256).hexdigest() if digits else ""


def seat_of(interface: str) -> str:
    """The telephone's own name in what the exchange calls it: PJSIP/6001 and Local/6001@desk/n are 6001."""
    return re.sub(r"(@.*|-[0-9a-f]{8})$", "", interface.partition("/")[2] or interface)[:40]


@cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"telephone numbers").derive(secret.encode()))
