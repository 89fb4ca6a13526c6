"""Loads kinds of disputes, bodies and layouts of agreements (data/domain). Rows that stand already are left as
they are."""

from shouwang.desk.workflow.defaults import split, table

from .layouts import shipped
from .models import AgreementTemplate, DisputeKind, MediationBody


def load() -> None:
    MediationBody.objects.bulk_create([
        MediationBody(code=r["code"], zh=r["zh"], en=r["en"], way=r["way"], tier=r["tier"], agency=r["linked_agency"])
        for r in table("mediation_bodies")], ignore_conflicts=True)
    DisputeKind.objects.bulk_create([
        DisputeKind(code=r["code"], zh=r["zh"], en=r["en"], level=r["level"], body=r["default_body"],
                    also=split(r["also_bodies"]), days=int(r["days"]), extend_days=int(r["extend_days"]),
                    sensitive=r["sensitive"] == "yes")
        for r in table("mediation_kinds")], ignore_conflicts=True)
    AgreementTemplate.objects.bulk_create([AgreementTemplate(**row) for row in shipped()], ignore_conflicts=True)
