"""Taking calls and amending them."""
from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units import actions as units
from shouwang.desk.units.models import Unit
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.zone import day_of

from .. import cards, needs, questions, words
from ..models import CALL_OPEN, SOURCES, Call, CallDay, CallType, CallWords
from ..plans import Case, plans
from ..terms import SERVICES, TARGETS, TICKS, Amend, Caller, NewCall
from .common import append, change, is_crew, visible

PANIC_TYPE = "101300"
LIMITS = {"place": 120, "detail": 80, "receiver": 80}


def faults(new: NewCall) -> dict[str, str]:
    """Everything wrong with a call as taken, by field: the form and the API show them all at once."""
    found: dict[str, str] = {}
    kind = CallType.objects.filter(code=new.type, active=True).first()
    if kind is None or not kind.parent:
        found["type"] = _("Choose a type.")
    if new.severity is not None and new.severity not in (1, 2, 3, 4):
        found["severity"] = _("Choose a level from 1 to 4.")
    if not new.place.strip():
        found["place"] = _("Say where it is.")
    if not _on_earth(new.lon, new.lat):
        found["point"] = _("Mark the place on the map, or type its coordinates.")
    if unknown := set(new.services or ()) - set(SERVICES):
        found["services"] = _("Unknown service: %(names)s.") % {"names": ", ".join(sorted(unknown))}
    if set(new.caller.ticks) - set(TICKS):
        found["ticks"] = _("Unknown tick.")
    if wrong := questions.fault(new.caller.answers):
        found["answers"] = wrong
    if new.source and new.source not in SOURCES:
        found["source"] = _("Unknown source.")
    if new.transfer and (new.transfer.target not in TARGETS or not new.transfer.receiver.strip()):
        found["receiver"] = _("Say which office takes it over.")
    for field, most in LIMITS.items():
        text = new.transfer.receiver if field == "receiver" and new.transfer else getattr(new, field, "")
        if len(text) > most:
            found[field] = _("At most %(n)s characters.") % {"n": most}
    return found


def _on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90


def _refuse(found: dict[str, str]) -> None:
    if found:
        field = next(iter(found))
        raise Refused(" ".join(found.values()), field=field, code="invalid")


def take_call(*, actor: Actor, now: datetime, call: NewCall) -> Call:
    """Saves a call as waiting for dispatch (or passed on, with `transfer`). A retry with the same id gives the same
    call. Raises Refused naming every fault, Denied outside the actor's areas."""
    _refuse(faults(call))
    done = Call.objects.select_related("type").filter(id=call.id).first()
    if done:
        return _same(actor, done)
    area = _area(actor, call.lon, call.lat)
    actor.require("call.take", area)
    if call.transfer:
        actor.require(cycle("call").transitions["c_transfer"].may, area)
    said = _sealed(call.id, call.caller, now, actor)  # before the transaction: making the key writes to disk
    try:
        with writing(actor=actor, now=now) as log:
            return _open(log, call, area, said)
    except IntegrityError:  # two requests with one id at the same moment: the second finds the first one's row
        done = Call.objects.select_related("type").filter(id=call.id).first()
        if done is None:
            raise
        return _same(actor, done)


def refuse_faults(call: NewCall) -> None:
    """Raises Refused naming every fault."""
    _refuse(faults(call))


def open_call(log: Log, actor: Actor, new: NewCall) -> Call:
    """A call opened by a step inside another action's transaction; whoever does it must be allowed to take calls
    there."""
    area = _area(actor, new.lon, new.lat)
    actor.require("call.take", area)
    return _open(log, new, area, None)


def _same(actor: Actor, done: Call) -> Call:
    if done.taken_by != actor.id:
        raise Conflict(_("This number of a call is already used."), field="id", code="id_used")
    return done


def _area(actor: Actor, lon: float, lat: float) -> str:
    """The area a point lies in; a call from beyond the district counts to the actor's own uppermost area."""
    found = places.locate(lon, lat)
    if found:
        return found
    mine = actor.areas("call.take", "call.edit", "dispatch.status")
    top = places.district()
    return top.area if top and mine == ("",) else (mine[0] if mine else "")


def _sealed(call_id: UUID, caller: Caller, now: datetime, actor: Actor) -> CallWords | None:
    return words.sealed(id=new_id(), call_id=call_id, caller=caller, at=now, taken_by=actor.id) if caller else None


