"""What the centre's registers tell of the district as a whole, for norms that are held against it: how many there are,
how many units of whatever such a norm counts by, and in words where that is from or why nobody knows."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from shouwang.desk.places import facts as places
from shouwang.desk.roster import facts as rosters
from shouwang.desk.roster.terms import DESK_WATCH
from shouwang.desk.sites import facts as sites
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.zone import day_of

from . import facts
from .terms import COUNTED, ENTERED

SCHOOL = "school_site"
KIND_OF = {"booths": "mobile_booth", "cars": "mobile_booth", "stations": "intercity_station"}  # what, kind of unit


@dataclass(frozen=True)
class Told:
    """`have`: None where nobody knows it. `source`: from what, or why not. `units`: so many of what the norm counts by,
    None while it cannot be said."""

    have: int | None
    source: str
    units: dict[str, int | None]


def told(code: str, area: str, now: datetime) -> Told:
    """What is known for a norm of the district, by its code."""
    what = COUNTED.get(code, "")
    if what in ENTERED:
        return _entered(code, area, now)
    found = _READ.get(what)
    return found(area, now) if found else Told(None, _("no register tells it, and none is asked to count it"), {})


def _brigade(area: str, now: datetime) -> Told:
    return Told(facts.brigade(area), _("by the members of the brigades"), {})


def _units(what: str) -> Callable[[str, datetime], Told]:
    def read(area: str, now: datetime) -> Told:
        kind = KIND_OF[what]
        found = [u for u in units.units(areas=(area,)) if u.kind == kind]
        if what != "cars":
            return Told(len(found), _("units of this kind in use"), {})
        by_car = any(row["code"] == kind and row["travel_mode"] == "car" for row in table("unit_kinds"))
        return Told(len(found) if by_car else None, _("each such booth in use goes by a car of its own"), {})
    return read


def _platforms(area: str, now: datetime) -> Told:
    here = [p for p in places.posts() if p.kind == "platform" and p.area.startswith(area)]
    return Told(len(here), _("posts of this kind in use"), {})


def _watch(area: str, now: datetime) -> Told:
    """Two at each desk: more at one do not make up for another."""
    there = [n for path, n in rosters.desks(now).items() if path.startswith(area)]
    if not there:
        return Told(None, _("no published roster plans a desk watch"), {"shift": None})
    return Told(sum(min(n, DESK_WATCH) for n in there), _("clocked on at the desks now"), {"shift": len(there)})


def _street(area: str, now: datetime) -> Told:
    """Patrol officers on duty now: those with a unit or at a post are on the street, those at an office are not."""
    police = [u.id for u in units.units(areas=(area,)) if u.service == "police"]
    out = {user for crew in units.crews_of(police).values() for user in crew}
    posts, here = {p.code for p in places.posts()}, rosters.here_now((area,))
    service = units.usual_services(user for user, _place, _at in here)
    at = {user: place for user, place, _at in here if service.get(user) == "police" and user not in out}
    out |= {user for user, place in at.items() if place in posts}
    everybody = len(out | set(at))
    if not everybody:
        return Told(None, _("no patrol officer is clocked on now"), {"officer": None})
    return Told(len(out), _("clocked on with a unit or at a post now"), {"officer": everybody})


def _entered(code: str, area: str, now: datetime) -> Told:
    schools = {"school": sites.sites_in((area,), kind=SCHOOL).count()}
    row = facts.tally(code, day_of(now))
    if row is None:
        return Told(None, _("no register tells it: the office enters a count"), dict(schools))
    return Told(row.count, f"{row.day:%Y-%m-%d} · {row.source}", dict(schools))


_READ: dict[str, Callable[[str, datetime], Told]] = {
    "brigade": _brigade, "platforms": _platforms, "watch": _watch, "street": _street,
    **{what: _units(what) for what in KIND_OF},
}
