"""Gradient boosting for where, for comparison: needs the package lightgbm, which is not installed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from shouwang.engine.demand.fit import Fit, fold_edges
from shouwang.engine.demand.models import MODELS, Model, simple_fit
from shouwang.engine.demand.past import DAY_H, Past
from shouwang.engine.demand.where import MEMORIES, Counts, member_shares, shares
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.terms import AnyArray, FloatArray

BLOCKS = 12
BLOCK_H = 14 * DAY_H
SETTINGS = {
    "objective": "poisson", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 100, "lambda_l2": 10.0,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "seed": 1, "verbose": -1,
}  # fmt: skip
ROUNDS = 120


@dataclass(frozen=True)
class Boosted:
    """Trees (LightGBM: Ke et al. 2017) on what the members of the default see of a cell, trained on the calls of the
    blocks of 14 days that followed; hours and level as in the plain models."""

    zone_m: float = 2000.0
    name: str = "boosted"

    def fit(self, past: Past) -> Fit:
        lightgbm = _lightgbm()
        edges = fold_edges(past)
        # What is tried out on the folds before the origin must not have been trained on them.
        tried, last = (_trained(lightgbm, past.before(edge)) for edge in (edges[0], edges[-1]))
        cells = past.ground.size

        def place(known: Past) -> FloatArray:
            trees = last if known.origin_h == edges[-1] else tried
            seen = _seen(known, [known.origin_h])[0]
            said = np.ones(cells) if trees is None else np.asarray(trees.predict(seen), float)
            return shares(said + 1e-9 / cells)

        return simple_fit(self.name, past, place, self.zone_m, {"trees": ROUNDS, "zone_m": self.zone_m})


CHOICES: dict[str, Model] = {**MODELS, Boosted().name: Boosted()}
"""`MODELS`, and the one that needs a package more."""


def _lightgbm() -> Any:
    try:
        return import_module("lightgbm")
    except ImportError as error:
        remedy = "Install it: pip install 'shouwang[boosting]'."
        raise BadInput([Fault("model", "the package lightgbm is not installed", "boosted", remedy)]) from error


def _trained(lightgbm: Any, past: Past) -> Any:
    """Trees from blocks before the origin of `past`; None without a call."""
    blocks = min(BLOCKS, past.span_h // 2 // BLOCK_H)
    starts = [past.origin_h - BLOCK_H * back for back in range(blocks, 0, -1)]
    parts = [past.between(start, start + BLOCK_H) for start in starts]
    if not sum(part.stop - part.start for part in parts):
        return None
    seen = np.concatenate(_seen(past, starts))
    came = np.concatenate([np.bincount(past.cell[part], minlength=past.ground.size) for part in parts])
    return lightgbm.train(SETTINGS, lightgbm.Dataset(seen, came), ROUNDS)


def _seen(past: Past, at_h: Sequence[int]) -> list[AnyArray]:
    """Per moment (cells, members): shares of the cells as the members of the default then knew them, times cells."""
    counts, tables = Counts(past, sorted({memory.half_life_d for memory in MEMORIES})), []
    for hour in at_h:
        counts.advance(hour)
        tables.append(member_shares(counts, MEMORIES).T * past.ground.size)
    return tables
