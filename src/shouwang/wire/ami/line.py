"""One connection to the exchange: panoramisk reads, writes and matches answers; here is what that library lacks.

It writes into its log what it sends and hears, the password of a sign-in and callers' numbers among it: it is given a
log that nobody reads. It bounds nothing, hands events and answers out by two ways whose order among each other is lost,
loses a letter that two packets share, and connects again by itself without end: here a line is bounded, tells all in
one order, and breaks once. Who follows the exchange makes the next one (`exchange.py`).
"""
from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

GREETING, GREETING_MAX_B = b"Asterisk Call Manager/", 200
MESSAGE_MAX_B = 64 * 1024  # and what one more read brings, before it is seen
ANSWERS_MAX = 10_000       # messages of answers that are not whole yet: each call that rings is one

_UNREAD = logging.Logger("panoramisk", logging.CRITICAL + 1)  # in no hierarchy: no setting can open it
_UNREAD.addHandler(logging.NullHandler())


class Broken(ValueError):
    """What comes is no manager interface."""


class Refused(Exception):
    """The exchange does not let us in."""


@dataclass(frozen=True)
class Login:
    """Where the exchange is, and the account of its manager.conf that may read class agent and call, nothing else."""

    host: str
    port: int
    user: str
    secret: str

    def __post_init__(self) -> None:
        if not (self.user + self.secret).isprintable():  # the library would send what follows as a line of its own
            raise ValueError("SHOUWANG_TELEPHONE_LOGIN holds a character that does not print, as the end of a line: "
                             "write USER:SECRET on one line")


class Line(Manager):  # type: ignore[misc]
    """`heard` gets every message, events and answers alike, in the order in which they came. Each `ping_s` the exchange
    is asked whether it is there."""

    def __init__(self, login: Login, heard: Callable[[Message], None], *, ping_s: float) -> None:
        super().__init__(host=login.host, port=login.port, username=login.user, secret=login.secret,
                         events="call,agent", log=_UNREAD, protocol_factory=lambda: _Protocol(self, heard))
        self.ping_delay = self.ping_interval = ping_s
        self.lost: Exception | None = None
        self._word = asyncio.Event()

    async def open(self) -> None:
        """Connects and signs in. Raises OSError, Broken, Refused."""
        self.loop = asyncio.get_running_loop()
        made = self.loop.create_task(self.loop.create_connection(
            self.config["protocol_factory"], self.config["host"], self.config["port"]))
        await made
        self.connection_made(made)
        answer = self.authenticated_future
        while not answer.done():
            await self.word()
            if self.lost and not answer.done():
                raise self.lost
        if not answer.result().success:
            raise Refused("it does not let us in: look at SHOUWANG_TELEPHONE_LOGIN and manager.conf")

    async def word(self) -> None:
        """Returns when anything at all has come since the last time, or the line is `lost`."""
        await self._word.wait()
        self._word.clear()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Reads nothing meanwhile, so that what waits to be stored cannot grow."""
        transport = self.protocol.transport
        transport.pause_reading()
        try:
            yield
        finally:
            transport.resume_reading()

    def cut(self) -> None:
        """At once, also when nobody at the other end takes what is still to be sent."""
        self.connection_lost(None)
        if self.protocol:
            self.close()
            self.protocol.transport.abort()

    def spoken(self) -> None:
        self._word.set()

    def connection_lost(self, exc: object) -> None:
        """The library's own way would connect again."""
        self.lost = self.lost or (exc if isinstance(exc, Exception) else ConnectionResetError("the line was cut"))
        self._word.set()

    def ping(self) -> None:
        if not self.lost:  # the library's own never ends
            super().ping()


class _Protocol(AMIProtocol):  # type: ignore[misc]
    def __init__(self, line: Line, heard: Callable[[Message], None]) -> None:
        self._line, self._heard = line, heard
        self._greeting: bytes | None = b""
        self._letters = codecs.getincrementaldecoder("utf-8")("replace")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory, self.log, self.encoding = self._line, _UNREAD, "utf-8"

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            super().data_received(self._letters.decode(self._greeted(data)).encode())
            if len(self.queue[-1]) > MESSAGE_MAX_B:
                raise Broken("a message without an end")
        except Exception as error:  # of the library too: whatever it cannot read is no manager interface
            known = isinstance(error, Broken)
            self.connection_lost(error if known else Broken(f"what it says cannot be read ({type(error).__name__})"))
        self._line.spoken()

    def handle_message(self, message: Message) -> None:
        super().handle_message(message)
        if sum(1 + len(action.responses) for action in self.responses.values()) > ANSWERS_MAX:
            raise Broken("an answer without an end")
        self._heard(message)

    def _greeted(self, data: bytes) -> bytes:
        """Holds back the line by which the interface names itself until it is whole."""
        if self._greeting is None:
            return data
        self._greeting += data
        line, end, _rest = self._greeting.partition(b"\r\n")
        if not GREETING.startswith(line[:len(GREETING)]) or len(line) > GREETING_MAX_B:
            raise Broken("no manager interface answers there")
        whole, self._greeting = (self._greeting, None) if end else (b"", self._greeting)
        return whole
