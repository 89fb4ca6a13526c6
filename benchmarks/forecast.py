"""Forecasts beside simple means and other models, on the same cells, with the bars they are held to, in one run.

    python benchmarks/forecast.py [CALLS.parquet] [--from 2019-09-01] [--days 60] [--cell-m 200] [--areas FILE.geojson]
        [--offsets 4] [--nij EVENTS --boundary FILE] [--ahead CALLS …]

Without a file: the example district St. Louis on the squares that touch the city's boundary, without the kinds that
patrols find by themselves. Prints hit shares in the top 1, 2, 5 % of cells, bits per call over even forecasts,
randomised coverage of 80 and 95 % intervals of area-days, the gain over each other model with a 95 % interval from
drawing days again, and seconds per forecast; then means over grids moved by parts of a cell (--offsets), the NIJ
challenge (--nij), the test against feedback, and totals of weeks and months with and without the season, of the calls
and of other files (--ahead). LightGBM takes part if it is installed.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import shapely

import shouwang
from shouwang.engine.demand.backtest import Scores, backtest, paired_gain
from shouwang.engine.demand.boosted import CHOICES
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.found import play
from shouwang.engine.demand.ground import Squares
from shouwang.engine.demand.level import level_of
from shouwang.engine.demand.nij import judge
from shouwang.engine.demand.past import DAY_H, Past
from shouwang.engine.demand.spread import interval
from shouwang.tables.history import arrays, read_calls

STLOUIS = Path(shouwang.__file__).parent / "data" / "districts" / "stlouis"
PATROL_FOUND = ("drugs", "loitering_begging", "weapons", "stolen_property", "liquor", "dwi", "gambling")
SEED = 20190901
MODELS = {name: model for name, model in CHOICES.items() if name != "boosted" or find_spec("lightgbm")}
BARS = {"top 1 %": 0.101, "top 2 %": 0.153, "top 5 %": 0.268, "bits place": 0.953, "bits place × hour": 1.065}
"""On St. Louis' calls of residents, from 2019-09-01."""
PUBLISHED = {"open_cp ProHotspot": (0.082, 0.120, 0.195), "self-exciting": (0.110, 0.163, 0.289),
             "LightGBM": (0.109, 0.167, 0.289)}
"""Hit shares at the top 1, 2, 5 % measured before by others, on all calls (8,144 in these 60 days) and other cells."""
AHEAD_D, LEAST_AHEAD = (28, 90), 1500
NOWHERE = Squares.around(np.zeros(1), np.zeros(1), 1000.0)
NIJ_BARS = {"motor_vehicle_theft": 20.0, "burglary": 6.5}


def main() -> None:
    options = _options()
    calls = arrays(read_calls(options.calls)).without(options.exclude.split(","))
    first_h = int(np.datetime64(options.start, "h").astype(np.int64))
    known = calls.before(first_h * 3600)
    owner, areas = None, []
    if options.areas:
        features = json.loads(Path(options.areas).read_text())["features"]
        areas = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        ground = Squares.over(areas, options.cell_m)
        owner = ground.owners(areas) if len(areas) > 1 else None
    else:
        ground = Squares.around(known.lon, known.lat, options.cell_m)
    print(f"{options.calls}: {len(known)} calls before {options.start}, {ground.size} cells of {options.cell_m:g} m")
    scores = {
        name: backtest(calls, model, ground, first_h, options.days, owner=owner, rng=np.random.default_rng(SEED))
        for name, model in MODELS.items()
    }
    _print_scores(scores)
    _print_gains(scores)
    _print_seconds(calls, ground, first_h)
    if areas and options.offsets > 1:
        _print_grids(calls, areas, options, first_h)
    if options.nij:
        _print_nij(options)
    _print_feedback()
    for file in (options.calls, *options.ahead):
        _print_ahead(file, options.exclude.split(","))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls", nargs="?", default=str(STLOUIS / "calls.parquet"))
    parser.add_argument("--from", dest="start", default="2019-09-01")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--cell-m", type=float, default=200.0)
    parser.add_argument("--areas", help="GeoJSON of areas: their cells are scored, and their days are covered")
    parser.add_argument("--exclude", default=",".join(PATROL_FOUND))
    parser.add_argument("--offsets", type=int, default=2, help="parts of a cell by which the grid is moved")
    parser.add_argument("--nij", help="events of the NIJ challenge")
    parser.add_argument("--boundary", help="GeoJSON of its district")
    parser.add_argument("--ahead", nargs="*", default=[], help="other calls whose months are foretold")
    options = parser.parse_args()
    if options.calls == str(STLOUIS / "calls.parquet") and not options.areas:
        options.areas = str(STLOUIS / "boundary.geojson")
    return options


