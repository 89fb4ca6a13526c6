"""A brigade in the small town: squadrons in t/1/ and t/2/, a team in each community, and a way to take people on."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest

from shouwang.desk.brigades import actions
from shouwang.desk.brigades.models import Member, Team
from shouwang.desk.brigades.terms import FIRST, Contract, Hired, TeamGiven
from shouwang.desk.log.ids import new_id
from shouwang.desk.people.models import User

TREE = (("B", "brigade", "t/", ""), ("S1", "squadron", "t/1/", "B"), ("S2", "squadron", "t/2/", "B"),
        ("TA", "team_urban", "t/1/a/", "S1"), ("TB", "team_urban", "t/2/b/", "S2"))


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    """Everybody hired gets a first password; how hard it is to guess is no matter here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teams(town: Any, cast: Any, clock: Any) -> dict[str, Team]:
    return {code: actions.save_team(actor=cast.hr.actor, now=clock(), id=new_id(),
                                    given=TeamGiven(code, rank, f"{code}队", f"Team {code}", area, above))
            for code, rank, area, above in TREE}


@pytest.fixture
def taken(teams: dict[str, Team], cast: Any, clock: Any) -> Callable[..., Member]:
    """Takes somebody into a team: by default a property guard, who needs no public notice."""
    numbers = count(1)

    def taken(team: str = "TA", kind: str = "property_guard", **given: Any) -> Member:
        n = next(numbers)
        values = {"name": f"Member {n}", "username": f"m{n}", "badge": f"{n:04}", "armband": f"A{n}",
                  "since": date(2026, 3, 1), "contract": Contract(), "kind": kind} | given
        row = actions.hire(actor=cast.hr.actor, now=clock(), id=new_id(), team_id=teams[team].id, of_age=True,
                           given=Hired(**values)).member
        User.objects.filter(id=row.user).update(password_given=False)  # they have changed it
        return row

    return taken


@pytest.fixture
def teach(cast: Any, clock: Any) -> Callable[..., Any]:
    """Enters lessons, all of those before the first duty unless told which."""
    def teach(*members: Member, taught: tuple[str, ...] = FIRST, passed: bool | None = True, course: str = "first",
              day: date = date(2026, 3, 2)) -> None:
        for subject in taught:
            actions.teach(actor=cast.hr.actor, now=clock(), passed={str(m.id): passed for m in members}, course=course,
                          taught=subject, day=day, hours=4)

    return teach
