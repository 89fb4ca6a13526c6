"""Words of this room."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Somewhere by its name and point, in degrees (WGS 84)."""

    zh: str
    en: str
    lon: float
    lat: float
