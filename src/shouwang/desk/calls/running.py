"""The command bar's line made into a decision on today's rows, and the decision carried out by the room's actions."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.gate import in_areas
from shouwang.desk.people import nav
from shouwang.desk.units import actions as unit_actions
from shouwang.desk.units import facts as unit_facts
from shouwang.desk.workflow.moves import Cycle, cycle

from . import actions, facts
from .buttons import Seen, buttons_of
from .commands import Choices, Decision, Named, parse
from .models import CALL_OPEN, AlarmLevel, Assignment, Call
from .terms import DISPOSITIONS, SEVERITIES, TARGETS


def decide(actor: Actor, line: str, selected: UUID | None, seen: Sequence[Seen] = ()) -> Decision:
    """What the line means to this person now: only what lies in their areas can be named."""
    sees = actor.areas(facts.MAY_SEE)
    rows = Call.objects.filter(in_areas("area", sees)).only("id", "number", "state")
    open_rows = list(rows.filter(state__in=CALL_OPEN).order_by("-day", "-serial"))
    chosen = rows.filter(id=selected).first() if selected else None
    recent = list(rows.exclude(state__in=CALL_OPEN).order_by("-day", "-serial")[:200])
    levels = [Named(str(n), (str(label), str(n))) for n, label in SEVERITIES.items()]
    alarms = [Named(str(r.level), (str(r), str(r.level), r.zh, r.en)) for r in AlarmLevel.objects.all()]
    return parse(line, Choices(
        levels=levels, alarms=alarms, targets=[Named(code, (str(label), code)) for code, label in TARGETS.items()],
        pages=[Named(e.route, (str(e.label), e.route)) for e in nav.entries(actor)],
        calls=[_named_call(c) for c in (*open_rows, *recent)],
        units=[Named(str(u.id), tuple(dict.fromkeys((_name(u.zh, u.en), u.code, u.zh, u.en))))
               for u in unit_facts.units(areas=actor.areas(unit_actions.MAY_SEE))],
        moves=_moves(), results=[Named(code, (str(label), code)) for code, label in DISPOSITIONS.items()],
        selected=_named_call(chosen) if chosen else None, buttons=buttons_of(seen)))


def _named_call(call: Call) -> Named:
    return Named(str(call.id), (call.number, call.number.split("-")[-1], call.number.split("-")[-1].lstrip("0")))


def _name(zh: str, en: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


def _moves() -> list[Named]:
    """Every state that a unit or its task can be put into, by its short name, in both languages."""
    found: list[Named] = []
    for rules in (cycle("unit"), cycle("assignment")):
        for t in rules.transitions.values():
            state = rules.states[t.target]
            if t.id not in ("u_busy",) and not any(n.id == f"{rules.code}:{t.target}" for n in found):
                names = (rules.state_label(t.target), state.get("key", t.target), t.target, state["zh"], state["en"],
                         t.zh, t.en)
                found.append(Named(f"{rules.code}:{t.target}", tuple(dict.fromkeys(names))))
    return found


def run(decision: Decision, *, actor: Actor, now: datetime, key: UUID | None, reason: str) -> str:
    """Does what the sentence said. Returns the page to go to, "" to stay."""
    given: dict[str, Any] = {"actor": actor, "now": now, "key": key}
    if decision.verb in _OF_CALL:
        _OF_CALL[decision.verb]({**given, "call_id": decision.call}, decision)
    elif decision.verb == "dispatch":
        why = reason or decision.text
        actions.assign_units(**given, call_id=decision.call, unit_ids=decision.units, reason=why)
    elif decision.verb == "merge":
        actions.merge_call(**given, call_id=decision.call, main_id=decision.main)
    elif decision.verb == "close":
        actions.close_call(**given, call_id=decision.call, disposition=decision.value, note=decision.text)
    elif decision.verb == "state":
        _set_state(decision, given)
    elif decision.verb == "down":
        actions.stand_down(**given, assignment_id=_task_of(decision.units[0]).id, reason=decision.text)
    elif decision.verb == "ring":
        return f"{reverse('cordon')}?call={decision.call}"
    elif decision.verb == "new":
        return reverse("call.new")
    elif decision.verb == "open":
        return reverse(decision.value)
    return ""


_OF_CALL: dict[str, Callable[[dict[str, Any], Decision], Any]] = {
    "pull": lambda given, d: actions.pull_unit(**given, unit_id=d.units[0]),
    "note": lambda given, d: actions.add_note(**given, text=d.text),
    "message": lambda given, d: actions.send_message(**given, text=d.text),
    "cancel": lambda given, d: actions.cancel_call(**given, reason=d.text),
    "reopen": lambda given, d: actions.reopen_call(**given, reason=d.text),
    "unmerge": lambda given, d: actions.unmerge_call(**given),
    "endring": lambda given, d: actions.end_cordon(**given, reason=d.text),
    "level": lambda given, d: actions.upgrade(**given, severity=int(d.value), reason=d.text),
    "alarm": lambda given, d: actions.raise_alarm(**given, level=int(d.value), reason=d.text),
    "pass": lambda given, d: actions.transfer_call(**given, target=d.value, receiver=d.text),
}


def _set_state(decision: Decision, given: dict[str, Any]) -> None:
    """A unit on a call moves its task, another its own state: by the one transition that leads there."""
    code, target = decision.value.split(":")
    unit = decision.units[0]
    if code == "unit":
        state = unit_actions.visible(given["actor"], unit).state
        unit_actions.set_state(**given, unit_id=unit, transition=_leads(cycle("unit"), state, target))
        return
    task = _task_of(unit)
    transition = _leads(cycle("assignment"), task.state, target)
    if transition == "a_stand_down":
        actions.stand_down(**given, assignment_id=task.id)
    else:
        actions.move_assignment(**given, assignment_id=task.id, transition=transition)


def _task_of(unit: str) -> Assignment:
    task = Assignment.objects.filter(unit=unit, ended_at__isnull=True).first()
    if task is None:
        raise Conflict(_("This unit is on no call."), code="unit_state")
    return task


def _leads(rules: Cycle, state: str, target: str) -> str:
    found = next((t.id for t in rules.moves_from(state) if t.target == target), None)
    if found is None:
        raise Conflict(_("From %(old)s it cannot become %(new)s.") % {
            "old": rules.state_label(state), "new": rules.state_label(target)}, code="unit_state")
    return found
