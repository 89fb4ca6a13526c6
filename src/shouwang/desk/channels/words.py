"""Sealing and opening what came in. Everything lies under the key of the item, or of the call that rang."""
from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.models import CallType
from shouwang.desk.log.seal import Destroyed, seal, unseal

from .models import Item, Reply, Ring


def sealed(record: UUID, field: str, text: str) -> bytes:
    return seal(record, field, text)


def words_of(item: Item) -> str:
    return _open(item.id, "words", item.words)


def sender_of(item: Item) -> str:
    return _open(item.id, "sender", item.sender)


def text_of(reply: Reply) -> str:
    return _open(reply.item_id, f"reply:{reply.id}", reply.text)


def number_of(ring: Ring) -> str:
    return _open(ring.id, "number", ring.number)


def _open(record: UUID, field: str, text: bytes | memoryview) -> str:
    """The text in the clear, "" once its key is destroyed."""
    try:
        return unseal(record, field, bytes(text))
    except Destroyed:
        return ""


def ref_of(channel: str, ref: str) -> str:
    """A digest of what a sender numbers its messages by: mail writes addresses into it."""
    key = settings.CONFIG.secret("desk.key").encode()
    return hmac.new(key, f"{channel} {ref}".encode(), hashlib.sha256).hexdigest()


def suggested(words: str, types: Sequence[CallType] | None = None) -> str:
    """The call type that most of the words of a text point to, "" for none: of two alike the more urgent one."""
    text = unicodedata.normalize("NFKC", words).lower()
    best, code = (0, 0), ""
    for kind in calls.types() if types is None else types:
        if not kind.parent:
            continue
        hits = sum(_has(text, word.lower()) for word in (*kind.keywords_zh, *kind.keywords_en) if word)
        if hits and (hits, -kind.severity) > best:
            best, code = (hits, -kind.severity), kind.code
    return code


def _has(text: str, word: str) -> bool:
    return word in text if not word.isascii() else re.search(rf"\b{re.escape(word)}\b", text) is not None
