"""`shouwang panel`: registers alarm panels at a centre's sites, and plays one for trials."""
from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TextIO

import click

from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.live.panels import read_key

from ._io import emit_json
from .centre import DATA, open_centre

EXIT_NO_ANSWER = 3
KEY_FILE = click.option("--key-file", type=click.File(), metavar="FILE", help=(
    "Its key: 32, 48 or 64 hexadecimal digits, or text: and 16, 24 or 32 characters; - for stdin.  [default: none, in "
    "the clear]"))


@click.group()
def panel() -> None:
    """Alarm panels (SIA DC-09) of sites."""


@panel.command()
@DATA
@click.option("--site", required=True, metavar="CODE", help="Code of the site, as on its page.")
@click.option("--account", required=True, help="As set in the panel: 3 to 16 hexadecimal digits.")
@KEY_FILE
@click.option("--supervise", type=int, default=90, show_default=True, help="It sends at least every so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def register(data: Path, site: str, account: str, key_file: TextIO | None, supervise: int, as_json: bool) -> None:
    """Register a panel at a site, or change the one with this account; without --key-file a kept key stays."""
    key = None if key_file is None else key_file.read().strip()
    open_centre(data)
    from django.utils import timezone, translation

    from shouwang.desk.alarms import panels
    from shouwang.desk.alarms.models import Panel
    from shouwang.desk.log.actor import system
    from shouwang.desk.log.errors import Refused
    from shouwang.desk.log.ids import new_id
    from shouwang.desk.sites import facts as sites

    place = sites.by_code(site)
    if place is None:
        raise BadInput([Fault("--site", "there is no such site", site, "Enter it first: shouwang import sites FILE.")])
    known = Panel.objects.filter(account=account.strip().upper()).first()
    with translation.override("en"):
        try:
            row = panels.save_panel(
                actor=system("panels"), now=timezone.now(), id=known.id if known else new_id(), site_id=place.id,
                given=panels.PanelGiven(account, supervise, key), version=known.version if known else None)
        except Refused as error:
            option = {"supervise_s": "--supervise", "key": "--key-file"}.get(error.field, f"--{error.field or 'site'}")
            value = {"account": account, "supervise_s": supervise, "key": None}.get(error.field, site)
            raise BadInput([Fault(option, "this cannot be registered", value, str(error.message))]) from None
    told = {"account": row.account, "site": place.code, "encrypted": bool(row.key), "supervise_s": row.supervise_s,
            "new": known is None}
    if as_json:
        emit_json(told)
    else:
        click.echo(f"{row.account} at {place.name}, {'encrypted' if row.key else 'in the clear'}: "
                   f"{'registered' if known is None else 'changed'}.")


@panel.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="The centre's --dc09 port.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--account", required=True, help="As registered.")
@KEY_FILE
@click.option("--code", default="BA", show_default=True, help="What it reports (SIA DC-03): BA intrusion, PA panic, FA "
              "fire, RP a test, …")
@click.option("--zone", type=click.IntRange(0, 999), default=1, show_default=True)
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How often.")
@click.option("--every", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between them.")
@click.option("--udp", is_flag=True, help="Over UDP.  [default: TCP]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def play(port: int, host: str, account: str, key_file: TextIO | None, code: str, zone: int, count: int, every: float,
         udp: bool, as_json: bool) -> None:
    """Play an alarm panel against a centre and print how each message was answered. For trials: the centre takes its
    alarms like those of any other."""
    try:
        key = read_key(key_file.read()) if key_file else b""
    except ValueError:
        remedy = "Give 32, 48 or 64 hexadecimal digits, or text: and 16, 24 or 32 characters."
        raise BadInput([Fault("--key-file", "this is no key", None, remedy)]) from None
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise BadInput([Fault("--code", "this is no code of two letters", code, "Give one such as BA.")])
    try:
        answers = asyncio.run(_play(host, port, account, key, code.upper(), zone, count, every, udp))
    except OSError as error:
        click.echo(f"{host}:{port}: {error}", err=True)
        sys.exit(EXIT_NO_ANSWER)
    if as_json:
        emit_json({"account": account, "code": code.upper(), "zone": zone, "answers": answers})
    else:
        click.echo("\n".join(answers))
    if set(answers) != {"ACK"}:
        sys.exit(EXIT_NO_ANSWER)


async def _play(host: str, port: int, account: str, key: bytes, code: str, zone: int, count: int, every_s: float,
                udp: bool) -> list[str]:
    from shouwang.wire.dc09.panel import DatagramPanel, Panel  # the parser's tables take a while to load
    played = (DatagramPanel if udp else Panel)(account, key)
    await played.connect(host, port)
    try:
        answers = []
        for n in range(count):
            await asyncio.sleep(every_s if n else 0)
            answers.append(await played.report(code, zone))
        return answers
    finally:
        await played.close()
