"""Beats: districts in one piece, with balanced work, short drives, and today's borders where they do well.

Districting as in Hess et al. (Operations Research 13, 1965), with contiguity: every cell belongs to one
beat, a beat's cells hang together, work is balanced within a tolerance, and the cost is work × road seconds
from the beat's seat plus a price for each cell that changes its beat. A start grows from seats (p-median,
or the posts given), then border cells change beats by simulated annealing (Kirkpatrick, Gelatt and Vecchi,
Science 220, 1983), as D'Amico et al. do for police districts (Computers and Operations Research 29, 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from shouwang.engine.deploy import _flips
from shouwang.engine.deploy._flips import Land
from shouwang.engine.deploy.posts import Posts, p_median
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import NoStop, Stop, TimeLimit
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

_ROUNDS = 16
_TRIALS_A_CELL = 2_000
_MEDIAN_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What is divided: cells 0 … n-1.

    neighbours: pairs of cells side by side (m × 2); work: per cell, 0 or more; apart_s: seconds by road from
    cell to cell (n × n); today: per cell the beat it is in now, -1 for none, or None for a first division.
    """

    neighbours: IntArray
    work: FloatArray
    apart_s: FloatArray
    today: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Beats:
    """beat: per cell; seat: per beat the cell from which its work is nearest (or its post); work: per beat.

    imbalance: largest share by which a beat's work differs from the mean; balanced: within the tolerance;
    mean_drive_s: from the seat, over work; moved: cells that changed their beat; certificate: of work × seconds plus
    price × moved, among all divisions, in pieces or not, as balanced as asked for (or as this one, if that failed).
    """

    beat: IntArray
    seat: IntArray
    work: FloatArray
    imbalance: float
    balanced: bool
    mean_drive_s: float
    moved: int
    certificate: Certificate


def adjoining(travel: Travel, cells: Spots) -> IntArray:
    """Pairs of cells that a street joins without passing nearer to a third (m × 2).

    Each node belongs to the cell that reaches it first; an edge between nodes of two cells joins them. Cells
    that this leaves apart, as where several lie on one street, adjoin the nearest one that a road leads to.
    """
    owner = travel.two_nearest(cells).owner[:, 0]
    streets = travel.streets
    ends = np.stack([owner[streets.tail], owner[streets.head]], axis=1)
    pairs = np.unique(np.sort(ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])], axis=1), axis=0)
    piece = _pieces(pairs, len(cells))
    if piece.max(initial=0) > 0:
        apart_s = travel.matrix(cells, cells)
        while piece.max() > 0:
            inside = piece == np.bincount(piece).argmin()
            between_s = np.where(inside[:, None] & ~inside, apart_s, np.inf)
            if not np.isfinite(between_s).any():
                break
            nearest = np.unravel_index(between_s.argmin(), between_s.shape)
            pairs = np.vstack([pairs, np.sort(nearest)])
            piece = _pieces(pairs, len(cells))
    return pairs.astype(np.int64)


def _pieces(pairs: IntArray, cells: int) -> IntArray:
    """Per cell the number of the piece it is in, where pairs hang together."""
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (cells, cells))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def divide(
    ground: Ground,
    count: int,
    *,
    posts: ArrayLike | None = None,
    tolerance: float = 0.1,
    price: float = 0.0,
    stop: Stop | None = None,
    rng: np.random.Generator | None = None,
) -> Beats:
    """Divide the ground into `count` beats, each in one piece.

    posts: per beat the cell of its post; else each beat is seated where its drive is shortest. tolerance:
    share of the mean by which a beat's work may differ; missed where cells are too coarse (then `balanced` is
    False). price: work × seconds that a changed cell has to save. Raises `BadInput`.
    """
    seats = None if posts is None else np.asarray(posts, np.int64).ravel()
    _check(ground, count, seats, tolerance, price)
    stop, rng = stop or NoStop(), rng or np.random.default_rng(0)
    land = _land(ground, count, tolerance, price)
    ideal = _ideal(land, count, stop, rng) if seats is None else None
    first_seats = np.array(ideal.posts if ideal else seats, np.int64)
    beat, seat = _start(ground, land, count, first_seats, ideal is not None)
    scale = float(land.work.mean() * land.apart_s.mean()) + 1e-9
    best = (*_flips.standing(land, beat, seat), beat.copy(), seat.copy())
    for round_ in range(_ROUNDS):
        if stop():
            break
        beat, seat = best[2].copy(), best[3].copy()
        draws = rng.random((_TRIALS_A_CELL * len(beat), 3))
        _flips.anneal(land, beat, seat, seats is None, draws, scale * 0.7**round_, scale * 1e-3)
        out, cost = _flips.standing(land, beat, seat)
        if (out, cost) < (best[0] - 1e-9, np.inf) or (out <= best[0] + 1e-9 and cost < best[1] - 1e-9):
            best = (out, cost, beat.copy(), seat.copy())
    return _told(land, best[2], best[3], tolerance, ideal)


