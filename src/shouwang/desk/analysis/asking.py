"""From an address to a question and from there to its answer. What a reader may not see is taken out here, once for
pages, files and programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.calls.facts import STEPS
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.engine.demand.calls import SOURCES
from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import SMALL
from shouwang.engine.errors import NoAnswer

from . import facts
from .advice import again, kinds, patrols, places, response, times, trends
from .advice import record as records
from .advice.chosen import Chosen, choose
from .advice.record import Record
from .terms import CLOCK, FLOW, FOUND, NOWHERE, PERIODS, RECORDS, WITHIN_DAYS, Asked, Row, Sheet, Told

USUAL_SPAN = timedelta(days=363)  # 52 weeks


class Address(Protocol):
    """The part of an address behind the question mark."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def getlist(self, key: str) -> list[str]: ...


def record(now: datetime) -> Record:
    """The record as it is now. Raises Refused while there is no district."""
    try:
        return records.record(now)
    except NoAnswer as none:
        raise Refused(_("There is no district yet. Import areas first."), code="no_district") from none


def read(told: Address, who: Actor, known: Record) -> Asked:
    """The question of an address; what it leaves out is taken as usual: the last 52 weeks of the record, the reader's
    own area, all kinds but those that patrols found by themselves. Raises Refused at the field for what is no value,
    Missing for an area that does not open to the reader."""
    own = facts.areas(who)
    if not own:
        raise Missing(_("There is no area here that you may analyse."), code="missing")
    first, last = known.days or (date(2000, 1, 1), date(2000, 1, 1))
    last = _day(told, "to") or last
    kinds_asked = tuple(kind for kind in told.getlist("kind") if kind)[:100]
    for name, value in (*(("kind", kind) for kind in kinds_asked), ("street", told.get("street") or ""),
                        ("result", told.get("result") or "")):  # fmt: skip
        if not value.isprintable():
            raise Refused(_("“%(value)s” is no text.") % {"value": ascii(value[:40])}, field=name, code="text")
    asked = Asked(
        first=_day(told, "from") or max(min(first, last), last - USUAL_SPAN), last=last,
        area=told.get("area") or own[0].area, kinds=kinds_asked,
        shift=_of(told, "shift", ("", *(s.start for s in facts.shifts()))), found=_of(told, "found", FOUND),
        replay=told.get("replay") == "1", days=int(_of(told, "days", ("14", *map(str, WITHIN_DAYS)))),
        period=_of(told, "period", PERIODS), cell=_cell(told, known),
        street=told.get("street"), hour=_number(told, "hour", 23), weekday=_number(told, "weekday", 6),
        result=told.get("result"), step=_of(told, "step", ("", *STEPS, *FLOW)) or None,
        judged=_of(told, "judged", ("", "1")) or None,
        source=_of(told, "source", ("", *SOURCES)) or None, clock=_of(told, "clock", ("", *CLOCK)) or None,
        within=told.get("within") or None,
    )  # fmt: skip
    if asked.first > asked.last:
        raise Refused(_("The first day lies after the last one. Change one of them."), field="from", code="order")
    open_to = {spot.area for spot in own}
    if asked.within is not None and not all(path in open_to for path in asked.within.split(",")):
        raise Missing(_("No such area among those that you may analyse."), code="missing")
    if asked.area not in open_to:
        raise Missing(_("No such area among those that you may analyse."), code="missing")
    return asked


def _day(told: Address, name: str) -> date | None:
    value = told.get(name)
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not 1971 <= day.year <= 2200:
        says = _("“%(value)s” is no day. Write it as 2026-11-28.") % {"value": value[:40]}
        raise Refused(says, field=name, code="day")
    return day


def _of(told: Address, name: str, allowed: Sequence[str]) -> str:
    value = str(told.get(name) or allowed[0])
    if value not in allowed:
        raise Refused(_("“%(value)s” cannot be chosen. Take one of: %(allowed)s.") % {
            "value": value[:40], "allowed": ", ".join(a for a in allowed if a)}, field=name, code="choice")  # fmt: skip
    return value


