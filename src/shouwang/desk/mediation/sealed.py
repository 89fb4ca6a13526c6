"""Sealing and opening what a case holds of people. Everything lies under the case's own key."""

from __future__ import annotations

import json

from shouwang.desk.log.seal import Destroyed, seal, unseal

from .terms import MOST_OF_PARTY, NewParty


def keep(case: object, field: str, text: str) -> bytes:
    return seal(case, field, text)


def opened(case: object, field: str, content: bytes | memoryview) -> str:
    """The text in the clear, "" once it is deleted."""
    try:
        return unseal(case, field, bytes(content))
    except Destroyed:
        return ""


def details(case: object, id: object, new: NewParty) -> bytes:
    return seal(case, f"details:{id}", json.dumps({n: getattr(new, n).strip() for n in MOST_OF_PARTY}))


def details_of(case: object, id: object, content: bytes | memoryview) -> dict[str, str]:
    text = opened(case, f"details:{id}", content)
    return dict(json.loads(text)) if text else dict.fromkeys(MOST_OF_PARTY, "")
