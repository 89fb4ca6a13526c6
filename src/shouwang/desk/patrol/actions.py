"""What people and the worker do with plans. Each is one transaction that ends with its events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import digest, seal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import moves
from shouwang.desk.workflow.settings import get as setting

from . import facts, files
from .advice import chances, drafting
from .models import Forecast, HistoryFile, Plan, PlanPost, PlanTour, VisitChance
from .shifts import Shift
from .terms import Edit

Tick = Callable[[str, float], None]
VIEW = "patrol.view"


def add_history(
    *,
    actor: Actor,
    now: datetime,
    path: Path,
    name: str,
    area: str,
    source: str = "",
    licence: str = "",
    excluded: tuple[str, ...] = (),
    generated: bool = False,
    example: bool = False,
    id: UUID | None = None,
) -> HistoryFile:
    """Takes in past calls (CSV or Parquet: time, lon, lat, category; id and source optional), all rows or none.

    `excluded`: kinds that patrols find by themselves. Raises BadInput naming every bad row.
    """
    actor.require("config.edit", area)
    id = id or new_id()
    if kept := HistoryFile.objects.filter(id=id).first():
        return kept
    table, sha256 = files.take_history(path, id)
    days = [t.date() for t in table["time"].to_pylist()]
    if not days:
        raise Refused(_("The file holds no calls."), field="path", code="empty")
    kinds = {row["values"]: row["counts"] for row in table["category"].value_counts().to_pylist()}
    with writing(actor=actor, now=now) as log:
        history = HistoryFile.objects.create(
            id=id,
            area=area,
            name=name,
            rows=len(days),
            first_day=min(days),
            last_day=max(days),
            source=source,
            licence=licence,
            kinds=kinds,
            excluded_kinds=[k for k in excluded if k in kinds],
            generated=generated,
            example=example,
            sha256=sha256,
            at=now,
        )
        log.append(
            "history.added",
            subject=("history", id),
            area=area,
            may=VIEW,
            payload={"rows": len(days), "sha256": sha256, "generated": generated},
        )
    return history


def make_forecast(*, actor: Actor, now: datetime, area: str = "", tick: Tick = lambda step, share: None) -> Forecast:
    """Forecasts the calls of the next two days from everything known now: history files and the calls taken here.

    Raises Refused without a district, streets or calls.
    """
    district = _district(area)
    actor.require("patrol.plan", district.area)
    row, cells = drafting.forecast(district, now, tick)
    row.sha256 = files.write_cells(cells, row.id)
    with writing(actor=actor, now=now) as log:
        row.save(force_insert=True)
        log.append(
            "forecast.made",
            subject=("forecast", row.id),
            area=row.area,
            may=VIEW,
            payload={"origin": row.origin.isoformat(), "calls": row.calls_used, "sha256": row.sha256}
            | ({"found": row.settings["found"]["counted"]} if "found" in row.settings else {}),
        )
    return row


def propose_plans(
    *, actor: Actor, now: datetime, area: str = "", anew: bool = False, tick: Tick = lambda step, share: None
) -> list[Plan]:
    """Drafts plans for the shift under way and the next three. Shifts that have a plan are passed over; with `anew`
    drafts are made again. A plan waiting for approval or approved stays as it is. Raises Refused without a forecast."""
    district = _district(area)
    actor.require("patrol.plan", district.area)
    newest = facts.newest_forecast(district.area)
    if newest is None:
        raise Refused(_("There is no forecast yet. Make one first."), code="no_forecast")
    made: list[Plan] = []
    wanted = [s for s in drafting.shifts_to_plan(newest, now) if not _taken(district.area, s, anew)]
    share = 1.0 / max(1, len(wanted))
    begun = []
    for n, shift in enumerate(wanted):
        begun.append(drafting.begin(district, newest, shift, lambda done, n=n: tick("posts", 0.4 * share * (n + done))))  # type: ignore[misc]
    drafting.choose(begun)
    for n, (shift, one) in enumerate(zip(wanted, begun, strict=True)):
        draft = drafting.finish(one, lambda done, n=n: tick("tours", 0.4 + 0.6 * share * (n + done)))  # type: ignore[misc]
        with writing(actor=actor, now=now) as log:
            if _taken(district.area, shift, anew):  # somebody was faster
                continue
            for old in Plan.objects.filter(
                area=district.area, shift_start=shift.start, state__in=("draft", "returned")
            ):
                _replace(log, old)
            made.append(_store(log, draft, actor, now))
    return made


def _taken(area: str, shift: Shift, anew: bool) -> bool:
    stays = ("submitted", "approved") if anew else ("draft", "returned", "submitted", "approved")
    return Plan.objects.filter(area=area, shift_start=shift.start, state__in=stays).exists()


def _store(log: Log, draft: drafting.Draft, actor: Actor, now: datetime) -> Plan:
    plan = draft.plan
    plan.made_by, plan.made_at = actor.id, now
    plan.save(force_insert=True)
    PlanPost.objects.bulk_create(draft.posts)
    PlanTour.objects.bulk_create(draft.tours)
    _tell(log, plan, "plan.proposed", moves=sum(p.moves for p in draft.posts), tours=len(draft.tours))
    return plan


def edit_plan(
    *, actor: Actor, now: datetime, plan_id: UUID | str, edit: Edit, version: int | None = None, key: UUID | None = None
) -> Plan:
    """Changes a draft and counts its figures anew. Raises Conflict when the plan has moved on from `version`,
    Refused for a place outside the district or a crew that does not move."""
    plan = _plan(actor, plan_id)
    actor.require("patrol.plan", plan.area)
    if already_written(key):
        return plan
    if plan.state not in ("draft", "returned"):
        raise Conflict(
            _("A plan can be changed while it is a draft or returned; this one is %(state)s.")
            % {"state": moves.cycle("plan").state_label(plan.state)},
            code="state",
        )
    if version is not None and version != plan.version:
        raise Conflict(_("The plan has been changed meanwhile. Look at it again."), code="version")
    changed = drafting.edited(plan, edit)
    with writing(actor=actor, now=now) as log:
        if not Plan.objects.filter(id=plan.id, version=plan.version, state=plan.state).update(
            version=plan.version + 1, figures=changed.plan.figures
        ):
            raise Conflict(_("The plan has been changed meanwhile. Look at it again."), code="version")
        for row in (*changed.posts, *changed.tours):
            row.save()
        plan.refresh_from_db()
        _tell(log, plan, "plan.edited", id=key, edit=edit.kind, unit=edit.unit)
    return plan


def submit_plan(
    *, actor: Actor, now: datetime, plan_id: UUID | str, version: int | None = None, key: UUID | None = None
) -> Plan:
    """Hands a draft to whoever approves."""
    return _move(
        actor,
        now,
        plan_id,
        "p_submit",
        "plan.submitted",
        version=version,
        key=key,
        submitted_by=actor.id,
        submitted_at=now,
    )


def withdraw_plan(*, actor: Actor, now: datetime, plan_id: UUID | str, key: UUID | None = None) -> Plan:
    """Takes a submitted plan back."""
    return _move(actor, now, plan_id, "p_withdraw", "plan.withdrawn", key=key, submitted_by="", submitted_at=None)


def approve_plan(
    *, actor: Actor, now: datetime, plan_id: UUID | str, version: int | None = None, key: UUID | None = None
) -> Plan:
    """Puts a submitted plan in force for its shift; the one approved before is replaced. Refused to whoever submitted
    it: two pairs of eyes."""
    plan = _plan(actor, plan_id)
    if plan.submitted_by == actor.id and plan.state == "submitted":
        raise Refused(_("You submitted this plan yourself. Somebody else approves it."), code="own_plan")
    with writing(actor=actor, now=now) as log:
        actor.require("patrol.approve", plan.area)
        if plan.state == "submitted":
            for old in Plan.objects.filter(area=plan.area, shift_start=plan.shift_start, state="approved"):
                _replace(log, old)
                VisitChance.objects.filter(plan=old, start__gte=now).delete()
                VisitChance.objects.filter(plan=old, end__gt=now).update(end=now)
            logged = chances.logged_for(plan, list(plan.posts.all()), list(plan.tours.all()), now)
            if logged is not None:
                logged.save(force_insert=True)
        return _move(
            actor,
            now,
            plan_id,
            "p_approve",
            "plan.approved",
            version=version,
            key=key,
            decided_by=actor.id,
            decided_at=now,
        )


def return_plan(*, actor: Actor, now: datetime, plan_id: UUID | str, reason: str, key: UUID | None = None) -> Plan:
    """Gives a submitted plan back with a reason."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the plan goes back."), field="reason", code="needs")
    plan = _plan(actor, plan_id)
    return _move(
        actor,
        now,
        plan_id,
        "p_return",
        "plan.returned",
        key=key,
        given=("reason",),
        payload={"reason": digest(plan.id, reason)},
        decided_by=actor.id,
        decided_at=now,
        reason=seal(plan.id, "reason", reason),
    )


