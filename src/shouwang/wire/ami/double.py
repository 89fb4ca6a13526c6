"""An exchange of our own: speaks the manager interface over TCP as Asterisk 13 to 22 do, for tests and trials.

Only what a listener meets: greeting, Login, Ping, QueueStatus, and the events of a queue. Callers are played by its
methods. A line that is cut keeps the callers: they ring on, as at a real exchange.
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

Message = dict[str, str]


@dataclass
class Caller:
    unique: str
    line: str
    number: str
    since_s: float = field(default_factory=time.time)


class Double:
    """`user` and `secret`: the account it lets in. `port` 0 takes any that is free; `port` then holds it."""

    def __init__(self, user: str = "desk", secret: str = "listen", port: int = 0) -> None:  # noqa: S107 - of trials
        self.user, self.secret, self.port = user, secret, port
        self.ringing: dict[str, Caller] = {}
        self.actions: list[str] = []
        self._denied: set[str] = set()
        self._serial = 0
        self._links: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stops listening and cuts every line. Callers ring on."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        for writer in self._links:
            writer.transport.abort()
        self._links.clear()

    def hang_up_line(self) -> None:
        """Closes every line when all that was said on it has been sent."""
        for writer in self._links:
            writer.close()
        self._links.clear()

    def deny(self, action: str) -> None:
        """The account may not do this."""
        self._denied.add(action)

    @property
    def linked(self) -> bool:
        return bool(self._links)

    # ---- what happens at the exchange

    def ring(self, number: str, line: str = "110", *, waited_s: float = 0) -> str:
        """A caller joins the queue. Returns the exchange's number of the call."""
        self._serial += 1
        caller = Caller(f"{int(time.time())}.{self._serial}", line, number, time.time() - waited_s)
        self.ringing[caller.unique] = caller
        self._tell(caller, "QueueCallerJoin", Position="1", Count=str(len(self.ringing)))
        return caller.unique

    def offer(self, unique: str, seat: str) -> None:
        """A telephone begins to ring for the caller."""
        self._tell(self.ringing[unique], "AgentCalled", Interface=f"PJSIP/{seat}", MemberName=seat)

    def answer(self, unique: str, seat: str) -> None:
        caller = self.ringing.pop(unique)
        held = str(int(time.time() - caller.since_s))
        self._tell(caller, "QueueCallerLeave", Count=str(len(self.ringing)), Position="1")
        self._tell(caller, "AgentConnect", Interface=f"PJSIP/{seat}", MemberName=seat, HoldTime=held, RingTime=held)

    def abandon(self, unique: str) -> None:
        caller = self.ringing.pop(unique)
        self._tell(caller, "QueueCallerAbandon", Position="1", OriginalPosition="1",
                   HoldTime=str(int(time.time() - caller.since_s)))
        self._tell(caller, "QueueCallerLeave", Count=str(len(self.ringing)), Position="1")
        self.hang_up(caller)

    def hang_up(self, caller: Caller) -> None:
        self._tell(caller, "Hangup", Cause="16", **{"Cause-txt": "Normal Clearing"})

    def let_go(self, unique: str) -> None:
        """The queue gives the caller up: no word of an abandon, only that the line is down."""
        self.hang_up(self.ringing.pop(unique))

    def _tell(self, caller: Caller, event: str, **more: str) -> None:
        self._send({"Event": event, "Privilege": "agent,all", "Channel": f"PJSIP/trunk-{self._serial:08x}",
                    "CallerIDNum": caller.number or "<unknown>", "CallerIDName": "<unknown>",
                    "Uniqueid": caller.unique, "Linkedid": caller.unique, "Queue": caller.line, **more})

    def _send(self, fields: Mapping[str, str]) -> None:
        for writer in self._links:
            writer.write(write(fields))

    # ---- a listener

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        try:
            while True:
                asked = _asked(await reader.readuntil(b"\r\n\r\n"))
                self.actions.append(asked.get("action", ""))
                if not self._do(asked, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._links.discard(writer)
            writer.close()

    def _do(self, asked: Message, writer: asyncio.StreamWriter) -> bool:
        again = {"ActionID": asked["actionid"]} if "actionid" in asked else {}
        match asked.get("action", "").lower():
            case action if action in self._denied:
                writer.write(write({"Response": "Error", **again, "Message": "Permission denied"}))
            case "login" if (asked.get("username"), asked.get("secret")) == (self.user, self.secret):
                writer.write(write({"Response": "Success", **again, "Message": "Authentication accepted"}))
                writer.write(write({"Event": "FullyBooted", "Privilege": "system,all", "Status": "Fully Booted"}))
                self._links.add(writer)
            case "login":
                writer.write(write({"Response": "Error", **again, "Message": "Authentication failed"}))
                return False
            case "ping":
                writer.write(write({"Response": "Success", **again, "Ping": "Pong"}))
            case "queuestatus":
                writer.write(write({"Response": "Success", **again, "EventList": "start",
                                    "Message": "Queue status will follow"}))
                for n, caller in enumerate(self.ringing.values(), 1):
                    writer.write(write({"Event": "QueueEntry", **again, "Queue": caller.line, "Position": str(n),
                                        "Uniqueid": caller.unique, "CallerIDNum": caller.number or "<unknown>",
                                        "Wait": str(int(time.time() - caller.since_s))}))
                writer.write(write({"Event": "QueueStatusComplete", **again, "EventList": "Complete",
                                    "ListItems": str(len(self.ringing))}))
            case _:
                writer.write(write({"Response": "Error", **again, "Message": "Invalid/unknown command"}))
        return True


def write(fields: Mapping[str, str]) -> bytes:
    """A message. A value cannot begin a line of its own: what would end it is taken out."""
    lines = (f"{name}: {''.join(c for c in value if c not in chr(13) + chr(10))}" for name, value in fields.items())
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _asked(piece: bytes) -> Message:
    pairs = (line.partition(":") for line in piece.decode().split("\r\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}
