"""What volunteers are told and asked, and what they answer.

A look-out is ordered by an officer by name, for a child or somebody who cannot look after themselves, for 24 hours at
most. Its words and picture lie under a key of its own, which is destroyed when the time is over. Answers are read by
the desk alone, and each reading is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as events
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import Destroyed, digest, keys, seal, unseal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow import pictures
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..links import Over
from ..models import Answer, Message, Notice, Volunteer
from ..terms import (
    ANSWERS,
    LONGEST,
    LOOKOUTS,
    MOST_ANSWERS,
    MOST_PLACE,
    MOST_TEXT,
    ORDER,
    SEEN,
    SEND,
    trades,
)
from .common import CENTRE, PUBLIC, change, needed, within

READ, READ_AGAIN = "access.answers_read", timedelta(hours=8)


@dataclass(frozen=True)
class NewNotice:
    """A notice as ordered. `area`: a path; `trades`: codes, none for everybody; `minutes`: how long it holds; `about`:
    of a look-out, whom it is for; `picture`: a file's bytes; `reason`: of a look-out, sealed for the auditor."""

    id: UUID
    kind: str
    text: str
    area: str
    minutes: int
    about: str = ""
    trades: Sequence[str] = ()
    picture: bytes = b""
    call: UUID | None = None
    reason: str = ""


@dataclass(frozen=True)
class Said:
    """An answer as the desk reads it."""

    row: Answer
    text: str
    who: str  # the volunteer's number, "" once they have withdrawn


@once
def order(*, actor: Actor, now: datetime, new: NewNotice, key: UUID | None = None) -> Notice:
    """Tells the volunteers of an area and of trades. The same id again is a retry. Raises Refused at the field, Denied
    where the actor may not, Conflict when too many look-outs are open."""
    if (kept := Notice.objects.filter(id=new.id).first()) is not None:
        return kept
    lookout, text = new.kind == "lookout", _checked(new)
    actor.require(ORDER if lookout else SEND, new.area)
    reason = needed(new.reason, "reason", _("Give the reason for the look-out.")) if lookout else ""
    if new.call and calls.find(actor.areas("call.view"), new.call) is None:
        raise Missing(_("There is no such call in your areas."), field="call", code="call")
    shot = pictures.cleaned(new.picture)[0] if new.picture else b""
    with writing(actor=actor, now=now) as log:
        if lookout:
            _few_enough(now)
        row = Notice(id=new.id, kind=new.kind, about=new.about if lookout else "", area=new.area, call=new.call,
                     trades=list(dict.fromkeys(new.trades)), by=actor.id, at=now, lasts_min=new.minutes,
                     until_at=now + timedelta(minutes=new.minutes), text=seal(new.id, "text", text))
        if shot:
            row.picture = new_id()
            pictures.put(row.id, row.picture, shot)
        told = _told(row)
        row.told = len(told)
        row.save(force_insert=True)
        Message.objects.bulk_create(
            [Message(purpose="notice", notice=row, volunteer_id=id, channel=channel, next_at=now)
             for id, channel in told], batch_size=1000)
        _append(log, "lookout.ordered" if lookout else "notice.sent", row, key=key, reason=reason,
                digest=digest(row.id, text), told=len(told), until=row.until_at.isoformat(),
                about=row.about or row.kind)
        if row.call:
            log.append("call.volunteers_asked", subject=("call", row.call), area=row.area, may="call.view",
                       payload={"notice": str(row.id), "about": row.about or row.kind})
    return row


