"""Asking neighbours for help and helping them. Each is one transaction with its event and the document that tells the
other side; the worker sends it (sending.py)."""
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.calls import actions as call_actions
from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.models import CALL_OPEN, Call, CallType
from shouwang.desk.calls.terms import SERVICES, NewCall
from shouwang.desk.log import facts as events
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import digest, keys, seal_bytes
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.models import Capability
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting

from . import facts, making
from .models import Document, Help, Neighbour
from .terms import ASKING, CYCLE, ENDED, HELPING, MAY, MAY_SEE, MOST_COUNT, MOST_NEEDS, MOST_WORDS, Need

CENTRE = system("exchange")
OTHER_TYPE = "990500"  # other help: of a neighbour's kind of call that we do not have
READ, READ_AGAIN = "access.words_read", timedelta(hours=8)  # as for the words of a call
LONGEST_MIN = 24 * 60


@once
def ask(*, actor: Actor, now: datetime, id: UUID, call_id: UUID | str, neighbour_id: UUID | str,
        asked: Sequence[Need], within_min: int | None = None, words: str = "", key: UUID | None = None) -> Help:
    """Asks a neighbour for help with a call. `within_min`: needed within so many minutes. The same id is a retry."""
    needs = _needs(asked, "asked")
    if within_min is not None and not 1 <= within_min <= LONGEST_MIN:
        raise Refused(_("Write minutes from 1 to %(n)s.") % {"n": LONGEST_MIN}, field="within_min", code="invalid")
    with writing(actor=actor, now=now) as log:
        call = calls.find(actor.areas(MAY_SEE), call_id)
        if call is None:
            raise Missing(_("There is no such call in your areas."), code="call")
        actor.require(MAY, call.area)
        if done := Help.objects.filter(id=id).first():
            if done.call != call.id:
                raise Conflict(_("This number of a request is already used."), field="id", code="id_used")
            return done
        if call.drill:
            raise Refused(_("This call is replayed: nobody else is asked for it."), code="drill")
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        neighbour = Neighbour.objects.filter(id=neighbour_id).first()
        if neighbour is None or not neighbour.usable:
            raise Refused(_("Choose a neighbour whose key two people have compared."), field="neighbour",
                          code="neighbour")
        if Help.objects.filter(call=call.id, neighbour=neighbour, side=ASKING, ended_at__isnull=True).exists():
            raise Conflict(_("It is asked already."), code="asked")
        help = Help.objects.create(
            id=id, side=ASKING, neighbour=neighbour, call=call.id, area=call.area, asked=needs,
            by_at=now + timedelta(minutes=within_min) if within_min else None, made_at=now, made_by=actor.id,
            **_described(call))
        _say(log, help, words=words, key=key)
        tell(log, "help.asked", help, key=key, words=words, new="sent")
    return help


def _described(call: Call) -> dict[str, Any]:
    return {"type": call.type_id, "type_text": f"{call.type.zh} {call.type.en}", "severity": call.severity,
            "place": call.place, "lon": call.lon, "lat": call.lat}


@once
def take(*, actor: Actor, now: datetime, help_id: UUID | str, key: UUID | None = None) -> Help:
    """Claims what a neighbour asks: it becomes a call of ours, and whoever comes second is told so."""
    with writing(actor=actor, now=now) as log:
        help = _visible(actor, help_id)
        if already_written(key):
            return help
        _on_our_side(help, HELPING)
        target = cycle(CYCLE).check("n_take", state=help.state).target
        call = call_actions.take_call(actor=CENTRE, now=now, call=_new_call(help))
        _change(help, state=target, taken_by=actor.id, call=call.id)
        _say(log, help)
        tell(log, "help.taken", help, key=key, old="sent", new=target)
    return help


def _new_call(help: Help) -> NewCall:
    """The call is of the neighbour's kind where we have it. Its id is the request's."""
    known = CallType.objects.filter(code=help.type, active=True).exclude(parent="").exists()
    place = f"{help.neighbour.zh}：{help.place}"  # in Chinese, as a call's place is: it is data
    wanted = Capability.objects.filter(code__in=[n["capability"] for n in help.asked]).values_list("service", flat=True)
    services = tuple(s for s in SERVICES if s in set(wanted))
    return NewCall(id=help.id, type=help.type if known else OTHER_TYPE, severity=help.severity, place=place[:120],
                   detail="" if known else help.type_text[:80], lon=help.lon, lat=help.lat, source="neighbour",
                   services=services or None)


