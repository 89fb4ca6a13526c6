"""`shouwang demo`: loads an example district into a centre's folder without starting it."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import click

from ._io import emit_json


@click.command()
@click.argument("name", default="stlouis")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the centre.  [default: data/NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: the demo accounts.")
def demo(name: str, data: Path | None, as_json: bool) -> None:
    """Load the example district NAME (stlouis, chengdu): areas, streets, posts, units, past calls, a
    forecast and plans. What stands is left as it is. Everything invented is marked as an example."""
    folder = (data or Path(os.environ.get("SHOUWANG_DATA", f"data/{name}"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SHOUWANG_DATA"] = str(folder)
    from .prepare import prepare

    accounts = prepare(name, live=False, demo=True)
    if as_json:
        emit_json({"district": name, "accounts": [dataclasses.asdict(a) for a in accounts]})
        return
    for account in accounts:
        click.echo(f"{account.username:<12}{account.password}  {account.zh} {account.en}")
