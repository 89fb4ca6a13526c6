"""Guided questions (data/domain/questions.yaml): what a type of call asks, and what the answers ask for."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.workflow.defaults import document, split, table

TEXT_MOST = 200  # characters of an answer in words


@dataclass(frozen=True)
class Answer:
    """One answer of a choice and its effects. `at_most`: the call is at least as urgent as this level; `at_least`: it
    may be as little urgent as this; `needs`: how many of a capability; `advice`: read to the caller."""

    id: str
    zh: str
    en: str
    at_most: int | None = None
    at_least: int | None = None
    alarm_level: int = 1
    needs: Mapping[str, int] = field(default_factory=dict)
    agencies: tuple[str, ...] = ()
    suggests: str = ""
    flag: str = ""
    advice: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question without answers is answered in words. `note` says what becomes of the answer."""

    id: str
    zh: str
    en: str
    note: Mapping[str, str]
    answers: tuple[Answer, ...]

    def answer(self, id: str) -> Answer | None:
        return next((a for a in self.answers if a.id == id), None)


@dataclass(frozen=True)
class Asked:
    """What the answers of a call ask for, together."""

    severity: int
    alarm_level: int = 1
    needs: Mapping[str, int] = field(default_factory=dict)
    agencies: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()  # types that fit better
    flags: tuple[str, ...] = ()
    advice: tuple[Mapping[str, str], ...] = ()

    @property
    def kept(self) -> dict[str, Any]:
        """What stands with the call in the clear: never an answer."""
        found = {"needs": dict(self.needs), "agencies": list(self.agencies), "flags": list(self.flags)}
        return {name: value for name, value in found.items() if value}


@cache
def questions() -> dict[str, Question]:
    """Every question but those of the place, which the form has a field of its own for."""
    rows: list[dict[str, Any]] = document("questions")["questions"]
    return {r["id"]: _question(r) for r in rows if r["kind"] != "place"}


def _question(row: dict[str, Any]) -> Question:
    note = {language: row[f"note_{language}"] for language in ("zh", "en") if f"note_{language}" in row}
    return Question(row["id"], row["zh"], row["en"], note, tuple(_answer(a) for a in row.get("answers", ())))


def _answer(row: dict[str, Any]) -> Answer:
    return Answer(row["id"], row["zh"], row["en"], row.get("severity_at_most"), row.get("severity_at_least"),
                  row.get("alarm_level_at_least", 1), row.get("need", {}), tuple(row.get("agencies", ())),
                  row.get("suggest_type", ""), row.get("flag", ""), row.get("advise", {}))


@cache
def asks() -> dict[str, tuple[str, ...]]:
    """The questions of each type, in the order in which they are asked."""
    return {r["code"]: tuple(id for id in split(r["asks"]) if id in questions()) for r in table("call_types")}


def fault(answers: Mapping[str, str]) -> str:
    """What is wrong with answers as given, "" when nothing is."""
    for id, given in answers.items():
        question = questions().get(id)
        if question is None or (question.answers and question.answer(given) is None):
            return _("There is no such question or answer: %(question)s, %(answer)s.") % {
                "question": id, "answer": given[:40]}
        if len(given) > TEXT_MOST:
            return _("At most %(n)s characters.") % {"n": TEXT_MOST}
    return ""


def asked(severity: int, *callers: Mapping[str, str]) -> Asked:
    """What the answers of each caller ask for in a call whose type is usually of this level. One answer that makes a
    call more urgent outweighs all that make it less so."""
    given = [a for answers in callers for id, value in answers.items()
             if (q := questions().get(id)) and (a := q.answer(value))]
    urgent = [a.at_most for a in given if a.at_most]
    calm = [a.at_least for a in given if a.at_least]
    needs: dict[str, int] = {}
    for answer in given:
        for skill, count in answer.needs.items():
            needs[skill] = max(needs.get(skill, 0), count)
    return Asked(
        min(severity, *urgent) if urgent else max(severity, min(calm, default=1)),
        max((a.alarm_level for a in given), default=1), needs,
        _once(x for a in given for x in a.agencies), _once(a.suggests for a in given),
        _once(a.flag for a in given), tuple(a.advice for a in given if a.advice))


def told(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Questions and answers in the reader's language, in the order in which they were answered."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    out = []
    for id, value in answers.items():
        if question := questions().get(id):
            answer = question.answer(value)
            out.append((getattr(question, language), getattr(answer, language) if answer else value))
    return out


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))
