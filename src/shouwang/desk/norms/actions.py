"""Changing norms, and writing down what was counted. Each is one transaction that ends with its event."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.names import home
from shouwang.desk.log.seal import Destroyed, digest, seal, unseal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow import moves
from shouwang.desk.workflow.zone import day_of

from . import advice, facts
from .models import Count, Locality, Norm, Tally
from .terms import APPROVE, COUNTED, DAYS, EDIT, ENTERED, GRADES, KEEP, KINDS, MANAGEMENT, SEE

CHANGEABLE = ("count", "additions", "reading", "extra", "by_class")
COUNTS = ("households", "residents", "groups", "guards", "contacts", "officers")
MOST_TALLY = 100_000
MOST = {"households": 200_000, "residents": 1_000_000, "groups": 500, "guards": 2_000, "contacts": 500, "officers": 100}


@dataclass(frozen=True)
class Draft:
    """Another wording of a norm. rule: what is to be changed of the rule in force (count, additions, reading, extra,
    by_class); money in whole units; `town_percent`: the town's share in villages."""

    rule: Mapping[str, Any]
    from_day: date
    reason: str
    guard_year_cost: int | None = None
    town_percent: int | None = None


@once
def draft_norm(*, actor: Actor, now: datetime, id: UUID, code: str, given: Draft, key: UUID | None = None) -> Norm:
    """Drafts a change of the norm in force; the same id again is a retry. Raises Refused at the field: a rule that
    cannot be reckoned with, a day before today, no reason."""
    actor.require(EDIT, home())
    day = day_of(now)
    with writing(actor=actor, now=now) as log:
        if already_written(key) or Norm.objects.filter(id=id).exists():
            return Norm.objects.get(id=id)
        old = next((n for n in facts.in_force(max(given.from_day, day)) if n.code == code), None)
        if old is None:
            raise Missing(_("There is no such norm."), code="norm")
        rule = {**old.rule, **{k: given.rule[k] for k in CHANGEABLE if k in given.rule}}
        _check_draft(old, rule, given, day)
        row = Norm(id=id, code=code, zh=old.zh, en=old.en, rule=rule, from_day=given.from_day, source="own",
                   guard_year_cost=given.guard_year_cost, town_percent=given.town_percent, made_by=actor.id,
                   made_at=now,
                   example=old.example, reason=seal(id, "reason", given.reason.strip()[:500]))
        row.save(force_insert=True)
        log.append("norm.drafted", subject=("norm", row.id), area=home(), may=SEE, id=key,
                   payload={"norm": code, "from_day": given.from_day.isoformat(),
                            "reason": digest(row.id, given.reason.strip()[:500])})
    return row


def _check_draft(old: Norm, rule: dict[str, Any], given: Draft, day: date) -> None:
    if not given.reason.strip():
        raise Refused(_("Say why the norm should change."), field="reason", code="needs")
    if given.from_day > DAYS[1]:
        raise Refused(_("Give a day before the year %(year)s.") % {"year": DAYS[1].year + 1}, field="from_day",
                      code="day")
    if given.from_day < day:
        raise Refused(_("The day has passed. A change takes effect today at the earliest."), field="from_day",
                      code="day")
    if rule["duty_of"] and rule["count"]:
        raise Refused(_("These places are the duty of others."), field="count", code="duty")
    if rule == old.rule:
        raise Refused(_("Nothing is changed."), field="count", code="same")
    if advice.rule_faults(rule):
        raise Refused(_("A larger place would need fewer people. Let the higher step add at least as many."),
                      field="additions", code="rule")


def reason_of(row: Norm) -> str:
    """Why it was proposed, in the drafter's words."""
    try:
        return unseal(row.id, "reason", bytes(row.reason)) if row.reason else ""
    except Destroyed:
        return ""


