"""Exits as plain values."""

from __future__ import annotations

from shouwang.desk.log.gate import in_areas
from shouwang.desk.places import facts as places
from shouwang.engine.geo.distance import haversine_m

from .models import Exit
from .terms import Place

SAME_M = 150.0


def exits(areas: tuple[str, ...] = ("",)) -> list[Place]:
    """The exits in use of the districts that these areas lie in, by name."""
    rows = Exit.objects.filter(in_areas("area", districts(areas)), active=True).order_by("en", "id")
    return [Place(r.lon, r.lat, r.zh, r.en) for r in rows]


def districts(areas: tuple[str, ...]) -> tuple[str, ...]:
    """The uppermost areas of these: an exit counts for the whole district, whoever answers for which part of it."""
    return tuple(sorted({path.split("/")[0] + "/" if path else "" for path in areas}))


def area_at(lon: float, lat: float) -> str:
    """The area an exit counts to: where it lies, or the district when it stands beyond the border."""
    top = places.district()
    return places.locate(lon, lat) or (top.area if top else "")


def known(lon: float, lat: float) -> bool:
    """Whether an exit is named here already."""
    rows = list(Exit.objects.filter(active=True).values_list("lon", "lat"))
    return bool(rows) and bool((haversine_m([r[0] for r in rows], [r[1] for r in rows], lon, lat) < SAME_M).any())
