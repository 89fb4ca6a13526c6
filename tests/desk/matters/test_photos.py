"""Photos hold nothing but the picture, lie sealed, and open to those who may see the matter."""
from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from shouwang.desk.log.errors import Refused
from shouwang.desk.matters import facts, photos

pytestmark = pytest.mark.django_db


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright(photo: Any) -> None:
    raw = photo((3000, 1000), place=True)
    assert b"Phone of somebody" in raw and b"Remark of somebody" in raw
    jpeg, width, height = photos.cleaned(raw)
    assert b"of somebody" not in jpeg
    with Image.open(BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG" and not picture.getexif() and "exif" not in picture.info
        assert picture.size == (width, height) == (533, 1600)  # turned as it was held, made small


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_forms_are_taken(photo: Any, kind: str) -> None:
    assert photos.cleaned(photo(kind=kind))[1:] == (64, 48)


@pytest.mark.parametrize("make", [
    lambda photo: b"", lambda photo: b"<svg onload=alert(1)>", lambda photo: photo(kind="GIF"),
    lambda photo: photo()[:200], lambda photo: photo() + b" " * photos.MOST_B,
    lambda photo: photo((7000, 6000), "PNG"), lambda photo: b"%PDF-1.7"])
def test_what_is_no_photo_is_refused(photo: Any, make: Any) -> None:
    with pytest.raises(Refused) as told:
        photos.cleaned(make(photo))
    assert told.value.field == "photos"


def test_a_photo_lies_sealed_and_opens_to_those_who_see_the_matter(cast: Any, report: Any, photo: Any) -> None:
    matter = report(photos=(photo(), photo(kind="PNG")))
    first, _second = facts.photos(matter)
    on_disk = photos.path_of(first.id).read_bytes()
    assert on_disk[:2] != b"\xff\xd8" and b"JFIF" not in on_disk
    assert photos.path_of(first.id).is_relative_to(settings.CONFIG.data / "photos")
    address = f"/matters/photos/{first.id}/"
    answer = cast.clerk.client.get(address)
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.content[:2] == b"\xff\xd8"
    assert cast.stranger.client.get(address).status_code == 404
    assert cast.planner.client.get(address).status_code == 403
    assert cast.member.client.get(address).status_code == 404  # may report, but has not reported this one


def test_a_fourth_photo_is_refused_and_nothing_is_kept(report: Any, photo: Any) -> None:
    from shouwang.desk.matters.models import Matter

    with pytest.raises(Refused, match="3"):
        report(photos=(photo(),) * 4)
    with pytest.raises(Refused):
        report(photos=(photo(), b"no photo"))
    assert not Matter.objects.exists()
