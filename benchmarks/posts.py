"""Posts: ours beside the plain integer program in HiGHS, same machine, same run.

    python benchmarks/posts.py [pmed] [city] [center] [--limit-s 60] [--peer]

Reads the OR-Library's pmed1–40 and city_poa from the folder named by SHOUWANG_REFERENCE. With --peer the plain model
of the same question goes to HiGHS under the same limit; spopt joins in where it can be imported.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import highspy
import numpy as np
from scipy import sparse

from shouwang.engine.deploy.posts import Posts, expected_cover, max_cover, p_center, p_median, set_cover
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.costs import CostTable, read_npz, read_orlib


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["pmed", "city", "center"])
    parser.add_argument("--limit-s", type=float, default=60.0)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    if "SHOUWANG_REFERENCE" not in os.environ:
        sys.exit("Set SHOUWANG_REFERENCE to the folder with the instances.")
    instances = Path(os.environ["SHOUWANG_REFERENCE"]) / "instances"
    p_median([[0.0, 1.0], [1.0, 0.0]], None, 1)
    print(f"{'instance':<10} {'size':>9} {'p':>4} {'ours':>12} {'bound':>12} {'gap':>9} {'status':>9} {'s':>7}  peer")
    if "pmed" in options.what:
        pmed(instances / "pmed", options.limit_s, options.peer)
    if "city" in options.what:
        city(instances / "city_poa" / "city_poa_5000x500.npz", options.limit_s, options.peer)
    if "center" in options.what:
        center(instances / "pmed", options.limit_s)


def center(folder: Path, limit_s: float) -> None:
    proven, longest, began_all = 0, 0.0, time.perf_counter()
    for number in range(1, 41):
        table = read_orlib(folder / f"pmed{number}.txt")
        began = time.perf_counter()
        found = p_center(table.cost, None, table.count or 0, stop=TimeLimit(limit_s))
        seconds = time.perf_counter() - began
        proven, longest = proven + (found.certificate.status == "optimal"), max(longest, seconds)
        row(f"center{number}", table.cost.shape, table.count or 0, found, seconds, "")
    together = time.perf_counter() - began_all
    print(f"{proven} of 40 centers proven, {longest:.1f} s the longest, {together:.0f} s together")


def pmed(folder: Path, limit_s: float, peer: bool) -> None:
    known = dict(line.split()[:2] for line in (folder / "pmedopt.txt").read_text().splitlines() if line.strip())
    proven = at_optimum = 0
    for number in range(1, 41):
        table = read_orlib(folder / f"pmed{number}.txt")
        began = time.perf_counter()
        found = p_median(table.cost, None, table.count or 0, stop=TimeLimit(limit_s))
        seconds = time.perf_counter() - began
        proven += found.certificate.status == "optimal"
        at_optimum += found.certificate.objective == float(known[f"pmed{number}"])
        other = highs_p_median(table.cost, np.ones(len(table.cost)), table.count or 0, limit_s) if peer else ""
        row(f"pmed{number}", table.cost.shape, table.count or 0, found, seconds, other)
    print(f"{proven} of 40 proven, {at_optimum} of 40 at the known optimum")


def city(file: Path, limit_s: float, peer: bool) -> None:
    table = read_npz(file)
    began = time.perf_counter()
    found = p_median(table.cost, table.weight, 20, stop=TimeLimit(limit_s))
    row("city", table.cost.shape, 20, found, time.perf_counter() - began, "")
    began = time.perf_counter()
    found = max_cover(table.cost, table.weight, 20, 180.0, stop=TimeLimit(limit_s))
    seconds = time.perf_counter() - began
    other = f"{highs_cover(table.cost <= 180.0, table.weight, 20, limit_s)}; {spopt_cover(table, 20, 180.0, limit_s)}" \
        if peer else ""
    row("city 180", table.cost.shape, 20, found, seconds, other)
    for name, objective, options in (
        ("busy .3", expected_cover, (20, 180.0, 0.3)), ("busy .6", expected_cover, (20, 180.0, 0.6)),
        ("center", p_center, (20,)), ("set 600", set_cover, (600.0,)),
    ):  # fmt: skip
        began = time.perf_counter()
        found = objective(table.cost, table.weight, *options, stop=TimeLimit(limit_s))
        row(name, table.cost.shape, len(found.posts), found, time.perf_counter() - began, "")


def row(name: str, shape: tuple[int, ...], count: int, found: Posts, seconds: float, peer: str) -> None:
    c = found.certificate
    size = f"{shape[0]}x{shape[1]}"
    print(f"{name:<10} {size:>9} {count:>4} {c.objective:>12.1f} {c.bound:>12.1f} {c.gap:>9.2e} {c.status:>9} "
          f"{seconds:>7.2f}  {peer}", flush=True)  # fmt: skip


def highs_p_median(cost: np.ndarray, weight: np.ndarray, count: int, limit_s: float) -> str:
    """min Σ w_u c_uj x_uj; Σ_j x_uj = 1; x_uj ≤ y_j; Σ y_j = p."""
    demands, places = cost.shape
    x = demands * places
    pair = np.arange(x)
    serve = sparse.csr_matrix((np.ones(x), (pair // places, pair)), shape=(demands, x + places))
    ones, columns = np.ones(x), np.concatenate([pair, x + pair % places])
    link = sparse.csr_matrix(
        (np.concatenate([ones, -ones]), (np.concatenate([pair, pair]), columns)), shape=(x, x + places)
    )
    number = sparse.csr_matrix(np.concatenate([np.zeros(x), np.ones(places)]))
    costs = np.concatenate([(cost * weight[:, None]).ravel(), np.zeros(places)])
    lower = np.concatenate([np.ones(demands), np.full(x, -np.inf), [count]])
    upper = np.concatenate([np.ones(demands), np.zeros(x), [count]])
    return solve(costs, sparse.vstack([serve, link, number]), lower, upper, np.arange(x + places) >= x, limit_s)


def highs_cover(covers: np.ndarray, weight: np.ndarray, count: int, limit_s: float) -> str:
    """max Σ w_u z_u; z_u ≤ Σ_j y_j over the covering j; Σ y_j = p."""
    demands, places = covers.shape
    link = sparse.hstack([sparse.csr_matrix(covers.astype(float)), -sparse.identity(demands)])
    number = sparse.csr_matrix(np.concatenate([np.ones(places), np.zeros(demands)]))
    costs = np.concatenate([np.zeros(places), -weight])
    lower, upper = np.append(np.zeros(demands), count), np.append(np.full(demands, np.inf), count)
    return solve(costs, sparse.vstack([link, number]), lower, upper, np.arange(places + demands) < places, limit_s)


def spopt_cover(table: CostTable, count: int, within_s: float, limit_s: float) -> str:
    """spopt's MCLP, model and solution, with HiGHS as solver."""
    try:
        from pulp import HiGHS
        from spopt.locate import MCLP
    except ImportError:
        return "spopt not installed"
    began = time.perf_counter()
    model = MCLP.from_cost_matrix(table.cost, table.weight, within_s, count)
    built = time.perf_counter() - began
    solved = model.solve(HiGHS(msg=False, timeLimit=limit_s, gapRel=1e-6))
    reached = solved.problem.objective.value()
    return f"spopt {reached:.1f} in {time.perf_counter() - began:.1f} s ({built:.1f} s of it its model)"


def solve(costs, rows, lower, upper, whole, limit_s: float) -> str:
    rows = rows.tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = rows.shape[1], rows.shape[0]
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, np.zeros(len(costs)), np.ones(len(costs))
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in whole]
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", limit_s)
    model.setOptionValue("mip_rel_gap", 1e-6)
    began = time.perf_counter()
    model.passModel(lp)
    model.run()
    info = model.getInfo()
    return f"HiGHS {abs(info.objective_function_value):.1f} gap {info.mip_gap:.1e} {time.perf_counter() - began:.1f} s"


if __name__ == "__main__":
    main()
