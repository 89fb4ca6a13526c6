"""SIA DC-09 as bytes: messages of panels read, answers written. Pure: nothing waits or stores here.

The parser, the tables of codes and the decryption are those of pysiaalarm. Its own server is not used: it answers
before it hands an event on, and takes what one read of the socket gives for one message. What it lets pass is refused
here: a wrong length, a message in the clear from a panel that has a key, one without a time where the standard asks for
it. Sources are named in docs/methods/panels.md.
"""
from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from pysiaalarm.account import SIAAccount
from pysiaalarm.errors import EventFormatError, NoAccountError
from pysiaalarm.event import SIAEvent
from pysiaalarm.utils.enums import MessageTypes
from pysiaalarm.utils.regexes import MAIN_MATCHER

BEGIN, END = b"\n", b"\r"
MESSAGE_MAX_B = 1024
TOO_OLD_S, TOO_NEW_S = 40, 20  # how far a panel's clock may be off: the standard's figures
ACK, NAK, DUH = "ACK", "NAK", "DUH"
FORMLESS = ("length", "format", "crc")  # so is broken what shows no right checksum
TEST, UNKNOWN_CID = "RP", "YN"
ALARM_CID = "1"  # event codes that begin so are alarms; their qualifier says whether they begin
UNTYPED = "UA"
SHAPE = re.compile(r"[^\[\]]*+\](?:\[.*\])?_?[0-9:,-]*")  # data, extended data, time: read in one pass


logging.getLogger("pysiaalarm").setLevel(logging.CRITICAL)  # what strangers send is counted here, not written down


class Broken(ValueError):
    """A message that cannot be taken; its text is the word under which it is counted."""


class Account(NamedTuple):
    """A panel as the parser asks for it. `number`: its account, upper-case hexadecimal; `key`: b"" for none."""

    number: str
    key: bytes = b""


class Accounts(dict[str, SIAAccount]):
    """Accounts by number, however a panel writes its letters."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        super().__init__()
        for number, key in accounts:
            made = self[number] = SIAAccount(number, allowed_timeband=None)
            made.key_b = key or None  # in bytes: its own text form knows no binary keys

    def get(self, number: str, default: SIAAccount | None = None) -> SIAAccount | None:  # type: ignore[override]
        return super().get(number.upper(), default)


@dataclass(frozen=True, slots=True)
class Event:
    """One message of a known panel. `code`: by SIA DC-03, "RP" for a sign of life; `zone`: -1 for none; `at_ms`: the
    panel's own clock, ms since 1970, None where it gives none."""

    account: str
    sequence: int
    code: str
    zone: int
    at_ms: int | None
    encrypted: bool
    known: bool  # whether the code stands in the standard's table
    parsed: SIAEvent  # to be answered


class Splitter:
    """Cuts a stream into messages, however its packets were cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        pieces = (self._rest + data).split(END)
        self._rest = pieces.pop()
        if len(self._rest) > MESSAGE_MAX_B:  # longer than any message: let it fail, and begin anew
            pieces.append(self._rest)
            self._rest = b""
        return [piece for piece in pieces if piece.strip()]


def decode(piece: bytes, accounts: Accounts) -> Event:
    """The message before an end mark. Broken names what is wrong: length, format, crc, account, unencrypted, key."""
    if len(piece) > MESSAGE_MAX_B:
        raise Broken("length")
    try:
        line = piece.strip().decode("ascii")
    except UnicodeDecodeError:
        raise Broken("format") from None
    _checked(line)
    try:
        found = _parsed(line, accounts)
    except NoAccountError:
        raise Broken("account") from None
    except (EventFormatError, ValueError, LookupError):  # no hexadecimal, no whole blocks; extras without a letter
        raise Broken("key" if line[9:10] == "*" else "format") from None
    assert found.sia_account is not None  # else it was refused
    if found.sia_account.encrypted and not found.encrypted:
        raise Broken("unencrypted")
    return _event(found)


class _Shaped(SIAEvent):
    """The library's event. Its expressions are asked only about what has the outer form of content: on anything else
    they try a number of ways that grows with the square of its length, 0.1 s for 1 kB, and that for nothing."""

    def parse_content(self) -> None:
        if not SHAPE.fullmatch(self.content or ""):
            raise EventFormatError("no content")
        super().parse_content()


def _parsed(line: str, accounts: Accounts) -> SIAEvent:
    """As the library's own `from_line`, but of known accounts alone: of others nothing is read or decrypted."""
    found = MAIN_MATCHER.match(line)
    if found is None:
        raise EventFormatError("no message")
    told = found.groupdict()
    account, encrypted = accounts.get(told["account"] or ""), bool(told["encrypted_flag"])
    if account is None:
        raise NoAccountError(told["account"])
    return _Shaped(
        full_message=line[8:], msg_crc=told["crc"], calc_crc=told["crc"].upper(), length=told["length"],
        encrypted=encrypted, message_type=told["message_type"], sequence=told["sequence"], receiver=told["receiver"],
        line=told["line"], account=told["account"], sia_account=account,
        content=None if encrypted else told["rest"], encrypted_content=told["rest"] if encrypted else None)


