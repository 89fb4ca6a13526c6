"""`shouwang backtest`: how far forecasts made from these calls could have been trusted."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.demand.backtest import Hindsight, Scores, backtest, paired_gain, redrawn
from shouwang.engine.demand.boosted import CHOICES
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.findings import Finding, near
from shouwang.engine.demand.ground import Ground, Squares
from shouwang.engine.demand.models import Model
from shouwang.engine.demand.past import DAY_H, HOUR_S, Past, origin_hour
from shouwang.engine.demand.spread import interval
from shouwang.engine.errors import BadInput, Fault, NoAnswer
from shouwang.shell._io import emit_json, say
from shouwang.shell.forecast import as_counted, calendar_for, local_seconds, only
from shouwang.tables.areas import read_areas
from shouwang.tables.history import arrays, read_calls

TIMED = 5
Figure = dict[str, float]


@click.command("backtest")
@click.argument("calls", type=click.Path(path_type=Path))
@click.option("--from", "start", required=True, help="Local time of the first forecast; each uses earlier calls only.")
@click.option("--days", type=click.IntRange(min=1), default=60, show_default=True, help="Days to forecast in all.")
@click.option("--horizon-h", type=click.IntRange(1, 90 * DAY_H), default=DAY_H, show_default=True,
              help="Hours of one forecast.")
@click.option("--cell-m", type=click.FloatRange(min=10), default=200.0, show_default=True, help="Width of a cell.")
@click.option("--areas", "areas_file", type=click.Path(path_type=Path),
              help="GeoJSON: its cells are scored, and its areas' days covered; else zones of 2 km.")
@click.option("--category", default="", help="Kinds to take alone, separated by commas.")
@click.option("--exclude", default="", help="Kinds to leave out, separated by commas.")
@click.option("--model", "models", multiple=True, type=click.Choice(list(CHOICES)), default=[next(iter(CHOICES))],
              show_default=True, help="More than once: the first is compared with the others.")
@click.option("--calendar", "country", help="Country of the public holidays, as CN, or none. Default: CN for calls in "
              "China, else none.")
@click.option("--offsets", type=click.IntRange(1, 10), default=1, show_default=True,
              help="Also score the first model on grids moved by such parts of a cell, in both directions.")
@click.option("--ceiling", is_flag=True, help="Also score a reference that knows the future.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def backtest_command(
    calls: Path, start: str, days: int, horizon_h: int, cell_m: float, areas_file: Path | None, category: str,
    exclude: str, models: tuple[str, ...], country: str | None, offsets: int, ceiling: bool, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Score forecasts of past days, each made from earlier calls of CALLS alone.

    hits: share of calls in the highest-ranked 1, 2, 5 % of cells; PAI: over that share of cells; PEI*: over the most
    so many cells could have had; bits per call over an even forecast; share of area-days inside the 80 and 95 %
    intervals (randomised); distance of the cell-days' PIT from uniform. Intervals (95 %) are from drawing
    forecasts again.
    """
    first_h = origin_hour(local_seconds("--from", start))
    origins = days * DAY_H // horizon_h
    if not origins:
        raise BadInput([Fault("--horizon-h", "longer than all days", horizon_h, f"Give at most {days * DAY_H}.")])
    read = only(arrays(read_calls(calls)), category)
    excluded = [name.strip() for name in exclude.split(",") if name.strip()]
    if unknown := [name for name in excluded if name not in read.kinds]:
        click.echo(f"--exclude: no call is of the kind {', '.join(unknown)}; of: {', '.join(read.kinds)}.", err=True)
    wanted = read.without(excluded)
    if offsets > 1 and wanted.binned:
        raise BadInput([Fault("--offsets", "calls counted by squares stand on one grid", offsets,
                              "Give the calls themselves, or leave --offsets out.")])
    calendar = calendar_for(country, wanted, (first_h + days * DAY_H) * HOUR_S)
    known, far_away = _known(wanted, first_h)
    ground, owner = _ground(known, cell_m, areas_file)
    notes = [] if areas_file or not far_away else [Finding("far_away", {"calls": far_away})]
    for note in notes:
        say(str(note))
    asked: list[Model] = [CHOICES[name] for name in dict.fromkeys(models)]
    if ceiling:
        asked.append(Hindsight(wanted))
    scored: list[tuple[Model, Scores]] = []
    for model in asked:
        say(f"Scoring {origins} forecasts of {model.name}.")
        rng = np.random.default_rng(seed)
        scores = backtest(
            wanted, model, ground, first_h, origins, horizon_h, owner=owner, calendar=calendar, rng=rng
        )
        scored.append((model, scores))
    grids = [scored[0][1]]
    for step in range(1, offsets**2):
        say(f"Scoring {asked[0].name} on grid {step + 1} of {offsets**2}.")
        moved, owner = _ground(known, cell_m, areas_file, divmod(step, offsets), offsets)
        rng = np.random.default_rng(seed)
        grids.append(
            backtest(wanted, asked[0], moved, first_h, origins, horizon_h, owner=owner, calendar=calendar, rng=rng)
        )
    edges = first_h + horizon_h * np.linspace(0, origins - 1, min(TIMED, origins)).astype(int)
    if silent := scored[0][1].not_scored:
        notes.append(Finding("not_scored", {"forecasts": len(silent), "days": scored[0][1].silent_d}))
        say(str(notes[-1]))
    told = [
        _told(model.name, scores, seed) | {"seconds_per_forecast": _seconds(model, wanted, ground, edges, horizon_h)}
        for model, scores in scored
    ]
    for other, (_, scores) in zip(told[1:], scored[1:], strict=True):
        other["gain_of_first"] = _gains(scored[0][1], scores, seed)
    document = {
        "from": start, "days": days, "horizon_h": horizon_h, "cell_m": cell_m, "cells": ground.size,
        "findings": [{"code": one.code, "text": str(one), **one.values} for one in notes],
        "forecasts": len(scored[0][1].calls), "not_scored": len(silent),
        "calls": int(scored[0][1].calls.sum()), "missed": int(scored[0][1].missed.sum()),
        **told[0], "grids": _over_grids(grids), "others": told[1:],
    }  # fmt: skip
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


