"""Keeps what is measured from the log of assignments."""
from __future__ import annotations

from datetime import datetime

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import writing

from .. import advice
from ..models import Measure


def measure(*, actor: Actor, now: datetime) -> list[Measure]:
    """Measures anew, in place of what was measured before. The event says how much there was to measure."""
    rows = advice.measures(now)
    with writing(actor=actor, now=now) as log:
        Measure.objects.all().delete()
        Measure.objects.bulk_create(rows)
        hours = sum(r.weight for r in rows if r.what == "busy")
        cases = sum(r.weight for r in rows if r.what == "bound" and r.key == "*")
        log.append("measures.made", subject=("measures", "calls"), area=home(), may="config.edit",
                   payload={"unit_hours": round(hours, 1), "cases": int(cases)})
    return rows
