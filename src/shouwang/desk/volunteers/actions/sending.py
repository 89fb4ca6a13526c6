"""The worker of the outbox: takes messages, puts their words together, hands them to their channel, tries again."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.settings import get as setting

from .. import channels, facts, links
from ..channels import Letter, Undelivered
from ..models import Message, Notice
from ..terms import SEND
from .common import CENTRE, contact_of

BATCH = 200
MOST_TRIES = 5
STALE = timedelta(minutes=5)  # a run that took a message so long ago is gone; the message may go out twice, never not
WAITS_S = (30, 120, 600, 1800)


def deliver(now: datetime) -> bool:
    """Sends what is due, oldest first. True while there is more."""
    run = new_id()
    due = Q(state="queued", next_at__lte=now) | Q(state="sending", next_at__lte=now - STALE)
    ids = list(Message.objects.filter(due).order_by("next_at", "id").values_list("id", flat=True)[:BATCH])
    if not ids or not Message.objects.filter(due, id__in=ids).update(state="sending", taken=run, next_at=now):
        return False
    ways = {kind: channels.channel(kind) for kind in ("phone", "email")}
    done: Counter[tuple[UUID, str]] = Counter()
    alike: defaultdict[tuple[tuple[str, object], ...], list[UUID]] = defaultdict(list)
    for message in Message.objects.filter(taken=run, state="sending").select_related(
            "notice__group", "volunteer__group").order_by("next_at", "id"):
        became = _one(message, ways, now)
        alike[tuple(became.items())].append(message.id)
        if message.notice_id:
            done[message.notice_id, str(became["state"])] += 1
    for values, them in alike.items():  # few writes for many messages; a crash before sends a batch again, by its ids
        Message.objects.filter(id__in=them, taken=run).update(taken=None, **dict(values))
    _tell(done, now)
    return len(ids) == BATCH


def _one(message: Message, ways: dict[str, channels.Channel], now: datetime) -> dict[str, object]:
    """What becomes of a message: the columns it changes."""
    letter = _letter(message, now)
    if letter is None:
        return {"state": "void"}
    tries = message.tries + 1
    try:
        ways[message.channel].send(letter)
    except Undelivered as fault:
        if fault.again and tries < MOST_TRIES:
            wait = timedelta(seconds=WAITS_S[tries - 1])
            return {"state": "queued", "tries": tries, "fault": fault.fault, "next_at": now + wait}
        return {"state": "failed", "tries": tries, "fault": fault.fault}
    return {"state": "sent", "tries": tries, "fault": "", "sent_at": now}


def _letter(message: Message, now: datetime) -> Letter | None:
    """The words of a message: what it is about and a link, never what a look-out says. None for one that is over."""
    volunteer, notice = message.volunteer, message.notice
    if volunteer is None or (notice is not None and not facts.is_open(notice, now)):
        return None
    to = contact_of(volunteer.id, volunteer.contact)[1]
    if not to:
        return None
    with override("zh-hans" if str(setting("time_zone")).startswith("Asia/") else "en"):
        if notice is not None:
            text = _("Shouwang: %(what)s. Read and answer: %(link)s") % {
                "what": facts.heading(notice), "link": links.address(links.notice_path(message))}
            if notice.group is not None:
                text = f"{notice.group.name}: {text}"
        elif volunteer.group is not None:
            text = _("Shouwang: you are in the neighbours' group %(group)s. To call it: %(link)s") % {
                "group": volunteer.group.name, "link": links.address(links.group_path(volunteer))}
        else:
            text = _("Shouwang: you are registered as a volunteer. Your own page opens with your code.")
        return Letter(message.id, to, _("Shouwang: for volunteers"), text, now)


def _tell(done: Counter[tuple[UUID, str]], now: datetime) -> None:
    """One event for each notice of a run, with counts alone."""
    if not done:
        return
    rows = Notice.objects.in_bulk({notice for notice, _state in done})
    with writing(actor=CENTRE, now=now) as log:
        for row in rows.values():
            counts = {state: done[row.id, state] for state in ("sent", "failed") if done[row.id, state]}
            if counts:
                log.append("notice.delivered", subject=("notice", row.id), area=row.area, may=SEND, payload=counts)


