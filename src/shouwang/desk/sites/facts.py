"""Sites and hazards as plain values, for this room and for others. Nothing sealed."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shouwang.desk.log.gate import in_areas
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.geo.distance import haversine_m

from .models import Hazard, Site
from .terms import HERE_M, OWNERS, RADIUS_M, hazard_kinds, site_kinds

M_PER_DEGREE = 111_195.0
T = TypeVar("T", Site, Hazard)


@dataclass(frozen=True)
class SiteFact:
    id: UUID
    code: str
    name: str
    kind: str
    lon: float
    lat: float
    area: str
    obliged: bool
    has_contact: bool
    closed: bool
    version: int
    example: bool
    hazards: int = 0

    @property
    def kind_name(self) -> str:
        return str(site_kinds().get(self.kind, self.kind))


@dataclass(frozen=True)
class HazardFact:
    """`site`: the name of the site it belongs to, "" for a place without one. `away_m`: from the point asked about."""

    id: UUID
    site_id: UUID | None
    site: str
    kind: str
    lon: float
    lat: float
    area: str
    radius_m: int
    owner: str
    until: date
    version: int
    over: bool
    away_m: float = 0.0

    @property
    def label(self) -> str:
        return str(hazard_kinds().get(self.kind, self.kind))

    @property
    def owner_name(self) -> str:
        return str(OWNERS.get(self.owner, self.owner))


@dataclass(frozen=True)
class Premises:
    """What is known of a place: the sites that it is at, the hazards whose radius reaches it; nearest first."""

    sites: Sequence[SiteFact] = field(default=())
    hazards: Sequence[HazardFact] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.sites or self.hazards)


def site_fact(row: Site, hazards: int = 0) -> SiteFact:
    return SiteFact(row.id, row.code, row.name, row.kind, row.lon, row.lat, row.area, row.obliged, bool(row.contact),
                    row.closed_at is not None, row.version, row.example, hazards)


def hazard_fact(row: Hazard, day: date, away_m: float = 0.0) -> HazardFact:
    return HazardFact(row.id, row.site_id, row.site.name if row.site else "", row.kind, row.lon, row.lat, row.area,
                      row.radius_m, row.owner, row.until, row.version, row.until < day, away_m)


def premises(lon: float, lat: float, now: datetime) -> Premises:
    """What is known of a point. For whoever handles a call there: it asks for no permission of its own."""
    sites = _near(Site.objects.filter(closed_at=None), lon, lat, HERE_M)
    valid = Hazard.objects.filter(Q(site=None) | Q(site__closed_at=None), until__gte=day_of(now)).select_related("site")
    hazards = [(m, h) for m, h in _near(valid, lon, lat, RADIUS_M[1]) if m <= h.radius_m]
    return Premises([site_fact(s) for _m, s in sites], [hazard_fact(h, day_of(now), m) for m, h in hazards])


def _near(rows: QuerySet[T], lon: float, lat: float, radius_m: float) -> list[tuple[float, T]]:
    """Rows within a radius with their distance in metres, the nearest first."""
    up = radius_m / M_PER_DEGREE
    wide = up / max(0.01, math.cos(math.radians(lat)))
    found = list(rows.filter(lat__range=(lat - up, lat + up), lon__range=(lon - wide, lon + wide)))
    if not found:
        return []
    away = haversine_m([r.lon for r in found], [r.lat for r in found], lon, lat).tolist()
    near = [(m, r) for m, r in zip(away, found, strict=True) if m <= radius_m]
    return sorted(near, key=lambda pair: (pair[0], str(pair[1].id)))


def sites_in(areas: tuple[str, ...], *, text: str = "", kind: str = "", obliged: bool | None = None,
             closed: bool = False) -> QuerySet[Site]:
    """Sites of these areas by name. `text`: every word in the name or code."""
    rows = Site.objects.filter(in_areas("area", areas), closed_at__isnull=not closed)
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(code__icontains=word))
    if kind:
        rows = rows.filter(kind=kind)
    if obliged is not None:
        rows = rows.filter(obliged=obliged)
    return rows.order_by("name", "id")


def counted(areas: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """How many sites in use, and how many hazards on record, lie in exactly each of these areas."""
    rows = (Site.objects.filter(area__in=list(areas), closed_at=None), Hazard.objects.filter(area__in=list(areas)))
    of_sites, of_hazards = (dict(r.values_list("area").order_by().annotate(n=Count("id"))) for r in rows)
    return of_sites, of_hazards


def places_of(areas: Sequence[str]) -> dict[UUID, str]:
    """Sites in use that lie in exactly one of these areas, by id."""
    return dict(Site.objects.filter(area__in=list(areas), closed_at=None).values_list("id", "area"))


def hazards_in(areas: tuple[str, ...], now: datetime, *, over: bool = False, kind: str = "",
               site: UUID | None = None) -> list[HazardFact]:
    """Hazards in force, the one that ends first before others; with `over` those that have ended, the last first."""
    day = day_of(now)
    rows = Hazard.objects.filter(in_areas("area", areas)).select_related("site")
    rows = rows.filter(until__lt=day).order_by("-until", "id") if over else rows.filter(
        Q(site=None) | Q(site__closed_at=None), until__gte=day).order_by("until", "id")
    if kind:
        rows = rows.filter(kind=kind)
    if site:
        rows = rows.filter(site=site)
    return [hazard_fact(row, day) for row in rows]


def find(areas: tuple[str, ...], site_id: UUID | str) -> Site | None:
    return Site.objects.filter(in_areas("area", areas), id=site_id).first()


def sites(ids: Iterable[UUID]) -> dict[UUID, SiteFact]:
    """Sites by id, closed ones too."""
    return {row.id: site_fact(row) for row in Site.objects.filter(id__in=list(ids))}


def by_code(code: str) -> SiteFact | None:
    row = Site.objects.filter(code=code).first()
    return site_fact(row) if row else None


def obliged(areas: tuple[str, ...]) -> list[SiteFact]:
    """Sites that have to have an alarm."""
    return [site_fact(row) for row in sites_in(areas, obliged=True)]


def names(ids: list[str]) -> dict[str, str]:
    """Names for the log."""
    return {str(row.id): row.name for row in Site.objects.filter(id__in=ids)}


def hazard_names(ids: list[str]) -> dict[str, str]:
    return {str(row.id): str(hazard_kinds().get(row.kind, row.kind)) for row in Hazard.objects.filter(id__in=ids)}


def plain(found: Premises) -> dict[str, Any]:
    """For a page's script: names in the reader's language."""
    return {"sites": [{"id": str(s.id), "name": s.name, "kind": s.kind_name} for s in found.sites],
            "hazards": [{"kind": h.kind, "label": h.label, "away_m": round(h.away_m), "radius_m": h.radius_m,
                         "owner": h.owner_name, "until": h.until.isoformat(), "site": h.site} for h in found.hazards]}
