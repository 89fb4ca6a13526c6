"""`shouwang audit`: verifies and shows the log. `shouwang retention`: deletes what is due."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from shouwang.engine.errors import BadInput, Fault

from ._io import say
from .centre import DATA, open_centre

BROKEN = 1


@click.group()
def audit() -> None:
    """Verify the log against its checkpoints, or show it."""


@audit.command("verify")
@DATA
@click.option(
    "--outside",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A checkpoint file kept elsewhere.  [default: the one SHOUWANG_CHECKPOINTS names]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def verify_log(data: Path, outside: Path | None, as_json: bool) -> None:
    """Name the first altered, deleted, reordered or missing entry.

    Exit 0: the log is whole. 1: it is not. 2: it could not be read.
    """
    open_centre(data)
    from django.conf import settings

    from shouwang.desk.log.verify import verify

    roots = _read(outside or settings.CONFIG.checkpoints)
    started = time.monotonic()
    report = verify(roots, say=lambda n: say(f"{n} entries …"))
    seconds = time.monotonic() - started
    if as_json:
        click.echo(
            json.dumps(
                {
                    **asdict(report),
                    "intact": report.intact,
                    "unprotected": report.unprotected,
                    "seconds": round(seconds, 3),
                }
            )
        )
    else:
        click.echo(_in_words(report, seconds))
    if not report.intact:
        sys.exit(BROKEN)


@audit.command("show")
@DATA
@click.option("--last", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many entries.")
@click.option("--kind", default="", help="Entries whose kind begins so: call. or auth.failed")
@click.option("--subject", default="", help="Entries about this id.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def show(data: Path, last: int, kind: str, subject: str, as_json: bool) -> None:
    """Show the newest entries. Words stay sealed: read reasons on the audit page, where looking is logged."""
    open_centre(data)
    from django.utils import timezone

    from shouwang.desk.log.actor import system
    from shouwang.desk.log.audit import lines_of
    from shouwang.desk.log.models import Event
    from shouwang.desk.log.writing import writing

    with writing(actor=system("command-line"), now=timezone.now()) as log:
        log.append("audit.seen", subject=("log", "all"), payload={"kind": kind, "subject": subject})
    events = Event.objects.filter(kind__startswith=kind).order_by("-seq")
    if subject:
        events = events.filter(subject=subject)
    lines = lines_of(list(events[:last]), reasons=False)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "seq": e.seq,
                        "at": e.at.isoformat(),
                        "actor": e.actor,
                        "kind": e.kind,
                        "about": e.subject,
                        "area": e.area,
                        "details": e.details,
                    }
                    for e in lines
                ],
                ensure_ascii=False,
            )
        )
        return
    for e in reversed(lines):
        click.echo(f"{e.seq:>8}  {e.at:%Y-%m-%d %H:%M:%S}Z  {e.actor:<16}  {e.kind:<22}  {e.subject}  {e.details}")


@click.command()
@DATA
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def retention(data: Path, as_json: bool) -> None:
    """Delete what is due by the retention rules (the worker does the same every hour)."""
    open_centre(data)
    from django.utils import timezone

    from shouwang.desk.log.retention import delete_due

    done = delete_due(timezone.now())
    if as_json:
        click.echo(json.dumps(done))
    else:
        for name, count in done.items():
            click.echo(f"{name}: {count}")


def _read(path: Path | None) -> list[Any]:
    from shouwang.desk.log.sealing import read_roots

    if path is None:
        return []
    try:
        return list(read_roots(path))
    except OSError as error:
        raise BadInput(
            [
                Fault(
                    "--outside",
                    f"The checkpoint file cannot be read ({error.strerror})",
                    str(path),
                    "Name the file that the centre writes its checkpoints to.",
                )
            ]
        ) from None
    except ValueError as error:
        raise BadInput([Fault("--outside", str(error), None, "Name a checkpoint file of this centre.")]) from None


def _in_words(report: Any, seconds: float) -> str:
    read = f"{report.entries} of {report.head} entries read in {seconds:.1f} s, {report.checkpoints} checkpoints"
    protected = (
        f"Proven from outside up to entry {report.protected}; the {report.unprotected} after it are unprotected."
        if report.outside
        else "No checkpoint from outside: a rewrite of the whole database would not show."
    )
    if report.intact:
        return f"The log is whole. {read}.\n{protected}"
    b = report.broken
    where = f"entry {b.first}" if b.first == b.last else f"entries {b.first} to {b.last}"
    return f"THE LOG IS BROKEN: {b.what}, {where}: {b.detail}.\n{read}.\n{protected}"
