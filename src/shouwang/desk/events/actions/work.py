"""What the command board is worked with: tasks and objectives, lists, sectors, how many people, remarks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import shapely
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.agencies import agencies

from .. import facts
from ..models import Item, Major, Placed, Sector, Tick
from ..terms import COUNTS, ITEM_STATES, roles
from .common import change, running, say, sealed, tell, visible, wordy

LONGEST_DUE_MIN, MOST_CORNERS, MOST_PEOPLE = 7 * 24 * 60, 60, 10_000_000
UNSET: Any = object()


@once
def add_item(*, actor: Actor, now: datetime, event_id: UUID | str, id: UUID, kind: str, text: str, owner: str = "",
             within_min: int | None = None, key: UUID | None = None) -> Item:
    """A task (with an owner, and a time if there is one) or an objective. The same id again is a retry."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if (row := Item.objects.filter(id=id, event=event).first()) is not None:
            return row
        running(event)
        if kind not in Item.KINDS:
            raise Refused(_("It is a task or an objective."), field="kind", code="invalid")
        words = wordy(text, "text", longest=200)
        row = Item(id=id, event=event, kind=kind, text=sealed(event, f"item:{id}", words), owner=_owner(owner),
                   added_at=now, due_at=_due(now, within_min))
        row.save(force_insert=True)
        tell(log, event, "event.item_added", _whose(row), key=key, item=str(row.id), item_kind=kind)
    return row


def _owner(code: str) -> str:
    known = code.removeprefix("agency:") in agencies() if code.startswith("agency:") else code in roles()
    if code and not known:
        raise Refused(_("There is no role or agency “%(code)s”.") % {"code": code[:40]}, field="owner", code="invalid")
    return code


def _due(now: datetime, within_min: int | None) -> datetime | None:
    if within_min is None:
        return None
    if not 1 <= within_min <= LONGEST_DUE_MIN:
        raise Refused(_("Write a number from %(least)s to %(most)s.") % {"least": 1, "most": LONGEST_DUE_MIN},
                      field="within_min", code="invalid")
    return now + timedelta(minutes=within_min)


def named(item: Item) -> dict[str, str]:
    """What the log calls a task: by its code where the plan has one."""
    return {"item": str(item.id), "item_kind": item.kind} | ({"event_task": item.code} if item.code else {})


def _whose(item: Item) -> dict[str, str]:
    if item.owner.startswith("agency:"):
        return {"agency": item.owner.removeprefix("agency:")}
    return {"plan_role": item.owner} if item.owner else {}


@once
def change_item(*, actor: Actor, now: datetime, item_id: UUID | str, state: str | None = None, owner: str | None = None,
                within_min: int | None = None, sector: UUID | str | None = UNSET, version: int | None = None,
                key: UUID | None = None) -> Item:
    """Moves a task or an objective on, gives it to somebody else, another time (minutes from now), or a sector (None:
    out of it). `version` as the client saw it."""
    with writing(actor=actor, now=now) as log:
        item = Item.objects.select_for_update().select_related("event").filter(id=item_id).first()
        if item is None:
            raise Missing(_("There is no such task in your areas."), code="item")
        event = visible(actor, item.event_id)
        if already_written(key):
            return item
        running(event)
        values, told = _changes(event, item, now, state, owner, within_min, sector)
        if not values:
            return item
        mine = Item.objects.filter(id=item.id, version=version or item.version)
        if not mine.update(version=F("version") + 1, **values):
            raise Conflict(_("This task has moved on. Look again."), code="raced")
        item.refresh_from_db()
        tell(log, event, "event.item", named(item) | told, key=key)
    return item


