"""Shares as people read them."""
from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """A share as percent to one place, rounded so that less than all never reads as all."""
    if share is None:
        return "—"
    shown = round(100 * share, 1)
    return "99.9" if shown == 100 and share < 1 else f"{shown:g}" if shown in (0, 100) else f"{shown:.1f}"


@register.inclusion_tag("quality/share.html")
def shown(share: Any) -> dict[str, Any]:
    """Cells of a table: records, wrong ones, share right, its interval."""
    return {"s": share}
