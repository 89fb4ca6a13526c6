"""Rosters beside a plain CP-SAT model of the same problem, given the same seconds and cores in the same run.

    python benchmarks/roster.py                 # Curtois and Qu 1–8 (12 s for 1–4, 60 s for 5–8) and a district's month
    python benchmarks/roster.py 5 6 --limit-s 600 --alone

Needs SHOUWANG_REFERENCE for the instances, which may not be shipped. Each line tells cost, bound and seconds of
processor, since other work may run beside it; the ratio is plain over ours (more than 1: ours is better).
"""
from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from shouwang.engine.roster._model import improve
from shouwang.engine.roster.check import check
from shouwang.engine.roster.law import Law
from shouwang.engine.roster.solve import solve
from shouwang.engine.roster.terms import DAY_MIN, Balance, Bar, Duty, Need, Person, Problem, total
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.nrp import read_nrp

BEST_KNOWN = {1: 607, 2: 828, 3: 1001, 4: 1716, 5: 1143, 6: 1950, 7: 1056, 8: 1308}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=[*map(str, range(1, 9)), "district"])
    parser.add_argument("--limit-s", type=float)
    parser.add_argument("--alone", action="store_true", help="without the plain model")
    options = parser.parse_args()
    for what in options.what:
        if what == "district":
            compare("district", district(), options.limit_s or 60, options.alone)
            continue
        folder = Path(os.environ["SHOUWANG_REFERENCE"]) / "instances" / "nrp"
        limit_s = options.limit_s or (12 if int(what) <= 4 else 60)
        compare(f"{what} (best known {BEST_KNOWN.get(int(what))})", read_nrp(folder / f"Instance{what}.txt"), limit_s,
                options.alone)


def compare(name: str, problem: Problem, limit_s: float, alone: bool) -> None:
    firsts: list[tuple[float, float]] = []
    began, spent = time.perf_counter(), processor_s()
    found, cpu_s = timed(lambda: solve(problem, TimeLimit(limit_s), on_better=lambda *_: firsts.append(
        (time.perf_counter() - began, processor_s() - spent))))
    seconds = time.perf_counter() - began
    assert found.roster is not None and not check(problem, found.roster)
    ours = total(problem, found.roster)
    print(f"{name}: {ours} bound {found.certificate.bound:g} {found.status}, first after {firsts[0][0]:.1f} s "
          f"({firsts[0][1]:.1f} s of processor), last better after {firsts[-1][0]:.1f} s, "
          f"{seconds:.0f} s ({cpu_s:.1f} s of processor)", flush=True)  # fmt: skip
    if alone:
        return
    began = time.perf_counter()
    (plain, bound, status), cpu_s = timed(lambda: improve(problem, None, TimeLimit(limit_s)))
    seconds = time.perf_counter() - began
    cost = "no roster" if plain is None else str(total(problem, plain))
    ratio = "" if plain is None else f", ratio {total(problem, plain) / ours:.3f}"
    print(f"    plain CP-SAT: {cost} bound {bound:g} {status}, {seconds:.0f} s ({cpu_s:.1f} s of processor){ratio}",
          flush=True)  # fmt: skip


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    before = processor_s()
    result = work()
    return result, processor_s() - before


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def district() -> Problem:
    """150 people, 4 weeks, three posts around the clock: 91 % of all hours that the law allows are asked for."""
    rng, law, people, days = np.random.default_rng(0), Law(), 150, 28
    posts = ("desk", "patrol", "post")
    duties = tuple(Duty(f"{post} {hour}", hour * 60, 480) for post in posts for hour in (6, 14, 22))
    clash = np.array([[b.start_min + DAY_MIN - a.end_min < law.rest_min for b in duties] for a in duties])
    police = tuple(int(p) for p in np.flatnonzero(rng.random(people) < 0.3))
    shape = (people, days, len(duties))
    skill, absent, cost = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, np.int64)
    skill[np.flatnonzero(rng.random(people) < 0.7), :, :3] = True
    for p in np.flatnonzero(rng.random(people) < 0.3):
        start = int(rng.integers(days - 5))
        absent[p, start:start + 5] = True
    for p in range(people):
        cost[p, rng.integers(0, days, 3)] += 5
    count = ((2, 2, 2), (16, 16, 14), (16, 16, 13))
    needs = [Need(d, (k,), tuple(range(people)), count[k // 3][k % 3]) for d in range(days) for k in range(9)]
    needs += [Need(d, (k,), police, 3) for d in range(days) for k in (3, 4, 5)]
    nights, weekends = np.zeros((days, 9), bool), np.zeros((days, 9), bool)
    nights[:, 2::3], weekends[[d for d in range(days) if d % 7 >= 5]] = True, True
    carried = np.zeros(people, np.int64)
    return Problem(
        date(2026, 11, 2), days, duties, tuple(Person(str(p)) for p in range(people)), tuple(needs), clash, cost,
        bars=(Bar("skill", skill), Bar("absent", absent)), law=law,
        balance=(Balance("nights", nights, 1, carried), Balance("weekends", weekends, 1, carried)),
    )  # fmt: skip


if __name__ == "__main__":
    main()