def in_one_piece(neighbours: IntArray, beat: IntArray, count: int) -> BoolArray:
    """Per beat whether it has cells and they hang together."""
    same = neighbours[beat[neighbours[:, 0]] == beat[neighbours[:, 1]]]
    piece = _pieces(same, beat.size)
    return np.array([np.unique(piece[beat == b]).size == 1 for b in range(count)])


def _land(ground: Ground, count: int, tolerance: float, price: float) -> Land:
    both = np.concatenate([ground.neighbours, ground.neighbours[:, ::-1]])
    both = np.unique(both[both[:, 0] != both[:, 1]], axis=0)
    cells = ground.work.size
    start = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=cells))]).astype(np.int64)
    mean = float(ground.work.sum()) / count
    home = np.full(cells, -1) if ground.today is None else ground.today.astype(np.int64)
    steep = 2.0 * float(ground.apart_s.max()) + 1.0  # no drive is worth a beat out of balance
    room = 1e-9 * (1 + mean)
    return Land(
        start, both[:, 1].astype(np.int64), ground.work.astype(float), ground.apart_s.astype(float), home,
        float(price), mean * (1 - tolerance) - room, mean * (1 + tolerance) + room, steep,
    )  # fmt: skip


def _ideal(land: Land, count: int, stop: Stop, rng: np.random.Generator) -> Posts:
    """The seats with the shortest drives if beats could be of any shape and load: a start, and a bound."""
    limit = TimeLimit(min(_MEDIAN_LIMIT_S, stop.remaining_s()))
    return p_median(land.apart_s.T, land.work, count, stop=limit, rng=rng)


def _start(ground: Ground, land: Land, count: int, seats: IntArray, free_seats: bool) -> tuple[IntArray, IntArray]:
    """Today's beats, each its largest piece, or beats around seats; then the cells left over are given out."""
    beat, seat = np.full(land.work.size, -1), seats.copy()
    if ground.today is not None:
        beat = _largest_pieces(ground, count, None if free_seats else seats)
    if ground.today is not None and free_seats:
        _flips.seats_of(land, beat, seat)
    beat[seat] = np.arange(count)
    _flips.grown(land, beat, seat)
    return beat, seat


def _largest_pieces(ground: Ground, count: int, seats: IntArray | None) -> IntArray:
    """Today's beats without what is cut off: of each the piece around its post, else that with most cells."""
    assert ground.today is not None
    today = ground.today.copy()
    if seats is not None:
        today[seats] = np.arange(count)
    pairs = ground.neighbours[today[ground.neighbours[:, 0]] == today[ground.neighbours[:, 1]]]
    piece = _pieces(pairs, today.size)
    beat = np.full(today.size, -1)
    for b in range(count):
        mine = piece[today == b]
        kept = piece[seats[b]] if seats is not None else np.bincount(mine).argmax()
        beat[(piece == kept) & (today == b)] = b
    return beat


def _told(land: Land, beat: IntArray, seat: IntArray, tolerance: float, ideal: Posts | None) -> Beats:
    count, total = seat.size, float(land.work.sum())
    work = np.bincount(beat, land.work, count).astype(float)
    imbalance = float(np.abs(work - total / count).max() * count / total)
    moved = int(((land.home >= 0) & (land.home != beat)).sum())
    drive = float((land.work * land.apart_s[seat[beat], np.arange(beat.size)]).sum())
    objective = drive + land.price * moved
    bound = ideal.certificate.bound if ideal else _bound(land, seat, work)
    return Beats(
        beat, seat, work, imbalance, imbalance <= tolerance + 1e-9, drive / total, moved,
        Certificate(objective, min(objective, bound)),
    )  # fmt: skip


