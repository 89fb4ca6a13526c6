"""`shouwang import`: files into a centre's database, checked whole first, all rows or none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from shouwang.engine.errors import BadInput, Fault

from ._io import emit_json
from .centre import DATA, open_centre

KINDS = ("areas", "streets", "calls", "units", "exits", "terminals", "sites", "hazards")
EXIT_BAD_INPUT = 2


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path))
@DATA
@click.option("--dry-run", is_flag=True, help="Check the file and write nothing.")
@click.option("--name", default="", help="Name to keep it under (calls, streets).")
@click.option("--source", default="", help="Where it comes from (calls, streets).")
@click.option("--licence", default="", help="Its licence (calls, streets).")
@click.option("--exclude", default="", help="Kinds of calls that patrols find by themselves, split by commas.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def imports(kind: str, file: Path, data: Path, dry_run: bool, as_json: bool, **options: str) -> None:
    """Read FILE into the centre's database: areas (GeoJSON), streets (OSM PBF, or a folder with
    nodes.parquet and edges.parquet), calls (CSV, Parquet), units, exits, terminals, sites, hazards (CSV, Parquet).

    The whole file is checked first. Every bad row is named with file, row, column and remedy (exit 2), and
    nothing is written then."""
    if not file.exists():
        raise BadInput([Fault(str(file), "the file does not exist", None, "Check its name.")])
    open_centre(data)
    from django.utils import timezone, translation

    from shouwang.desk.log.actor import system
    from shouwang.desk.places.actions import import_file

    with translation.override("en"):
        given = {key: value for key, value in options.items() if value}
        report = import_file(
            actor=system("import"), now=timezone.now(), kind=kind, path=file, dry_run=dry_run, options=given
        )
    if as_json:
        emit_json(report.plain())
    else:
        _print(report)
    for fault in report.faults:
        click.echo(str(fault), err=True)
    if report.more_faults:
        click.echo(f"… and {report.more_faults} more faults.", err=True)
    if report.faults:
        sys.exit(EXIT_BAD_INPUT)


def _print(report: Any) -> None:
    for what, count in report.counts.items():
        click.echo(f"{count:>9,}  {what}")
    for remark in report.remarks:
        click.echo(f"           {remark}")
    if not report.faults:
        click.echo("Taken in." if report.done else "Sound. Nothing was written (--dry-run).")
