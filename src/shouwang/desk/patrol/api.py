"""Forecasts and plans over HTTP. Times are UTC; hours of forecasts are local, as the wall clock shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.places import facts as places

from . import actions, facts, jobs, shown
from .models import Job, Plan
from .terms import Edit

router = Router(tags=["patrol"])
SEE = ("patrol.view", "patrol.plan", "patrol.approve")
MOST_HOURS = 48


class AreaOut(Schema):
    path: str
    zh: str
    en: str
    expected: list[float] = Field(description="Calls expected in each hour")
    low: list[float] = Field(description="Lower end of the 80 % interval")
    high: list[float] = Field(description="Upper end of the 80 % interval")


class ForecastOut(Schema):
    id: UUID
    made_at: datetime
    origin: datetime
    hours: int
    cell_m: float
    model: str
    settings: dict[str, Any]
    calls_used: int
    first_day: str
    last_day: str
    left_out: dict[str, int] = Field(description="Kinds that patrols find by themselves, with the calls left out")
    generated: bool
    moved_days: int
    backtest: dict[str, Any]
    areas: list[AreaOut]
    week: list[list[float]] = Field(description="Calls an hour, 7 days from Monday × 24 hours")


class CellsOut(Schema):
    """Columns of equal length, one entry per cell."""

    forecast: UUID
    start: datetime
    end: datetime
    cell_m: float
    lon: list[float]
    lat: list[float]
    expected: list[float]
    steps: list[float] = Field(description="Where the five steps of the legend begin")


class PostOut(Schema):
    unit: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    fixed: bool
    lon: float
    lat: float
    place_zh: str
    place_en: str
    base_lon: float
    base_lat: float
    base_zh: str
    base_en: str
    moves: bool
    taken: bool
    by_hand: bool
    gain_share: float
    gain_s: float


class VisitOut(Schema):
    """A place of a tour. Seconds from the shift's start; leg_m and via: metres and streets of the way there."""

    post: bool
    lon: float
    lat: float
    zh: str
    en: str
    from_s: float
    to_s: float
    leg_m: float
    via: list[str]


class TourOut(Schema):
    unit: UUID
    visits: list[VisitOut]
    path: list[list[float]]
    length_m: float
    seen: float = Field(description="Mean share of demand × metres passed in an hour on tour")
    taken: bool
    by_hand: bool


class Promised(Schema):
    share: float = Field(0.9, gt=0, lt=1, description="Of the calls that are to have a unit there in time")
    service_min: float | None = Field(
        None, gt=0, le=600,
        description="Mean minutes a call binds a unit, the drive included; without it as measured by shift, else 45",
    )  # fmt: skip


class NeededOut(Schema):
    start: datetime
    units: int = Field(description="For the calls expected")
    high: int = Field(description="For the upper end of the 80 % interval")
    kept: float = Field(description="Share of calls in time with `units`")
    busy: float = Field(description="Share of the time that each of `units` would be with calls")
    calls: float = Field(description="Expected calls that need police")
    service_min: float = Field(description="Minutes each of them binds a unit")
    busy_now: float = Field(description="Share of its duty that a unit of police is busy in such an hour")


class StaffingOut(Schema):
    within_s: float
    travel_s: float = Field(description="Mean drive, as the newest plan counts it")
    there_are: int = Field(description="Units of police that are active")
    cases: int = Field(description="Calls behind the minutes; 0: they are not measured")
    part_calls: int = Field(description="Calls that told which part needs police; 0: every call is taken to")
    busy_hours: float = Field(description="Unit-hours on duty behind `busy_now`; 0: it is the setting of the centre")
    hours: list[NeededOut]


class SeenOut(Schema):
    start: datetime
    expected: float | None = Field(description="By the approved plan, or by the plan asked for")
    achieved: float | None = Field(description="By the positions of units on duty; none while the hour is not counted")


class ChanceOut(Schema):
    area: str
    chance: float = Field(description="Above 0, up to 1")


class PlanOut(Schema):
    id: UUID
    area: str
    shift_start: datetime
    shift_end: datetime
    state: str
    version: int
    within_s: int
    forecast: UUID
    figures: dict[str, Any]


class PlanDetail(PlanOut):
    posts: list[PostOut]
    tours: list[TourOut]


class JobOut(Schema):
    id: UUID
    kind: str
    state: str
    progress: float
    step: str
    error: str


