"""Alarm panels of sites as plain values: heard or not, faults, what became of their alarms."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.facts import AlarmResults
from shouwang.desk.sites import facts as sites
from shouwang.desk.sites.facts import SiteFact
from shouwang.tables.live.panels import silent_after_s

from .models import Fault, Panel

SILENT = "silent"
FAULTS: dict[str, str | Promise] = {
    SILENT: _("silent"), "power": _("mains power"), "battery": _("battery"), "supply": _("power supply"),
    "line": _("line"), "detector": _("burglary detector"), "fire_detector": _("fire detector"),
    "expander": _("expander"),
}  # fmt: skip
WRITTEN_S = 30.0  # by so much what is written down may lag behind what was heard
RESULTS = timedelta(days=90)


def panels_in(paths: Sequence[str]) -> dict[str, int]:
    """How many panels in use lie in exactly each of these areas: where their site lies."""
    where = sites.places_of(paths)
    found = Panel.objects.filter(site__in=list(where), active=True).values_list("site", flat=True)
    return Counter(where[site] for site in found)


@dataclass(frozen=True)
class FaultFact:
    kind: str
    zone: int
    since: datetime

    @property
    def label(self) -> str:
        return str(FAULTS.get(self.kind, self.kind))


@dataclass(frozen=True)
class PanelFact:
    """`heard_at`: None for never. `working`: in use, heard within its interval, not silent."""

    id: UUID
    site: UUID
    account: str
    encrypted: bool
    supervise_s: int
    active: bool
    version: int
    heard_at: datetime | None
    faults: Sequence[FaultFact]
    working: bool


@dataclass(frozen=True)
class SiteAlarms:
    """A site with its panels and what became of their alarms within RESULTS."""

    site: SiteFact
    panels: Sequence[PanelFact]
    results: AlarmResults

    @property
    def working(self) -> bool:
        return any(p.working for p in self.panels)

    @property
    def false_share(self) -> float | None:
        """Of the calls that were closed, None while there are none."""
        return self.results.false / self.results.closed if self.results.closed else None


@dataclass(frozen=True)
class Coverage:
    """How many of the sites that have to have an alarm have one that works."""

    obliged: int
    working: int

    @property
    def share(self) -> float | None:
        return self.working / self.obliged if self.obliged else None


def panel_fact(row: Panel, now: datetime) -> PanelFact:
    heard = row.hearing.heard_at if hasattr(row, "hearing") else None
    faults = [FaultFact(f.kind, f.zone, f.since) for f in sorted(row.faults.all(), key=lambda f: f.since)
              if f.until is None]
    fresh = heard is not None and (now - heard).total_seconds() <= silent_after_s(row.supervise_s) + WRITTEN_S
    working = row.active and fresh and all(f.kind != SILENT for f in faults)
    return PanelFact(row.id, row.site, row.account, bool(row.key), row.supervise_s, row.active, row.version, heard,
                     faults, working)


def panels(site_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[PanelFact]]:
    """Site → its panels, those in use first."""
    found: dict[UUID, list[PanelFact]] = {}
    for row in _rows().filter(site__in=list(site_ids)).order_by("-active", "account"):
        found.setdefault(row.site, []).append(panel_fact(row, now))
    return found


def find(areas: tuple[str, ...], panel_id: UUID | str) -> Panel | None:
    """A panel whose site lies in these areas."""
    row = _rows().filter(id=panel_id).first()
    return row if row is not None and sites.find(areas, row.site) is not None else None


def site_alarms(areas: tuple[str, ...], now: datetime, *, text: str = "") -> list[SiteAlarms]:
    """Sites that have a panel or have to have an alarm: those without a working one first, then by name."""
    here = [sites.site_fact(row) for row in sites.sites_in(areas, text=text)]
    own, results = panels((s.id for s in here), now), calls.alarm_results(now - RESULTS)
    rows = [SiteAlarms(s, own.get(s.id, ()), results.get(s.id, AlarmResults(0, 0, 0, 0))) for s in here
            if s.obliged or s.id in own]
    return sorted(rows, key=lambda r: (r.working, r.site.name))


def coverage(rows: Iterable[SiteAlarms]) -> Coverage:
    """The figure of some sites: those that need not have an alarm are left out."""
    obliged = [r for r in rows if r.site.obliged]
    return Coverage(len(obliged), sum(r.working for r in obliged))


def names(ids: list[str]) -> dict[str, str]:
    """Accounts for the log."""
    return {str(p.id): p.account for p in Panel.objects.filter(id__in=ids)}


def _rows() -> QuerySet[Panel]:
    """Panels with what belongs to them."""
    lasting = Prefetch("faults", Fault.objects.filter(until=None))
    return Panel.objects.select_related("hearing").prefetch_related(lasting)