def _move(
    actor: Actor,
    now: datetime,
    plan_id: UUID | str,
    transition: str,
    kind: str,
    *,
    version: int | None = None,
    key: UUID | None = None,
    given: tuple[str, ...] = (),
    payload: dict[str, Any] | None = None,
    **changes: Any,
) -> Plan:
    """One transition of the life cycle `plan`, by compare-and-set."""
    plan = _plan(actor, plan_id)
    cycle = moves.cycle("plan")
    actor.require(cycle.transitions[transition].may, plan.area)
    if already_written(key):
        return plan
    step = cycle.check(transition, state=plan.state, given=given)
    if version is not None and version != plan.version:
        raise Conflict(_("The plan has been changed meanwhile. Look at it again."), code="version")
    with writing(actor=actor, now=now) as log:
        if not Plan.objects.filter(id=plan.id, state=plan.state, version=plan.version).update(
            state=step.target, version=plan.version + 1, **changes
        ):
            raise Conflict(_("The plan has been changed meanwhile. Look at it again."), code="version")
        old, state = plan.state, step.target
        plan.refresh_from_db()
        _tell(log, plan, kind, id=key, old=old, new=state, **(payload or {}))
    return plan


def _replace(log: Log, plan: Plan) -> None:
    if Plan.objects.filter(id=plan.id, state=plan.state).update(state="replaced", version=plan.version + 1):
        old, plan.state = plan.state, "replaced"
        _tell(log, plan, "plan.replaced", old=old, new="replaced")


