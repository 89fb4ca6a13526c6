"""`shouwang deploy`: where posts go."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.deploy.posts import Posts, max_cover, p_median
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import NoStop, TimeLimit
from shouwang.shell._io import emit_json, say
from shouwang.tables.costs import CostTable, read_npz, read_orlib
from shouwang.tables.places import numbers, read_rows, spots
from shouwang.tables.streets import read_streets

OBJECTIVES = ("p-median", "max-cover")


@click.group()
def deploy() -> None:
    """Place posts."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where costs come from: exactly one of cost, orlib, or streets with demand and candidates."""

    cost: Path | None
    orlib: Path | None
    streets: Path | None
    demand: Path | None
    candidates: Path | None

    def read(self) -> CostTable:
        """The table of costs. Raises `BadInput` for none or several sources, and for what is wrong in them."""
        self._check()
        if self.cost:
            return read_npz(self.cost)
        if self.orlib:
            return read_orlib(self.orlib)
        assert self.streets
        assert self.demand
        assert self.candidates
        return _by_road(self.streets, self.demand, self.candidates)

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


@deploy.command("posts")
@click.option("--cost", type=click.Path(path_type=Path), help="npz with C (demand × candidates) and w.")
@click.option("--orlib", type=click.Path(path_type=Path), help="p-median file of the OR-Library.")
@click.option("--streets", type=click.Path(path_type=Path), metavar="PREFIX",
              help="Street network: PREFIX_nodes.parquet and PREFIX_edges.parquet, or a folder of the two.")
@click.option("--demand", type=click.Path(path_type=Path),
              help="Parquet or CSV: node or lon,lat, and weight. With --streets.")
@click.option("--candidates", type=click.Path(path_type=Path),
              help="Parquet or CSV: node or lon,lat. With --streets.")
@click.option("--count", type=int, help="How many posts. An OR-Library file has its own number.")
@click.option("--objective", type=click.Choice(OBJECTIVES), required=True,
              help="p-median: least weight × travel; max-cover: most weight within --within-s.")
@click.option("--within-s", type=float, help="Seconds (or cost) that count as reached, for max-cover.")
@click.option("--fixed", default="", help="Candidate numbers that are posts anyway, separated by commas.")
@click.option("--limit-s", type=click.FloatRange(min=0), help="Stop after so many seconds with the best so far.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the local search.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def posts(
    cost: Path | None, orlib: Path | None, streets: Path | None, demand: Path | None, candidates: Path | None,
    count: int | None, objective: str, within_s: float | None, fixed: str, limit_s: float | None, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Choose posts among candidates, with a bound that says how good the choice is.

    Candidates are numbered as in the file: from 1 in an OR-Library file, from 0 in npz and in tables. status is
    optimal only where the gap is at most 1e-6; a search that ran out of time says feasible. seconds is the time
    to solve, without reading the files; --limit-s bounds it.
    """
    table = Sources(cost, orlib, streets, demand, candidates).read()
    wanted = _options(table, count, objective, within_s, fixed)
    say(f"{table.cost.shape[0]} places of demand, {table.cost.shape[1]} candidates.")
    p_median([[0.0, 1.0], [1.0, 0.0]], None, 1)  # loads compiled code before the clock starts
    began = time.perf_counter()
    stop = NoStop() if limit_s is None else TimeLimit(limit_s)
    common: dict[str, Any] = {"fixed": wanted.fixed, "stop": stop, "rng": np.random.default_rng(seed)}
    if objective == "p-median":
        found = p_median(table.cost, table.weight, wanted.count, **common)
    else:
        found = max_cover(table.cost, table.weight, wanted.count, wanted.within_s, **common)
    document = _document(found, table.first, time.perf_counter() - began)
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


@dataclass(frozen=True, slots=True)
class _Wanted:
    count: int
    within_s: float
    fixed: list[int]


def _options(table: CostTable, count: int | None, objective: str, within_s: float | None, fixed: str) -> _Wanted:
    """Options that depend on one another or on the file. Raises `BadInput`."""
    faults = Faults()
    count = table.count if count is None else count
    if count is None:
        faults.add("--count", "the option is missing", None, "Say how many posts.")
    elif not 1 <= count <= table.cost.shape[1]:
        faults.add("--count", "there are not so many candidates", count, f"Ask for 1 to {table.cost.shape[1]}.")
    if objective == "max-cover" and within_s is None:
        faults.add("--within-s", "the option is missing", None, "Say how many seconds count as reached.")
    if objective == "p-median" and within_s is not None:
        faults.add("--within-s", "the option belongs to max-cover", within_s, "Leave it out.")
    if within_s is not None and not (np.isfinite(within_s) and within_s >= 0):
        faults.add("--within-s", "seconds are a finite number, 0 or more", within_s, "Correct it.")
    try:
        numbers_fixed = [int(part) - table.first for part in fixed.split(",") if part.strip()]
    except ValueError:
        numbers_fixed = []
        faults.add("--fixed", "this is not a list of numbers", fixed, "Write for example 3,17.")
    for j in numbers_fixed:
        if not 0 <= j < table.cost.shape[1]:
            faults.add("--fixed", "there is no such candidate", j + table.first, "Name one of the candidates.")
    faults.raise_if_any()
    assert count is not None
    return _Wanted(count, within_s or 0.0, numbers_fixed)


def _by_road(prefix: Path, demand_file: Path, candidates_file: Path) -> CostTable:
    streets = read_streets(prefix)
    demand, candidates = read_rows(demand_file), read_rows(candidates_file)
    faults = Faults(keep=200)
    if demand.has("weight"):
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
