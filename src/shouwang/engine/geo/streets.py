"""The street network: directed edges between nodes, checked once, then frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.spatial import KDTree

from shouwang.engine.errors import Faults
from shouwang.engine.geo._building import (
    FAULTS_KEPT,
    along_curve,
    check_barred,
    check_nodes,
    lookup,
    node_index,
    opposites,
    points,
    starts,
    strong_part,
)
from shouwang.engine.geo.distance import Plane
from shouwang.engine.geo.shapes import Segments, Shapes, segments
from shouwang.engine.geo.turns import Vertices, split
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

SAME_PLACE_M = 1.0
"""A point this near to a node is that node."""


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
    name, kind: street name and class per edge, or None. shapes: the course of each edge in metres, None where all
    run straight. barred: turns that are not allowed, as pairs of edges (from, onto), k × 2.
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
    shapes: Shapes | None = None
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
        shape: Sequence[FloatArray | None] | None = None,
        barred: ArrayLike | None = None,
        nodes_name: str = "nodes",
        edges_name: str = "edges",
    ) -> Streets:
        """Check arrays of nodes (lon, lat in degrees or x_m, y_m) and of edges (u → v by node number) and
        join them.

        shape: per edge the points of its course (points × 2, both ends included, in the nodes' coordinates), or
        None where it runs straight. barred: pairs of input rows (from, onto): turns that are not allowed. Raises
        `BadInput` naming every row with an unknown or repeated node, a coordinate, length or time
        that is not a finite number, or a negative length or time. `nodes_name` and `edges_name` name the
        files in the faults.
        """
        node_id, u, v = (np.asarray(a, np.int64) for a in (node_id, u, v))
        length_m, time_s = np.asarray(length_m, float), np.asarray(time_s, float)
        in_metres = x_m is not None and y_m is not None
        across, up = (np.asarray(a, float) for a in ((x_m, y_m) if in_metres else (lon, lat)))
        faults = Faults(keep=FAULTS_KEPT)
        check_nodes(faults, nodes_name, node_id, across, up, in_metres)
        index_of_u, index_of_v = (
            node_index(faults, edges_name, column, node_id, ids) for column, ids in (("u", u), ("v", v))
        )
        for column, values in (("length_m", length_m), ("time_s", time_s)):
            for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
                faults.add(
                    f"{edges_name}, row {row + 1}, column {column}",
                    "a length or time has to be a finite number, 0 or more",
                    values[row],
                    "Correct the value; to close a street, pass a closure with the question.",
                )
        turns = np.asarray([] if barred is None else barred, np.int64).reshape(-1, 2)
        check_barred(faults, edges_name, turns, u, v)
        if not u.size:
            faults.add(edges_name, "there is no edge", 0, "Give at least one street.")
        faults.raise_if_any()

        plane = None if in_metres else Plane.around(across, up)
        x, y = (across, up) if plane is None else plane.to_xy(across, up)
        near = along_curve(x, y)
        number = np.empty_like(near)
        number[near] = np.arange(near.size)
        node_id, x, y = node_id[near], x[near], y[near]
        index_of_u, index_of_v = number[index_of_u], number[index_of_v]
        order = np.argsort(index_of_u, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        tail, head = index_of_u[order], index_of_v[order]
        in_edge = np.argsort(head, kind="stable")
        return cls(
            plane, node_id, x, y, tail, head, length_m[order], time_s[order], order,
            starts(tail, node_id.size), starts(head, node_id.size), in_edge,
            opposites(tail, head, length_m[order], node_id.size),
            None if name is None else np.asarray(name, object)[order],
            None if kind is None else np.asarray(kind, object)[order],
            None if shape is None else Shapes.build([shape[i] for i in order], x, y, tail, head, plane),
            place[turns],
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
        return strong_part(self.tail, self.head, self.node_count)

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
        return lookup(self.node_id, np.asarray(node_ids, np.int64))

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
    def segments(self) -> Segments:
        """The straight pieces of which the edges consist, edge by edge."""
        return segments(self.shapes or Shapes.straight(self.x_m, self.y_m, self.tail, self.head))

    @cached_property
    def _snapping(self) -> tuple[IntArray, shapely.STRtree]:
        """Segments of one edge of each pair of opposites, and a tree of them."""
        parts = self.segments
        once = (self.opposite < 0) | (np.arange(self.edge_count) < self.opposite)
        which = np.flatnonzero(once[parts.edge] & ((parts.x0_m != parts.x1_m) | (parts.y0_m != parts.y1_m)))
        return which, shapely.STRtree(parts.lines(which))

    def nearest_node(self, lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> tuple[IntArray, FloatArray]:
        """Index of the nearest node to each point, and metres to it."""
        off_m, node = self._nodes_tree.query(np.column_stack(self.to_xy(*points(lon_or_x, lat_or_y))))
        return np.asarray(node, np.int64), np.asarray(off_m, float)

    def snap(self, lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> Spots:
        """The nearest place on the network to each point: a node within 1 m, else the nearest point on an
        edge.

        Raises `BadInput` for coordinates that are not finite.
        """
        x_m, y_m = self.to_xy(*points(lon_or_x, lat_or_y))
        off_m, node = self._nodes_tree.query(np.column_stack([x_m, y_m]))
        node = np.asarray(node, np.int64)
        edge, fraction = np.full(node.size, -1), np.zeros(node.size)
        usable, tree = self._snapping
        away = np.flatnonzero(off_m > SAME_PLACE_M)
        if away.size and usable.size:
            which, slot = tree.query_nearest(shapely.points(x_m[away], y_m[away]), all_matches=False)
            away, part = away[which], usable[slot]
            on, share, off_m[away] = self.segments.nearest(part, x_m[away], y_m[away])
            between = (share > 0) & (share < 1)
            node[away] = np.where(between, -1, np.where(share <= 0, self.tail[on], self.head[on]))
            edge[away] = np.where(between, on, -1)
            fraction[away] = np.where(between, share, 0.0)
        return Spots(node, edge, fraction, np.asarray(off_m, float))

    def lines(self, edges: ArrayLike) -> AnyArray:
        """The course of edges (indices) as lines (shapely) in the file's coordinates: degrees, or metres."""
        return (self.shapes or Shapes.straight(self.x_m, self.y_m, self.tail, self.head)).lines(
            np.asarray(edges, np.int64), self.plane
        )

    def closing(self, edges: ArrayLike, both_ways: bool = True) -> FloatArray:
        """Travel times with some edges (indices) closed: infinity there."""
        edges = np.asarray(edges, np.int64)
        times = self.time_s.copy()
        times[edges] = np.inf
        if both_ways:
            back = self.opposite[edges]
            times[back[back >= 0]] = np.inf
        return times
