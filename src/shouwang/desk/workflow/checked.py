"""A record as its steps left it, for the room that checks data. Rooms with steps make these; nothing sealed is opened
for them: of words they say only whether there are any."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Checked:
    """`values`: moments, codes, counts and whether something stands there, by name; lists of the like for parts. Never
    who did it, and no words. Two of the same id never stand in one answer."""

    kind: str
    id: UUID
    number: str
    area: str
    at: datetime
    values: dict[str, Any]


def located(area: str) -> bool:
    """Whether a path reaches a community: district, control area, community."""
    return area.count("/") >= 3
