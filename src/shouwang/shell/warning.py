"""`shouwang warning`: public warnings of other offices, read and verified."""

from __future__ import annotations

from pathlib import Path

import click

from shouwang.shell._io import emit_json
from shouwang.tables import cap


@click.group()
def warning() -> None:
    """Read public warnings (CAP 1.2)."""


@warning.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="PEM of the sender: the signature has to hold by it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(file: Path, certificate: Path | None, as_json: bool) -> None:
    """Say what FILE warns of, or everything that is wrong with it."""
    data = file.read_bytes()
    alert = cap.verify(data, certificate.read_bytes()) if certificate else cap.read(data)
    if as_json:
        emit_json({"verified": certificate is not None, **cap.plain(alert)})
        return
    click.echo(f"{alert.identifier} ({alert.sender}, {alert.sent.isoformat()}): {alert.status}, {alert.msg_type}")
    for info in alert.infos:
        until = info.expires.isoformat() if info.expires else "—"
        click.echo(f"[{info.language}] {info.event}: {info.headline}\n"
                   f"  {info.urgency}, {info.severity}, {info.certainty}; until {until}; "
                   f"{', '.join(a.desc for a in info.areas)}")
    click.echo("The signature holds." if certificate else "The signature was not asked about (--certificate).")
