"""What building a street network needs: checks, numbers of nodes, the order in memory, edges and their opposites."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

FAULTS_KEPT = 200


def points(lon_or_x: ArrayLike, lat_or_y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    across, up = np.atleast_1d(np.asarray(lon_or_x, float)), np.atleast_1d(np.asarray(lat_or_y, float))
    wrong = np.flatnonzero(~(np.isfinite(across) & np.isfinite(up)))
    if wrong.size:
        found = [(float(across[i]), float(up[i])) for i in wrong[:FAULTS_KEPT]]
        faults = [
            Fault(f"point {i + 1}", "a coordinate is not a number", at) for i, at in zip(wrong, found, strict=False)
        ]
        raise BadInput(faults, wrong.size - len(found))
    return across, up


def check_nodes(
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


def lookup(node_id: IntArray, ids: IntArray) -> IntArray:
    if not node_id.size:
        return np.full(ids.shape, -1)
    order = np.argsort(node_id, kind="stable")
    place = np.minimum(np.searchsorted(node_id[order], ids), node_id.size - 1)
    return np.where(node_id[order[place]] == ids, order[place], -1)


def node_index(faults: Faults, where: str, column: str, node_id: IntArray, ids: IntArray) -> IntArray:
    index = lookup(node_id, ids)
    for row in np.flatnonzero(index < 0):
        faults.add(
            f"{where}, row {row + 1}, column {column}",
            "the edge names a node that does not exist",
            ids[row],
            "Add the node or remove the edge.",
        )
    return index


def along_curve(x_m: FloatArray, y_m: FloatArray) -> IntArray:
    """The order of points along a Z-curve (Morton 1966): neighbours on the ground become neighbours in
    memory.
    """
    bits = np.zeros(x_m.size, np.uint64)
    for shift, values in ((0, x_m), (1, y_m)):
        spread = np.round((values - values.min()) / max(np.ptp(values), 1e-9) * 0xFFFF).astype(np.uint64)
        for bit in range(16):
            bits |= ((spread >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + shift)
    return np.argsort(bits, kind="stable")


def starts(sorted_or_not: IntArray, count: int) -> IntArray:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_or_not, minlength=count))]).astype(np.int64)


def opposites(tail: IntArray, head: IntArray, length_m: FloatArray, count: int) -> IntArray:
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


def strong_part(tail: IntArray, head: IntArray, count: int) -> BoolArray:
    """For each of `count` nodes whether it lies in the largest part in which every node reaches every other."""
    # Repeated edges and loops are taken out: scipy's search for strong parts may not end on them.
    apart = tail != head
    keys = np.unique(tail[apart] * count + head[apart])
    graph = csr_matrix((np.ones(keys.size), np.divmod(keys, count)), shape=(count, count))
    _, label = connected_components(graph, connection="strong")
    main: BoolArray = label == np.bincount(label).argmax()
    return main


def check_barred(faults: Faults, where: str, barred: IntArray, u: IntArray, v: IntArray) -> None:
    """Each pair of rows has to be two edges, of which the second leaves where the first arrives."""
    known = ((barred >= 0) & (barred < u.size)).all(axis=1)
    joined = np.zeros(len(barred), bool)
    joined[known] = v[barred[known, 0]] == u[barred[known, 1]]
    for came, goes in barred[~joined]:
        faults.add(
            f"{where}, row {came + 1}, column barred",
            "a turn that is barred leads from an edge onto one that leaves where it arrives",
            goes,
            "Give the row of such an edge, counted from 0.",
        )
