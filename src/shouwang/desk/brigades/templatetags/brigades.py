"""Codes of this room's fixed lists in the reader's language."""

from django import template

from ..terms import LISTS

register = template.Library()


@register.filter
def word(code: str, of: str) -> str:
    return str(LISTS[of].get(code, code))
