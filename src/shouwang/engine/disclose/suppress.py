"""Which figures to hide so that no small count can be worked out, from this release or from it and earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shouwang.engine.disclose.tables import Key, Table
from shouwang.engine.errors import BadInput, Fault, NoAnswer
from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import NoStop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

SMALL = 10
"""Counts of 1 to 10 are hidden, zero is shown (cell size policy of the U.S. Centers for Medicare & Medicaid)."""


@dataclass(frozen=True, slots=True)
class Release:
    """A table as published: `shown` (figures of the table,)."""

    table: Table
    shown: BoolArray

    def __iter__(self) -> Iterator[tuple[Key, int | None]]:
        """Each figure as the public sees it, None where it is hidden."""
        for key, value, shown in zip(self.table.keys, self.table.values.tolist(), self.shown.tolist(), strict=True):
            yield key, value if shown else None


def suppress(table: Table, earlier: Sequence[Release] = (), small: int = SMALL) -> Release:
    """Hide figures until each small count (1 to `small`) might be as low as 1 and as high as `small`, for all that is
    published. A total might be as low as the number of its cells that are not 0, since zeros are shown.

    A reader knows every shown figure of this and the earlier releases, that a hidden figure is at least 1 (zero is
    shown), that cells add up, and that counts of equal names in successive releases only grow, unless some fell. Small
    are also differences of a figure between releases, and what is left of a shown total once its shown parts
    are taken off. For every small count two whole tables are found that agree with all that is shown, one at its low
    end and one with at least `small` in its place; where there are none, the figures to hide come from the program

        min Σ wᶠ |aᶠ x − vᶠ|  such that what may not be hidden stays, and the small count reaches the end

    (L1 in place of counting the changed figures, so that a linear program does: Fischetti & Salazar, Management Science
    47, 2001, solve the exact problem). The fewest are not promised. `earlier`: oldest first. Raises `BadInput` for
    `small` below 2, `NoAnswer` if earlier releases give a small count away whatever is hidden now.
    """
    if small < 2:
        raise BadInput([Fault("small", "too low to hide anything behind", small, "Give at least 2.")])
    known = _Known(table, earlier, small)
    known.hide_small()
    known.protect()
    return Release(table, known.shown[known.now].copy())


class _Known:
    """All figures of all releases as sums over one row of unknowns: what each cell gained from release to release."""

    def __init__(self, table: Table, earlier: Sequence[Release], small: int) -> None:
        tables = [*(release.table for release in earlier), table]
        cells = _gains(tables)
        blocks = [one.sums @ cell for one, cell in zip(tables, cells, strict=True)]
        self.table, self.small = table, small
        self.sums = sparse.csr_matrix(sparse.vstack(blocks))
        self.values = np.concatenate([one.values for one in tables])
        starts = np.cumsum([0, *(len(one.values) for one in tables)])
        self.now = slice(int(starts[-2]), int(starts[-1]))
        self.shown = np.concatenate([*(release.shown for release in earlier), np.ones(len(table.values), bool)])
        self.fixed = np.arange(len(self.values)) < starts[-2]
        self.fixed |= self.values == 0
        self.weight = np.concatenate([one.weight for one in tables])
        self.names = [key for one in tables for key in one.keys]
        self.differences = self._differences(tables, starts.tolist())
        self.targets, self.figures, self.lowest = self._targets(tables)
        self.worlds: list[FloatArray] = []

    def _differences(self, tables: Sequence[Table], starts: Sequence[int]) -> list[tuple[int, int]]:
        """Figures of one name in two releases, the later first, where they differ by a small count."""
        at = [{key: start + i for i, key in enumerate(one.keys)} for one, start in zip(tables, starts, strict=False)]
        return [
            (later[key], figure)
            for number, later in enumerate(at)
            for before in at[:number]
            for key, figure in before.items()
            if key in later and 0 < abs(self.values[later[key]] - self.values[figure]) <= self.small
        ]

    def _targets(self, tables: Sequence[Table]) -> tuple[sparse.csr_matrix, list[int], FloatArray]:
        """The sums that must stay in the dark, each with a true value from 1 to `small`; the figure of each; and how
        low a reader must think it possible."""
        filled = np.concatenate([one.sums @ (one.counts.ravel() > 0) for one in tables])
        small = (self.values >= 1) & (self.values <= self.small) & ~(self.shown & self.fixed)
        figures = np.flatnonzero(small).tolist()
        lowest = filled[figures].tolist()
        rows = [self.sums[figures]]
        for new, old in self.differences:
            sign = 1.0 if self.values[new] > self.values[old] else -1.0
            given_away = self.shown[old] and self.shown[new] and new < self.now.start
            if not given_away and (self.sums[new] != self.sums[old]).nnz:
                rows.append(sign * (self.sums[new] - self.sums[old]))
                figures.append(new)
                lowest.append(max(1.0, sign * float(filled[new] - filled[old])))
        return sparse.csr_matrix(sparse.vstack(rows)), figures, np.array(lowest, float)

    def hide_small(self) -> None:
        """The small ones, one end of each small difference, and more where a total leaves a small rest."""
        self.shown &= ~((self.values >= 1) & (self.values <= self.small)) | self.fixed
        for new, old in self.differences:
            if self.shown[old] and new >= self.now.start:
                if not self.values[new]:
                    self._refuse(new)
                self.shown[new] = False
        self.hide_rests()

    def hide_rests(self) -> None:
        """Under each shown total the hidden parts together must be more than small.

        `protect` would come to as much, by many programs and with dearer companions than the smallest part.
        """
        offset, again = self.now.start, True
        while again:
            again = False
            for total, parts in self.table.parts:
                total, parts = total + offset, parts + offset
                hidden = parts[~self.shown[parts]]
                rest = int(self.values[hidden].sum())
                if not (self.shown[total] and 0 < rest <= self.small):
                    continue
                free = parts[self.shown[parts] & (self.values[parts] > 0)]
                least = free[np.argmin(self.values[free])] if free.size else total
                self.shown[least] = False
                again = True

    def protect(self) -> None:
        """Find for each target a table at either end, hiding more where none agrees with what is shown."""
        for end in (1, -1):
            self._spread(end)
        for number in range(self.targets.shape[0]):
            form = np.asarray(self.targets[number].toarray()).ravel()
            for end in (1, -1):
                goal = float(self.small) if end > 0 else self.lowest[number]
                if not self._reached(form, end, goal) and not self._reach(form, end, goal):
                    self._refuse(self.figures[number])
        self._verify()

    def _verify(self) -> None:
        """The tables found agree, to the last count, with all that is shown in the end: the proof of the release."""
        for world in self.worlds:
            seen = self.sums @ world
            assert (seen[self.shown] == self.values[self.shown]).all()
            assert (seen[~self.shown] >= 1).all()

    def _reached(self, form: FloatArray, end: int, goal: float) -> bool:
        return any(end * (form @ world) >= end * goal for world in self.worlds)

    def _spread(self, end: int) -> None:
        """One table that takes as many targets as possible to an end at once, to spare most single questions."""
        count, width = self.targets.shape
        # max Σ u with u ≤ target and u ≤ small; or min Σ u with u ≥ target and u ≥ lowest.
        rows, lower, upper = self._rows(np.zeros(0))
        reach = sparse.hstack([-self.targets, sparse.identity(count)])
        rows = sparse.vstack([sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], count))]), reach])
        infinite = np.full(count, np.inf)
        low, high = (-infinite, np.zeros(count)) if end > 0 else (np.zeros(count), infinite)
        most = np.r_[np.full(width, np.inf), np.full(count, float(self.small) if end > 0 else np.inf)]
        cost = np.r_[np.zeros(width), np.full(count, -float(end))]
        if end < 0:
            rows = sparse.vstack([rows, sparse.hstack([sparse.csr_matrix((count, width)), sparse.identity(count)])])
            low, high = np.r_[low, self.lowest], np.r_[high, infinite]
        self._keep(cost, most, rows, np.r_[lower, low], np.r_[upper, high], width)

    def _reach(self, form: FloatArray, end: int, goal: float) -> bool:
        """Take one target to an end with the least change of what is shown, and hide what changed."""
        free = np.flatnonzero(self.shown & ~self.fixed)
        width = self.sums.shape[1]
        rows, lower, upper = self._rows(form, free)
        change = sparse.identity(len(free))
        soft = sparse.hstack([self.sums[free], change, -change])
        alive = sparse.hstack([self.sums[free], sparse.csr_matrix((len(free), 2 * len(free)))])
        hard = sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], 2 * len(free)))])
        value = self.values[free].astype(float)
        cost = np.r_[np.zeros(width), self.weight[free], self.weight[free]]
        most = np.r_[np.full(width, np.inf), np.full(2 * len(free), np.inf)]
        world = self._keep(
            cost, most, sparse.vstack([hard, soft, alive]),
            np.r_[lower, goal if end > 0 else -np.inf, value, np.ones(len(free))],
            np.r_[upper, np.inf if end > 0 else goal, value, np.full(len(free), np.inf)], width,
        )  # fmt: skip
        if world is None:
            return False
        changed = free[np.abs(self.sums[free] @ world - value) > 0.5]
        self.shown[changed] = False
        if changed.size:
            self.hide_rests()
        return True

    def _rows(
        self, form: FloatArray, free: IntArray | None = None
    ) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
        """What a reader knows for certain; without the figures `free`, with a last row for `form` if there is one."""
        certain = self.shown.copy()
        if free is not None:
            certain[free] = False
        hidden = ~self.shown
        value = self.values.astype(float)
        rows = [self.sums[certain], self.sums[hidden]]
        if form.size:
            rows.append(sparse.csr_matrix(form))
        lower = np.r_[value[certain], np.ones(int(hidden.sum()))]
        upper = np.r_[value[certain], np.full(int(hidden.sum()), np.inf)]
        return sparse.csr_matrix(sparse.vstack(rows)), lower, upper

    def _keep(
        self, cost: FloatArray, most: FloatArray, rows: sparse.spmatrix, lower: FloatArray, upper: FloatArray,
        width: int,
    ) -> FloatArray | None:
        """Solve; keep and return the table found. Whole numbers are asked for only where they do not come by
        themselves."""
        for whole in (False, True):
            chosen = np.zeros(len(cost), bool)
            chosen[:width] = whole
            program = Program(cost, most, sparse.csr_matrix(rows), lower, upper, chosen)
            # Any whole table will do, so a wide gap; and it is counted again in the end (`_verify`).
            found = solve(program, NoStop(), options={"mip_rel_gap": 0.3} if whole else None).values
            if not found.size:
                return None
            world = found[:width]
            if np.abs(world - np.round(world)).max(initial=0.0) < 1e-6:
                self.worlds.append(np.round(world))
                return self.worlds[-1]
        return None

    def _refuse(self, figure: int) -> None:
        row, column = self.names[figure]
        raise NoAnswer(
            f"Earlier releases give a small count away at {row}, {column}, whatever is hidden now. Leave this release "
            "out, or publish it by wider areas or longer times under other names."
        )


def _gains(tables: Sequence[Table]) -> list[sparse.csr_matrix]:
    """For each release its cells (rows) as sums of unknown gains ≥ 0 (columns).

    A cell of a name that an earlier release had is that cell and what it gained; where any cell fell, gains may be
    losses too, as a second row of unknowns taken off.
    """
    last: dict[Key, list[tuple[int, float]]] = {}
    pairs = [
        {(row, column): int(one.counts[i, j]) for i, row in enumerate(one.rows) for j, column in enumerate(one.columns)}
        for one in tables
    ]
    falls = any(
        now[key] < before[key]
        for i, now in enumerate(pairs)
        for before in pairs[:i]
        for key in now.keys() & before.keys()
    )
    entries: list[list[tuple[int, int, float]]] = []
    unknowns = 0
    for cells in pairs:
        mine: list[tuple[int, int, float]] = []
        for place, key in enumerate(cells):
            signs = (1.0, -1.0) if falls and key in last else (1.0,)
            last[key] = [*last.get(key, []), *((unknowns + i, sign) for i, sign in enumerate(signs))]
            unknowns += len(signs)
            mine += [(place, unknown, sign) for unknown, sign in last[key]]
        entries.append(mine)
    matrices = []
    for mine, cells in zip(entries, pairs, strict=True):
        row, column, sign = (np.array(part) for part in zip(*mine, strict=True))
        matrices.append(sparse.csr_matrix((sign, (row, column)), shape=(len(cells), unknowns)))
    return matrices
