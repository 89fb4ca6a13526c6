"""`shouwang count`: calls counted by square and hour, here or on a Spark cluster, for forecasts of many calls."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click

from shouwang.engine.errors import BadInput, Fault
from shouwang.shell._io import emit_json


@click.command()
@click.argument("calls", nargs=-1, required=True)
@click.option("--cell-m", type=click.FloatRange(min=10), default=200.0, show_default=True,
              help="Width of square cells.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write.")
@click.option("--spark", "address", help="Address of a Spark cluster, as spark://host:7077, sc://host or local[2]; "
              "default: counted here.")
@click.option("--memory", default="5GB", show_default=True, help="What counting here may hold; more goes to the disk.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def count(
    calls: tuple[str, ...], cell_m: float, out: Path, address: str | None, memory: str, as_json: bool
) -> None:  # fmt: skip
    """Count CALLS (files or patterns, Parquet or CSV: time, lon, lat, category) by square, hour, kind and source.

    `shouwang forecast` and `shouwang backtest` take the folder in place of the calls and give the same for squares of
    this width. With --spark, files and folder are named as the cluster sees them. For --found, other cells and other
    widths take the calls themselves.
    """
    from shouwang.tables.counting import count as counted  # a second: only this command waits for it
    from shouwang.tables.counting_on import Here, Spark

    began = time.perf_counter()
    place = Spark(address) if address else Here(memory=memory)
    try:
        out.mkdir(parents=True, exist_ok=True)
        about = counted(place, calls, cell_m, out)
    except OSError as error:
        what, remedy = "the folder cannot be written", "Choose one that may be written to."
        raise BadInput([Fault("--out", what, str(out), remedy)]) from error
    finally:
        place.close()
    report = asdict(about) | {"by": place.name, "out": str(out), "seconds": round(time.perf_counter() - began, 3)}
    if as_json:
        emit_json(report)
        return
    click.echo(f"{about.calls} calls counted into {about.rows} rows of squares of {cell_m:g} m, hours, kinds and "
               f"sources ({place.name}, {report['seconds']:.1f} s).\nWritten to {out}.")  # fmt: skip
