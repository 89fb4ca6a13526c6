"""Words of a fixed list in templates."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def at(words: Mapping[str, Any], code: str | None) -> str:
    """What the list calls the code, "—" where there is none."""
    return str(words.get(code or "", "—"))


@register.filter
def grouped(value: int | None) -> str:
    """1,500 in every language; "—" for nothing known."""
    return "—" if value is None else f"{value:,}"
