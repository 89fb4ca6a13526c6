"""The norms this version ships (data/domain/staffing_norms.yaml), as approved rows. Those that stand are left."""
from __future__ import annotations

from datetime import date
from typing import Any

from shouwang.desk.workflow.defaults import document

from .models import Norm
from .terms import KINDS, PER

SINCE = date(2000, 1, 1)  # before anything that is evaluated


def load() -> None:
    default = {s["id"]: s["default"] for s in document("staffing_norms")["settings"]}
    rows = [row for given in document("staffing_norms")["norms"] for row in _rows(given, default)]
    known = set(Norm.objects.values_list("code", flat=True))
    Norm.objects.bulk_create(row for row in rows if row.code not in known)


def _rows(given: dict[str, Any], default: dict[str, Any]) -> list[Norm]:
    to = given["applies_to"]
    count = next(given[k] for k in ("base", "minimum", "exact", "per_shift", "share_minimum") if k in given)
    rule = {
        "kind": "village" if to["kind"] == "villagers_group" else to["kind"] if to["kind"] in KINDS else "district",
        "example": bool(to.get("example")), "management": to.get("property_management", ""), "count": count,
        "per": PER.get(to["kind"], "place"), "exact": "exact" in given, "duty_of": given.get("duty_of", ""),
        "additions": [[a["households_over"], a["add"]] for a in given.get("additions", ())],
        "reading": default["addition_reading"], "extra": default["complexity_addition"] if "additions" in given else 0,
    }
    norm = Norm(code=given["id"], zh=given["zh"], en=given["en"], rule=rule, from_day=SINCE, state="approved",
                source=str(given["source"]))
    if "cars" not in given:
        return [norm]
    norm.zh, norm.en = f"{norm.zh}：岗亭", f"{norm.en}: booths"
    return [norm, Norm(code=f"{given['id'].rstrip('s')}_cars", zh=f"{given['zh']}：警务车", en=f"{given['en']}: cars",
                       rule={**rule, "count": given["cars"]}, from_day=SINCE, state="approved", source=norm.source)]