def _checked(new: NewNotice) -> str:
    """The text. Raises Refused at the field for what cannot be sent."""
    if new.kind not in ("lookout", "hazard", "traffic"):
        raise Refused(_("Choose a kind."), field="kind", code="needs")
    if new.kind == "lookout" and new.about not in LOOKOUTS:
        raise Refused(_("A look-out is for a child or somebody who cannot look after themselves, and for nobody else."),
                      field="about", code="limits")
    if new.area not in places.area_names():
        raise Refused(_("Choose the area."), field="area", code="needs")
    if unknown := [t for t in new.trades if t not in trades()]:
        raise Refused(_("There is no trade “%(code)s”.") % {"code": unknown[0]}, field="trades", code="invalid")
    longest = LONGEST[new.kind]
    if not 10 <= new.minutes <= longest.total_seconds() / 60:
        raise Refused(_("Give an end: from 10 minutes to %(n)s hours.") % {"n": int(longest.total_seconds() // 3600)},
                      field="minutes", code="limits")
    if new.picture and new.kind != "lookout":
        raise Refused(_("Only a look-out has a picture."), field="picture", code="picture")
    return needed(new.text, "text", _("Say what it is."), MOST_TEXT)


def _few_enough(now: datetime) -> None:
    most = int(setting("lookouts_open"))
    if Notice.objects.filter(kind="lookout", ended_at=None, until_at__gt=now).count() >= most:
        raise Conflict(_("%(n)s look-outs are open already. End one first.") % {"n": most}, code="many")


def _told(row: Notice) -> list[tuple[UUID, str]]:
    """Whom it goes to: confirmed, reachable, of the area (or an area around it: a community's hazard reaches who is of
    the community alone), of one of the trades."""
    rows = Volunteer.objects.filter(Q(area__startswith=row.area), state="confirmed").exclude(channel="")
    if row.trades:
        rows = rows.filter(trade__in=row.trades)
    return list(rows.values_list("id", "channel"))


@once
def end_notice(*, actor: Actor, now: datetime, notice_id: UUID | str, key: UUID | None = None) -> Notice:
    """Ends a notice early: found, or mended. Its words and picture are deleted with it."""
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, notice_id)
        if already_written(key) or row.ended_at:
            return row
        actor.require({"lookout": ORDER}.get(row.kind, SEND), row.area)
        change(row, ended_at=now)
        _append(log, "notice.ended", row, key=key)
    delete_words([row], now)
    row.refresh_from_db()
    return row


def delete_words(rows: Sequence[Notice], now: datetime) -> None:
    """Destroys the keys, then what they sealed: afterwards nobody can read it, in no backup either. No legal hold keeps
    the words of a look-out: 24 hours are the limit."""
    if not rows:
        return
    keys().destroy([str(n.id) for n in rows])
    pictures.drop(n.picture for n in rows if n.picture)
    with writing(actor=CENTRE, now=now) as log:
        for row in rows:
            Message.objects.filter(notice=row, state__in=("queued", "sending")).update(state="void")
            mine = Notice.objects.filter(id=row.id, words_deleted_at=None)
            if mine.update(text=b"", picture=None, words_deleted_at=now):
                _append(log, "notice.words_deleted", row)


def read_text(notice: Notice) -> str:
    """What it says; "" once it is deleted. Told to whoever it was sent to and to those who may send or answer it."""
    try:
        return unseal(notice.id, "text", bytes(notice.text))
    except Destroyed:
        return ""


def picture(notice: Notice) -> bytes:
    """Its picture. Raises Missing for none."""
    try:
        found = pictures.read(notice.id, notice.picture) if notice.picture else None
    except Destroyed:
        found = None
    if found is None:
        raise Missing(_("There is no such photo."), code="photo")
    return found


def note_opened(message: Message, now: datetime) -> None:
    """That somebody has read it: counted, never by whom."""
    Message.objects.filter(id=message.id, opened_at=None).update(opened_at=now)


@once
def answer(*, now: datetime, message: Message, what: str, text: str = "", place: str = "", lon: float | None = None,
           lat: float | None = None, key: UUID | None = None) -> Answer:
    """What a volunteer says to a notice, by their link: for the desk alone. Raises Refused at the field."""
    if what not in SEEN:
        raise Refused(_("Choose what you can say."), field="what", code="needs")
    said = within(text, "text", MOST_TEXT)
    where = within(place, "place", MOST_PLACE)
    if (lon is None) != (lat is None) or (lon is not None and not (abs(lon) <= 180 and abs(lat or 0) <= 90)):
        raise Refused(_("A place is given in degrees."), field="place", code="invalid")
    if not (said or where or lon is not None):
        raise Refused(_("Say where, or a few words."), field="text", code="needs")
    id, notice = key or new_id(), message.notice
    assert notice is not None  # a link is of a notice
    with writing(actor=PUBLIC, now=now) as log:
        if (kept := Answer.objects.filter(id=id).first()) is not None:
            return kept
        if not Notice.objects.filter(id=notice.id, ended_at=None, until_at__gt=now).exists():
            raise Over(_("This is over. What it said is deleted. Thank you."), code="link")
        if Answer.objects.filter(message=message).count() >= MOST_ANSWERS:
            raise Conflict(_("You have answered %(n)s times. Call 110 if there is more.") % {"n": MOST_ANSWERS},
                           code="many")
        row = Answer.objects.create(id=id, notice=notice, message=message, what=what, lon=lon, lat=lat, at=now,
                                    text=seal(id, "answer", "\n".join(t for t in (where, said) if t)))
        _append(log, "notice.answered", row.notice, key=id, may=ANSWERS, seen=what)
        if notice.call:
            log.append("call.volunteer_answered", subject=("call", notice.call), area=notice.area, may="call.view",
                       payload={"notice": str(notice.id), "seen": what})
    return row


def read_answers(*, actor: Actor, now: datetime, notice_id: UUID | str) -> list[Said]:
    """What volunteers have said, the newest first: for the desk alone. Written down once per shift and notice."""
    with writing(actor=actor, now=now) as log:
        notice = _visible(actor, notice_id)
        actor.require(ANSWERS, notice.area)
        rows = list(Answer.objects.filter(notice=notice).select_related("message__volunteer").order_by("-at", "-id"))
        told = events.of("notice", notice.id) if rows else []
        if rows and not any(e.kind == READ and e.actor == actor.id and now - e.at < READ_AGAIN for e in told):
            log.append(READ, subject=("notice", notice.id), area=notice.area)
    return [Said(r, _words(r), r.message.volunteer.number if r.message and r.message.volunteer else "") for r in rows]


def _words(row: Answer) -> str:
    try:
        return unseal(row.id, "answer", bytes(row.text))
    except Destroyed:
        return ""


@once
def handle(*, actor: Actor, now: datetime, answer_id: UUID | str, key: UUID | None = None) -> Answer:
    """The desk has dealt with an answer."""
    with writing(actor=actor, now=now) as log:
        row = Answer.objects.select_related("notice").filter(id=answer_id).first()
        if row is None or not actor.may(ANSWERS, row.notice.area):
            raise Missing(_("There is no such answer in your areas."), code="answer")
        if row.handled_at is None:
            Answer.objects.filter(id=row.id, handled_at=None).update(handled_at=now, handled_by=actor.id)
            row.refresh_from_db()
            _append(log, "notice.answer_handled", row.notice, key=key, may=ANSWERS)
    return row


@once
def retry(*, actor: Actor, now: datetime, notice_id: UUID | str, key: UUID | None = None) -> int:
    """Sends again what failed. Returns how many."""
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, notice_id)
        actor.require({"lookout": ORDER}.get(row.kind, SEND), row.area)
        if already_written(key):
            return 0
        if not facts.is_open(row, now):
            raise Conflict(_("This notice is over."), code="state")
        n = Message.objects.filter(notice=row, state="failed", volunteer__isnull=False).update(
            state="queued", tries=0, next_at=now, fault="", taken=None)
        if n:
            _append(log, "notice.retried", row, key=key, count=n)
    return n


def _visible(actor: Actor, notice_id: UUID | str) -> Notice:
    """The notice, locked until the transaction ends. Raises Missing outside the actor's areas."""
    row = Notice.objects.select_for_update(of=("self",)).filter(id=notice_id).first()
    if row is None or not any(actor.may(p, row.area) for p in (SEND, ORDER, ANSWERS)):
        raise Missing(_("There is no such notice in your areas."), code="notice")
    return row


def _append(log: Log, kind: str, row: Notice, *, key: UUID | None = None, may: str = SEND, reason: str = "",
            **payload: Any) -> UUID:
    return log.append(kind, subject=("notice", row.id), area=row.area, may=may, id=key, reason=reason, payload=payload)