def _print_scores(scores: dict[str, Scores]) -> None:
    first = next(iter(scores.values()))
    print(f"{int(first.calls.sum())} calls came, {int(first.missed.sum())} of them off the ground\n")
    print(f"{'model':10} {'top 1 %':>8} {'2 %':>6} {'5 %':>6} {'bits place':>11} {'× hour':>7} "
          f"{'in 80 %':>14} {'in 95 %':>14} {'cell PIT':>9}")  # fmt: skip
    for name, score in scores.items():
        hit, bits = score.hit_share(), score.bits()
        cover = [f"{share:.3f} ± {error:.3f}" for share, error in (score.coverage(n) for n in (0.80, 0.95))]
        print(f"{name:10} {hit[0]:8.4f} {hit[1]:6.4f} {hit[2]:6.4f} {bits[0]:11.4f} {bits[1]:7.4f} "
              f"{cover[0]:>14} {cover[1]:>14} {score.cell_pit_distance():9.4f}")  # fmt: skip
    for name, shares in PUBLISHED.items():
        print(f"{name}, on all calls and other cells: {', '.join(f'{share:.3f}' for share in shares)}")


def _print_gains(scores: dict[str, Scores]) -> None:
    (best, ours), *others = scores.items()
    print(f"\ngain of {best} in bits per call, with 95 % intervals from drawing days again")
    for name, score in others:
        for what in ("bits_place", "bits_place_hour"):
            gain, low, high = paired_gain(
                getattr(ours, what), getattr(score, what), ours.calls, np.random.default_rng(SEED)
            )
            print(f"  over {name:10} {what:16} {gain:+.4f}  ({low:+.4f} … {high:+.4f})")


def _print_seconds(calls: Calls, ground: Squares, origin_h: int) -> None:
    print("\nseconds from calls in memory to a city-day with intervals, best of 5: by the clock, of the processors")
    for name, model in MODELS.items():
        taken = []
        for _ in range(5):
            began, worked = time.perf_counter(), time.process_time()
            fit = model.fit(Past.of(calls, ground, origin_h))
            interval(fit.expected(origin_h + np.arange(24)), fit.cell_hour_dispersion)
            taken.append((time.perf_counter() - began, time.process_time() - worked))
        clock, processors = (min(row) for row in zip(*taken, strict=True))
        print(f"  {name:10} {clock:.3f} {processors:.3f}")


def _print_grids(calls: Calls, areas: list[shapely.Geometry], options: argparse.Namespace, first_h: int) -> None:
    """Moving the grid by part of a cell moves scores as much as models differ: the bars are held to the mean."""
    found = []
    for step in range(options.offsets**2):
        moved_m = tuple(options.cell_m * part / options.offsets for part in divmod(step, options.offsets))
        ground = Squares.over(areas, options.cell_m, moved_m)
        for name in ("learnt", "mean-365d"):
            score = backtest(calls, MODELS[name], ground, first_h, options.days, rng=np.random.default_rng(SEED))
            found.append([*score.hit_share(), *score.bits()])
    table = np.array(found).reshape(-1, 2, len(BARS))
    print(f"\nmeans over {len(table)} grids: learnt, one-year mean, bar")
    for column, (name, bar) in enumerate(BARS.items()):
        ours, plain = table[:, :, column].mean(axis=0)
        print(f"  {name:18} {ours:.4f} {plain:.4f} {bar:.3f} {'met' if ours >= bar else 'NOT MET'}")


