"""Chains of points that no road meets, joined into single edges: what is searched gets smaller, times stay the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.geo._building import starts
from shouwang.engine.terms import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Edges edge[start[i]] … edge[start[i+1]-1] follow one another and become one."""

    start: IntArray
    edge: IntArray


def chains(tail: IntArray, head: IntArray, label: IntArray, keep: BoolArray) -> Chains:
    """Chains of the edges tail → head through nodes that need not be kept.

    A node is passed through if it has two neighbours, a way through in one direction or in both, and the same
    `label` (name and class, say) on all its edges; `keep` marks nodes that stay all the same. Each edge is in one
    chain, and both directions of a street are chained alike. No chain ends where it began: one that would, keeps
    a node on its way. There must be no loops (an edge from a node to itself).
    """
    keep = keep.copy()
    while True:
        follows = _follows(tail, head, label, keep)
        found = _followed(follows)
        closed = [chain for chain in found if tail[chain[0]] == head[chain[-1]]]
        if not closed:
            return Chains(
                np.concatenate([[0], np.cumsum([len(chain) for chain in found])]).astype(np.int64),
                np.array([edge for chain in found for edge in chain], np.int64),
            )
        for chain in closed:  # the lowest node, so that the other direction keeps the same one
            keep[tail[chain[0]]] = True
            keep[min(int(tail[edge]) for edge in chain[1:])] = True


def _follows(tail: IntArray, head: IntArray, label: IntArray, keep: BoolArray) -> IntArray:
    """Per edge the one by which its chain goes on, -1 at its end."""
    count = keep.size
    leaves, arrives = np.argsort(tail, kind="stable"), np.argsort(head, kind="stable")
    out_start, in_start = starts(tail, count), starts(head, count)
    outs, ins = np.diff(out_start), np.diff(in_start)
    follows = np.full(tail.size, -1, dtype=np.int64)

    single = np.flatnonzero(~keep & (outs == 1) & (ins == 1))
    came, goes = arrives[in_start[single]], leaves[out_start[single]]
    fits = (tail[came] != head[goes]) & (label[came] == label[goes])
    follows[came[fits]] = goes[fits]

    double = np.flatnonzero(~keep & (outs == 2) & (ins == 2))
    came0, came1 = arrives[in_start[double]], arrives[in_start[double] + 1]
    goes0, goes1 = leaves[out_start[double]], leaves[out_start[double] + 1]
    crossed = head[goes0] == tail[came0]
    onto0, onto1 = np.where(crossed, goes1, goes0), np.where(crossed, goes0, goes1)
    fits = (head[onto0] == tail[came1]) & (head[onto1] == tail[came0]) & (tail[came0] != tail[came1])
    fits &= (label[came0] == label[came1]) & (label[came0] == label[onto0]) & (label[came0] == label[onto1])
    follows[came0[fits]], follows[came1[fits]] = onto0[fits], onto1[fits]
    return follows


def _followed(follows: IntArray) -> list[list[int]]:
    begins = np.ones(follows.size, bool)
    begins[follows[follows >= 0]] = False
    onto, unseen, found = follows.tolist(), set(range(follows.size)), []
    for begin in np.flatnonzero(begins).tolist():
        found.append(_chain(begin, onto))
        unseen.difference_update(found[-1])
    while unseen:  # rings that meet no other road
        found.append(_chain(min(unseen), onto))
        unseen.difference_update(found[-1])
    return found


def _chain(begin: int, onto: list[int]) -> list[int]:
    chain = [begin]
    while (edge := onto[chain[-1]]) >= 0 and edge != begin:
        chain.append(edge)
    return chain
