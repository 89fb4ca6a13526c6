"""Questions and answers as pages and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from shouwang.desk.log.gate import in_areas

from .models import Review

VIEW = "analysis.view"


def reviews(areas: Sequence[str]) -> QuerySet[Review]:
    """Those in these areas, newest first."""
    return Review.objects.filter(in_areas("area", tuple(areas))).order_by("-made_at", "-id")


def find(areas: Sequence[str], review_id: UUID | str) -> Review | None:
    return Review.objects.filter(in_areas("area", tuple(areas)), id=review_id).first()
