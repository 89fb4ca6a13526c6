"""An attacker with the published figures alone, by whole-number programs of a solver of its own."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from shouwang.engine.disclose.suppress import Release, suppress
from shouwang.engine.disclose.tables import ALL, Table
from shouwang.engine.errors import BadInput, NoAnswer

SMALL = 10


def table(counts, group=None):
    counts = np.asarray(counts)
    rows, columns = [f"r{i}" for i in range(counts.shape[0])], [f"c{j}" for j in range(counts.shape[1])]
    return Table.of(rows, columns, counts, group)


class Attacker:
    """Knows names, groups and every published figure of all releases; that a blank is at least 1, cells add up, and
    that counts grow from release to release."""

    def __init__(self, releases):
        self.releases = [
            (one.rows, one.columns, dict(zip(one.rows, one.group, strict=True)), dict(release))
            for release, one in ((release, release.table) for release in releases)
        ]
        self.at = {}
        for number, (rows, columns, _, _) in enumerate(self.releases):
            for row in rows:
                for column in columns:
                    self.at[number, row, column] = len(self.at)
        lines, low, high = [], [], []
        for number, (rows, columns, _, public) in enumerate(self.releases):
            for key, value in public.items():
                lines.append(self.line(number, *key))
                low.append(1 if value is None else value)
                high.append(np.inf if value is None else value)
            for row in rows:
                for column in columns:
                    if number and (number - 1, row, column) in self.at:
                        lines.append(self.line(number, row, column) - self.line(number - 1, row, column))
                        low.append(0)
                        high.append(np.inf)
        self.known = LinearConstraint(np.array(lines), low, high)

    def line(self, number, row, column):
        rows, columns, group, _ = self.releases[number]
        line = np.zeros(len(self.at))
        for r in rows:
            for c in columns:
                if row in (r, group[r], ALL) and column in (c, ALL):
                    line[self.at[number, r, c]] = 1
        return line

    def range_of(self, line):
        """Least and greatest value of a sum; infinity where nothing bounds it."""
        ends = []
        for sign in (1, -1):
            # Presolve is left out: with it HiGHS calls ranges optimal that known tables lie outside of.
            found = milp(
                sign * line, constraints=self.known, bounds=Bounds(0, 500), integrality=np.ones(len(line)),
                options={"presolve": False},
            )  # fmt: skip
            ends.append(sign * found.fun if found.status == 0 else np.inf)
        return tuple(ends)


def assert_safe(releases):
    attacker = Attacker(releases)
    for number, one in enumerate(releases):
        for key, value, shown in zip(one.table.keys, one.table.values, one.shown, strict=True):
            assert shown or value > 0, "zeros are shown"
            if 1 <= value <= SMALL:
                assert not shown
                low, high = attacker.range_of(attacker.line(number, *key))
                filled = (one.table.sums @ (one.table.counts.ravel() > 0))[one.table.keys.index(key)]
                assert low <= filled + 0.5 and high >= SMALL - 0.5, (number, key, value, low, high)
        if number:
            before = dict(zip(releases[number - 1].table.keys, releases[number - 1].table.values, strict=True))
            for key, value in zip(one.table.keys, one.table.values, strict=True):
                if key in before and 1 <= value - before[key] <= SMALL:
                    gain = attacker.line(number, *key) - attacker.line(number - 1, *key)
                    low, high = attacker.range_of(gain)
                    # Zeros are shown: each cell that was 0 and is blank now has gained at least 1.
                    gained = (one.table.counts > 0) & (releases[number - 1].table.counts == 0)
                    new = (one.table.sums @ gained.ravel())[one.table.keys.index(key)]
                    assert low <= max(1, new) + 0.5 and high >= SMALL - 0.5, ("gain", key, low, high)
        for total, parts in one.table.parts:
            rest = one.table.values[parts[~one.shown[parts]]].sum()
            assert not (one.shown[total] and 1 <= rest <= SMALL), "the rest of a total is small"


cells = st.one_of(st.just(0), st.integers(0, 14), st.integers(0, 60))


@st.composite
def tables(draw, rows=3, columns=3):
    shape = draw(st.integers(1, rows)), draw(st.integers(1, columns))
    counts = np.array(draw(st.lists(cells, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))).reshape(shape)
    grouped = shape[0] > 2 and draw(st.booleans())
    return table(counts, ["g", "g", *[""] * (shape[0] - 2)] if grouped else None)


@settings(max_examples=12)
@given(tables())
def test_no_small_count_is_worked_out_from_one_release(one):
    assert_safe([suppress(one)])


@settings(max_examples=15)
@given(tables(), st.data())
def test_nor_from_successive_releases(first, data):
    gains = data.draw(st.lists(st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 50)),
                               min_size=first.counts.size, max_size=first.counts.size))  # fmt: skip
    second = Table.of(first.rows, first.columns, first.counts + np.reshape(gains, first.counts.shape), first.group)
    more = np.reshape(gains[::-1], first.counts.shape)
    third = Table.of(first.rows, first.columns, second.counts + more, first.group)
    published = []
    for one in (first, second, third):
        with contextlib.suppress(NoAnswer):  # refused, and so not published
            published.append(suppress(one, published))
    assert_safe(published)


def test_the_attacker_breaks_a_table_that_hides_the_small_counts_alone():
    """The test of the test: without complementary suppression one subtraction is enough."""
    one = table([[3, 40, 50], [20, 30, 60], [70, 80, 90]])
    naive = Release(one, one.values > SMALL)
    attacker = Attacker([naive])
    assert attacker.range_of(attacker.line(0, "r0", "c0")) == (3, 3)
    with pytest.raises(AssertionError):
        assert_safe([naive])
    safe = suppress(one)
    assert_safe([safe])
    assert (~safe.shown).sum() == 4, "a small cell takes three companions at least, at the corners of a rectangle"
    assert dict(safe)[ALL, ALL] == one.counts.sum()


def test_two_releases_that_are_safe_alone_may_not_be_together():
    first = table([[40, 50], [60, 70]])
    second = table([[43, 50], [60, 70]])
    published = suppress(first)
    assert published.shown.all() and suppress(second).shown.all()
    later = suppress(second, [published])
    assert not later.shown.all()
    assert_safe([published, later])


def test_a_small_total_that_was_published_cannot_be_taken_back():
    with pytest.raises(NoAnswer, match="Earlier releases"):
        suppress(table([[8], [60]]), [Release(table([[7], [60]]), np.ones(3, bool))])


def test_a_count_that_fell_is_held_back_like_one_that_rose():
    first, second = table([[40, 50], [60, 70]]), table([[37, 50], [60, 70]])
    later = suppress(second, [suppress(first)])
    assert dict(later)["r0", "c0"] is None and dict(later)["r0", ALL] is None and dict(later)[ALL, ALL] is None


def test_a_district_of_communities_and_kinds():
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(0.5, 0.5 / (0.5 + rng.uniform(2, 25, (60, 1))), (60, 6))
    one = Table.of([f"c{i}" for i in range(60)], list("abcdef"), counts, [f"s{i % 5}" for i in range(60)])
    released = suppress(one)
    known = dict(released)
    assert known[ALL, ALL] == counts.sum() and all(known[ALL, kind] is not None for kind in "abcdef")
    hidden = ~released.shown
    needed = (one.values >= 1) & (one.values <= SMALL)
    assert hidden.sum() < 1.6 * needed.sum()
    attacker = Attacker([released])
    for number in rng.choice(np.flatnonzero(needed), 6, replace=False):
        low, high = attacker.range_of(attacker.line(0, *one.keys[number]))
        assert low <= one.size[number] and high >= SMALL - 0.5


def test_figures_are_the_sums_they_are_named_for():
    one = table([[1, 2], [3, 4], [5, 6]], ["g", "g", ""])
    known = dict(zip(one.keys, one.values.tolist(), strict=True))
    assert known == {
        ("r0", "c0"): 1, ("r0", "c1"): 2, ("r0", ALL): 3, ("r1", "c0"): 3, ("r1", "c1"): 4, ("r1", ALL): 7,
        ("r2", "c0"): 5, ("r2", "c1"): 6, ("r2", ALL): 11, ("g", "c0"): 4, ("g", "c1"): 6, ("g", ALL): 10,
        (ALL, "c0"): 9, (ALL, "c1"): 12, (ALL, ALL): 21,
    }  # fmt: skip
    for total, parts in one.parts:
        assert one.values[total] == one.values[parts].sum()
    assert len(one.parts) == 3 + 3 + 2 + 3


def test_what_is_wrong_is_named():
    with pytest.raises(BadInput) as caught:
        Table.of(["a", "a"], ["*"], np.array([[1], [-1]]))
    assert [fault.where for fault in caught.value.faults] == ["rows", "columns", "counts"]
    with pytest.raises(BadInput):
        Table.of(["a"], ["b"], np.zeros((0, 1)))
    with pytest.raises(BadInput):
        suppress(table([[1]]), small=1)
