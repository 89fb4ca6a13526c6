"""Pictures that rooms keep: checked, made small, made anew without what the camera wrote into them, sealed on disk."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.seal import seal_bytes, unseal_bytes

Clean = tuple[bytes, int, int]  # a JPEG, its width and height
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_B = 6 * 2**20
MOST_PIXELS = 40_000_000
SIDE = 1600  # pixels of the longer side that are kept
QUALITY = 80


def decoded(photo: str) -> bytes:
    """The file of a photo as it is sent, also as a data address."""
    text = photo.split(",", 1)[1] if photo.startswith("data:") and "," in photo else photo
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(_("A photo is sent in Base64."), field="photos", code="photo") from None


def cleaned(raw: bytes) -> Clean:
    """A JPEG with nothing in it but the picture, its width and height. Raises Refused for what is no photo."""
    if len(raw) > MOST_B:
        raise Refused(_("The photo is %(mb)s MB; at most %(most)s MB.") % {
            "mb": f"{len(raw) / 2**20:.1f}", "most": MOST_B // 2**20}, field="photos", code="photo")
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(_("The photo has %(n)s million pixels; at most %(most)s.") % {
                    "n": picture.width * picture.height // 10**6, "most": MOST_PIXELS // 10**6},
                    field="photos", code="photo")
            picture.draft("RGB", (SIDE, SIDE))  # a JPEG is read no larger than it is kept
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        text = _("This is no photo: a JPEG, PNG or WebP file is needed.")
        raise Refused(text, field="photos", code="photo") from None
    upright.thumbnail((SIDE, SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)  # pixels alone: no place, no time, no device
    out = BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), bare.width, bare.height


def path_of(id: UUID | str) -> Path:
    return settings.CONFIG.data / "photos" / str(id)


def put(record: object, id: UUID, jpeg: bytes) -> None:
    """Sealed under the key of `record`. On the disk before its row is committed: a file without a row is harmless, the
    other way round is not."""
    path = path_of(id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(seal_bytes(record, f"photo:{id}", jpeg))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(record: object, id: UUID) -> bytes | None:
    """The JPEG; None once it is deleted. Raises Destroyed when its key alone is gone."""
    try:
        sealed = path_of(id).read_bytes()
    except FileNotFoundError:
        return None
    return unseal_bytes(record, f"photo:{id}", sealed)


def drop(ids: Iterable[UUID]) -> None:
    for id in ids:
        with suppress(FileNotFoundError):
            path_of(id).unlink()