@once
def approve_norm(*, actor: Actor, now: datetime, norm_id: UUID | str, version: int, key: UUID | None = None) -> Norm:
    """It takes effect on its day. Refused to whoever drafted it, when its day has passed, and while nobody has decided
    who pays what it costs."""
    actor.require(APPROVE, home())
    row = _norm(norm_id)
    if already_written(key):
        return row
    day = day_of(now)
    if row.made_by == actor.id and row.state == "draft":
        raise Refused(_("You drafted this change yourself. Somebody else approves it."), code="own_draft")
    if row.state == "draft" and row.from_day < day:
        raise Refused(_("Its day has passed. Draft it anew for a later one."), field="from_day", code="day")
    if row.state == "draft" and advice.effect(row, day).open:
        raise Refused(_("Who pays is open: the town's share in villages has to be filled in. Draft it anew with it."),
                      field="town_percent", code="open_share")
    if Norm.objects.filter(code=row.code, from_day=row.from_day, state="approved").exclude(id=row.id).exists():
        raise Conflict(_("Another change of this norm takes effect on this day."), field="from_day", code="day_taken")
    return _move(actor, now, row, "n_approve", "norm.approved", version, key)


@once
def decline_norm(*, actor: Actor, now: datetime, norm_id: UUID | str, version: int, reason: str,
                 key: UUID | None = None,
                 ) -> Norm:
    """Not approved, for a stated reason; what was approved is taken back so before its day."""
    actor.require(APPROVE, home())
    row = _norm(norm_id)
    if already_written(key):
        return row
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="needs")
    if row.state == "approved" and (not row.made_by or row.from_day <= day_of(now)):
        raise Conflict(_("It is in force already. Draft a change of it."), code="in_force")
    move, kind = ("n_revoke", "norm.revoked") if row.state == "approved" else ("n_refuse", "norm.refused")
    return _move(actor, now, row, move, kind, version, key, reason.strip())


@once
def withdraw_norm(*, actor: Actor, now: datetime, norm_id: UUID | str, version: int, key: UUID | None = None) -> Norm:
    row = _norm(norm_id)
    return row if already_written(key) else _move(actor, now, row, "n_withdraw", "norm.withdrawn", version, key)


def _norm(norm_id: UUID | str) -> Norm:
    row = facts.norm(norm_id)
    if row is None:
        raise Missing(_("There is no such norm."), code="norm")
    return row


def _move(actor: Actor, now: datetime, row: Norm, move: str, kind: str, version: int, key: UUID | None,
          reason: str = "") -> Norm:
    cycle = moves.cycle("norm")
    actor.require(cycle.transitions[move].may, home())
    step = cycle.check(move, state=row.state, given=("reason",) if reason else ())
    with writing(actor=actor, now=now) as log:
        change(row, version, state=step.target, decided_by=actor.id, decided_at=now)
        log.append(kind, subject=("norm", row.id), area=home(), may=SEE, id=key, reason=reason[:500],
                   payload={"norm": row.code, "from_day": row.from_day.isoformat()})
    return row


@dataclass(frozen=True)
class LocalityGiven:
    """A community or village as written down. area: path of the area it is or lies in."""

    code: str
    zh: str
    en: str
    kind: str
    area: str
    grade: str = "plain"


@dataclass(frozen=True)
class CountGiven:
    """What was counted on a day; None where it was not. Numbers alone."""

    day: date
    households: int
    source: str
    management: str = ""
    residents: int | None = None
    groups: int | None = None
    guards: int | None = None
    contacts: int | None = None
    officers: int | None = None


@once
def save_locality(*, actor: Actor, now: datetime, id: UUID, given: LocalityGiven, version: int | None = None,
                  key: UUID | None = None) -> Locality:
    """Enters a locality, or with the `version` it was read at changes one. The same id again is a retry."""
    for name, most in (("code", 24), ("zh", 80), ("en", 80)):
        if not 0 < len(getattr(given, name).strip()) <= most:
            raise Refused(_("Give up to %(n)s characters.") % {"n": most}, field=name, code="needs")
    if given.kind not in KINDS:
        raise Refused(_("There is no such kind."), field="kind", code="kind")
    if given.grade not in GRADES:
        raise Refused(_("There is no such class."), field="grade", code="grade")
    if given.area not in places.area_names():
        raise Refused(_("There is no such area."), field="area", code="area")
    actor.require(KEEP, given.area)
    values = {name: text.strip() for name, text in asdict(given).items()}
    with writing(actor=actor, now=now) as log:
        row = Locality.objects.filter(id=id).first()
        if already_written(key) or (row is not None and version is None):
            return locality(actor, id)
        if Locality.objects.filter(code=values["code"]).exclude(id=id).exists():
            raise Conflict(_("Another one has this code."), field="code", code="code")
        if row is None:
            row = Locality.objects.create(id=id, **values)
            tell(log, "locality.entered", row, key)
            return row
        row = locality(actor, id)
        actor.require(KEEP, row.area)
        change(row, version or 0, **values)
        tell(log, "locality.changed", row, key)
    return row


