"""`shouwang deploy posts`: where posts go."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.deploy.posts import Posts, expected_cover, max_cover, p_center, p_median, set_cover
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import NoStop, Stop, TimeLimit
from shouwang.shell._io import emit_json, say
from shouwang.shell.deploy import _shifts
from shouwang.shell.deploy._shifts import Shifts
from shouwang.tables.costs import CostTable, read_npz, read_orlib
from shouwang.tables.places import numbers, read_rows, spots
from shouwang.tables.streets import read_streets

# objective: the options it needs besides the costs
OBJECTIVES: dict[str, tuple[str, ...]] = {
    "p-median": ("--count",),
    "max-cover": ("--count", "--within-s"),
    "p-center": ("--count",),
    "set-cover": ("--within-s",),
    "expected-cover": ("--count", "--within-s", "--busy"),
}
_MEANT = {
    "--count": "Say how many posts.",
    "--within-s": "Say how many seconds count as reached.",
    "--busy": "Say which share of the time a unit is busy, for example 0.3.",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where costs come from: exactly one of cost, orlib, or streets with demand and candidates."""

    cost: Path | None
    orlib: Path | None
    streets: Path | None
    demand: Path | None
    candidates: Path | None

    def read(self, *, weighted: bool = True) -> CostTable:
        """The table of costs; `weighted`: demand by road brings its weights. Raises `BadInput` for none or several
        sources, and for what is wrong in them."""
        self._check()
        if self.cost:
            return read_npz(self.cost)
        if self.orlib:
            return read_orlib(self.orlib)
        assert self.streets
        assert self.demand
        assert self.candidates
        return _by_road(self.streets, self.demand, self.candidates, weighted)

    def _check(self) -> None:
        given = [self.cost is not None, self.orlib is not None, self.streets is not None]
        if sum(given) != 1:
            remedy = "Give one of --cost, --orlib, or --streets with --demand and --candidates."
            raise BadInput([Fault("--cost, --orlib, --streets", "exactly one source is needed", sum(given), remedy)])
        faults = Faults()
        for name, value in (("--demand", self.demand), ("--candidates", self.candidates)):
            if self.streets is not None and value is None:
                faults.add(name, "the option is missing", None, "Give it together with --streets.")
            if self.streets is None and value is not None:
                faults.add(name, "the option belongs to --streets", str(value), "Leave it out.")
        faults.raise_if_any()


@click.command()
@click.option("--cost", type=click.Path(path_type=Path), help="npz with C (demand × candidates) and w.")
@click.option("--orlib", type=click.Path(path_type=Path), help="p-median file of the OR-Library.")
@click.option("--streets", type=click.Path(path_type=Path), metavar="PREFIX",
              help="Street network: PREFIX_nodes.parquet and PREFIX_edges.parquet, or a folder of the two.")
@click.option("--demand", type=click.Path(path_type=Path),
              help="Parquet or CSV: node or lon,lat, and weight. With --streets.")
@click.option("--candidates", type=click.Path(path_type=Path),
              help="Parquet or CSV: node or lon,lat. With --streets.")
@click.option("--count", type=int, help="How many posts; not for set-cover. An OR-Library file has its own number.")
@click.option("--objective", type=click.Choice(list(OBJECTIVES)), required=True,
              help="p-median: least weight × travel; max-cover: most weight within --within-s; p-center: least longest "
              "travel; set-cover: fewest posts that reach all within --within-s; expected-cover: most weight that a "
              "free unit reaches within --within-s.")
@click.option("--within-s", type=float, help="Seconds (or cost) that count as reached, for the three covers.")
@click.option("--busy", type=float, help="Share of the time a unit is busy, 0 to below 1, for expected-cover.")
@click.option("--fixed", default="", help="Candidate numbers that are posts anyway, separated by commas.")
@click.option("--forbidden", default="", help="Candidate numbers that may not be posts, separated by commas.")
@click.option("--shifts", "shifts_file", type=click.Path(path_type=Path),
              help="CSV or Parquet: shift (a name), demand (its number), weight. One plan over all shifts, for "
              "p-median; the weights of the demand itself are left aside.")
@click.option("--now", default="",
              help="Where each unit stands before the first shift: candidate numbers, separated by commas. With "
              "--shifts, in place of --count.")
