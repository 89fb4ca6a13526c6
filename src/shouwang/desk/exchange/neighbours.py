"""Keeping the register of neighbouring centres. A key counts once two people have compared its thumbprint."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.names import home
from shouwang.desk.log.signing import own_key, public_text, read_public, thumbprint
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once

from .models import Neighbour
from .terms import KEEP, MAY, SENT

LOOPBACK = ("localhost", "127.0.0.1", "::1")
COMPARED = 8  # digits at the end that are typed as they were read out


@dataclass(frozen=True)
class Given:
    zh: str
    en: str
    address: str
    public_key: str
    sends: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class OwnKey:
    """What neighbours are given of this centre."""

    public_key: str
    thumbprint: str


def own() -> OwnKey:
    key = own_key()
    return OwnKey(public_text(key), thumbprint(key))


def address_of(text: str) -> str:
    """https://host[:port] as it is kept. Plain HTTP is for this machine alone. Raises ValueError for anything else."""
    parts = urlsplit(text.strip().rstrip("/"))
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if not (parts.scheme == "https" or plain) or not bare or not re.fullmatch(r"[a-z0-9.:-]+", parts.hostname or ""):
        raise ValueError("no address of a centre")
    _port = parts.port  # a figure out of range raises ValueError
    return f"{parts.scheme}://{parts.netloc.lower()}"


@once
def save_neighbour(*, actor: Actor, now: datetime, id: UUID, given: Given, version: int | None = None,
                   key: UUID | None = None) -> Neighbour:
    """Enters a neighbour, or with the `version` it was read at changes one; the same id again without one is a retry.
    Another key has to be compared anew. Raises Refused at the field, Conflict when it has moved on."""
    values = _checked(given)
    with writing(actor=actor, now=now) as log:
        actor.require(KEEP, home())
        row = Neighbour.objects.select_for_update().filter(id=id).first()
        if already_written(key) or (row is not None and version is None):
            return _found(id)
        for field, what in (("address", _("Another neighbour has this address.")),
                            ("thumbprint", _("Another neighbour has this key."))):
            if Neighbour.objects.filter(**{field: values[field]}).exclude(id=id).exists():
                raise Conflict(what, field="address" if field == "address" else "public_key", code="taken")
        if row is None:
            row, kind, changes = Neighbour.objects.create(id=id, **values), "neighbour.entered", {}
        else:
            changes = {n: [getattr(row, n), v] for n, v in values.items() if getattr(row, n) != v}
            if "thumbprint" in changes:
                values |= {"first_by": "", "second_by": ""}
            mine = Neighbour.objects.filter(id=id, version=version or 0)
            if not mine.update(version=F("version") + 1, **values):
                raise Conflict(_("It has been changed meanwhile. Look at it again."), code="version")
            row.refresh_from_db()
            kind = "neighbour.changed"
        log.append(kind, subject=("neighbour", id), area=home(), may=MAY, id=key,
                   payload={"thumbprint": row.thumbprint, "changes": changes})
    return row


def _checked(given: Given) -> dict[str, Any]:
    """The values as columns. Raises Refused naming what is wrong."""
    if not given.zh.strip() or not given.en.strip():
        raise Refused(_("Give the name in both languages."), field="zh" if not given.zh.strip() else "en", code="needs")
    try:
        address = address_of(given.address)
    except ValueError:
        raise Refused(_("Write https:// and the name of its centre, without a path. Plain http:// is for this machine "
                        "alone."), field="address", code="invalid") from None
    try:
        found = read_public(given.public_key.strip())
    except ValueError:
        raise Refused(_("This is no key of a centre: 43 characters, as its own page of neighbours shows them."),
                      field="public_key", code="invalid") from None
    if (print_ := thumbprint(found)) == own().thumbprint:
        raise Refused(_("This is this centre's own key."), field="public_key", code="own")
    if unknown := set(given.sends) - set(SENT):
        raise Refused(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))}, field="sends", code="invalid")
    return {"zh": given.zh.strip()[:80], "en": given.en.strip()[:80], "address": address,
            "public_key": public_text(found), "thumbprint": print_,
            "sends": [k for k in SENT if k in given.sends], "active": given.active}


@once
def confirm(*, actor: Actor, now: datetime, id: UUID, digits: str, key: UUID | None = None) -> Neighbour:
    """A person has compared the thumbprint with the neighbour, by telephone or in person, and types the last digits as
    they were read out. Two different people are needed."""
    if not (actor.may(KEEP, home()) or actor.may(MAY, home())):
        raise Denied(MAY, home())
    with writing(actor=actor, now=now) as log:
        row = Neighbour.objects.select_for_update().filter(id=id).first()
        if row is None:
            raise Missing(_("There is no such neighbour."), code="neighbour")
        if already_written(key):
            return row
        if row.confirmed:
            raise Conflict(_("Two people have compared it already."), code="confirmed")
        if row.first_by == actor.id:
            raise Refused(_("Somebody else has to compare it too."), field="digits", code="same")
        if re.sub(r"\s", "", digits).lower() != row.thumbprint[-COMPARED:]:
            raise Refused(_("These are not its last %(n)s digits. If they were read out so, the key is not theirs: do "
                            "not use it.") % {"n": COMPARED}, field="digits", code="invalid")
        column = "second_by" if row.first_by else "first_by"
        if not Neighbour.objects.filter(id=id, version=row.version).update(
                **{column: actor.id}, version=F("version") + 1):
            raise Conflict(_("It has been changed meanwhile. Look at it again."), code="version")
        row.refresh_from_db()
        log.append("neighbour.compared", subject=("neighbour", id), area=home(), may=MAY, id=key,
                   payload={"thumbprint": row.thumbprint, "people": 2 if row.confirmed else 1})
    return row


def _found(id: UUID | str) -> Neighbour:
    row = Neighbour.objects.filter(id=id).first()
    if row is None:
        raise Missing(_("There is no such neighbour."), code="neighbour")
    return row
