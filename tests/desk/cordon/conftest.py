"""A town with exits where units stand, and short names for asking."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shouwang.desk.cordon.models import Exit

SEEN = {"lon": -90.240, "lat": 38.630}
LONG_S = 15.0  # a busy machine, or one that compiles first, gets its proof too


@pytest.fixture
def exits(town: Any) -> Callable[..., list[Exit]]:
    """Names exits at the posts of units: P01, P02, T21, … or at points."""
    def name(*where: str | tuple[float, float]) -> list[Exit]:
        made = []
        for one in where:
            lon, lat = (town.units[one].lon, town.units[one].lat) if isinstance(one, str) else one
            made.append(Exit.objects.create(zh=f"{one} 口", en=f"Exit {one}", lon=lon, lat=lat, area="t/"))
        return made
    return name


@pytest.fixture
def ask(cast: Any, town: Any) -> Callable[..., Any]:
    """The dispatcher (or another) asks for a ring around SEEN, or a blockade."""
    def ask(what: str = "contain", by: str = "dispatcher", **given: Any) -> Any:
        body = (SEEN | {"limit_s": LONG_S} if what == "contain" else {}) | given
        return getattr(cast, by).client.post(f"/api/cordon/{what}", body, content_type="application/json")
    return ask
