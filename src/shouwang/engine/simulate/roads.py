"""The times and ways by road that a simulation asks for, measured once before it runs.

Places are numbered: those of calls first, then posts, then the junctions on the ways back to posts, at which a
returning unit may turn.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.compiled import compiled
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

MOST_BYTES = 2 * 1024**3
"""A table of travel times larger than this is refused."""
_SAME_S = 1e-6
_NO_WAY = -1
_LEAP = 8

WAY = np.dtype([("seconds", "f4"), ("ahead", "i4"), ("leap", "i4")])
"""Times here are kept in 32 bits (off by 1 ms in 3 h): much of a simulation's time is spent fetching them."""


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Travel between the places of a simulation.

    call_count, post_count: how many places are calls' and posts'; post h is place call_count + h.
    near_s, far_s: seconds to each call (rows) from calls' places and posts, and from junctions; infinity where
    no road leads. They are two tables because the first is asked far more often.
    way: posts × places (`WAY`), seconds to the post, and ahead, the next place on the way where a unit can turn
    (at last the post itself), -1 where no road leads; leap is eight such places on, to get along a way fast.
    metric: no detour by another place is shorter than the way itself, as is so on roads; the compiled core then
    need not look at each unit.
    """

    call_count: int
    post_count: int
    near_s: AnyArray
    far_s: AnyArray
    way: AnyArray
    metric: bool

    def to_call_s(self, call: int, place: int) -> float:
        """Seconds from any place to a call's place."""
        first = self.near_s.shape[1]
        return float(self.near_s[call, place] if place < first else self.far_s[call, place - first])

    @classmethod
    def measure(cls, travel: Travel, calls: Spots, posts: Spots) -> Roads:
        """Measure all that calls at some spots and units from some posts can ask for.

        One search per call and two per post, in several threads. Units turn at nodes where streets meet or
        end, not at points that only shape a street. Raises `BadInput` if the table would be too large.
        """
        starts, turns = _joined(calls, posts), _turning_nodes(travel.streets)
        to_post_s = travel.matrix(starts, posts).T
        trees = [_Tree.towards(travel, posts[[h]], turns) for h in range(len(posts))]
        firsts = [tree.first(travel, starts, turns, to_post_s[h]) for h, tree in enumerate(trees)]
        junctions = _on_the_ways(trees, firsts, travel.streets.node_count)
        places = _joined(starts, Spots.at_nodes(junctions))
        wanted = len(calls) * len(places) * 4
        if wanted > MOST_BYTES:
            what = "there are too many places for one table of travel times"
            remedy = "Round the calls' places to a coarser grid, or simulate fewer calls."
            raise BadInput([Fault("calls", what, f"{len(calls)} × {len(places)}", remedy)])
        number = np.full(travel.streets.node_count, _NO_WAY)
        number[junctions] = len(starts) + np.arange(junctions.size)
        ways = np.empty((len(posts), len(places)), WAY)
        for h, tree in enumerate(trees):
            nodes = np.concatenate([firsts[h], tree.hop[junctions]])
            ways["seconds"][h] = np.concatenate([to_post_s[h], tree.seconds[junctions]])
            ways["ahead"][h] = np.where(nodes >= 0, number[nodes], len(calls) + h)
        return cls(len(calls), len(posts), *_to_calls(travel, places, calls, len(starts)), _with_leaps(ways), True)

    @classmethod
    def given(cls, to_call_s: ArrayLike, to_post_s: ArrayLike) -> Roads:
        """Roads from tables of one's own: calls × (calls + posts) and posts × (calls + posts), in seconds.

        Returning units cannot turn before their post. Raises `BadInput`.
        """
        calls_s, posts_s = np.asarray(to_call_s, np.float32), np.asarray(to_post_s, float)
        faults = Faults()
        for name, table in (("to_call_s", calls_s), ("to_post_s", posts_s)):
            if table.ndim != 2 or table.shape[1] != calls_s.shape[0] + posts_s.shape[0]:
                faults.add(name, "the table needs a column per call place and post", table.shape)
            elif not (table >= 0).all():
                faults.add(name, "a travel time is 0 or more", float(table.min()), "Bar a way by infinity.")
        faults.raise_if_any()
        calls, posts = calls_s.shape[0], posts_s.shape[0]
        ways = np.empty(posts_s.shape, WAY)
        ways["seconds"] = posts_s
        ways["ahead"] = calls + np.arange(posts)[:, None]
        return cls(calls, posts, calls_s, np.empty((calls, 0), np.float32), _with_leaps(ways), False)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The fastest ways from everywhere to one post: seconds per node, and `hop`, the next node where a unit
    can turn, -1 if that is the post itself.
    """

    seconds: FloatArray
    hop: IntArray

    @classmethod
    def towards(cls, travel: Travel, post: Spots, turns: BoolArray) -> _Tree:
        streets = travel.streets
        seconds = travel.from_one(post, reverse=True)
        after = np.empty(streets.node_count, np.int64)
        _next_nodes(streets.out_start, streets.head, travel.time_s, seconds, after)
        hop = after.copy()
        while (passing := (hop >= 0) & ~turns[hop]).any():
            hop[passing] = after[hop[passing]]
        return cls(seconds, hop)

    def first(self, travel: Travel, starts: Spots, turns: BoolArray, to_post_s: FloatArray) -> IntArray:
        """The first node where a unit can turn on its way from some spots, -1 if that is the post itself."""
        on_edge = np.flatnonzero(starts.node < 0)
        ends, to_end_s = _edge_ends(travel, starts[on_edge])
        by_either_s = to_end_s + self.seconds[ends]
        best, each = by_either_s.argmin(axis=0), np.arange(on_edge.size)
        end, by_end_s = ends[best, each], by_either_s[best, each]
        # A way that never leaves its edge passes no node to turn at.
        passes = by_end_s <= to_post_s[on_edge] + _SAME_S
        found = self.hop[np.maximum(starts.node, 0)]
        found[on_edge] = np.where(passes, np.where(turns[end], end, self.hop[end]), -1)
        return found


@compiled
def _next_nodes(out_start: IntArray, head: IntArray, time_s: FloatArray, seconds: FloatArray, after: IntArray) -> None:
    """Per node the next one on the fastest way, -1 where the way is left (or no road leads).

    Only nodes strictly nearer count, so that edges without length cannot lead in circles.
    """
    for node in range(after.size):
        after[node] = -1
        best_s = seconds[node] + 1e-6
        if best_s < np.inf:
            for edge in range(out_start[node], out_start[node + 1]):
                by_s = time_s[edge] + seconds[head[edge]]
                if by_s < best_s and seconds[head[edge]] < seconds[node]:
                    best_s = by_s
                    after[node] = head[edge]


def _turning_nodes(streets: Streets) -> BoolArray:
    """Nodes where streets meet or end: all but those with exactly two neighbours."""
    ends = np.stack([np.minimum(streets.tail, streets.head), np.maximum(streets.tail, streets.head)])
    pairs = np.unique(ends[:, ends[0] != ends[1]], axis=1)
    turns: BoolArray = np.bincount(pairs.ravel(), minlength=streets.node_count) != 2
    return turns


def _on_the_ways(trees: list[_Tree], firsts: list[IntArray], nodes: int) -> IntArray:
    """All nodes at which a unit can turn on any way from a start, or from another such node, to any post."""
    met = np.zeros(nodes, bool)
    fresh = np.unique(np.concatenate(firsts))
    while (fresh := fresh[fresh >= 0]).size:
        met[fresh] = True
        fresh = np.unique(np.concatenate([tree.hop[fresh] for tree in trees]))
        fresh = fresh[~met[fresh] | (fresh < 0)]
    return np.flatnonzero(met)


def _edge_ends(travel: Travel, spots: Spots) -> tuple[IntArray, FloatArray]:
    """The two nodes by which spots on edges are left (2 × spots), and the seconds to each. On a street closed
    both ways the nearer end is there at once, as everywhere in travel.
    """
    streets, time_s = travel.streets, travel.time_s
    back = streets.opposite[spots.edge]
    ahead_s, back_s = time_s[spots.edge], np.where(back >= 0, time_s[back], np.inf)
    closed, behind = np.isinf(ahead_s) & np.isinf(back_s), spots.fraction <= 0.5
    with np.errstate(invalid="ignore"):  # 0 × infinity
        to_tail_s = np.where(closed, np.where(behind, 0.0, np.inf), spots.fraction * back_s)
        to_head_s = np.where(closed, np.where(behind, np.inf, 0.0), (1 - spots.fraction) * ahead_s)
    ends = np.stack([streets.tail[spots.edge], streets.head[spots.edge]])
    return ends, np.stack([to_tail_s, to_head_s])


def _with_leaps(ways: AnyArray) -> AnyArray:
    """Ways with `leap` filled in, and barred where no road leads."""
    ahead, barred = ways["ahead"], np.isinf(ways["seconds"])
    leap = ahead
    for _ in range(_LEAP - 1):
        leap = np.take_along_axis(ahead, leap, axis=1)
    ways["leap"] = np.where(barred, _NO_WAY, leap)
    ahead[barred] = _NO_WAY
    return ways


def _joined(first: Spots, second: Spots) -> Spots:
    columns = ("node", "edge", "fraction", "off_m")
    return Spots(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in columns))


def _to_calls(travel: Travel, places: Spots, calls: Spots, near: int) -> tuple[AnyArray, AnyArray]:
    """Seconds to every call from the first `near` places, and from the others: one search back from each call."""
    near_s = np.empty((len(calls), near), np.float32)
    far_s = np.empty((len(calls), len(places) - near), np.float32)
    at_node, on_edge = np.flatnonzero(places.node >= 0), np.flatnonzero(places.node < 0)
    node, edge = places.node[at_node], places.edge[on_edge]
    ends, to_end_s = _edge_ends(travel, places[on_edge])

    def fill(call: int) -> None:
        seconds = travel.from_one(calls[[call]], reverse=True)
        row = np.empty(len(places), np.float32)
        row[at_node] = seconds[node]
        if on_edge.size:
            row[on_edge] = (to_end_s + seconds[ends]).min(axis=0)
            beside = on_edge[edge == calls.edge[call]]  # may get there without leaving the edge
            if beside.size:
                row[beside] = travel.matrix(places[beside], calls[[call]])[:, 0]
        near_s[call], far_s[call] = row[:near], row[near:]

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(fill, range(len(calls))))
    return near_s, far_s
