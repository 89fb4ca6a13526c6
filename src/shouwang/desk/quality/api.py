"""Data quality over HTTP. No record outside the caller's areas, no names, no words."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts
from .models import Finding
from .rules import rules, steps
from .terms import MAY

router = Router(tags=["data quality"])


class ShareOut(Schema):
    records: int
    wrong: int = Field(description="Left wrong at first, mended since or not; without those that were accepted")
    right: float | None = Field(description="Share left right; None without records")
    low: float | None
    high: float | None = Field(description="Its interval (Wilson, 95 %)")


class ScoreOut(Schema):
    """Of a step, all areas together (`area` empty) or one control area."""

    kind: str
    step: str
    name: str
    desk: str
    area: str
    share: ShareOut
    still_open: int
    apart: Literal["", "more", "fewer"] = Field(description="Wrong more or less often than elsewhere, beyond chance")


class RuleOut(Schema):
    id: str
    kind: str
    step: str
    name: str
    mend: str


class FindingOut(Schema):
    id: UUID
    kind: str
    record: UUID
    number: str
    rule: str
    step: str
    area: str
    week: date
    made_at: datetime
    found_at: datetime
    state: Literal["open", "mended", "accepted"]
    why: str


class ScoresAsked(Schema):
    weeks: int = Field(5, ge=1, le=60)


class FindingsAsked(Schema):
    weeks: int = Field(1, ge=1, le=60)
    state: Literal["", "open", "mended", "accepted"] = "open"
    kind: Literal["", "call", "matter", "mediation"] = ""
    step: str = Field("", max_length=10)
    rule: str = Field("", max_length=8)
    area: str = Field("", max_length=200)
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=1_000_000)


class AcceptIn(Posted):
    why: str = Field(max_length=5, description="true, lost, late, rule")
    reason: str = Field("", max_length=500, description="Sealed beside the log")
    key: UUID | None = None


class FindingKeyIn(Posted):
    key: UUID | None = None


@router.get("/quality/scores", response=list[ScoreOut])
@opens(MAY)
def scores(request: HttpRequest, asked: Query[ScoresAsked]) -> list[dict[str, Any]]:
    """How right each step left its records: all areas together, then each control area."""
    found = facts.scores(actor(request).areas(MAY), timezone.now(), asked.weeks)
    return [{"kind": s.step.kind, "step": s.step.id, "name": str(s.step), "desk": s.step.desk, "area": s.area,
             "share": vars(s.share), "still_open": s.still_open, "apart": s.apart} for s in found]


@router.get("/quality/rules", response=list[RuleOut])
@opens(MAY)
def all_rules(request: HttpRequest) -> list[dict[str, Any]]:
    """Every rule, in the reader's language."""
    return [{"id": r.id, "kind": r.kind, "step": r.step, "name": str(r), "mend": r.mend} for r in rules().values()]


@router.get("/quality/findings", response=list[FindingOut])
@opens(MAY)
def findings(request: HttpRequest, asked: Query[FindingsAsked]) -> list[Finding]:
    """What is wrong with records that came in within so many weeks, the newest step first."""
    given = asked.dict(exclude={"limit", "offset"})
    if given["step"] and not any(step == given["step"] for _kind, step in steps()):
        return []
    rows = facts.findings(actor(request).areas(MAY), facts.Wanted(**given), timezone.now())
    return list(rows[asked.offset:asked.offset + asked.limit])


@router.post("/quality/findings/{uuid:finding_id}/accept", response=FindingOut)
@opens(MAY)
def accept(request: HttpRequest, finding_id: UUID, body: AcceptIn) -> Finding:
    """Say that a record is right as it is, and why."""
    return actions.accept(actor=actor(request), now=timezone.now(), finding_id=finding_id, **body.dict())


@router.post("/quality/findings/{uuid:finding_id}/reopen", response=FindingOut)
@opens(MAY)
def reopen(request: HttpRequest, finding_id: UUID, body: FindingKeyIn) -> Finding:
    """Take an acceptance back."""
    return actions.reopen(actor=actor(request), now=timezone.now(), finding_id=finding_id, key=body.key)
