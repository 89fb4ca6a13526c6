"""A vehicle terminal of our own, for tests and trials: it registers, signs in, reports and reads what it is sent."""
from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

from . import codec
from .codec import Broken, Fix, Frame

WAIT_S = 10.0  # for an answer


class NoAnswer(OSError):
    """The centre did not answer, or cut the link."""


def fix_at(lon: float, lat: float, *, at: datetime | None = None, speed_m_s: float = 0.0, course_deg: float = 0.0,
           emergency: bool = False, fixed: bool = True) -> Fix:
    """Where a terminal is, now if no time is given."""
    at_ms = int((at or datetime.now(UTC)).timestamp() * 1000)
    return Fix(emergency, fixed, lon, lat, 0, speed_m_s, course_deg, at_ms)


class Terminal:
    """One terminal on one link. Each question waits for its answer; results are those of the standard, 0 for done."""

    def __init__(self, number: str, *, edition: int = 2013, device: str = "SHOUWAN") -> None:
        self.number, self.edition, self.device = number, edition, device
        self.code = ""
        self.texts: list[str] = []
        self.heard = asyncio.Event()  # a text came in
        self._address = codec.address_of(number, edition)
        self._serial = 0
        self._waiting: dict[int, asyncio.Future[Frame]] = {}

    async def connect(self, host: str, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection(host, port)
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._writer.close()
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await self._reading

    async def closed(self) -> None:
        """Waits until the centre has cut the link."""
        await asyncio.wait_for(asyncio.shield(self._reading), WAIT_S)

    async def register(self) -> int:
        """Asks for a code. A vehicle's number is part of the message; ours is empty."""
        widths = (11, 30, 30) if self.edition == 2019 else (5, 20, 7)
        named = zip(("SHW", "SIM", self.device), widths, strict=True)
        words = b"".join(word.encode().ljust(width, b"\0")[:width] for word, width in named)
        body = (await self.ask(codec.REGISTER, bytes(4) + words + b"\0")).body
        self.code = body[3:].decode("ascii")
        return body[2]

    async def sign_in(self) -> int:
        code = self.code.encode()
        if self.edition == 2019:
            code = bytes((len(code),)) + code + bytes(35)
        return await self._result(codec.AUTHENTICATE, code)

    async def heartbeat(self) -> int:
        return await self._result(codec.HEARTBEAT)

    async def report(self, fix: Fix, extras: bytes = b"") -> int:
        return await self._result(codec.POSITION, codec.position(fix, extras))

    async def report_many(self, fixes: list[Fix], *, late: bool = True) -> int:
        return await self._result(codec.BATCH, codec.batch([codec.position(f) for f in fixes], late=late))

    async def ask(self, message: int, body: bytes = b"") -> Frame:
        """Sends a message and waits for what answers it. NoAnswer when nothing does."""
        serial = self.next_serial()
        return await self.ask_raw(codec.encode(message, self._address, serial, body), serial)

    async def ask_raw(self, data: bytes, serial: int) -> Frame:
        """Sends bytes as they are and waits for the answer to `serial`."""
        waits = self._waiting[serial] = asyncio.get_running_loop().create_future()
        self.send(data)
        try:
            return await asyncio.wait_for(waits, WAIT_S)
        except TimeoutError:
            raise NoAnswer(f"no answer to message {serial} in {WAIT_S:g} s") from None
        finally:
            self._waiting.pop(serial, None)

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    def next_serial(self) -> int:
        self._serial = (self._serial + 1) & 0xFFFF
        return self._serial

    async def _result(self, message: int, body: bytes = b"") -> int:
        return codec.read_answer((await self.ask(message, body)).body)[2]

    async def _read(self) -> None:
        splitter = codec.Splitter()
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(65536):
                for piece in splitter.feed(data):
                    with contextlib.suppress(Broken):
                        self._hear(codec.decode(piece))
        for waits in self._waiting.values():
            if not waits.done():
                waits.set_exception(NoAnswer("the centre cut the link"))

    def _hear(self, frame: Frame) -> None:
        if frame.message == codec.TEXT:
            self.texts.append(frame.body[1 if frame.edition == 2013 else 2:].decode("gbk"))
            self.heard.set()
            self.send(codec.encode(codec.ANSWER, self._address, self.next_serial(), codec.answer(frame, codec.DONE)))
        elif frame.message == codec.TIME:  # names no serial: it answers the one question under way
            self._settle(next(iter(self._waiting), -1), frame)
        else:
            self._settle(int.from_bytes(frame.body[:2]), frame)

    def _settle(self, serial: int, frame: Frame) -> None:
        waits = self._waiting.get(serial)
        if waits is not None and not waits.done():
            waits.set_result(frame)
