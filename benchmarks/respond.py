"""Nearest units by road: ours beside scipy's Dijkstra, igraph and pandana on the same graph, in one run, with ratios.

    python benchmarks/respond.py [PREFIX …] [--calls 300] [--peers FOLDER]

Without a PREFIX: Auckland of the folder named by SHOUWANG_REFERENCE if it is set, and the example district. igraph and
pandana are no dependencies; --peers names a folder of site-packages that has them.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.choose import Requirement, choose
from shouwang.engine.respond.move_up import move_ups
from shouwang.engine.respond.outlook import RANKS, Demand, Outlook, Rules, times_to
from shouwang.engine.respond.recommend import Units, recommend
from shouwang.tables.streets import read_streets

EXAMPLE = Path(__file__).parents[1] / "src" / "shouwang" / "data" / "districts" / "stlouis"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prefix", nargs="*", type=Path)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--peers", type=Path, help="site-packages with igraph and pandana")
    options = parser.parse_args()
    if options.peers:
        sys.path.append(str(options.peers))
    prefixes = options.prefix or [EXAMPLE]
    if not options.prefix and "SHOUWANG_REFERENCE" in os.environ:
        prefixes.insert(0, Path(os.environ["SHOUWANG_REFERENCE"]) / "streets" / "auckland")
    for prefix in prefixes:
        network(prefix, options.calls)


Peer = Callable[[int], np.ndarray]


def network(prefix: Path, calls: int) -> None:
    streets = read_streets(prefix)
    travel, graph, rng = Travel(streets), transposed(streets), np.random.default_rng(0)
    print(f"{prefix.name}: {streets.node_count} nodes, {streets.edge_count} edges")
    call = rng.integers(0, streets.node_count, calls)
    for units, k in ((500, 8), (10_000, 10_000)):
        at = rng.integers(0, streets.node_count, units)
        spots = Spots.at_nodes(at)
        travel.k_nearest(Spots.at_nodes(call[0]), spots, k)
        ours = timed(lambda node, s=spots, n=k: travel.k_nearest(Spots.at_nodes(node), s, n).seconds, call)
        print(f"  nearest {k} of {units}: ours median {med(ours):.3f} ms, p99 {p99(ours):.3f} ms")
        few = call[: min(calls, 60)]
        right = {int(node): travel.k_nearest(Spots.at_nodes(node), spots, k).seconds for node in few}
        peers: list[tuple[str, Peer | None, int]] = [
            ("scipy, whole graph", lambda node, a=at: dijkstra(graph, indices=node)[a], 60),
            (
                "scipy, told the answer's time as limit",
                lambda node, a=at, r=right: dijkstra(graph, indices=node, limit=r[int(node)][-1] + 1e-6)[a],
                60,
            ),
            ("igraph", by_igraph(streets, at), 10),
            ("pandana, contraction hierarchy", by_pandana(streets, at), 10),
        ]
        for name, peer, how_often in peers:
            beside(name, peer, few[:how_often], k, right, med(ours))
    pairs(streets, rng)
    recommendations(streets, travel, call, rng)


def beside(
    name: str, peer: Peer | None, nodes: np.ndarray, k: int, right: dict[int, np.ndarray], ours_ms: float
) -> None:
    """Ask a peer the same, hold its answers to ours, and print the ratio."""
    if peer is None:
        print(f"    {name}: not installed")
        return
    worst = 0.0
    for node in nodes[:10]:
        theirs = np.sort(peer(int(node)))[:k][: right[int(node)].size]
        worst = max(worst, float(np.abs(theirs - right[int(node)]).max()))
    theirs_ms = med(timed(lambda node: np.sort(peer(int(node)))[:k], nodes))
    print(f"    {name}: {theirs_ms:.3f} ms; {theirs_ms / ours_ms:.1f}x; answers differ by at most {worst:.1g} s")


def by_igraph(streets: Streets, at: np.ndarray) -> Peer | None:
    try:
        igraph = importlib.import_module("igraph")
    except ImportError:
        return None
    graph = igraph.Graph(streets.node_count, np.column_stack([streets.tail, streets.head]).tolist(), directed=True)
    weights, targets = streets.time_s.tolist(), np.unique(at, return_inverse=True)
    where = targets[0].tolist()
    return lambda node: np.array(graph.distances(node, where, weights=weights, mode="in")[0])[targets[1]]


def by_pandana(streets: Streets, at: np.ndarray) -> Peer | None:
    try:
        pandana, pandas = importlib.import_module("pandana"), importlib.import_module("pandas")
    except ImportError:
        return None
    number = pandas.Index(np.arange(streets.node_count))
    net = pandana.Network(
        pandas.Series(streets.x_m, number), pandas.Series(streets.y_m, number), pandas.Series(streets.tail),
        pandas.Series(streets.head), pandas.DataFrame({"s": streets.time_s}), twoway=False,
    )  # fmt: skip
    return lambda node: np.array(net.shortest_path_lengths(at, np.full(at.size, node), imp_name="s"))


def pairs(streets: Streets, rng: np.random.Generator) -> None:
    """10,000 random pairs under closures and slow-downs, held to scipy."""
    times = streets.closing(rng.integers(0, streets.edge_count, 30))
    times = times * rng.choice([1.0, 1.5, 3.0], streets.edge_count)
    origins, targets = rng.integers(0, streets.node_count, (2, 100))
    began = time.perf_counter()
    travel = Travel(streets).under(times)
    ours = travel.matrix(Spots.at_nodes(origins), Spots.at_nodes(targets))
    ours_s = time.perf_counter() - began
    began = time.perf_counter()
    theirs = dijkstra(transposed(streets, times), indices=targets)[:, origins].T
    theirs_s = time.perf_counter() - began
    cut_off = np.isinf(ours)
    if (cut_off != np.isinf(theirs)).any():
        raise SystemExit("a pair is cut off for one and not for the other")
    worst = np.abs(ours[~cut_off] - theirs[~cut_off]).max()
    print(f"  10,000 pairs with closures: ours {ours_s:.2f} s, scipy {theirs_s:.2f} s; {theirs_s / ours_s:.1f}x; "
          f"they differ by at most {worst:.1g} s, {int(cut_off.sum())} cut off for both")  # fmt: skip


def recommendations(streets: Streets, travel: Travel, call: np.ndarray, rng: np.random.Generator) -> None:
    units = Units.at(Spots.at_nodes(rng.integers(0, streets.node_count, 60)))
    demand = Demand(np.arange(streets.node_count), rng.random(streets.node_count))
    times = times_to(travel, units.spots, demand)

    def measure(_: int) -> Outlook:
        return Outlook.measure(times, units.free, demand, Rules())

    def row(node: int) -> object:
        return times_to(travel, Spots.at_nodes([node]), demand)

    outlook = measure(0)
    recommend(travel, Spots.at_nodes(0), units, 5, outlook)
    advice = timed(lambda node: recommend(travel, Spots.at_nodes(node), units, 5, outlook), call)
    fresh, moved = timed(measure, call[:50]), timed(row, call[:50])
    print(f"  recommend 5 of 60 with prices    median {med(advice):.3f} ms, p99 {p99(advice):.3f} ms; prices anew "
          f"median {med(fresh):.2f} ms, p99 {p99(fresh):.2f} ms; a unit that moved {med(moved):.2f} ms")  # fmt: skip
    slow = timed(lambda _: one_by_one(times, demand), call[:3])
    print(f"    measuring again without each unit (numpy): {med(slow):.1f} ms; {med(slow) / med(fresh):.0f}x; "
          f"prices differ by at most {np.abs(one_by_one(times, demand) - outlook.price_s).max():.1g} s")  # fmt: skip
    sites = times_to(travel, Spots.at_nodes(rng.integers(0, streets.node_count, 40)), demand)
    drive = rng.random((60, 40)) * 600
    asked = {"movable": range(60), "site_s": sites, "drive_s": drive, "least_gain_s": 0.1}
    moves = timed(lambda _: move_ups(outlook, **asked), call[:20])
    print(f"  best move of 60 units to 40 posts median {med(moves):.1f} ms, p99 {p99(moves):.1f} ms")
    sets(travel, units, outlook, call, rng)


def one_by_one(times: np.ndarray, demand: Demand) -> np.ndarray:
    """Prices without a trick: sort the times of those left, for each unit that leaves."""
    share, weight = Rules().first_free, demand.calls / demand.calls.sum()

    def mean_s(who: np.ndarray) -> float:
        near = np.sort(np.partition(np.minimum(times[who], Rules().beyond_s), RANKS - 1, axis=0)[:RANKS], axis=0)
        return float(share @ near @ weight)

    everyone = np.arange(len(times))
    return np.array([mean_s(np.delete(everyone, u)) for u in everyone]) - mean_s(everyone)


def sets(travel: Travel, units: Units, outlook: Outlook, call: np.ndarray, rng: np.random.Generator) -> None:
    """Three services at once, one of the police with first aid: ours beside the cheapest one after the other."""
    service, aid = rng.integers(0, 3, 60), rng.random(60) < 0.3
    took, worse, unmet, gap = [], 0, 0, []
    for node in call:
        found = recommend(travel, Spots.at_nodes(node), units, 60, outlook).recommendations
        cost = np.full(60, np.inf)
        cost[[one.unit for one in found]] = [one.eta_s for one in found]
        # A unit of another service with first aid may stand in for the third one, a minute dearer.
        fits = [service == 0, service == 1, (service == 2) | aid]
        costs = [np.where(f, cost + 60.0 * (service != n), np.inf) for n, f in enumerate(fits)]
        asked = [Requirement(str(n), 2 - n // 2, c) for n, c in enumerate(costs)]
        asked.append(Requirement("aid", 1, np.where(aid, 0.0, np.inf), (0,)))
        began = time.perf_counter()
        ours = choose(asked)
        took.append((time.perf_counter() - began) * 1e3)
        total, has_aid = greedy(asked)
        unmet += not has_aid
        worse += has_aid and total > ours.cost_s + 1e-6
        gap.append(total - ours.cost_s if has_aid else 0.0)
    print(f"  five of 60 units at once, one with first aid: median {np.median(took):.2f}, p99 {p99(np.array(took)):.2f}"
          f" ms; one after the other, {unmet} of {len(call)} calls lack first aid and {worse} cost up to "
          f"{max(gap):.0f} s more")  # fmt: skip


def greedy(asked: list[Requirement]) -> tuple[float, bool]:
    taken: list[int] = []
    total, with_aid = 0.0, False
    for requirement in asked[:-1]:
        for _ in range(requirement.count):
            cost = requirement.cost_s.copy()
            cost[taken] = np.inf
            best = int(cost.argmin())
            taken.append(best)
            total += float(cost[best])
            with_aid |= requirement is asked[0] and bool(np.isfinite(asked[-1].cost_s[best]))
    return total, with_aid


def transposed(streets: Streets, time_s: np.ndarray | None = None) -> csr_matrix:
    """The reversed graph, the fastest of repeated edges: from a call scipy then sees who reaches it when."""
    times = streets.time_s if time_s is None else time_s
    order = np.lexsort((times, streets.tail, streets.head))
    order = order[np.isfinite(times[order])]
    head, tail = streets.head[order], streets.tail[order]
    first = np.append(True, (head[1:] != head[:-1]) | (tail[1:] != tail[:-1]))
    size = (streets.node_count,) * 2
    return csr_matrix((np.maximum(times[order][first], 1e-9), (head[first], tail[first])), shape=size)


def timed(ask: Callable[[int], object], nodes: np.ndarray) -> np.ndarray:
    times = np.empty(len(nodes))
    for i, node in enumerate(nodes):
        began = time.perf_counter()
        ask(node)
        times[i] = (time.perf_counter() - began) * 1e3
    return times


def med(times: np.ndarray) -> float:
    return float(np.median(times))


def p99(times: np.ndarray) -> float:
    return float(np.quantile(times, 0.99))


if __name__ == "__main__":
    main()
