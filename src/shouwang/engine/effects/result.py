"""The one shape in which every method answers, and the sentences it is told with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy import special

from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import IntArray

Verdict = Literal["less", "more", "chance", "untold"]

ASSUMES: dict[str, tuple[str, ...]] = {
    "wdd": (
        "Without the measure the counts of both areas would have changed by the same number.",
        "Cases happen independently of one another, at a rate that is steady within each time.",
        "The areas were not chosen because their counts had just been high.",
    ),
    "poisson": (
        "Nothing else changed: without comparison areas every other cause counts as the measure's.",
        "Cases happen independently of one another, at a rate that is steady within each time.",
        "The area was not chosen because its count had just been high.",
    ),
    "did": (
        "Without the measure both groups would have changed by the same factor.",
        "Areas are independent of one another; within an area anything may depend on anything.",
        "The measure did not reach the comparison areas.",
    ),
    "rirr": (
        "Without the measure both groups would have changed by the same factor.",
        "Parts of a time differ by chance alone, or by as much as they did in these times.",
        "The measure did not reach the comparison areas.",
    ),
    "sppt": (
        "The areas are the same in both sets.",
        "Points are placed independently of one another, or gather as much as they do from part to part.",
    ),
    "its": (
        "Without the measure the line of the time before would have gone on.",
        "Nothing else began at the same time.",
    ),
    "trend": ("The change per period is a steady factor.", "Recording did not change."),
    "funnel": (
        "The exposure given is what cases should grow with.",
        "Areas differ by chance, or by as much as areas commonly differ, and not for reasons they cannot help.",
    ),
    "empty": ("Each case falls on the areas by their weights, independently of the others.",),
    "knox": (
        "Time and place of cases are unrelated but for what is tested.",
        "Risk did not move about the district but as it did between the zones and periods that were kept apart.",
    ),
}

# code: (whether the assumption held; None where it cannot be tested, what was found and what was done about it)
TEXTS: dict[str, tuple[bool | None, str]] = {
    "scatter_poisson": (True, "Counts scatter as chance does (variance/mean {index:.2f}, p = {p:.3f}): Poisson law."),
    "scatter_wide": (
        False,
        "Counts scatter more than chance (variance/mean {index:.2f}, p = {p:.3f}): negative binomial law.",
    ),
    "scatter_quasi": (
        False,
        "Counts scatter more than chance (variance/mean {index:.2f}, p = {p:.3f}): errors were widened by it.",
    ),
    "scatter_untested": (
        None,
        "Whether counts scatter more than chance cannot be told from single counts: give counts of parts, as months.",
    ),
    "scatter_bears": (
        None,
        "Whether counts scatter more than chance cannot be told from single counts: give counts of parts, as months. "
        "The result is chance if their variance is more than {index_needed:.2f} times their mean.",
    ),
    "small_counts": (False, "Some counts are below {least}: the interval is rough."),
    "comparable": (True, "Before it began, both groups moved alike (p = {p:.3f})."),
    "comparable_doubtful": (False, "Before it began, the groups already moved apart somewhat (p = {p:.3f})."),
    "comparable_untested": (
        None,
        "Whether the groups moved alike before cannot be tested: give at least {needed} parts of the time before.",
    ),
    "unlike_size": (
        False,
        "Before it began, one group had {times:.1f} times the cases of the other: equal changes in number are "
        "doubtful; compare by factors (did).",
    ),
    "no_comparison": (None, "No comparison areas: what else changed cannot be told from the measure."),
    "few_units": (False, "Only {units} areas in the smaller group: intervals use {df:.1f} degrees of freedom."),
    "units_enough": (True, "{units} areas in the smaller group: errors clustered by area."),
    "empty_areas": (False, "{areas} areas are empty in both sets and were left out (robust S)."),
    "few_points": (False, "Fewer than one point per area: many areas look alike only because they hold little."),
    "resolved": (True, "In {share:.0%} of the areas a share twice as large would be told from chance."),
    "coarse": (
        False,
        "Only in {share:.0%} of the areas would a share twice as large be told from chance: areas look alike because "
        "they hold little. Take larger areas or more points.",
    ),
    "areas_match": (True, "No area holds points in one set and, against all chance, none in the other."),
    "areas_one_sided": (
        False,
        "{areas} areas hold points in one set and, against all chance, none in the other: see whether both sets were "
        "counted on the same areas.",
    ),
    "gathering": (
        False,
        "From part to part points gather more than chance (variance/mean {index:.2f}, p = {p:.3f}): chance and errors "
        "were widened by it.",
    ),
    "not_gathering": (True, "From part to part points fall as chance has it (variance/mean {index:.2f}, p = {p:.3f})."),
    "gathering_untested": (
        None,
        "Whether points gather more than chance, as repeats and double entries make them, cannot be told from one "
        "count of each area: give parts, as months.",
    ),
    "narrow_by_design": (
        None,
        "Two sets from one pattern would be called alike in {chance:.0%} of the areas only, because drawing 85 % of "
        "the points varies less than points do: compare S with that, not with 1.",
    ),
    "season_taken": (True, "Seasons of {season} periods were taken out."),
    "season_unknown": (None, "Seasons were not taken out: that takes two years of the time and --season."),
    "autocorrelated": (
        False,
        "Neighbouring periods are alike (p = {p:.3f}): errors that allow for it were used (Newey–West).",
    ),
    "independent": (True, "Neighbouring periods are independent of one another (p = {p:.3f})."),
    "zeros": (True, "{empty} areas have no case; {expected:.1f} would by chance alone."),
    "many_tests": (True, "Of {areas} areas about {expected:.2f} lie outside by chance alone."),
    "repeated_rows": (False, "{cases} cases have the time and place of another one and were counted once."),
    "same_points": (
        False,
        "{share:.0%} of the cases share their point with others: same place may mean same map point.",
    ),
    "risk_steady": (
        True, "Risk did not move about between {zones} zones and {periods} periods beyond chance (p = {p:.3f}).",
    ),
    "risk_moved": (
        False,
        "Risk moved about between {zones} zones and {periods} periods (p = {p:.3f}): times were dealt out within each "
        "of them alone, which keeps that apart from repeats.",
    ),
    "risk_untested": (
        None,
        "Whether risk moved about, which passes for repeats, cannot be tested: it takes {needed} cases, over an area "
        "and a time several times as wide as the bands.",
    ),
    "few_pairs": (
        False, "Chance gives {pairs:.1f} near pairs only: the ratio is rough, and a small effect goes unseen.",
    ),
    "pairs_enough": (True, "Chance gives {pairs:.0f} near pairs."),
    "date_only": (None, "Times are dates: distances in time are whole days."),
    "cases_missing": (
        None,
        "How many cases there were was not told. {cases} cases that fall on the areas by chance leave {empty} of them "
        "empty: the number of empty areas alone shows how rare cases are, not that anything was prevented.",
    ),
    "counts_missing": (
        None,
        "Only the change was published. The figures stand for the smallest counts that give these digits.",
    ),
}
# Those checks that `answer`'s methods make.
TOLD_OF_MEASURES = (
    "scatter_poisson", "scatter_wide", "scatter_untested", "scatter_bears", "small_counts", "comparable",
    "comparable_doubtful", "comparable_untested", "unlike_size", "no_comparison", "few_units", "units_enough",
)

# Why a method gives no answer.
REFUSALS: dict[str, str] = {
    "blind": "With {points} points on {areas} areas even patterns that have nothing in common would pass for one: take "
    "larger areas or more points.",
    "no_cases": "No case was counted, before or after: there is nothing to compare.",
    "one_side": "Counts scatter more than chance and one side has no case: no ratio can be told.",
    "no_factor": "A group has no case before or none after: no factor exists. Compare numbers instead (wdd).",
    "one_area": "Only {units} {name} area: how much areas differ by themselves cannot be told. Give at least two, or "
    "compare two areas by the weighted displacement difference (wdd).",
    "apart_factor": "The comparison areas do not fit: already before it began the groups moved apart by a factor of "
    "{factor:.2f} (p = {p:.4f}). Choose other comparison areas.",
    "apart_cases": "The comparison areas do not fit: already before it began the groups moved apart by {cases:+.0f} "
    "cases (p = {p:.4f}), so that a difference after it says nothing. Choose other comparison areas.",
}
SWITCHES = {
    "scatter_wide", "scatter_quasi", "autocorrelated", "few_units", "empty_areas", "gathering", "risk_moved",
}  # fmt: skip

SENTENCES: dict[str, dict[Verdict, str]] = {
    "wdd": {
        "less": "{size:.0f} cases fewer than the comparison areas lead to expect ({low:.0f} to {high:.0f}).",
        "more": "{size:.0f} cases more than the comparison areas lead to expect ({low:.0f} to {high:.0f}).",
        "chance": "No effect beyond chance: {estimate:+.0f} cases, and anything from {low:+.0f} to {high:+.0f} "
        "is possible.",
    },
    "ratio": {
        "less": "{change:.0%} fewer cases (between {low_change:+.0%} and {high_change:+.0%}).",
        "more": "{change:.0%} more cases (between {low_change:+.0%} and {high_change:+.0%}).",
        "chance": "No change beyond chance: {estimate_change:+.0%}, and anything from {low_change:+.0%} to "
        "{high_change:+.0%} is possible.",
    },
    "sppt": {
        "less": "The pattern moved: {estimate:.0%} of the areas are alike, by chance alone {low:.0%} to {high:.0%}.",
        "more": "The patterns are more alike than two draws from one: {estimate:.0%} against {low:.0%} to {high:.0%}.",
        "chance": "No sign that the pattern moved: {estimate:.0%} of the areas are alike, by chance alone {low:.0%} to "
        "{high:.0%}.",
    },
    "funnel": {
        "less": "{estimate:.0f} areas stand out.",
        "more": "{estimate:.0f} areas stand out, by chance alone {low:.0f} to {high:.0f}.",
        "chance": "{estimate:.0f} areas stand out, which chance alone does too ({low:.0f} to {high:.0f}).",
    },
    "empty": {
        "less": "{estimate:.0f} areas without a case, fewer than chance alone leaves ({low:.0f} to {high:.0f}).",
        "more": "{estimate:.0f} areas without a case, more than chance alone leaves ({low:.0f} to {high:.0f}).",
        "chance": "{estimate:.0f} areas without a case, as many as chance alone leaves ({low:.0f} to {high:.0f}).",
        "untold": "{estimate:.0f} areas without a case: without the number of cases that says nothing.",
    },
    "knox": {
        "less": "Cases keep apart: {estimate:.2f} times the near pairs of chance ({low:.2f} to {high:.2f}).",
        "more": "A case is followed by others near by: {estimate:.2f} times the near pairs of chance ({low:.2f} to "
        "{high:.2f}).",
        "chance": "No sign that one case brings the next: {estimate:.2f} times the near pairs of chance ({low:.2f} to "
        "{high:.2f}).",
    },
}


class Refusal(NoAnswer):
    """No answer, and why. `code` is a key of `REFUSALS`, `values` fill its gaps."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(REFUSALS[code].format(**values))


