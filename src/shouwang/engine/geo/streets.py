"""The street network: directed edges between nodes, checked once, then frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.distance import Plane
from shouwang.engine.geo.turns import Vertices, split
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

SAME_PLACE_M = 1.0
"""A point this near to a node is that node."""
_FAULTS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Spots:
    """Places on the network, one per entry: a node, or a point on an edge.

    node: node index, or -1 for a point on an edge; edge: edge index, or -1 at a node;
    fraction: share of the edge that lies behind the point, 0 at its tail; off_m: metres from the point
    asked for.
    """

    node: IntArray
    edge: IntArray
    fraction: FloatArray
    off_m: FloatArray

    @classmethod
    def at_nodes(cls, nodes: ArrayLike) -> Spots:
        """Spots that are nodes (indices)."""
        node = np.atleast_1d(np.asarray(nodes, np.int64))
        return cls(node, np.full(node.size, -1), np.zeros(node.size), np.zeros(node.size))

    def __len__(self) -> int:
        return int(self.node.size)

    def __getitem__(self, which: Sequence[int] | IntArray | BoolArray | slice) -> Spots:
        return Spots(self.node[which], self.edge[which], self.fraction[which], self.off_m[which])


@dataclass(frozen=True, eq=False)
class Streets:
    """A directed street network. Build it with `Streets.build`, which checks it.

    Nodes are indices 0 … n-1 in an order that keeps neighbours close in memory, edges 0 … m-1 sorted by tail;
    `index_of` finds the index of a file's node number, `row` the input row of an edge.
    node_id: the file's own number of each node; x_m, y_m: metres in `plane` (None: the input was in metres).
    tail, head: node of each edge's two ends; length_m, time_s per edge; row: place of each edge in the input.
    out_start: edges of node i are out_start[i] … out_start[i+1]-1; in_start, in_edge: the same for edges
    that arrive. opposite: the edge that runs the other way between the same nodes, -1 if there is none.
    name, kind: street name and class per edge, or None.
    """

    plane: Plane | None
    node_id: IntArray
    x_m: FloatArray
    y_m: FloatArray
    tail: IntArray
    head: IntArray
    length_m: FloatArray
    time_s: FloatArray
    row: IntArray
    out_start: IntArray
    in_start: IntArray
    in_edge: IntArray
    opposite: IntArray
    name: AnyArray | None = None
    kind: AnyArray | None = None
    barred: IntArray = field(default_factory=lambda: np.zeros((0, 2), np.int64))

    @classmethod
    def build(
        cls,
        *,
        node_id: ArrayLike,
        u: ArrayLike,
        v: ArrayLike,
        length_m: ArrayLike,
        time_s: ArrayLike,
        lon: ArrayLike | None = None,
        lat: ArrayLike | None = None,
        x_m: ArrayLike | None = None,
        y_m: ArrayLike | None = None,
        name: ArrayLike | None = None,
        kind: ArrayLike | None = None,
        nodes_name: str = "nodes",
        edges_name: str = "edges",
    ) -> Streets:
        """Check arrays of nodes (lon, lat in degrees or x_m, y_m) and of edges (u → v by node number) and
        join them.

        Raises `BadInput` naming every row with an unknown or repeated node, a coordinate, length or time
        that is not a finite number, or a negative length or time. `nodes_name` and `edges_name` name the
        files in the faults.
        """
        node_id, u, v = (np.asarray(a, np.int64) for a in (node_id, u, v))
        length_m, time_s = np.asarray(length_m, float), np.asarray(time_s, float)
        in_metres = x_m is not None and y_m is not None
        across, up = (np.asarray(a, float) for a in ((x_m, y_m) if in_metres else (lon, lat)))
        faults = Faults(keep=_FAULTS_KEPT)
        _check_nodes(faults, nodes_name, node_id, across, up, in_metres)
        index_of_u, index_of_v = (
            _node_index(faults, edges_name, column, node_id, ids) for column, ids in (("u", u), ("v", v))
        )
        for column, values in (("length_m", length_m), ("time_s", time_s)):
            for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
                faults.add(
                    f"{edges_name}, row {row + 1}, column {column}",
                    "a length or time has to be a finite number, 0 or more",
                    values[row],
                    "Correct the value; to close a street, pass a closure with the question.",
                )
        if not u.size:
            faults.add(edges_name, "there is no edge", 0, "Give at least one street.")
        faults.raise_if_any()

        plane = None if in_metres else Plane.around(across, up)
        x, y = (across, up) if plane is None else plane.to_xy(across, up)
        near = _along_curve(x, y)
        number = np.empty_like(near)
        number[near] = np.arange(near.size)
        node_id, x, y = node_id[near], x[near], y[near]
        index_of_u, index_of_v = number[index_of_u], number[index_of_v]
        order = np.argsort(index_of_u, kind="stable")
        tail, head = index_of_u[order], index_of_v[order]
        in_edge = np.argsort(head, kind="stable")
        return cls(
            plane, node_id, x, y, tail, head, length_m[order], time_s[order], order,
            _starts(tail, node_id.size), _starts(head, node_id.size), in_edge,
            _opposites(tail, head, length_m[order], node_id.size),
            None if name is None else np.asarray(name, object)[order],
            None if kind is None else np.asarray(kind, object)[order],
        )  # fmt: skip

    @property
    def node_count(self) -> int:
        return int(self.node_id.size)

    @property
    def edge_count(self) -> int:
        return int(self.tail.size)

    @cached_property
    def vertices(self) -> Vertices:
        """The graph that is searched: nodes, and more of them where turns are barred."""
        return split(self.node_count, self.tail, self.head, self.barred)

    @cached_property
    def main_part(self) -> BoolArray:
        """For each node whether it lies in the largest part in which every node reaches every other."""
        # Repeated edges and loops are taken out: scipy's search for strong parts may not end on them.
        apart = self.tail != self.head
        keys = np.unique(self.tail[apart] * self.node_count + self.head[apart])
        ends = np.divmod(keys, self.node_count)
        graph = csr_matrix((np.ones(keys.size), ends), shape=(self.node_count,) * 2)
        _, label = connected_components(graph, connection="strong")
        main: BoolArray = label == np.bincount(label).argmax()
        return main

    def remarks(self) -> list[str]:
        """What is odd without being wrong: islands, repeated edges, loops."""
        keys = np.stack([self.tail, self.head])
        repeated = self.edge_count - np.unique(keys, axis=1).shape[1]
        loops = int((self.tail == self.head).sum())
        outside = int((~self.main_part).sum())
        found = [
            (outside, "nodes lie outside the largest connected part; some of them cannot be reached or left"),
            (repeated, "edges repeat another between the same nodes; the fastest is used"),
            (loops, "edges return to the node they leave"),
        ]
        return [f"{count} {what}" for count, what in found if count]

    def index_of(self, node_ids: ArrayLike) -> IntArray:
        """Node indices of the file's node numbers, -1 for unknown ones."""
        return _lookup(self.node_id, np.asarray(node_ids, np.int64))

    def to_xy(self, lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """A point in the file's coordinates to metres in the plane of the network."""
        if self.plane is None:
            return np.asarray(lon_or_x, float), np.asarray(lat_or_y, float)
        return self.plane.to_xy(lon_or_x, lat_or_y)

    def coordinates(self, nodes: ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
        """Coordinates of nodes (default all) as the file gives them: degrees, or metres."""
        which = slice(None) if nodes is None else np.asarray(nodes, np.int64)
        x_m, y_m = self.x_m[which], self.y_m[which]
        return (x_m, y_m) if self.plane is None else self.plane.to_lonlat(x_m, y_m)

    @cached_property
    def _nodes_tree(self) -> KDTree:
        return KDTree(np.column_stack([self.x_m, self.y_m]))

    @cached_property
    def _segments(self) -> tuple[IntArray, shapely.STRtree]:
        """One edge of each pair of opposites, and a tree of their straight lines."""
        edges = np.flatnonzero((self.opposite < 0) | (self.tail < self.head))
        edges = edges[self.tail[edges] != self.head[edges]]
        ends = np.stack([self.tail[edges], self.head[edges]], axis=1)
        return edges, shapely.STRtree(shapely.linestrings(np.stack([self.x_m[ends], self.y_m[ends]], axis=2)))

    def nearest_node(self, lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> tuple[IntArray, FloatArray]:
        """Index of the nearest node to each point, and metres to it."""
        off_m, node = self._nodes_tree.query(np.column_stack(self.to_xy(*_points(lon_or_x, lat_or_y))))
        return np.asarray(node, np.int64), np.asarray(off_m, float)

    def snap(self, lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> Spots:
        """The nearest place on the network to each point: a node within 1 m, else the nearest point on an
        edge.

        Edges are taken as straight between their nodes. Raises `BadInput` for coordinates that are not
        finite.
        """
        x_m, y_m = self.to_xy(*_points(lon_or_x, lat_or_y))
        off_m, node = self._nodes_tree.query(np.column_stack([x_m, y_m]))
        node = np.asarray(node, np.int64)
        edge, fraction = np.full(node.size, -1), np.zeros(node.size)
        edges, tree = self._segments
        away = np.flatnonzero(off_m > SAME_PLACE_M)
        if away.size and edges.size:
            which, slot = tree.query_nearest(shapely.points(x_m[away], y_m[away]), all_matches=False)
            away, on = away[which], edges[slot]
            u, v = self.tail[on], self.head[on]
            dx, dy = self.x_m[v] - self.x_m[u], self.y_m[v] - self.y_m[u]
            along = ((x_m[away] - self.x_m[u]) * dx + (y_m[away] - self.y_m[u]) * dy) / np.maximum(dx**2 + dy**2, 1e-9)
            along = np.clip(along, 0.0, 1.0)
            between = (along > 0) & (along < 1)
            off_m[away] = np.hypot(self.x_m[u] + along * dx - x_m[away], self.y_m[u] + along * dy - y_m[away])
            node[away] = np.where(between, -1, np.where(along <= 0, u, v))
            edge[away] = np.where(between, on, -1)
            fraction[away] = np.where(between, along, 0.0)
        return Spots(node, edge, fraction, np.asarray(off_m, float))

    def closing(self, edges: ArrayLike, both_ways: bool = True) -> FloatArray:
        """Travel times with some edges (indices) closed: infinity there."""
        edges = np.asarray(edges, np.int64)
        times = self.time_s.copy()
        times[edges] = np.inf
        if both_ways:
            back = self.opposite[edges]
            times[back[back >= 0]] = np.inf
        return times


def _points(lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    across, up = np.atleast_1d(np.asarray(lon_or_x, float)), np.atleast_1d(np.asarray(lat_or_y, float))
    wrong = np.flatnonzero(~(np.isfinite(across) & np.isfinite(up)))
    if wrong.size:
        found = [(float(across[i]), float(up[i])) for i in wrong[:_FAULTS_KEPT]]
        faults = [
            Fault(f"point {i + 1}", "a coordinate is not a number", at) for i, at in zip(wrong, found, strict=False)
        ]
        raise BadInput(faults, wrong.size - len(found))
    return across, up


def _check_nodes(
    faults: Faults, where: str, node_id: IntArray, across: FloatArray, up: FloatArray, in_metres: bool
) -> None:
    columns = (("x_m", across, np.inf), ("y_m", up, np.inf)) if in_metres else (("lon", across, 180), ("lat", up, 90))
    for column, values, most in columns:
        for row in np.flatnonzero(~(np.isfinite(values) & (np.abs(values) <= most))):
            faults.add(
                f"{where}, row {row + 1}, column {column}",
                "a coordinate has to be a finite number of metres, or degrees within ±180 and ±90",
                values[row],
                "Correct the coordinate.",
            )
    order = np.argsort(node_id, kind="stable")
    again = order[1:][node_id[order][1:] == node_id[order][:-1]]
    for row in np.sort(again):
        faults.add(
            f"{where}, row {row + 1}, column node",
            "the node number is used twice",
            node_id[row],
            "Number it anew.",
        )


def _lookup(node_id: IntArray, ids: IntArray) -> IntArray:
    if not node_id.size:
        return np.full(ids.shape, -1)
    order = np.argsort(node_id, kind="stable")
    place = np.minimum(np.searchsorted(node_id[order], ids), node_id.size - 1)
    return np.where(node_id[order[place]] == ids, order[place], -1)


def _node_index(faults: Faults, where: str, column: str, node_id: IntArray, ids: IntArray) -> IntArray:
    index = _lookup(node_id, ids)
    for row in np.flatnonzero(index < 0):
        faults.add(
            f"{where}, row {row + 1}, column {column}",
            "the edge names a node that does not exist",
            ids[row],
            "Add the node or remove the edge.",
        )
    return index


def _along_curve(x_m: FloatArray, y_m: FloatArray) -> IntArray:
    """The order of points along a Z-curve (Morton 1966): neighbours on the ground become neighbours in
    memory.
    """
    bits = np.zeros(x_m.size, np.uint64)
    for shift, values in ((0, x_m), (1, y_m)):
        spread = np.round((values - values.min()) / max(np.ptp(values), 1e-9) * 0xFFFF).astype(np.uint64)
        for bit in range(16):
            bits |= ((spread >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + shift)
    return np.argsort(bits, kind="stable")


def _starts(sorted_or_not: IntArray, count: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_or_not, minlength=count))]).astype(np.int64)


def _opposites(tail: IntArray, head: IntArray, length_m: FloatArray, count: int) -> IntArray:
    """Per edge the one back; among several between the same nodes one of the same length is preferred."""
    opposite = np.full(tail.size, -1, dtype=np.int64)
    length_dm = np.round(length_m * 10).astype(np.int64)
    for there, back in (
        ((tail * count + head) * 2_000_003 + length_dm, (head * count + tail) * 2_000_003 + length_dm),
        (tail * count + head, head * count + tail),
    ):
        order = np.argsort(there, kind="stable")
        place = np.minimum(np.searchsorted(there[order], back), tail.size - 1)
        found = order[place]
        fits = (there[found] == back) & (tail[found] == head) & (head[found] == tail) & (opposite < 0)
        opposite[fits] = found[fits]
    return opposite
