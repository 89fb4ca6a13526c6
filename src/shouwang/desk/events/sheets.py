"""The settings page of event plans, and the names of this room's ids and codes in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.workflow.sheet import Column, Sheet, add

from . import facts
from .forms import PlanForm
from .models import EventPlan, Item, Warning
from .terms import ITEM_STATES, SEVERITY, STATUS, Label, item_name, role_name, told


def _named(table: Mapping[str, Label]) -> Callable[[list[str]], dict[str, str]]:
    return lambda codes: {code: str(table[code]) for code in codes if code in table}


def _plans(codes: list[str]) -> dict[str, str]:
    return {p.code: str(p) for p in EventPlan.objects.filter(code__in=codes)}


def _warnings(ids: list[str]) -> dict[str, str]:
    return {str(i): name for i, name in Warning.objects.filter(id__in=ids).values_list("id", "identifier")}


def _tasks(codes: list[str]) -> dict[str, str]:
    by_code: dict[str, Any] = {t["id"]: t for p in EventPlan.objects.all() for t in p.tasks}
    return {code: told(by_code[code]) for code in codes if code in by_code}


KINDS: Mapping[str, Label] = {"task": _("task"), "objective": _("objective")}
LISTS: Mapping[str, Label] = {"check": _("checklist"), "notify": _("whom to tell")}
assert set(KINDS) == set(Item.KINDS)


def load() -> None:
    names.known_by("event", facts.event_numbers)
    names.known_by("warning", _warnings)
    names.known_by("event-plans", _plans)
    names.known_by("event-task", _tasks)
    names.known_by("plan-role", lambda codes: {code: role_name(code) for code in codes})
    names.known_by("check-item", lambda codes: {code: item_name(code) for code in codes})
    for kind, table in (("item-state", ITEM_STATES), ("item-kind", KINDS), ("tick-list", LISTS),
                        ("warning-level", SEVERITY), ("warning-status", STATUS)):
        names.known_by(kind, _named(table))
    add(
        Sheet(
            key="event-plans",
            title=_("Event plans"),
            order=54,
            model=EventPlan,
            form=PlanForm,
            create=True,
            rows=lambda: list(EventPlan.objects.order_by("code")),
            note=_("What is done about each kind of major event: who commands at which level, who is told, which "
                   "tasks by when. An event keeps the plan it began with."),
            columns=(
                Column(_("Name"), str),
                Column(_("Code"), lambda r: r.code),
                Column(_("Levels"), lambda r: [row["level"] for row in r.levels]),
                Column(_("Tasks"), lambda r: len(r.tasks), numeric=True),
                Column(_("Call types"), lambda r: r.call_types),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
