"""`shouwang bench`: known contests, with their own rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
import shapely

from shouwang.engine.demand.backtest import Hindsight
from shouwang.engine.demand.boosted import CHOICES
from shouwang.engine.demand.models import Model
from shouwang.engine.demand.nij import Judged, judge
from shouwang.engine.demand.past import DAY_H, origin_hour
from shouwang.engine.errors import NoAnswer
from shouwang.shell._io import emit_json, say
from shouwang.shell.forecast import local_seconds, only
from shouwang.tables.areas import read_areas
from shouwang.tables.history import arrays, read_calls

HORIZONS_D = {"1 week": 7, "2 weeks": 14, "1 month": 31, "2 months": 61, "3 months": 92}


@click.group()
def bench() -> None:
    """Play known contests by their rules."""


@bench.command()
@click.option("--events", type=click.Path(path_type=Path), required=True, help="Calls: time, lon, lat, category.")
@click.option("--boundary", type=click.Path(path_type=Path), required=True, help="GeoJSON of the district.")
@click.option("--category", default="", help="Kinds to judge, each by itself, separated by commas; default each.")
@click.option("--from", "start", default="2017-03-01", show_default=True, help="First day foretold.")
@click.option("--days", type=click.IntRange(1, 366), help="One horizon of so many days in place of the contest's five.")
@click.option("--cell-ft", type=float, default=600.0, show_default=True, help="Width of a cell, 250 to 600 feet.")
@click.option("--area-sqmi", type=float, default=0.25, show_default=True, help="Area named, 0.25 to 0.75.")
@click.option("--offsets", type=click.IntRange(1, 10), default=4, show_default=True,
              help="Parts of a cell by which the grid is moved, in both directions.")
@click.option("--model", "models", multiple=True, type=click.Choice(list(CHOICES)), default=[next(iter(CHOICES))],
              show_default=True, help="More than once for several.")
@click.option("--ceiling", is_flag=True, help="Also judge a reference that knows the future.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def nij(
    events: Path, boundary: Path, category: str, start: str, days: int | None, cell_ft: float, area_sqmi: float,
    offsets: int, models: tuple[str, ...], ceiling: bool, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """The NIJ forecasting challenge of 2017: PAI and PEI* of a quarter of a square mile named beforehand.

    Means over grids moved by parts of a cell, least and most; the interval of the mean PAI (95 %) is from drawing
    events again. highest: PAI of cells chosen with the events known.
    """
    first_h = origin_hour(local_seconds("--from", start))
    calls = arrays(read_calls(events))
    only(calls, category)
    kinds = [name.strip() for name in category.split(",") if name.strip()] or list(calls.kinds)
    area = shapely.union_all([one.polygon for one in read_areas(boundary, strict=False)])
    horizons = {f"{days} days": days} if days else HORIZONS_D
    rows: list[dict[str, Any]] = []
    for kind in kinds:
        mine = only(calls, kind)
        asked: list[Model | None] = [*(CHOICES[name] for name in dict.fromkeys(models)), *([None] if ceiling else [])]
        for model in asked:
            for name, length in horizons.items():
                say(f"Judging {kind}, {name}.")
                try:
                    found = judge(
                        mine, area, model or Hindsight(mine), first_h, length * DAY_H,
                        cell_ft=cell_ft, area_mile2=area_sqmi, offsets=offsets,
                    )  # fmt: skip
                except NoAnswer:
                    continue
                label = model.name if model else "ceiling"
                rows.append({"category": kind, "model": label, "horizon": name, "days": length} | _told(found, seed))
    if not rows:
        raise NoAnswer("No event came within any horizon: there is nothing to judge.")
    document = {
        "from": start, "cell_ft": cell_ft, "area_sqmi": area_sqmi, "grids": offsets**2,
        "district_sqmi": rows[0]["district_sqmi"], "results": rows,
    }  # fmt: skip
    if as_json:
        emit_json(document)
        return
    click.echo(f"{document['district_sqmi']:.3f} square miles, {offsets**2} grids of {cell_ft:g} feet.")
    for row in rows:
        pai = row["pai"]
        click.echo(
            f"{row['category']:22} {row['model']:10} {row['horizon']:9} {row['events']:5} events: "
            f"PAI {pai['mean']:6.2f} ({pai['low']:.2f} to {pai['high']:.2f}; grids {pai['least']:.2f} to "
            f"{pai['most']:.2f}), PEI* {row['pei']['mean']:.3f}, highest {row['highest']['mean']:.1f}"
        )


def _told(found: Judged, seed: int) -> dict[str, Any]:
    low, high = found.redrawn(np.random.default_rng(seed))
    pai, pei, highest = found.pai(), found.pei(), found.highest_pai()
    return {
        "events": found.hits.shape[1], "cells": found.cells, "area_share": found.share,
        "district_sqmi": found.district_mile2,
        "hits": float(found.hits.sum(axis=1).mean()),
        "pai": _spread(pai) | {"low": low, "high": high}, "pei": _spread(pei), "highest": _spread(highest),
    }  # fmt: skip


def _spread(values: np.typing.NDArray[np.float64]) -> dict[str, float]:
    return {"mean": float(values.mean()), "least": float(values.min()), "most": float(values.max())}
