"""JT/T 808 as bytes: frames, headers and the bodies this centre reads and writes. Pure: nothing waits or stores here.

Both editions (2013, 2019) are read from the frame itself: bit 14 of the properties is set in the 2019 edition only.
Sources are named in docs/methods/terminals.md.
"""
from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

ANSWER, HEARTBEAT, LEAVE, ASK_TIME = 0x0001, 0x0002, 0x0003, 0x0004
REGISTER, AUTHENTICATE, POSITION, BATCH = 0x0100, 0x0102, 0x0200, 0x0704
GENERAL, TIME, REGISTERED, TEXT = 0x8001, 0x8004, 0x8100, 0x8300
DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3  # results in a general answer
KNOWN_OTHERWISE, NO_TERMINAL = 3, 4  # results of a registration
FLAG = b"\x7e"
BODY_MAX_B = 1023
FRAME_MAX_B = 2 * (BODY_MAX_B + 21)  # every byte escaped, the longest header, the checksum
EMERGENCY = 1  # bit 0 of the alarm word
FIXED, SOUTH, WEST = 2, 4, 8  # bits of the status word
_EDITION_2019, _PARTED, _CIPHER = 0x4000, 0x2000, 0x1C00
_HEAD_2013, _HEAD_2019 = struct.Struct(">HH6sH"), struct.Struct(">HHB10sH")
_PLACE = struct.Struct(">IIIIHHH6s")
_BCD = [high * 10 + low if high < 10 and low < 10 else -1 for high in range(16) for low in range(16)]
_BEIJING = timedelta(hours=8)  # the standard's times are GMT+8 wherever the vehicle is


class Broken(ValueError):
    """A frame or body that cannot be read; its text is the word under which it is counted."""


class Frame(NamedTuple):
    """One message. `address`: its number as sent, to be sent back; `part`: (how many, which from 1) of a divided one;
    `edition`: 2013, or 2019."""

    message: int
    address: bytes
    serial: int
    body: bytes
    edition: int
    part: tuple[int, int] | None = None
    cipher: bool = False

    @property
    def number(self) -> str:
        """The terminal's number without leading zeros: the same in both editions."""
        return self.address.hex().lstrip("0")


class Fix(NamedTuple):
    """What 0x0200 tells. Degrees (WGS 84), m, m/s, degrees clockwise from north; `at_ms`: the device's own clock, ms
    since 1970, None where it is no time. `fixed`: whether the device knows where it is."""

    emergency: bool
    fixed: bool
    lon: float
    lat: float
    altitude_m: int
    speed_m_s: float
    course_deg: float
    at_ms: int | None


class Splitter:
    """Cuts a stream into frames, however its packets were cut. What stands between flags and is no frame is handed out
    like one: reading it fails, and it is counted."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        pieces = (self._rest + data).split(FLAG)
        rest = pieces.pop()
        if len(rest) > FRAME_MAX_B:  # longer than any frame: let it fail, and begin anew at the next flag
            pieces.append(rest[:FRAME_MAX_B])
            rest = b""
        self._rest = rest
        return [piece for piece in pieces if piece]


def checksum(data: bytes) -> int:
    """All bytes under exclusive or, by folding one long number in half again and again."""
    folded, half = int.from_bytes(data), 1 << max(0, len(data) - 1).bit_length()
    while half > 1:
        half >>= 1
        folded ^= folded >> (8 * half)
    return folded & 0xFF


def escape(data: bytes) -> bytes:
    return data.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02")


def unescape(data: bytes) -> bytes:
    if b"\x7d" not in data:
        return data
    if data.count(b"\x7d") != data.count(b"\x7d\x01") + data.count(b"\x7d\x02"):
        raise Broken("escape")
    return data.replace(b"\x7d\x02", FLAG).replace(b"\x7d\x01", b"\x7d")


def decode(piece: bytes) -> Frame:
    """The message between two flags. Broken names what is wrong: escape, checksum, header, length."""
    data = unescape(piece)
    if checksum(data):  # with its checksum a sound frame gives 0
        raise Broken("checksum")
    new = len(data) > 2 and bool(data[2] & (_EDITION_2019 >> 8))
    head = _HEAD_2019 if new else _HEAD_2013
    start = head.size
    if len(data) <= start:
        raise Broken("header")
    if new:
        message, props, _version, address, serial = head.unpack_from(data)
    else:
        message, props, address, serial = head.unpack_from(data)
    part = None
    if props & _PARTED:
        if len(data) < start + 5:
            raise Broken("header")
        part = (int.from_bytes(data[start:start + 2]), int.from_bytes(data[start + 2:start + 4]))
        start += 4
    body = data[start:-1]
    if len(body) != props & BODY_MAX_B:
        raise Broken("length")
    return Frame(message, address, serial, body, 2019 if new else 2013, part, bool(props & _CIPHER))


def encode(message: int, address: bytes, serial: int, body: bytes = b"", *,
           part: tuple[int, int] | None = None) -> bytes:
    """A message with its flags. The edition is that of `address`: 6 bytes for 2013, 10 for 2019."""
    if len(body) > BODY_MAX_B:
        raise ValueError(f"a body of {len(body)} bytes; divide what is longer than {BODY_MAX_B}")
    props = len(body) | (_PARTED if part else 0)
    if len(address) == 10:
        head = _HEAD_2019.pack(message, props | _EDITION_2019, 1, address, serial)
    else:
        head = _HEAD_2013.pack(message, props, address, serial)
    if part:
        head += struct.pack(">HH", *part)
    data = head + body
    return FLAG + escape(data + bytes((checksum(data),))) + FLAG


def address_of(number: str, edition: int = 2013) -> bytes:
    """A terminal's number as it stands in headers."""
    return bytes.fromhex(number.zfill(20 if edition == 2019 else 12))


