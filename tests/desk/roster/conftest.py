"""A crew of six, the planner's question for a week, and a search that ends with the first roster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shouwang.desk.log.ids import new_id
from shouwang.desk.roster import actions, jobs
from shouwang.desk.roster.models import Roster
from shouwang.desk.roster.terms import Chosen, Needed, Question

MONDAY = date(2026, 12, 7)
SHIFTS = ("07:00", "15:00", "23:00")


@pytest.fixture
def crew(cast: Any, town: Any) -> list[str]:
    """Ids of six members of "t/1/a/", each once clocked on with a patrol car."""
    return hire(town, 6)


def hire(town: Any, count: int) -> list[str]:
    from shouwang.desk.people.models import Grant, Role, User
    from shouwang.desk.units.models import Duty

    role, ids = Role.objects.get(code="patrol_officer"), []
    for n in range(count):
        user = User(username=f"crew{n}", name=f"Crew {n}", staff_no=f"{n:03}")
        user.set_unusable_password()
        user.save()
        Grant.objects.create(user=user, role=role, area="t/1/a/")
        at = town.now - timedelta(days=1, minutes=n)
        Duty.objects.create(unit=town.units["P01"], user=user.id, on_at=at, off_at=at + timedelta(hours=8))
        ids.append(str(user.id))
    return ids


@pytest.fixture(autouse=True)
def enough(db: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The search ends with the first roster for which `enough.when` holds: with the very first, unless told."""
    enough, real = SimpleNamespace(when=lambda rows: True), actions.better

    def better(roster: Roster, found: Any) -> None:
        real(roster, found)
        if enough.when(found.rows):
            Roster.objects.filter(id=roster.id).update(cancel=True)

    monkeypatch.setattr(actions, "better", better)
    monkeypatch.setattr(jobs, "LOOK_S", 0.05)
    return enough


@pytest.fixture
def ask(cast: Any, town: Any, crew: list[str]) -> Callable[..., Any]:
    """`ask(gaps=True)` asks as the planner for a week of three shifts with one member on in each."""
    def asked(ids: list[str] | None = None, count: int = 1, **changes: Any) -> Any:
        given = {
            "area": "t/1/", "first": MONDAY, "days": 7, "people": tuple(Chosen(i, "police") for i in ids or crew),
            "needs": tuple(Needed("police", s, count, count) for s in SHIFTS), **changes,
        }  # fmt: skip
        return actions.ask(actor=cast.planner.actor, now=town.now, id=new_id(), question=Question(**given))

    return asked


@pytest.fixture
def enter(cast: Any, town: Any) -> Callable[..., Any]:
    """`enter(user, "away", 2)` enters something for the third day of the week."""
    def entered(user: str, kind: str, day: int = 0, days: int = 1, **more: Any) -> Any:
        given = {"area": "t/1/", "user": user, "kind": kind, "first": MONDAY + timedelta(days=day),
                 "last": MONDAY + timedelta(days=day + days - 1), **more}  # fmt: skip
        return actions.enter(actor=cast.planner.actor, now=town.now, id=new_id(), **given)

    return entered


@pytest.fixture
def publish(cast: Any, town: Any) -> Callable[[Roster], Roster]:
    """`publish(ask())`: made by the worker and signed off."""
    def published(roster: Roster) -> Roster:
        assert jobs.run_one(town.now)
        roster.refresh_from_db()
        assert roster.state == "done", roster.error
        return actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)

    return published
