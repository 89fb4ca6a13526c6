"""How a matter begins: seen on the beat, told to the office, passed on from a call, or reported by a resident."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.records import numbered
from shouwang.desk.workflow.settings import get as setting

from .. import facts, photos, words
from ..models import Matter, MatterDay, MatterType
from ..terms import MOST_CONTACT, SOURCES, NewMatter
from .common import clock, said, shot, within

RESIDENT = Actor(id="public:resident", name="", grants={})


def report(*, actor: Actor, now: datetime, new: NewMatter, source: str, at_device: datetime | None = None) -> Matter:
    """Writes down a matter seen by a member of staff. The same id again is a retry and gives the same row. Raises
    Refused at the field, Denied outside the actor's areas."""
    if (kept := _kept(actor, new.id)) is not None:
        return kept
    kind, area = _checked(new)
    actor.require(facts.REPORT, area)
    if new.contact:
        raise Refused(_("Only residents leave how they can be told."), field="contact", code="contact")
    if source not in ("grid", "office", "alarm"):
        raise Refused(_("There is no such source: %(source)s.") % {"source": source}, field="source", code="invalid")
    return _once(actor, now, new, kind, area, source=source, at_device=at_device)


def report_public(*, now: datetime, new: NewMatter) -> Matter:
    """A resident's report, without an account. Who may send one is decided before: by a proof of work and by rate."""
    if (kept := _kept(RESIDENT, new.id)) is not None:
        return kept
    if MatterType.objects.filter(code=new.type, referral=True).exists():
        raise Refused(_("Ask for this at the community office: names do not belong here."), field="type", code="type")
    kind, area = _checked(new)
    hour = Matter.objects.filter(source="public", reported_at__gte=now - timedelta(hours=1)).count()
    if hour >= setting("public_per_hour"):
        raise Refused(_("Too many reports came in within the hour. Try later, or call the community office."),
                      code="flood")
    return _once(RESIDENT, now, new, kind, area, source="public")


def from_call(*, actor: Actor, now: datetime, call: UUID, id: UUID, kind: str, lon: float, lat: float, place: str,
              text: str) -> Matter:
    """What a call that was passed on becomes: once, whoever asks. A matter that was taken back stands for it no
    more."""
    Matter.objects.filter(call=call, state="void").exclude(id=id).update(call=None)
    if (kept := Matter.objects.select_related("type").filter(call=call).first()) is not None:
        return kept
    new = NewMatter(id=id, type=kind, lon=lon, lat=lat, place=place[:120], words=text)
    found = MatterType.objects.get(code=kind)
    area = places.locate(lon, lat) or (top.area if (top := places.district()) else "")
    if found.referral:
        new = NewMatter(id=id, type=kind, lon=lon, lat=lat)
    return _once(actor, now, new, found, area, source="call", call=call)


def from_volunteer(*, actor: Actor, now: datetime, id: UUID, kind: str, lon: float, lat: float, text: str) -> Matter:
    """What a volunteer saw of a hazard that was told of. The same id again gives the same row. Raises Refused outside
    the district."""
    if (kept := _kept(actor, id)) is not None:
        return kept
    new = NewMatter(id=id, type=kind, lon=lon, lat=lat, words=text)
    found, area = _checked(new)
    return _once(actor, now, new, found, area, source="observer")


def _kept(actor: Actor, id: UUID) -> Matter | None:
    row = Matter.objects.select_related("type").filter(id=id).first()
    if row is not None and row.reported_by != actor.id:
        raise Conflict(_("This number of a matter is already used."), field="id", code="id_used")
    return row


def _checked(new: NewMatter) -> tuple[MatterType, str]:
    kind = MatterType.objects.filter(code=new.type, active=True).exclude(parent="").first()
    if kind is None:
        raise Refused(_("Choose what it is."), field="type", code="type")
    area = places.locate(new.lon, new.lat)
    if not area:
        raise Refused(_("This place lies outside the district."), field="place", code="outside")
    within(new.words, "words")
    within(new.place, "place", 120)
    within(new.contact, "contact", MOST_CONTACT)
    if kind.referral and (new.words.strip() or new.photos or new.contact):
        raise Refused(_("For people in need only the office is told: no words, no photo, no name."), field="words",
                      code="referral")
    if new.point and facts.point(new.point) is None:
        raise Refused(_("There is no such reporting point."), field="point", code="point")
    return kind, area


def _once(actor: Actor, now: datetime, new: NewMatter, kind: MatterType, area: str, *, source: str,
          call: UUID | None = None, at_device: datetime | None = None) -> Matter:
    shots = photos.prepared(new.photos)
    try:
        with writing(actor=actor, now=now) as log:
            return _open(log, new, kind, area, shots, source=source, call=call, at_device=at_device)
    except IntegrityError:  # two requests with one id at the same moment: the second finds the first one's row
        kept = Matter.objects.filter(call=call).first() if call else _kept(actor, new.id)
        if kept is None:
            raise
        return kept


def _open(log: Log, new: NewMatter, kind: MatterType, area: str, shots: list[photos.Clean], *, source: str,
          call: UUID | None, at_device: datetime | None) -> Matter:
    taken = numbered(MatterDay, "M", log.now)
    lon, lat, place = new.lon, new.lat, new.place.strip()
    if kind.referral:  # where somebody in need lives is nobody's business: the community stands for it
        spot = places.community_of(area)
        lon, lat, area, place = (spot.lon, spot.lat, spot.area, spot.zh) if spot else (lon, lat, area, "")
    state = cycle("matter").initial
    matter = Matter(
        id=new.id, **taken, type=kind, level=kind.level, state=state,
        place=place or places.nearest_crossing(lon, lat)[0] or kind.zh, lon=lon, lat=lat, area=area, source=source,
        reported_by=log.actor.id, point=facts.point(new.point), call=call, reported_at=log.now, since=log.now,
        has_words=bool(new.words.strip()), **clock(kind, state, log.now),
    )
    assert source in SOURCES
    if source == "public":
        matter.follow = words.code_digest(words.code_of(new.id))
        matter.contact = words.contact_sealed(new.id, new.contact.strip())
    matter.save(force_insert=True)
    pictures = shot(matter, shots, "before", at=log.now, by=log.actor.id)
    told: dict[str, Any] = {"matter_type": kind.code, "matter_source": source, "new": state}
    told |= ({"photos": pictures} if pictures else {}) | ({"call": str(call)} if call else {})
    told |= {"at_device": at_device.isoformat()} if at_device else {}
    said(log, "matter.reported", matter, "report", new.words.strip(), **told)
    if call:
        log.append("call.became_matter", subject=("call", call), area=area, may="call.view",
                   payload={"matter": str(matter.id), "number": matter.number})
    return matter
