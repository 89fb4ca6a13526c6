"""Terminals that are connected: who they are, what each may say, what becomes of it.

What is not to be kept is answered, so that the device does not send it again, and goes no further: a third party's
position without the emergency bit, and whatever a duty vehicle says while nobody is clocked on with its unit.
"""
from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shouwang.tables.live import TERMINAL, Position
from shouwang.tables.live.events import Terminal
from shouwang.tables.live.inbox import Alarm

from .. import devices
from ..devices import Devices
from ..positions import Positions, Refusal
from . import codec
from .codec import Broken, Fix, Frame, Splitter

LOGIN_S = 30.0  # until a new link has to have said who it is
ANSWER_S = 10.0  # for a text to be acknowledged before it is sent again (the standard's 0x0002 parameter is its like)
TIMES = 3  # a text is sent so often at most
REPEATS = 8  # frames remembered, to know one that is sent again
PARTS_S, PARTED, PARTS_MAX = 60.0, 4, 64  # a divided message is given up after so long; so many at once on a link

log = logging.getLogger("shouwang.wire")


class Terminals(Devices["Link"]):
    """Every link, what the administrator has registered, and what was counted. `alarm` stores a cry for help for good
    before its coroutine ends; only then is the terminal answered."""

    def __init__(self, key: str, positions: Positions,
                 alarm: Callable[[Alarm], Coroutine[Any, Any, None]]) -> None:
        super().__init__()
        self.known: dict[str, Terminal] = {}
        self.positions = positions
        self.by_number: dict[str, Link] = {}
        self._key = key.encode()
        self._alarm = alarm
        self._cries: dict[str, asyncio.Task[None]] = {}

    def code(self, number: str) -> str:
        """What a terminal is given at its registration and shows at each sign-in. It follows from its number: nothing
        has to be kept, and a new secret of the centre ends all of them."""
        return hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()[:20]

    def told(self, link: Link, fix: Fix, now_ms: int) -> asyncio.Task[None] | None:
        """Takes one position of a signed-in terminal. Returns what has to be over before it is answered, if at all."""
        terminal = self.known.get(link.number)
        if terminal is None:
            return None
        duty = self.positions.on_duty.get(terminal.unit)
        if terminal.unit and duty is None:
            self.counts["dropped_off_duty"] += 1
            return None
        crying = None
        if fix.emergency:
            crying = self._cry(link.number, terminal, fix, now_ms, since_ms=duty.since_ms if duty else 0)
        elif self._cries:
            self._calm(link.number)
        if not terminal.unit:
            self.counts["dropped_third_party"] += not fix.emergency
        elif not fix.fixed:
            self.counts["no_fix"] += 1
        elif fix.at_ms is None:
            self.counts["bad_time"] += 1
        else:
            try:
                self.positions.take_one(Position(terminal.unit, fix.at_ms, fix.lon, fix.lat, fix.speed_m_s,
                                                 fix.course_deg, TERMINAL), now_ms)
                self.counts["positions"] += 1
            except Refusal as refusal:
                self.counts[str(refusal)] += 1
        return crying

    def _cry(self, number: str, terminal: Terminal, fix: Fix, now_ms: int, *, since_ms: int) -> asyncio.Task[None]:
        """One alarm from the first frame with the bit to the last in a row: the later ones only move the vehicle. A
        place from before the duty is not told; the cry is, for the device's clock may be wrong."""
        task = self._cries.get(number)
        if task is None or (task.done() and task.exception()):
            here = fix.fixed and abs(fix.lon) <= 180 and abs(fix.lat) <= 90 and (fix.at_ms or now_ms) >= since_ms
            alarm = Alarm(uuid4(), terminal.id, fix.at_ms, now_ms, fix.lon if here else None, fix.lat if here else None)
            self.counts["alarms"] += 1
            task = self._cries[number] = asyncio.get_running_loop().create_task(self._alarm(alarm))
        return task

    def _calm(self, number: str) -> None:
        if number in self._cries and self._cries[number].done():
            del self._cries[number]

    def send_text(self, unit: str, words: str) -> int:
        """Sends words to the screens in a unit's vehicles. Returns to how many."""
        found = [link for number, link in self.by_number.items()
                 if (terminal := self.known.get(number)) and terminal.unit == unit]
        for link in found:
            link.send_text(words)
        return len(found)

    def signed_in(self, link: Link) -> None:
        """A terminal that connects anew leaves a half-open link behind."""
        old = self.by_number.get(link.number)
        if old is not None and old is not link:
            self.counts["replaced"] += 1
            old.cut()
        self.by_number[link.number] = link

    def signed_out(self, link: Link) -> None:
        if self.by_number.get(link.number) is link:
            del self.by_number[link.number]
        link.number = ""

    def figures(self, **more: int) -> dict[str, int]:
        return super().figures(signed_in=len(self.by_number), registered=len(self.known), **more)


