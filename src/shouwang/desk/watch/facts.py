"""What one watch leaves to the next, as plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shouwang.desk.calls import facts as calls
from shouwang.desk.closures import facts as closures
from shouwang.desk.linked import facts as linked
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.units import facts as units

from .models import Handover

MAY = "watch.handover"
CYCLES = {"call": "call", "agency": "linked_task", "unit": "unit"}


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
    return out


def pending(area: str) -> Handover | None:
    """What was given here and nobody has taken yet."""
    return Handover.objects.filter(area=area, state="given").first()


def recent(areas: tuple[str, ...], limit: int = 8) -> list[Handover]:
    rows = Handover.objects.filter(in_areas("area", areas)).exclude(state="given")
    return list(rows.order_by("-given_at")[:limit])


def find(areas: tuple[str, ...], handover_id: UUID | str) -> Handover | None:
    return Handover.objects.filter(in_areas("area", areas), id=handover_id).first()


def notes(row: Handover) -> tuple[str, str]:
    """What both said; "" once it is deleted. The caller logs the reading."""
    return _open(row, "given_note"), _open(row, "taken_note")


def _open(row: Handover, field: str) -> str:
    try:
        return unseal(row.id, field, bytes(getattr(row, field)))
    except Destroyed:
        return ""
