"""Tables of costs between demand and candidate posts: NumPy archives and p-median files of the OR-Library."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.terms import FloatArray


@dataclass(frozen=True, slots=True)
class CostTable:
    """cost: demand × candidates; weight: per demand; first: number of the first candidate in the file;
    count: the number of posts the file itself asks for, if it does."""

    cost: FloatArray
    weight: FloatArray
    first: int
    count: int | None = None


def read_npz(path: Path | str) -> CostTable:
    """Read keys C (demand × candidates) and w (per demand; 1 where missing). Raises `BadInput`."""
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files if key in ("C", "w")}
    except FileNotFoundError:
        raise BadInput([Fault(str(path), "the file does not exist", None, "Check its name.")]) from None
    except (OSError, ValueError, zipfile.BadZipFile):
        raise BadInput([Fault(str(path), "the file cannot be read as npz", None, "Write it by numpy.savez.")]) from None
    faults = Faults()
    if "C" not in arrays:
        faults.add(f"{path.name}, key C", "the table of costs is missing", None, "Add C (demand × candidates).")
    for key, array in arrays.items():
        if array.ndim != (2 if key == "C" else 1) or not np.issubdtype(array.dtype, np.number):
            faults.add(f"{path.name}, key {key}", "the array has the wrong shape or type", str(array.shape))
    faults.raise_if_any()
    cost = arrays["C"].astype(float)
    return CostTable(cost, arrays.get("w", np.ones(cost.shape[0])).astype(float), 0)


def read_orlib(path: Path | str) -> CostTable:
    """Read a p-median file (Beasley): `n edges p`, then `i j cost` per edge, undirected, nodes from 1.

    An edge given again replaces the one before. Costs are shortest paths between all nodes. Raises
    `BadInput`.
    """
    path = Path(path)
    lines = _number_lines(path)
    faults = Faults(keep=50)
    if not lines or len(lines[0][1]) != 3:
        faults.add(f"{path.name}, row 1", "the first row has to be: nodes, edges, posts", None, "Write n m p.")
        faults.raise_if_any()
    nodes, edges, posts = (int(value) for value in lines[0][1])
    table = np.full((max(nodes, 0), max(nodes, 0)), np.inf)
    for row, values in lines[1:]:
        if len(values) != 3 or not _sound_edge(values, nodes):
            what = "an edge is: node, node, cost, with nodes from 1 and a cost of 0 or more"
            faults.add(f"{path.name}, row {row}", what, " ".join(f"{v:g}" for v in values), "Correct the row.")
        else:
            i, j = int(values[0]) - 1, int(values[1]) - 1
            table[i, j] = table[j, i] = values[2]
    if len(lines) - 1 != edges:
        faults.add(f"{path.name}, row 1", "the file has another number of edges than it says", len(lines) - 1)
    faults.raise_if_any()
    present = np.isfinite(table)
    cost = dijkstra(csr_matrix((table[present], np.nonzero(present)), shape=table.shape))
    return CostTable(np.asarray(cost), np.ones(nodes), 1, posts)


def _sound_edge(values: list[float], nodes: int) -> bool:
    return all(v == int(v) and 1 <= v <= nodes for v in values[:2]) and values[2] >= 0


def _number_lines(path: Path) -> list[tuple[int, list[float]]]:
    """Rows that are not empty, with their numbers in the file."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise BadInput([Fault(str(path), "the file does not exist", None, "Check its name.")]) from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            [Fault(str(path), "the file cannot be read as text", None, "Give an OR-Library file.")]
        ) from None
    faults, lines = Faults(keep=50), []
    for row, line in enumerate(text.splitlines(), start=1):
        try:
            values = [float(part) for part in line.split()]
        except ValueError:
            faults.add(f"{path.name}, row {row}", "the row has something that is not a number", line.strip())
            continue
        if values and not np.isfinite(values).all():
            faults.add(f"{path.name}, row {row}", "a number is not finite", line.strip(), "Correct it.")
        elif values:
            lines.append((row, values))
    faults.raise_if_any()
    return lines
