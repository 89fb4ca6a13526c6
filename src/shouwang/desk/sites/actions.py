"""Keeping sites and hazards. Each is one transaction that ends with its event."""
from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.seal import Destroyed, digest, keys, seal, unseal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from . import facts
from .models import Hazard, Site
from .terms import CONTACT, EDIT, LONGEST_DAYS, OWNERS, RADIUS_M, SEE, hazard_kinds, site_kinds

ENDED_KEPT = timedelta(days=30)  # a hazard that has ended stays in its list so long
CONTACT_MAX = {"name": 60, "phone": 30}


@dataclass(frozen=True)
class SiteGiven:
    """A site as written down. Degrees (WGS 84). `obliged`: None for what its kind says."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    obliged: bool | None = None


@dataclass(frozen=True)
class HazardGiven:
    """A hazard as written down. `until`: its last day. At a site its point may be left out."""

    kind: str
    owner: str
    until: date
    radius_m: int = 50
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Contact:
    """The key-holder of a site: who to ask for at which office telephone."""

    name: str
    phone: str


@once
def save_site(*, actor: Actor, now: datetime, id: UUID, given: SiteGiven, version: int | None = None,
              key: UUID | None = None) -> Site:
    """Enters a site, or with the `version` it was read at changes one. Entering again with the same id is a retry.
    Raises Refused at the field, Conflict when it has moved on or its code is used."""
    area = _checked_site(given)
    actor.require(EDIT, area)
    obliged = site_kinds()[given.kind].obliged if given.obliged is None else given.obliged
    values: dict[str, Any] = {"code": given.code.strip(), "name": given.name.strip(), "kind": given.kind,
                              "lon": given.lon, "lat": given.lat, "area": area, "obliged": obliged}
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return _site(actor, id)
        row = Site.objects.filter(id=id).first()
        if row is not None and version is None:
            return _site(actor, id)
        if Site.objects.filter(code=values["code"]).exclude(id=id).exists():
            raise Conflict(_("Another site has this code."), field="code", code="code")
        if row is None:
            row = Site.objects.create(id=id, **values)
            _tell(log, row, "site.entered", key=key, obliged=row.obliged)
            return row
        row = _site(actor, id)
        old = {name: getattr(row, name) for name in values}
        _change(row, version, **values)
        changed = {n: [old[n], values[n]] for n in values if old[n] != values[n]}
        _tell(log, row, "site.changed", key=key, changes=changed)
    return row


@once
def close_site(*, actor: Actor, now: datetime, site_id: UUID | str, version: int, key: UUID | None = None) -> Site:
    """The place is no more. Its key-holder is destroyed; its hazards are no longer shown."""
    with writing(actor=actor, now=now) as log:
        row = _site(actor, site_id)
        if already_written(key) or row.closed_at:
            return row
        _change(row, version, closed_at=now, contact=b"")
        _tell(log, row, "site.closed", key=key)
    keys().destroy([str(row.id)])  # after the commit: a crash in between leaves a key of nothing
    return row


@once
def set_contact(*, actor: Actor, now: datetime, site_id: UUID | str, contact: Contact | None, version: int,
                key: UUID | None = None) -> Site:
    """Puts the key-holder in place of the one before; None for none."""
    if contact is not None:
        for name, most in CONTACT_MAX.items():
            text = getattr(contact, name).strip()
            if not text or len(text) > most:
                raise Refused(_("Give the office and its telephone."), field=name, code="needs")
    with writing(actor=actor, now=now) as log:
        row = _site(actor, site_id)
        if already_written(key):
            return row
        if row.closed_at:
            raise Conflict(_("This site is closed."), code="state")
        said = json.dumps({n: getattr(contact, n).strip() for n in CONTACT_MAX}) if contact else ""
        _change(row, version, contact=seal(row.id, "contact", said))
        _tell(log, row, "site.contact_set", key=key, digest=digest(row.id, said))
    return row


@once
def show_contact(*, actor: Actor, now: datetime, site_id: UUID | str, reason: str, key: UUID | None = None,
                 ) -> Contact | None:
    """The key-holder, for a stated reason that is kept and written down. None when there is none."""
    if not reason.strip():
        raise Refused(_("Say why you need it."), field="reason", code="needs")
    with writing(actor=actor, now=now) as log:
        row = facts.find(actor.areas(SEE, CONTACT), site_id)
        if row is None:
            raise Missing(_("There is no such site in your areas."), code="site")
        actor.require(CONTACT, row.area)
        if not already_written(key):
            log.append("site.contact_shown", subject=("site", row.id), area=row.area, may=SEE, id=key,
                       reason=reason.strip()[:500])
    try:
        said = unseal(row.id, "contact", bytes(row.contact))
    except Destroyed:
        said = ""
    return Contact(**json.loads(said)) if said else None


@once
def add_hazard(*, actor: Actor, now: datetime, id: UUID, given: HazardGiven, site_id: UUID | None = None,
               key: UUID | None = None) -> Hazard:
    """Enters a hazard, at a site or a place without one. The same id again is a retry."""
    with writing(actor=actor, now=now) as log:
        site = _site(actor, site_id) if site_id else None
        if site is not None and site.closed_at:
            raise Conflict(_("This site is closed."), code="state")
        lon, lat = (given.lon, given.lat) if given.lon is not None or site is None else (site.lon, site.lat)
        area = _checked_hazard(given, lon, lat, now)
        assert lon is not None and lat is not None  # else it was refused
        actor.require(EDIT, area)
        done = Hazard.objects.select_related("site").filter(id=id).first()
        if done is not None:
            return _hazard(actor, id)
        row = Hazard.objects.create(id=id, site=site, kind=given.kind, lon=lon, lat=lat, area=area, added_at=now,
                                    radius_m=given.radius_m, owner=given.owner, until=given.until)
        _tell_hazard(log, row, "hazard.entered", key=key, hazard=row.kind, until=row.until.isoformat(),
                     radius_m=row.radius_m, owner=row.owner)
    return row


@once
def amend_hazard(*, actor: Actor, now: datetime, hazard_id: UUID | str, version: int, until: date | None = None,
                 radius_m: int | None = None, owner: str | None = None, key: UUID | None = None) -> Hazard:
    """Another last day, radius or office: whoever answers for it has looked again."""
    with writing(actor=actor, now=now) as log:
        row = _hazard(actor, hazard_id)
        if already_written(key):
            return row
        given = HazardGiven(row.kind, owner or row.owner, until or row.until, radius_m or row.radius_m)
        _checked_hazard(given, row.lon, row.lat, now)
        values = {"until": given.until, "radius_m": given.radius_m, "owner": given.owner}
        old = {name: getattr(row, name) for name in values}
        _change(row, version, **values)
        changed = {n: [str(old[n]), str(values[n])] for n in values if old[n] != values[n]}
        _tell_hazard(log, row, "hazard.changed", key=key, changes=changed)
    return row


@once
def end_hazard(*, actor: Actor, now: datetime, hazard_id: UUID | str, version: int, key: UUID | None = None) -> Hazard:
    """The hazard is gone: from now on nobody is warned of it."""
    with writing(actor=actor, now=now) as log:
        row = _hazard(actor, hazard_id)
        yesterday = day_of(now) - timedelta(days=1)
        if already_written(key) or row.until <= yesterday:
            return row
        _change(row, version, until=yesterday)
        _tell_hazard(log, row, "hazard.ended", key=key)
    return row


def hazards_due(now: datetime) -> int:
    """Deletes hazards that ended a while ago."""
    return Hazard.objects.filter(until__lt=day_of(now - ENDED_KEPT)).delete()[0]


def until_fault(until: date, day: date) -> str:
    """What is wrong with a last day, "" for nothing."""
    if until < day:
        return _("The last day lies in the past.")
    if until > day + timedelta(days=LONGEST_DAYS):
        return _("At most 12 months ahead: then somebody looks again.")
    return ""


def _checked_site(given: SiteGiven) -> str:
    """The area it lies in."""
    if not (0 < len(given.code.strip()) <= 24):
        raise Refused(_("Give a code of up to 24 characters."), field="code", code="needs")
    if not (0 < len(given.name.strip()) <= 80):
        raise Refused(_("Give the name on its sign, up to 80 characters."), field="name", code="needs")
    if given.kind not in site_kinds():
        raise Refused(_("Choose a kind."), field="kind", code="needs")
    return _area(given.lon, given.lat)


def _checked_hazard(given: HazardGiven, lon: float | None, lat: float | None, now: datetime) -> str:
    if given.kind not in hazard_kinds():
        raise Refused(_("Choose a hazard of the list."), field="kind", code="needs")
    if given.owner not in OWNERS:
        raise Refused(_("Choose the office that answers for it."), field="owner", code="needs")
    if not RADIUS_M[0] <= given.radius_m <= RADIUS_M[1]:
        says = _("Give a radius from %(least)s to %(most)s m.") % {"least": RADIUS_M[0], "most": RADIUS_M[1]}
        raise Refused(says, field="radius_m", code="invalid")
    if wrong := until_fault(given.until, day_of(now)):
        raise Refused(wrong, field="until", code="span")
    return _area(lon, lat)


def _area(lon: float | None, lat: float | None) -> str:
    if lon is None or lat is None or not (math.isfinite(lon) and math.isfinite(lat)):
        raise Refused(_("Mark the place on the map, or type its coordinates."), field="lon", code="point")
    found = places.locate(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else ""
    if not found:
        raise Refused(_("This point lies outside the district."), field="lon", code="point")
    return found


def _site(actor: Actor, site_id: UUID | str) -> Site:
    row = facts.find(actor.areas(SEE, EDIT), site_id)
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    actor.require(EDIT, row.area)
    return row


def _hazard(actor: Actor, hazard_id: UUID | str) -> Hazard:
    row = Hazard.objects.select_related("site").filter(id=hazard_id).first()
    if row is None or not (actor.may(SEE, row.area) or actor.may(EDIT, row.area)):
        raise Missing(_("There is no such hazard in your areas."), code="hazard")
    actor.require(EDIT, row.area)
    return row


def _change(row: Site | Hazard, version: int | None, **values: Any) -> None:
    """Compare and set by version."""
    if not type(row).objects.filter(id=row.id, version=version or 0).update(version=F("version") + 1, **values):
        raise Conflict(_("It has been changed meanwhile. Look at it again."), code="version")
    row.refresh_from_db()


def _tell(log: Log, row: Site, kind: str, *, key: UUID | None, **payload: Any) -> None:
    log.append(kind, subject=("site", row.id), area=row.area, may=SEE, payload=payload, id=key)


def _tell_hazard(log: Log, row: Hazard, kind: str, *, key: UUID | None, **payload: Any) -> None:
    log.append(kind, subject=("hazard", row.id), area=row.area, may=SEE, payload=payload, id=key)
