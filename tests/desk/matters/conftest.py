"""Matters in the small town: t/2/b/ lies round −90.222, 38.63."""
from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from shouwang.desk.log.ids import new_id

LON, LAT = -90.222, 38.63


def made_photo(size: tuple[int, int] = (64, 48), kind: str = "JPEG", *, place: bool = False) -> bytes:
    """A picture; with `place`, a camera wrote where and with what it was taken."""
    picture = Image.new("RGB", size, (180, 40, 40))
    exif = Image.Exif()
    if place:
        exif[0x0110] = "Phone of somebody"
        exif[0x0112] = 6  # turned by 90 degrees
        exif.get_ifd(0x8825)[2] = (38.0, 37.0, 48.0)
    out = BytesIO()
    more = {"comment": b"Remark of somebody"} if place else {}
    picture.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.fixture
def photo() -> Any:
    return made_photo


@pytest.fixture(autouse=True)
def seated(cast: Any) -> Any:
    """The handler answers for the urban management bureau; `seated("power_co")`: another account for another body."""
    from shouwang.desk.linked.models import Seat
    from shouwang.desk.people.access import actor_of
    from shouwang.desk.people.models import Grant, User

    Seat.objects.create(user=cast.handler.user.id, agency="urban_management")

    @cache
    def other(agency: str) -> Any:
        user = User.objects.create(username=agency or "nobody-yet", name=agency or "x")
        Grant.objects.create(user=user, role_id="matter_handler", area="t/")
        if agency:
            Seat.objects.create(user=user.id, agency=agency)
        return actor_of(user)

    return other


@pytest.fixture
def report(cast: Any, town: Any, clock: Any) -> Any:
    """A matter reported by the grid worker (or another), on the clock of today."""
    from shouwang.desk.matters import actions
    from shouwang.desk.matters.terms import NewMatter

    def made(kind: str = "M0210", *, by: str = "grid", source: str = "grid", **given: Any) -> Any:
        asked = {"id": new_id(), "type": kind, "lon": LON, "lat": LAT, **given}
        return actions.report(actor=getattr(cast, by).actor, now=clock(), new=NewMatter(**asked), source=source)
    return made


@pytest.fixture
def move(cast: Any, clock: Any, seated: Any) -> Any:
    """A step of a matter by one of the cast, or by an account of the body named."""
    from shouwang.desk.matters import actions
    from shouwang.desk.matters.terms import Given

    def moved(matter: Any, step: str, by: str, *, version: int | None = None, key: Any = None, **given: Any) -> Any:
        who = getattr(cast, by).actor if by in cast.people else seated(by)
        return actions.move(actor=who, now=clock(), matter_id=matter.id, transition=step,
                            given=Given(**given), version=version, key=key)
    return moved
