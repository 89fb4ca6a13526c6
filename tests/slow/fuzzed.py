"""`python fuzzed.py PARSER SECONDS`: gives a parser of what strangers send whatever it can think of. By atheris, guided
by coverage, where it is installed; else by bytes changed at random. Ends with 1 and the input at a crash or hang."""
from __future__ import annotations

import base64
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
os.environ.setdefault("SHOUWANG_DATA", tempfile.mkdtemp())
HANG_S = 20  # for one input; a machine that is busy is no hang

with atheris.instrument_imports(include=["shouwang", "pysiaalarm"]) if atheris else nullcontext():
    from shouwang.desk.exchange import reading
    from shouwang.desk.log import signing
    from shouwang.engine.errors import BadInput
    from shouwang.tables import cap
    from shouwang.wire.dc09 import codec as dc09
    from shouwang.wire.jt808 import codec as jt808

ACCOUNTS = dc09.Accounts([dc09.Account("1234"), dc09.Account("ABCD", bytes(range(16)))])


def hear_terminal(data: bytes) -> None:
    """Raw, and with a right checksum, so that what lies behind it is reached."""
    for stream in (data, b"\x7e" + jt808.escape(data + bytes([jt808.checksum(data)])) + b"\x7e"):
        for piece in jt808.Splitter().feed(stream):
            try:
                frame = jt808.decode(piece)
            except jt808.Broken:
                continue
            for look in (jt808.read_fix, jt808.read_batch, jt808.read_answer):
                with suppress(jt808.Broken):
                    look(frame.body)
            for look_at in (jt808.read_device, jt808.read_code):
                with suppress(jt808.Broken):
                    look_at(frame)


def hear_panel(data: bytes) -> None:
    body = data.decode("latin-1")
    for stream in (data + b"\r", dc09.framed(body) if body.isascii() else b""):
        for piece in dc09.Splitter().feed(stream):
            with suppress(dc09.Broken):
                dc09.decode(piece, ACCOUNTS)


def hear_centre(data: bytes) -> None:
    try:
        reading.read(data)
    except BadInput as error:
        str(error).encode()
    for token in (data, base64.urlsafe_b64encode(data).rstrip(b"=") + b".e30.AA"):
        with suppress(signing.BadSignature):
            signing.header_of(token)


def hear_office(data: bytes) -> None:
    """A warning of another office. What can be read can be told and written, and is read again as the same."""
    with suppress(BadInput):
        alert = cap.read(data)
        cap.plain(alert)
        assert cap.read(cap.write(alert)) == cap.read(cap.write(cap.read(cap.write(alert))))


FIX = jt808.Fix(False, True, 104.07, 30.67, 500, 12.0, 90.0, 1_700_000_000_000)
CORNERS = ((38.6, -90.2), (38.7, -90.2), (38.7, -90.1), (38.6, -90.2))
AREA = cap.Area("Market St", (CORNERS,), ((38.6, -90.2, 1.5),), (("area", "510100"),))
INFO = cap.Info("gas leak", "Immediate", "Severe", "Observed", ("Safety", "Fire"), "zh-CN", ("Evacuate",),
                expires=datetime(2026, 5, 23, 20, tzinfo=UTC), headline="煤气泄漏",
                codes=(("GB", "11B07"),), areas=(AREA,))
WARNING = cap.write(cap.Alert(
    "51010041600001_20260523170000_1", "centre@example.org", datetime(2026, 5, 23, 17, tzinfo=UTC), "Exercise",
    "Update",
    references=(("centre@example.org", "51010041600001_20260523164900_1", datetime(2026, 5, 23, 16, tzinfo=UTC)),),
    infos=(INFO,)))
PARSERS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "jt808": (hear_terminal, [
        b"\x02\x00\x00\x1c\x01\x39\x12\x34\x56\x78\x00\x01" + jt808.position(FIX), b"\x00\x02\x00\x00" + bytes(8),
        b"\x07\x04\x40\x40\x01" + bytes(12) + jt808.batch([jt808.position(FIX)] * 2)]),
    "dc09": (hear_panel, [
        b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA01]_20:15:30,11-28-2026', b'"*SIA-DCS"0002L0#ABCD[' + b"0A" * 32,
        b'"ADM-CID"0003R1L0#1234[#1234|1130 01 015]', b'"NULL"0000L0#1234[]']),
    "cap": (hear_office, [WARNING]),
    "eido": (hear_centre, [
        b'{"$id":"urn:emergency:uid:eido:01a222d4-445c-7e47-b9ba-84aa53c11385:e","eidoVersion":"1.0",'
        b'"lastUpdateTimeStamp":"2026-11-28T12:00:00Z","incidentComponent":{"incidentTypeInternalCode":"400101"},'
        b'"locationComponent":[{"locationDescriptionText":"x","locationByValue":'
        b'"srsName=\\"urn:ogc:def:crs:EPSG::4326\\"><gml:pos>38.6 -90.1</gml:pos>"}],"help:request":{"id":'
        b'"01a222d4-44de-7b9e-9533-7e738b002e79","side":"asking","number":1,"state":"sent",'
        b'"asked":[{"capability":"hazmat","count":2}],"words":"\\u0041"}}']),
}


def changed(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A few bytes altered, put in, taken out, doubled, or exchanged with another input's."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at, n = rng.randrange(len(out) + 1), rng.randint(0, 8)
        out[at:at + rng.choice((0, 0, n))] = rng.choice((
            rng.randbytes(n), bytes([rng.choice(b'{}[]":,\\|#"_/\x00\x7e\x7d\xff0<>&;')]),
            out[at:at + n] * rng.randint(0, 9), other[at:at + n]))
    return bytes(out[:reading.MOST_B])


def by_chance(parse: Callable[[bytes], None], seeds: list[bytes], seconds: float) -> int:
    rng, known, count, end = random.Random(7), list(seeds), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = changed(rng.choice(known), rng.choice(known), rng)
        signal.alarm(HANG_S)
        try:
            parse(data)
        except BaseException:
            print(f"input {data!r}", file=sys.stderr)
            raise
        count += 1
        if rng.random() < 0.001:
            known[len(seeds):] = [*known[len(seeds):], data][-200:]
    signal.alarm(0)
    return count


def main() -> None:
    name, seconds = sys.argv[1], float(sys.argv[2])
    parse, seeds = PARSERS[name]
    for seed in seeds:
        parse(seed)
    if atheris is None:
        print(f"{name}: {by_chance(parse, seeds, seconds)} inputs by chance")
        return
    corpus = Path(tempfile.mkdtemp())
    for n, seed in enumerate(seeds):
        (corpus / str(n)).write_bytes(seed)
    atheris.Setup([sys.argv[0], f"-max_total_time={max(1, int(seconds))}", f"-timeout={HANG_S}", "-max_len=4096",
                   "-verbosity=0", "-print_final_stats=1", str(corpus)], parse)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
