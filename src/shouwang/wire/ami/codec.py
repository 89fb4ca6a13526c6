"""The manager interface as bytes: messages of `Name: value` lines, each closed by an empty one. Pure.

A client of our own: panoramisk 1.4, the best kept library, writes an action that fails, the password of the sign-in
among them, into its log, never notices a link that is half open, and bounds nothing it is sent. The protocol is
documented at docs.asterisk.org; sources are named in docs/methods/channels.md.
"""
from __future__ import annotations

from collections.abc import Mapping

END = b"\r\n"
GREETING = b"Asterisk Call Manager/"
MESSAGE_MAX_B = 64 * 1024

Message = dict[str, str]


class Broken(ValueError):
    """What comes is no manager interface."""


class Splitter:
    """Cuts a stream into messages, however its packets were cut. Names are read without regard to case; of a name that
    is repeated the last value counts."""

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises Broken."""
        self._rest += data
        if not self._greeted and not self._greet():
            return []
        *pieces, self._rest = self._rest.split(END + END)
        if len(self._rest) > MESSAGE_MAX_B or any(len(p) > MESSAGE_MAX_B for p in pieces):
            raise Broken("a message without an end")
        return [message for message in map(_read, pieces) if message]

    def _greet(self) -> bool:
        """Takes off the line by which the interface names itself."""
        line, end, rest = self._rest.partition(END)
        if not GREETING.startswith(line[:len(GREETING)]) or len(line) > 200:
            raise Broken("no manager interface answers there")
        if end:
            self._greeted, self._rest = True, rest
        return self._greeted


def _read(piece: bytes) -> Message:
    lines = piece.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


def write(fields: Mapping[str, str]) -> bytes:
    """A message. A value cannot begin a line of its own: what would end it is taken out."""
    lines = (f"{name}: {''.join(c for c in value if c not in chr(13) + chr(10))}" for name, value in fields.items())
    return "\r\n".join(lines).encode() + END + END