def _open(log: Log, new: NewCall, area: str, said: CallWords | None, *,
          panic_unit: UUID | None = None) -> Call:
    """Writes the call's rows, its event and its card."""
    kind = CallType.objects.get(code=new.type)
    told = questions.asked(kind.severity, new.caller.answers)
    received, severity = min(new.received_at or log.now, log.now), new.severity or told.severity
    known, case = plans(kind.code), Case(kind.code, severity, told.alarm_level, told.flags, area, received)
    services = new.services if new.services is not None else needs.services(
        kind.service, known.counts(case, told.needs))
    day = day_of(log.now)
    CallDay.objects.get_or_create(day=day)
    CallDay.objects.filter(day=day).update(last=F("last") + 1)  # locks the day's row: no number is given twice
    serial = CallDay.objects.values_list("last", flat=True).get(day=day)
    call = Call(
        id=new.id,
        day=day,
        serial=serial,
        number=f"{day:%m%d}-{serial:04}",
        type=kind,
        severity=severity,
        alarm_level=known.alarm_level(case),
        asked=told.kept,
        state="waiting",
        place=new.place.strip(),
        detail=new.detail.strip(),
        lon=new.lon,
        lat=new.lat,
        area=area,
        services=list(dict.fromkeys(services)),
        source=new.source or kind.source_kind,
        received_at=received,
        submitted_at=log.now,
        waiting_since=log.now,
        site=new.site,
        alarms=new.alarms,
        drill=new.drill,
        taken_by=log.actor.id,
        panic_unit=panic_unit,
    )
    if new.transfer:
        call.state, call.waiting_since, call.closed_at = "transferred", None, log.now
        call.target, call.receiver = new.transfer.target, new.transfer.receiver.strip()
    call.save(force_insert=True)
    if said:
        said.save(force_insert=True)
    append(log, "call.taken", call, type=kind.code, severity=call.severity, services=call.services,
           source=call.source, alarm_level=call.alarm_level,
           digest=words.fingerprint(call.id, new.caller.words), drill=call.drill, state=call.state)
    cards.show(log, call)
    return call


@once
def amend_call(*, actor: Actor, now: datetime, call_id: UUID | str, changes: Amend, version: int | None = None,
               key: UUID | None = None) -> Call:
    """Changes a call that is still open. `version`: the one the changes were made on; Conflict if it has moved on."""
    given = changes.given()
    new_words, answers = given.pop("words", None), given.pop("answers", None)
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("call.edit", None if is_crew(actor, call) else call.area)
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        if version is not None and version != call.version:
            raise Conflict(_("%(call)s was changed meanwhile. Look again.") % {"call": call}, code="version")
        if answers is not None:
            given |= _asked(call, answers, given.get("type", call.type_id))
        given = _differing(call, _checked(call, given))
        if "area" in given:
            actor.require("call.edit", given["area"])
        old = {name: getattr(call, name) for name in given}
        if new_words:
            _add_words(log, call, new_words)
        answered = answers is not None and _answer(log, call, answers)
        if given or new_words or answered:
            change(call, **given)
            call.type = CallType.objects.get(code=call.type_id)
            append(log, "call.amended", call, id=key, **_differences(call, old, new_words))
            cards.show(log, call)
    return call


def _asked(call: Call, answers: Mapping[str, str], type: str) -> dict[str, Any]:
    """What new answers of the first caller change of a call, beside those of later ones: an alarm that was raised is
    never lowered by them."""
    _answerable(answers)
    told = questions.asked(call.severity, answers, *(words.answers(row) for row in _callers(call)[1:]))
    return {"asked": told.kept, "alarm_level": _raised(call, told, type)}


def _learned(call: Call, caller: Caller) -> dict[str, Any]:
    """What another caller's answers change of a call: they make it more urgent and larger, never less so."""
    told = questions.asked(call.severity, *(words.answers(row) for row in _callers(call)), caller.answers)
    own = questions.asked(call.severity, caller.answers)
    services = dict.fromkeys((*call.services, *needs.services(call.type.service, own.needs)[1:]))
    return {"asked": told.kept, "alarm_level": _raised(call, told, call.type_id), "services": list(services),
            "severity": min(call.severity, own.severity)}


def _answerable(answers: Mapping[str, str]) -> None:
    if wrong := questions.fault(answers):
        raise Refused(wrong, field="answers", code="invalid")


def _raised(call: Call, told: questions.Asked, type: str) -> int:
    case = Case(type, told.severity, told.alarm_level, told.flags, call.area, call.received_at)
    return max(call.alarm_level, plans(type).alarm_level(case))


def _callers(call: Call) -> list[CallWords]:
    return list(CallWords.objects.filter(call=call).order_by("at", "id"))


def _differing(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value != getattr(call, name)}


def _answer(log: Log, call: Call, answers: Mapping[str, str]) -> bool:
    """Puts the answers in place of those that the first caller gave. Whether they differ."""
    row = next(iter(_callers(call)), None)
    if dict(answers) == (words.answers(row) if row else {}):
        return False
    if row is None:
        words.sealed(id=new_id(), call_id=call.id, caller=Caller(answers=answers), at=log.now,
                     taken_by=log.actor.id).save(force_insert=True)
    else:
        words.reseal(row, answers=json.dumps(answers))
    return True


