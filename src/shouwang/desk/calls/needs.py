"""What a type of call needs: services, how many units of each, and with which skill (data/domain/response_plans.csv,
the first alarm). What no own kind of unit can do is for linked agencies and stands here only as a name."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from shouwang.desk.workflow.defaults import split, table

from .models import SERVICES

SKILL = {"police": "police_response", "traffic": "traffic_control", "fire": "fire_first", "guard": "patrol_presence",
         "medical": "first_aid"}  # with it a unit of another service can give a first response
SHARED = ("first_aid",)  # who comes for something else can bring it
_PATROLS = "patrol_presence"  # the police's by the table; any service that patrols can give it


@dataclass(frozen=True)
class Need:
    """`count` units of a service; `skills`: one of them is enough, none named means any unit of the service. Without a
    service it is met by units that come for the others: so many of them, whatever their service, hold the skill."""

    service: str
    count: int = 1
    skills: tuple[str, ...] = ()


@cache
def _service_of() -> dict[str, str]:
    return {r["code"]: r["service"] for r in table("capabilities")}


@cache
def plan(type: str) -> tuple[Need, ...]:
    """What the first alarm of a type sends by the response plans: its own row, else that of its class; () for none."""
    rows = [r for r in table("response_plans") if r["call_type"] in (type, type[:2]) and not r["place_flag"]
            and r["alarm_level"] in ("", "1")]
    row = next((r for r in sorted(rows, key=lambda r: -len(r["call_type"]))), None)
    counts: dict[str, int] = {}
    skills: dict[str, list[str]] = {}
    shared = []
    for need in split(row["needs"]) if row else []:
        skill, count = need.split(":")
        service = _service_of().get(skill, "")
        if service in SERVICES and skill != _PATROLS:
            counts[service] = max(counts.get(service, 0), int(count))
            skills.setdefault(service, []).append(skill)
        if skill in SHARED:
            shared.append(Need("", int(count), (skill,)))
    return (*(Need(s, n, tuple(skills[s])) for s, n in counts.items()), *shared)


def needs(type: str, service: str, ticked: tuple[str, ...]) -> tuple[Need, ...]:
    """One need per service ticked, in their order: as the plan of the type says, else one unit of the service. Then the
    skills that one of these has to bring."""
    planned = {n.service: n for n in plan(type) if n.service}
    return (*(planned.get(s, Need(s)) for s in ticked), *(n for n in plan(type) if not n.service and ticked))


def services(type: str, service: str) -> tuple[str, ...]:
    """The services a new call of this type is ticked with: its own first, then those of the plan."""
    named = [s for s in (service, *(n.service for n in plan(type))) if s in SERVICES]
    return tuple(dict.fromkeys(named))
