"""Linked agencies by their codes."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from .models import Agency


def agencies(*, in_use: bool = False) -> Mapping[str, Agency]:
    """By code, in the order in which they were entered. `in_use`: without those that are asked no more."""
    rows = Agency.objects.filter(active=True) if in_use else Agency.objects.all()
    return {row.code: row for row in rows}


def names_of(codes: Iterable[str]) -> dict[str, str]:
    wanted = list(codes)
    return {row.code: str(row) for row in Agency.objects.filter(code__in=wanted)} if wanted else {}
