"""Street networks as two Parquet tables, nodes and edges.

Nodes: node, and lon, lat in degrees or x_m, y_m in metres. Edges: u, v, length_m, time_s (directed); name,
highway (its class), shape (its course as a line in WKB, in the nodes' coordinates; empty: straight)
and barred (list of rows of edges, from 0, that may not be entered from this one) may be there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Streets

_KIND_COLUMNS = ("highway", "class", "kind")


def street_files(prefix: Path | str) -> tuple[Path, Path]:
    """The two files of a network: PREFIX_nodes.parquet and PREFIX_edges.parquet, or those of a folder."""
    prefix = Path(prefix)
    if prefix.is_dir():
        return prefix / "nodes.parquet", prefix / "edges.parquet"
    return prefix.with_name(prefix.name + "_nodes.parquet"), prefix.with_name(prefix.name + "_edges.parquet")


def read_streets(prefix: Path | str) -> Streets:
    """Read and check a network. Raises `BadInput` with every fault: file, row (from 1), column, remedy."""
    nodes_file, edges_file = street_files(prefix)
    faults = Faults(keep=200)
    nodes = _table(faults, nodes_file)
    edges = _table(faults, edges_file)
    faults.raise_if_any()
    assert nodes is not None
    assert edges is not None
    metric = {"x_m", "y_m"} <= set(nodes.column_names)
    across, up = ("x_m", "y_m") if metric else ("lon", "lat")
    node = _whole(faults, nodes_file, nodes, "node")
    at = [_number(faults, nodes_file, nodes, column) for column in (across, up)]
    u, v = (_whole(faults, edges_file, edges, column) for column in ("u", "v"))
    length_m, time_s = (_number(faults, edges_file, edges, column) for column in ("length_m", "time_s"))
    shape, barred = _shape(faults, edges_file, edges), _barred(faults, edges_file, edges)
    faults.raise_if_any()
    return Streets.build(
        node_id=node,
        u=u,
        v=v,
        length_m=length_m,
        time_s=time_s,
        **dict(zip((across, up), at, strict=True)),
        name=_text(edges, ("name",)),
        kind=_text(edges, _KIND_COLUMNS),
        shape=shape,
        barred=barred,
        nodes_name=nodes_file.name,
        edges_name=edges_file.name,
    )


def write_streets(streets: Streets, prefix: Path | str) -> tuple[Path, Path]:
    """Write a network as the two Parquet files of `street_files`; their paths are returned."""
    nodes_file, edges_file = street_files(prefix)
    names = ("x_m", "y_m") if streets.plane is None else ("lon", "lat")
    across, up = streets.coordinates()
    nodes = {"node": streets.node_id, names[0]: across, names[1]: up}
    edges: dict[str, Any] = {
        "u": streets.node_id[streets.tail],
        "v": streets.node_id[streets.head],
        "length_m": streets.length_m,
        "time_s": streets.time_s,
    }
    for column, values in (("name", streets.name), ("highway", streets.kind)):
        if values is not None:
            edges[column] = pa.array(values, pa.string())
    if streets.shapes is not None:
        edges["shape"] = _wkb(streets)
    if len(streets.barred):
        onto: list[list[int]] = [[] for _ in range(streets.edge_count)]
        for came, goes in streets.barred.tolist():
            onto[came].append(goes)
        edges["barred"] = pa.array([rows or None for rows in onto], pa.list_(pa.int64()))
    pq.write_table(pa.table(nodes), nodes_file, compression="zstd")
    pq.write_table(pa.table(edges), edges_file, compression="zstd")
    return nodes_file, edges_file


def _table(faults: Faults, file: Path) -> pa.Table | None:
    try:
        return pq.read_table(file)
    except FileNotFoundError:
        faults.add(str(file), "the file does not exist", None, "Check the prefix given as --streets.")
    except (OSError, pa.ArrowInvalid):
        faults.add(str(file), "the file cannot be read as Parquet", None, "Write it anew as Parquet.")
    return None


def _column(faults: Faults, file: Path, table: pa.Table, name: str) -> pa.ChunkedArray | None:
    if name not in table.column_names:
        faults.add(f"{file.name}, column {name}", "the column is missing", None, "Add it.")
        return None
    column = table[name]
    if column.null_count:
        for row in np.flatnonzero(column.is_null().to_numpy()):
            where = f"{file.name}, row {row + 1}, column {name}"
            faults.add(where, "the value is missing", None, "Fill it in.")
        return None
    return column


def _whole(faults: Faults, file: Path, table: pa.Table, name: str) -> Any:
    column = _column(faults, file, table, name)
    if column is None:
        return None
    try:
        return pc.cast(column, pa.int64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        what, remedy = "the column has to hold whole numbers", "Number the nodes by whole numbers."
        faults.add(f"{file.name}, column {name}", what, str(column.type), remedy)
        return None


def _number(faults: Faults, file: Path, table: pa.Table, name: str) -> Any:
    column = _column(faults, file, table, name)
    if column is None:
        return None
    try:
        return pc.cast(column, pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        what, remedy = "the column has to hold numbers", "Write numbers."
        faults.add(f"{file.name}, column {name}", what, str(column.type), remedy)
        return None


def _wkb(streets: Streets) -> pa.Array:
    lines = streets.lines(np.arange(streets.edge_count))
    bent = shapely.get_num_points(lines) > 2
    return pa.array(
        [one if is_bent else None for one, is_bent in zip(shapely.to_wkb(lines), bent, strict=True)], pa.binary()
    )


def _shape(faults: Faults, file: Path, table: pa.Table) -> list[Any] | None:
    if "shape" not in table.column_names:
        return None
    try:
        lines = shapely.from_wkb(table["shape"].to_numpy())
        if not np.isin(shapely.get_type_id(lines), (-1, 1)).all():
            raise TypeError
    except (shapely.errors.ShapelyError, TypeError):
        what, remedy = "the column has to hold lines as WKB", "Write each course as one line in WKB."
        faults.add(f"{file.name}, column shape", what, str(table["shape"].type), remedy)
        return None
    return [None if line is None else shapely.get_coordinates(line) for line in lines]


def _barred(faults: Faults, file: Path, table: pa.Table) -> Any:
    if "barred" not in table.column_names:
        return None
    try:
        rows = pc.cast(table["barred"], pa.list_(pa.int64())).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        what, remedy = "the column has to hold lists of rows", "Write lists of whole numbers, counted from 0."
        faults.add(f"{file.name}, column barred", what, str(table["barred"].type), remedy)
        return None
    return [(came, goes) for came, onto in enumerate(rows) for goes in onto or ()]


def _text(table: pa.Table, names: tuple[str, ...]) -> Any:
    present = [name for name in names if name in table.column_names]
    return table[present[0]].to_numpy() if present else None
