"""Volunteers of the small town: t/2/b/ lies in the east, t/1/a/ in the west."""
from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from shouwang.desk.log.codes import code_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.volunteers import actions
from shouwang.desk.volunteers.actions.notices import NewNotice
from shouwang.desk.volunteers.actions.registering import NewVolunteer
from shouwang.desk.volunteers.models import Notice, Volunteer
from shouwang.desk.volunteers.terms import consent

NAME, PHONE = "Wang Lian", "314-555-0148"


@pytest.fixture(autouse=True)
def today(clock: Any) -> None:
    """Links are opened by requests, which have no other clock."""
    clock.now = timezone.now().replace(microsecond=0)


@pytest.fixture
def register(town: Any, clock: Any) -> Callable[..., Any]:
    """Somebody registers themselves; `.code` is what they were told."""
    def registered(**given: Any) -> Any:
        asked = {"id": new_id(), "name": NAME, "how": PHONE, "area": "t/2/b/", "consent": consent().version, **given}
        row: Any = actions.register(now=clock(), new=NewVolunteer(**asked))
        row.code = code_of(row.id)
        return row
    return registered


@pytest.fixture
def confirmed(register: Any, cast: Any, clock: Any) -> Callable[..., Volunteer]:
    """A volunteer whom the office has confirmed."""
    def made(**given: Any) -> Volunteer:
        row = register(**given)
        actions.confirm(actor=cast.office.actor, now=clock(), volunteer_id=row.id)
        row.refresh_from_db()
        row.code = code_of(row.id)
        return row
    return made


@pytest.fixture
def order(cast: Any, town: Any, clock: Any) -> Callable[..., Notice]:
    """The supervisor orders a look-out of two hours (or what is said), on the clock of today."""
    def ordered(*, by: str = "supervisor", **given: Any) -> Notice:
        asked: dict[str, Any] = {"id": new_id(), "kind": "lookout", "about": "child", "area": "t/", "minutes": 120,
                                 "text": "Red coat, blue cap", "reason": "Lost at the market"}
        if given.get("kind", "lookout") != "lookout":
            asked |= {"about": "", "reason": ""}
        return actions.order(actor=getattr(cast, by).actor, now=clock(), new=NewNotice(**{**asked, **given}))
    return ordered


def handed_over() -> list[dict[str, Any]]:
    """What the file channel wrote, oldest first."""
    folder = settings.CONFIG.data / "outbox"
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


@pytest.fixture(autouse=True)
def empty(data_folder: Any) -> None:
    """Nothing lies in the outbox of an earlier test."""
    folder = settings.CONFIG.data / "outbox"
    folder.unlink() if folder.is_file() else shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def outbox(clock: Any) -> Callable[[], list[dict[str, Any]]]:
    """Lets the worker send what is due; the letters that the gateway finds afterwards."""
    def sent() -> list[dict[str, Any]]:
        while actions.deliver(max(clock(), timezone.now())):
            pass
        return handed_over()
    return sent
