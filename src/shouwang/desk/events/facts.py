"""Major events and warnings as plain values, for this room, for the pane of a call and for residents' pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.linked import facts as linked
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.moves import cycle

from .models import Command, EventPlan, Item, Joined, Major, Placed, Said, Sector, Tick, Warning
from .terms import COUNTS, LEVELS, capability_name, chinese, item_name, role_name, told

MAY_SEE, MAY_START, MAY_COMMAND = "call.view", "event.start", "event.command"
WORK = (MAY_START, MAY_COMMAND)  # either works the command board
CANCELLED_SHOWN = timedelta(hours=24)


# ---- plans


def plans() -> list[EventPlan]:
    return list(EventPlan.objects.filter(active=True).order_by("code"))


def plan(code: str) -> EventPlan | None:
    return EventPlan.objects.filter(code=code, active=True).first()


def plans_for(call_type: str) -> list[EventPlan]:
    """Plans that a call of this type may start."""
    return [p for p in plans() if call_type in p.call_types]


def level_of(plan: dict[str, Any], level: str) -> dict[str, Any]:
    """The row of one level of an event's plan."""
    return dict(next(row for row in plan["levels"] if row["level"] == level))


def plain_plan(row: EventPlan) -> dict[str, Any]:
    """A plan as an event keeps it from its beginning on."""
    names = ("zh", "en", "kind_zh", "kind_en", "levels", "tasks", "resources", "checklist", "end_zh", "end_en")
    return {name: getattr(row, name) for name in names}


# ---- events


def find(areas: tuple[str, ...], event_id: UUID | str) -> Major | None:
    return Major.objects.filter(in_areas("area", areas), id=event_id).first()


def active(areas: tuple[str, ...]) -> list[Major]:
    """Those under way, the gravest level first, then the oldest."""
    rows = Major.objects.filter(in_areas("area", areas), state="active").order_by("started_at", "id")
    return sorted(rows, key=lambda e: -LEVELS.index(e.level))


def over(areas: tuple[str, ...], limit: int = 30) -> list[Major]:
    return list(Major.objects.filter(in_areas("area", areas), state="over").order_by("-ended_at")[:limit])


def of_call(call_id: UUID | str) -> Major | None:
    """The event that a call belongs to: the one under way, or the last."""
    row = Joined.objects.filter(call=call_id).select_related("event").order_by("-open", "-at").first()
    return row.event if row else None


def event_numbers(ids: list[str]) -> dict[str, str]:
    return {str(i): number for i, number in Major.objects.filter(id__in=ids).values_list("id", "number")}


def card(event: Major) -> dict[str, Any]:
    """What live screens show of an event. No words."""
    late = Item.objects.filter(event=event, late_at__isnull=False, state__in=("open", "doing")).count()
    return {"id": str(event.id), "number": event.number, "zh": event.plan["kind_zh"], "en": event.plan["kind_en"],
            "level": event.level, "state": event.state, "lon": event.lon, "lat": event.lat, "drill": event.drill,
            "started": iso(event.started_at), "late": late, "counts": event.counts, "version": event.version}


def commands_of(event: Major) -> list[Command]:
    """Every passing on of command, the oldest first."""
    return list(Command.objects.filter(event=event).order_by("opened_at", "id"))


def in_command(event: Major) -> Command | None:
    """The command in force: the last one that was taken."""
    return Command.objects.filter(event=event, state="taken").order_by("-taken_at", "-id").first()


def pending(event: Major) -> Command | None:
    """The command that waits for a signature."""
    return Command.objects.filter(event=event, state__in=("due", "given")).first()


def opened(event: Major, field_name: str, sealed: bytes | memoryview) -> str:
    """Words about an event; "" once they are deleted. The caller logs the reading."""
    try:
        return unseal(event.id, field_name, bytes(sealed))
    except Destroyed:
        return ""


@dataclass(frozen=True)
class ItemFact:
    """A task or an objective as it is shown. `owner`: who has it, in words; `late`: past its time and not over."""

    row: Item
    text: str
    owner: str
    late: bool

    @property
    def open(self) -> bool:
        return self.row.state in ("open", "doing")


@dataclass(frozen=True)
class Here:
    """A unit or an agency of an event. `ref`: the unit's id, or that of the agency's task."""

    kind: str
    ref: str
    name: str
    label: str
    call: str
    sector: str = ""
    over: bool = False
    shown: str = ""


@dataclass(frozen=True)
class SectorFact:
    row: Sector
    forces: tuple[Here, ...] = ()
    tasks: tuple[ItemFact, ...] = field(default=())


def items(event: Major, now: datetime, *, kind: str = "") -> list[ItemFact]:
    """Tasks and objectives: what is open first, by its time; then what is over."""
    rows = Item.objects.filter(event=event).select_related("sector").order_by("due_at", "added_at", "id")
    by_code = {t["id"]: t for t in event.plan["tasks"]}
    out = [ItemFact(r, told(by_code[r.code]) if r.code in by_code else opened(event, f"item:{r.id}", r.text) or "…",
                    owner_name(r.owner), bool(r.due_at and r.due_at < now and r.state in ("open", "doing")))
           for r in (rows.filter(kind=kind) if kind else rows)]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(out, key=lambda i: (not i.open, i.row.due_at or far))


def owner_name(owner: str) -> str:
    kind, _colon, code = owner.rpartition(":")
    return names("agency", [code]).get(code, code) if kind == "agency" else role_name(code) if code else ""


