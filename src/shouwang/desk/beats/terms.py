"""What a planner asks, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

EACH = ("whole", "control_area")


@dataclass(frozen=True)
class Question:
    """`area`: path of what is divided; `each`: whole, or every control area by itself. `count`: beats, in each of
    those. `tolerance`: share of the mean by which a beat's calls may differ. `worth_min`: minutes of driving a day that
    a cell has to save to leave its beat of today."""

    area: str
    each: str
    count: int
    tolerance: float
    worth_min: float
    seed: int
