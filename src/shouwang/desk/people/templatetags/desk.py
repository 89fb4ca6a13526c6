"""Template helpers: names in the reader's language, permissions, ages and distances as people write them."""
from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
SEP = mark_safe('<i class="sep"></i>')


@register.filter
def name(thing: Any) -> str:
    """`zh` or `en` of a row or dictionary, by the reader's language."""
    key = "zh" if (get_language() or "").startswith("zh") else "en"
    value = thing.get(key) if isinstance(thing, dict) else getattr(thing, key, "")
    return str(value or "")


@register.filter
def may(actor: Any, permission: str) -> bool:
    return bool(actor) and actor.may(permission)


@register.filter
def clock(seconds: float | None) -> str:
    """3:12 under an hour, 1:02:10 above."""
    if seconds is None:
        return "—"
    s = round(seconds)
    sign, s = ("−", -s) if s < 0 else ("", s)
    h, m, s = s // 3600, s // 60 % 60, s % 60
    return f"{sign}{h}:{m:02}:{s:02}" if h else f"{sign}{m}:{s:02}"


@register.filter
def metres(value: float | None) -> str:
    if value is None:
        return "—"
    if value < 1000:
        return _("%(n)s m") % {"n": int(round(value, -1))}
    return _("%(n)s km") % {"n": f"{value / 1000:.1f}"}


@register.filter
def in_fours(text: str) -> list[str]:
    """Digits in groups of four, to be read out and compared."""
    return [text[i:i + 4] for i in range(0, len(text), 4)]


@register.simple_tag
def sep() -> str:
    return SEP
