"""Sealing and opening what was said about a matter. Everything lies under the matter's own key."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shouwang.desk.log.codes import code_digest, code_of
from shouwang.desk.log.seal import Destroyed, digest, seal, unseal

from .models import Matter, MatterWords

__all__ = ["code_digest", "code_of", "contact_of", "contact_sealed", "fingerprint", "keep", "text_of"]


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
