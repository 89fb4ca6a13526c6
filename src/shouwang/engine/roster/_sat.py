"""CP-SAT (OR-Tools), loaded when first used: it takes a second and much memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Any

from shouwang.engine.roster.terms import Need
from shouwang.engine.solve.stop import Stop


def sat() -> Any:
    """OR-Tools' cp_model."""
    from ortools.sat.python import cp_model

    return cp_model


def run(
    model: Any, stop: Stop, workers: int, seed: int, *, limit_s: float = 1e9,
    heard: Callable[[Any], object] | None = None,
) -> tuple[Any, str]:  # fmt: skip
    """Solve until `stop` or for so long: (the solver, `optimal`, `feasible`, `impossible` or `unknown`).

    heard: called with each better answer, as a function from variables to their values. With more than one worker the
    answer may differ from run to run.
    """
    one = sat().CpSolver()
    one.parameters.max_time_in_seconds = max(min(limit_s, stop.remaining_s()), 0.01)
    one.parameters.num_workers = workers
    one.parameters.random_seed = seed
    over = Event()

    def watch() -> None:
        while not over.wait(0.1):
            if stop():
                one.stop_search()

    watcher = Thread(target=watch, daemon=True)
    class Tell(sat().CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            if heard is not None:
                heard(self.boolean_value)

    watcher.start()
    try:
        status = one.solve(model, Tell() if heard is not None else None)
    finally:
        over.set()
        watcher.join()
    words = {sat().OPTIMAL: "optimal", sat().FEASIBLE: "feasible", sat().INFEASIBLE: "impossible"}
    return one, words.get(status, "unknown")


def choose_one_each(
    owner: Sequence[int], costs: Sequence[int], covers: Sequence[Sequence[int]], needs: Sequence[Need],
    start: set[int], stop: Stop, limit_s: float, workers: int, seed: int,
) -> list[int]:  # fmt: skip
    """One column of each owner, so that costs, missing and extra cover are least. Empty if none was found in time."""
    model = sat().CpModel()
    takes = [model.new_bool_var("") for _ in owner]
    mine: dict[int, list[int]] = {}
    on: list[list[Any]] = [[] for _ in needs]
    for c, p in enumerate(owner):
        mine.setdefault(p, []).append(c)
        for n in covers[c]:
            on[n].append(takes[c])
        model.add_hint(takes[c], c in start)
    for columns in mine.values():
        model.add_exactly_one(takes[c] for c in columns)
    terms = [cost * take for cost, take in zip(costs, takes, strict=True) if cost]
    for n, need in enumerate(needs):
        terms += missing_and_extra(model, sum(on[n]), need, len(need.people))
    model.minimize(sum(terms))
    one, status = run(model, stop, workers, seed, limit_s=limit_s)
    if status not in ("optimal", "feasible"):
        return []
    return [next(c for c in mine[p] if one.boolean_value(takes[c])) for p in sorted(mine)]


def missing_and_extra(model: Any, on: Any, need: Need, most: int) -> list[Any]:
    """Cost terms of a need of which `on` (a sum, 0 … most) are there."""
    terms = []
    if need.under and need.least > 0:
        short = model.new_int_var(0, need.least, "")
        model.add(on + short >= need.least)
        terms.append(need.under * short)
    if need.over:
        extra = model.new_int_var(0, max(0, most - need.least), "")
        model.add(on - extra <= need.least)
        terms.append(need.over * extra)
    return terms