def _bound(land: Land, seat: IntArray, work: FloatArray) -> float:
    """What cells cost that may be split at will among the posts, under loads that the beats found keep as well."""
    cells, count = land.work.size, seat.size
    cost = land.work[:, None] * land.apart_s[seat].T
    cost += land.price * ((land.home[:, None] >= 0) & (land.home[:, None] != np.arange(count)))
    once = sparse.kron(sparse.identity(cells), np.ones((1, count)))
    loads = sparse.kron(land.work[None], sparse.identity(count))
    program = Program(
        cost=cost.ravel(),
        most=np.ones(cells * count),
        rows=sparse.vstack([once, loads]).tocsr(),
        lower=np.concatenate([np.ones(cells), np.full(count, min(land.low, work.min()))]),
        upper=np.concatenate([np.ones(cells), np.full(count, max(land.high, work.max()))]),
        whole=np.zeros(cells * count, bool),
    )
    return solve(program, TimeLimit(_MEDIAN_LIMIT_S)).bound


def _check(ground: Ground, count: int, seats: IntArray | None, tolerance: float, price: float) -> None:
    faults = Faults(keep=50)
    cells = ground.work.size
    if not cells or ground.apart_s.shape != (cells, cells):
        faults.add("apart_s", "there has to be a drive from every cell to every cell", str(ground.apart_s.shape))
        faults.raise_if_any()
    for c in np.flatnonzero(~(np.isfinite(ground.work) & (ground.work >= 0))):
        faults.add(f"work, cell {c}", "work is a finite number, 0 or more", ground.work[c], "Correct it.")
    if not ground.work.any():
        faults.add("work", "there is no work to divide", 0, "Give some cell work.")
    joined = np.isfinite(ground.apart_s)
    for c in np.flatnonzero((joined.sum(axis=0) * 2 < cells) | (joined.sum(axis=1) * 2 < cells)):
        faults.add(f"apart_s, cell {c}", "no road joins the cell to most others", None, "Leave it out or move it.")
    if not len(faults) and not (joined & (ground.apart_s >= 0)).all():
        what = "a drive takes a finite time, 0 seconds or more"
        faults.add("apart_s", what, int((~(joined & (ground.apart_s >= 0))).sum()), "Leave out what no road joins.")
    if not 1 <= count <= cells:
        faults.add("count", "there are fewer cells than beats, or no beat", count, f"Ask for 1 to {cells}.")
    _check_pairs(faults, ground)
    if ground.today is not None and not set(range(count)) <= set(ground.today.tolist()) <= set(range(-1, count)):
        faults.add("today", "each beat has to have cells today, and no other", count, "Number them from 0.")
    if seats is not None and (seats.size != count or np.unique(seats).size != count):
        faults.add("posts", "each beat has one post, in a cell of its own", seats.size, f"Name {count} cells.")
    elif seats is not None and not ((seats >= 0) & (seats < cells)).all():
        faults.add("posts", "a post lies in one of the cells", None, "Name cells by number from 0.")
    if not (np.isfinite(tolerance) and tolerance >= 0):
        faults.add("tolerance", "a tolerance is 0 or more", tolerance, "Give for example 0.1.")
    if not (np.isfinite(price) and price >= 0):
        faults.add("price", "a price is a finite number, 0 or more", price, "Correct it.")
    faults.raise_if_any()


def _check_pairs(faults: Faults, ground: Ground) -> None:
    cells, pairs = ground.work.size, ground.neighbours
    if pairs.ndim != 2 or pairs.shape[1:] != (2,) or not ((pairs >= 0) & (pairs < cells)).all():
        faults.add("neighbours", "neighbours are pairs of cells", str(pairs.shape), "Give two numbers each.")
        return
    piece = _pieces(pairs, cells)
    main = np.bincount(piece).argmax()
    for c in np.flatnonzero(piece != main):
        remedy = "Leave it out, or name a cell that it adjoins (over a bridge)."
        faults.add(f"cell {c}", "the cell does not hang together with the rest", None, remedy)
