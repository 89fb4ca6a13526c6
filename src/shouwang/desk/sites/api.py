"""Sites and premise hazards over HTTP."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow.zone import day_of

from . import actions, facilities, facts
from .terms import CONTACT, EDIT, SEE

router = Router(tags=["sites"])
BIG = 2**31 - 1
CLEAN = r"^[^\x00-\x1f]*$"


class SiteOut(Schema):
    id: UUID
    code: str
    name: str
    kind: str
    lon: float
    lat: float
    area: str
    obliged: bool = Field(description="It has to have an alarm")
    has_contact: bool = Field(description="A key-holder is kept, sealed")
    closed: bool
    version: int


class HazardOut(Schema):
    id: UUID
    site_id: UUID | None
    kind: str
    lon: float
    lat: float
    radius_m: int
    owner: str = Field(description="The office that answers for it")
    until: date = Field(description="Its last day")
    version: int
    over: bool


class Keyed(Posted):
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class Versioned(Keyed):
    version: int = Field(ge=1, le=BIG, description="As it was read; 409 when somebody else has changed it since")


class SiteIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    code: str = Field(max_length=24, pattern=CLEAN)
    name: str = Field(max_length=80, pattern=CLEAN)
    kind: str = Field(max_length=24)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    obliged: bool | None = Field(None, description="null: as its kind says")
    version: int | None = Field(None, ge=1, le=BIG, description="Given to change a site that stands")


class ContactIn(Versioned):
    name: str = Field(max_length=60, description="Office, and whom to ask for")
    phone: str = Field(max_length=30, description="Office telephone")


class ContactOut(Schema):
    name: str
    phone: str


class ReasonIn(Keyed):
    reason: str = Field(min_length=1, max_length=500)


class HazardIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    site_id: UUID | None = None
    kind: str = Field(max_length=24)
    owner: str = Field(max_length=24)
    until: date
    radius_m: int = Field(50, ge=10, le=500)
    lon: float | None = Field(None, ge=-180, le=180, description="null at a site: the site's own point")
    lat: float | None = Field(None, ge=-90, le=90)


class HazardAmendIn(Versioned):
    until: date | None = None
    radius_m: int | None = Field(None, ge=10, le=500)
    owner: str | None = Field(None, max_length=24)


class SitesAsked(Schema):
    q: str = Field("", max_length=80, pattern=CLEAN)
    kind: str = Field("", max_length=24, pattern=CLEAN)
    obliged: bool | None = None
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=BIG)


class HazardsAsked(Schema):
    kind: str = Field("", max_length=24, pattern=CLEAN)
    over: bool = Field(False, description="Those that have ended, in place of those in force")


class FacilityOut(Schema):
    """A site that takes people in, as it last told the desk."""

    site: SiteOut
    state: str
    free: int | None = None
    places: int | None = None
    told_at: datetime
    old: bool = Field(description="It has to be asked again")
    version: int


class FacilityIn(Keyed):
    state: Literal["open", "limited", "full", "shut"]
    free: int | None = Field(None, ge=0, le=facilities.MOST_PLACES)
    places: int | None = Field(None, ge=0, le=facilities.MOST_PLACES)
    version: int = Field(0, ge=0, le=BIG, description="As it was read; 0 to put the site on the board")


@router.get("/facilities", response=list[FacilityOut])
@opens(SEE)
def facility_board(request: HttpRequest) -> list[facilities.FacilityFact]:
    """The facility board: where people can be taken now."""
    return facilities.board(actor(request).areas(SEE), timezone.now())


@router.put("/sites/{uuid:site_id}/facility", response=FacilityOut)
@opens(EDIT)
def tell_facility(request: HttpRequest, site_id: UUID, body: FacilityIn) -> facilities.FacilityFact | None:
    """Put a site on the facility board, or say what it tells now."""
    now = timezone.now()
    facilities.tell(actor=actor(request), now=now, site_id=site_id, version=body.version, key=body.key,
                    told=facilities.Told(body.state, body.free, body.places))
    return facilities.of_site(site_id, now)


@router.delete("/sites/{uuid:site_id}/facility", response={204: None})
@opens(EDIT)
def take_facility_off(request: HttpRequest, site_id: UUID) -> tuple[int, None]:
    """Take a site off the facility board."""
    facilities.take_off(actor=actor(request), now=timezone.now(), site_id=site_id)
    return 204, None


@router.get("/sites", response=list[SiteOut])
@opens(SEE)
def sites(request: HttpRequest, asked: Query[SitesAsked]) -> list[facts.SiteFact]:
    """Sites in the caller's areas by name."""
    rows = facts.sites_in(actor(request).areas(SEE), text=asked.q, obliged=asked.obliged, kind=asked.kind)
    return [facts.site_fact(row) for row in rows[asked.offset:asked.offset + asked.limit]]


