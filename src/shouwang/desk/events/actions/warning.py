"""Warnings: held to CAP 1.2, signed, put on the residents' page and into the outbox; updated and cancelled."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import BadInput
from shouwang.tables import cap

from .. import facts
from ..facts import MAY_COMMAND, MAY_SEE
from ..models import Major, Warning
from ..signing import key_and_certificate
from ..terms import (
    CATEGORIES,
    CERTAINTY,
    CLASSES,
    LONGEST_HEAD,
    LONGEST_TEXT,
    RESPONSES,
    SEVERITY,
    STATUS,
    URGENCY,
    NewWarning,
)
from .common import tell, visible
from .work import checked_ring

LONGEST = timedelta(days=7)
SIMPLE_DEG = 0.0002  # about 20 m: borders of named areas need no more in a warning
SUBJECT = "warning"


@once
def issue(*, actor: Actor, now: datetime, new: NewWarning, event_id: UUID | str | None = None,
          key: UUID | None = None) -> Warning:
    """Issues a warning, of an event or by itself. The same id again is a retry."""
    with writing(actor=actor, now=now) as log:
        if (row := Warning.objects.filter(id=new.id, issued_by=actor.id).first()) is not None:
            return row
        event = visible(actor, event_id, MAY_COMMAND) if event_id else None
        if event is not None and event.drill and new.status == "Actual":
            raise Refused(_("This event is a replay: its warnings are exercises."), field="status", code="drill")
        return _put_out(log, actor, checked(new, now), "Alert", event=event, key=key)


@once
def update(*, actor: Actor, now: datetime, warning_id: UUID | str, new: NewWarning, key: UUID | None = None) -> Warning:
    """Puts another warning in the place of one in force: it names the earlier one."""
    with writing(actor=actor, now=now) as log:
        if (row := Warning.objects.filter(id=new.id, issued_by=actor.id).first()) is not None:
            return row
        old = _in_force(actor, now, warning_id)
        new = replace(new, status=old.status)
        return _put_out(log, actor, checked(new, now), "Update", event=old.event, replaces=old, key=key)


@once
def cancel(*, actor: Actor, now: datetime, warning_id: UUID | str, id: UUID, why_zh: str, why_en: str,
           key: UUID | None = None) -> Warning:
    """Cancels a warning in force and says why, in both languages, for residents to read."""
    with writing(actor=actor, now=now) as log:
        if (row := Warning.objects.filter(id=id, issued_by=actor.id).first()) is not None:
            return row
        old = _in_force(actor, now, warning_id)
        given = old.given | {"areas": tuple(old.given["areas"]), "ring": tuple(tuple(p) for p in old.given["ring"])}
        new = NewWarning(**given | {
            "id": id, "status": old.status, "expires_at": max(old.expires_at, now + facts.CANCELLED_SHOWN),
            "urgency": "Past", "response": "AllClear", "text_zh": why_zh, "text_en": why_en, "instruction_zh": "",
            "instruction_en": "", "headline_zh": f"解除：{old.given['headline_zh']}"[:LONGEST_HEAD],
            "headline_en": f"Cancelled: {old.given['headline_en']}"[:LONGEST_HEAD]})
        for field, said in (("why_zh", why_zh), ("why_en", why_en)):
            if not said.strip():
                raise Refused(_("Say why, in both languages."), field=field, code="needs")
        return _put_out(log, actor, _worded(new), "Cancel", event=old.event, replaces=old, key=key)


def _in_force(actor: Actor, now: datetime, warning_id: UUID | str) -> Warning:
    row = Warning.objects.select_for_update(of=("self",)).select_related("event").filter(id=warning_id).first()
    if row is None or not any(row.area.startswith(path) for path in actor.areas(MAY_SEE, MAY_COMMAND)):
        raise Missing(_("There is no such warning in your areas."), code="warning")
    actor.require(MAY_COMMAND, row.area)
    if facts.state_of(row, now) != "in_force":
        raise Conflict(_("This warning is not in force any more."), code="state")
    return row


def checked(new: NewWarning, now: datetime) -> NewWarning:
    """The warning with its words in order. Raises Refused with the first field that is wrong."""
    choices: Iterable[tuple[str, Any]] = (
        ("category", CATEGORIES), ("urgency", URGENCY), ("severity", SEVERITY), ("certainty", CERTAINTY),
        ("response", RESPONSES), ("status", STATUS))
    for field, allowed in choices:
        if getattr(new, field) not in allowed:
            raise Refused(_("Choose one of: %(all)s.") % {"all": ", ".join(allowed)}, field=field, code="invalid")
    if not now < new.expires_at <= now + LONGEST:
        raise Refused(_("A warning ends later than now and within %(days)s days.") % {"days": LONGEST.days},
                      field="expires_at", code="invalid")
    if not new.areas and not new.ring:
        raise Refused(_("Say where: choose areas, or draw one on the map."), field="areas", code="needs")
    known = places.area_names()
    if unknown := [path for path in new.areas if path not in known]:
        raise Refused(_("There is no area “%(code)s”.") % {"code": unknown[0][:60]}, field="areas", code="invalid")
    ring = tuple((lon, lat) for lon, lat in checked_ring(new.ring)) if new.ring else ()
    return _worded(replace(new, ring=ring, areas=tuple(dict.fromkeys(new.areas))))


def _worded(new: NewWarning) -> NewWarning:
    """Every text trimmed; event and headline are needed in both languages."""
    said = {}
    for name in ("event", "headline", "text", "instruction"):
        for language in ("zh", "en"):
            field = f"{name}_{language}"
            text = str(getattr(new, field)).replace("\x00", "").strip()
            most = LONGEST_TEXT if name in ("text", "instruction") else LONGEST_HEAD
            if len(text) > most:
                raise Refused(_("At most %(n)s characters.") % {"n": most}, field=field, code="long")
            if not text and name in ("event", "headline"):
                raise Refused(_("Write it in both languages."), field=field, code="needs")
            said[field] = text
    return replace(new, **said)  # type: ignore[arg-type]


def _put_out(log: Log, actor: Actor, new: NewWarning, msg_type: str, *, event: Major | None,
             replaces: Warning | None = None, key: UUID | None = None) -> Warning:
    area = replaces.area if replaces is not None else _area(actor, new, event)
    for path in (area, *new.areas):
        actor.require(MAY_COMMAND, path)
    alert = _alert(new, msg_type, log.now, replaces)
    try:
        signed = cap.sign(cap.write(alert), *key_and_certificate())
    except BadInput as faults:
        raise Refused(str(faults), code="cap") from faults
    row = Warning.objects.create(
        id=new.id, identifier=alert.identifier, event=event, area=area, replaces=replaces, msg_type=msg_type,
        status=new.status, given=new.kept(), sent_at=alert.sent, expires_at=new.expires_at, issued_by=actor.id,
        xml=signed)
    payload = {"identifier": row.identifier, "warning_level": new.severity, "until": new.expires_at.isoformat()}
    if new.status != "Actual":
        payload["warning_status"] = new.status
    kind = {"Alert": "warning.issued", "Update": "warning.updated", "Cancel": "warning.cancelled"}[msg_type]
    log.append(kind, subject=(SUBJECT, row.id), area=area, may=MAY_SEE, payload=payload, id=key)
    if event is not None:
        tell(log, event, f"event.{kind.replace('.', '_')}", payload)
    transaction.on_commit(lambda: write_out(row, log.now))
    return row


def _area(actor: Actor, new: NewWarning, event: Major | None) -> str:
    """The area whose warning it is: its event's, else the one that holds all it names."""
    if event is not None:
        return event.area
    paths = list(new.areas)
    if new.ring:
        centre = shapely.Polygon(new.ring).representative_point()
        if not (found := places.locate(centre.x, centre.y)):
            raise Refused(_("This area lies outside the district."), field="ring", code="outside")
        if not actor.may(MAY_COMMAND, found):
            raise Refused(_("This area lies outside those you command in."), field="ring", code="outside")
        paths.append(found)
    levels = zip(*(path.split("/")[:-1] for path in paths), strict=False)
    shared = [codes[0] for codes in takewhile(lambda codes: len(set(codes)) == 1, levels)]
    if not shared:
        raise Refused(_("These areas lie in different districts."), field="areas", code="invalid")
    return "/".join(shared) + "/"


