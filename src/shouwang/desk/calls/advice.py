"""Which units for this call, and what it costs; which calls may be the same. The only door of this room to the engine."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Promised:
    """The units recommended for a call, and the seconds each needs by road."""

    recommended: frozenset[UUID]
    eta_s: dict[UUID, float]


def promised(call_id: UUID | str, units: Sequence[UUID]) -> Promised | None:
    return None