def _checked(line: str) -> None:
    """Checksum and length: what is encrypted is not looked at before."""
    crc, length, body = line[:4], line[4:8], line[8:]
    if not body.startswith('"'):
        raise Broken("format")
    if crc.upper() != crc16(body):
        raise Broken("crc")
    if length.upper() != f"{len(body):04X}":
        raise Broken("length")


def _event(found: SIAEvent) -> Event:
    at_ms = int(found.timestamp.timestamp() * 1000) if isinstance(found.timestamp, datetime) else None
    code, assumed = found.code or "", False
    if found.message_type == MessageTypes.NULL:
        code = TEST
    elif code == UNKNOWN_CID and (found.event_type or "").startswith(ALARM_CID) and found.event_qualifier == "1":
        code, assumed = UNTYPED, True  # an alarm that the table does not know is one all the same
    zone = _zone(found.ri if found.message_type == MessageTypes.ADMCID else found.message)
    known = code == TEST or assumed or not found.code_not_found
    assert found.sia_account is not None and found.sequence is not None  # else it was refused above
    return Event(found.sia_account.account_id, int(found.sequence), code, zone, at_ms, bool(found.encrypted), known,
                 found)


def _zone(text: str | None) -> int:
    """The number that a zone begins with: what follows it, a name perhaps, is not read."""
    found = re.match(r"[0-9]{1,5}(?![0-9])", text or "")
    return int(found[0]) if found else -1


def in_time(event: Event, now_ms: int) -> bool:
    """Whether an encrypted message is of now, so that nobody can send it again later. In the clear a time proves
    nothing: an alarm is not lost for a wrong clock."""
    if not event.encrypted:
        return True
    return event.at_ms is not None and now_ms - TOO_OLD_S * 1000 <= event.at_ms <= now_ms + TOO_NEW_S * 1000


def answer(event: Event, word: str, now: datetime) -> bytes:
    """ACK or DUH to a message, encrypted like it. A key that a panel asks for is never sent."""
    parsed = event.parsed
    head = f'{parsed.sequence}{parsed.receiver or "R0"}{parsed.line or "L0"}#{parsed.account}['
    if event.encrypted and word == ACK:
        return framed(f'"*{word}"{head}{parsed.encrypt_content(f"|]{clock(now)}")}')
    return framed(f'"{word}"{head}]')


def refusal(now: datetime) -> bytes:
    """NAK. It names the time, by which the panel sets its clock, and nothing of what was refused."""
    return framed(f'"{NAK}"0000R0L0A0[]{clock(now)}')


def clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):_%H:%M:%S,%m-%d-%Y}"


def framed(body: str) -> bytes:
    return BEGIN + f"{crc16(body)}{len(body):04X}{body}".encode("ascii") + END


def crc16(body: str) -> str:
    """The checksum as four hexadecimal digits (CRC-16/ARC)."""
    return str(SIAEvent._crc_calc(body))
