"""The run card of a call: its response plan, whom to tell, what to do, and what of it is done."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shouwang.desk.people.facts import names_of
from shouwang.desk.workflow.defaults import named

from .models import Call, CardStep, ResponsePlan
from .plans import alarm_names, case_of, plans

TABLES = {"check": "checklist_items", "tell": "roles"}  # where the words of the lines stand


@dataclass(frozen=True)
class Line:
    """One line: a step to take (`check`) or a role to tell (`tell`). `at`, `by`: when it was done, and who said so."""

    kind: str
    code: str
    text: str
    at: datetime | None
    by: str


@dataclass(frozen=True)
class RunCard:
    """`alarm`: the alarm level in words, "" where the type knows none. Lines in the plan's order, those to tell first;
    what was done for an earlier plan of the call comes last."""

    plan: ResponsePlan | None
    alarm: str
    levels: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def done(self) -> int:
        return sum(line.at is not None for line in self.lines)


def run_card(call: Call) -> RunCard:
    known = plans(call.type_id)
    plan, levels = known.plan(case_of(call)), known.levels(call.type_id)
    done = {(s.kind, s.code): s for s in CardStep.objects.filter(call=call).order_by("at", "id")}
    who = names_of(sorted({s.by for s in done.values()}))
    asked = [("tell", code) for code in plan.notify] + [("check", code) for code in plan.checklist] if plan else []
    lines = [_line(key, done.get(key), who) for key in dict.fromkeys((*asked, *done))]
    return RunCard(plan, alarm_names().get(call.alarm_level, "") if levels else "", levels, tuple(lines))


def _line(key: tuple[str, str], step: CardStep | None, who: dict[str, str]) -> Line:
    kind, code = key
    return Line(kind, code, line_name(kind, code), step.at if step else None, who.get(step.by, "") if step else "")


def line_name(kind: str, code: str) -> str:
    return named(TABLES[kind], code)