def _alert(new: NewWarning, msg_type: str, now: datetime, replaces: Warning | None) -> cap.Alert:
    chosen = get_many("cap_unit", "cap_sender", "time_zone", "district_zh", "district_en")
    zone = ZoneInfo(str(chosen["time_zone"]))
    sent = now.astimezone(zone).replace(microsecond=0)
    host = settings.CONFIG.host
    identifier, n = "", 0
    while not identifier or Warning.objects.filter(identifier=identifier).exists():
        n += 1
        identifier = cap.gb_identifier(str(chosen["cap_unit"]), sent, n)
    scheme = "https" if settings.CONFIG.https else "http"
    web = f"{scheme}://{host}/r/warnings/{identifier}/" if host != "localhost" else ""
    kind = CLASSES[CATEGORIES[new.category][0]]

    def info(language: str, zh: bool) -> cap.Info:
        def said(name: str) -> str:
            return str(getattr(new, f"{name}_{'zh' if zh else 'en'}"))
        return cap.Info(
            language=language, event=said("event"), urgency=new.urgency, severity=new.severity, certainty=new.certainty,
            categories=(new.category,), responses=(new.response,), effective=sent,
            expires=new.expires_at.astimezone(zone).replace(microsecond=0),
            sender_name=str(chosen["district_zh" if zh else "district_en"]), headline=said("headline"),
            description=said("text"), instruction=said("instruction"), web=web,
            parameters=(("class", kind[0] if zh else kind[1]),), areas=_areas(new, zh))

    earlier: tuple[tuple[str, str, datetime], ...] = ()
    if replaces is not None:
        before = cap.read(bytes(replaces.xml))
        earlier = ((before.sender, before.identifier, before.sent),)
    return cap.Alert(
        identifier=identifier, sender=str(chosen["cap_sender"]) or f"shouwang@{host}", sent=sent, status=new.status,
        msg_type=msg_type, references=earlier, note="" if new.status != "Exercise" else "演练 Exercise",
        infos=(info("zh-CN", True), info("en-US", False)))


