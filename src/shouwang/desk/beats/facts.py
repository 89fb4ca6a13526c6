"""Proposals as their pages and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from shouwang.desk.log.gate import in_areas

from .models import Proposal

PLAN, VIEW = "patrol.plan", "patrol.view"
SEE = (VIEW, PLAN)


def proposals(areas: Sequence[str]) -> QuerySet[Proposal]:
    """Proposals in these areas, newest first, without their figures but for the change of the mean drive."""
    rows = Proposal.objects.filter(in_areas("area", tuple(areas)))
    rows = rows.annotate(
        count=F("given__count"), each=F("given__each"), zh=F("given__zh"), en=F("given__en"),
        before_s=F("figures__drive_s__before"), after_s=F("figures__drive_s__after"),
    )  # fmt: skip
    return rows.order_by("-made_at", "-id").defer("figures", "given")


def find(areas: Sequence[str], proposal_id: UUID | str) -> Proposal | None:
    return Proposal.objects.filter(in_areas("area", tuple(areas)), id=proposal_id).first()
