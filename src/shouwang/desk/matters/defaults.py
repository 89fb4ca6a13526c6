"""Loads the kinds of matters (data/domain). Rows that stand already are left as they are."""

from shouwang.desk.workflow.defaults import table

from .models import MatterType


def load() -> None:
    MatterType.objects.bulk_create([
        MatterType(code=r["code"], parent=r["parent"], zh=r["zh"], en=r["en"], level=r["level"],
                   continuous=r["clock"] == "continuous", accept_h=float(r["accept_h"]), assign_h=float(r["assign_h"]),
                   handle_h=float(r["handle_h"]), check_h=float(r["check_h"]), agency=r["agency"],
                   referral=r["referral_only"] == "yes")
        for r in table("matter_types")], ignore_conflicts=True)
