"""Loads call types, alarm levels, response plans and jurisdiction rules (data/domain). Rows that stand already are left
as they are."""
from datetime import date
from typing import Any

from shouwang.desk.workflow.defaults import split, table

from .models import AlarmLevel, CallType, Jurisdiction, ResponsePlan


def load() -> None:
    CallType.objects.bulk_create([
        CallType(code=r["code"], parent=r["parent"], zh=r["zh"], en=r["en"], service=r["service"],
                 severity=int(r["severity"]), source_kind=r["source_kind"], keywords_zh=split(r["keywords_zh"]),
                 keywords_en=split(r["keywords_en"]), can_become=split(r["can_become"]))
        for r in table("call_types")], ignore_conflicts=True)
    AlarmLevel.objects.bulk_create([
        AlarmLevel(level=int(r["level"]), **{n: r[n] for n in (
            "zh", "en", "colour_zh", "colour_en", "when_zh", "when_en")})
        for r in table("alarm_levels")], ignore_conflicts=True)
    ResponsePlan.objects.bulk_create([plan(r) for r in table("response_plans")], ignore_conflicts=True)
    Jurisdiction.objects.bulk_create([Jurisdiction(**rule(r)) for r in table("jurisdiction")], ignore_conflicts=True)


def plan(r: dict[str, str]) -> ResponsePlan:
    """One row of the table of response plans."""
    return ResponsePlan(
        code=r["id"], zh=r["zh"], en=r["en"], call_type=r["call_type"], severity=int(r["severity"]),
        alarm_level=int(r["alarm_level"]) if r["alarm_level"] else None, place_flag=r["place_flag"],
        needs={skill: int(n) for skill, n in (need.split(":") for need in split(r["needs"]))},
        notify=split(r["notify"]), agencies=split(r["agencies"]), checklist=split(r["checklist"]))


def rule(r: dict[str, str]) -> dict[str, Any]:
    """One row of the table; these are examples, to be replaced by what holds in the place."""
    return {"code": r["code"], "zh": r["zh"], "en": r["en"], "rank": int(r["rank"]), "types": split(r["types"]),
            "roads": split(r["roads"]), "site_kinds": split(r["site_kinds"]),
            "border_m": int(r["border_m"]) if r["border_m"] else None, "agency": r["agency"],
            "fallback": r["fallback"], "from_day": date.fromisoformat(r["from_day"]), "example": True}