def _areas(new: NewWarning, zh: bool) -> tuple[cap.Area, ...]:
    known = places.area_names()
    out = [cap.Area(known[path].zh if zh else known[path].en, _rings(known[path].geometry)) for path in new.areas]
    if new.ring:
        ring = [(lat, lon) for lon, lat in new.ring]
        out.append(cap.Area("图上所画范围" if zh else "Area drawn on the map", ((*ring, ring[0]),)))
    return tuple(out)


def _rings(geometry: Any) -> tuple[tuple[cap.Point, ...], ...]:
    """Outer borders of a named area as CAP writes them."""
    shape = shapely.geometry.shape(geometry).simplify(SIMPLE_DEG)
    parts = getattr(shape, "geoms", [shape])
    return tuple(tuple((round(lat, 6), round(lon, 6)) for lon, lat, *_z in part.exterior.coords) for part in parts)


# ---- files


def outbox() -> Path:
    return Path(settings.CONFIG.data) / "outbox"


def write_out(row: Warning, now: datetime) -> None:
    """Puts the signed document into the outbox: whole or not at all."""
    folder = outbox()
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f".{row.identifier}.{os.getpid()}"
    with made.open("wb") as file:
        file.write(bytes(row.xml))
        file.flush()
        os.fsync(file.fileno())
    made.replace(folder / f"{row.identifier}.xml")
    Warning.objects.filter(id=row.id).update(written_at=now)


def write_outbox(now: datetime) -> int:
    """Writes what a crash kept from being written. Returns how many."""
    due = list(Warning.objects.filter(written_at__isnull=True))
    for row in due:
        write_out(row, now)
    return len(due)
