"""Replies on their way out, each tried again until it is sent or given up, and mail on its way in."""
from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.writing import writing
from shouwang.engine.errors import ShouwangError

from .. import words
from ..models import Item, Reply
from ..outside import Carriers, Refusal, Unreachable, mailbox
from .common import CENTRE, tell_item
from .items import receive

WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))
AT_ONCE = 50
log = logging.getLogger("shouwang.channels")


def send_due(now: datetime, carriers: Carriers) -> int:
    """Sends what waits; each reply carries its id, by which a carrier knows a second try. Returns how many were tried.
    Replies to the web page are fetched by it, as long as it lies open."""
    rows = Reply.objects.filter(state="queued", next_at__lte=now).exclude(item__channel="web")
    due = list(rows.select_related("item").order_by("next_at", "id")[:AT_ONCE])
    for reply in due:
        fault, again = "", False
        carrier = carriers.get(reply.item.channel)
        to, text = words.sender_of(reply.item), words.text_of(reply)
        if carrier is None or not to or not text:
            fault = "no_way" if carrier is None else "no_sender"
        else:
            try:
                carrier.send(id=reply.id, to=to, text=text)
            except Refusal:
                fault = "refused"
            except Unreachable:
                fault, again = "unreachable", True
        _tried(reply, now, fault, again)
    return len(due)


def _tried(reply: Reply, now: datetime, fault: str, again: bool) -> None:
    tries = reply.tries + 1
    with writing(actor=CENTRE, now=now) as events:
        rows = Reply.objects.filter(id=reply.id, state="queued", tries=reply.tries)
        if not fault:
            state = "sent"
            changed = rows.update(state=state, tries=tries, sent_at=now, fault="")
        elif again and tries <= len(WAITS):
            state = "queued"
            changed = rows.update(tries=tries, next_at=now + WAITS[tries - 1], fault=fault)
        else:
            state = "failed"
            changed = rows.update(state=state, tries=tries, fault=fault)
        if changed:
            told = {"reply_fault": fault} if fault else {}
            tell_item(events, f"item.reply_{state}", reply.item, payload=told)


def fetched(*, now: datetime, item: Item) -> list[tuple[datetime, str]]:
    """Replies to what came by the web page: its page asks, and they count as sent."""
    rows = list(Reply.objects.filter(item=item).select_related("item").order_by("at"))
    if any(r.state == "queued" for r in rows):
        with writing(actor=CENTRE, now=now) as events:
            if Reply.objects.filter(item=item, state="queued").update(state="sent", sent_at=now):
                tell_item(events, "item.reply_sent", item)
    return [(r.at, text) for r in rows if (text := words.text_of(r))]


def fetch_mail(now: datetime) -> int:
    """Takes in what lies in the centre's mailbox, each letter once: it is marked there after it is stored here. Returns
    how many; a letter that cannot be read is told in the process's messages and marked all the same."""
    box = mailbox()
    if box is None:
        return 0
    n = 0
    with box:
        for letter in box.unread():
            try:
                receive(now=now, new=letter.read())
            except (ShouwangError, ValueError, LookupError) as error:
                log.error("a letter cannot be read: %s", type(error).__name__)
            box.done(letter)
            n += 1
    return n


def web_item(ref: str) -> Item:
    """What came by the web page, by its own signed reference."""
    found = Item.objects.filter(channel="web", ref=words.ref_of("web", ref)).first()
    if found is None:
        raise Missing(_("There is no such message."), code="item")
    return found
