"""A table of counts with its totals, as one list of figures: sums over its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

ALL = "*"
Key = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """counts (rows, columns), whole and from 0 on; `group` (rows,): what each row belongs to, "" for nothing.

    Figures: every cell, the total of each row, column, group, group and column, and of all; each once, with its `Key`
    (row or group or "*", column or "*"). A table of one column has no totals of rows.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: IntArray
    group: tuple[str, ...]

    @classmethod
    def of(
        cls, rows: Sequence[str], columns: Sequence[str], counts: IntArray, group: Sequence[str] | None = None
    ) -> Table:
        """Raises `BadInput` for names used twice or reserved, or counts that are none."""
        faults = Faults()
        groups = tuple(group or [""] * len(rows))
        for name, names in (("rows", [*rows, *sorted(set(groups) - {""})]), ("columns", [*columns])):
            for one in sorted({one for one in names if names.count(one) > 1 or one == ALL}):
                faults.add(name, "a name is used twice, or is the sign of totals", one, "Give each its own name.")
        values = np.asarray(counts)
        if values.shape != (len(rows), len(columns)) or not values.size:
            told = f"Give {len(rows)} rows of {len(columns)} counts, at least one."
            faults.add("counts", "not a table of rows and columns", str(values.shape), told)
        elif (values < 0).any() or (values != np.floor(values)).any():
            faults.add("counts", "some are no counts", float(values.min()), "Give whole numbers from 0 on.")
        faults.raise_if_any()
        return cls(tuple(rows), tuple(columns), values.astype(np.int64), groups)

    @cached_property
    def _lines(self) -> list[tuple[str, BoolArray]]:
        """Rows, groups and all rows, with the rows that each holds."""
        single = [(name, np.arange(len(self.rows)) == i) for i, name in enumerate(self.rows)]
        names = [name for name in dict.fromkeys(self.group) if name]
        grouped = [(name, np.array([one == name for one in self.group], bool)) for name in names]
        whole = [(ALL, np.ones(len(self.rows), bool))] if len(self.rows) > 1 else []
        return [*single, *grouped, *whole]

    @cached_property
    def keys(self) -> list[Key]:
        """The name of each figure."""
        columns = [*self.columns, *([ALL] if len(self.columns) > 1 else [])]
        return [(line, column) for line, _ in self._lines for column in columns]

    @cached_property
    def sums(self) -> sparse.csr_matrix:
        """(figures, cells), 1 where the figure holds the cell; cells row by row."""
        across = np.eye(len(self.columns))
        if len(self.columns) > 1:
            across = np.vstack([across, np.ones(len(self.columns))])
        down = np.array([held for _, held in self._lines], float)
        return sparse.csr_matrix(sparse.kron(sparse.csr_matrix(down), sparse.csr_matrix(across)))

    @cached_property
    def values(self) -> IntArray:
        """The count of each figure."""
        return np.asarray(self.sums @ self.counts.ravel()).astype(np.int64)

    @cached_property
    def size(self) -> IntArray:
        """How many cells each figure holds."""
        size: IntArray = np.diff(self.sums.indptr).astype(np.int64)
        return size

    @cached_property
    def parts(self) -> list[tuple[int, IntArray]]:
        """Each total with the figures that add up to it, once for each way to add it up."""
        at = {key: i for i, key in enumerate(self.keys)}
        found: list[tuple[int, list[Key]]] = []
        for (line, column), i in at.items():
            if column == ALL:
                found.append((i, [(line, one) for one in self.columns]))
            members = self._members(line)
            if members:
                found.append((i, [(one, column) for one in members]))
        return [(i, np.array([at[key] for key in keys], np.int64)) for i, keys in found]

    def _members(self, line: str) -> list[str]:
        if line in self.rows:
            return []
        grouped = dict(zip(self.rows, self.group, strict=True))
        if line != ALL:
            return [row for row, group in grouped.items() if group == line]
        return list(dict.fromkeys(group or row for row, group in grouped.items()))

    @cached_property
    def weight(self) -> FloatArray:
        """What hiding a figure costs: totals are read by more people than cells."""
        weight: FloatArray = np.sqrt(self.size.astype(float))
        return weight
