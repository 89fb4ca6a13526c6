"""What types of call ask, what answers ask for, and which types words point to: for the form and the API alike."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.agencies import names_of

from . import advice, facts
from .models import CallType
from .needs import services as services_of
from .plans import Case, plans
from .questions import asked, asks, fault, questions

MOST_SUGGESTED = 4


@dataclass(frozen=True)
class Suggested:
    """A type, and its words that stand in a text."""

    type: CallType
    words: tuple[str, ...]


def suggested(said: str, types: Sequence[CallType] | None = None) -> list[Suggested]:
    """Types whose words, Chinese or English, stand in a text: those of which the most is said first (家里着火 says
    more than 着火), of equals the more urgent. An English word counts as a whole word alone."""
    text = unicodedata.normalize("NFKC", said).casefold()
    found = []
    for kind in facts.types() if types is None else types:
        hits = tuple(w for w in (*kind.keywords_zh, *kind.keywords_en) if w and _has(text, w.casefold()))
        if kind.parent and hits:
            found.append(Suggested(kind, hits))
    return sorted(found, key=lambda s: (-sum(map(len, s.words)), s.type.severity, s.type.code))


def _has(text: str, word: str) -> bool:
    return word in text if not word.isascii() else re.search(rf"\b{re.escape(word)}\b", text) is not None


def all_types() -> list[dict[str, Any]]:
    """Every type for the picker, with what it sets: severity and services."""
    known = plans()
    return [{"code": t.code, "parent": t.parent, "zh": t.zh, "en": t.en, "severity": t.severity,
             "services": services_of(t.service, known.counts(Case(t.code, t.severity), {})),
             "asks": asks().get(t.code, ()), "words": [*t.keywords_zh, *t.keywords_en],
             "urgent": t.service != "non_urgent"} for t in facts.types()]


def all_questions() -> list[dict[str, Any]]:
    """Every guided question in the reader's language."""
    names = "zh" if advice.chinese() else "en"
    return [{"id": q.id, "text": getattr(q, names), "note": q.note.get(names, ""),
             "answers": [{"id": a.id, "text": getattr(a, names), "advice": a.advice.get(names, "")} for a in q.answers]}
            for q in questions().values()]


def followed(code: str, given: Mapping[str, str], point: tuple[float, float] | None = None) -> dict[str, Any]:
    """What a type and the answers so far ask for now, at a point (lon, lat) where the place is known. Raises Refused
    for a type or an answer there is not."""
    kind = next((t for t in facts.types() if t.code == code and t.parent), None)
    if kind is None or (wrong := fault(given)):
        raise Refused(wrong if kind else _("Choose a type."), code="invalid")
    found = asked(kind.severity, given)
    area = places.locate(*point) if point else ""
    known, case = plans(code), Case(code, found.severity, found.alarm_level, found.flags, area)
    wanted, row = known.counts(case, found.needs), known.plan(case)
    linked = dict.fromkeys((*(row.agencies if row else ()), *found.agencies))
    types = {t.code: t for t in facts.types()}
    return {
        "severity": found.severity, "services": services_of(kind.service, wanted),
        "plan": str(row or ""),
        "needs": [{"name": advice.skill_name(skill), "count": n} for skill, n in wanted.items()],
        "agencies": list(names_of(linked).values()),
        "suggests": [{"code": c, "name": str(types[c])} for c in found.suggests if c in types and c != kind.code]}
