"""The times and ways by road that a simulation asks for, measured once before it runs.

Places are numbered: those of calls first, then posts, then the junctions on the ways back to posts, at which a
returning unit may turn. Where roads differ by hour (closures), each state of the roads has places of calls and
junctions of its own: a call is driven to, and left, by the roads of the moment it came.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
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
_CALLS_A_TASK = 16

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
    nearest: the posts of each call's place, the nearest first.
    metric: no detour by another place is shorter than the way itself, as is so on roads; the compiled core then
    need not look at each unit.
    """

    call_count: int
    post_count: int
    near_s: AnyArray
    far_s: AnyArray
    way: AnyArray
    nearest: IntArray
    metric: bool

    def to_call_s(self, call: int, place: int) -> float:
        """Seconds from any place to a call's place."""
        first = self.near_s.shape[1]
        return float(self.near_s[call, place] if place < first else self.far_s[call, place - first])

    @classmethod
    def measure(cls, travel: Travel | Sequence[Travel], calls: Spots, posts: Spots) -> Roads:
        """Measure all that calls at some spots and units from some posts can ask for.

        travel: the roads, or their states by hour; the call at spot i under state s has place s × calls + i. Units
        that move up, or come on duty, take the roads of the first state. One search per call and two per post for
        each state, in several threads. Units turn at nodes where streets meet or end, not at points that only shape
        a street. Raises `BadInput` if the table would be too large.
        """
        states = [travel] if isinstance(travel, Travel) else list(travel)
        turns = _turning_nodes(states[0].streets)
        back = [_Back.measure(state, _joined(calls, posts), posts, turns) for state in states]
        count = len(states) * len(calls)
        places = posts
        for one in back:
            places = _joined(places, Spots.at_nodes(one.junctions))
        for _ in states:
            places = _joined(calls, places)
        wanted = count * len(places) * 4
        if wanted > MOST_BYTES:
            what = "there are too many places for one table of travel times"
            remedy = "Round the calls' places to a coarser grid, or simulate fewer calls."
            raise BadInput([Fault("calls", what, f"{count} × {len(places)}", remedy)])
        ways = _ways(back, len(calls), len(posts), len(places))
        tables = [_to_calls(state, places, calls, count + len(posts)) for state in states]
        near_s, far_s = (np.concatenate(parts) for parts in zip(*tables, strict=True))
        # Whoever starts at a junction may take any exit, so that barred turns can be got round by a stop there. A way
        # back under one state and a call under another make a detour that can be shorter.
        metric = len(states) == 1 and not states[0].streets.barred.size
        return cls(count, len(posts), near_s, far_s, ways, _nearest(near_s, count), metric)

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
        far_s = np.empty((calls, 0), np.float32)
        return cls(calls, posts, calls_s, far_s, _with_leaps(ways), _nearest(calls_s, calls), False)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The fastest ways from everywhere to one post. seconds: per node; hop, hop_after: from a node, and after
    an edge, the next node where a unit can turn, -1 if that is the post itself; left_s: from an edge's head.
    """

    seconds: FloatArray
    hop: IntArray
    left_s: FloatArray
    hop_after: IntArray

    @classmethod
    def towards(cls, travel: Travel, post: Spots, turns: BoolArray) -> _Tree:
        streets, nodes = travel.streets, np.arange(travel.streets.node_count)
        seconds, left_s = travel.from_one(post, reverse=True), travel.left_s(post)
        first, after = np.empty(nodes.size, np.int64), np.empty(streets.edge_count, np.int64)
        _next_edges(streets.out_start, travel.time_s, left_s, nodes, seconds, first)
        _next_edges(streets.out_start, travel.time_s, left_s, streets.head, left_s, after)
        ends = turns[streets.head] | (after < 0)
        stop = np.where(ends, np.arange(streets.edge_count), after)  # the edge at whose end a unit can turn
        while not ends[stop].all():
            stop = np.where(ends[stop], stop, after[stop])
        hop_after = np.where(turns[streets.head[stop]], streets.head[stop], -1)
        return cls(seconds, np.where(first >= 0, hop_after[first], -1), left_s, hop_after)

    def starts(self, travel: Travel, spots: Spots, turns: BoolArray, to_post_s: FloatArray) -> IntArray:
        """The first node where a unit can turn on its way from some spots, -1 if that is the post itself."""
        found, on_edge = self.hop[np.maximum(spots.node, 0)], np.flatnonzero(spots.node < 0)
        edge, fraction = spots.edge[on_edge], spots.fraction[on_edge]
        back = travel.streets.opposite[edge]
        with np.errstate(invalid="ignore"):  # 0 × infinity, on closed edges
            ahead_s = (1 - fraction) * travel.time_s[edge] + self.left_s[edge]
            back_s = np.where(back >= 0, fraction * travel.time_s[back] + self.left_s[back], np.inf)
        by_s = np.nan_to_num(np.stack([ahead_s, back_s]), nan=np.inf, posinf=np.inf)
        best = by_s.argmin(axis=0)
        used = np.where(best == 0, edge, back)
        # A way that stays on its edge passes no node to turn at.
        passes = by_s[best, np.arange(on_edge.size)] <= to_post_s[on_edge] + _SAME_S
        found[on_edge] = np.where(passes, self.hop_after[used], -1)
        # A street closed both ways is left by its nearer end, as everywhere in travel.
        closed = np.isinf(travel.time_s[edge]) & ((back < 0) | np.isinf(travel.time_s[back]))
        near = np.where(fraction <= 0.5, travel.streets.tail[edge], travel.streets.head[edge])
        found[on_edge[closed]] = np.where(turns[near], near, self.hop[near])[closed]
        return found


@compiled
def _next_edges(
    out_start: IntArray, time_s: FloatArray, left_s: FloatArray, node: IntArray, rest_s: FloatArray, found: IntArray
) -> None:
    """For units at some nodes with so many seconds to go, the edge they take; -1 where the way ends at a spot.

    Only edges with strictly less to go count, so that those without length cannot lead in circles.
    """
    for i in range(node.size):
        found[i] = -1
        best_s = 1e-6
        if rest_s[i] < np.inf:
            for edge in range(out_start[node[i]], out_start[node[i] + 1]):
                off_s = abs(time_s[edge] + left_s[edge] - rest_s[i])
                if off_s < best_s and left_s[edge] < rest_s[i]:
                    best_s = off_s
                    found[i] = edge


def _turning_nodes(streets: Streets) -> BoolArray:
    """Nodes where streets meet or end: all but those with exactly two neighbours."""
    ends = np.stack([np.minimum(streets.tail, streets.head), np.maximum(streets.tail, streets.head)])
    pairs = np.unique(ends[:, ends[0] != ends[1]], axis=1)
    turns: BoolArray = np.bincount(pairs.ravel(), minlength=streets.node_count) != 2
    return turns


def _on_the_ways(trees: list[_Tree], firsts: list[IntArray], streets: Streets) -> IntArray:
    """All nodes at which a unit can turn on any way from a start, or from another such node, to any post."""
    met = np.zeros(streets.node_count, bool)
    fresh = np.unique(np.concatenate(firsts))
    while (fresh := fresh[fresh >= 0]).size:
        met[fresh] = True
        fresh = np.unique(np.concatenate([tree.hop[fresh] for tree in trees]))
        fresh = fresh[~met[fresh] | (fresh < 0)]
    return np.flatnonzero(met)


def _with_leaps(ways: AnyArray) -> AnyArray:
    """Ways with `leap` filled in, and barred where no road leads."""
    ahead, barred = ways["ahead"], np.isinf(ways["seconds"])
    leap = ahead
    for _ in range(_LEAP - 1):
        leap = np.take_along_axis(ahead, leap, axis=1)
    ways["leap"] = np.where(barred, _NO_WAY, leap)
    ahead[barred] = _NO_WAY
    return ways


@dataclass(frozen=True, slots=True, eq=False)
class _Back:
    """The ways back to all posts under one state of the roads.

    junctions: nodes on them where a unit can turn. seconds, node: posts × (calls, posts, junctions), seconds to the
    post and the next such node, -1 if that is the post itself.
    """

    junctions: IntArray
    seconds: FloatArray
    node: IntArray

    @classmethod
    def measure(cls, travel: Travel, starts: Spots, posts: Spots, turns: BoolArray) -> _Back:
        to_post_s = travel.matrix(starts, posts).T
        trees = [_Tree.towards(travel, posts[[h]], turns) for h in range(len(posts))]
        firsts = [tree.starts(travel, starts, turns, to_post_s[h]) for h, tree in enumerate(trees)]
        junctions = _on_the_ways(trees, firsts, travel.streets)
        return cls(
            junctions,
            np.concatenate([to_post_s, np.array([tree.seconds[junctions] for tree in trees])], axis=1),
            np.concatenate([np.array(firsts), np.array([tree.hop[junctions] for tree in trees])], axis=1),
        )


def _ways(back: Sequence[_Back], calls: int, posts: int, places: int) -> AnyArray:
    """The ways of all states in one table; posts are the same places under each, as the first has them."""
    ways, first_post = np.empty((posts, places), WAY), len(back) * calls
    for state, one in reversed(list(enumerate(back))):
        junction = first_post + posts + sum(other.junctions.size for other in back[:state])
        number = np.full(int(one.junctions.max(initial=-1)) + 2, _NO_WAY)
        number[one.junctions] = junction + np.arange(one.junctions.size)
        here = np.concatenate([
            state * calls + np.arange(calls), first_post + np.arange(posts), junction + np.arange(one.junctions.size),
        ])  # fmt: skip
        for h in range(posts):
            ways["seconds"][h, here] = one.seconds[h]
            ways["ahead"][h, here] = np.where(one.node[h] >= 0, number[one.node[h]], first_post + h)
            ways["ahead"][h, first_post + h] = first_post + h
    return _with_leaps(ways)


def _nearest(near_s: AnyArray, calls: int) -> IntArray:
    order: IntArray = np.argsort(near_s[:, calls:], axis=1, kind="stable")
    return order


def _joined(first: Spots, second: Spots) -> Spots:
    columns = ("node", "edge", "fraction", "off_m")
    return Spots(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in columns))


def _to_calls(travel: Travel, places: Spots, calls: Spots, near: int) -> tuple[AnyArray, AnyArray]:
    """Seconds to every call from the first `near` places, and from the others: one search back from each call."""
    near_s = np.empty((len(calls), near), np.float32)
    far_s = np.empty((len(calls), len(places) - near), np.float32)

    def fill(start: int) -> None:
        part = slice(start, start + _CALLS_A_TASK)
        seconds = travel.matrix(places, calls[part]).T
        near_s[part], far_s[part] = seconds[:, :near], seconds[:, near:]

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(fill, range(0, len(calls), _CALLS_A_TASK)))
    return near_s, far_s