@once
def close_locality(*, actor: Actor, now: datetime, locality_id: UUID | str, version: int, key: UUID | None = None,
                   ) -> Locality:
    """No longer in use (merged, renamed). What was counted and agreed there stays on record."""
    row = locality(actor, locality_id)
    actor.require(KEEP, row.area)
    if already_written(key) or row.closed_at:
        return row
    with writing(actor=actor, now=now) as log:
        change(row, version, closed_at=now)
        tell(log, "locality.closed", row, key)
    return row


@once
def save_count(*, actor: Actor, now: datetime, locality_id: UUID | str, given: CountGiven, key: UUID | None = None,
               ) -> Count:
    """What was counted on a day, in place of what stood for that day."""
    row = locality(actor, locality_id)
    actor.require(KEEP, row.area)
    if (fault := count_fault(row.kind, given, day_of(now))) is not None:
        raise Refused(str(fault[1]), field=fault[0], code="count")
    values = {**asdict(given), "source": given.source.strip()}
    day = values.pop("day")
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return Count.objects.get(locality=row, day=day)
        found, _new = Count.objects.update_or_create(locality=row, day=day, defaults=values)
        tell(log, "locality.counted", row, key, counted_on=day.isoformat(),
             **{name: values[name] for name in ("households", "management", "guards") if values[name] not in (None,
                                                                                                              "")})
    return found


@once
def save_tally(*, actor: Actor, now: datetime, code: str, day: date, count: int, source: str, key: UUID | None = None,
               ) -> Tally:
    """What was counted in the district for a norm that no register tells, in place of what stood for that day."""
    actor.require(KEEP, home())
    if COUNTED.get(code) not in ENTERED:
        raise Missing(_("The registers tell what this norm counts."), code="norm")
    if day > day_of(now):
        raise Refused(_("The day lies ahead."), field="day", code="day")
    if not 0 <= count <= MOST_TALLY:
        raise Refused(_("Write a number from %(least)s to %(most)s.") % {"least": 0, "most": MOST_TALLY}, field="count",
                      code="count")
    if not 0 < len(source.strip()) <= 120:
        raise Refused(_("Say who counted, or where the figures stand."), field="source", code="needs")
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return Tally.objects.get(code=code, day=day)
        row, _new = Tally.objects.update_or_create(code=code, day=day,
                                                   defaults={"count": count, "source": source.strip()})
        log.append("norm.counted", subject=("norm-code", code), area=home(), may=SEE, id=key,
                   payload={"norm": code, "counted_on": day.isoformat(), "count": count})
    return row


def count_fault(kind: str, given: CountGiven, day: date) -> tuple[str, str] | None:
    """The field that is wrong and why, None for a count that can be kept."""
    if given.day > day:
        return "day", _("The day lies ahead.")
    for name in COUNTS:
        value = getattr(given, name)
        if value is not None and not 0 <= value <= MOST[name]:
            return name, _("Write a number from %(least)s to %(most)s.") % {"least": 0, "most": MOST[name]}
    if not 0 < len(given.source.strip()) <= 120:
        return "source", _("Say who counted, or where the figures stand.")
    if given.management not in ("", *MANAGEMENT) or (kind == "community" and not given.management):
        return "management", _("Say how it is managed.")
    return None


def locality(actor: Actor, locality_id: UUID | str) -> Locality:
    """Raises Missing outside the actor's areas."""
    row = facts.find(actor.areas(SEE, KEEP), locality_id)
    if row is None:
        raise Missing(_("There is no such community or village in your areas."), code="locality")
    return row


def change(row: models.Model, version: int, **values: Any) -> None:
    """Compare-and-set. Raises Conflict when the row has moved on from the version it was read at."""
    changed = type(row)._default_manager.filter(pk=row.pk, version=version).update(version=F("version") + 1, **values)
    if not changed:
        raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="version")
    row.refresh_from_db()


def tell(log: Log, kind: str, row: Locality, key: UUID | None, **payload: Any) -> None:
    log.append(kind, subject=("locality", row.id), area=row.area, may=SEE, id=key, payload=payload)
