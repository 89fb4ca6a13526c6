"""Photos of crews at a scene, sealed with the call and deleted with its words."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import Destroyed
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow import pictures

from ..models import CALL_OPEN, Call, ScenePhoto
from .common import append, is_crew, stamp, visible

MOST = 20  # photos of a call


@once
def take_photo(*, actor: Actor, now: datetime, call_id: UUID | str, photo: str, lon: float | None = None,
               lat: float | None = None, at_device: datetime | None = None, key: UUID | None = None) -> Call:
    """Keeps a crew's photo with the place and time that its phone says; what the camera wrote into the file goes."""
    clean, width, height = pictures.cleaned(pictures.decoded(photo))
    id = key or new_id()
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        if not is_crew(actor, call):
            raise Denied("dispatch.status", call.area)
        if call.state not in CALL_OPEN or call.words_deleted_at:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        if call.photos.count() >= MOST:
            raise Refused(_("At most %(n)s photos of a call.") % {"n": MOST}, field="photo", code="many")
        pictures.put(call.id, id, clean)
        ScenePhoto.objects.create(id=id, call=call, unit=actor.unit, by=actor.id, at=now, width=width, height=height,
                                  taken_at=min(at_device, now) if at_device else None, lon=lon, lat=lat)
        append(log, "call.photo", call, id=id, unit=str(actor.unit), **stamp(at_device))
    return call


def list_photos(*, actor: Actor, now: datetime, call_id: UUID | str) -> list[ScenePhoto]:
    """What is known of the photos of a call, oldest first, for those who handle it."""
    with writing(actor=actor, now=now):
        return list(visible(actor, call_id).photos.order_by("at"))


def read_photo(*, actor: Actor, now: datetime, photo_id: UUID) -> bytes:
    """The JPEG, for those who handle the call. Raises Missing for anybody else, and once it is deleted."""
    with writing(actor=actor, now=now):
        row = ScenePhoto.objects.filter(id=photo_id).first()
        if row is None:
            raise Missing(_("There is no such photo."), code="photo")
        visible(actor, row.call_id)
    try:
        jpeg = pictures.read(row.call_id, row.id)
    except Destroyed:
        jpeg = None
    if jpeg is None:
        raise Missing(_("This photo is deleted."), code="photo")
    return jpeg
