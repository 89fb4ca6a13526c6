"""An alarm panel of our own, for tests and trials: it reports, waits for its answer, and repeats until it has one."""
from __future__ import annotations

import asyncio
import contextlib
import secrets
import string
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import codec

WAIT_S = 10.0  # for an answer


class NoAnswer(OSError):
    """The centre did not answer, or cut the link."""


class Panel:
    """One panel on one link. `key`: for AES, b"" for none. Answers are ACK, NAK or DUH."""

    def __init__(self, account: str, key: bytes = b"") -> None:
        self.account, self.key = account.upper(), key
        self.sequence = 0
        self._lock = asyncio.Lock()

    async def connect(self, host: str, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection(host, port)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def beat(self, *, at: datetime | None = None) -> str:
        """A sign of life."""
        return await self.send(self.message("NULL", "]", at=at))

    async def report(self, code: str, zone: int = 1, *, at: datetime | None = None, again: bool = False) -> str:
        """An event by its DC-03 code. `again`: with the sequence number of the one before."""
        told = f"#{self.account}|Nri1/{code}{zone}]"
        return await self.send(self.message("SIA-DCS", told, at=at, again=again))

    async def report_cid(self, event: str, zone: int = 1, *, at: datetime | None = None) -> str:
        """An event by its Contact ID: qualifier (1 begins, 3 is over) and three digits."""
        return await self.send(self.message("ADM-CID", f"#{self.account}|{event} 01 {zone:03}]", at=at))

    def message(self, kind: str, content: str, *, at: datetime | None = None, again: bool = False) -> bytes:
        """A message as bytes, with the time of now unless another is given."""
        if not again:
            self.sequence = self.sequence % 9999 + 1
        told = content + codec.clock(at or datetime.now(UTC))
        head = f"{self.sequence:04}R0L0#{self.account}["
        if not self.key:
            return codec.framed(f'"{kind}"{head}{told}')
        return codec.framed(f'"*{kind}"{head}{self._encrypted("|" + told)}')

    async def send(self, data: bytes) -> str:
        """Sends bytes as they are. Returns the word of the answer."""
        async with self._lock:
            try:
                told = await asyncio.wait_for(self._ask(data), WAIT_S)
            except TimeoutError:
                raise NoAnswer(f"no answer in {WAIT_S:g} s") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise NoAnswer("the centre cut the link") from None
        body = told.strip().decode("ascii")[8:]
        assert told.strip().decode("ascii")[:4] == codec.crc16(body)
        return body.split('"')[1].lstrip("*")

    async def _ask(self, data: bytes) -> bytes:
        self._writer.write(data)
        return await self._reader.readuntil(codec.END)

    def _encrypted(self, text: str) -> str:
        """The pad goes first, without the marks that end it."""
        pad = "".join(secrets.choice(string.ascii_lowercase) for _ in range(-len(text) % 16))
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(bytes(16))).encryptor()
        return (cipher.update((pad + text).encode("ascii")) + cipher.finalize()).hex().upper()


class DatagramPanel(Panel):
    """The same over UDP: a message and its answer are a datagram each, and either may be lost."""

    async def connect(self, host: str, port: int) -> None:
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport, _protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Heard(self._answers), remote_addr=(host, port))

    async def close(self) -> None:
        self._transport.close()

    async def _ask(self, data: bytes) -> bytes:
        self._transport.sendto(data)
        return await self._answers.get()


class _Heard(asyncio.DatagramProtocol):
    def __init__(self, answers: asyncio.Queue[bytes]) -> None:
        self._answers = answers

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._answers.put_nowait(data)
