"""Two leaders sign at once, on a real database."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from shouwang.desk.log.errors import Refused
from shouwang.desk.roster import actions
from shouwang.desk.roster.models import Roster, Turn

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = date(2026, 12, 7)
NIGHT, DAY, OFF = 2, 0, -1


def test_rosters_of_weeks_next_to_each_other_signed_at_once_leave_the_rest_between_them(
    ask: Any, crew: list[str], cast: Any, town: Any
) -> None:
    rosters = [ask(gaps=True), ask(gaps=True, first=MONDAY + timedelta(days=7))]
    for roster, mine in zip(rosters, ([*[OFF] * 6, NIGHT], [DAY, *[OFF] * 6]), strict=True):
        rows = dict.fromkeys(crew, [OFF] * 7) | {crew[0]: mine}
        Roster.objects.filter(id=roster.id).update(state="done", rows=rows, figures={"status": "feasible"})
    start, said = threading.Barrier(2), []
    leader = cast.supervisor.actor

    def sign(roster: Roster) -> None:
        try:
            start.wait(30)
            actions.publish(actor=leader, now=town.now, roster_id=roster.id, version=roster.version)
        except Refused as refused:
            said.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(roster,)) for roster in rosters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (said, Turn.objects.count()) == (["broken"], 1)
