"""Comparisons as their pages and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from shouwang.desk.log.gate import in_areas

from .models import Study

SEE = ("whatif.view", "whatif.run")


def studies(areas: Sequence[str], typed: str = "") -> QuerySet[Study]:
    """Comparisons in these areas, newest first, without their figures; `typed`: a part of the title."""
    rows = Study.objects.filter(in_areas("area", tuple(areas))).annotate(change=F("figures__change__within"))
    rows = rows.filter(title__icontains=typed) if typed else rows
    return rows.order_by("-made_at", "-id").defer("figures", "given")


def find(areas: Sequence[str], study_id: UUID | str) -> Study | None:
    return Study.objects.filter(in_areas("area", tuple(areas)), id=study_id).first()
