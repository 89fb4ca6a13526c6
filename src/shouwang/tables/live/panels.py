"""Alarm panels as wire and desk both know them: what their codes mean, how their keys are kept, when one is silent."""
from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEYS = "panels.key"  # the secret under which panels' keys lie
KEY_BYTES = (16, 24, 32)
SILENT = "YC"  # the code under which the centre itself says that a panel is silent
_NONCE_B = 12


@dataclass(frozen=True, slots=True)
class Code:
    """What a code of a panel means (data/domain/alarm_codes.csv). `does`: alarm (a call of `call_type` and `severity`),
    note (a remark on that call), fault or clear (of the kind `fault`). Codes that are not there are answered and
    dropped: openings and closings, which would tell who comes when, among them."""

    code: str
    zh: str
    en: str
    does: str
    call_type: str
    severity: int
    fault: str


@cache
def codes() -> dict[str, Code]:
    text = (files("shouwang") / "data" / "domain" / "alarm_codes.csv").read_text(encoding="utf-8")
    return {r["code"]: Code(r["code"], r["zh"], r["en"], r["does"], r["call_type"], int(r["severity"] or 4), r["fault"])
            for r in csv.DictReader(text.splitlines())}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel in use. `key`: of AES-128, -192 or -256; b"" for one that sends in the clear. `supervise_s`: it sends
    something at least so often."""

    id: UUID
    key: bytes
    supervise_s: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What a panel reports and the desk has to know. `id`: the future call's. `zone`: -1 for none. Times in ms since
    1970: the panel's own clock, None where it gives none, and this machine's."""

    id: UUID
    panel: UUID
    sequence: int
    code: str
    zone: int
    at_device_ms: int | None
    received_ms: int

    @property
    def severity(self) -> int:
        return codes()[self.code].severity


def silent_after_s(supervise_s: float) -> float:
    """A panel is silent when nothing has come for its interval, a tenth of it and ten seconds more: one message may be
    under way."""
    return supervise_s * 1.1 + 10


def read_key(text: str) -> bytes:
    """A key as it is typed: 32, 48 or 64 hexadecimal digits, or "text:" and 16, 24 or 32 characters for panels that
    take their key as written. Raises ValueError; its text never repeats the key."""
    text = text.strip()
    try:
        key = text[5:].encode("ascii") if text.startswith("text:") else bytes.fromhex(text)
    except ValueError:
        raise ValueError("this is no key") from None
    if text and len(key) not in KEY_BYTES:
        raise ValueError("this is no key")
    return key


def wrap_key(secret: str, panel: UUID, key: bytes) -> bytes:
    """A panel's key as the database holds it: AES-GCM under a secret outside the data, bound to the panel."""
    nonce = os.urandom(_NONCE_B)
    return nonce + _cipher(secret).encrypt(nonce, key, panel.bytes) if key else b""


def unwrap_key(secret: str, panel: UUID, wrapped: bytes) -> bytes:
    """The key again. Raises ValueError when the secret is another one, or the key belongs to another panel."""
    try:
        return _cipher(secret).decrypt(wrapped[:_NONCE_B], wrapped[_NONCE_B:], panel.bytes) if wrapped else b""
    except InvalidTag:
        raise ValueError(f"the key of panel {panel} cannot be opened with {KEYS}") from None


@cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"alarm panels").derive(secret.encode()))
