"""Reads what another centre sent: an EIDO document with a request for help in it (docs/methods/exchange.md).

Nothing is believed: sizes, kinds and figures are held to their limits, and all that is wrong is named at once. Fields
that we do not know are passed over, as the standard has it."""
from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from shouwang.engine.errors import BadInput, Fault, Faults

from .terms import ASKING, MOST_COUNT, MOST_NEEDS, MOST_UNITS, MOST_WORDS, SAYS, Need, Said, UnitSaid

MOST_B = 256 * 1024  # of a document as it is sent
HELP = "help:request"
DOCUMENT = re.compile(r"urn:emergency:uid:eido:([0-9a-f-]{36}):(\S{1,200})")
POINT = re.compile(r'srsName="urn:ogc:def:crs:EPSG::4326"\s*>\s*<gml:pos>\s*(-?[0-9.]{1,20})\s+(-?[0-9.]{1,20})\s*</')
CODE = re.compile(r"[a-z0-9_]{1,40}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # none of them is kept by every database
MOST_N = 100_000
YEARS = range(2000, 2100)  # others cannot be shown in every time zone

Json = Mapping[str, Any]


def read(content: bytes) -> Said:
    """What the document says. Raises BadInput naming everything that is wrong with it."""
    if len(content) > MOST_B:
        raise BadInput([Fault("document", "it is too large", f"{len(content)} B", f"Send at most {MOST_B} B.")])
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput([Fault("document", "it is no JSON (RFC 8259)", str(error)[:200], "Send it whole.")]) from None
    if not isinstance(found, dict):
        raise BadInput([Fault("document", "it is no JSON object", type(found).__name__, "Send an EIDO document.")])
    reader = _Reader()
    said = reader.document(found)
    reader.faults.raise_if_any()
    assert said is not None
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return out


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


class _Reader:
    def __init__(self) -> None:
        self.faults = Faults()

    def wrong(self, where: str, what: str, value: object = None, remedy: str = "Mend it and send it again.") -> None:
        shown = value if value is None or isinstance(value, str | int | float) else type(value).__name__
        self.faults.add(where, what, None if shown is None else repr(shown)[:80], remedy)

    def document(self, doc: Json) -> Said | None:
        id, host = self.identity(doc)
        if doc.get("eidoVersion") != "1.0":
            self.wrong("eidoVersion", "this version is not read here", doc.get("eidoVersion"), "Send version 1.0.")
        at = self.time(doc, "lastUpdateTimeStamp", must=True)
        request = self.part(doc, HELP)
        if not request:
            self.wrong(HELP, "no request for help is in the document", None, "Send one (docs/methods/exchange.md).")
            return None
        side = self.text(request, "side", 10, at=HELP)
        if side not in SAYS:
            self.wrong(f"{HELP}.side", "a side is asking or helping", side)
        state = self.text(request, "state", 16, at=HELP)
        if side in SAYS and state not in SAYS[side]:
            self.wrong(f"{HELP}.state", f"the {side} side cannot say this", state, f"Say {', '.join(SAYS[side])}.")
        help = self.uuid(request.get("id"), f"{HELP}.id")
        n = self.whole(request.get("number"), f"{HELP}.number", MOST_N)
        asked, offered = (self.needs(request, name) for name in ("asked", "offered"))
        if side == ASKING and not asked:
            self.wrong(f"{HELP}.asked", "nothing is asked for", None, "Name a capability and a count.")
        incident, (place, lon, lat) = self.part(doc, "incidentComponent"), self.location(doc)
        if side == ASKING and (lon is None or not place):
            self.wrong("locationComponent", "the place has no point or no words", None, "Send both.")
        values: dict[str, Any] = {
            "asked": asked, "by": self.time(request, "neededBy", at=HELP), "offered": offered,
            "arrives": self.time(request, "arrivesAt", at=HELP),
            "words": self.text(request, "words", MOST_WORDS, at=HELP),
            "type": self.text(incident, "incidentTypeInternalCode", 20, at="incidentComponent"),
            "type_text": self.text(incident, "incidentTypeInternalText", 160, at="incidentComponent"),
            "severity": self.severity(incident), "place": place, "lon": lon, "lat": lat,
            "number": self.text(incident, "internalIncidentId", 40, at="incidentComponent"), "units": self.units(doc)}
        if side == ASKING and not values["type"]:
            self.wrong("incidentComponent.incidentTypeInternalCode", "the kind of incident is missing")
        if len(self.faults) or id is None or help is None or n is None or at is None:
            return None
        return Said(id=id, at=at, host=host, help=help, side=side, n=n, state=state, **values)

    def identity(self, doc: Json) -> tuple[UUID | None, str]:
        found = DOCUMENT.fullmatch(self.text(doc, "$id", 300))
        if found is None:
            self.wrong("$id", "it names no document", doc.get("$id"), "Write urn:emergency:uid:eido:UUID:HOST.")
            return None, ""
        return self.uuid(found[1], "$id"), found[2]

    def text(self, of: Json, name: str, most: int, *, at: str = "") -> str:
        """The text under a name, "" where there is none."""
        value, where = of.get(name, ""), f"{at}.{name}" if at else name
        if not isinstance(value, str) or len(value) > most:
            self.wrong(where, f"it is no text of at most {most} characters", value)
        elif CONTROL.search(value):
            self.wrong(where, "it holds a sign that is none (a control character or half a pair)", value)
        else:
            return value.strip()
        return ""

    def time(self, of: Json, name: str, *, at: str = "", must: bool = False) -> datetime | None:
        text = self.text(of, name, 40, at=at)
        if not text and not must:
            return None
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is not None and found.year in YEARS:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.wrong(f"{at}.{name}" if at else name, "it is no time of these years with its offset (RFC 3339)", text)
        return None

    def uuid(self, value: object, where: str) -> UUID | None:
        try:
            found = UUID(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or str(found) != value:
            self.wrong(where, "it is no UUID in small letters", value)
            return None
        return found

    def whole(self, value: object, where: str, most: int) -> int | None:
        if type(value) is int and 1 <= value <= most:
            return value
        self.wrong(where, f"it is no whole number from 1 to {most}", value)
        return None

    def part(self, of: Json, name: str) -> Json:
        value = of.get(name, {})
        if isinstance(value, dict):
            return value
        self.wrong(name, "it is no object", type(value).__name__)
        return {}

    def parts(self, of: Json, name: str, most: int, *, at: str = "") -> list[Json]:
        """The objects of an array, [] where there is none."""
        value, where = of.get(name, []), f"{at}.{name}" if at else name
        if isinstance(value, list) and len(value) <= most and all(isinstance(one, dict) for one in value):
            return value
        self.wrong(where, f"it is no array of at most {most} objects", type(value).__name__)
        return []

    def needs(self, request: Json, name: str) -> tuple[Need, ...]:
        out: list[Need] = []
        for i, row in enumerate(self.parts(request, name, MOST_NEEDS, at=HELP)):
            where = f"{HELP}.{name}[{i}]"
            code = self.text(row, "capability", 40, at=where)
            count = self.whole(row.get("count"), f"{where}.count", MOST_COUNT)
            if not CODE.fullmatch(code):
                self.wrong(f"{where}.capability", "it is no code of a capability", code)
            elif any(code == need.capability for need in out):
                self.wrong(f"{where}.capability", "it stands twice", code)
            elif count is not None:
                out.append(Need(code, count))
        return tuple(out)

    def severity(self, incident: Json) -> int | None:
        text = self.text(incident, "incidentPriorityInternalText", 2, at="incidentComponent")
        if text in ("", "1", "2", "3", "4"):
            return int(text) if text else None
        self.wrong("incidentComponent.incidentPriorityInternalText", "a level is 1, 2, 3 or 4", text)
        return None

    def location(self, doc: Json) -> tuple[str, float | None, float | None]:
        """The place in words and its point, of the first location."""
        for part in self.parts(doc, "locationComponent", 20)[:1]:
            place = self.text(part, "locationDescriptionText", 240, at="locationComponent")
            by_value = self.text(part, "locationByValue", 4000, at="locationComponent")
            if found := POINT.search(by_value):
                try:
                    lat, lon = float(found[1]), float(found[2])
                except ValueError:
                    lat = lon = math.inf
                if abs(lat) <= 90 and abs(lon) <= 180:
                    return place, lon, lat
                self.wrong("locationComponent.locationByValue", "the point is not on the earth", found[0])
            return place, None, None
        return "", None, None

    def units(self, doc: Json) -> tuple[UnitSaid, ...]:
        out = []
        for i, row in enumerate(self.parts(doc, "emergencyResourceComponent", MOST_UNITS)):
            where = f"emergencyResourceComponent[{i}]"
            name = self.text(row, "emergencyResourceName", 80, at=where)
            told = row.get("unitStatusInternal", [])
            state = self.text({"state": told[0]}, "state", 20, at=where) if isinstance(told, list) and told else ""
            if name:
                out.append(UnitSaid(name, state if CODE.fullmatch(state) else ""))
        return tuple(out)