class Link(devices.Link):
    """One terminal's connection. `number`: whose it is once it has signed in, "" before."""

    unsent_b = 256 * 1024

    def __init__(self, terminals: Terminals) -> None:
        super().__init__(terminals)
        self.number = ""
        self._terminals = terminals
        self._splitter = Splitter()
        self._serial = 0
        self._address = b""  # under which it has signed in
        self._seen: deque[int] = deque(maxlen=REPEATS)
        self._parts: dict[tuple[int, int], tuple[float, dict[int, bytes]]] = {}
        self._texts: dict[int, tuple[float, int, bytes]] = {}  # serial → sent at, how often, frame

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._terminals.signed_out(self)

    def take(self, data: bytes, now_ms: int) -> None:
        answers = []
        for piece in self._splitter.feed(data):
            self._terminals.counts["frames"] += 1
            try:
                frame = codec.decode(piece)
            except Broken as broken:
                self._terminals.counts[f"bad_{broken}"] += 1
                continue
            if answer := self._take(frame, hash(piece), now_ms):
                answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def fault(self, now_s: float) -> str:
        if not self.number and now_s - self._opened_s > LOGIN_S:
            return "never_signed_in"
        return super().fault(now_s)

    def _take(self, frame: Frame, mark: int, now_ms: int) -> bytes:
        """Does what the frame asks. Returns the answer, b"" for none or a later one."""
        try:
            if frame.message == codec.REGISTER:
                return self._register(frame)
            if frame.message == codec.AUTHENTICATE:
                return self._general(frame, self._sign_in(frame))
            if frame.message == codec.ANSWER:
                self._answered(frame)
                return b""
            if frame.number != self.number or self.number not in self._terminals.known:
                self._terminals.counts["not_signed_in"] += 1
                return self._general(frame, codec.FAILED)
            if frame.message == codec.ASK_TIME:
                return self._say(codec.TIME, codec.time_now(datetime.fromtimestamp(now_ms / 1000, UTC)), frame.address)
            return self._report(frame, mark, now_ms)
        except Broken as broken:
            self._terminals.counts[f"bad_{broken}"] += 1
            return self._general(frame, codec.WRONG)

    def _report(self, frame: Frame, mark: int, now_ms: int) -> bytes:
        """What only a signed-in terminal may say."""
        if frame.message == codec.LEAVE:
            self._terminals.signed_out(self)
        elif frame.message in (codec.POSITION, codec.BATCH):
            if frame.cipher:
                return self._general(frame, codec.UNSUPPORTED)
            if mark in self._seen:  # sent again: answered again, not taken twice
                self._terminals.counts["repeated"] += 1
            elif (body := self._whole(frame)) is not None:
                told = [self._terminals.told(self, fix, now_ms) for fix in self._fixes(frame.message, body)]
                waiting = [task for task in told if task]
                if waiting:
                    self._answer_after(frame, waiting, mark)
                    return b""
            self._seen.append(mark)
        elif frame.message != codec.HEARTBEAT:
            self._terminals.counts["unsupported"] += 1
            return self._general(frame, codec.UNSUPPORTED)
        return self._general(frame, codec.DONE)

    def _fixes(self, message: int, body: bytes) -> list[Fix]:
        if message == codec.POSITION:
            return [codec.read_fix(body)]
        found, lost = codec.read_batch(body)
        self._terminals.counts["bad_position"] += lost
        return found

    def _register(self, frame: Frame) -> bytes:
        terminal, device = self._terminals.known.get(frame.number), codec.read_device(frame)
        result = codec.DONE
        if terminal is None:
            result = codec.NO_TERMINAL
        elif terminal.device and terminal.device != device:
            result = codec.KNOWN_OTHERWISE
        if result:
            self._terminals.counts["registration_refused"] += 1
        code = "" if result else self._terminals.code(frame.number)
        return self._say(codec.REGISTERED, codec.registered(frame, result, code), frame.address)

    def _sign_in(self, frame: Frame) -> int:
        right = hmac.compare_digest(codec.read_code(frame).encode(), self._terminals.code(frame.number).encode())
        if not right or frame.number not in self._terminals.known:
            self._terminals.counts["sign_in_refused"] += 1
            return codec.FAILED
        if self.number != frame.number:
            self._terminals.signed_out(self)
        self.number, self._address = frame.number, frame.address
        self._terminals.signed_in(self)
        return codec.DONE

    def _answer_after(self, frame: Frame, waiting: Iterable[asyncio.Task[None]], mark: int) -> None:
        """Answers once the alarm is stored. Without an answer the terminal sends it again: it is tried again then."""
        async def answer() -> None:
            results = await asyncio.gather(*waiting, return_exceptions=True)
            failed = next((type(r).__name__ for r in results if isinstance(r, BaseException)), "")
            if failed:  # its text may hold values
                log.error("an alarm of a terminal could not be stored: %s", failed)
                self._transport.write(self._general(frame, codec.FAILED))
                return
            self._seen.append(mark)
            self._transport.write(self._general(frame, codec.DONE))
        devices.later(answer())

    def _whole(self, frame: Frame) -> bytes | None:
        """The body; of a divided message None until its last part is here, in whatever order they come."""
        if frame.part is None:
            return frame.body
        total, index = frame.part
        if not 0 < index <= total <= PARTS_MAX:
            raise Broken("part")
        now_s = time.monotonic()
        for key, (begun_s, _) in list(self._parts.items()):
            if now_s - begun_s > PARTS_S:
                del self._parts[key]
        key = (frame.message, (frame.serial - index) & 0xFFFF)  # the parts' serials follow one another
        if key not in self._parts and len(self._parts) >= PARTED:
            raise Broken("part")
        _, parts = self._parts.setdefault(key, (now_s, {}))
        parts[index] = frame.body
        if len(parts) < total:
            return None
        del self._parts[key]
        return b"".join(body for _, body in sorted(parts.items()))

    # texts

    def send_text(self, words: str) -> None:
        frame = self._say(codec.TEXT, codec.text(words, 2019 if len(self._address) == 10 else 2013), self._address)
        self._texts[self._serial] = (time.monotonic(), 1, frame)
        self._transport.write(frame)
        self._terminals.counts["texts"] += 1

    def look(self, now_s: float) -> None:
        """Sends texts again that were not acknowledged, and gives up in the end."""
        for serial, (sent_s, times, frame) in list(self._texts.items()):
            if now_s - sent_s > ANSWER_S * times:
                if times >= TIMES:
                    del self._texts[serial]
                    self._terminals.counts["texts_lost"] += 1
                else:
                    self._texts[serial] = (now_s, times + 1, frame)
                    self._transport.write(frame)

    def _answered(self, frame: Frame) -> None:
        serial, _message, result = codec.read_answer(frame.body)
        if self._texts.pop(serial, None):
            self._terminals.counts["texts_refused" if result else "texts_read"] += 1

    def _general(self, frame: Frame, result: int) -> bytes:
        return self._say(codec.GENERAL, codec.answer(frame, result), frame.address)

    def _say(self, message: int, body: bytes, address: bytes) -> bytes:
        self._serial = (self._serial + 1) & 0xFFFF
        return codec.encode(message, address, self._serial, body)
