"""Next-day forecasts beside simple means and the best simple model, on the same cells, in one run.

    python benchmarks/forecast.py [CALLS.parquet] [--from 2019-09-01] [--days 60] [--cell-m 200] [--areas FILE.geojson]

Without a file: the example district St. Louis, without the kinds that patrols find by themselves. Prints hit
shares in the top 1, 2, 5 % of cells, bits per call over even forecasts, randomised coverage of 80 and 95 %
intervals of area-days, the gain over each other model with a 95 % interval from drawing days again, and seconds
per forecast.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import shapely

import shouwang
from shouwang.engine.demand.backtest import Scores, backtest, paired_gain
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.ground import Squares
from shouwang.engine.demand.models import MODELS
from shouwang.engine.demand.past import Past
from shouwang.engine.demand.spread import interval
from shouwang.tables.history import arrays, read_calls

STLOUIS = Path(shouwang.__file__).parent / "data" / "districts" / "stlouis"
PATROL_FOUND = ("drugs", "loitering_begging", "weapons", "stolen_property", "liquor", "dwi", "gambling")
SEED = 20190901


def main() -> None:
    options = _options()
    calls = arrays(read_calls(options.calls)).without(options.exclude.split(","))
    first_h = int(np.datetime64(options.start, "h").astype(np.int64))
    known = calls.before(first_h * 3600)
    owner = None
    if options.areas:
        features = json.loads(Path(options.areas).read_text())["features"]
        areas = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        ground = Squares.over(areas, options.cell_m)
        owner = ground.owners(areas)
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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls", nargs="?", default=str(STLOUIS / "calls.parquet"))
    parser.add_argument("--from", dest="start", default="2019-09-01")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--cell-m", type=float, default=200.0)
    parser.add_argument("--areas", help="GeoJSON of areas: their cells are scored, and their days are covered")
    parser.add_argument("--exclude", default=",".join(PATROL_FOUND))
    return parser.parse_args()


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
    print("\nseconds from calls in memory to a city-day with intervals (binning, fitting, forecasting), best of 5")
    for name, model in MODELS.items():
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            fit = model.fit(Past.of(calls, ground, origin_h))
            interval(fit.expected(origin_h + np.arange(24)), fit.cell_hour_dispersion)
            taken.append(time.perf_counter() - began)
        print(f"  {name:10} {min(taken):.3f}")


if __name__ == "__main__":
    main()
