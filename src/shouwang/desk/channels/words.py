"""Sealing and opening what came in. Everything lies under the key of the item, or of the call that rang."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from shouwang.desk.calls import following
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
    found = following.suggested(words, types)
    return found[0].type.code if found else ""
