"""How good an answer is proven to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PROVEN_GAP = 1e-6
"""An answer whose relative gap is no larger counts as optimal."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """objective: value of the answer; bound: no answer can be better; gap: their difference over the
    objective.

    status: `optimal` only where the gap is at most 1e-6, else `feasible`; a search that ran out of time says
    `feasible`.
    """

    objective: float
    bound: float

    @property
    def gap(self) -> float:
        difference = abs(self.objective - self.bound)
        return difference / max(abs(self.objective), 1e-12) if difference > 0 else 0.0

    @property
    def status(self) -> Literal["optimal", "feasible"]:
        return "optimal" if self.gap <= PROVEN_GAP else "feasible"
