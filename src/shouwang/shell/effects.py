"""`shouwang effects`: did it work, and is it more than chance?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.effects.answer import CONTROL, TREATED
from shouwang.engine.effects.answer import answer as by_rule
from shouwang.engine.effects.change import poisson as before_and_after
from shouwang.engine.effects.change import reported as published
from shouwang.engine.effects.did import did as differences
from shouwang.engine.effects.empty import empty_areas
from shouwang.engine.effects.funnel import funnel as beside_one_another
from shouwang.engine.effects.knox import knox as near_repeats
from shouwang.engine.effects.result import Effect
from shouwang.engine.effects.rirr import rirr as relative
from shouwang.engine.effects.series import its as interrupted
from shouwang.engine.effects.series import trend as whole_change
from shouwang.engine.effects.sppt import sppt as patterns
from shouwang.engine.effects.wdd import wdd as weighted_difference
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.distance import Plane
from shouwang.shell._io import emit_json
from shouwang.shell.forecast import only
from shouwang.tables.effects import ROLES, read_areas_beside, read_panel, read_series, read_sets, read_splits
from shouwang.tables.history import arrays, read_calls

TABLE = click.argument("table", type=click.Path(path_type=Path))
STATES = {True: "holds", False: "does not hold", None: "not tested"}


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    level = click.option(
        "--level", type=click.FloatRange(0.5, 1, max_open=True), default=0.95, show_default=True,
        help="Confidence of the interval.",
    )  # fmt: skip
    return level(click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command))


SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
SEASON = click.option("--season", type=click.IntRange(min=3), help="Periods per year, as 12: seasons are taken out.")


@click.group()
def effects() -> None:
    """Tell whether something worked, and by how much, from counts.

    Every answer names its assumptions, what was tested of them, and what was done where one failed. Exit code 3: the
    counts allow no fair answer, and why.
    """


@effects.command()
@TABLE
@_options
def wdd(table: Path, level: float, as_json: bool) -> None:
    """Cases fewer than in comparison areas, moved ones counted in (weighted displacement difference).

    TABLE: role (treated, control, near_treated, near_control), time (before, after), count. Several rows of a role
    and time are its parts, as months: they show how widely counts scatter, and whether the areas moved alike before.
    """
    _tell(weighted_difference(**read_splits(table, ROLES), level=level), as_json)


@effects.command()
@TABLE
@_options
def rirr(table: Path, level: float, as_json: bool) -> None:
    """By what factor an area changed beyond its comparison (relative incident rate ratio), from the sums of both.

    TABLE: role (treated, control), time (before, after), count. Several rows of a role and time are its parts, as
    months.
    """
    read = read_splits(table, ROLES)
    _tell(relative(read["treated"], read["control"], level), as_json)


@effects.command()
@TABLE
@click.option("--exposure-before", type=float, default=1.0, show_default=True, help="Days, households, … before.")
@click.option("--exposure-after", type=float, default=1.0, show_default=True, help="The same after.")
@_options
def poisson(table: Path, exposure_before: float, exposure_after: float, level: float, as_json: bool) -> None:
    """After over before, without comparison areas (Poisson, or negative binomial where counts scatter widely).

    TABLE: time (before, after), count; several rows are the parts of a time.
    """
    area = read_splits(table)["area"]
    _tell(before_and_after(area, exposure_before, exposure_after, level), as_json)


@effects.command()
@click.option("--change", type=float, required=True, help="Percent, as -32.46.")
@click.option("--decimals", type=click.IntRange(0, 4), default=1, show_default=True, help="Digits behind the point.")
@_options
def reported(change: float, decimals: int, level: float, as_json: bool) -> None:
    """What a published percentage can mean when the counts were not published."""
    found = published(change, decimals, level)
    one = found.details
    text = (
        f"The smallest counts with these digits are {one['least_before']} before and {one['least_after']} after; such "
        f"a change is told from chance from {one['told_apart_from']} cases before on."
    )
    _tell(found, as_json, text)


@effects.command()
@TABLE
@_options
def answer(table: Path, level: float, as_json: bool) -> None:
    """Did it work, by the method that fits the areas: a rule fixed beforehand, as on the page “Did it work?”.

    TABLE: area, group (treated, control), period, time (before, after), count; each area in each period.
    """
    panel = read_panel(table)
    order = np.argsort(panel.after, kind="stable")
    role = np.where(panel.treated, TREATED, CONTROL)
    found = by_rule(panel.counts[:, order], role, int((~panel.after).sum()), level)
    if found.main is None:
        assert found.refused is not None
        raise found.refused
    _tell(found.main, as_json, "\n".join(map(str, found.steps)))


@effects.command()
@TABLE
@_options
def did(table: Path, level: float, as_json: bool) -> None:
    """By what factor many treated areas changed beyond comparison areas (difference in differences).

    TABLE: area, group (treated, control), period, time (before, after), count; each area in each period.
    """
    _tell(differences(read_panel(table), level), as_json)


@effects.command()
@TABLE
@SEED
@_options
def sppt(table: Path, seed: int, level: float, as_json: bool) -> None:
    """Whether a pattern in place moved (Andresen's spatial point pattern test, robust and generalised).

    TABLE: area, base, test (cases of each set in the area); areas without a case too. With a column part (a month, a
    week) each area has a row for each part: they show whether cases gather more than chance. A set that has no such
    part leaves its count empty.
    """
    names, (base, test) = read_sets(table)
    found = patterns(base, test, rng=np.random.default_rng(seed), level=level)
    one = found.details
    text = f"S {one['s']:.3f}, robust {one['s_robust']:.3f}, generalised {one['generalised']:.3f}."
    _tell(found, as_json, text, areas=names)


@effects.command()
@TABLE
@SEASON
@click.option("--slope", is_flag=True, help="Let the line bend as well as jump.")
@_options
def its(table: Path, season: int | None, slope: bool, level: float, as_json: bool) -> None:
    """Whether a series left its own line where something began (interrupted series).

    TABLE: count and time (before, after), a row per period, in order.
    """
    count, began = read_series(table)
    if began is None:
        raise BadInput([Fault(f"{table.name}, column time", "the column is missing", None, "Add before and after.")])
    _tell(interrupted(count, began, season, slope, level), as_json)


@effects.command()
@TABLE
@SEASON
@_options
def trend(table: Path, season: int | None, level: float, as_json: bool) -> None:
    """The change over a whole series, with its interval.

    TABLE: count, a row per period, in order.
    """
    found = whole_change(read_series(table)[0], season, level)
    one = found.details
    text = (
        f"{one['per_period'] - 1:+.2%} per period ({one['per_period_low'] - 1:+.2%} to "
        f"{one['per_period_high'] - 1:+.2%})."
    )
    _tell(found, as_json, text)


@effects.command()
@TABLE
@_options
def funnel(table: Path, level: float, as_json: bool) -> None:
    """Which areas differ by more than chance (funnel limits of 95 and 99.8 %).

    TABLE: area, count, exposure (what cases should grow with: households, calls).
    """
    names, (count, exposure) = read_areas_beside(table, ("count", "exposure"))
    found = beside_one_another(count, exposure, level)
    rows = [{"area": name} | row for name, row in zip(names, found.details["areas"], strict=True)]
    stand_out = [f"{row['area']}: {row['count']}, expected {row['expected']:.1f} ({row['low_998']:g} to "
                 f"{row['high_998']:g})" for row in rows if row["state"] in ("below", "above")]  # fmt: skip
    _tell(found, as_json, "\n".join(stand_out), areas=rows)


@effects.command()
@click.option("--areas", type=int, required=True, help="How many areas there are.")
@click.option("--empty", type=int, required=True, help="How many had no case.")
@click.option("--cases", type=int, help="How many cases there were in all.")
@_options
def empty(areas: int, empty: int, cases: int | None, level: float, as_json: bool) -> None:
    """Whether more areas are without a case than chance leaves."""
    found = empty_areas(empty, areas, cases, level=level)
    behind = found.details["cases_behind"]
    text = f"So many are empty by chance alone when there are about {behind:.0f} cases in all."
    _tell(found, as_json, text if np.isfinite(behind) else "")


@effects.command()
@click.argument("calls", type=click.Path(path_type=Path))
@click.option("--category", help="Kinds to take, separated by commas; all if left out.")
@click.option("--within-m", default="200,400", show_default=True, help="Ends of the bands of distance, in metres.")
@click.option("--within-d", default="14,28", show_default=True, help="Ends of the bands of time, in days.")
@click.option("--draws", type=click.IntRange(min=99), default=999, show_default=True, help="Orders to compare with.")
@SEED
@_options
def knox(
    calls: Path, category: str | None, within_m: str, within_d: str, draws: int, seed: int, level: float, as_json: bool
) -> None:
    """Whether a case is followed by others near by (repeats and near repeats, Knox).

    CALLS: time, lon, lat, category (CSV or Parquet). What patrols found themselves is left out.
    """
    read = arrays(read_calls(calls))
    read = read.take(read.heard())
    read = only(read, category or "")
    x_m, y_m = Plane.around(read.lon, read.lat).to_xy(read.lon, read.lat) if len(read) else (read.lon, read.lat)
    bands = {"within_m": _numbers("--within-m", within_m), "within_d": _numbers("--within-d", within_d)}
    rng = np.random.default_rng(seed)
    found = near_repeats(x_m, y_m, read.time_s, rng=rng, draws=draws, level=level, **bands)
    lines = [
        f"{row['from_m']:5.0f} to {row['to_m']:5.0f} m, {row['from_d']:4.0f} to {row['to_d']:4.0f} days: "
        f"{row['pairs']:7} pairs, {row['by_chance']:9.1f} by chance, {_p(row['p'])}"
        for row in found.details["bands"]
    ]
    _tell(found, as_json, "\n".join(lines))


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise BadInput([Fault(option, "not numbers separated by commas", text, "Write for example 200,400.")]) from None


def _p(value: float) -> str:
    return "p < 0.001" if value < 5e-4 else f"p = {value:.3f}"


def _tell(found: Effect, as_json: bool, more: str = "", areas: list[Any] | None = None) -> None:
    details = dict(found.details) | ({} if areas is None else {"areas": areas})
    if as_json:
        emit_json(
            {
                "method": found.method, "measure": found.measure, "estimate": found.estimate, "low": found.low,
                "high": found.high, "level": found.level, "interval_of": "chance" if found.of_chance else "estimate",
                "p": found.p, "none": found.none, "verdict": found.verdict, "sentence": found.sentence(),
                "law": found.law, "switched": [check.code for check in found.switched],
                "checks": [
                    {"code": check.code, "held": check.held, "text": str(check), **check.values}
                    for check in found.checks
                ],
                "assumptions": list(found.assumptions), "details": details,
            }
        )  # fmt: skip
        return
    p = "" if np.isnan(found.p) else f" ({_p(found.p)}, {found.law})"
    lines = [found.sentence() + p, *([more] if more else [])]
    lines += [f"{STATES[check.held]}: {check}" for check in found.checks]
    click.echo("\n".join([*lines, *(f"assumed: {text}" for text in found.assumptions)]))