@dataclass(frozen=True, slots=True)
class Check:
    """An assumption that was looked at. `code` is a key of `TEXTS`, `values` fill its gaps."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        TEXTS[self.code]  # a check that says nothing is found where it is made

    @property
    def held(self) -> bool | None:
        """None where it could not be tested."""
        return TEXTS[self.code][0]

    def __str__(self) -> str:
        return TEXTS[self.code][1].format(**self.values)


@dataclass(frozen=True, slots=True)
class Effect:
    """`estimate` in units of `measure` (cases, ratio, share, areas); `none`: what no effect would give.

    `low`, `high` at `level` enclose the truth, or, with `of_chance`, what chance alone gives; `p`: how often chance
    alone gives so much or more, both ways (funnel: so many areas or more); `law`: the law that errors were taken from;
    `details`: method by method.
    """

    method: str
    measure: str
    estimate: float
    low: float
    high: float
    p: float
    none: float
    law: str
    level: float = 0.95
    of_chance: bool = False
    checks: tuple[Check, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def assumptions(self) -> tuple[str, ...]:
        return ASSUMES[self.method]

    @property
    def switched(self) -> tuple[Check, ...]:
        """The checks because of which another law or error was taken than the plain one."""
        return tuple(check for check in self.checks if check.code in SWITCHES)

    @property
    def verdict(self) -> Verdict:
        """Whether the figure is told from chance at `level`; untold where there is no p."""
        if np.isnan(self.p):
            return "untold"
        if self.p > 1 - self.level:
            return "chance"
        return "less" if self.estimate < self.none else "more"

    def sentence(self) -> str:
        """The result for a person, its uncertainty in it."""
        if np.isinf(self.estimate):
            return "There was no case before, so that no percentage exists."
        told = SENTENCES["ratio" if self.measure == "ratio" and self.method != "knox" else self.method][self.verdict]
        low, high = self.low, self.high
        if self.method == "wdd" and self.verdict != "chance":
            low, high = sorted((abs(low), abs(high)))
        return told.format(
            estimate=self.estimate, size=abs(self.estimate), low=low, high=high,
            change=abs(self.estimate - 1), estimate_change=self.estimate - 1,
            low_change=self.low - 1, high_change=self.high - 1,
        )  # fmt: skip


def z_of(level: float) -> float:
    """Half the width of a normal interval, in standard errors."""
    return float(special.ndtri(0.5 + level / 2))


def t_of(level: float, df: float) -> float:
    """Half the width of Student's interval, in standard errors."""
    return float(special.stdtrit(df, 0.5 + level / 2))


def p_of(statistic: float, df: float = np.inf) -> float:
    """Both-sided p of a normal (df infinite) or Student's statistic."""
    return float(2 * (special.ndtr(-abs(statistic)) if np.isinf(df) else special.stdtr(df, -abs(statistic))))


def counted(faults: Faults, where: str, values: Any) -> IntArray:
    """Whole counts from 0 on as an array; faults name the values that are none."""
    array = np.atleast_1d(np.asarray(values, float))
    wrong = ~(np.isfinite(array) & (array >= 0) & (array == np.floor(array)))
    for i in np.flatnonzero(wrong).tolist():
        faults.add(f"{where}[{i}]", "not a count", array[i], "Give whole numbers from 0 on.")
    if not array.size:
        faults.add(where, "no count is given", None, "Give at least one.")
    return np.where(wrong, 0, array).astype(np.int64)


def check_level(faults: Faults, level: float) -> None:
    if not 0.5 <= level < 1:
        faults.add("level", "not a level of confidence", level, "Give a share from 0.5 to below 1, as 0.95.")


