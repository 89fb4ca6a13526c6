"""What a unit or a call was, moment by moment, put together from what was written down about it. Pure functions;
times are seconds after the beginning of the span, steps are (time, value …) in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shouwang.desk.units.facts import shown

ON_DUTY, OFF_DUTY = "available", "off_duty"
CALL_STATES = {  # events after which a call is in a state, whatever else they changed
    "call.assigned": "responding", "call.closed": "closed", "call.cancelled": "cancelled",
    "call.transferred": "transferred", "call.merged": "merged", "call.unmerged": "waiting",
    "call.reopened": "waiting",
}  # fmt: skip

UnitStep = tuple[float, str, str | None]


def of_unit(
    duty: Iterable[tuple[float, float | None]],
    states: Iterable[tuple[float, str]],
    tasks: Iterable[tuple[float, float | None, float | None, str]],
    *,
    until: float,
) -> list[UnitStep]:
    """How a unit was drawn: (time, shown, call).

    duty: spans with somebody on duty (from, to); states: set by hand (time, state); tasks: (assigned, on scene, ended,
    call). A unit whose task ends is available, whatever it was before; nobody on duty makes it off duty.
    """
    changes: list[tuple[float, int, str, str, str | None]] = []  # time, rank among equals, state, stage, call
    for start, end in _joined(duty):
        changes.append((start, 0, ON_DUTY, "", None))
        if end is not None:
            changes.append((end, 4, OFF_DUTY, "", None))
    changes += [(at, 1, state, "", None) for at, state in states]
    for assigned, on_scene, ended, own in tasks:
        changes.append((assigned, 2, "busy", "assigned", own))
        if on_scene is not None:
            changes.append((on_scene, 2, "busy", "on_scene", own))
        if ended is not None:
            changes.append((ended, 3, ON_DUTY, "", None))
    steps: list[UnitStep] = []
    for at, _rank, state, stage, call in sorted(changes, key=lambda c: c[:2]):
        if at < until:
            _add(steps, (at, shown(state, stage), call))
    return _from_start(steps, (0.0, "off", None))


def of_call(received: float, assigned: float | None, events: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """The states of a call: (time, state). received, assigned: when it came and the first unit was sent, should that be
    older than its `events` (time, kind)."""
    told = [(at, CALL_STATES[kind]) for at, kind in events if kind in CALL_STATES]
    steps = [(received, "waiting")]
    if assigned is not None and (not told or assigned < told[0][0]):
        steps.append((assigned, "responding"))
    return steps + told


def levels(now: int, changes: Sequence[tuple[float, int, int]]) -> list[tuple[float, int]]:
    """How urgent a call was: (time, severity), taken back from what it is `now` through its later changes (time, old,
    new), which are in order of time."""
    first = changes[0][1] if changes else now
    return [(float("-inf"), first), *((at, new) for at, _old, new in changes)]


def _joined(spans: Iterable[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Spans of the people of a crew as spans of the unit."""
    out: list[tuple[float, float | None]] = []
    for start, end in sorted(spans, key=lambda s: s[0]):
        if out and (out[-1][1] is None or start <= out[-1][1]):
            last = out[-1][1]
            out[-1] = (out[-1][0], None if last is None or end is None else max(last, end))
        else:
            out.append((start, end))
    return out


def _add(steps: list[UnitStep], step: UnitStep) -> None:
    if not steps or steps[-1][1:] != step[1:]:
        steps.append(step)


def _from_start(steps: list[UnitStep], empty: UnitStep) -> list[UnitStep]:
    """Of what lies before the span only the last step counts: it is what the span begins with."""
    before = [s for s in steps if s[0] <= 0]
    return [(0.0, *(before[-1] if before else empty)[1:]), *(s for s in steps if s[0] > 0)]