class EditIn(Posted):
    kind: Literal["move", "back", "take", "draw", "take_tour", "drop", "earlier", "later"]
    unit: UUID
    lon: float = Field(0.0, ge=-180, le=180)
    lat: float = Field(0.0, ge=-90, le=90)
    taken: bool = True
    number: int = Field(-1, ge=-1, le=10_000, description="Which place of the tour, counted from 0")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class StepIn(Posted):
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class ReturnIn(Posted):
    reason: str = Field(min_length=1, max_length=500)
    key: UUID | None = None


class JobIn(Posted):
    kind: Literal["forecast", "propose", "nightly"]


class When(Schema):
    start: datetime = Field(description="With its offset from UTC; without one, local")
    hours: int = Field(1, ge=1, le=MOST_HOURS)


class Typed(Schema):
    q: str = Field(min_length=1, max_length=80, description="A street, two crossing streets, a post or coordinates")


class FoundOut(Schema):
    zh: str
    en: str
    lon: float
    lat: float


@router.get("/forecast", response=ForecastOut)
@opens(*SEE)
def forecast(request: HttpRequest) -> dict[str, Any]:
    """The newest forecast: what it rests on, how such forecasts did, and what it expects of the caller's areas."""
    who = actor(request)
    row = _forecast(who)
    return {
        **{
            name: getattr(row, name)
            for name in (
                "id",
                "made_at",
                "origin",
                "hours",
                "cell_m",
                "model",
                "settings",
                "calls_used",
                "left_out",
                "generated",
                "moved_days",
                "backtest",
                "week",
            )
        },
        "first_day": str(row.first_day),
        "last_day": str(row.last_day),
        "areas": shown.areas_of(row, who.areas(*SEE)),
    }


@router.get("/forecast/cells", response=CellsOut)
@opens(*SEE)
def forecast_cells(
    request: HttpRequest,
    when: Query[When],
) -> dict[str, Any]:
    """Calls expected on each cell of the caller's areas in some hours of the newest forecast."""
    who, start = actor(request), when.start
    if start.tzinfo is None:
        start = start.replace(tzinfo=timezone.get_current_timezone())
    return shown.cells(_forecast(who), start, _after(start, when.hours), who.areas(*SEE))


@router.get("/forecast/staffing", response=StaffingOut)
@opens(*SEE)
def staffing(request: HttpRequest, promised: Query[Promised]) -> dict[str, Any]:
    """How many units each hour of the newest forecast needs, so that the promised share of calls is in time."""
    who = actor(request)
    service_s = promised.service_min * 60 if promised.service_min else None
    return shown.staffing(_forecast(who), who.areas(*SEE), share=promised.share, service_s=service_s)


@router.get("/plans", response=list[PlanOut])
@opens(*SEE)
def plans(request: HttpRequest) -> list[dict[str, Any]]:
    """Plans of the shift under way and those to come, in the caller's areas."""
    return [shown.plan_row(p) for p in facts.plans(actor(request).areas(*SEE), after=timezone.now())]


@router.get("/plans/{uuid:plan_id}", response=PlanDetail)
@opens(*SEE)
def plan(request: HttpRequest, plan_id: UUID) -> dict[str, Any]:
    """One plan with its posts and tours, as far as they lie in the caller's areas."""
    return shown.plan_detail(_plan(request, plan_id), actor(request).areas(*SEE))


@router.get("/plans/{uuid:plan_id}/geojson", response=dict[str, Any])
@opens(*SEE)
def plan_geojson(request: HttpRequest, plan_id: UUID) -> dict[str, Any]:
    """Posts as points and tours as lines, as far as they lie in the caller's areas."""
    return shown.geojson(_plan(request, plan_id), actor(request).areas(*SEE))


@router.get("/plans/{uuid:plan_id}/seen", response=list[SeenOut])
@opens(*SEE)
def plan_seen(request: HttpRequest, plan_id: UUID) -> list[dict[str, Any]]:
    """见警率 by hour, expected and achieved, of the last two days and of the plan's shift: the share of streets that
    some patrol saw, by the calls expected on them."""
    return shown.seen(_plan(request, plan_id), timezone.now())


@router.get("/plans/{uuid:plan_id}/chances", response=list[ChanceOut])
@opens(*SEE)
def plan_chances(request: HttpRequest, plan_id: UUID) -> list[dict[str, Any]]:
    """By community of the caller's areas, the chance that an approved plan gave a visit at a moment of its touring
    hours. Empty where none was logged: none was wanted, or the plan was changed past what its lot had drawn."""
    return shown.chances(_plan(request, plan_id), actor(request).areas(*SEE))


