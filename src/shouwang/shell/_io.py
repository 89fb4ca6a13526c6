"""What the analysts' commands share: points on the command line, JSON on stdout, all else on stderr."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shouwang.engine.errors import BadInput, Fault

streets_option = click.option(
    "--streets", "prefix", required=True, type=click.Path(path_type=Path), metavar="PREFIX",
    help="Street network: PREFIX_nodes.parquet and PREFIX_edges.parquet, or a folder of the two.",
)  # fmt: skip


def parse_point(option: str, text: str) -> tuple[float, float]:
    """A point given as LON,LAT (or X,Y in metres). Raises `BadInput`."""
    try:
        across, up = (float(part) for part in text.split(","))
    except ValueError:
        across = up = math.nan
    if not (math.isfinite(across) and math.isfinite(up)):
        raise BadInput([Fault(option, "this is not a point", text, "Write LON,LAT, for example -90.2,38.6.")])
    return across, up


def emit_json(document: Mapping[str, Any]) -> None:
    """One JSON document on one line of stdout. Numbers that JSON cannot hold become null."""
    click.echo(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False))


def say(message: str) -> None:
    """Progress, on stderr."""
    click.echo(message, err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