@click.option("--price", type=float, help="Weight × seconds that a move has to save, 0 if left out. With --shifts.")
@click.option("--limit-s", type=click.FloatRange(min=0), help="Stop after so many seconds with the best so far.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the local search.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def posts(
    cost: Path | None, orlib: Path | None, streets: Path | None, demand: Path | None, candidates: Path | None,
    count: int | None, objective: str, within_s: float | None, busy: float | None, fixed: str, forbidden: str,
    shifts_file: Path | None, now: str, price: float | None, limit_s: float | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Choose posts among candidates, with a bound that says how good the choice is.

    Candidates are numbered as in the file: from 1 in an OR-Library file, from 0 in npz and in tables. The objective of
    set-cover is the number of posts. status is optimal only where the gap is at most 1e-6; a search that ran out of
    time says feasible. seconds is the time to solve, without reading the files; --limit-s bounds it.

    With --shifts units keep their names: posts lists per shift where each unit of --now stands, and the objective is
    weight × travel over all shifts plus --price for each move. --fixed are then crews beside them that never move.
    """
    table = Sources(cost, orlib, streets, demand, candidates).read(weighted=shifts_file is None)
    given = {"--count": count, "--within-s": within_s, "--busy": busy}
    if shifts_file is None:
        _only_with_shifts(now, price)
        shifts, wanted = None, _options(table, objective, given, fixed, forbidden)
    else:
        shifts = _of_shifts(table, shifts_file, objective, given, fixed, forbidden, now, price)
    say(f"{table.cost.shape[0]} places of demand, {table.cost.shape[1]} candidates.")
    stop = NoStop() if limit_s is None else TimeLimit(limit_s)
    if shifts is not None:
        began = time.perf_counter()
        plan = _shifts.solved(table, shifts, stop)
        told = _shifts.document(table, shifts, plan, time.perf_counter() - began)
        emit_json(told) if as_json else click.echo(_shifts.as_text(told))
        return
    _solved(CostTable(np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones(2), 0), _TRIAL, objective, NoStop(), 0)
    began = time.perf_counter()
    found = _solved(table, wanted, objective, stop, seed)
    document = _document(found, table.first, time.perf_counter() - began)
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


@dataclass(frozen=True, slots=True)
class _Wanted:
    count: int
    within_s: float
    busy: float
    fixed: list[int]
    forbidden: list[int]


_TRIAL = _Wanted(1, 0.5, 0.5, [], [])
"""A question whose answer does not matter: it loads compiled code before the clock starts."""


def _solved(table: CostTable, wanted: _Wanted, objective: str, stop: Stop, seed: int) -> Posts:
    given = table.cost, table.weight
    common: dict[str, Any] = {
        "fixed": wanted.fixed, "forbidden": wanted.forbidden, "stop": stop, "rng": np.random.default_rng(seed),
    }  # fmt: skip
    match objective:
        case "p-median":
            return p_median(*given, wanted.count, **common)
        case "max-cover":
            return max_cover(*given, wanted.count, wanted.within_s, **common)
        case "p-center":
            return p_center(*given, wanted.count, **common)
        case "set-cover":
            return set_cover(*given, wanted.within_s, **common)
        case _:
            return expected_cover(*given, wanted.count, wanted.within_s, wanted.busy, **common)


def _options(
    table: CostTable, objective: str, given: dict[str, Any], fixed: str, forbidden: str
) -> _Wanted:
    """Options that depend on one another or on the file. Raises `BadInput`."""
    faults, places = Faults(), table.cost.shape[1]
    if given["--count"] is not None and not 1 <= given["--count"] <= places:
        faults.add("--count", "there are not so many candidates", given["--count"], f"Ask for 1 to {places}.")
    for option, value in given.items():
        if option in OBJECTIVES[objective]:
            if value is None and not (option == "--count" and table.count):
                faults.add(option, "the option is missing", None, _MEANT[option])
        elif value is not None:
            others = ", ".join(name for name, needs in OBJECTIVES.items() if option in needs)
            faults.add(option, "the option belongs to another objective", value, f"Leave it out, or choose {others}.")
    count, within_s, busy = given["--count"] or table.count or 0, given["--within-s"], given["--busy"]
    if within_s is not None and not (np.isfinite(within_s) and within_s >= 0):
        faults.add("--within-s", "seconds are a finite number, 0 or more", within_s, "Correct it.")
    if busy is not None and not 0 <= busy < 1:
        faults.add("--busy", "a busy share is 0 or more and below 1", busy, "Give for example 0.3.")
    stand, out = _numbers(faults, "--fixed", fixed, table), _numbers(faults, "--forbidden", forbidden, table)
    faults.raise_if_any()
    return _Wanted(count, within_s or 0.0, busy or 0.0, stand, out)


def _only_with_shifts(now: str, price: float | None) -> None:
    faults = Faults()
    for option, value in (("--now", now or None), ("--price", price)):
        if value is not None:
            faults.add(option, "the option belongs to --shifts", value, "Leave it out, or give --shifts.")
    faults.raise_if_any()


def _of_shifts(
    table: CostTable, file: Path, objective: str, given: dict[str, Any], fixed: str, forbidden: str, now: str,
    price: float | None,
) -> Shifts:  # fmt: skip
    """The question over several shifts. Raises `BadInput`."""
    faults = Faults(keep=200)
    if objective != "p-median":
        faults.add("--objective", "several shifts are planned for p-median alone", objective, "Choose p-median.")
    for option in ("--within-s", "--busy"):
        if given[option] is not None:
            faults.add(option, "the option belongs to another objective", given[option], "Leave it out.")
    stand, stay, out = (
        _numbers(faults, option, text, table)
        for option, text in (("--now", now), ("--fixed", fixed), ("--forbidden", forbidden))
    )
    if not now.strip():
        faults.add("--now", "the option is missing", None, "Say at which candidate each unit stands.")
    elif given["--count"] not in (None, len(stand)):
        faults.add("--count", "--count and --now are not as many", given["--count"], "Leave --count out.")
    for j in sorted(set(stand) & set(out)):
        faults.add("--now", "a unit stands where no post may be", j + table.first, "Allow it, or move the unit.")
    if price is not None and not (np.isfinite(price) and price >= 0):
        faults.add("--price", "a price is a finite number, 0 or more", price, "Correct it.")
    names, weight = _shifts.read_shifts(faults, file, table)
    faults.raise_if_any()
    allowed = np.ones(table.cost.shape[1], bool)
    allowed[out] = False
    return Shifts(names, weight, np.array(stand, np.int64), np.array(stay, np.int64), allowed, price or 0.0)


def _numbers(faults: Faults, option: str, text: str, table: CostTable) -> list[int]:
    """Candidates named on the command line, counted from 0."""
    try:
        numbers = [int(part) - table.first for part in text.split(",") if part.strip()]
    except ValueError:
        faults.add(option, "this is not a list of numbers", text, "Write for example 3,17.")
        return []
    for j in numbers:
        if not 0 <= j < table.cost.shape[1]:
            faults.add(option, "there is no such candidate", j + table.first, "Name one of the candidates.")
    return numbers


def _by_road(prefix: Path, demand_file: Path, candidates_file: Path, weighted: bool) -> CostTable:
    streets = read_streets(prefix)
    demand, candidates = read_rows(demand_file), read_rows(candidates_file)
    faults = Faults(keep=200)
    weight = np.zeros(len(demand))
    if not weighted:
        pass  # each shift has weights of its own
    elif demand.has("weight"):
        weight = numbers(faults, demand, "weight", least=0.0)
    else:
        faults.add(f"{demand.file}, column weight", "the column is missing", None, "Add it.")
    here, there = spots(faults, candidates, streets), spots(faults, demand, streets)
    for rows in (demand, candidates):
        if not len(rows):
            faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    faults.raise_if_any()
    say("Measuring travel times by road.")
    return CostTable(Travel(streets).matrix(here, there).T, weight, 0)


def _document(found: Posts, first: int, seconds: float) -> dict[str, Any]:
    certificate = found.certificate
    return {
        "objective": certificate.objective,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "status": certificate.status,
        "posts": [j + first for j in found.posts],
        "seconds": round(seconds, 4),
    }


def _as_text(document: dict[str, Any]) -> str:
    return (
        f"objective {document['objective']:.6g}, bound {document['bound']:.6g}, gap {document['gap']:.3%}: "
        f"{document['status']} after {document['seconds']:.1f} s\n"
        f"posts {' '.join(map(str, document['posts']))}"
    )
