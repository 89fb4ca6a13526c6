from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.beats import Ground, adjoining, divide, in_one_piece
from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit


def field(width, height, seed=0, keep=1.0, today=None):
    """A field of cells a minute apart; with keep < 1 some borders cannot be crossed (it stays in one piece)."""
    rng = np.random.default_rng(seed)
    number = np.arange(width * height).reshape(height, width)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    up = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    spine = np.concatenate([across[: width - 1], up])
    other = across[width - 1 :]
    pairs = np.concatenate([spine, other[rng.random(len(other)) < keep]])
    y, x = np.divmod(number.ravel(), width)
    apart_s = 60.0 * (np.abs(x[:, None] - x) + np.abs(y[:, None] - y))
    return Ground(pairs, rng.integers(1, 9, width * height).astype(float), apart_s, today)


def cost(ground, beat, seat, price=0.0):
    drive = (ground.work * ground.apart_s[seat[beat], np.arange(beat.size)]).sum()
    moved = 0 if ground.today is None else int(((ground.today >= 0) & (ground.today != beat)).sum())
    return drive + price * moved, moved


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([0.3, 1.0]),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_every_beat_is_in_one_piece_and_the_figures_are_those_of_the_cells(seed, count, keep, posts, today, hurried):
    rng = np.random.default_rng(seed)
    ground = field(5, 4, seed, keep)
    if today:
        chaos = np.append(np.arange(count), rng.integers(-1, count, 20 - count))
        ground = field(5, 4, seed, keep, rng.permutation(chaos))
    seats = rng.choice(20, count, replace=False) if posts else None
    stop = TimeLimit(0) if hurried else None
    found = divide(ground, count, posts=seats, tolerance=0.2, price=30.0, rng=rng, stop=stop)
    assert in_one_piece(ground.neighbours, found.beat, count).all()
    assert (found.beat[found.seat] == np.arange(count)).all()
    if posts:
        assert found.seat.tolist() == seats.tolist()
    assert found.work == pytest.approx(np.bincount(found.beat, ground.work, count))
    mean = ground.work.sum() / count
    assert found.imbalance == pytest.approx(np.abs(found.work - mean).max() / mean)
    assert found.balanced == (found.imbalance <= 0.2 + 1e-9)
    total, moved = cost(ground, found.beat, found.seat, 30.0)
    assert (found.certificate.objective, found.moved) == (pytest.approx(total), moved)
    assert found.certificate.bound <= found.certificate.objective


def best_division(ground, count, seats, tolerance, price):
    """The least cost of all balanced divisions in one piece each, by trying all."""
    mean, best = ground.work.sum() / count, np.inf
    for choice in product(range(count), repeat=ground.work.size):
        beat = np.array(choice)
        work = np.bincount(beat, ground.work, count)
        if (np.abs(work - mean) <= tolerance * mean + 1e-9).all() and (beat[seats] == np.arange(count)).all():
            total = cost(ground, beat, seats, price)[0]
            if total < best and in_one_piece(ground.neighbours, beat, count).all():
                best = total
    return best


@pytest.mark.parametrize("seed", range(5))
def test_on_a_small_field_it_is_the_best_of_all_divisions(seed):
    rng = np.random.default_rng(seed)
    today = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    ground, seats = field(4, 3, seed, 0.7, today), np.array([0, 11])
    best = best_division(ground, 2, seats, 0.15, 50.0)
    found = divide(ground, 2, posts=seats, tolerance=0.15, price=50.0, rng=rng)
    assert found.balanced == np.isfinite(best)
    if found.balanced:
        assert found.certificate.objective == pytest.approx(best)
        assert 0.8 * best <= found.certificate.bound <= best + 1e-6


def test_borders_stay_where_the_change_is_not_worth_it():
    today = np.repeat([0, 1, 2], 12)
    ground = field(6, 6, 4, today=today)
    wide = {"tolerance": 0.5, "rng": np.random.default_rng(1)}
    moved = [divide(ground, 3, price=price, **wide).moved for price in (0.0, 400.0, 1e6)]
    assert moved[0] > moved[1] >= moved[2] == 0


def test_work_is_balanced_where_that_is_possible():
    ground = field(12, 10, 7)
    found = divide(ground, 6, tolerance=0.05, rng=np.random.default_rng(0))
    assert found.balanced
    assert found.imbalance <= 0.05
    assert found.certificate.gap < 0.1


def test_the_same_seed_gives_the_same_beats():
    one, two = (divide(field(8, 8), 5, rng=np.random.default_rng(3)).beat.tolist() for _ in range(2))
    assert one == two


def test_cells_adjoin_where_a_street_joins_them():
    """A street of six nodes with cells at both ends and, off in the middle, one at a stub."""
    u, v = np.array([0, 1, 2, 3, 4, 2]), np.array([1, 2, 3, 4, 5, 6])
    streets = Streets.build(
        node_id=np.arange(7), x_m=np.array([0, 1, 2, 3, 4, 5, 2.0]) * 100, y_m=np.array([0, 0, 0, 0, 0, 0, 1.0]) * 100,
        u=np.r_[u, v], v=np.r_[v, u], length_m=np.full(12, 100.0), time_s=np.full(12, 10.0),
    )  # fmt: skip
    spots = Spots.at_nodes(streets.index_of([0, 5, 6]))
    assert adjoining(Travel(streets), spots).tolist() == [[0, 2], [1, 2]]
    along = streets.snap(np.array([220.0, 235.0, 262.0, 285.0]), np.zeros(4))
    assert adjoining(Travel(streets), along).tolist() == [[0, 3], [0, 1], [2, 3]]


def test_all_faults_are_named_at_once():
    ground = field(3, 2)
    ground.work[1] = -1
    with pytest.raises(BadInput) as caught:
        divide(ground, 7, posts=[0, 0], tolerance=-1, price=np.nan)
    assert [f.where for f in caught.value.faults] == ["work, cell 1", "count", "posts", "tolerance", "price"]
    apart = field(3, 2)
    with pytest.raises(BadInput) as caught:
        divide(Ground(np.array([[0, 1], [1, 2]]), apart.work, apart.apart_s, np.array([0, 0, 0, 0, 0, 3])), 2)
    assert [f.where for f in caught.value.faults] == ["cell 3", "cell 4", "cell 5", "today"]
    island = apart.apart_s.copy()
    island[:, 5] = np.inf
    with pytest.raises(BadInput, match="no road joins"):
        divide(Ground(apart.neighbours, apart.work, island), 2)
