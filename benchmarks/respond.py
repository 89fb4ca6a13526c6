"""Nearest units by road: ours beside scipy's Dijkstra on the same graph, in one run, with ratios.

    python benchmarks/respond.py [PREFIX …] [--calls 300]

Without a PREFIX: Auckland of the folder named by SHOUWANG_REFERENCE if it is set, and the example district.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.cover import Cover
from shouwang.engine.respond.recommend import Units, recommend
from shouwang.tables.streets import read_streets

EXAMPLE = Path(__file__).parents[1] / "src" / "shouwang" / "data" / "districts" / "stlouis"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prefix", nargs="*", type=Path)
    parser.add_argument("--calls", type=int, default=300)
    options = parser.parse_args()
    prefixes = options.prefix or [EXAMPLE]
    if not options.prefix and "SHOUWANG_REFERENCE" in os.environ:
        prefixes.insert(0, Path(os.environ["SHOUWANG_REFERENCE"]) / "streets" / "auckland")
    for prefix in prefixes:
        network(prefix, options.calls)


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
        few = call[: min(calls, 60)]
        limits = [travel.k_nearest(Spots.at_nodes(node), spots, k).seconds[-1] for node in few]
        everywhere = timed(lambda node, a=at, n=k: np.sort(dijkstra(graph, indices=node)[a])[:n], few)
        limit_s = dict(zip(few.tolist(), limits, strict=True))
        bounded = timed(
            lambda node, a=at, n=k, most=limit_s: np.sort(
                dijkstra(graph, indices=node, limit=most[int(node)] + 1e-6)[a]
            )[:n],
            few,
        )
        show(f"nearest {k} of {units}", ours, everywhere, "scipy, whole graph")
        show("", ours, bounded, "scipy, told the answer's time as limit")
        for node in few[:20]:
            mine = travel.k_nearest(Spots.at_nodes(node), spots, k).seconds
            np.testing.assert_allclose(mine, np.sort(dijkstra(graph, indices=node)[at])[:k], atol=1e-6)
    recommendations(streets, travel, call, rng)


def recommendations(streets: Streets, travel: Travel, call: np.ndarray, rng: np.random.Generator) -> None:
    units = Units.at(Spots.at_nodes(rng.integers(0, streets.node_count, 60)))
    demand = rng.random(streets.node_count)
    nodes = np.arange(streets.node_count)

    def measure(_: int) -> Cover:
        return Cover.measure(travel, units.spots, units.free, nodes, demand, 300.0)

    cover = measure(0)
    recommend(travel, Spots.at_nodes(0), units, 5, cover)
    advice = timed(lambda node: recommend(travel, Spots.at_nodes(node), units, 5, cover), call)
    fresh = timed(measure, call[:50])
    print(f"  recommend 5 of 60 with cover     median {med(advice):.3f} ms, p99 {p99(advice):.3f} ms; "
          f"measuring cover anew median {med(fresh):.2f} ms, p99 {p99(fresh):.2f} ms")  # fmt: skip


def transposed(streets: Streets) -> csr_matrix:
    """The reversed graph, the fastest of repeated edges: from a call scipy then sees who reaches it when."""
    order = np.lexsort((streets.time_s, streets.tail, streets.head))
    head, tail = streets.head[order], streets.tail[order]
    first = np.append(True, (head[1:] != head[:-1]) | (tail[1:] != tail[:-1]))
    size = (streets.node_count,) * 2
    return csr_matrix((np.maximum(streets.time_s[order][first], 1e-9), (head[first], tail[first])), shape=size)


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


def show(what: str, ours: np.ndarray, theirs: np.ndarray, peer: str) -> None:
    print(f"  {what:<26} ours median {med(ours):.3f} ms, p99 {p99(ours):.3f} ms; "
          f"{peer}: {med(theirs):.3f} ms; {med(theirs) / med(ours):.1f}x")  # fmt: skip


if __name__ == "__main__":
    main()
