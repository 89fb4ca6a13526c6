"""What a call needs: services, how many units of each, and with which skills. Its response plan says it (plans.py),
what the answers to the guided questions ask for comes on top. What no own kind of unit can do is for linked agencies
and stands in the plan only as a name."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from shouwang.desk.workflow.defaults import split, table

from .models import SERVICES

SKILL = {"police": "police_response", "traffic": "traffic_control", "fire": "fire_first", "guard": "patrol_presence",
         "medical": "first_aid"}  # with it a unit of another service can give a first response
_SHARED = ("first_aid",)  # who comes for something else can bring it
_PATROLS = "patrol_presence"  # the police's by the table; any service that patrols can give it


@dataclass(frozen=True)
class Need:
    """`count` units of a service; `skills`: one of them is enough, none named means any unit of the service. `apart`:
    for a skill that comes on a vehicle of its own, beside the service's first need. Without a service it is met by
    units that come for the others: so many of them hold the skill; `of` names the service that they have to be of."""

    service: str
    count: int = 1
    skills: tuple[str, ...] = ()
    apart: bool = False
    of: str = ""


@cache
def _service_of() -> dict[str, str]:
    return {r["code"]: r["service"] for r in table("capabilities")}


@cache
def _kinds_with() -> dict[str, frozenset[str]]:
    """The kinds of units that hold each skill."""
    return {skill: frozenset(r["code"] for r in table("unit_kinds") if skill in split(r["capabilities"]))
            for skill in _service_of()}


def needs(wanted: Mapping[str, int], ticked: Sequence[str]) -> tuple[Need, ...]:
    """What to look for, service by service in the order ticked: units with its usual or first skill, then those that
    come on vehicles of their own, then the skills that the ones sent have to bring."""
    mine: dict[str, dict[str, int]] = {service: {} for service in ticked}
    for skill, count in wanted.items():
        service = _service_of().get(skill, "")
        if service in mine and skill != _PATROLS and (_kinds_with()[skill] or service == "medical"):
            mine[service][skill] = count
    found: list[Need] = []
    brought: list[Need] = []
    for service, skills in mine.items():
        named = SKILL[service] if SKILL[service] in skills else next(iter(skills), "")
        first = _kinds_with().get(named, frozenset())
        apart = {s: n for s, n in skills.items() if service != "medical" and not _kinds_with()[s] & first}
        together = {s: n for s, n in skills.items() if s not in apart}
        most = max(together.values(), default=1)
        found += [Need(service, most, tuple(together)), *(Need(service, n, (s,), apart=True) for s, n in apart.items())]
        if service != "medical":
            brought += [Need("", n, (s,), of=service) for s, n in together.items() if len(together) > 1]
    brought += [Need("", wanted[s], (s,)) for s in _SHARED if s in wanted and ticked]
    return (*found, *brought)


def services(service: str, wanted: Mapping[str, int]) -> tuple[str, ...]:
    """The services a call is ticked with: that of its type first, then those of its plan and its answers."""
    named = [service, *(_service_of().get(s, "") for s in wanted if s != _PATROLS)]
    return tuple(dict.fromkeys(s for s in named if s in SERVICES))