def _print_nij(options: argparse.Namespace) -> None:
    events = arrays(read_calls(options.nij))
    features = json.loads(Path(options.boundary).read_text())["features"]
    area = shapely.union_all([shapely.make_valid(shapely.geometry.shape(f["geometry"])) for f in features])
    first_h = int(np.datetime64("2017-03-01T00", "h").astype(np.int64))
    print("\nNIJ challenge, three months, PAI, mean of 16 grids (a real entry: 18.2 and 6.2)")
    for kind, bar in NIJ_BARS.items():
        mine = events.without(set(events.kinds) - {kind})
        pai = judge(mine, area, MODELS["learnt"], first_h, 92 * DAY_H).pai()
        print(f"  {kind:20} {pai.mean():5.1f} ({pai.min():.1f} to {pai.max():.1f}), bar {bar:g} "
              f"{'met' if pai.mean() >= bar else 'NOT MET'}")  # fmt: skip


def _print_feedback() -> None:
    """Two areas with something to find on 30 and 20 % of days: what is believed of the first after 10,000 days."""
    for correct in (False, True):
        share = play([0.3, 0.2], 10_000, np.random.default_rng(SEED), correct=correct, runs=25)[:, 0]
        print(f"feedback, {'corrected' if correct else 'as found':9}: {share.mean():.3f} (truth 0.600), "
              f"25 runs {share.min():.3f} to {share.max():.3f}")  # fmt: skip


def _print_ahead(file: str, excluded: list[str]) -> None:
    """Of all calls and of every kind with 1,500: totals foretold from 17 origins 45 days apart."""
    calls = arrays(read_calls(file)).without(excluded)
    calls = calls.take(calls.heard())
    hours = {"all": np.sort(calls.time_s // 3600)}
    for kind, name in enumerate(calls.kinds):
        mine = np.sort(calls.time_s[calls.kind == kind] // 3600)
        if len(mine) >= LEAST_AHEAD:
            hours[name] = mine
    print(f"\n{file}: totals of so many days, mean Poisson deviance (mean absolute error), with the season and without")
    gains = []
    for name, hour in hours.items():
        with_, without = (_ahead(hour, seasonal) for seasonal in (True, False))
        gains.append(np.log(with_[:, 0] / without[:, 0]))
        row = [f"{days} days {a[0]:6.2f} ({a[1]:.1%}) {b[0]:6.2f} ({b[1]:.1%})"
               for days, a, b in zip(AHEAD_D, with_, without, strict=True)]  # fmt: skip
        print(f"  {name:22} " + "   ".join(row))
    mean = np.exp(np.mean(gains, axis=0))
    print("  mean ratio: " + ", ".join(f"{days} days {ratio:.2f}" for days, ratio in zip(AHEAD_D, mean, strict=True)))


def _ahead(hour: np.ndarray, seasonal: bool) -> np.ndarray:
    last_d, found = int(hour[-1]) // DAY_H, []
    for back in range(16, -1, -1):
        origin_d = last_d - max(AHEAD_D) - 45 * back
        known = hour[hour < origin_d * DAY_H]
        nowhere = np.zeros(len(known), np.int64)
        past = Past(known, nowhere, nowhere, 1, NOWHERE, int(known[0]) // DAY_H * DAY_H, origin_d * DAY_H)
        level = level_of(past, np.full((7, DAY_H), 1 / DAY_H), seasonal=seasonal)
        for days in AHEAD_D:
            said = float(level.day_total((origin_d + np.arange(days)) * DAY_H).sum())
            came = int(np.diff(np.searchsorted(hour, [origin_d * DAY_H, (origin_d + days) * DAY_H]))[0])
            deviance = 2 * (came * np.log(came / said) - (came - said)) if came else 2 * said
            found.append((deviance, abs(said / max(1, came) - 1)))
    return np.array(found).reshape(-1, len(AHEAD_D), 2).mean(axis=0)


if __name__ == "__main__":
    main()
