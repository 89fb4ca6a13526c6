"""`shouwang deploy beats`: districts in one piece, with balanced work."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.deploy.beats import Beats, Ground, adjoining, divide, in_one_piece
from shouwang.engine.errors import Faults
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import NoStop, TimeLimit
from shouwang.engine.terms import IntArray
from shouwang.shell._io import emit_json, say, streets_option
from shouwang.tables.places import Rows, numbers, read_rows, spots, unique_texts
from shouwang.tables.streets import read_streets

_FILE = click.Path(path_type=Path)


@click.command()
@streets_option
@click.option("--cells", "cells_file", type=_FILE, required=True,
              help="CSV or Parquet: cell (a name), node or lon,lat, work (calls, or hours of them); optional beat, the "
                   "one it is in today.")
@click.option("--count", type=int, help="How many beats; left out, as many as there are today or as --posts.")
@click.option("--posts", "posts_text", help="Cells in which the posts are, one per beat, separated by commas.")
@click.option("--neighbours", "pairs_file", type=_FILE,
              help="CSV: a, b (cells side by side). Left out, cells adjoin where a street joins them.")
@click.option("--tolerance", type=float, default=0.1, show_default=True,
              help="Share by which a beat's work may differ from the mean.")
@click.option("--price", type=float, default=0.0, show_default=True,
              help="Work × seconds of driving that a cell has to save to leave its beat of today.")
@click.option("--limit-s", type=click.FloatRange(min=0), help="Stop after so many seconds with the best so far.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the search.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def beats(
    prefix: Path, cells_file: Path, count: int | None, posts_text: str | None, pairs_file: Path | None,
    tolerance: float, price: float, limit_s: float | None, seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Divide cells into beats: each in one piece, work balanced, drives short, today's borders kept where they do well.

    objective is work × seconds from each beat's seat, plus --price for each cell moved; bound is what no division
    as balanced is below, in pieces or not. balance is the largest share by which a beat differs from the mean.
    """
    began = time.perf_counter()
    question = _read(prefix, cells_file, pairs_file, count, posts_text)
    stop = NoStop() if limit_s is None else TimeLimit(limit_s)
    rng = np.random.default_rng(seed)
    found = divide(
        question.ground, question.count, posts=question.posts, tolerance=tolerance, price=price, stop=stop, rng=rng
    )
    document = _document(question, found, time.perf_counter() - began)
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


@dataclass(frozen=True, slots=True)
class _Question:
    """cells, beats: their names; posts: per beat the number of a cell."""

    ground: Ground
    cells: list[str]
    beats: list[str]
    posts: IntArray | None

    @property
    def count(self) -> int:
        return len(self.beats)


def _read(
    prefix: Path, cells_file: Path, pairs_file: Path | None, count: int | None, posts_text: str | None
) -> _Question:
    streets, rows = read_streets(prefix), read_rows(cells_file)
    pairs = None if pairs_file is None else read_rows(pairs_file)
    faults = Faults(keep=200)
    cells = unique_texts(faults, rows, "cell")
    if not len(rows):
        faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    if not rows.has("work"):
        faults.add(f"{rows.file}, column work", "the column is missing", None, "Add it.")
        faults.raise_if_any()
    work, at = numbers(faults, rows, "work", least=0.0), spots(faults, rows, streets)
    number = {cell: i for i, cell in enumerate(cells)}
    posts = None if posts_text is None else _named(faults, "--posts", posts_text.split(","), number)
    names, today = _today(rows)
    wanted = [n for n in (None if posts is None else len(posts), count, len(names) or None) if n is not None]
    if len(set(wanted)) > 1:
        remedy = "Make them agree, or leave --count out."
        faults.add("--count", "--count, --posts and the beats of today are not as many", wanted, remedy)
    elif not wanted:
        faults.add("--count", "the option is missing", None, "Say how many beats.")
    joined = None if pairs is None else _pairs(faults, pairs, number)
    faults.raise_if_any()
    say("Measuring travel times by road.")
    travel = Travel(streets)
    neighbours = adjoining(travel, at) if joined is None else joined
    ground = Ground(neighbours, work, travel.matrix(at, at), today if names else None)
    return _Question(ground, cells, names or [str(b) for b in range(max(wanted[0], 0))], posts)


def _today(rows: Rows) -> tuple[list[str], IntArray]:
    """The beats there are, in order of name, and the number of each cell's (-1: none)."""
    if not rows.has("beat"):
        return [], np.full(len(rows), -1)
    texts = [str(rows.columns["beat"][i]).strip() if rows.filled("beat", i) else "" for i in range(len(rows))]
    names = sorted(set(texts) - {""})
    place = {name: i for i, name in enumerate(names)}
    return names, np.array([place.get(text, -1) for text in texts], np.int64)


def _named(faults: Faults, option: str, names: list[str], number: dict[str, int]) -> IntArray:
    for name in names:
        if name.strip() not in number:
            faults.add(option, "there is no such cell", name.strip(), "Name a cell of the table.")
    return np.array([number.get(name.strip(), 0) for name in names], np.int64)


def _pairs(faults: Faults, rows: Rows, number: dict[str, int]) -> IntArray:
    for column in ("a", "b"):
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
    if not (rows.has("a") and rows.has("b")):
        return np.zeros((0, 2), np.int64)
    for i in range(len(rows)):
        for column in ("a", "b"):
            if str(rows.columns[column][i]).strip() not in number:
                value = rows.columns[column][i]
                faults.add(rows.where(i, column), "there is no such cell", value, "Name a cell of the table.")
    ends = [[number.get(str(name).strip(), 0) for name in rows.columns[column]] for column in ("a", "b")]
    return np.array(ends, np.int64).T.reshape(-1, 2)


def _document(question: _Question, found: Beats, seconds: float) -> dict[str, Any]:
    certificate, cells = found.certificate, question.cells
    whole = in_one_piece(question.ground.neighbours, found.beat, question.count)
    return {
        "objective": certificate.objective,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "status": certificate.status,
        "balance": found.imbalance,
        "balanced": found.balanced,
        "contiguous": bool(whole.all()),
        "mean_drive_s": found.mean_drive_s,
        "moved": found.moved,
        "beats": [
            {"beat": name, "seat": cells[seat], "work": float(work), "cells": int((found.beat == b).sum())}
            for b, (name, seat, work) in enumerate(zip(question.beats, found.seat, found.work, strict=True))
        ],
        "cells": {cell: question.beats[b] for cell, b in zip(cells, found.beat, strict=True)},
        "seconds": round(seconds, 4),
    }


def _as_text(document: dict[str, Any]) -> str:
    balance = "balanced" if document["balanced"] else "not balanced: cells are too coarse, or time was short"
    lines = [
        f"objective {document['objective']:.6g}, bound {document['bound']:.6g}, gap {document['gap']:.1%}: "
        f"{document['status']}",
        f"mean drive {document['mean_drive_s']:.0f} s, largest difference from the mean {document['balance']:.1%} "
        f"({balance}), {document['moved']} cells moved",
    ]
    for b in document["beats"]:
        lines.append(f"{b['beat']:<12} work {b['work']:>10.1f}  cells {b['cells']:>4}  seat {b['seat']}")
    return "\n".join(lines)
