"""What one watch leaves to the next, as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.desk.calls import facts as calls
from shouwang.desk.closures import facts as closures
from shouwang.desk.linked import facts as linked
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.matters import facts as matters
from shouwang.desk.mediation import facts as mediations
from shouwang.desk.roster import facts as rosters
from shouwang.desk.units import facts as units

from .models import Handover

MAY, OFFICE = "watch.handover", "office.handover"
MAY_OF = {"desk": MAY, "office": OFFICE}
CYCLES = {"call": "call", "agency": "linked_task", "unit": "unit", "matter": "matter", "mediation": "mediation"}
MOST = 100  # items of a kind: a handover that nobody could read is none


def open_items(area: str, now: datetime) -> list[dict[str, Any]]:
    """Calls under way, tasks of linked agencies, streets closed, units that call for help or are out of service:
    `kind`, `id`, names, `state` and since when, the most urgent first. No words, no address."""
    out = [{"kind": "call", "id": c["id"], "number": c["number"], "severity": c["severity"], "zh": c["type_zh"],
            "en": c["type_en"], "state": c["state"], "since": c["received"]} for c in calls.open_calls((area,))]
    out += [{"kind": "agency", "id": t["id"], "severity": t["severity"], "zh": t["zh"], "en": t["en"],
             "state": t["state"], "since": t["sent"], "late": bool(t["escalated"])}
            for t in linked.open_cards((area,))]
    out += [{"kind": "unit", "id": u["id"], "zh": u["zh"], "en": u["en"], "state": u["state"], "since": u["since"],
             "late": u["panic"]} for u in units.cards(areas=(area,)) if u["panic"] or u["state"] == "out_of_service"]
    out += [{"kind": "closure", "id": c.id, "zh": c.zh, "en": c.en, "state": c.state, "since": units.iso(c.from_at),
             "until": units.iso(c.until_at)} for c in closures.closures((area,), now)
            if c.state in ("in_force", "planned")]
    return out + _short(area, now)


def open_work(area: str, now: datetime) -> list[dict[str, Any]]:
    """What a community office leaves to whoever comes next: matters and mediations whose step is late, ends today or
    waits here to be accepted, dispatched again or checked. No words, no address, nobody who quarrels."""
    return [{"kind": "matter", **item} for item in matters.left_open((area,), now)[:MOST]] + [
        {"kind": "mediation", **item} for item in mediations.left_open((area,), now)[:MOST]] + _short(area, now)


def _short(area: str, now: datetime) -> list[dict[str, Any]]:
    """Desks that have fewer on duty than their watch."""
    return [{"kind": "desk", "id": d.area, "zh": d.zh, "en": d.en, "state": "", "since": units.iso(d.since),
             "here": d.here, "late": True} for d in rosters.short_desks((area,), now)]


ITEMS = {"desk": open_items, "office": open_work}


def areas_of(actor: Actor, kind: str) -> tuple[str, ...]:
    return actor.areas(MAY_OF[kind])


def pending(kind: str, area: str) -> Handover | None:
    """What was given here and nobody has taken yet."""
    return Handover.objects.filter(kind=kind, area=area, state="given").first()


def recent(kind: str, areas: tuple[str, ...], limit: int = 8) -> list[Handover]:
    rows = Handover.objects.filter(in_areas("area", areas), kind=kind).exclude(state="given")
    return list(rows.order_by("-given_at")[:limit])


def find(actor: Actor, handover_id: UUID | str) -> Handover | None:
    """One of a desk or an office that the actor may hand over."""
    row = Handover.objects.filter(id=handover_id).first()
    return row if row is not None and actor.may(MAY_OF[row.kind], row.area) else None


def notes(row: Handover) -> tuple[str, str]:
    """What both said; "" once it is deleted. The caller logs the reading."""
    return _open(row, "given_note"), _open(row, "taken_note")


def _open(row: Handover, field: str) -> str:
    try:
        return unseal(row.id, field, bytes(getattr(row, field)))
    except Destroyed:
        return ""
