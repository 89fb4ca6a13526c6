"""Closures over HTTP. Moments without a zone are those of the district's wall clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, advice, facts
from .models import Closure
from .terms import MOST_CORNERS, MOST_PICKS, SLOWEST, Direction, Pick, Picked, Reason

router = Router(tags=["closures"])
FACTOR = "0: shut; else how many times as long, above 1"


class LineOut(Schema):
    path: list[list[float]]
    one_way: bool = Field(description="In the direction of the path alone")


class ClosureOut(Schema):
    id: UUID
    zh: str
    en: str
    area: str
    reason: str
    factor: float = Field(description=FACTOR)
    lines: list[LineOut]
    length_m: float
    from_at: datetime
    until_at: datetime
    lifted_at: datetime | None
    version: int
    state: Literal["planned", "in_force", "over", "lifted"]


class PickedOut(Schema):
    zh: str
    en: str
    area: str
    lines: list[LineOut]
    length_m: float


class PickIn(Posted):
    """A click on a street between two junctions."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    direction: Direction = "both"


class Corner(Posted):
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class WhereIn(Posted):
    """Clicked stretches, or the corners of an area: every street that it touches."""

    picks: list[PickIn] = Field(default_factory=list, max_length=MOST_PICKS)
    ring: list[Corner] = Field(default_factory=list, max_length=MOST_CORNERS)

    def given(self) -> dict[str, Any]:
        return {"picks": [Pick(p.lon, p.lat, p.direction) for p in self.picks],
                "ring": [(c.lon, c.lat) for c in self.ring]}  # fmt: skip


class CloseIn(WhereIn):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    factor: float = Field(0.0, ge=0, le=SLOWEST, description=FACTOR)
    reason: Reason
    from_at: datetime | None = Field(None, description="null: now")
    until_at: datetime


class AmendIn(Posted):
    version: int = Field(ge=1, le=2**31 - 1)
    until_at: datetime | None = None
    factor: float | None = Field(None, ge=0, le=SLOWEST, description=FACTOR)
    reason: Reason | None = None
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class KeyIn(Posted):
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class Wanted(Schema):
    over: bool = Field(False, description="With those that ended within a day")


@router.get("/closures", response=list[ClosureOut])
@opens(facts.SEE)
def closures(request: HttpRequest, wanted: Query[Wanted]) -> list[facts.ClosureFact]:
    """Closures in force or planned in the caller's areas, the one that ends first before others."""
    now = timezone.now()
    return facts.closures(actor(request).areas(facts.SEE), now, since=now - facts.DAY if wanted.over else None)


@router.post("/closures/preview", response=PickedOut)
@opens(facts.CLOSE)
def preview(request: HttpRequest, body: WhereIn) -> Picked:
    """What some clicks or an area would close. Nothing is kept."""
    return advice.picked(**body.given())


@router.post("/closures", response=ClosureOut)
@opens(facts.CLOSE)
def close(request: HttpRequest, body: CloseIn) -> facts.ClosureFact:
    """Shut streets, or make them slower, until an end."""
    now = timezone.now()
    return _told(actions.close(
        actor=actor(request), now=now, id=body.id, key=body.id, **body.given(), factor=_factor(body.factor),
        reason=body.reason,
        from_at=_moment(body.from_at, "from_at"), until_at=_moment(body.until_at, "until_at") or now,
    ), now)  # fmt: skip


@router.post("/closures/{uuid:closure_id}/amend", response=ClosureOut)
@opens(facts.CLOSE)
def amend(request: HttpRequest, closure_id: UUID, body: AmendIn) -> facts.ClosureFact:
    """Another end, factor or reason. 409 when somebody else has changed it since `version`."""
    now = timezone.now()
    return _told(actions.amend(
        actor=actor(request), now=now, closure_id=closure_id, version=body.version, reason=body.reason, key=body.key,
        until_at=_moment(body.until_at, "until_at"), factor=None if body.factor is None else _factor(body.factor),
    ), now)  # fmt: skip


@router.post("/closures/{uuid:closure_id}/lift", response=ClosureOut)
@opens(facts.CLOSE)
def lift(request: HttpRequest, closure_id: UUID, body: KeyIn) -> facts.ClosureFact:
    """Open the street before the end."""
    now = timezone.now()
    asked = {"closure_id": closure_id, "version": body.version, "key": body.key}
    return _told(actions.lift(actor=actor(request), now=now, **asked), now)  # type: ignore[arg-type]


@router.post("/closures/{uuid:closure_id}/restore", response=ClosureOut)
@opens(facts.CLOSE)
def restore(request: HttpRequest, closure_id: UUID, body: KeyIn) -> facts.ClosureFact:
    """Take back that it was lifted."""
    now = timezone.now()
    asked = {"closure_id": closure_id, "version": body.version, "key": body.key}
    return _told(actions.restore(actor=actor(request), now=now, **asked), now)  # type: ignore[arg-type]


def _told(row: Closure, now: datetime) -> facts.ClosureFact:
    return facts.fact_of(row, now)


def _factor(given: float) -> float:
    if 0 < given <= 1:
        raise Refused(_("Give 0 for shut, or how many times as long it takes: above 1."), field="factor", code="factor")
    return given


def _moment(given: datetime | None, field: str) -> datetime | None:
    """In UTC. A year far off is refused before any clock has to be turned."""
    if given is None:
        return None
    if not 1970 < given.year < 2200:
        raise Refused(_("Choose a day of this century."), field=field, code="span")
    return given if timezone.is_aware(given) else timezone.make_aware(given)
