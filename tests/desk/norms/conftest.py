"""A few communities and a village in the small town, counted."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shouwang.desk.log.ids import new_id
from shouwang.desk.norms.models import Count, Locality

DAY = date(2026, 11, 1)
ROWS = (  # code, kind, area, households, management, guards
    ("C1", "community", "t/1/a/", 1500, "none", 4), ("C2", "community", "t/2/b/", 1501, "partial", 4),
    ("C3", "community", "t/2/b/", 2001, "none", 2), ("C4", "community", "t/2/b/", 800, "full", 0),
    ("V1", "village", "t/2/b/", 300, "", 1),
)


@pytest.fixture
def at(town: Any) -> dict[str, Locality]:
    """Localities by code, each with a count on 1 November."""
    rows = {}
    for code, kind, area, households, management, guards in ROWS:
        row = rows[code] = Locality.objects.create(id=new_id(), code=code, kind=kind, zh=f"{code} 村",
                                                   en=f"Place {code}",
                                                   area=area)
        village = kind == "village"
        Count.objects.create(locality=row, day=DAY, households=households, management=management, guards=guards,
                             groups=6 if village else None, contacts=5 if village else None,
                             officers=1 if village else None, source="Yearly report")
    return rows
