"""Events that begin at one moment, on a real database."""
from __future__ import annotations

from typing import Any

import pytest

from shouwang.desk.calls import defaults
from shouwang.desk.events import actions
from shouwang.desk.events.models import Major
from shouwang.desk.log.ids import new_id
from tests.desk.calls.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_that_begins_at_once_gets_a_number_of_its_own(cast: Any, town: Any, clock: Any) -> None:
    defaults.load()
    who, now = cast.dispatcher.actor, clock()

    def start(plan: str) -> Any:
        return lambda: actions.start(actor=who, now=now, id=new_id(), plan=plan, lon=-90.222, lat=38.63, key=new_id())

    out = together([start(plan) for plan in ("fire_major", "flood") * 5])
    assert [o for o in out if isinstance(o, Exception)] == []
    assert sorted(Major.objects.values_list("serial", flat=True)) == list(range(1, 11))
