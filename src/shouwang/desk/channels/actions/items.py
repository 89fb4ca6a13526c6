"""What comes in beside the telephone form: taken in once, in one person's hand at a time, and never lost."""
from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import CallType
from shouwang.desk.calls.terms import Caller
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.facts import one as event_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting

from .. import facts, words
from ..models import Item, Reply
from ..terms import CHANNELS, ITEM_OPEN, REASONS, REVEAL, TAKE, Incoming
from .common import CENTRE, in_other_hands, open_form, tell_item, until

MOST_WORDS, MOST_SENDER, MOST_REPLY = 4000, 254, 500
USUAL = 3  # the level of what says nothing by which it could be told
READ_AGAIN = timedelta(hours=8)


def receive(*, now: datetime, new: Incoming) -> Item:
    """Takes in what came: once, however often its sender or its carrier sends it. Who may send is decided by the
    channel: a proof of work, a signature, the mailbox."""
    if new.channel not in CHANNELS:
        raise Refused(_("There is no such channel: %(channel)s.") % {"channel": new.channel}, code="channel")
    ref = words.ref_of(new.channel, new.ref)
    if (kept := Item.objects.filter(channel=new.channel, ref=ref).first()) is not None:
        return kept
    text = new.words.replace("\x00", "").strip()[:MOST_WORDS]
    type = new.type or words.suggested(text)
    kind = CallType.objects.filter(code=type, active=True).exclude(parent="").first()
    id = new.id or new_id()
    item = Item(id=id, channel=new.channel, ref=ref, area=facts.area_of(new.lon, new.lat),
                type=kind.code if kind else "", severity=kind.severity if kind else USUAL,
                place=new.place.strip()[:120], lon=new.lon, lat=new.lat, received_at=min(new.at or now, now),
                left_out=new.left_out, words=words.sealed(id, "words", text),
                sender=words.sealed(id, "sender", new.sender.strip()[:MOST_SENDER]))
    try:
        with writing(actor=CENTRE, now=now) as log:
            item.save(force_insert=True)
            tell_item(log, "item.came", item, channel=item.channel, severity=item.severity, type=item.type)
    except IntegrityError:  # the same one twice at the same moment
        return Item.objects.get(channel=new.channel, ref=ref)
    return item


@once
def claim(*, actor: Actor, now: datetime, item_id: UUID | str, key: UUID | None = None) -> Item:
    """Takes an item in hand. Whoever is second is told who has it; one's own claim begins anew."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key):
            return item
        _hold(log, item, key)
    return item


def _hold(log: Log, item: Item, key: UUID | None = None) -> None:
    """Compare and set: of two at the same moment one gets it."""
    if item.state == "claimed" and item.claimed_by == log.actor.id:
        _change(item, claim_until=until(log.now))
        return
    if item.state == "claimed" and item.claim_until and item.claim_until > log.now:
        raise in_other_hands(item.claimed_by)
    if item.state not in ITEM_OPEN:
        raise Conflict(_("It is settled already."), code="state")
    _change(item, state="claimed", claimed_by=log.actor.id, claim_until=until(log.now), call=None)
    tell_item(log, "item.claimed", item, key=key)


@once
def give_back(*, actor: Actor, now: datetime, item_id: UUID | str, key: UUID | None = None) -> Item:
    """Puts an item back for others: whoever has it in hand."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key):
            return item
        _mine(item, actor)
        _let_go(log, item, key, lapsed=False)
    return item


def lapse(now: datetime) -> int:
    """Puts back what somebody took in hand and left. Returns how many."""
    due = list(Item.objects.filter(state="claimed", claim_until__lte=now).values_list("id", flat=True))
    for item_id in due:
        with writing(actor=CENTRE, now=now) as log:
            item = Item.objects.select_for_update().get(id=item_id)
            if item.state == "claimed" and item.claim_until and item.claim_until <= now:
                _let_go(log, item, None, lapsed=True)
    return len(due)


def _let_go(log: Log, item: Item, key: UUID | None, *, lapsed: bool) -> None:
    _change(item, state="waiting", claimed_by="", claim_until=None)  # a form that is open still settles it
    tell_item(log, "item.given_back", item, key=key, lapsed=lapsed)


@once
def begin(*, actor: Actor, now: datetime, item_id: UUID | str, key: UUID | None = None) -> UUID:
    """Takes an item in hand and opens it in the intake form, from where it goes to dispatch, to grid matters or to
    mediation. Returns the id of the call to be: once that is saved, the item is settled by it (reactions)."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key) and item.call is not None:
            return item.call
        _hold(log, item)
        call = open_form(actor=actor, now=now, call=item.call, number=words.sender_of(item), words=words.words_of(item),
                         type=item.type, severity=item.severity if item.type else None, place=item.place, lon=item.lon,
                         lat=item.lat, received_at=item.received_at)
        _change(item, call=call)
        tell_item(log, "item.opened", item, key=key)
    return call


def became(*, now: datetime, call: UUID, matter: bool) -> None:
    """A call was saved under the id that an item was opened with."""
    with writing(actor=CENTRE, now=now) as log:
        item = Item.objects.select_for_update().filter(call=call, state__in=ITEM_OPEN).first()
        if item is not None:
            _end(log, item, "matter" if matter else "call")
            tell_item(log, "item.became", item, call=str(call))
            log.append("call.came_by", subject=("call", call), area=item.area, may="call.view",
                       payload={"channel": item.channel})


@once
def attach(*, actor: Actor, now: datetime, item_id: UUID | str, call_id: UUID | str, key: UUID | None = None) -> Item:
    """Adds what came in to an open call, as a further caller's words."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key):
            return item
        _hold(log, item)
        said = Caller(number=words.sender_of(item)[:30], words=words.words_of(item))
        call = calls.attach_caller(actor=actor, now=now, main_id=call_id, caller=said, id=item.id)
        _end(log, item, "attached", call=call.id)
        tell_item(log, "item.attached", item, key=key, call=str(call.id), channel=item.channel)
    return item


