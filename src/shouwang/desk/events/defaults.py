"""Loads the plans for major events (data/domain/event_plans.yaml). Rows that stand already are left as they are."""

from __future__ import annotations

from typing import Any

from shouwang.desk.workflow.defaults import document, split, table

from .models import EventPlan


def load() -> None:
    EventPlan.objects.bulk_create([
        EventPlan(code=p["id"], zh=p["zh"], en=p["en"], kind_zh=p["kind_zh"], kind_en=p["kind_en"],
                  call_types=p["start_from_types"], levels=sorted(p["levels"], key=_rank), tasks=p["tasks"],
                  resources=p["resources"], checklist=_checklist(p["start_from_types"]),
                  end_zh=p["end_condition_zh"], end_en=p["end_condition_en"])
        for p in document("event_plans")["plans"]], ignore_conflicts=True)


def _rank(level: dict[str, Any]) -> int:
    return ("IV", "III", "II", "I").index(level["level"])


def _checklist(types: list[str]) -> list[str]:
    """The lines of the response plans for these types of calls, the gravest alarm level of each, every line once."""
    gravest: dict[str, dict[str, str]] = {}
    for row in table("response_plans"):
        kept = gravest.get(row["call_type"])
        if kept is None or int(row["alarm_level"] or 0) >= int(kept["alarm_level"] or 0):
            gravest[row["call_type"]] = row
    own = [gravest[t] for t in types if t in gravest] or [gravest[t[:2]] for t in types if t[:2] in gravest]
    return list(dict.fromkeys(code for row in own for code in split(row["checklist"])))