@router.post("/plans/{uuid:plan_id}/edit", response=PlanDetail)
@opens("patrol.plan")
def edit(request: HttpRequest, plan_id: UUID, body: EditIn) -> dict[str, Any]:
    """Move a unit, take or leave a change, draw a tour anew or change its stops. The figures come back counted anew."""
    changed = actions.edit_plan(
        actor=actor(request),
        now=timezone.now(),
        plan_id=plan_id,
        version=body.version,
        key=body.key,
        edit=Edit(body.kind, str(body.unit), body.lon, body.lat, body.taken, body.number),
    )
    return shown.plan_detail(changed, actor(request).areas(*SEE))


@router.post("/plans/{uuid:plan_id}/submit", response=PlanOut)
@opens("patrol.plan")
def submit(request: HttpRequest, plan_id: UUID, body: StepIn) -> dict[str, Any]:
    """Hand a draft to whoever approves."""
    return shown.plan_row(
        actions.submit_plan(
            actor=actor(request), now=timezone.now(), plan_id=plan_id, version=body.version, key=body.key
        )
    )


@router.post("/plans/{uuid:plan_id}/withdraw", response=PlanOut)
@opens("patrol.plan")
def withdraw(request: HttpRequest, plan_id: UUID, body: StepIn) -> dict[str, Any]:
    """Take a submitted plan back."""
    return shown.plan_row(
        actions.withdraw_plan(actor=actor(request), now=timezone.now(), plan_id=plan_id, key=body.key)
    )


@router.post("/plans/{uuid:plan_id}/approve", response=PlanOut)
@opens("patrol.approve")
def approve(request: HttpRequest, plan_id: UUID, body: StepIn) -> dict[str, Any]:
    """Put a submitted plan in force. Not open to whoever submitted it."""
    return shown.plan_row(
        actions.approve_plan(
            actor=actor(request), now=timezone.now(), plan_id=plan_id, version=body.version, key=body.key
        )
    )


@router.post("/plans/{uuid:plan_id}/return", response=PlanOut)
@opens("patrol.approve")
def return_(request: HttpRequest, plan_id: UUID, body: ReturnIn) -> dict[str, Any]:
    """Give a submitted plan back with a reason."""
    return shown.plan_row(
        actions.return_plan(actor=actor(request), now=timezone.now(), plan_id=plan_id, reason=body.reason, key=body.key)
    )


@router.get("/plan-places", response=list[FoundOut])
@opens("patrol.plan")
def plan_places(request: HttpRequest, typed: Query[Typed]) -> list[dict[str, Any]]:
    """Streets, crossings, posts and coordinates to which a post can be moved."""
    return [
        {"zh": f.zh, "en": f.en, "lon": f.lon, "lat": f.lat}
        for f in places.search_place(typed.q)
        if facts.within(f.area, actor(request).areas("patrol.plan"))
    ]


@router.post("/patrol-jobs", response=JobOut)
@opens("patrol.plan")
def ask(request: HttpRequest, body: JobIn) -> Job:
    """Ask the worker for a new forecast, new proposals, or both."""
    return jobs.ask(actor=actor(request), now=timezone.now(), kind=body.kind)


@router.get("/patrol-jobs/{uuid:job_id}", response=JobOut)
@opens(*SEE)
def job(request: HttpRequest, job_id: UUID) -> Job:
    """How far a job has come."""
    found = Job.objects.filter(facts.seen_by(actor(request).areas(*SEE)), id=job_id).first()
    if found is None:
        raise Missing(_("No such job in your areas."), code="missing")
    return found


@router.post("/patrol-jobs/{uuid:job_id}/cancel", response=JobOut)
@opens("patrol.plan")
def cancel(request: HttpRequest, job_id: UUID) -> Job:
    """End a job at its next step."""
    return jobs.cancel(actor=actor(request), now=timezone.now(), job_id=job_id)


def _plan(request: HttpRequest, plan_id: UUID) -> Plan:
    return shown.visible_plan(actor(request), plan_id)


def _forecast(who: Actor) -> Any:
    row = facts.forecast_for(who.areas(*SEE))
    if row is None:
        raise Missing(_("There is no forecast of your areas yet."), code="missing")
    return row


def _after(start: datetime, hours: int) -> datetime:
    """So many hours later, or the end of the calendar."""
    return start + min(timedelta(hours=hours), datetime.max.replace(tzinfo=start.tzinfo) - start)
