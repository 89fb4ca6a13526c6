"""Check points and notes of the beat. One transaction each; what comes from an outbox is done once, by its key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.codes import LETTERS
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import digest, keys, seal
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.roster import facts as rosters
from shouwang.desk.units.actions import LATE, Pressed
from shouwang.desk.units.facts import DutyTrack, track_of
from shouwang.desk.units.models import Unit
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.geo.distance import haversine_m

from .models import CheckPoint, DutyNote, Visit
from .terms import AGAIN, BEAT, KEEP, LONGEST_NOTE, MOST_PER_DAY, NEAR_M, SEE, PointGiven

CODE_LENGTH = 8
VISITS_KEPT = timedelta(days=366)


@dataclass(frozen=True)
class OnDuty:
    """What a member is clocked on with: a unit, or a post without one. `area`: of the unit or the post."""

    unit: UUID | None
    area: str


@once
def make_point(*, actor: Actor, now: datetime, id: UUID, given: PointGiven, key: UUID | None = None) -> CheckPoint:
    """A new check point with the code of its mark. The same id again is a retry."""
    area = _checked(actor, given)
    with writing(actor=actor, now=now) as log:
        if (row := CheckPoint.objects.filter(id=id).first()) is not None:
            return row
        code = "".join(secrets.choice(LETTERS) for _n in range(CODE_LENGTH))
        row = CheckPoint.objects.create(id=id, code=code, area=area, made_at=now, zh=given.zh.strip(),
                                        en=given.en.strip() or given.zh.strip(), lon=given.lon, lat=given.lat,
                                        per_day=given.per_day)
        log.append("checkpoint.made", subject=("checkpoint", row.id), area=area, may=SEE[0], id=key,
                   payload={"per_day": row.per_day})
    return row


@once
def end_point(*, actor: Actor, now: datetime, point_id: UUID | str, version: int,
              key: UUID | None = None) -> CheckPoint:
    """Takes a check point off the beat. What was seen of it stays."""
    row = CheckPoint.objects.filter(id=point_id).first()
    if row is None or not any(actor.may(p, row.area) for p in SEE + KEEP):
        raise Missing(_("There is no such check point in your areas."), code="checkpoint")
    _require_keeper(actor, row.area)
    with writing(actor=actor, now=now) as log:
        if already_written(key) or not row.active:
            return row
        if not CheckPoint.objects.filter(id=row.id, version=version).update(active=False, version=version + 1):
            raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="version")
        row.refresh_from_db()
        log.append("checkpoint.ended", subject=("checkpoint", row.id), area=row.area, may=SEE[0], id=key)
    return row


@once
def see_point(*, actor: Actor, now: datetime, code: str, how: str, key: UUID, pressed: Pressed) -> Visit:
    """The actor, on duty, has looked at a check point: its mark was scanned, or the phone stands there."""
    if (kept := Visit.objects.filter(id=key).first()) is not None:
        return kept
    row = CheckPoint.objects.filter(code=code, active=True).first()
    if row is None:
        raise Missing(_("There is no such check point. Its mark may be an old one."), code="checkpoint")
    duty = on_duty(actor)
    actor.require(BEAT, row.area)
    if how not in ("mark", "place"):
        raise Refused(_("There is no such step."), field="step", code="step")
    if how == "place":
        if pressed.lon is None or pressed.lat is None:
            raise Refused(_("Your place is not known: scan the mark of the check point."), field="lon", code="needs")
        away_m = float(haversine_m(pressed.lon, pressed.lat, row.lon, row.lat))
        if away_m > NEAR_M:
            raise Refused(_("You are %(m)s m away from it: go there, or scan its mark.") % {"m": round(away_m)},
                          field="lon", code="away")
    at = _at(pressed, now)
    with writing(actor=actor, now=now) as log:
        near = Visit.objects.filter(point=row, unit=duty.unit, at__gt=at - AGAIN, at__lt=at + AGAIN).first()
        if near is not None:
            return near
        visit = Visit.objects.create(id=key, point=row, unit=duty.unit, at=at, how=how)
        log.append("checkpoint.seen", subject=("checkpoint", row.id), area=row.area, may=SEE[0], id=key,
                   payload={**({"unit": str(duty.unit)} if duty.unit else {}), "how": how, "at": at.isoformat()})
    return visit


@once
def note(*, actor: Actor, now: datetime, text: str, key: UUID, pressed: Pressed) -> DutyNote:
    """Writes down what a member saw on duty. For those who lead the area; not about anybody by name."""
    if (kept := DutyNote.objects.filter(id=key).first()) is not None:
        return kept
    duty = on_duty(actor)
    actor.require(BEAT)
    if not 0 < len(text.strip()) <= LONGEST_NOTE:
        raise Refused(_("Give up to %(n)s characters.") % {"n": LONGEST_NOTE}, field="reason", code="needs")
    sealed, at = seal(key, "text", text.strip()), _at(pressed, now)
    with writing(actor=actor, now=now) as log:
        row = DutyNote.objects.create(id=key, unit=duty.unit, area=duty.area, by=actor.id, at=at, text=sealed)
        subject = ("unit", duty.unit) if duty.unit else ("area", duty.area)
        log.append("duty.noted", subject=subject, area=duty.area, may=SEE[0], id=key,
                   payload={"digest": digest(key, text.strip()), "at": at.isoformat()})
    return row


def own_track(*, actor: Actor, now: datetime, duty: UUID | None = None) -> list[DutyTrack]:
    """Where the actor's units were while the actor was on duty with them, as far back as tracks are kept: everything,
    or one turn. Nobody else's: a past hour of others is asked for with a reason. Each look is in the log."""
    since = now - timedelta(days=int(setting("track_days")))
    found = track_of(actor.id, since, now, duty)
    if duty is not None and not found:
        raise Missing(_("You had no such turn in the days that tracks are kept."), code="duty")
    with writing(actor=actor, now=now) as log:
        log.append("access.own_track", subject=("user", actor.id), payload={"turns": len(found)})
    return found


