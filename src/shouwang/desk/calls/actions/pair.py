"""A member who is alone asks for a second person: the desk sees it among what waits, and sends somebody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.units import actions as units
from shouwang.desk.units import facts as crews
from shouwang.desk.units.models import Unit

from ..models import CALL_OPEN, Call
from ..terms import NewCall
from .intake import _on_earth, _open

PAIR_TYPE = "101310"


def pair_call(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID, lon: float | None = None,
              lat: float | None = None) -> Call:
    """Opens a call of the third level where the unit is (its post when no position is given). The key is the call's id.
    Who asked in the same unit, and still waits, gets the same call. It feeds no forecast: its source is the patrol."""
    with writing(actor=actor, now=now) as log:
        unit = units.visible(actor, unit_id)
        units.require(actor, "dispatch.status", unit)
        crew = crews.crew_of(unit.id)
        kept = Call.objects.select_related("type")
        open_ = kept.filter(type=PAIR_TYPE, state__in=CALL_OPEN, taken_by__in=crew)
        if done := kept.filter(id=key).first() or open_.first():
            return done
        here = (lon, lat) if lon is not None and lat is not None and _on_earth(lon, lat) else (unit.lon, unit.lat)
        name, crossing = str(Unit.objects.get(id=unit.id)), places.nearest_crossing(*here)[0]
        new = NewCall(id=key, type=PAIR_TYPE, place=f"{name}，{crossing}附近" if crossing else name, lon=here[0],
                      lat=here[1], source="patrol")
        return _open(log, new, places.locate(*here) or unit.area, None)