# What terminals say

def read_fix(body: bytes) -> Fix:
    """0x0200. What follows the first 28 bytes, vendors' extras, is never looked at: it cannot break anything."""
    if len(body) < _PLACE.size:
        raise Broken("position")
    alarm, status, lat, lon, altitude, speed, course, at = _PLACE.unpack_from(body)
    return Fix(bool(alarm & EMERGENCY), bool(status & FIXED), (-lon if status & WEST else lon) / 1e6,
               (-lat if status & SOUTH else lat) / 1e6, altitude - 0x10000 if altitude & 0x8000 else altitude,
               speed / 36, float(course), _at_ms(at))


def read_batch(body: bytes) -> tuple[list[Fix], int]:
    """0x0704: its positions, and how many of those it announces cannot be read."""
    if len(body) < 3:
        raise Broken("batch")
    announced, at, found = int.from_bytes(body[:2]), 3, []
    for _ in range(announced):
        end = at + 2 + int.from_bytes(body[at:at + 2])
        if end > len(body) or at + 2 > len(body):
            break
        if end - at - 2 >= _PLACE.size:
            found.append(read_fix(body[at + 2:end]))
        at = end
    return found, announced - len(found)


def read_device(frame: Frame) -> str:
    """0x0100: the terminal's own mark, as printed on it. The vehicle's number, which follows it, is not read."""
    if frame.edition == 2019:
        mark = frame.body[45:75]
    else:  # of 2011 the model is shorter
        mark = frame.body[29:36] if len(frame.body) >= 37 else frame.body[17:24]
    if not mark:
        raise Broken("registration")
    return mark.strip(b"\0 ").decode("ascii", "replace")


def read_code(frame: Frame) -> str:
    """0x0102: the code given out at the registration. What the 2019 edition adds about the device is not read."""
    body = frame.body
    if frame.edition == 2019 and body:
        body = body[1:1 + body[0]]
    return body.rstrip(b"\0").decode("ascii", "replace")


def read_answer(body: bytes) -> tuple[int, int, int]:
    """0x0001 and 0x8001: (serial, message, result) of what is answered."""
    if len(body) < 5:
        raise Broken("answer")
    return int.from_bytes(body[:2]), int.from_bytes(body[2:4]), body[4]


# What is said to them

def answer(to: Frame, result: int) -> bytes:
    """The body of 0x8001."""
    return struct.pack(">HHB", to.serial, to.message, result)


def registered(to: Frame, result: int, code: str = "") -> bytes:
    """The body of 0x8100."""
    return struct.pack(">HB", to.serial, result) + code.encode("ascii")


def text(words: str, edition: int) -> bytes:
    """The body of 0x8300: urgent, shown and read aloud. The standard sends GBK; what it has no sign for becomes "?"."""
    head = b"\x0d" if edition == 2013 else b"\x0e\x01"
    said = words.encode("gbk", "replace")[:BODY_MAX_B - len(head)]
    return head + said.decode("gbk", "ignore").encode("gbk")  # no half sign at the end


def time_now(at: datetime) -> bytes:
    """The body of 0x8004, by which a terminal sets its clock: UTC."""
    return bytes.fromhex(f"{at.astimezone(UTC):%y%m%d%H%M%S}")


def position(fix: Fix, extras: bytes = b"") -> bytes:
    """The body of 0x0200, as a terminal writes it. Its time is in whole seconds."""
    at = datetime.fromtimestamp((fix.at_ms or 0) / 1000, UTC) + _BEIJING
    status = (FIXED if fix.fixed else 0) | (SOUTH if fix.lat < 0 else 0) | (WEST if fix.lon < 0 else 0)
    return _PLACE.pack(EMERGENCY if fix.emergency else 0, status, round(abs(fix.lat) * 1e6), round(abs(fix.lon) * 1e6),
                       fix.altitude_m & 0xFFFF, round(fix.speed_m_s * 36), round(fix.course_deg) % 360,
                       bytes.fromhex(f"{at:%y%m%d%H%M%S}")) + extras


def batch(bodies: list[bytes], *, late: bool = False) -> bytes:
    """The body of 0x0704 from bodies of 0x0200. `late`: kept while there was no network."""
    return struct.pack(">HB", len(bodies), late) + b"".join(struct.pack(">H", len(b)) + b for b in bodies)


def _at_ms(bcd: bytes) -> int | None:
    hour = _hour_ms(bcd[:4])
    minute, second = _BCD[bcd[4]], _BCD[bcd[5]]
    if hour is None or not (0 <= minute < 60 and 0 <= second < 60):
        return None
    return hour + minute * 60_000 + second * 1000


@lru_cache(maxsize=4096)
def _hour_ms(bcd: bytes) -> int | None:
    year, month, day, hour = (_BCD[b] for b in bcd)
    try:
        return int((datetime(2000 + year, month, day, hour, tzinfo=UTC) - _BEIJING).timestamp()) * 1000
    except ValueError:
        return None
