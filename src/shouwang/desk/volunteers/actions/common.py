"""Steps that several actions share."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.seal import Destroyed, seal, unseal
from shouwang.desk.log.writing import Log

from ..models import Association, Group, Volunteer
from ..terms import CONTACT_MAX, GROUP_SIZE, MANAGE, NAME_MAX

PUBLIC = Actor("public:volunteer", "", "user")  # whoever comes by a code or a link: never which of them
CENTRE = system("volunteers")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
PHONE = re.compile(r"\+?(?:[-() ]*[0-9]){7,15}\)?")


def change(row: Any, version: int | None = None, **values: Any) -> None:
    """Compare and set by version: the one that was read or, if given, the one that the reader saw."""
    held = row.version if version is None else version
    if not type(row)._default_manager.filter(pk=row.pk, version=held).update(version=F("version") + 1, **values):
        raise Conflict(_("This was changed meanwhile. Look again."), code="version")
    row.version = held + 1
    for name, value in values.items():
        setattr(row, name, value)


def mine(actor: Actor, volunteer_id: UUID | str) -> Volunteer:
    """A volunteer whom the actor manages. Raises Missing for others, as for none at all."""
    row = Volunteer.objects.select_related("group").filter(id=volunteer_id).first()
    if row is None or not actor.may(MANAGE, row.area):
        raise Missing(_("There is no such volunteer in your areas."), code="volunteer")
    return row


def tell(log: Log, kind: str, row: Volunteer | Association, *, key: UUID | None = None, reason: str = "",
         **payload: Any) -> UUID:
    subject = "volunteer" if isinstance(row, Volunteer) else "association"
    return log.append(kind, subject=(subject, row.id), area=row.area, may=MANAGE, id=key, reason=reason,
                      payload=payload)


def room(group: Group) -> None:
    """Raises Conflict when a group has all its households. Locks the group until the transaction ends."""
    Group.objects.select_for_update().get(id=group.id)
    if group.members.filter(state="confirmed").count() >= GROUP_SIZE[1]:
        raise Conflict(_("The group has %(n)s households already.") % {"n": GROUP_SIZE[1]}, code="full")


def contact_sealed(record: object, name: str, how: str) -> bytes:
    return seal(record, "contact", json.dumps({"name": name, "how": how}, ensure_ascii=False))


def contact_of(record: object, sealed: bytes | memoryview[int]) -> tuple[str, str]:
    """Name and how they are reached; ("", "") once it is deleted. The caller has logged why it looks."""
    try:
        said = json.loads(unseal(record, "contact", bytes(sealed)) or "{}")
    except Destroyed:
        return "", ""
    return said.get("name", ""), said.get("how", "")


def checked_contact(name: str, how: str) -> tuple[str, str, str]:
    """Name, how they are reached, and by which channel. Raises Refused at the field."""
    name, how = name.strip(), how.strip()
    if not 0 < len(name) <= NAME_MAX:
        raise Refused(_("Say what you are called, up to %(n)s characters.") % {"n": NAME_MAX}, field="name",
                      code="needs")
    email = "@" in how
    if len(how) > CONTACT_MAX or not (EMAIL if email else PHONE).fullmatch(how):
        raise Refused(_("Give a telephone number or an e-mail address."), field="how", code="invalid")
    return name, how, "email" if email else "phone"


def needed(text: str, field: str, message: str, most: int = 500) -> str:
    text = text.strip()
    if not text:
        raise Refused(message, field=field, code="needs")
    return within(text, field, most)


def within(text: str, field: str, most: int = 500) -> str:
    if len(text.strip()) > most:
        raise Refused(_("At most %(n)s characters.") % {"n": most}, field=field, code="long")
    return text.strip()
