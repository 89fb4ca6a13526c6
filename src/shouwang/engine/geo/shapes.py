"""The course of streets: the points between their ends, and pieces of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Points start[i] … start[i+1]-1 of edge i, both ends included, in metres in the plane of the network."""

    start: IntArray
    x_m: FloatArray
    y_m: FloatArray

    @classmethod
    def straight(cls, x_m: FloatArray, y_m: FloatArray, tail: IntArray, head: IntArray) -> Shapes:
        """Edges that run straight between their nodes."""
        ends = np.stack([tail, head], axis=1).ravel()
        return cls(2 * np.arange(tail.size + 1), x_m[ends], y_m[ends])

    @classmethod
    def build(
        cls,
        shape: Sequence[FloatArray | None],
        x_m: FloatArray,
        y_m: FloatArray,
        tail: IntArray,
        head: IntArray,
        plane: Plane | None,
    ) -> Shapes:
        """Courses given in the file's coordinates; without one an edge runs straight. Ends are put on the nodes."""
        counts = np.array([2 if one is None or len(one) < 2 else len(one) for one in shape], np.int64)
        start = np.concatenate([[0], np.cumsum(counts)])
        points = np.zeros((int(start[-1]), 2))
        for i, one in enumerate(shape):
            if counts[i] > 2 and one is not None:
                points[start[i] : start[i + 1]] = one
        x, y = (points[:, 0], points[:, 1]) if plane is None else plane.to_xy(points[:, 0], points[:, 1])
        x[start[:-1]], y[start[:-1]] = x_m[tail], y_m[tail]
        x[start[1:] - 1], y[start[1:] - 1] = x_m[head], y_m[head]
        return cls(start, x, y)

    def lines(self, edges: IntArray, plane: Plane | None) -> AnyArray:
        """Lines of some edges, in degrees if the network lies in a plane."""
        counts = self.start[edges + 1] - self.start[edges]
        which = _ranges(self.start[edges], counts)
        x, y = self.x_m[which], self.y_m[which]
        at = np.column_stack([x, y] if plane is None else plane.to_lonlat(x, y))
        lines: AnyArray = shapely.linestrings(at, indices=np.repeat(np.arange(edges.size), counts))
        return lines


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Straight pieces, those of edge i at start[i] … start[i+1]-1, each from one share of its edge to another."""

    start: IntArray
    edge: IntArray
    from_share: FloatArray
    to_share: FloatArray
    x0_m: FloatArray
    y0_m: FloatArray
    x1_m: FloatArray
    y1_m: FloatArray

    def lines(self, which: IntArray) -> AnyArray:
        """Some pieces as lines in metres."""
        ends = [[self.x0_m[which], self.x1_m[which]], [self.y0_m[which], self.y1_m[which]]]
        lines: AnyArray = shapely.linestrings(np.moveaxis(np.array(ends), (0, 1), (2, 1)))
        return lines

    def nearest(self, which: IntArray, x_m: FloatArray, y_m: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """The nearest point on each piece to a point: its edge, its share of the edge, and metres to it."""
        x0, y0 = self.x0_m[which], self.y0_m[which]
        dx, dy = self.x1_m[which] - x0, self.y1_m[which] - y0
        along = ((x_m - x0) * dx + (y_m - y0) * dy) / np.maximum(dx**2 + dy**2, 1e-9)
        along = np.clip(along, 0.0, 1.0)
        share = self.from_share[which] + along * (self.to_share[which] - self.from_share[which])
        return self.edge[which], share, np.hypot(x0 + along * dx - x_m, y0 + along * dy - y_m)

    def cut(self, edge: IntArray, low: FloatArray, high: FloatArray) -> AnyArray:
        """The parts of edges between two shares of them, as coordinates in metres (pieces × 2 ends × 2), in order."""
        counts = self.start[edge + 1] - self.start[edge]
        which, of = _ranges(self.start[edge], counts), np.repeat(np.arange(edge.size), counts)
        begin, end = self.from_share[which], self.to_share[which]
        lower, upper = np.maximum(low[of], begin), np.minimum(high[of], end)
        some = np.flatnonzero(upper > lower)
        which, begin, end = which[some], begin[some], end[some]
        ends = [(share[some] - begin) / (end - begin) for share in (lower, upper)]
        return np.stack(
            [
                np.column_stack(
                    [
                        self.x0_m[which] + at * (self.x1_m[which] - self.x0_m[which]),
                        self.y0_m[which] + at * (self.y1_m[which] - self.y0_m[which]),
                    ]
                )
                for at in ends
            ],
            axis=1,
        )


def segments(shapes: Shapes) -> Segments:
    """The straight pieces between the points of each course; shares are shares of its length on the plane."""
    counts = np.diff(shapes.start) - 1
    edge = np.repeat(np.arange(counts.size), counts)
    first = _ranges(shapes.start[:-1], counts)
    x, y = shapes.x_m, shapes.y_m
    length = np.hypot(x[first + 1] - x[first], y[first + 1] - y[first])
    total = np.bincount(edge, length, minlength=counts.size)
    start = np.concatenate([[0], np.cumsum(counts)])
    before = np.concatenate([[0.0], np.cumsum(length)])
    whole = np.where(total > 0, total, 1.0)[edge]
    from_share = np.clip((before[:-1] - before[start[edge]]) / whole, 0.0, 1.0)
    to_share = np.clip((before[1:] - before[start[edge]]) / whole, 0.0, 1.0)
    to_share[start[1:] - 1] = 1.0
    return Segments(start, edge, from_share, to_share, x[first], y[first], x[first + 1], y[first + 1])


def _ranges(first: IntArray, counts: IntArray) -> IntArray:
    """first[i], first[i] + 1, …, counts[i] of them, one after another."""
    begin = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(begin, counts) + np.repeat(first, counts)