@once
def move(*, actor: Actor, now: datetime, help_id: UUID | str, transition: str, words: str = "",
         offered: Sequence[Need] = (), within_min: int | None = None, key: UUID | None = None) -> Help:
    """What our side says next (life cycle `neighbour_request`): an offer with what comes within how many minutes, a
    refusal or withdrawal with its reason, the end."""
    with writing(actor=actor, now=now) as log:
        help = _visible(actor, help_id)
        if already_written(key):
            return help
        step = cycle(CYCLE).transitions.get(transition)
        if step is None or transition not in (*facts.BY_ASKING, *facts.BY_HELPING):
            raise Missing(_("There is no such move."), field="transition", code="transition")
        _on_our_side(help, ASKING if transition in facts.BY_ASKING else HELPING)
        given, values = ["reason"] if words.strip() else [], {}
        if transition == "n_offer":
            values = {"offered": _needs(offered, "offered"), "arrives_at": _within(within_min, now)}
            given.append("offered")
        old = help.state
        try:
            target = cycle(CYCLE).check(transition, state=old, given=given).target
        except Refused as fault:
            if fault.field == "reason":
                raise Refused(_("Say why."), field="words", code="needs") from fault
            raise
        _change(help, state=target, **values, **({"ended_at": now} if target in ENDED else {}))
        _say(log, help, words=words, key=key)
        tell(log, "help.moved", help, key=key, words=words, old=old, new=target)
    return help


def _within(minutes: int | None, now: datetime) -> datetime | None:
    if minutes is not None and not 0 <= minutes <= LONGEST_MIN:
        raise Refused(_("Write minutes from 0 to %(n)s.") % {"n": LONGEST_MIN}, field="within_min", code="invalid")
    return None if minutes is None else now + timedelta(minutes=minutes)


@once
def send_again(*, actor: Actor, now: datetime, help_id: UUID | str, key: UUID | None = None) -> Help:
    """Sends what was not delivered, or given up, at once."""
    with writing(actor=actor, now=now) as log:
        help = _visible(actor, help_id)
        if already_written(key):
            return help
        waits = Document.objects.filter(help=help, ours=True, delivered_at__isnull=True)
        if not waits.update(due_at=now, until=_until(now), given_up_at=None):
            raise Conflict(_("All of it is delivered."), code="delivered")
        tell(log, "help.sent_again", help, key=key)
    return help


def note_read(*, actor: Actor, now: datetime, helps: Sequence[Help]) -> None:
    """Writes down that this person reads what was said about these requests: once per shift and subject."""
    told = events.between(now - READ_AGAIN, None, subject_kinds=("call", "help"), areas=actor.areas(MAY, MAY_SEE),
                          kinds=(READ,))
    seen = {e.subject for e in told if e.actor == actor.id}
    if new := {subject(h): h.area for h in helps if str(subject(h)[1]) not in seen}:
        with writing(actor=actor, now=now) as log:
            for about, area in new.items():
                log.append(READ, subject=about, area=area)


def subject(help: Help) -> tuple[str, UUID]:
    """What an event about a request belongs to: its call, whose story then tells of it."""
    return ("call", help.call) if help.call else ("help", help.id)


# ---- what the centre says by itself (reactions.py)


def follow_call(help: Help, *, event: UUID, state: str, now: datetime) -> None:
    """Tells the other side how our call stands. `event`: what happened; it names the document, so that it is told
    once."""
    with writing(actor=CENTRE, now=now) as log:
        help = Help.objects.select_for_update(of=("self",)).select_related("neighbour").get(id=help.id)
        if help.ended_at is not None or Document.objects.filter(id=event).exists():
            return
        old, call = help.state, calls.find(("",), help.call) if help.call else None
        described = _described(call) if call and help.side == ASKING else {}
        _change(help, state=state, **described, **({"ended_at": now} if state in ENDED else {}))
        _say(log, help, key=event)
        if old != state:
            tell(log, "help.moved", help, old=old, new=state)


# ---- of this room


