"""What units and calls were, moment by moment, as plain tables of cases."""
from __future__ import annotations

import pytest

from shouwang.desk.replay.steps import levels, of_call, of_unit

UNIT = {
    "nobody ever on duty": ([], [], [], [(0, "off", None)]),
    "on duty since before, at a post": ([(-9000, None)], [(-50, "at_post")], [], [(0, "post", None)]),
    "clocked on within": ([(60, None)], [], [], [(0, "off", None), (60, "free", None)]),
    "two of a crew overlap: one span": ([(-90, 100), (50, 300)], [], [], [(0, "free", None), (300, "off", None)]),
    "a gap between two crews": (
        [(-90, 100), (200, None)], [], [], [(0, "free", None), (100, "off", None), (200, "free", None)]),
    "a task begun before, over within": (
        [(-90, None)], [(-60, "at_post")], [(-30, 20, 90, "c")],
        [(0, "route", "c"), (20, "scene", "c"), (90, "free", None)]),
    "a task that lasts": ([(-90, None)], [], [(30, None, None, "c")], [(0, "free", None), (30, "route", "c")]),
    "what comes after the span is left out": ([(-90, None)], [(4000, "on_break")], [], [(0, "free", None)]),
    "a break": ([(-90, None)], [(10, "on_break"), (70, "available")], [],
                [(0, "free", None), (10, "busy", None), (70, "free", None)]),
}  # fmt: skip


@pytest.mark.parametrize("case", UNIT)
def test_what_a_unit_was(case: str) -> None:
    duty, states, tasks, wanted = UNIT[case]
    assert of_unit(duty, states, tasks, until=3600) == wanted


CALL = {
    "came and waits": (5, None, [], [(5, "waiting")]),
    "under way before the log is read": (-90_000, -80_000, [(60, "call.closed")],
                                         [(-90_000, "waiting"), (-80_000, "responding"), (60, "closed")]),
    "answered within": (5, 20, [(20, "call.assigned"), (30, "call.noted")], [(5, "waiting"), (20, "responding")]),
    "closed before, opened again within": (
        -500, -400, [(-400, "call.assigned"), (-100, "call.closed"), (50, "call.reopened")],
        [(-500, "waiting"), (-400, "responding"), (-100, "closed"), (50, "waiting")]),
}  # fmt: skip


@pytest.mark.parametrize("case", CALL)
def test_what_a_call_was(case: str) -> None:
    received, assigned, events, wanted = CALL[case]
    assert of_call(received, assigned, events) == wanted


def test_how_urgent_it_was_is_taken_back_from_what_it_is() -> None:
    assert [level for _at, level in levels(3, [])] == [3]
    found = levels(1, [(10, 3, 2), (70, 2, 1)])
    assert found[1:] == [(10, 2), (70, 1)] and found[0][1] == 3
