"""Loads the call types (data/domain). Rows that stand already are left as they are."""
from shouwang.desk.workflow.defaults import split, table

from .models import CallType


def load() -> None:
    CallType.objects.bulk_create([
        CallType(code=r["code"], parent=r["parent"], zh=r["zh"], en=r["en"], service=r["service"],
                 severity=int(r["severity"]), source_kind=r["source_kind"], keywords_zh=split(r["keywords_zh"]),
                 keywords_en=split(r["keywords_en"]), can_become=split(r["can_become"]))
        for r in table("call_types")], ignore_conflicts=True)
