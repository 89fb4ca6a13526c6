"""One life cycle serves everything that has states: what stands in the table is what can be done, and no more."""

from __future__ import annotations

import pytest

from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.workflow.models import Lifecycle
from shouwang.desk.workflow.moves import cycle

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("code", "steps", "end"), [
    ("finding", ("f_order", "f_mend", "f_claim", "f_fail", "f_mend", "f_claim", "f_pass"), "rechecked"),
    ("finding", ("f_order", "f_up", "f_remove"), "removed"),
    ("matter", ("m_accept", "m_assign", "m_start", "m_answer", "m_check", "m_close"), "closed"),
    ("joint_task", ("j_accept", "j_done", "j_confirm"), "confirmed"),
])  # fmt: skip
def test_steps_lead_on_only_from_where_the_table_says(rules: None, code: str, steps: tuple[str, ...], end: str) -> None:
    it = cycle(code)
    state = it.initial
    for step in steps:
        move = it.transitions[step]
        for other in it.transitions.values():
            if state not in other.sources:
                with pytest.raises(Conflict):
                    it.check(other.id, state=state, given=other.needs)
        if move.needs:
            with pytest.raises(Refused) as refused:
                it.check(step, state=state, given=move.needs[1:])
            assert refused.value.field == move.needs[0]
        state = it.check(step, state=state, given=move.needs).target
    assert state == end


def test_every_table_ends_somewhere_from_everywhere(rules: None) -> None:
    for code in Lifecycle.objects.values_list("code", flat=True):
        it = cycle(code)
        for start in it.states:
            seen, edge = {start}, [start]
            while edge:
                edge = [m.target for s in edge for m in it.moves_from(s) if m.target not in seen]
                seen |= set(edge)
            assert any(map(it.terminal, seen)) or not any(map(it.terminal, it.states)), (code, start)