@once
def close(*, actor: Actor, now: datetime, item_id: UUID | str, why: str, key: UUID | None = None) -> Item:
    """Settles an item that needs no call, for one of the reasons of the list."""
    if why not in REASONS:
        raise Refused(_("Choose why it needs no call."), field="why", code="needs")
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key):
            return item
        _hold(log, item)
        _end(log, item, "closed", why=why, call=None)
        tell_item(log, "item.closed", item, key=key, closed_as=why)
    return item


@once
def reopen(*, actor: Actor, now: datetime, item_id: UUID | str, key: UUID | None = None) -> Item:
    """Takes the closing of an item back: it waits again."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if already_written(key):
            return item
        if item.state != "closed" or item.words_deleted_at:
            raise Conflict(_("Only what was closed and is still kept can be opened again."), code="state")
        _change(item, state="waiting", why="", ended_at=None)
        tell_item(log, "item.reopened", item, key=key)
    return item


def read(*, actor: Actor, now: datetime, item_id: UUID | str) -> tuple[Item, str, list[tuple[Reply, str]]]:
    """An item with its words and what was answered. That this person has read it is written down once per shift."""
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        seen = any(e.kind == "access.item_read" and e.actor == actor.id and now - e.at < READ_AGAIN
                   for e in events_of("item", item.id))
        if item.words and not seen:
            tell_item(log, "access.item_read", item)
    replies = [(r, words.text_of(r)) for r in Reply.objects.filter(item=item).select_related("item").order_by("at")]
    return item, words.words_of(item), replies


@once
def reveal(*, actor: Actor, now: datetime, item_id: UUID | str, reason: str, key: UUID | None = None) -> str:
    """The sender's number or address, for a stated reason that is kept and written down."""
    if not reason.strip():
        raise Refused(_("Say why you need the number."), field="reason", code="needs")
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id, TAKE, REVEAL)
        actor.require(REVEAL, item.area)
        before = event_of(key) if key else None
        if before is None:
            tell_item(log, "item.revealed", item, key=key, reason=reason.strip())
        elif (before.kind, before.subject, before.actor) != ("item.revealed", str(item.id), actor.id):
            raise Conflict(_("This key is used already."), code="id_used")  # it would be shown without a trace
    return words.sender_of(item)


@once
def reply(*, actor: Actor, now: datetime, item_id: UUID | str, text: str, id: UUID, key: UUID | None = None) -> Reply:
    """Queues words to the sender, by the channel it came by. The same id again is a retry."""
    said = text.strip()
    if not said:
        raise Refused(_("Write something."), field="text", code="needs")
    if len(said) > MOST_REPLY:
        raise Refused(_("At most %(n)s characters.") % {"n": MOST_REPLY}, field="text", code="long")
    with writing(actor=actor, now=now) as log:
        item = _visible(actor, item_id)
        if (kept := Reply.objects.filter(id=id, item=item).first()) is not None:
            return kept
        if item.words_deleted_at:
            raise Conflict(_("Who sent it is deleted. Nothing can be sent there."), code="deleted")
        if item.channel != "web" and not item.sender:
            raise Conflict(_("The sender left no number to answer to."), code="no_sender")
        row = Reply(id=id, item=item, at=now, by=actor.id, next_at=now, text=words.sealed(item.id, f"reply:{id}", said))
        row.save(force_insert=True)
        tell_item(log, "item.replied", item, key=key)
    return row


def items_due(now: datetime) -> int:
    """Destroys the keys of items settled as long ago as callers' words are kept."""
    before = now - timedelta(days=int(setting("sealed_days")))
    due = Item.objects.filter(ended_at__lt=before, words_deleted_at__isnull=True).values_list("id", flat=True)
    return _forget(list(due), now)


def _forget(due: list[UUID], now: datetime) -> int:
    kept = held("item", now)
    gone = [] if "*" in kept else [i for i in due if str(i) not in kept]
    if gone:
        keys().destroy(str(i) for i in gone)  # first: a crash in between only does it again
        with writing(actor=CENTRE, now=now) as log:
            Item.objects.filter(id__in=gone).update(words_deleted_at=now, place="", lon=None, lat=None)
            for row in Item.objects.filter(id__in=gone):
                tell_item(log, "item.words_deleted", row)
    return len(gone)


def _visible(actor: Actor, item_id: UUID | str, *may: str) -> Item:
    """The item, locked until the transaction ends, if the actor may take calls where it lies."""
    item = Item.objects.select_for_update().filter(id=item_id).first()
    if item is None or not any(actor.may(p, item.area) for p in may or (TAKE,)):
        raise Missing(_("There is no such message in your areas."), code="item")
    return item


def _mine(item: Item, actor: Actor) -> None:
    if item.state != "claimed":
        raise Conflict(_("Nobody has it in hand."), code="state")
    if item.claimed_by != actor.id:
        raise in_other_hands(item.claimed_by)


def _change(item: Item, **values: object) -> None:
    """Compare and set on the state and the hand it was read in."""
    if not Item.objects.filter(id=item.id, state=item.state, claimed_by=item.claimed_by).update(**values):
        raise Conflict(_("Somebody else was first. Look again."), code="raced")
    for name, value in values.items():
        setattr(item, name, value)


def _end(log: Log, item: Item, state: str, **values: object) -> None:
    _change(item, state=state, claimed_by="", claim_until=None, ended_at=log.now, **values)
