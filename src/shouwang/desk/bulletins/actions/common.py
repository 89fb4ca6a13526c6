"""What the actions of this room share."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.writing import Log
from shouwang.desk.places import facts as places

from ..models import Bulletin, Survey
from ..terms import TITLE_MAX

Row = TypeVar("Row", Bulletin, Survey)


def change(row: Row, version: int, held: str = "", **values: object) -> None:
    """Compare and set by version, and by the state that it has to have."""
    if held and row.state != held:
        raise Conflict(_("This is not possible any more: its state has changed."), code="state")
    found = type(row)._default_manager.filter(pk=row.pk, version=version)
    if not found.update(version=F("version") + 1, **values):
        raise Conflict(_("This was changed meanwhile. Look again."), code="version")
    row.refresh_from_db()


def known(area: str, actor: Actor, may: str) -> str:
    """An area that somebody may tell something about."""
    if area not in places.area_names():
        raise Refused(_("Choose the area."), field="area", code="needs")
    if not actor.may(may, area):
        raise Denied(may, area)
    return area


def text(value: str, field: str, says: str, most: int = TITLE_MAX, *, needed: bool = True) -> str:
    value = value.strip()
    if needed and not value:
        raise Refused(says, field=field, code="needs")
    if len(value) > most:
        raise Refused(_("At most %(n)s characters.") % {"n": most}, field=field, code="long")
    return value


def tell(log: Log, kind: str, row: Bulletin | Survey, may: str, *, key: UUID | None = None, reason: str = "") -> None:
    what = "bulletin" if isinstance(row, Bulletin) else "survey"
    log.append(kind, subject=(what, row.id), area=row.area, may=may, id=key, reason=reason)