def _checked(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """The changes as columns, the area moved with the point. Raises Refused naming every fault."""
    merged = NewCall(
        id=call.id, type=given.get("type", call.type_id), place=given.get("place", call.place),
        lon=given.get("lon", call.lon), lat=given.get("lat", call.lat), severity=given.get("severity", call.severity),
        detail=given.get("detail", call.detail), services=tuple(given.get("services", call.services)))
    _refuse(faults(merged))
    out = dict(given)
    if "type" in out:
        out["type_id"] = out.pop("type")
    if "services" in out:
        out["services"] = list(out["services"])
    if "lon" in out or "lat" in out:
        out["area"] = places.locate(merged.lon, merged.lat) or call.area
    return out


def _add_words(log: Log, call: Call, text: str) -> None:
    """What is learned later stands below what was said first."""
    row = next(iter(_callers(call)), None)
    if row is None:
        words.sealed(id=new_id(), call_id=call.id, caller=Caller(words=text), at=log.now,
                     taken_by=log.actor.id).save(force_insert=True)
    else:
        before = words.opened(row, "words")["words"]
        words.reseal(row, words=f"{before}\n{text}" if before else text)


def _differences(call: Call, old: dict[str, Any], new_words: str | None) -> dict[str, Any]:
    """Old and new of what is not personal; of the place only that it changed."""
    out: dict[str, Any] = {}
    for name, before in old.items():
        if name in ("severity", "services", "type_id", "area", "alarm_level"):
            out[name.removesuffix("_id")] = [before, getattr(call, name)]
        else:
            out[name] = True
    if new_words:
        out["digest"] = words.fingerprint(call.id, new_words)
    return out


@once
def attach_caller(*, actor: Actor, now: datetime, main_id: UUID | str, caller: Caller, id: UUID | None = None,
                  key: UUID | None = None) -> Call:
    """Adds another caller to a call that is already known, instead of opening a second one. What this caller answered
    raises what the call needs. `id` (made by the client) or `key` makes a retry add nothing."""
    _answerable(caller.answers)
    row_id = id or key or new_id()
    said = words.sealed(id=row_id, call_id=UUID(str(main_id)), caller=caller, at=now, taken_by=actor.id) \
        if Call.objects.filter(id=main_id).exists() else None
    with writing(actor=actor, now=now) as log:
        call = visible(actor, main_id)
        if already_written(key) or CallWords.objects.filter(id=row_id).exists():
            return call
        actor.require("call.take", call.area)
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Take this as a new call.") % {"call": call}, code="state")
        assert said is not None
        learned = _differing(call, _learned(call, caller)) if caller.answers else {}
        old = {name: getattr(call, name) for name in learned}
        said.save(force_insert=True)
        change(call, **learned)
        append(log, "call.attached", call, id=key, callers=CallWords.objects.filter(call=call).count(),
               **_differences(call, old, None), digest=words.fingerprint(call.id, caller.words))
        cards.show(log, call)
    return call


def add_alarms(*, actor: Actor, now: datetime, call_id: UUID | str, count: int, severity: int = 4, detail: str = "",
               key: UUID | None = None) -> Call | None:
    """More alarms of the site that a call is about: they are counted, a graver one raises its level, `detail` (which
    zones) is put in place of the one before. None when the call is over: these are a new one."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("call.edit", call.area)
        if call.state not in CALL_OPEN:
            return None
        old = call.severity
        given: dict[str, Any] = {"alarms": call.alarms + count, "severity": min(old, severity)}
        if detail and not call.words_deleted_at:
            given["detail"] = detail[:LIMITS["detail"]]
        change(call, **given)
        graver: dict[str, Any] = {"severity": [old, call.severity]} if call.severity < old else {}
        append(log, "call.alarm_again", call, id=key, count=count, alarms=call.alarms, **graver)
        cards.show(log, call)
    return call


def panic_call(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID, lon: float | None = None,
               lat: float | None = None) -> Call:
    """A crew's cry for help: its flag goes up and a call of the highest level opens where it is (its post when no
    position is given). The key is the call's id; pressing again while that call is open opens no second one."""
    with writing(actor=actor, now=now) as log:
        unit = units.visible(actor, unit_id)
        units.require(actor, "dispatch.status", unit)
        done = Call.objects.select_related("type").filter(id=key).first() or Call.objects.select_related("type").filter(
            panic_unit=unit.id, state__in=CALL_OPEN).first()
        if done:
            return done
        units.panic(actor=actor, now=now, unit_id=unit.id)
        here = (lon, lat) if lon is not None and lat is not None and _on_earth(lon, lat) else (unit.lon, unit.lat)
        name, crossing = str(Unit.objects.get(id=unit.id)), places.nearest_crossing(*here)[0]
        new = NewCall(id=key, type=PANIC_TYPE, place=f"{name}，{crossing}附近" if crossing else name, lon=here[0],
                      lat=here[1], severity=1, source="alarm")
        return _open(log, new, places.locate(*here) or unit.area, None, panic_unit=unit.id)
