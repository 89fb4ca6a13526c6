"""Keeps what is measured from the log of assignments, and from the drives to calls."""
from __future__ import annotations

from datetime import datetime

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import writing
from shouwang.desk.places import actions as places
from shouwang.desk.places.models import LearnedPace
from shouwang.engine.errors import NoAnswer

from .. import advice
from ..models import Measure


def learn_pace(*, actor: Actor, now: datetime) -> LearnedPace | None:
    """Learns from the drives whose tracks are still there. What was learned before stays where there are none now, or
    no streets."""
    try:
        found = advice.learned(now)
    except NoAnswer:
        return None
    return places.keep_pace(actor=actor, now=now, found=found) if found.drives else None


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
