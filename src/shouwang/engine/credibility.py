"""How far a figure of a small group is to be believed beside the figure of all: one rule for everything measured.

Bühlmann and Straub, Bulletin of the Swiss Association of Actuaries 70, 1970. What is measured often keeps its own
figure; what is measured seldom keeps that of all; what nobody measured keeps what was assumed before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.terms import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Prior:
    """What was assumed before anything was measured, and the weight it counts for beside what is measured: infinite
    where the middle is known, as that of factors on figures found before.
    """

    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Believed:
    """value: per group; trust: per group how far (0 … 1) its own figure counts; weight: per group what was measured;
    middle: the figure of all, which groups never measured have.
    """

    value: FloatArray
    trust: FloatArray
    weight: FloatArray
    middle: float


def believed(
    value: FloatArray, weight: FloatArray, group: IntArray, groups: int, *, prior: Prior | None = None
) -> Believed:
    """Figures of groups from observations, each with its value, its weight above 0 and its group (0 … groups - 1).

    Z·X + (1 − Z)·m with the group's mean X, the middle m = Σ Z X / Σ Z and Z = w / (w + σ²/τ²): w the group's weight,
    σ² the variance within groups and τ² between them, both from the observations. Where τ² cannot be told, all groups
    have the mean. With a prior the middle is (W m + w₀ p) / (W + w₀), W the weight of all. Raises `BadInput` for
    arrays that do not fit, values that are not finite, weights not above 0, and no observation without a prior.
    """
    _check(value, weight, group, groups, prior)
    of = np.bincount(group, weight, groups).astype(float)
    total = float(of.sum())
    if not total:
        assert prior is not None
        return Believed(np.full(groups, prior.value), np.zeros(groups), of, prior.value)
    met = of > 0
    mean = np.divide(np.bincount(group, weight * value, groups), of, out=np.zeros(groups), where=met)
    trust, middle = np.zeros(groups), float(of @ mean / total)
    freedom = value.size - int(met.sum())
    within = float(weight @ (value - mean[group]) ** 2) / freedom if freedom else 0.0
    spread = float(of @ (mean - middle) ** 2) - (int(met.sum()) - 1) * within
    scale = total - float(of @ of) / total
    between = spread / scale if scale > 1e-9 * total else 0.0
    if freedom and between > 0:
        trust = np.divide(of * between, of * between + within, out=trust, where=met)
        middle = float(trust @ mean / trust.sum())
    if prior is not None:
        middle = prior.value + (middle - prior.value) * total / (total + prior.weight)
    return Believed(trust * mean + (1 - trust) * middle, trust, of, middle)


def _check(value: FloatArray, weight: FloatArray, group: IntArray, groups: int, prior: Prior | None) -> None:
    faults = Faults(keep=50)
    if not value.shape == weight.shape == group.shape:
        faults.add("observations", "value, weight and group have to be of one length", str(value.shape))
        faults.raise_if_any()
    for name, wrong, values, what in (
        ("value", ~np.isfinite(value), value, "a value is a finite number"),
        ("weight", ~(np.isfinite(weight) & (weight > 0)), weight, "a weight is a finite number above 0"),
        ("group", (group < 0) | (group >= groups), group, "there is no such group"),
    ):
        for i in np.flatnonzero(wrong):
            faults.add(f"observation {i + 1}, {name}", what, values[i], "Correct or leave out the observation.")
    if not value.size and prior is None:
        faults.add("observations", "nothing was observed, and nothing is assumed", 0, "Give a prior.")
    if prior is not None and not (np.isfinite(prior.value) and prior.weight > 0):
        faults.add("prior", "what is assumed is a finite number with a weight above 0", prior.value)
    faults.raise_if_any()