def _visible(actor: Actor, help_id: UUID | str) -> Help:
    """The request, locked until the transaction ends. Raises Missing outside the actor's areas."""
    help = Help.objects.select_for_update(of=("self",)).select_related("neighbour").filter(id=help_id).first()
    if help is None or not any(help.area.startswith(path) for path in actor.areas(MAY, MAY_SEE)):
        raise Missing(_("There is no such request in your areas."), code="help")
    if not actor.may(MAY, help.area):
        raise Denied(MAY, help.area)
    return help


def _on_our_side(help: Help, side: str) -> None:
    if help.side != side:
        raise Conflict(_("The other centre says this, not we."), code="side")


def _needs(given: Sequence[Need], field: str) -> list[dict[str, Any]]:
    """Checked, as kept."""
    if not 1 <= len(given) <= MOST_NEEDS or len({n.capability for n in given}) < len(given):
        raise Refused(_("Name what, each once, from 1 to %(n)s lines.") % {"n": MOST_NEEDS}, field=field, code="needs")
    known = set(Capability.objects.filter(code__in=[n.capability for n in given]).values_list("code", flat=True))
    for need in given:
        if need.capability not in known or not 1 <= need.count <= MOST_COUNT:
            raise Refused(_("“%(what)s” × %(n)s cannot be asked for: choose from the list, from 1 to %(most)s.") % {
                "what": need.capability, "n": need.count, "most": MOST_COUNT}, field=field, code="invalid")
    return [{"capability": n.capability, "count": n.count} for n in given]


def _change(help: Help, **values: Any) -> None:
    """Compare and set by version."""
    if not Help.objects.filter(id=help.id, version=help.version).update(version=F("version") + 1, **values):
        raise Conflict(_("This request has moved on. Look again."), code="raced")
    neighbour = help.neighbour
    help.refresh_from_db()
    help.neighbour = neighbour


def _say(log: Log, help: Help, *, words: str = "", key: UUID | None = None) -> None:
    """Writes our next document and puts it out to be sent. The state in it is ours to say: a side that asks says that
    it asks, whatever the other has made of it since."""
    id, n = key or new_id(), help.said + 1
    state = "sent" if help.side == ASKING and help.state != "withdrawn" else help.state
    call = calls.find(("",), help.call) if help.call else None
    body = making.document(help, id=id, n=n, state=state, words=words.strip()[:MOST_WORDS], host=settings.CONFIG.host,
                           at=log.now, call=call, sends=help.neighbour.sends)
    Document.objects.create(
        id=id, help=help, ours=True, n=n, state=state, at=log.now, due_at=log.now, until=_until(log.now),
        body=seal_bytes(facts.record(help.id), f"document:{id}", body), digest=hashlib.sha256(body).hexdigest())
    Help.objects.filter(id=help.id).update(said=n)
    help.said = n


def _until(now: datetime) -> datetime:
    """How long a document is tried."""
    return now + timedelta(hours=int(setting("exchange_give_up_h")))


def tell(log: Log, kind: str, help: Help, *, key: UUID | None = None, words: str = "", **payload: Any) -> None:
    """The event, and the request's newest picture for live screens."""
    if words.strip():
        payload["digest"] = digest(facts.record(help.id), words.strip())
    log.append(kind, subject=subject(help), area=help.area, may=MAY_SEE, id=key,
               payload={"help": str(help.id), "neighbour": str(help.neighbour_id), **payload})
    log.card(("help", help.id), area=help.area, may=MAY_SEE, body=None if help.ended_at else facts.card(help))


def words_due(now: datetime) -> int:
    """Destroys the keys of requests that ended as long ago as callers' words are kept: what was sent and said is then
    unreadable, in every backup too. Their states and times stay."""
    before, kept = now - timedelta(days=int(setting("sealed_days"))), held("call", now)
    if "*" in kept:
        return 0
    due = Help.objects.filter(ended_at__lt=before, words_deleted_at__isnull=True).exclude(call__in=list(kept))
    ids = list(due.values_list("id", flat=True)[:500])
    keys().destroy(facts.record(id) for id in ids)
    with writing(actor=system("retention"), now=now) as log:
        for help in Help.objects.filter(id__in=ids).select_related("neighbour"):
            log.append("help.words_deleted", subject=("help", help.id), area=help.area, may=MAY_SEE)
        Help.objects.filter(id__in=ids).update(words_deleted_at=now)
    return len(ids)
