"""Loads kinds of disputes and bodies (data/domain). Rows that stand already are left as they are."""

from shouwang.desk.workflow.defaults import split, table

from .models import DisputeKind, MediationBody


def load() -> None:
    MediationBody.objects.bulk_create([
        MediationBody(code=r["code"], zh=r["zh"], en=r["en"], way=r["way"], tier=r["tier"], agency=r["linked_agency"])
        for r in table("mediation_bodies")], ignore_conflicts=True)
    DisputeKind.objects.bulk_create([
        DisputeKind(code=r["code"], zh=r["zh"], en=r["en"], level=r["level"], body=r["default_body"],
                    also=split(r["also_bodies"]), days=int(r["days"]), extend_days=int(r["extend_days"]),
                    sensitive=r["sensitive"] == "yes")
        for r in table("mediation_kinds")], ignore_conflicts=True)
