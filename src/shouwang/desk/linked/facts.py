"""Tasks of linked agencies as plain values, for this room and for the pane of a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID

from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.agencies import agencies
from shouwang.desk.workflow.models import Agency
from shouwang.desk.workflow.moves import Transition, cycle, timer_flag

from .models import Said, Seat, Task
from .terms import BY_AGENCY, ENDED

MAY_SEE, MAY_SEND, MAY_ANSWER = "call.view", "task.send", "task.answer"
OVER_SHOWN = timedelta(hours=12)
TIMERS = {"ack": "t_task_ack", "report": "t_task_report"}


def agency_of(user: str) -> str:
    """The code of the agency that an account answers for, "" for none."""
    try:
        return Seat.objects.filter(user=UUID(user)).values_list("agency", flat=True).first() or ""
    except ValueError:  # a centre's own process, a link
        return ""


def due(task: Task) -> tuple[str, datetime] | None:
    """What has to happen next by when: ("ack" or "report", time); None where nothing runs."""
    if task.state == "sent" and task.ack_due:
        return "ack", task.ack_due
    if task.state in ("acknowledged", "enroute", "on_scene") and task.report_due:
        return "report", task.report_due
    return None


def card(task: Task) -> dict[str, Any]:
    return cards([task])[0]


def cards(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """What live screens show of tasks. No words."""
    known = agencies()
    return [_card(t, known.get(t.agency)) for t in tasks]


def _card(task: Task, known: Agency | None) -> dict[str, Any]:
    next_due = due(task)
    return {
        "id": str(task.id), "call": str(task.call), "agency": task.agency, "zh": known.zh if known else task.agency,
        "en": known.en if known else task.agency, "severity": task.severity, "state": task.state,
        "sent": iso(task.sent_at), "due": iso(next_due[1]) if next_due else None, "late": task.late or None,
        "escalated": iso(task.escalated_at), "version": task.version,
    }


def open_cards(areas: tuple[str, ...]) -> list[dict[str, Any]]:
    """Cards of the tasks that are not over."""
    return cards(open_tasks(areas))


def open_tasks(areas: tuple[str, ...]) -> list[Task]:
    """Those that are not over: passed up first, then what is due first."""
    rows = Task.objects.filter(in_areas("area", areas), ended_at__isnull=True)
    return sorted(rows, key=lambda t: (t.escalated_at is None, d[1].timestamp() if (d := due(t)) else inf, t.sent_at))


def over_tasks(areas: tuple[str, ...], since: datetime) -> list[Task]:
    return list(Task.objects.filter(in_areas("area", areas), ended_at__gte=since).order_by("-ended_at"))


def of_agency(areas: tuple[str, ...], agency: str, since: datetime) -> list[Task]:
    """Tasks of one agency: open ones, then those that ended since then."""
    rows = Task.objects.filter(in_areas("area", areas), agency=agency)
    return [*rows.filter(ended_at__isnull=True).order_by("sent_at"), *rows.filter(ended_at__gte=since)
            .order_by("-ended_at")]


def find(areas: tuple[str, ...], task_id: UUID | str) -> Task | None:
    return Task.objects.filter(in_areas("area", areas), id=task_id).first()


def tasks_of(call_id: UUID | str) -> list[Task]:
    """Every task of a call, in the order in which they were sent."""
    return list(Task.objects.filter(call=call_id).order_by("sent_at", "id"))


def words_of(tasks: Iterable[Task]) -> dict[str, str]:
    """What was said about these tasks, by the id of its event; "" where it is deleted. The caller logs the reading."""
    out: dict[str, str] = {}
    for row in Said.objects.filter(task__in=[t.id for t in tasks]).select_related("task").order_by("at", "id"):
        try:
            out[str(row.id)] = unseal(row.task.call, f"linked:{row.id}", bytes(row.text))
        except Destroyed:
            out[str(row.id)] = ""
    return out


def last_words(task: Task) -> str:
    """The newest words about a task: what is asked, why it was returned, or what came of it."""
    row = Said.objects.filter(task=task).order_by("-at", "-id").first()
    return words_of([task]).get(str(row.id), "") if row else ""


@dataclass(frozen=True)
class Row:
    """An agency of a call as the desk shows it: asked (`task`), or only named by the plan."""

    agency: Agency
    task: Task | None
    label: str
    due: datetime | None
    flag: str  # what was missed, in words
    mine: Sequence[Transition]  # moves of the desk
    told: Sequence[Transition]  # moves that the agency makes, or the desk when it says so by telephone
    words: str

    @property
    def open(self) -> bool:
        return self.task is not None and self.task.state not in ENDED


def rows_of(call_id: UUID | str, planned: Sequence[str]) -> list[Row]:
    """Agencies of a call: those asked, then those that the plan or the answers name and nobody has asked yet."""
    tasks = tasks_of(call_id)
    open_ones = {t.agency for t in tasks if t.ended_at is None}
    asked = [t for t in tasks if t.ended_at is None or t.agency not in open_ones]
    newest = {t.agency: t for t in asked}  # of several that are over the last one
    known = agencies()
    return rows(newest.values()) + [Row(known[code], None, "", None, "", (), (), "") for code in planned
                   if code in known and known[code].active and code not in newest]


def row(task: Task) -> Row:
    return rows([task])[0]


def rows(tasks: Iterable[Task]) -> list[Row]:
    known = agencies()
    return [_row(t, known.get(t.agency) or Agency(code=t.agency, zh=t.agency, en=t.agency)) for t in tasks]


def _row(task: Task, agency: Agency) -> Row:
    states, next_due = cycle("linked_task"), due(task)
    moves = states.moves_from(task.state)
    told = sorted((m for m in moves if m.may == MAY_ANSWER), key=lambda m: BY_AGENCY.index(m.id))
    return Row(agency, task, states.state_label(task.state), next_due[1] if next_due else None,
               timer_flag(TIMERS[task.late]) if task.late else "", [m for m in moves if m.may == MAY_SEND], told,
               last_words(task))
