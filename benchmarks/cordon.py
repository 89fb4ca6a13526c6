"""Cordon: seconds and proofs on the contest's city, and on a large city with 80 units and 30 exits.

    python benchmarks/cordon.py [contest] [city] [--limit-s 2] [--city harrisburg]

Reads streets and instances from the folder named by SHOUWANG_REFERENCE. Every ring is driven against by a search of
SciPy's: the vehicle's times with the ring taken out of the streets, so that no answer counts that does not hold.
The peer for a blockade is the same question as two integer programs in HiGHS.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, eye, kron
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.cordon.blockade import blockade
from shouwang.engine.cordon.chase import chase
from shouwang.engine.cordon.contain import Containment, contain
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.places import read_rows, spots
from shouwang.tables.streets import read_streets
from shouwang.tables.units import read_units


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["contest", "city"])
    parser.add_argument("--limit-s", type=float, default=2.0)
    parser.add_argument("--city", default="harrisburg")
    options = parser.parse_args()
    if "SHOUWANG_REFERENCE" not in os.environ:
        sys.exit("Set SHOUWANG_REFERENCE to the folder with the instances.")
    reference = Path(os.environ["SHOUWANG_REFERENCE"])
    if "contest" in options.what:
        contest(reference, options.limit_s)
    if "city" in options.what:
        city(reference, options.city, options.limit_s)


def contest(reference: Path, limit_s: float) -> None:
    streets = read_streets(reference / "streets" / "cumcm2011b")
    folder = reference / "instances" / "cumcm2011b"
    travel = Travel(streets)
    for where in ("district_a", "city"):
        units = read_units(folder / f"units_{where}.csv", streets).spots
        exits = spots(Faults(), read_rows(folder / f"exits_{where}.csv"), streets).node
        blockade(travel, units, exits)
        began = time.perf_counter()
        found = blockade(travel, units, exits)
        seconds = time.perf_counter() - began
        latest_s, total_s, peer_s = by_program(travel.matrix(units, Spots.at_nodes(exits)))
        print(f"blockade {where:<11} latest {found.latest_s:.3f} s (peer {latest_s:.3f}), total {found.total_s:.3f} s "
              f"(peer {total_s:.3f}): {seconds * 1e3:.1f} ms, HiGHS {peer_s * 1e3:.0f} ms, {peer_s / seconds:.0f}×")
    for delay_s in (0, 60, 180, 300, 420, 600):
        ask(travel, units, exits, Spots.at_nodes(streets.index_of([32])), delay_s, limit_s, "P = 32")


def city(reference: Path, name: str, limit_s: float) -> None:
    streets = read_streets(reference / "streets" / name)
    print(f"{name}: {streets.node_count} junctions, {streets.edge_count} edges, 80 units, 30 exits on the rim")
    travel = Travel(streets)
    for seed in range(3):
        units, exits, seen = drawn(streets, seed)
        for delay_s in (60, 120, 180):
            ask(travel, units, exits, seen, delay_s, limit_s, f"seed {seed}")


def drawn(streets: Streets, seed: int) -> tuple[Spots, np.ndarray, Spots]:
    """Units anywhere; per sector of 12° the farthest junction is an exit; the vehicle somewhere in the middle."""
    rng, main_part = np.random.default_rng(seed), np.flatnonzero(streets.main_part)
    x_m, y_m = (at[main_part] - np.median(at) for at in (streets.x_m, streets.y_m))
    off_m, sector = np.hypot(x_m, y_m), np.floor(np.arctan2(y_m, x_m) / (2 * np.pi) * 30)
    exits = [main_part[sector == one][off_m[sector == one].argmax()] for one in np.unique(sector)]
    seen = main_part[off_m.argsort()[rng.integers(50)]]
    return Spots.at_nodes(rng.choice(main_part, 80, replace=False)), np.array(exits), Spots.at_nodes([seen])


def ask(
    travel: Travel, units: Spots, exits: np.ndarray, seen: Spots, delay_s: float, limit_s: float, what: str
) -> None:
    mask = np.isin(np.arange(travel.streets.node_count), exits)
    for goal in ("fewest-units", "tightest-area"):
        began = time.perf_counter()
        stop = TimeLimit(limit_s)
        question = chase(travel, units, mask, seen, delay_s=delay_s)
        found = contain(question, goal=goal, stop=stop)
        seconds = time.perf_counter() - began
        verdict = "not contained" if not found.contained else "held" if holds(travel, seen, mask, found) else "BROKEN"
        proof = found.certificate.status if found.certificate else "impossible" if found.bound == np.inf else "open"
        size = f"{found.node.size:>3} units {found.inside.size:>6} inside"
        print(f"{what:<8} {delay_s:>4} s {goal:<13} {verdict:<13} {size} bound {found.bound:>6g} {proof:<10} "
              f"{seconds:6.2f} s", flush=True)  # fmt: skip


def holds(travel: Travel, seen: Spots, exits: np.ndarray, found: Containment) -> bool:
    """SciPy's Dijkstra on the streets that the ring leaves: no exit inside, and nobody on the ring is late."""
    streets, ring = travel.streets, np.isin(np.arange(exits.size), found.node)
    kept = ~ring[streets.tail]
    graph = csr_matrix((travel.time_s[kept], (streets.tail[kept], streets.head[kept])), shape=(exits.size,) * 2)
    at_s = dijkstra(graph, indices=int(seen.node[0]))
    in_time = (found.arrive_s <= at_s[found.node] + 1e-9).all()
    return bool(in_time and not (np.isfinite(at_s) & exits & ~ring).any())


def by_program(times_s: np.ndarray) -> tuple[float, float, float]:
    """Blockade as two integer programs: least latest, then least total under it."""
    units, exits = times_s.shape
    began = time.perf_counter()
    served = csr_matrix(kron(np.ones((1, units)), eye(exits)))
    once = csr_matrix(kron(eye(units), np.ones((1, exits))))
    cost = times_s.ravel()
    pairs = cost.size
    late = csr_matrix(np.c_[served.multiply(cost).toarray(), -np.ones(exits)])
    wide = [csr_matrix((m.data, m.indices, m.indptr), shape=(m.shape[0], pairs + 1)) for m in (served, once)]
    rules = [LinearConstraint(wide[0], 1, 1), LinearConstraint(wide[1], 0, 1), LinearConstraint(late, -np.inf, 0)]
    first = milp(np.r_[np.zeros(pairs), 1], integrality=np.r_[np.ones(pairs), 0],
                 bounds=Bounds(0, np.r_[np.ones(pairs), np.inf]), constraints=rules)  # fmt: skip
    upper = (cost <= first.fun + 1e-6).astype(float)
    second = milp(cost, integrality=np.ones(pairs), bounds=Bounds(0, upper),
                  constraints=[LinearConstraint(served, 1, 1), LinearConstraint(once, 0, 1)])  # fmt: skip
    return first.fun, second.fun, time.perf_counter() - began


if __name__ == "__main__":
    main()
