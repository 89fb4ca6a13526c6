"""The links in messages: signed, each for one volunteer and one purpose. Whoever holds one is that volunteer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.workflow.settings import get as setting

from .models import Message, Volunteer

NOTICE, OWN = "volunteers.notice", "volunteers.own"


class Over(Refused):
    """The link was good once."""

    status = 410


def address(path: str) -> str:
    """A path as it is written in a message."""
    return str(setting("public_url")).rstrip("/") + path


def notice_path(message: Message) -> str:
    return reverse("volunteers.link", args=[signing.dumps(message.id.hex, salt=NOTICE)])


def group_path(volunteer: Volunteer) -> str:
    """The standing link by which a household calls its neighbours' group."""
    return reverse("volunteers.bell", args=[signing.dumps([volunteer.id.hex, volunteer.link], salt=OWN)])


def message_of(token: str, now: datetime) -> Message:
    """The message whose link this is, its notice still open. Raises Missing for none of ours, Over for a past one."""
    try:
        key = UUID(str(signing.loads(token, salt=NOTICE)))
    except (signing.BadSignature, ValueError, TypeError):
        raise Missing(_("This link is not one of ours. Check that it is whole."), code="link") from None
    row = Message.objects.select_related("notice", "volunteer").filter(id=key, notice__isnull=False).first()
    if row is None or row.volunteer is None or row.notice is None or row.notice.ended_at or row.notice.until_at <= now:
        raise Over(_("This is over. What it said is deleted. Thank you."), code="link")
    return row


def member_of(token: str) -> Volunteer:
    """The household whose standing link this is. Raises Missing and Over as above."""
    try:
        key, number = signing.loads(token, salt=OWN)
        row = Volunteer.objects.select_related("group").filter(id=UUID(str(key))).first()
    except (signing.BadSignature, ValueError, TypeError):
        raise Missing(_("This link is not one of ours. Check that it is whole."), code="link") from None
    if row is None or row.link != number or row.group is None or row.state != "confirmed":
        raise Over(_("This link is over. Ask the community office for a new one."), code="link")
    return row