def _tell(log: Log, plan: Plan, kind: str, *, id: UUID | None = None, **payload: Any) -> None:
    """The event, with the plan's card for open screens."""
    gone = plan.state == "replaced"
    card = (
        None
        if gone
        else {
            "id": str(plan.id),
            "shift": plan.shift_start.isoformat(),
            "until": plan.shift_end.isoformat(),
            "state": plan.state,
            "area": plan.area,
        }
    )
    log.append(
        kind,
        subject=("plan", plan.id),
        area=plan.area,
        may=VIEW,
        id=id,
        card=card,
        payload={"shift": plan.shift_start.isoformat(), **payload},
    )


def _plan(actor: Actor, plan_id: UUID | str) -> Plan:
    plan = Plan.objects.filter(facts.seen_by(actor.areas(VIEW, "patrol.plan", "patrol.approve")), id=plan_id).first()
    if plan is None:
        raise Missing(_("No such plan in your areas."), code="missing")
    return plan


def _district(area: str) -> places.Spot:
    found = [a for a in places.areas("district") if not area or a.area == area]
    if not found:
        raise Refused(_("There is no district yet. Import its areas first."), code="no_district")
    return found[0]


def standard_s() -> int:
    """The response standard that plans are measured by."""
    return int(setting("cover_within_s"))
