"""Loads capabilities and kinds of units (data/domain). Rows that stand already are left as they are."""
from shouwang.desk.workflow.defaults import split, table

from .models import Capability, UnitKind

LETTERS = {"police": "巡", "traffic": "交", "fire": "消", "guard": "卫", "medical": "医", "volunteer": "志",
           "community": "综", "command": "指"}


def load() -> None:
    Capability.objects.bulk_create([Capability(code=r["code"], zh=r["zh"], en=r["en"], service=r["service"])
                                    for r in table("capabilities")], ignore_conflicts=True)
    UnitKind.objects.bulk_create([
        UnitKind(code=r["code"], zh=r["zh"], en=r["en"], service=r["service"], moves=r["moves"],
                 letter="所" if r["code"] == "station_car" else LETTERS[r["service"]],
                 capabilities=split(r["capabilities"]), crew_default=int(r["crew_default"]),
                 turnout_s=int(r["turnout_s"]))
        for r in table("unit_kinds")], ignore_conflicts=True)
