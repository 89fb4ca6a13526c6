"""Permissions of this room, states in words, and the questions that surveys usually ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

DRAFT, PUBLISH, SURVEY = "bulletin.draft", "bulletin.publish", "survey.manage"
TITLE_MAX, TEXT_MAX = 80, 8000
MOST_QUESTIONS, OPTIONS, OPTION_MAX, QUESTION_MAX = 20, (2, 8), 40, 120
LONGEST_DAYS = 92  # a survey is open for
BULLETIN_STATES: Mapping[str, str | Promise] = {
    "draft": _("Draft"), "submitted": _("To be signed off"), "published": _("Published"), "withdrawn": _("Withdrawn"),
}  # fmt: skip
SURVEY_STATES: Mapping[str, str | Promise] = {
    "draft": _("Draft"), "open": _("Taking answers"), "over": _("Over, not published"), "waiting": _("Opens later"),
    "published": _("Published"), "cancelled": _("Cancelled"),
}  # fmt: skip


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True)
class Option:
    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if chinese() else self.en or self.zh


@dataclass(frozen=True)
class Question:
    """A question with its answers to choose from: one, or none at all."""

    id: str
    zh: str
    en: str
    options: tuple[Option, ...]

    def __str__(self) -> str:
        return self.zh if chinese() else self.en or self.zh

    def kept(self) -> dict[str, Any]:
        return {"id": self.id, "zh": self.zh, "en": self.en,
                "options": [{"zh": o.zh, "en": o.en} for o in self.options]}  # fmt: skip


def questions_of(kept: Sequence[Mapping[str, Any]]) -> list[Question]:
    return [Question(q["id"], q["zh"], q["en"], tuple(Option(o["zh"], o["en"]) for o in q["options"])) for q in kept]


def _question(id: str, zh: str, en: str, *options: tuple[str, str]) -> Question:
    return Question(id, zh, en, tuple(Option(*pair) for pair in options))


_SAFE = (("很安全", "Very safe"), ("安全", "Safe"), ("一般", "So-so"), ("不安全", "Not safe"),
         ("很不安全", "Not safe at all"))  # fmt: skip
_CONTENT = (("很满意", "Very satisfied"), ("满意", "Satisfied"), ("一般", "So-so"), ("不满意", "Not satisfied"),
            ("很不满意", "Not satisfied at all"))  # fmt: skip
STANDARD = (
    _question("safe", "总的来说，您觉得住的地方安全吗？",
              "On the whole, how safe do you feel where you live?", *_SAFE),
    _question("night", "晚上一个人走在附近，您觉得安全吗？", "How safe do you feel alone outside after dark?", *_SAFE),
    _question("trend", "和一年前比，附近更安全还是更不安全？", "Compared with a year ago, is it safer here?",
              ("更安全", "Safer"), ("差不多", "About the same"), ("更不安全", "Less safe")),
    _question("seen", "最近一个月，您多久看到一次巡逻？", "In the last month, how often did you see a patrol?",
              ("每天", "Daily"), ("每周", "Weekly"), ("一两次", "Once or twice"), ("没看到", "Never")),
    _question("work", "您对社区治安工作满意吗？", "How satisfied are you with the community's safety work?", *_CONTENT),
    _question("reply", "您反映过问题吗？答复满意吗？",
              "Did you report anything, and were you satisfied with the answer?",
              ("没反映过", "Reported nothing"), ("反映过，满意", "Reported, satisfied"),
              ("反映过，不满意", "Reported, not satisfied"), ("反映过，没有答复", "Reported, no answer")),
)  # fmt: skip


@dataclass(frozen=True)
class NewBulletin:
    """A bulletin as written down; English may be left out."""

    area: str
    zh: str
    text_zh: str
    en: str = ""
    text_en: str = ""


@dataclass(frozen=True)
class NewSurvey:
    area: str
    zh: str
    opens_on: date
    closes_on: date
    questions: tuple[Question, ...]
    en: str = ""
