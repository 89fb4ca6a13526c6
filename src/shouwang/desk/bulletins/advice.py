"""The result of a survey: shares with their uncertainty, small counts hidden (engine/disclose)."""

from __future__ import annotations

from typing import Any

from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import SMALL
from shouwang.engine.effects.intervals import share_margin

from . import facts
from .models import Survey

LEAST = 30  # answers below which nothing is published: hardly anything could be said, and much be guessed


def result(row: Survey) -> dict[str, Any]:
    """`answers`: how many; `questions`: by id how many of them chose each option, and last how many left it open, None
    where a count of 1 to 10 could be worked out, with share and margin in points (95 %, Wilson); `areas`: how many
    answered of each community. Shares are of all answers: a share of those who did not leave a question open would
    tell how many did."""
    sums, known = facts.sums(row), facts.by_area(row)
    answers = sums.get(("", 0), 0)
    told: dict[str, Any] = {"answers": answers, "small": SMALL, "questions": {}, "areas": _areas(known)}
    for question in facts.questions(row):
        counts = [sums.get((question.id, n), 0) for n in range(len(question.options))]
        counts.append(answers - sum(counts))
        shown = shown_of(counts).tolist()
        told["questions"][question.id] = [_share(n, answers) if seen else None
                                          for n, seen in zip(counts, shown, strict=True)]
    return told


def _share(n: int, answers: int) -> dict[str, float]:
    return {"n": n, "share": 100 * n / max(1, answers), "margin": 100 * share_margin(n, answers)}


def _areas(known: dict[str, int]) -> dict[str, int | None]:
    shown = shown_of(list(known.values())).tolist()
    return {area: n if seen else None for (area, n), seen in zip(known.items(), shown, strict=True)}
