"""The screening list: disputes found at places, looked at again on a day, until they are settled or become a case."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from ..models import DisputeKind, Screened
from ..terms import REGISTER, NewDispute
from .common import require_text
from .registering import register

FURTHEST = timedelta(days=183)
WHAT = ("still", "settled", "case")


@once
def enter(*, actor: Actor, now: datetime, id: UUID, kind: str, area: str, place: str, next_on: date,
          key: UUID | None = None) -> Screened:
    """Puts a dispute on the list: its kind, the place, and the day it is looked at again. The same id is a retry."""
    where = require_text(place, "place", _("Write the place: a building or a street, no name."), 60)
    found = DisputeKind.objects.filter(code=kind, active=True).first()
    if found is None:
        raise Refused(_("Choose the kind of dispute."), field="kind", code="kind")
    known = places.area_names().get(area)
    if known is None or known.kind not in ("community", "cell"):
        raise Refused(_("Choose the community."), field="area", code="area")
    actor.require(REGISTER, area)
    _ahead(next_on, now)
    with writing(actor=actor, now=now) as log:
        kept = Screened.objects.select_related("kind").filter(id=id).first()
        if kept is not None:
            if kept.entered_by != actor.id:
                raise Conflict(_("This number of a mediation is already used."), field="id", code="id_used")
            return kept
        row = Screened.objects.create(id=id, kind=found, area=area, place=where, found_on=day_of(now),
                                      next_on=next_on, entered_by=actor.id)
        log.append("screened.entered", subject=("screened", row.id), area=area, may=REGISTER, id=key,
                   payload={"dispute_kind": kind, "day": next_on.isoformat()})
    return row


@once
def look(*, actor: Actor, now: datetime, screened_id: UUID | str, what: str, next_on: date | None = None,
         version: int | None = None, key: UUID | None = None) -> Screened:
    """Somebody has looked: it is still there (until when), settled, or becomes a case, whose id is the key's or made
    from the row's own."""
    if what not in WHAT:
        raise Refused(_("Choose what was found."), field="what", code="needs")
    with writing(actor=actor, now=now) as log:
        rows = Screened.objects.select_for_update(of=("self",)).select_related("kind")
        row = rows.filter(id=screened_id).first()
        if row is None or not actor.may(REGISTER, row.area):
            raise Missing(_("There is no such entry in your areas."), code="missing")
        if already_written(key):
            return row
        if row.state != "open" or (version is not None and version != row.version):
            raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="version")
        if what == "still":
            if next_on is None:
                raise Refused(_("Choose the day of the next look."), field="next_on", code="needs")
            _ahead(next_on, now)
        row.state = "open" if what == "still" else what
        row.next_on = next_on if what == "still" else None
        if what == "case":  # the row's own id: a case for it is made once
            new = NewDispute(id=row.id, kind=row.kind_id, area=row.area, account=row.place)
            row.mediation = register(actor=actor, now=now, new=new, source="screening", screened=row.id).id
        Screened.objects.filter(id=row.id).update(
            state=row.state, next_on=row.next_on, mediation=row.mediation, looks=F("looks") + 1,
            looked_on=day_of(now), version=F("version") + 1)
        log.append("screened.looked", subject=("screened", row.id), area=row.area, may=REGISTER, id=key,
                   payload={"looked": what} | ({"day": next_on.isoformat()} if row.next_on and next_on else {}))
    row.refresh_from_db()
    return row


def _ahead(day: date, now: datetime) -> None:
    if not day_of(now) <= day <= day_of(now) + FURTHEST:
        raise Refused(_("The next look lies ahead, within half a year."), field="next_on", code="span")
