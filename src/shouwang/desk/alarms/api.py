"""Alarm panels over HTTP."""
from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.sites.terms import SEE

from . import facts, panels
from .panels import KEEP, SUPERVISE_S

router = Router(tags=["alarms"])


class FaultOut(Schema):
    kind: str
    zone: int = Field(description="-1 for none")
    since: datetime


class PanelOut(Schema):
    id: UUID
    site: UUID
    account: str
    encrypted: bool
    supervise_s: int
    active: bool
    version: int
    heard_at: datetime | None
    faults: list[FaultOut]
    working: bool


class ResultsOut(Schema):
    """Calls that a site's panels raised within 90 days."""

    calls: int
    alarms: int = Field(description="How many alarms these calls stand for")
    closed: int
    false: int = Field(description="Of the closed ones, those with the result false alarm")


class SiteAlarmsOut(Schema):
    site: UUID
    name: str
    obliged: bool
    working: bool
    panels: list[PanelOut]
    results: ResultsOut


class CoverageOut(Schema):
    obliged: int = Field(description="Sites that have to have an alarm")
    working: int = Field(description="Of these, with one that works now")
    share: float | None


class PanelIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    site: UUID
    account: str = Field(max_length=16, description="3 to 16 hexadecimal digits")
    supervise_s: int = Field(90, ge=SUPERVISE_S[0], le=SUPERVISE_S[1])
    secret: str | None = Field(None, max_length=80, description=(
        "Key: 32, 48 or 64 hexadecimal digits; or text: and 16, 24 or 32 characters. null leaves it, empty takes it "
        "away"))
    active: bool = True
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="Given to change a panel that stands")
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class AlarmsAsked(Schema):
    q: str = Field("", max_length=80, pattern=r"^[^\x00-\x1f]*$")


@router.get("/alarms/sites", response=list[SiteAlarmsOut])
@opens(SEE)
def site_alarms(request: HttpRequest, asked: Query[AlarmsAsked]) -> list[dict[str, Any]]:
    """Sites that have an alarm panel or have to have one: those without a working one first."""
    rows = facts.site_alarms(actor(request).areas(SEE), timezone.now(), text=asked.q)
    return [{"site": r.site.id, "name": r.site.name, "obliged": r.site.obliged, "working": r.working,
             "panels": r.panels, "results": r.results} for r in rows]


@router.get("/alarms/coverage", response=CoverageOut)
@opens(SEE)
def coverage(request: HttpRequest) -> facts.Coverage:
    """Share of the obliged sites in the caller's areas with a working alarm."""
    return facts.coverage(facts.site_alarms(actor(request).areas(SEE), timezone.now()))


@router.post("/alarms/panels", response=PanelOut)
@opens(KEEP)
def save_panel(request: HttpRequest, body: PanelIn) -> facts.PanelFact:
    """Register a panel at a site, or change one. Its key is never given back."""
    now = timezone.now()
    given = panels.PanelGiven(body.account, body.supervise_s, body.secret, body.active)
    row = panels.save_panel(actor=actor(request), now=now, id=body.id, site_id=body.site, given=given,
                            version=body.version, key=body.key)
    return facts.panel_fact(row, now)