def ticks(event: Major, of: str) -> list[tuple[Tick, str]]:
    """A list with its words."""
    say = item_name if of == "check" else role_name
    return [(t, say(t.code)) for t in Tick.objects.filter(event=event, of=of).order_by("place", "id")]


def sectors(event: Major) -> list[Sector]:
    return list(Sector.objects.filter(event=event, removed_at__isnull=True).order_by("id"))


def forces(event: Major) -> list[Here]:
    """Units and agencies of the event's calls, with the sector each is in. Of a unit that was sent twice, the last."""
    sector_of = {(p.kind, str(p.ref)): str(p.sector_id) for p in Placed.objects.filter(
        event=event, sector__removed_at__isnull=True)}
    found: dict[tuple[str, str], Here] = {}
    states, jobs = cycle("assignment"), cycle("linked_task")
    for row in Joined.objects.filter(event=event).order_by("at"):
        call = calls.find(("",), row.call)
        if call is None:
            continue
        sent = calls.detail(call)["assignments"]
        known = {str(u.id): u for u in units.units(ids=[UUID(a["unit"]) for a in sent])}
        for a in sent:
            if (unit := known.get(a["unit"])) is not None:
                found["unit", a["unit"]] = Here(
                    "unit", a["unit"], unit.zh if chinese() else unit.en, states.state_label(a["state"]), call.number,
                    sector_of.get(("unit", a["unit"]), ""), a["ended"] is not None, units.shown(unit.state, a["state"]))
        for task in linked.tasks_of(call.id):
            name = names("agency", [task.agency]).get(task.agency, task.agency)
            found["agency", str(task.id)] = Here(
                "agency", str(task.id), name, jobs.state_label(task.state), call.number,
                sector_of.get(("agency", str(task.id)), ""), task.ended_at is not None)
    return sorted(found.values(), key=lambda h: (h.over, h.kind != "unit", h.name))


def calls_of(event: Major) -> list[Any]:
    ids = Joined.objects.filter(event=event).order_by("at").values_list("call", flat=True)
    return [c for i in ids if (c := calls.find(("",), i)) is not None]


def resources(event: Major) -> list[tuple[str, int]]:
    """What the plan wants there: a capability in words, and how many."""
    return [(capability_name(code), int(n)) for code, n in event.plan["resources"].items()]


def counts(event: Major) -> list[tuple[str, str, int | None]]:
    return [(code, str(label), event.counts.get(code)) for code, label in COUNTS.items()]


def remarks(event: Major) -> dict[str, str]:
    """What was remarked, by the id of the log's event."""
    return {str(r.id): opened(event, f"said:{r.id}", r.text) for r in Said.objects.filter(event=event)}


# ---- warnings


def warning(areas: tuple[str, ...], warning_id: UUID | str) -> Warning | None:
    return Warning.objects.filter(in_areas("area", areas), id=warning_id).first()


def warnings(areas: tuple[str, ...], limit: int = 100) -> list[Warning]:
    """Warnings issued, the newest first."""
    rows = Warning.objects.filter(in_areas("area", areas)).select_related("replaced_by", "event")
    return list(rows.order_by("-sent_at", "-id")[:limit])


def warnings_of(event: Major) -> list[Warning]:
    """Those of one event, the newest first."""
    return list(Warning.objects.filter(event=event).select_related("replaced_by").order_by("-sent_at", "-id"))


def state_of(row: Warning, now: datetime) -> str:
    """in_force, replaced, cancelled, ended, or cancel for the message that cancels."""
    if row.msg_type == "Cancel":
        return "cancel"
    after = getattr(row, "replaced_by", None)
    if after is not None:
        return "cancelled" if after.msg_type == "Cancel" else "replaced"
    return "in_force" if row.expires_at > now else "ended"


def in_force(now: datetime) -> list[Warning]:
    """What residents are to read now: not over, not replaced, no tests; the gravest first."""
    rows = Warning.objects.filter(expires_at__gt=now, replaced_by__isnull=True).exclude(msg_type="Cancel")
    gravest = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
    shown = rows.exclude(status="Test")
    return sorted(shown, key=lambda w: (gravest.index(w.given["severity"]), -w.sent_at.timestamp()))


def lately_cancelled(now: datetime) -> list[Warning]:
    """Messages of the last day that cancel a warning."""
    rows = Warning.objects.filter(msg_type="Cancel", sent_at__gt=now - CANCELLED_SHOWN).exclude(status="Test")
    return list(rows.order_by("-sent_at"))


def public_warning(identifier: str) -> Warning | None:
    return Warning.objects.filter(identifier=identifier).exclude(status="Test").first()


def where(given: dict[str, Any]) -> str:
    """The areas of a warning in words."""
    known = places.area_names()
    said = [known[path].name for path in given["areas"] if path in known]
    return (", " if not chinese() else "、").join([*said, *([_("the area on the map")] if given["ring"] else [])])


def waiting_commands(now: datetime) -> Iterable[Command]:
    """Commands that nobody took in time and of which nobody was told yet."""
    return Command.objects.filter(state__in=("due", "given"), due_at__lt=now, late_at__isnull=True,
                                  event__state="active").select_related("event")


def offered(call: Any, who: Actor) -> dict[str, Any]:
    """For the pane of an open call: the event it belongs to, or the plans that one press starts."""
    major = of_call(call.id)
    if major is not None and major.state == "active":
        return {"major": major}
    plans = [{"id": new_id(), "code": p.code, "name": str(p),
              "levels": [(row["level"], told(row, "when")) for row in p.levels]}
             for p in (plans_for(call.type_id) if who.may(MAY_START, call.area) else [])]
    return {"plans": plans} if plans else {"major": major}