def _cell(told: Address, known: Record) -> int | None:
    return NOWHERE if told.get("cell") in (NOWHERE, str(NOWHERE)) else _number(told, "cell", known.ground.grid.size - 1)


def _number(told: Address, name: str, most: int) -> int | None:
    value = told.get(name)
    if value is None or value == "":
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) <= most):
        raise Refused(_("“%(value)s” is no number from 0 to %(most)s.") % {"value": value[:40], "most": most},
                      field=name, code="number")  # fmt: skip
    return int(value)


def chosen(asked: Asked, known: Record) -> Chosen:
    return choose(known, asked, facts.shifts())


def sees_records(who: Actor, asked: Asked) -> bool:
    """Whether the calls behind the figures open to the reader, in all of the area asked for."""
    return who.may(RECORDS, asked.area)


def answer(view: str, asked: Asked, who: Actor, known: Record) -> tuple[Told, int | None]:
    """The tables of a view, and how many calls were counted: None where this reader may not be told, for there are few
    of them."""
    calls = chosen(asked, known)
    told = _VIEWS[view](asked, known, calls)
    if sees_records(who, asked):
        return told, len(calls)
    few = 1 <= len(calls) <= SMALL
    return replace(told, sheets=tuple(hidden(sheet) for sheet in told.sheets)), None if few else len(calls)


def _what(asked: Asked, known: Record, _calls: Chosen) -> Told:
    shifts = facts.shifts()
    earlier = asked.but(first=asked.first - kinds.YEAR, last=asked.last - kinds.YEAR)
    reaches = known.days is not None and earlier.first >= known.days[0] and not asked.replay
    before = choose(known, earlier, shifts, found="1") if reaches else None
    return kinds.told(choose(known, asked, shifts, found="1"), before)


def _trends(asked: Asked, known: Record, _calls: Chosen) -> Told:
    return trends.told(chosen(asked.but(first=trends.earliest(asked.first)), known), asked.first)


_VIEWS: Mapping[str, Callable[[Asked, Record, Chosen], Told]] = {
    "where": lambda asked, known, calls: places.told(calls),
    "when": lambda asked, known, calls: times.told(calls),
    "what": _what,
    "repeats": lambda asked, known, calls: again.told(calls),
    "trends": _trends,
    "response": lambda asked, known, calls: response.told(calls),
    "patrols": lambda asked, known, calls: patrols.told(calls),
}


def hidden(sheet: Sheet) -> Sheet:
    """The table for a reader who may not see the calls behind it: rows of few calls without their figures, and as many
    others as it takes so that none can be worked out from the sum."""
    counts = np.array([row[sheet.counted] for row in sheet.rows], np.int64)
    if not len(counts):
        return sheet
    shown = shown_of(counts)
    if sheet.whole and not shown.all():
        shown = np.zeros_like(shown)
    about = set(sheet.columns[: sheet.about]) | {"start", "end", "cell"}
    rows = [_veiled(row, about, keep) for row, keep in zip(sheet.rows, shown.tolist(), strict=True)]
    if sheet.ranking:
        rows = [row for row, keep in zip(rows, shown.tolist(), strict=True) if keep]
    return replace(sheet, rows=rows, hidden=int((~shown).sum()))


def _veiled(row: Row, about: set[str], keep: bool) -> Row:
    if not keep:
        return {key: value if key in about or key == "standard" else None for key, value in row.items()} | {"few": True}
    told = dict(row)
    for part, others in _PARTS.items():  # a small part of a large row is a small count too
        if isinstance(told.get(part), int) and 1 <= told[part] <= SMALL:
            told |= {key: None for key in (part, *others) if key in told}
    return told


_PARTS: Mapping[str, tuple[str, ...]] = {
    "before": ("change", "change_low", "change_high"), "same": (), "near": ("beyond",),
    "by_patrols": (), "judged": ("in_time", "in_time_low", "in_time_high"),
}  # fmt: skip
