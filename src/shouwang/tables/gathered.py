"""Edges gathered from any source of streets, made into one connected network, with a report of what was left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo._building import strong_part
from shouwang.engine.geo.contract import Chains, chains
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray


@dataclass(slots=True)
class Import:
    """The streets, and what was kept, left out or assumed, each with a count."""

    streets: Streets
    report: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """From one way over a node onto another: not allowed, or with `only` the one turn that is."""

    came: int
    node: int
    goes: int
    only: bool


@dataclass(slots=True)
class Gathered:
    """Edges from point to point, before chains are joined. Points are numbered by their source."""

    in_metres: bool = False
    u: list[int] = field(default_factory=list)
    v: list[int] = field(default_factory=list)
    way: list[int] = field(default_factory=list)
    kmh: list[float] = field(default_factory=list)
    name: list[str | None] = field(default_factory=list)
    kind: list[str | None] = field(default_factory=list)
    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    report: Counter[str] = field(default_factory=Counter)

    def add(self, u: int, v: int, way: int, kmh: float, name: str | None, kind: str | None) -> None:
        """One edge in one direction."""
        for values, value in ((self.u, u), (self.v, v), (self.way, way)):
            values.append(value)
        self.kmh.append(kmh)
        self.name.append(name)
        self.kind.append(kind)

    def joined(self, source: str) -> Import:
        """The largest part in which every node reaches every other, chains of points joined into edges.

        Raises `BadInput` if there is no edge.
        """
        if not self.u:
            raise BadInput([Fault(source, "the file holds no street for this profile", 0, "Choose another file.")])
        whole = _Points.of(self)
        main = strong_part(whole.tail, whole.head, whole.id.size)
        inside = main[whole.tail] & main[whole.head]
        if not inside.any():
            remedy = "Check the directions: from no street can another be reached and left again."
            raise BadInput([Fault(source, "the streets do not hang together", 0, remedy)])
        return _built(self, whole, main, np.flatnonzero(inside))


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    id: IntArray
    at: FloatArray
    tail: IntArray
    head: IntArray

    @classmethod
    def of(cls, gathered: Gathered) -> _Points:
        ids, at = np.array(list(gathered.place), np.int64), np.array(list(gathered.place.values()), float)
        order = np.argsort(ids)
        tail, head = (order[np.searchsorted(ids[order], np.array(end, np.int64))] for end in (gathered.u, gathered.v))
        return cls(ids, at, tail, head)

    def length_m(self, in_metres: bool) -> FloatArray:
        (x0, y0), (x1, y1) = self.at[self.tail].T, self.at[self.head].T
        return np.hypot(x1 - x0, y1 - y0) if in_metres else haversine_m(x0, y0, x1, y1)


def _built(gathered: Gathered, whole: _Points, main: BoolArray, inside: IntArray) -> Import:
    report, count = Counter(gathered.report), whole.id.size
    tail, head = whole.tail[inside], whole.head[inside]
    name, kind = (np.array(values, object)[inside] for values in (gathered.name, gathered.kind))
    label = np.unique([f"{a}\0{b}" for a, b in zip(name, kind, strict=True)], return_inverse=True)[1]
    via = {turn.node for turn in gathered.turns}
    found = chains(tail, head, label, np.isin(whole.id, np.array(sorted(via), np.int64)))
    first, last = found.edge[found.start[:-1]], found.edge[found.start[1:] - 1]
    length_m = whole.length_m(gathered.in_metres)[inside]
    time_s = length_m / (np.array(gathered.kmh)[inside] / 3.6)
    begin, end = tail[first], head[last]
    used = np.zeros(count, bool)
    used[begin] = used[end] = True
    barred = _barred(gathered, whole.id, np.array(gathered.way, np.int64)[inside], (first, last), (begin, end), report)
    at = {key: whole.at[used, i] for i, key in enumerate(("x_m", "y_m") if gathered.in_metres else ("lon", "lat"))}
    streets = Streets.build(
        node_id=whole.id[used], u=whole.id[begin], v=whole.id[end], **at,
        length_m=np.add.reduceat(length_m[found.edge], found.start[:-1]),
        time_s=np.add.reduceat(time_s[found.edge], found.start[:-1]),
        name=name[first], kind=kind[first], shape=_shapes(whole.at, tail, head, found), barred=barred,
    )  # fmt: skip
    report["nodes cut off from the largest part"] += int((~main).sum())
    report["points joined into the streets they lie on"] += int(main.sum() - used.sum())
    kept = {"nodes kept": streets.node_count, "edges kept": streets.edge_count, "barred turns": len(streets.barred)}
    return Import(streets, {what: n for what, n in (kept | dict(report)).items() if n})


def _shapes(at: FloatArray, tail: IntArray, head: IntArray, found: Chains) -> list[FloatArray | None]:
    lists: list[FloatArray | None] = []
    for begin, end in zip(found.start[:-1].tolist(), found.start[1:].tolist(), strict=True):
        edges = found.edge[begin:end]
        lists.append(None if edges.size == 1 else at[np.append(tail[edges], head[edges[-1]])])
    return lists


def _barred(
    gathered: Gathered,
    ids: IntArray,
    way: IntArray,
    pieces: tuple[IntArray, IntArray],
    ends: tuple[IntArray, IntArray],
    report: Counter[str],
) -> AnyArray:
    """Pairs of edges that turns bar. A turn is placed if its two ways meet its node by one edge each."""
    (first, last), (begin, end) = pieces, ends
    approaches: dict[tuple[int, int], list[int]] = defaultdict(list)
    exits: dict[int, list[int]] = defaultdict(list)
    vias = {turn.node for turn in gathered.turns}
    for edge in np.flatnonzero(np.isin(ids[end], list(vias))).tolist():
        approaches[int(ids[end[edge]]), int(way[last[edge]])].append(edge)
    for edge in np.flatnonzero(np.isin(ids[begin], list(vias))).tolist():
        exits[int(ids[begin[edge]])].append(edge)
    pairs: set[tuple[int, int]] = set()
    for turn in gathered.turns:
        came = approaches[turn.node, turn.came]
        onto = [edge for edge in exits[turn.node] if way[first[edge]] == turn.goes]
        if len(came) != 1 or len(onto) != 1:
            report["turn restrictions whose streets are not in the network"] += 1
            continue
        others = [edge for edge in exits[turn.node] if edge != onto[0]]
        pairs.update((came[0], edge) for edge in (others if turn.only else onto))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
