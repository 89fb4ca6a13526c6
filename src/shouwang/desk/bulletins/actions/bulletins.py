"""Bulletins: drafted, handed in, signed off by somebody else, withdrawn with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once

from .. import facts
from ..models import Bulletin
from ..terms import DRAFT, PUBLISH, TEXT_MAX, NewBulletin
from .common import change, known, tell, text


@once
def draft(*, actor: Actor, now: datetime, id: UUID, given: NewBulletin, key: UUID | None = None) -> Bulletin:
    """A new draft. The same id again is a retry."""
    values = _checked(actor, given)
    with writing(actor=actor, now=now) as log:
        if Bulletin.objects.filter(id=id).exists():
            return _own(actor, id, DRAFT)
        row = Bulletin.objects.create(id=id, made_by=actor.id, made_at=now, **values)
        tell(log, "bulletin.drafted", row, DRAFT, key=key)
    return row


@once
def amend(*, actor: Actor, now: datetime, bulletin_id: UUID | str, given: NewBulletin, version: int,
          key: UUID | None = None) -> Bulletin:
    """Other words for a draft."""
    values = _checked(actor, given)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, bulletin_id, DRAFT)
        if not already_written(key):
            change(row, version, "draft", **values)
            tell(log, "bulletin.changed", row, DRAFT, key=key)
    return row


@once
def submit(*, actor: Actor, now: datetime, bulletin_id: UUID | str, version: int, reason: str = "",
           key: UUID | None = None) -> Bulletin:
    """Hands a draft in for its sign-off."""
    with writing(actor=actor, now=now) as log:
        row = _own(actor, bulletin_id, DRAFT)
        if not already_written(key):
            change(row, version, "draft", state="submitted", submitted_by=actor.id)
            tell(log, "bulletin.submitted", row, DRAFT, key=key)
    return row


@once
def send_back(*, actor: Actor, now: datetime, bulletin_id: UUID | str, version: int, reason: str = "",
              key: UUID | None = None) -> Bulletin:
    """What was handed in is a draft again, for a reason."""
    why = text(reason, "reason", _("Give the reason."), 500)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, bulletin_id, PUBLISH)
        if not already_written(key):
            change(row, version, "submitted", state="draft", submitted_by="")
            tell(log, "bulletin.returned", row, DRAFT, key=key, reason=why)
    return row


@once
def publish(*, actor: Actor, now: datetime, bulletin_id: UUID | str, version: int, reason: str = "",
            key: UUID | None = None) -> Bulletin:
    """Signs it off: anybody may read it from now on. Never by who handed it in."""
    with writing(actor=actor, now=now) as log:
        row = _own(actor, bulletin_id, PUBLISH)
        if not already_written(key):
            if row.submitted_by == actor.id:
                raise Refused(_("Somebody else signs it off than who handed it in."), code="two_people")
            change(row, version, "submitted", state="published", published_by=actor.id, published_at=now)
            tell(log, "bulletin.published", row, DRAFT, key=key)
    return row


@once
def withdraw(*, actor: Actor, now: datetime, bulletin_id: UUID | str, version: int, reason: str = "",
             key: UUID | None = None) -> Bulletin:
    """Takes a published bulletin from the residents' pages, for a reason."""
    why = text(reason, "reason", _("Give the reason."), 500)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, bulletin_id, PUBLISH)
        if not already_written(key):
            change(row, version, "published", state="withdrawn", withdrawn_at=now)
            tell(log, "bulletin.withdrawn", row, DRAFT, key=key, reason=why)
    return row


def _checked(actor: Actor, given: NewBulletin) -> dict[str, Any]:
    needed, english = _("Write it in Chinese."), bool(given.en.strip() or given.text_en.strip())
    return {
        "area": known(given.area, actor, DRAFT), "zh": text(given.zh, "zh", needed),
        "text_zh": text(given.text_zh, "text_zh", needed, TEXT_MAX),
        "en": text(given.en, "en", _("Write title and text in English, or neither."), needed=english),
        "text_en": text(given.text_en, "text_en", _("Write title and text in English, or neither."), TEXT_MAX,
                        needed=english),
    }  # fmt: skip


def _own(actor: Actor, bulletin_id: UUID | str, may: str) -> Bulletin:
    row = facts.bulletin(actor.areas(*facts.SEE), bulletin_id)
    if row is None:
        raise Missing(_("There is no such bulletin in your areas."), code="bulletin")
    actor.require(may, row.area)
    return row
