"""What a reader who may not see calls is told of an answer: no count of 1 to 10, and none that others would tell."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import SMALL

from ..models import Review

HIDDEN = [None, None]


def sees_calls(who: Actor, area: str) -> bool:
    """Whether the calls behind the figures open to the reader, in all of the area of the question."""
    return who.may(calls.MAY_SEE, area)


def for_reader(review: Review, who: Actor) -> Review:
    """The answer as this reader may have it, not to be saved. Raises Refused where it rests on too few calls."""
    if sees_calls(who, review.area):
        return review
    shown = copy.copy(review)
    shown.figures = veiled(review.figures)
    return shown


def veiled(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures without small counts. Where a part of the time has few calls, the time before and the time after are one
    part each; areas next door with few calls are left out. Raises Refused where the groups themselves have few."""
    half = len(figures["parts"]) // 2
    few = {role for role, counts in figures["sums"].items() if any(map(_is_small, _halves(counts, half)))}
    if few - {"near"}:
        raise Refused(
            _("There were 1 to %(small)s calls before or after: so few are told to nobody who may not see the calls "
              "themselves. Choose more weeks, more areas or all kinds.") % {"small": SMALL},
            field="treated", code="small",
        )  # fmt: skip
    sums = {role: counts for role, counts in figures["sums"].items() if role not in few}
    told = dict(figures)
    if any(_is_small(n) for counts in sums.values() for n in counts):
        told["parts"] = [figures["parts"][0], figures["parts"][half]]
        told["part_weeks"] = figures["part_weeks"] * half
        sums = {role: _halves(counts, half) for role, counts in sums.items()}
    return told | {
        "sums": sums, "areas": [area for role in figures["sums"] for area in _areas(figures["areas"], role, half, few)],
        "near": None if "near" in few else figures["near"], "calls": sum(map(sum, sums.values())), "hidden": True,
    }  # fmt: skip


def _areas(areas: Sequence[Mapping[str, Any]], role: str, half: int, few: set[str]) -> list[dict[str, Any]]:
    """The areas of one group, which stand beside its sums: before and after, or neither."""
    mine = [area for area in areas if area["role"] == role]
    both = np.array([_halves(area["counts"], half) for area in mine])
    shown = shown_of(both[:, 0]) & shown_of(both[:, 1]) & (role not in few)
    return [
        {**area, "counts": counts if keep else HIDDEN}
        for area, counts, keep in zip(mine, both.tolist(), shown.tolist(), strict=True)
    ]


def before(told: dict[str, Any]) -> dict[str, Any]:
    """Proposed areas, with the counts that may be told."""
    return told | {"before": {path: None if _is_small(n) else n for path, n in told["before"].items()}}


def _halves(counts: Sequence[int], half: int) -> list[int]:
    return [sum(counts[:half]), sum(counts[half:])]


def _is_small(count: int) -> bool:
    return 1 <= count <= SMALL
