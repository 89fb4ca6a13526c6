"""Weighted displacement difference: fewer cases than in comparison areas, with what moved next door counted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.effects.result import Check, Effect, Refusal, check_level, counted, p_of, t_of, z_of
from shouwang.engine.effects.scatter import Scatter, scatter
from shouwang.engine.errors import Faults
from shouwang.engine.terms import IntArray

REFUSE_P, DOUBT_P = 0.01, 0.05
PARTS_FOR_PLACEBO = 4
SMALL = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases of an area before and after, each in as many equal parts (months, weeks) as are known; at least one."""

    before: IntArray
    after: IntArray

    @property
    def change(self) -> float:
        return float(self.after.sum() - self.before.sum())

    def halves_before(self) -> Counts:
        """The first against the second half of the time before, as if something had begun between them."""
        half = len(self.before) // 2
        return Counts(self.before[-2 * half : -half], self.before[-half:])


def wdd(
    treated: Counts,
    control: Counts,
    near_treated: Counts | None = None,
    near_control: Counts | None = None,
    level: float = 0.95,
) -> Effect:
    """(T₁ − T₀) − (C₁ − C₀) + (Td₁ − Td₀) − (Cd₁ − Cd₀): cases prevented (negative) or added, moved ones counted in.

    Wheeler & Ratcliffe (Crime Science 7, 2018). Its variance is the sum of the variances of all counts: of the counts
    themselves under Poisson's law, T + α T²/n where parts of the times show a wider scatter (then with Student's
    quantiles). d: the areas near by, into which cases may have moved. Raises `BadInput` for times of unequal
    length or a near area without its comparison, `NoAnswer` without any case, or if the groups moved apart before
    it began (p < 0.01 by the same figure for the two halves of the time before).
    """
    roles = {"treated": treated, "control": control, "near_treated": near_treated, "near_control": near_control}
    areas = _checked(roles, level)
    signs = dict(zip(roles, (1.0, -1.0, 1.0, -1.0), strict=True))
    wide = scatter([part for area in areas.values() for part in (area.before, area.after)])
    estimate, error = _difference(areas, signs, wide)
    if error == 0:
        raise Refusal("no_cases")
    df = wide.df if wide.wide else np.inf
    half = error * (t_of(level, df) if wide.wide else z_of(level))
    checks = [wide.check((estimate / (error * z_of(level))) ** 2)]
    checks += [_comparable(areas, signs), *small(areas), *_sizes(areas)]
    near = {role: area for role, area in areas.items() if role.startswith("near")}
    moved, moved_error = _difference(near, signs, wide)
    return Effect(
        "wdd", "cases", estimate, estimate - half, estimate + half, p_of(estimate / error, df), 0.0,
        "negative binomial" if wide.wide else "Poisson", level, checks=tuple(checks),
        details={
            "error": error,
            "direct": estimate - moved,
            "near_by": moved if near else None,
            "near_by_error": moved_error if near else None,
            "alpha": wide.alpha if wide.wide else 0.0,
            "changes": {role: area.change for role, area in areas.items()},
        },
    )  # fmt: skip


def _checked(roles: dict[str, Counts | None], level: float) -> dict[str, Counts]:
    faults = Faults()
    check_level(faults, level)
    if (roles["near_treated"] is None) != (roles["near_control"] is None):
        faults.add("near_control", "areas near by need their comparison, and it needs them", None, "Give both or none.")
    areas = {}
    for role, area in roles.items():
        if area is not None:
            before, after = (counted(faults, f"{role}.{name}", getattr(area, name)) for name in ("before", "after"))
            areas[role] = Counts(before, after)
    lengths = {(len(area.before), len(area.after)) for area in areas.values()}
    if len(lengths) > 1 or any(before != after for before, after in lengths):
        told = ", ".join(f"{role} {len(area.before)} and {len(area.after)}" for role, area in areas.items())
        faults.add("parts", "before and after are not equally many parts everywhere", told, "Take equally long times.")
    faults.raise_if_any()
    return areas


def _difference(areas: dict[str, Counts], signs: dict[str, float], wide: Scatter) -> tuple[float, float]:
    estimate = sum(signs[role] * area.change for role, area in areas.items())
    variance = sum(wide.variance(area.before) + wide.variance(area.after) for area in areas.values())
    return float(estimate), float(np.sqrt(variance))


def _comparable(areas: dict[str, Counts], signs: dict[str, float]) -> Check:
    """The same figure for two halves of the time before, when nothing had begun yet."""
    if len(areas["treated"].before) < PARTS_FOR_PLACEBO:
        return Check("comparable_untested", {"needed": PARTS_FOR_PLACEBO})
    halves = {role: area.halves_before() for role, area in areas.items()}
    wide = scatter([part for area in halves.values() for part in (area.before, area.after)])
    estimate, error = _difference(halves, signs, wide)
    p = p_of(estimate / error, wide.df if wide.wide else np.inf) if error else 1.0
    if p < REFUSE_P:
        raise Refusal("apart_cases", cases=estimate, p=p)
    return Check("comparable" if p >= DOUBT_P else "comparable_doubtful", {"p": p})


def small(areas: dict[str, Counts]) -> list[Check]:
    """Told where a sum is so small that the law of errors is rough."""
    least = min(int(part.sum()) for area in areas.values() for part in (area.before, area.after))
    return [Check("small_counts", {"least": SMALL})] if least < SMALL else []


def _sizes(areas: dict[str, Counts]) -> list[Check]:
    treated, control = (float(areas[role].before.sum()) for role in ("treated", "control"))
    times = max(treated, control) / max(1.0, min(treated, control))
    return [Check("unlike_size", {"times": times})] if times > 2 else []