def _known(calls: Calls, first_h: int) -> tuple[Calls, int]:
    """The calls that the ground is laid around, as a forecast at the first hour takes them; and how many lie far from
    all others."""
    heard = calls.take(calls.heard()).before(first_h * HOUR_S)
    known = heard.take(near(heard))
    return known, len(heard) - len(known)


def _ground(
    known: Calls, cell_m: float, areas: Path | None, step: tuple[int, int] = (0, 0), parts: int = 1
) -> tuple[Ground, Any]:
    """The cells, known before the first forecast, and the area of each cell if areas are given; on a grid moved by so
    many of `parts` of a cell."""
    told = f"square:{cell_m:g}" if areas is None else str(areas)
    moved_m = step[0] * cell_m / parts, step[1] * cell_m / parts
    around = as_counted(known, told, partial(Squares.around, cell_m=cell_m, moved_m=moved_m))
    if areas is not None:
        polygons = [area.polygon for area in read_areas(areas, strict=False)]
        ground = Squares.over(polygons, cell_m, moved_m)
        return ground, ground.owners(polygons)
    if not len(known):
        raise NoAnswer("No call before --from may feed a forecast.")
    return around(known.lon, known.lat), None


def _over_grids(grids: list[Scores]) -> dict[str, Any]:
    """Of the first model, over grids moved by parts of a cell: mean, least and most."""
    names = [f"hits {share:.0%}" for share in grids[0].top_shares] + ["bits place", "bits place_hour"]
    values = np.array([[*scores.hit_share(), *scores.bits()] for scores in grids])
    rows = zip(names, values.mean(axis=0), values.min(axis=0), values.max(axis=0), strict=True)
    spread = {name: {"value": float(mean), "low": float(low), "high": float(high)} for name, mean, low, high in rows}
    return {"count": len(grids), **spread}


def _told(name: str, scores: Scores, seed: int) -> dict[str, Any]:
    """Every score with the ends of its interval."""
    percent = [f"{share:.0%}" for share in scores.top_shares]

    def figures(statistic: Callable[[Scores], Any], names: list[str]) -> dict[str, Figure]:
        values = np.atleast_1d(statistic(scores)).tolist()
        low, high = (np.atleast_1d(end).tolist() for end in redrawn(scores, statistic, np.random.default_rng(seed)))
        rows = zip(names, values, low, high, strict=True)
        return {name: {"value": value, "low": least, "high": most} for name, value, least, most in rows}

    return {
        "model": name,
        "hits": figures(Scores.hit_share, percent),
        "pai": figures(Scores.pai, percent),
        "pei": figures(Scores.pei, percent),
        "bits": figures(Scores.bits, ["place", "place_hour"]),
        "coverage": figures(lambda one: [one.coverage(nominal)[0] for nominal in (0.80, 0.95)], ["80%", "95%"]),
        "cell_pit": figures(Scores.cell_pit_distance, ["distance"])["distance"],
    }


def _seconds(model: Model, calls: Calls, ground: Ground, edges: Any, horizon_h: int) -> Figure:
    """From calls in memory to a forecast with intervals, at a few of the origins: mean, least and most."""
    taken = []
    for origin_h in edges.tolist():
        began = time.perf_counter()
        fit = model.fit(Past.of(calls, ground, origin_h))
        interval(fit.expected(origin_h + np.arange(min(horizon_h, DAY_H))), fit.cell_hour_dispersion)
        taken.append(time.perf_counter() - began)
    return {"value": float(np.mean(taken)), "low": min(taken), "high": max(taken)}


def _gains(first: Scores, other: Scores, seed: int) -> dict[str, Figure]:
    gains = {}
    for name in ("bits_place", "bits_place_hour"):
        rng = np.random.default_rng(seed)
        value, low, high = paired_gain(getattr(first, name), getattr(other, name), first.calls, rng)
        gains[name] = {"value": value, "low": low, "high": high}
    return gains


def _as_text(document: dict[str, Any]) -> str:
    def told(figure: Figure) -> str:
        return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"

    lines = [f"{document['forecasts']} forecasts of {document['horizon_h']} hours, {document['calls']} calls, "
             f"{document['missed']} of them off the {document['cells']} cells."]  # fmt: skip
    for one in [document, *document["others"]]:
        lines.append(f"{one['model']}:")
        for kind in ("hits", "pai", "pei", "bits", "coverage"):
            lines += [f"  {kind} {name}: {told(figure)}" for name, figure in one[kind].items()]
        lines.append(f"  cell PIT distance: {told(one['cell_pit'])}")
        lines.append(f"  seconds per forecast: {told(one['seconds_per_forecast'])}")
        gains = one.get("gain_of_first", {})
        if one is document and document["grids"]["count"] > 1:
            lines += [f"  mean of {document['grids']['count']} grids (least to most), {name}: {told(figure)}"
                      for name, figure in document["grids"].items() if name != "count"]  # fmt: skip
        lines += [f"  {document['model']} gains in {name}: {told(figure)}" for name, figure in gains.items()]
    return "\n".join(lines)