def on_duty(actor: Actor) -> OnDuty:
    """The unit the actor is clocked on with, or the post. Off duty nothing is taken in: the limits ask for it."""
    if actor.unit:
        unit = Unit.objects.get(id=actor.unit)
        return OnDuty(unit.id, unit.area)
    if (post := rosters.post_of(actor.id)) is not None:
        return OnDuty(None, post.area)
    raise Refused(_("You are off duty: clock on first."), code="off_duty")


def delete_due(now: datetime) -> int:
    """Words of notes go when callers' words do; visits of places after a year."""
    kept = held("unit", now)
    if "*" in kept:
        return 0
    before = now - timedelta(days=int(setting("sealed_days")))
    due = DutyNote.objects.filter(at__lt=before, words_deleted_at__isnull=True).exclude(unit__in=kept)
    ids = list(due.values_list("id", flat=True)[:5000])
    keys().destroy(str(i) for i in ids)
    count = DutyNote.objects.filter(id__in=ids).update(words_deleted_at=now, text=b"")
    return count + Visit.objects.filter(at__lt=now - VISITS_KEPT).delete()[0]


def _at(pressed: Pressed, now: datetime) -> datetime:
    return pressed.at if pressed.at is not None and now - LATE <= pressed.at <= now else now


def _checked(actor: Actor, given: PointGiven) -> str:
    """The area it lies in. Raises Refused at the field, Denied outside the actor's areas."""
    for name, text, least in (("zh", given.zh, 1), ("en", given.en, 0)):
        if not least <= len(text.strip()) <= 80:
            raise Refused(_("Give up to %(n)s characters.") % {"n": 80}, field=name, code="needs")
    if not 1 <= given.per_day <= MOST_PER_DAY:
        raise Refused(_("Give 1 to %(n)s times a day.") % {"n": MOST_PER_DAY}, field="per_day", code="needs")
    area = places.locate(given.lon, given.lat)
    if not area:
        raise Refused(_("This place lies outside the district."), field="lon", code="outside")
    _require_keeper(actor, area)
    return area


def _require_keeper(actor: Actor, area: str) -> None:
    if not any(actor.may(p, area) for p in KEEP):
        raise Denied(KEEP[0], area)
