"""`shouwang disclose`: what may be published of a table of counts, or of places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.disclose.noise import half_width, noisy
from shouwang.engine.disclose.points import LEAST_ADDRESSES, Moved, to_map_points, to_midpoints
from shouwang.engine.disclose.suppress import SMALL, suppress
from shouwang.engine.disclose.tables import Table
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.shell._io import emit_json, say
from shouwang.tables.disclose import read_record, read_table, write_csv, write_public, write_record
from shouwang.tables.history import read_calls
from shouwang.tables.places import numbers, read_rows
from shouwang.tables.streets import read_streets

_FILE = click.Path(path_type=Path)
FAR_M = 1000.0
FAR_AWAY = "A case was moved by more than 1 km: do these streets or map points belong to the same place as the cases?"


@click.command()
@click.argument("table", type=_FILE)
@click.option("--out", required=True, type=_FILE, help="CSV for everybody: hidden figures are blank, totals are *.")
@click.option("--small", type=click.IntRange(min=2), default=SMALL, show_default=True,
              help="Counts from 1 up to this are hidden; zero is shown.")
@click.option("--earlier", "earlier_files", multiple=True, type=_FILE,
              help="Records of earlier releases of the same cases, oldest first.")
@click.option("--record", "record_file", type=_FILE,
              help="Write what was hidden, for --earlier next time. Not for publication.")
@click.option("--noise", "epsilon", type=float, metavar="EPSILON",
              help="Add noise instead of hiding, with this privacy loss for one case.")
@click.option("--map-points", "map_file", type=_FILE, help="TABLE holds calls: move them to these points (lon, lat).")
@click.option("--addresses", "address_file", type=_FILE, help="Addresses (lon, lat), with --map-points.")
@click.option("--streets", "prefix", type=_FILE, metavar="PREFIX",
              help="TABLE holds calls: move them to the middle of their street.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def disclose(
    table: Path, out: Path, small: int, earlier_files: tuple[Path, ...], record_file: Path | None,
    epsilon: float | None, map_file: Path | None, address_file: Path | None, prefix: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a table fit to be published: no small count can be worked out from it, also not with earlier releases.

    TABLE: area, count, and if told apart kind and group (what the area belongs to). Totals are added. With --map-points
    or --streets TABLE holds calls (time, lon, lat, category); written are month, category and the shared place.
    Exit code 3: earlier releases already give a small count away.
    """
    _check(map_file, address_file, prefix, epsilon, earlier_files, record_file)
    if map_file or prefix:
        document = _move(table, out, map_file, address_file, prefix)
    elif epsilon is not None:
        document = _blur(read_table(table), out, epsilon)
    else:
        release = suppress(read_table(table), [read_record(file) for file in earlier_files], small)
        write_public(out, release)
        if record_file:
            write_record(record_file, release)
            say(f"{record_file} holds hidden counts: keep it where only those who make releases can read it.")
        hidden = int((~release.shown).sum())
        needed = int((~release.shown & (release.table.values <= small)).sum())
        document = {
            "figures": len(release.shown), "shown": len(release.shown) - hidden, "hidden_small": needed,
            "hidden_with_them": hidden - needed, "small": small, "earlier": len(earlier_files), "out": str(out),
        }  # fmt: skip
    if as_json:
        emit_json(document)
    else:
        click.echo("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in document.items()))


def _check(
    map_file: Path | None, address_file: Path | None, prefix: Path | None, epsilon: float | None,
    earlier: tuple[Path, ...], record: Path | None,
) -> None:  # fmt: skip
    faults = Faults()
    if map_file and prefix:
        faults.add("--streets", "points go to map points or to streets, not both", str(prefix), "Leave one out.")
    if bool(map_file) != bool(address_file):
        faults.add("--addresses", "map points need addresses, and addresses map points", None, "Give both or none.")
    if epsilon is not None or map_file or prefix:
        for option, value in (("--earlier", earlier), ("--record", record)):
            if value:
                faults.add(option, "the option belongs to tables with hidden counts", str(value), "Leave it out.")
    if epsilon is not None and (map_file or prefix):
        faults.add("--noise", "noise is for tables of counts", epsilon, "Leave it out.")
    faults.raise_if_any()


def _blur(table: Table, out: Path, epsilon: float) -> dict[str, Any]:
    """No seed is taken: whoever knows it could take the noise off again."""
    shaken = noisy(table.counts, epsilon, np.random.default_rng())
    figures = zip(table.keys, np.asarray(table.sums @ shaken.ravel()).astype(int).tolist(), strict=True)
    write_public(out, figures)
    return {
        "figures": len(table.keys), "privacy_loss": epsilon, "cells_within": half_width(epsilon), "level": 0.95,
        "note": "One case changes the chance of any outcome by at most e^loss. Every further release of the same cases "
        "adds its loss. Totals are sums of the noisy cells.", "out": str(out),
    }  # fmt: skip


def _move(
    table: Path, out: Path, map_file: Path | None, address_file: Path | None, prefix: Path | None
) -> dict[str, Any]:
    calls = read_calls(table)
    lon, lat = calls["lon"].to_numpy(), calls["lat"].to_numpy()
    moved: Moved
    if prefix:
        moved = to_midpoints(read_streets(prefix), lon, lat)
    else:
        assert map_file is not None
        assert address_file is not None
        moved = to_map_points(lon, lat, *_lonlat(map_file), *_lonlat(address_file))
    months = [str(moment)[:7] for moment in calls["time"].to_pylist()]
    places = zip(np.round(moved.lon, 6).tolist(), np.round(moved.lat, 6).tolist(), strict=True)
    # By month, kind and place: the order of the file would tell which case came first.
    lines = sorted(
        (month, kind, *place) for month, kind, place in zip(months, calls["category"].to_pylist(), places, strict=True)
    )
    write_csv(out, ("month", "category", "lon", "lat"), lines)
    most_m = float(moved.moved_m.max())
    return {
        "cases": len(lines), "places": moved.places, "moved_m_median": float(np.median(moved.moved_m)),
        "moved_m_most": most_m, "least_addresses": None if prefix else LEAST_ADDRESSES,
        "out": str(out), **({"warning": FAR_AWAY} if most_m > FAR_M else {}),
    }  # fmt: skip


def _lonlat(file: Path) -> tuple[np.ndarray, np.ndarray]:
    rows, faults = read_rows(file), Faults(keep=200)
    for column in ("lon", "lat"):
        if not rows.has(column):
            raise BadInput([Fault(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")])
    lon, lat = numbers(faults, rows, "lon"), numbers(faults, rows, "lat")
    faults.raise_if_any()
    return lon, lat
