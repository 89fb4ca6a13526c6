"""Photos of matters: cleaned and sealed as every picture is (workflow/pictures.py), under the matter's key."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.desk.workflow import pictures
from shouwang.desk.workflow.pictures import MOST_B, Clean, cleaned, decoded, drop, path_of

from .models import MatterPhoto
from .terms import MOST_PHOTOS

__all__ = ["MOST_B", "Clean", "cleaned", "decoded", "drop", "path_of", "prepared", "put", "read"]


def prepared(raws: Iterable[bytes]) -> list[Clean]:
    """Photos as they are kept. Takes its time: to be done before a transaction."""
    given = list(raws)
    if len(given) > MOST_PHOTOS:
        raise Refused(_("At most %(n)s photos.") % {"n": MOST_PHOTOS}, field="photos", code="photo")
    return [cleaned(raw) for raw in given]


def put(photo: MatterPhoto, jpeg: bytes) -> None:
    pictures.put(photo.matter_id, photo.id, jpeg)


def read(photo: MatterPhoto) -> bytes | None:
    """The JPEG; None once it is deleted. Raises Destroyed when its key alone is gone."""
    return pictures.read(photo.matter_id, photo.id)
