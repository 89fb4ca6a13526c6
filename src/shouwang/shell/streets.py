"""`shouwang streets import`: a street network from an extract or from centre-lines."""

from __future__ import annotations

from pathlib import Path

import click

from shouwang.engine.errors import BadInput, Fault
from shouwang.shell._io import emit_json
from shouwang.tables.centrelines import SUFFIXES, read_centrelines
from shouwang.tables.gathered import Import
from shouwang.tables.osm import read_osm
from shouwang.tables.osm_tags import PROFILES, Profile
from shouwang.tables.streets import read_streets, street_files, write_streets


@click.group()
def streets() -> None:
    """Make street networks for the other commands."""


@streets.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    "prefix",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PREFIX",
    help="Written: PREFIX_nodes.parquet and PREFIX_edges.parquet, or the two in a folder.",
)
@click.option("--profile", default="drive", show_default=True, type=click.Choice(list(PROFILES)), help="Who travels.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def import_streets(file: Path, prefix: Path, profile: str, as_json: bool) -> None:
    """Read FILE: an OpenStreetMap extract (.pbf, .osm), centre-lines (.geojson, .shp, .zip), or a network as written
    here (its PREFIX or folder).

    The report says what was kept, left out or assumed. The largest connected part is kept.
    """
    found = _read(file, PROFILES[profile])
    try:
        prefix.parent.mkdir(parents=True, exist_ok=True)
        written = write_streets(found.streets, prefix)
    except OSError as error:
        fault = Fault(
            "--out", "the network cannot be written there", str(prefix), "Choose a place that can be written."
        )
        raise BadInput([fault]) from error
    if as_json:
        emit_json({"profile": profile, "report": found.report, "files": [str(path) for path in written]})
        return
    for what, count in found.report.items():
        click.echo(f"{count:>9,}  {what}")
    click.echo(f"Written: {', '.join(path.name for path in written)}")


def _read(file: Path, profile: Profile) -> Import:
    if all(path.exists() for path in street_files(file)):
        network = read_streets(file)
        return Import(network, {"nodes kept": network.node_count, "edges kept": network.edge_count})
    if not file.is_file():
        raise BadInput([Fault(str(file), "the file does not exist", None, "Check its name.")])
    return read_centrelines(file, profile) if file.suffix.lower() in SUFFIXES else read_osm(file, profile)
