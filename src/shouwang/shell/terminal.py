"""`shouwang terminal`: plays a vehicle terminal against a centre."""
from __future__ import annotations

import asyncio
import sys

import click

from shouwang.engine.errors import BadInput, Fault
from shouwang.wire.jt808.terminal import Terminal, fix_at

from ._io import emit_json, parse_point

EXIT_NO_ANSWER = 3
RESULTS = {0: "done", 1: "refused", 2: "wrong", 3: "known with another device", 4: "not registered"}


@click.command()
@click.option("--number", required=True, help="The terminal's number, as an administrator registered it.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="The centre's --jt808 port.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--edition", type=click.Choice(["2013", "2019"]), default="2013", show_default=True)
@click.option("--device", default="SHOUWAN", show_default=True, help="The mark printed on the device.")
@click.option("--from", "start", required=True, metavar="LON,LAT", help="Where it begins.")
@click.option("--to", "goal", metavar="LON,LAT", help="Where it ends.  [default: it stays]")
@click.option("--count", type=click.IntRange(1), default=10, show_default=True, help="Positions to report.")
@click.option("--every", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between them.")
@click.option("--panic", is_flag=True, help="The last one is a cry for help.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def terminal(number: str, port: int, host: str, edition: str, device: str, start: str, goal: str | None, count: int,
             every: float, panic: bool, as_json: bool) -> None:
    """Register and sign in as a vehicle terminal (JT/T 808), report positions on a straight line, print what the centre
    sends. For trials: a centre takes its positions like those of any other."""
    if not (number.isdigit() and len(number) <= 20):
        raise BadInput([Fault("--number", "this is no number of up to 20 digits", number, "Give its digits.")])
    a, b = parse_point("--from", start), parse_point("--to", goal or start)
    steps = [n / max(1, count - 1) for n in range(count)]
    points = [(a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s) for s in steps]
    played = Terminal(number, edition=int(edition), device=device)
    try:
        told = asyncio.run(_play(played, host, port, points, every, panic))
    except OSError as error:
        click.echo(f"{host}:{port}: {error}", err=True)
        sys.exit(EXIT_NO_ANSWER)
    if as_json:
        emit_json(told)
    else:
        click.echo(f"registration: {told['registration']}; sign-in: {told['sign_in']}; "
                   f"{told['acknowledged']} of {count} positions acknowledged")
        for words in played.texts:
            click.echo(f"screen: {words}")
    if told["sign_in"] != "done":
        sys.exit(EXIT_NO_ANSWER)


async def _play(played: Terminal, host: str, port: int, points: list[tuple[float, float]], every_s: float,
                panic: bool) -> dict[str, object]:
    await played.connect(host, port)
    try:
        registration = await played.register()
        signed_in = await played.sign_in()
        acknowledged = 0
        for n, (lon, lat) in enumerate(points if signed_in == 0 else []):
            await asyncio.sleep(every_s if n else 0)
            acknowledged += await played.report(fix_at(lon, lat, emergency=panic and n == len(points) - 1)) == 0
    finally:
        await played.close()
    return {"registration": RESULTS[registration], "sign_in": RESULTS[signed_in],
            "acknowledged": acknowledged, "texts": played.texts}
