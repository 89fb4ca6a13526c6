"""A roster is signed off by the rules as things are then: leave entered since, and the turns published around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.roster import actions, jobs
from shouwang.desk.roster.models import Roster, Turn
from shouwang.desk.roster.terms import Between

MONDAY = date(2026, 12, 7)
NEXT = MONDAY + timedelta(days=7)
DAY, LATE, NIGHT, OFF = 0, 1, 2, -1
FREE = [OFF] * 7


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def draft(ask: Any, crew: list[str]) -> Callable[..., Roster]:
    """`draft([NIGHT, …])`: a finished draft of a week in which the first of the crew has these turns, and nobody else
    any; gaps are allowed."""
    def drafted(mine: list[int], **changes: Any) -> Roster:
        roster = ask(gaps=True, **changes)
        rows = dict.fromkeys(crew, FREE[: roster.days]) | {crew[0]: mine}
        Roster.objects.filter(id=roster.id).update(
            state="done", rows=rows, figures={"status": "feasible", "objective": 1, "bound": 0, "gap": 1})
        roster.refresh_from_db()
        return roster

    return drafted


@pytest.fixture
def sign(cast: Any, town: Any) -> Callable[[Roster], Roster]:
    def signed(roster: Roster) -> Roster:
        return actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)

    return signed


def test_leave_entered_after_the_draft_is_kept(draft: Any, sign: Any, enter: Any, crew: list[str]) -> None:
    roster = draft([OFF, OFF, DAY, *[OFF] * 4])
    leave = enter(crew[0], "away", 2)
    with pytest.raises(Refused) as refused:
        sign(roster)
    assert refused.value.code == "broken"
    says = str(refused.value)
    assert "Crew 0, 2026-12-09: members are away on the days that were entered" in says
    with translation.override("zh-hans"), pytest.raises(Refused) as refused:
        sign(roster)
    assert "Crew 0 2026-12-09：" in str(refused.value)
    roster.refresh_from_db()
    assert (roster.published_at, Turn.objects.count()) == (None, 0)
    leave.delete()
    assert sign(roster).published_at is not None


@pytest.mark.parametrize("first", [0, 1])
def test_rest_is_kept_between_rosters_whichever_is_signed_first(first: int, draft: Any, sign: Any) -> None:
    """On Sunday 23:00 to 07:00, on Monday from 07:00: no rest at all."""
    both = [draft([*[OFF] * 6, NIGHT]), draft([DAY, *[OFF] * 6], first=NEXT)]
    sign(both[first])
    with pytest.raises(Refused) as refused:
        sign(both[1 - first])
    assert "Crew 0, 2026-12-14: hours of rest between two shifts" in str(refused.value)
    assert Turn.objects.count() == 1
    roster = both[1 - first]
    roster.refresh_from_db()
    assert roster.published_at is None


def test_rest_is_kept_after_duties_that_this_roster_has_not(draft: Any, sign: Any) -> None:
    """Until Sunday's midnight by a duty between the shifts of the other roster, on Monday from 07:00."""
    before = draft([*[OFF] * 6, 2], between=(Between("16:00", 8),))
    assert before.given["duties"][2]["start"] == "16:00"
    after = draft([DAY, *[OFF] * 6], first=NEXT)
    sign(before)
    with pytest.raises(Refused) as refused:
        sign(after)
    assert "hours of rest between two shifts" in str(refused.value)


@pytest.mark.parametrize("first", [0, 1])
def test_rows_of_days_go_on_over_the_end_of_a_roster(first: int, draft: Any, sign: Any) -> None:
    both = [draft([OFF, OFF, OFF, *[DAY] * 4]), draft([*[DAY] * 4, OFF, OFF, OFF], first=NEXT)]
    sign(both[first])
    with pytest.raises(Refused) as refused:
        sign(both[1 - first])
    assert "not too many days of duty in a row" in str(refused.value)


def test_two_rosters_of_the_same_days_leave_a_day_of_rest(draft: Any, sign: Any) -> None:
    sign(draft([*[DAY] * 3, *[OFF] * 4]))
    with pytest.raises(Refused) as refused:
        sign(draft([OFF, OFF, OFF, *[DAY] * 4]))
    assert "a day of rest each week" in str(refused.value)
    with pytest.raises(Conflict) as twice:
        sign(draft([DAY, *[OFF] * 6]))
    assert twice.value.code == "twice"
    assert sign(draft([OFF, OFF, OFF, DAY, DAY, OFF, OFF])).published_at is not None


def test_a_roster_within_the_rules_beside_its_neighbours_is_signed(draft: Any, sign: Any) -> None:
    """Six days in a row over the end of the first, which is signed last."""
    assert sign(draft([LATE, LATE, NIGHT, NIGHT, OFF, OFF, OFF], first=NEXT)).published_at is not None
    assert sign(draft([DAY, DAY, OFF, OFF, OFF, DAY, LATE])).published_at is not None


def test_a_change_of_a_published_roster_is_judged_the_same(draft: Any, sign: Any, enter: Any, crew: list[str],
                                                           cast: Any, town: Any) -> None:  # fmt: skip
    week = sign(draft([DAY, DAY, DAY, *[OFF] * 4]))
    change = actions.replan(actor=cast.planner.actor, now=town.now, id=new_id(), roster_id=week.id, user=crew[1],
                            first=MONDAY + timedelta(days=2), last=MONDAY + timedelta(days=2))  # fmt: skip
    rows = {user: [OFF] * change.days for user in crew} | {crew[0]: [DAY, OFF, OFF, OFF, OFF]}
    rows[crew[2]] = [OFF, OFF, OFF, OFF, NIGHT]
    assert jobs.run_one(town.now)
    Roster.objects.filter(id=change.id).update(state="done", rows=rows)
    change.refresh_from_db()
    enter(crew[2], "away", 6)
    with pytest.raises(Refused) as refused:
        sign(change)
    assert "Crew 2, 2026-12-13" in str(refused.value)
    assert Turn.objects.count() == 3


def test_a_day_set_by_hand_is_judged_by_leave_as_it_is(draft: Any, enter: Any, crew: list[str], cast: Any,
                                                       town: Any) -> None:  # fmt: skip
    roster = draft(FREE)
    enter(crew[0], "away", 2)
    with pytest.raises(Refused) as refused:
        actions.edit(actor=cast.planner.actor, now=town.now, roster_id=roster.id, version=roster.version, user=crew[0],
                     day=MONDAY + timedelta(days=2), shift="07:00")
    assert refused.value.code == "absent"
