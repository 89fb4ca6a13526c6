"""Layouts of agreements as data: which one a dispute has, and how it is filled in."""
from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from django.utils.translation import get_language

from shouwang.desk.workflow.defaults import document

from .models import AgreementTemplate

FIELDS = ("account", "terms", "perform_by", "number", "kind", "body", "community", "day")
NEEDED = ("terms",)  # without them it is no agreement
_FIELD = re.compile(r"\{([^{}]*)\}")
Section = tuple[str, tuple[str, ...]]


def template_of(kind: str) -> AgreementTemplate:
    """The layout for a kind of dispute: one that names it before one for all, the lowest code first; the shipped one
    where the centre has none in use."""
    rows = [row for row in AgreementTemplate.objects.filter(active=True).order_by("code")
            if not row.kinds or kind in row.kinds]
    return min(rows, key=lambda row: not row.kinds, default=None) or AgreementTemplate(**shipped()[0])


def filled(row: AgreementTemplate, values: Mapping[str, str]) -> tuple[Section, ...]:
    """Headings, each with its paragraphs. What is filled in may be of several lines, and is never read as layout."""
    text = row.text_zh if (get_language() or "").startswith("zh") else row.text_en
    out: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("#") or not out:
            out.append((line.lstrip("# ").strip() if line.startswith("#") else "", []))
        if line.strip() and not line.startswith("#"):
            out[-1][1].extend(_FIELD.sub(lambda m: values.get(m[1], m[0]), line).splitlines() or [""])
    return tuple((title, tuple(lines)) for title, lines in out)


def unknown_fields(text: str) -> list[str]:
    """Fields that nothing fills in."""
    return [f"{{{name}}}" for name in dict.fromkeys(_FIELD.findall(text)) if name not in FIELDS]


def missing_fields(text: str) -> list[str]:
    return [f"{{{name}}}" for name in NEEDED if f"{{{name}}}" not in text]


@cache
def shipped() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = document("agreement_templates")["templates"]
    return rows