@router.get("/sites/{uuid:site_id}", response=SiteOut)
@opens(SEE)
def site(request: HttpRequest, site_id: UUID) -> facts.SiteFact:
    row = facts.find(actor(request).areas(SEE), site_id)
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    return facts.site_fact(row)


@router.post("/sites", response=SiteOut)
@opens(EDIT)
def save_site(request: HttpRequest, body: SiteIn) -> facts.SiteFact:
    """Enter a site, or change one."""
    given = actions.SiteGiven(body.code, body.name, body.kind, body.lon, body.lat, body.obliged)
    row = actions.save_site(**_who(request), id=body.id, given=given, version=body.version, key=body.key)
    return facts.site_fact(row)


@router.post("/sites/{uuid:site_id}/close", response=SiteOut)
@opens(EDIT)
def close_site(request: HttpRequest, site_id: UUID, body: Versioned) -> facts.SiteFact:
    """The place is no more: its key-holder is destroyed, its hazards are shown no longer."""
    return facts.site_fact(actions.close_site(**_who(request), site_id=site_id, version=body.version, key=body.key))


@router.put("/sites/{uuid:site_id}/contact", response=SiteOut)
@opens(EDIT)
def set_contact(request: HttpRequest, site_id: UUID, body: ContactIn) -> facts.SiteFact:
    """Seal a key-holder in place of the one before."""
    contact = actions.Contact(body.name, body.phone)
    return facts.site_fact(actions.set_contact(
        **_who(request), site_id=site_id, contact=contact, version=body.version, key=body.key))


@router.post("/sites/{uuid:site_id}/contact/show", response=list[ContactOut])
@opens(CONTACT)
def show_contact(request: HttpRequest, site_id: UUID, body: ReasonIn) -> Sequence[Any]:
    """Show the key-holder, for a stated reason. The showing is logged."""
    found = actions.show_contact(**_who(request), site_id=site_id, reason=body.reason, key=body.key)
    return [found] if found else []


@router.get("/hazards", response=list[HazardOut])
@opens(SEE)
def hazards(request: HttpRequest, asked: Query[HazardsAsked]) -> list[facts.HazardFact]:
    """Premise hazards in the caller's areas, the one that ends first before others."""
    return facts.hazards_in(actor(request).areas(SEE), timezone.now(), over=asked.over, kind=asked.kind)


@router.post("/hazards", response=HazardOut)
@opens(EDIT)
def add_hazard(request: HttpRequest, body: HazardIn) -> facts.HazardFact:
    """Enter a hazard from the fixed list, at a site or at a point."""
    given = actions.HazardGiven(body.kind, body.owner, body.until, body.radius_m, body.lon, body.lat)
    row = actions.add_hazard(**_who(request), id=body.id, given=given, site_id=body.site_id, key=body.key)
    return facts.hazard_fact(row, day_of(timezone.now()))


@router.post("/hazards/{uuid:hazard_id}/amend", response=HazardOut)
@opens(EDIT)
def amend_hazard(request: HttpRequest, hazard_id: UUID, body: HazardAmendIn) -> facts.HazardFact:
    """Another last day, radius or office."""
    row = actions.amend_hazard(**_who(request), hazard_id=hazard_id, version=body.version, until=body.until,
                               radius_m=body.radius_m, owner=body.owner, key=body.key)
    return facts.hazard_fact(row, day_of(timezone.now()))


@router.post("/hazards/{uuid:hazard_id}/end", response=HazardOut)
@opens(EDIT)
def end_hazard(request: HttpRequest, hazard_id: UUID, body: Versioned) -> facts.HazardFact:
    """Nobody is warned of it any more."""
    row = actions.end_hazard(**_who(request), hazard_id=hazard_id, version=body.version, key=body.key)
    return facts.hazard_fact(row, day_of(timezone.now()))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}
