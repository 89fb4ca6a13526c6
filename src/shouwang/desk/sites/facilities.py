"""The facility board: where people can be taken now. Hospitals, shelters and other sites that take people in, each with
what it last told the desk. Counts of free places, never who is there."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.geo.distance import haversine_m

from . import facts
from .models import Facility, Site
from .terms import EDIT, SEE

STATES = {"open": gettext_lazy("takes people"), "limited": gettext_lazy("takes few"), "full": gettext_lazy("full"),
          "shut": gettext_lazy("takes nobody")}
TAKES = ("open", "limited")
TAGS = {"open": "ok", "limited": "warn", "full": "bad", "shut": "bad"}
MOST_PLACES = 100_000
NEAREST = 3


@dataclass(frozen=True)
class Told:
    """What a facility said of itself. `free`, `places`: how many places are free, and how many there are; None for not
    said."""

    state: str
    free: int | None = None
    places: int | None = None


@dataclass(frozen=True)
class FacilityFact:
    """`old`: it was told so long ago that it has to be asked again. `away_m`: from the point asked about."""

    site: facts.SiteFact
    state: str
    free: int | None
    places: int | None
    told_at: datetime
    old: bool
    version: int
    away_m: float | None = None

    @property
    def label(self) -> str:
        return str(STATES[self.state])

    @property
    def tag(self) -> str:
        return TAGS[self.state]


def board(areas: tuple[str, ...], now: datetime) -> list[FacilityFact]:
    """Every facility of these areas, by kind and name."""
    rows = Facility.objects.filter(in_areas("site__area", areas), site__closed_at=None).select_related("site")
    found = [_fact(row, now) for row in rows]
    return sorted(found, key=lambda f: (f.site.kind, f.site.name))


def nearest(areas: tuple[str, ...], lon: float, lat: float, now: datetime) -> list[FacilityFact]:
    """The facilities that take people, those nearest to a point as the crow flies."""
    taking = Facility.objects.filter(in_areas("site__area", areas), site__closed_at=None, state__in=TAKES)
    rows = list(taking.select_related("site"))
    away = haversine_m([r.site.lon for r in rows], [r.site.lat for r in rows], lon, lat).tolist() if rows else []
    found = sorted(zip(away, rows, strict=True), key=lambda pair: (pair[0], str(pair[1].pk)))
    return [_fact(row, now, metres) for metres, row in found[:NEAREST]]


def of_site(site_id: UUID, now: datetime) -> FacilityFact | None:
    row = Facility.objects.filter(site=site_id).select_related("site").first()
    return _fact(row, now) if row else None


def _fact(row: Facility, now: datetime, away_m: float | None = None) -> FacilityFact:
    old = now - row.told_at > timedelta(hours=setting("facility_fresh_h"))
    return FacilityFact(facts.site_fact(row.site), row.state, row.free, row.places, row.told_at, old, row.version,
                        away_m)


@once
def tell(*, actor: Actor, now: datetime, site_id: UUID | str, told: Told, version: int = 0,
         key: UUID | None = None) -> Facility:
    """Puts a site on the board (`version` 0), or what it tells now in place of what it told at that version."""
    _check(told)
    with writing(actor=actor, now=now) as log:
        site = _site(actor, site_id)
        values = {"state": told.state, "free": told.free, "places": told.places, "told_at": now, "told_by": actor.id}
        if already_written(key):
            return Facility.objects.get(site=site)
        if version == 0:
            if not Facility.objects.get_or_create(site=site, defaults=values)[1]:
                raise Conflict(_("%(site)s is on the board already.") % {"site": site}, code="state")
        else:
            done = Facility.objects.filter(site=site, version=version).update(version=F("version") + 1, **values)
            if not done:
                raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="changed")
        _say(log, site, "site.facility_told", key, state=told.state, free=told.free, places=told.places)
    return Facility.objects.get(site=site)


@once
def take_off(*, actor: Actor, now: datetime, site_id: UUID | str, key: UUID | None = None) -> Site:
    """The site is no longer shown on the board."""
    with writing(actor=actor, now=now) as log:
        site = _site(actor, site_id)
        if not already_written(key) and Facility.objects.filter(site=site).delete()[0]:
            _say(log, site, "site.facility_off", key)
    return site


def _check(told: Told) -> None:
    if told.state not in STATES:
        raise Refused(_("Choose whether it takes people."), field="state", code="invalid")
    for name, count in (("free", told.free), ("places", told.places)):
        if count is not None and not 0 <= count <= MOST_PLACES:
            raise Refused(_("Write a number from %(least)s to %(most)s.") % {"least": 0, "most": MOST_PLACES},
                          field=name, code="invalid")
    if told.free is not None and told.places is not None and told.free > told.places:
        raise Refused(_("More places are free than there are: %(free)s of %(places)s.") % {
            "free": told.free, "places": told.places}, field="free", code="invalid")


def _site(actor: Actor, site_id: UUID | str) -> Site:
    row = Site.objects.select_for_update().filter(in_areas("area", actor.areas(SEE)), id=site_id).first()
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    actor.require(EDIT, row.area)
    if row.closed_at:
        raise Conflict(_("This site is closed."), code="state")
    return row


def _say(log: Log, site: Site, kind: str, key: UUID | None, **payload: object) -> None:
    log.append(kind, subject=("site", site.id), area=site.area, may=SEE, payload=payload, id=key)