def _changes(event: Major, item: Item, now: datetime, state: str | None, owner: str | None, within_min: int | None,
             sector: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What becomes of the row, and what the log tells of it."""
    values: dict[str, Any] = {}
    told: dict[str, Any] = {}
    if state is not None and state != item.state:
        if state not in ITEM_STATES:
            raise Refused(_("There is no state “%(code)s”.") % {"code": state[:16]}, field="state", code="invalid")
        values = {"state": state, "ended_at": now if state in ("done", "dropped") else None}
        values |= {"doing_at": item.doing_at or now} if state in ("doing", "done") else {}
        told |= {"item_old": item.state, "item_new": state}
        if state == "done" and item.due_at and now > item.due_at:
            told["late_s"] = round((now - item.due_at).total_seconds())
    if owner is not None and owner != item.owner:
        values["owner"] = _owner(owner)
        told |= {"agency": owner.removeprefix("agency:")} if owner.startswith("agency:") else {"plan_role": owner}
    if within_min is not None:
        values |= {"due_at": _due(now, within_min), "late_at": None}
        told["within_min"] = within_min
    if sector is not UNSET and str(sector or "") != str(item.sector_id or ""):
        row = _sector(event, sector) if sector else None
        values["sector"] = row
        told["sector"] = row.name if row else ""
    return values, told


@once
def tick(*, actor: Actor, now: datetime, event_id: UUID | str, of: str, code: str, done: bool = True,
         key: UUID | None = None) -> Tick:
    """Ticks a line of the checklist (of = check), or that a role was told (notify); or takes the tick back."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        row = Tick.objects.select_for_update().filter(event=event, of=of[:8], code=code[:60]).first()
        if row is None:
            raise Missing(_("There is no such line."), code="tick")
        if already_written(key) or (row.done_at is not None) == done:
            return row
        running(event)
        Tick.objects.filter(id=row.id).update(done_at=now if done else None, done_by=actor.id if done else "")
        what = {"check_item": code} if of == "check" else {"plan_role": code}
        tell(log, event, "event.ticked", what if done else {**what, "taken_back": True}, key=key, tick=of)
    row.refresh_from_db()
    return row


@once
def save_sector(*, actor: Actor, now: datetime, event_id: UUID | str, id: UUID, name: str,
                ring: Sequence[tuple[float, float]], key: UUID | None = None) -> Sector:
    """Draws a sector, or draws it anew under the same id. `ring`: 3 to 60 corners (lon, lat), crossing nowhere."""
    said = wordy(name, "name", longest=40)
    corners = checked_ring(ring)
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        row = Sector.objects.filter(id=id, event=event).first()
        if already_written(key) and row is not None:
            return row
        running(event)
        if row is None:
            row = Sector.objects.create(id=id, event=event, name=said, ring=corners)
        else:
            Sector.objects.filter(id=row.id).update(name=said, ring=corners, removed_at=None, version=F("version") + 1)
            row.refresh_from_db()
        tell(log, event, "event.sector", key=key, sector=row.name)
    return row


def checked_ring(ring: Sequence[tuple[float, float]]) -> list[list[float]]:
    """The corners, or Refused with what is wrong with them. GeoJSON and CAP close a ring with its first corner."""
    if len(ring) > 1 and tuple(ring[0]) == tuple(ring[-1]):
        ring = ring[:-1]
    if not 3 <= len(ring) <= MOST_CORNERS:
        raise Refused(_("An area has 3 to %(n)s corners.") % {"n": MOST_CORNERS}, field="ring", code="invalid")
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in ring):
        raise Refused(_("Longitude is −180 to 180, latitude −90 to 90."), field="ring", code="invalid")
    if not shapely.Polygon(ring).is_valid:
        raise Refused(_("The border crosses itself. Draw it anew."), field="ring", code="invalid")
    return [[round(lon, 6), round(lat, 6)] for lon, lat in ring]


def _sector(event: Major, sector_id: UUID | str) -> Sector:
    row = Sector.objects.filter(id=sector_id, event=event, removed_at__isnull=True).first()
    if row is None:
        raise Missing(_("There is no such sector."), field="sector", code="sector")
    return row


@once
def remove_sector(*, actor: Actor, now: datetime, event_id: UUID | str, sector_id: UUID | str,
                  key: UUID | None = None) -> None:
    """Takes a sector off the board; what was in it is in none."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return
        running(event)
        row = _sector(event, sector_id)
        Sector.objects.filter(id=row.id).update(removed_at=now, version=F("version") + 1)
        Placed.objects.filter(sector=row).delete()
        Item.objects.filter(sector=row).update(sector=None)
        tell(log, event, "event.sector_removed", key=key, sector=row.name)


@once
def place(*, actor: Actor, now: datetime, event_id: UUID | str, kind: str, ref: UUID | str,
          sector: UUID | str | None = None, key: UUID | None = None) -> None:
    """Puts a unit or an agency of the event's calls into a sector, or (None) out of any."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return
        running(event)
        here = next((h for h in facts.forces(event) if (h.kind, h.ref) == (kind, str(ref))), None)
        if here is None:
            raise Missing(_("It is not at this event."), field="ref", code="ref")
        row = _sector(event, sector) if sector else None
        Placed.objects.filter(event=event, kind=kind, ref=here.ref).delete()
        if row is not None:
            Placed.objects.create(event=event, kind=kind, ref=here.ref, sector=row)
        what = {"unit": here.ref} if kind == "unit" else {"force": here.name}
        tell(log, event, "event.placed", what, key=key, sector=row.name if row else "")


@once
def count(*, actor: Actor, now: datetime, event_id: UUID | str, counts: dict[str, int], version: int | None = None,
          key: UUID | None = None) -> Major:
    """Sets how many people are evacuated, in shelters, not accounted for, back home. Numbers alone: nobody is named."""
    if not counts or set(counts) - set(COUNTS):
        raise Refused(_("Counts are: %(all)s.") % {"all": ", ".join(COUNTS)}, field="counts", code="invalid")
    if not all(0 <= n <= MOST_PEOPLE for n in counts.values()):
        raise Refused(_("Write a number from %(least)s to %(most)s.") % {"least": 0, "most": MOST_PEOPLE},
                      field="counts", code="invalid")
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if already_written(key):
            return event
        running(event)
        new = {code: n for code, n in counts.items() if event.counts.get(code) != n}
        if not new:
            return event
        change(event, version=version, counts={**event.counts, **new})
        tell(log, event, "event.counted", new, key=key)
    return event


@once
def remark(*, actor: Actor, now: datetime, event_id: UUID | str, text: str, key: UUID | None = None) -> UUID:
    """Writes a remark into the event's log, sealed. After the end too: the review goes on. Returns the log's event."""
    done = key or new_id()
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        if not already_written(key):
            digest = say(event, done, wordy(text, "text"))
            tell(log, event, "event.noted", key=done, digest=digest)
    return done


def report_drafted(*, actor: Actor, now: datetime, event_id: UUID | str) -> Major:
    """Writes down that the draft of the report was taken out as a file."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id)
        tell(log, event, "event.report_drafted")
    return event
