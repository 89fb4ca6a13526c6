"""Sealed fields: what a person said or who they are, encrypted with a key of its own per record.

Keys lie in a file outside the data backups, wrapped by the centre's master key. Destroying a record's key destroys its
words everywhere, also in every backup. AES-256-GCM; the record and field are authenticated with the text, so that a
sealed value cannot be moved to another record.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from .errors import Refused


class Destroyed(Refused):
    """The record's key is gone: deleted on schedule, or on request."""

    status = 410


class KeyStore:
    """Record id → data key, in its own SQLite file (keys.sqlite3 beside the secrets)."""

    def __init__(self, path: Path, master: bytes) -> None:
        self.path = path
        self.ledger = path.parent.parent / "deletions.txt"  # record ids alone, beside the data
        self._wrap = AESGCM(master)
        self._local = threading.local()

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            db = sqlite3.connect(self.path, timeout=20, isolation_level=None)
            # secure_delete: a destroyed key is overwritten in the file, not only forgotten.
            db.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                "CREATE TABLE IF NOT EXISTS record_key (record TEXT PRIMARY KEY, wrapped BLOB NOT NULL)"
            )
            os.chmod(self.path, 0o600)
            self._local.db = db
        return db

    def get(self, record: str) -> bytes | None:
        row = self._db().execute("SELECT wrapped FROM record_key WHERE record = ?", (record,)).fetchone()
        return self._wrap.decrypt(row[0][:12], row[0][12:], record.encode()) if row else None

    def get_or_make(self, record: str) -> bytes:
        """Committed before the record itself: a key without a record is harmless, the other way round is not."""
        key = self.get(record)
        if key is None:
            nonce, fresh = os.urandom(12), os.urandom(32)
            wrapped = nonce + self._wrap.encrypt(nonce, fresh, record.encode())
            self._db().execute("INSERT OR IGNORE INTO record_key VALUES (?, ?)", (record, wrapped))
            key = self.get(record)
            assert key is not None
        return key

    def destroy(self, records: Iterable[str]) -> int:
        """Noted in a ledger first, so that an old copy of the keys, put back later, loses them again
        (`destroy_again`)."""
        due = [record for record in records if self.get(record) is not None]
        if due:
            with self.ledger.open("a", encoding="utf-8") as f:
                f.writelines(record + "\n" for record in due)
                f.flush()
                os.fsync(f.fileno())
            db = self._db()
            db.executemany("DELETE FROM record_key WHERE record = ?", [(record,) for record in due])
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(due)

    def older(self, first: str, last: str) -> list[str]:
        """Names of keys from `first` up to, but not including, `last`."""
        found = self._db().execute("SELECT record FROM record_key WHERE record >= ? AND record < ?", (first, last))
        return [record for (record,) in found]

    def destroy_again(self) -> int:
        """Destroys every key that was ever destroyed here: part of a restore."""
        return self.destroy(self.ledger.read_text(encoding="utf-8").split()) if self.ledger.exists() else 0


@cache
def keys() -> KeyStore:
    master = hashlib.sha256(settings.CONFIG.secret("master.key").encode()).digest()
    return KeyStore(settings.CONFIG.data / "secret" / "keys.sqlite3", master)


def seal(record: object, field: str, text: str) -> bytes:
    """Encrypts `text` as field `field` of `record`. An empty text stays empty."""
    return seal_bytes(record, field, text.encode())


def seal_bytes(record: object, field: str, content: bytes) -> bytes:
    """The same for a file."""
    if not content:
        return b""
    nonce = os.urandom(12)
    key = keys().get_or_make(str(record))
    return nonce + AESGCM(key).encrypt(nonce, content, f"{record}:{field}".encode())


def unseal(record: object, field: str, sealed: bytes) -> str:
    """The text again. Raises Destroyed when its key is gone. Callers log why they look before they look."""
    return unseal_bytes(record, field, sealed).decode()


def unseal_bytes(record: object, field: str, sealed: bytes) -> bytes:
    sealed = bytes(sealed or b"")
    if not sealed:
        return b""
    key = keys().get(str(record))
    if key is None:
        raise Destroyed("deleted on schedule", code="sealed_destroyed")
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], f"{record}:{field}".encode())
    except InvalidTag:
        raise Destroyed("the sealed text does not belong to this record", code="sealed_broken") from None


def digest(record: object, text: str) -> str:
    """A fingerprint of words for the log. Keyed by the record, so that nobody can guess a telephone number from it."""
    return hmac.new(keys().get_or_make(str(record)), text.encode(), hashlib.sha256).hexdigest() if text else ""
