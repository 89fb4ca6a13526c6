"""Calendar files (iCalendar, RFC 5545) for phones and mail programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    """One entry; `uid`: the same for the same thing each time; `more`: further properties, values that are told as
    they stand."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    location: str = ""
    description: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


def calendar(entries: Iterable[Entry], *, now: datetime, what: str) -> str:
    """A calendar; `what`: of what, in English, for its product id."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Shouwang//{what}//EN"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT", f"UID:{entry.uid}@shouwang", f"DTSTAMP:{_utc(now)}", f"DTSTART:{_utc(entry.start)}",
            f"DTEND:{_utc(entry.end)}", f"SUMMARY:{_escaped(entry.summary)}",
        ]  # fmt: skip
        if entry.location:
            lines.append(f"LOCATION:{_escaped(entry.location)}")
        if entry.description:
            lines.append(f"DESCRIPTION:{_escaped(entry.description)}")
        lines += [f"{name}:{value}" for name, value in entry.more.items()]
        lines.append("END:VEVENT")
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of a calendar have at most 75 bytes; what is longer goes on after a space."""
    parts, now, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 74:
            parts.append(now)
            now, size = " ", 1
        now, size = now + letter, size + width
    return "\r\n".join([*parts, now])
