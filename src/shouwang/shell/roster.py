"""`shouwang roster`: who is on when."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shouwang.engine.errors import NoAnswer
from shouwang.engine.roster.check import Broken, check
from shouwang.engine.roster.conflict import Conflict, conflict
from shouwang.engine.roster.solve import Found, solve
from shouwang.engine.roster.terms import OFF, Problem
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.stop import TimeLimit
from shouwang.engine.terms import IntArray
from shouwang.shell._io import emit_json, say
from shouwang.tables.nrp import read_nrp, write_nrp
from shouwang.tables.rosters import RosterFile, read_roster

_WHY_S = 10.0
"""To tell why there is no roster is worth this long even after the limit."""

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_LIMIT = click.option("--limit-s", type=click.FloatRange(min=0), default=60.0, show_default=True,
                      help="Stop after so many seconds with the best so far.")
_WORKERS = click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Threads.")
_SEED = click.option("--seed", type=int, default=0, show_default=True,
                     help="Of what is drawn at random; with a time limit answers may differ all the same.")


@click.group()
def roster() -> None:
    """Rosters that keep the law, are fair over months, and change little."""


@roster.command("solve")
@click.argument("file", type=_PATH)
@_LIMIT
@_WORKERS
@_SEED
@_JSON
def solve_command(file: Path, limit_s: float, workers: int, seed: int, as_json: bool) -> None:
    """Make a roster for a JSON file (see docs/methods/roster.md), or say which rules conflict.

    No roster costs less than bound. Exit code 3: none exists, or none was found in time; conflict then names rules that
    cannot all be kept, and remedies.
    """
    given, began, stop = read_roster(file), time.perf_counter(), TimeLimit(limit_s)
    found = solve(given.problem, stop, workers=workers, seed=seed, on_better=_progress(began),
                  previous=given.previous)
    document = _head(found, began)
    if found.roster is None:
        why = conflict(given.problem, TimeLimit(max(stop.remaining_s(), _WHY_S)), workers=workers)
        document |= {"roster": [], "changes": None, "broken": [], "conflict": _conflict(given.problem, why)}
        document["seconds"] = round(time.perf_counter() - began, 3)
    else:
        document |= {
            "roster": _rows(given.problem, found.roster), "changes": _changes(given, found.roster),
            "broken": [_broken(given.problem, one) for one in check(given.problem, found.roster)], "conflict": None,
        }  # fmt: skip
    if as_json:
        emit_json(document)
    else:
        _print(document)
    if found.roster is None:
        raise NoAnswer("No roster keeps all rules." if found.status == "impossible" else "No roster was found in time.")


@roster.command("nrp")
@click.argument("file", type=_PATH)
@click.option("--out", type=_PATH, help="Write the roster: a line per person, shifts split by tabs, empty when off.")
@_LIMIT
@_WORKERS
@_SEED
@_JSON
def nrp_command(file: Path, out: Path | None, limit_s: float, workers: int, seed: int, as_json: bool) -> None:
    """Solve a shift-scheduling instance of Curtois and Qu. Exit code 3: no roster exists, or none was found in time."""
    problem, began = read_nrp(file), time.perf_counter()
    found = solve(problem, TimeLimit(limit_s), workers=workers, seed=seed, on_better=_progress(began))
    document = _head(found, began)
    if found.roster is not None and out is not None:
        write_nrp(out, problem, found.roster)
    if as_json:
        emit_json(document)
    else:
        _print(document)
    if found.roster is None:
        raise NoAnswer("No roster keeps all rules." if found.status == "impossible" else "No roster was found in time.")


def _progress(began: float) -> Callable[[IntArray, Certificate], None]:
    def tell(_: IntArray, proof: Certificate) -> None:
        say(f"{time.perf_counter() - began:8.2f} s  {proof.objective:g}, none below {proof.bound:g}")

    return tell


def _head(found: Found, began: float) -> dict[str, Any]:
    proof = found.certificate
    return {
        "status": found.status, "objective": proof and proof.objective, "bound": proof and proof.bound,
        "gap": proof and proof.gap, "seconds": round(time.perf_counter() - began, 3),
    }  # fmt: skip


def _rows(problem: Problem, made: IntArray) -> list[dict[str, Any]]:
    return [
        {"person": person.name, "day": problem.date(day).isoformat(), "duty": problem.duties[made[p, day]].name}
        for p, person in enumerate(problem.people)
        for day in range(problem.past, problem.days) if made[p, day] != OFF
    ]  # fmt: skip


def _changes(given: RosterFile, made: IntArray) -> int | None:
    """How many days of people differ from the roster before."""
    past = given.problem.past
    return None if given.previous is None else int((made[:, past:] != given.previous[:, past:]).sum())


def _broken(problem: Problem, one: Broken) -> dict[str, Any]:
    return {
        "rule": one.code, "person": None if one.person is None else problem.people[one.person].name,
        "day": None if one.day is None else problem.date(one.day).isoformat(), "found": one.found, "limit": one.limit,
        "need": None if one.need is None else _need(problem, one.need),
    }  # fmt: skip


def _need(problem: Problem, number: int) -> dict[str, Any]:
    need = problem.needs[number]
    duties = [problem.duties[k].name for k in need.duties]
    return {"name": need.name, "day": problem.date(need.day).isoformat(), "duties": duties, "at": need.at or None,
            "count": need.least}


def _conflict(problem: Problem, why: Conflict | None) -> dict[str, Any] | None:
    if why is None:
        return None
    return {
        "rules": [{"rule": rule.code, "need": None if rule.need is None else _need(problem, rule.need)}
                  for rule in why.rules],
        "minimal": why.minimal,
        "remedies": [{"remedy": one.code, "rule": one.rule or None,
                      "needs": [_need(problem, n) | {"missing": missing} for n, missing in one.needs]}
                     for one in why.remedies],
    }  # fmt: skip


RULES = {
    "absent": "people are away on the days they said", "no_nights": "some people have no night duty",
    "rest_between": "rest between two duties", "rest_day": "a day of rest each week",
    "days_in_row": "not too many days in a row", "overtime_month": "the limit of overtime a month",
    "hours_total": "the hours of all weeks together", "pattern": "the limits of single people",
}  # fmt: skip


def _print(document: dict[str, Any]) -> None:
    if document["objective"] is not None:
        click.echo(f"{document['status']}: {document['objective']:g}, none below {document['bound']:g}")
    for row in document.get("roster", []):
        click.echo(f"{row['day']}  {row['duty']:<12} {row['person']}")
    why = document.get("conflict")
    if why:
        click.echo("These cannot all be kept" + ("; none of them can be left out:" if why["minimal"] else ":"))
        for rule in why["rules"]:
            click.echo(f"  {_need_text(rule['need']) if rule['need'] else RULES[rule['rule']]}")
        for one in why["remedies"]:
            if one["remedy"] == "without":
                click.echo(f"It would do to lift: {RULES[one['rule']]}")
            else:
                needs = "; ".join(f"{_need_text(n)}: {n['missing']}" for n in one["needs"])
                click.echo(f"It would do to have more people, or to ask for fewer, at: {needs}")


def _need_text(need: dict[str, Any]) -> str:
    return f"{need['day']} {need['name']} ({'|'.join(need['duties'])}): {need['count']}"
