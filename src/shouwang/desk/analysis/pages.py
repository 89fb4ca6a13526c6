"""What the pages say: tables and figures put into words. No figure is made here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from shouwang.desk.log.names import names
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.templatetags.desk import clock
from shouwang.desk.places import facts as places
from shouwang.engine.disclose.suppress import SMALL

from . import drawn
from .advice.kinds import YEAR
from .terms import NOWHERE, Asked, Row, Sheet, Told

NONE = "—"
AREAS_DRAWN = 20
COURSES_DRAWN = 6
MOSTLY = 0.5  # of what changes in calls, from which on they are said to be mostly an echo
STATES: Mapping[str, Any] = {
    "above": gettext_lazy("▲ above the action limit"), "high": gettext_lazy("△ above the warning limit"),
    "within": gettext_lazy("within"), "low": gettext_lazy("▽ below the warning limit"),
    "below": gettext_lazy("▼ below the action limit"), "": gettext_lazy("no limits yet"),
}  # fmt: skip
STEPS: Mapping[str, Any] = {
    "registered": gettext_lazy("Registering the call"), "assigned": gettext_lazy("Assigning a unit"),
    "acknowledged": gettext_lazy("Unit acknowledges"), "turnout": gettext_lazy("Unit sets off"),
    "arrival": gettext_lazy("Assigned to arrived"), "response": gettext_lazy("Call to arrived, all together"),
    "received": gettext_lazy("Received"), "unit_sent": gettext_lazy("A unit was sent"),
    "unit_there": gettext_lazy("A unit arrived"), "result_told": gettext_lazy("A result was told"),
}  # fmt: skip
TITLES: Mapping[str, Any] = {
    "cells": gettext_lazy("Squares with the most calls"), "streets": gettext_lazy("Streets with the most calls"),
    "areas": gettext_lazy("Communities"), "week": gettext_lazy("Hours of the week"),
    "hours": gettext_lazy("Hours of the day"), "weekdays": gettext_lazy("Days of the week"),
    "days": gettext_lazy("Days"), "kinds": gettext_lazy("Kinds of calls"), "flow": gettext_lazy("From call to result"),
    "results": gettext_lazy("Results"), "repeats": gettext_lazy("Repeat places"),
    "periods": gettext_lazy("Calls and their limits"), "steps": gettext_lazy("Steps against the standards"),
    "by_area": gettext_lazy("Arrival by area"), "by_hour": gettext_lazy("Arrival by hour of the day"),
    "presence": gettext_lazy("Patrols, calls and people by community"),
    "course": gettext_lazy("Patrols, calls and people over time"),
}  # fmt: skip


# ---- figures as people write them


def number(value: float | None, digits: int = 0) -> str:
    if value is None:
        return NONE
    return "∞" if math.isinf(value) else f"{value:,.{digits}f}".replace("-", "−")


def digits_of(value: float) -> int:
    return 0 if abs(value) >= 20 else 1 if abs(value) >= 1 else 2


def figure(value: float | None) -> str:
    return NONE if value is None else number(value, 0 if math.isinf(value) else digits_of(value))


def percent(value: float | None) -> str:
    return NONE if value is None else "∞" if math.isinf(value) else f"{value * 100:.1f} %"


MANY = 10.0  # a change of more is told as so many times as many: nobody reads +66500 %


def signed(value: float | None) -> str:
    if value is None:
        return NONE
    if math.isinf(value):
        return "∞"
    return f"{_with_sign(value * 100, 0)} %" if value < MANY else f"×{number(round(value + 1))}"


def _with_sign(value: float, digits: int) -> str:
    """The sign is that of what is shown: nothing is neither more nor less."""
    shown = round(value, digits)
    return f"{'+' if shown > 0 else '−' if shown < 0 else ''}{abs(shown):.{digits}f}"


def points(value: float | None) -> str:
    """A difference of shares in percentage points."""
    if value is None:
        return NONE
    return _("%(n)s points") % {"n": _with_sign(value * 100, 1)}


def seconds(value: float | None) -> str:
    return NONE if value is None else "∞" if math.isinf(value) else clock(value)


def between(row: Row, low: str, high: str, tell: Callable[[float | None], str]) -> str:
    if row.get(low) is None and row.get(high) is None:
        return NONE
    return _("%(low)s to %(high)s") % {"low": tell(row.get(low)), "high": tell(row.get(high))}


def weekday(n: int) -> str:
    return _weekdays(get_language() or "")[n]


@cache
def _weekdays(language: str) -> tuple[str, ...]:
    return _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")


class Words:
    """Names of areas, kinds and results in the reader's language, looked up once for a page."""

    def __init__(self, kinds: Sequence[str], results: Sequence[str]) -> None:
        self.areas = places.area_names()
        self.kinds = names("call-type", kinds)
        passed_on = names("call-target", [r.removeprefix("target:") for r in results if r.startswith("target:")])
        self.results = names("call-result", results) | {f"target:{code}": name for code, name in passed_on.items()}

    def area(self, path: str | None) -> str:
        spot = self.areas.get(path or "")
        return spot.name if spot else _("outside the district") if not path else str(path)

    def kind(self, code: str | None) -> str:
        return self.kinds.get(code or "") or patrol.kind_name(code or "")

    def result(self, code: str | None) -> str:
        return self.results.get(code or "", code or "") or _("open, or no result told")


# ---- columns


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, the text of a row's cell, and what a file holds in its place (one value, or the
    two ends of an interval). `data`: names from the record, in no certain language."""

    label: Any
    tell: Callable[[Row, Words], str]
    value: Callable[[Row, Words], Any]
    number: bool = True
    data: bool = False


def _count(key: str, label: Any) -> Column:
    return Column(label, lambda row, words: number(row.get(key)), lambda row, words: row.get(key))


def _text(key: str, label: Any, say: Callable[[Words, Any], str], data: bool = True) -> Column:
    def tell(row: Row, words: Words) -> str:
        return say(words, row.get(key))

    return Column(label, tell, tell, number=False, data=data)


def _figure(key: str, label: Any, tell: Callable[[float | None], str]) -> Column:
    return Column(label, lambda row, words: tell(row.get(key)), lambda row, words: _finite(row.get(key)))


def _ends(low: str, high: str, label: Any, tell: Callable[[float | None], str]) -> Column:
    return Column(label, lambda row, words: between(row, low, high, tell),
                  lambda row, words: (_finite(row.get(low)), _finite(row.get(high))))  # fmt: skip


def _finite(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def _standard(row: Row, words: Words) -> str:
    told = row.get("standard")
    if not told:
        return _("none")
    return clock(told[0]) if told[0] == told[1] else _("%(low)s to %(high)s") % {
        "low": clock(told[0]), "high": clock(told[1])}  # fmt: skip


INTERVAL = gettext_lazy("95 % interval")
COLUMNS: Mapping[str, Column] = {
    "street": _text("street", gettext_lazy("Street"), lambda words, v: v or _("no named street")),
    "area": _text("area", gettext_lazy("Area"), Words.area),
    "within": _text("within", gettext_lazy("Belongs to"), lambda words, v: words.area(v) if v else ""),
    "kind": _text("kind", gettext_lazy("Kind"), Words.kind),
    "result": _text("result", gettext_lazy("Result"), Words.result, data=False),
    "step": _text("step", gettext_lazy("Step"), lambda words, v: str(STEPS[v]), data=False),
    "weekday": _text("weekday", gettext_lazy("Weekday"), lambda words, v: weekday(v), data=False),
    "hour": _text("hour", gettext_lazy("Hour"), lambda words, v: f"{v:02}:00", data=False),
    "day": _text("day", gettext_lazy("Date"), lambda words, v: str(v), data=False),
    "start": _text("start", gettext_lazy("From"), lambda words, v: str(v), data=False),
    "found": _text("found", gettext_lazy("Found by"), lambda words, v: _("patrols themselves") if v else "", False),
    "beyond": _text("beyond", gettext_lazy("Beyond chance"),
                    lambda words, v: NONE if v is None else _("yes") if v else _("no"), data=False),
    "state": _text("state", gettext_lazy("Verdict"), lambda words, v: NONE if v is None else str(STATES[v]), False),
    "calls": _count("calls", gettext_lazy("Calls")),
    "same": _count("same", gettext_lazy("Repeats in the square")),
    "near": _count("near", gettext_lazy("Repeats there or next to it")),
    "before": _count("before", gettext_lazy("A year before")),
    "by_patrols": _count("by_patrols", gettext_lazy("Found by patrols")),
    "judged": _count("judged", gettext_lazy("Under a standard")),
    "share": _figure("share", gettext_lazy("Share"), percent),
    "patrol_h": _figure("patrol_h", gettext_lazy("Patrol hours"), figure),
    "post_h": _figure("post_h", gettext_lazy("Of them at posts"), figure),
    "patrol": _figure("patrol", gettext_lazy("Share of patrol time"), percent),
    "people": _figure("people", gettext_lazy("Share of people"), percent),
    "gap": _figure("gap", gettext_lazy("Patrols less calls"), points),
    "a_year": _figure("a_year", gettext_lazy("Calls a year"), figure),
    "mean": _figure("mean", gettext_lazy("Mean"), figure),
    "expected": _figure("expected", gettext_lazy("Expected calls"), figure),
    "by_chance": _figure("by_chance", gettext_lazy("Of them by chance"), figure),
    "change": _figure("change", gettext_lazy("Changed by"), signed),
    "median": _figure("median", gettext_lazy("Half took at most"), seconds),
    "p90": _figure("p90", gettext_lazy("Nine in ten took at most"), seconds),
    "in_time": _figure("in_time", gettext_lazy("Within the standard"), percent),
    "rate_interval": _ends("low", "high", INTERVAL, lambda v: number(v)),
    "mean_interval": _ends("low", "high", INTERVAL, figure),
    "share_interval": _ends("low", "high", INTERVAL, percent),
    "chance_interval": _ends("low", "high", gettext_lazy("By chance, 95 %"), lambda v: number(v)),
    "change_interval": _ends("change_low", "change_high", INTERVAL, signed),
    "median_interval": _ends("median_low", "median_high", INTERVAL, seconds),
    "p90_interval": _ends("p90_low", "p90_high", INTERVAL, seconds),
    "in_time_interval": _ends("in_time_low", "in_time_high", INTERVAL, percent),
    "warn_limits": _ends("warn_low", "warn_high", gettext_lazy("Warning limits, 95 %"), lambda v: number(v)),
    "act_limits": _ends("act_low", "act_high", gettext_lazy("Action limits, 99.8 %"), lambda v: number(v)),
    "standard": Column(gettext_lazy("Standard"), _standard, lambda row, words: _standard(row, words)),
}  # fmt: skip


# ---- tables


@dataclass(frozen=True)
class Cell:
    """It writes itself: a page has thousands, and a template asks many questions for each."""

    text: str
    number: bool
    data: bool
    href: str = ""

    def __str__(self) -> SafeString:
        text = conditional_escape(self.text)
        told = f'<a href="{escape(self.href)}">{text}</a>' if self.href else text
        number, data = ' class="n"' if self.number else "", ' lang=""' if self.data else ""
        return SafeString(f"<td{number}{data}>{told}</td>")


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Cell]]
    hidden: str


def table(sheet: Sheet, words: Words, asked: Asked, records: bool) -> Table:
    """`records`: whether counts lead to the calls behind them."""
    told = [COLUMNS[key] for key in sheet.columns]
    rows = []
    for row in sheet.rows[:sheet.listed or None]:
        cells = []
        for n, (key, column) in enumerate(zip(sheet.columns, told, strict=True)):
            veiled = row.get("few") and n >= sheet.about and key != "standard"
            text = (f"1–{SMALL}" if key == sheet.counted else "") if veiled else column.tell(row, words)
            links = records and key in (sheet.counted, *BESIDE) and row.get(key)
            href = calls_of(sheet, row, asked, BESIDE[key](asked) if key in BESIDE else None) if links else ""
            cells.append(Cell(text, column.number, column.data, href))
        rows.append(cells)
    return Table(sheet.name, str(TITLES[sheet.name]), [(str(c.label), c.number) for c in told], rows, hiding(sheet))


def hiding(sheet: Sheet) -> str:
    if not sheet.hidden:
        return ""
    return ngettext(
        "The figures of %(n)s row are hidden: it has %(small)s calls or fewer, or would give such a one away.",
        "The figures of %(n)s rows are hidden: they have %(small)s calls or fewer, or would give such a one away.",
        sheet.hidden,
    ) % {"n": sheet.hidden, "small": SMALL}  # fmt: skip


BESIDE: Mapping[str, Callable[[Asked], dict[str, Any]]] = {  # other counts of a row, by what else they ask for
    "before": lambda asked: {"first": asked.first - YEAR, "last": asked.last - YEAR},
    "by_patrols": lambda asked: {"found": "only"},
    "judged": lambda asked: {"judged": "1"},
}


def calls_of(sheet: Sheet, row: Row, asked: Asked, more: Mapping[str, Any] | None = None) -> str:
    """The address of the calls behind a row; "" where it is not a part of the question. `more`: what a count beside
    the row's own asks for."""
    if not sheet.narrow:
        return ""
    changes: dict[str, Any] = {}
    for key in sheet.narrow:
        value = row[key]
        if key == "kind":
            changes["kinds"] = (value,)
        elif key == "day":
            changes |= {"first": value, "last": value}
        elif key in ("start", "end"):
            changes["first" if key == "start" else "last"] = value
        elif key == "area":
            if not value:
                return ""
            changes["area"] = value
        elif key == "found":
            changes["found"] = value if isinstance(value, str) else "only" if value else ""
        else:
            changes[key] = value
    return f"/analysis/calls/?{asked.but(**(changes | dict(more or {}))).query}"


def exported(sheet: Sheet, words: Words) -> list[list[Any]]:
    """The table for a file: a heading and rows; an interval takes two columns."""
    told = [COLUMNS[key] for key in sheet.columns]
    head: list[Any] = []
    for key, column in zip(sheet.columns, told, strict=True):
        pair = key.endswith(("_interval", "_limits"))
        head += [f"{column.label} {_('from')}", f"{column.label} {_('to')}"] if pair else [str(column.label)]
    rows: list[list[Any]] = [head]
    for row in sheet.rows:
        cells: list[Any] = []
        for n, (key, column) in enumerate(zip(sheet.columns, told, strict=True)):
            veiled = row.get("few") and n >= sheet.about
            value = (f"1–{SMALL}" if key == sheet.counted else None) if veiled else column.value(row, words)
            if key.endswith(("_interval", "_limits")):
                cells += value if isinstance(value, tuple) else (None, None)
            else:
                cells.append(value)
        rows.append(cells)
    return rows


CLOCKS: Mapping[str, Any] = {"day": gettext_lazy("by day (6—22)"), "night": gettext_lazy("by night (22—6)")}
TOLD_BY: Mapping[str, Any] = {
    "resident": gettext_lazy("told by residents"), "alarm": gettext_lazy("told by alarms"),
    "patrol": gettext_lazy("told by patrols"),
}  # fmt: skip


def narrowed(asked: Asked, words: Words) -> list[str]:
    """Who told of the calls, at which hours, and in which areas, where a figure asks for that."""
    found = [str(TOLD_BY[asked.source])] if asked.source is not None else []
    found += [str(CLOCKS[asked.clock])] if asked.clock is not None else []
    if asked.within is not None:
        paths = asked.within.split(",")
        found.append(words.area(paths[0]) if len(paths) == 1 else ngettext(
            "%(n)s area", "%(n)s areas", len(paths)) % {"n": len(paths)})  # fmt: skip
    return found


# ---- what each view says, and its charts


def shown(view: str, told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    """What a view's template draws: `tables` by name, `says` in sentences, and its charts."""
    # Made when a template asks: one by month and community has thousands of rows, and is shown only beside its charts.
    tables = {sheet.name: cache(partial(table, sheet, words, asked, records)) for sheet in told.sheets}
    return {"tables": tables} | _SHOWN[view](told, asked, words, records)


def _link(sheet: Sheet, asked: Asked, records: bool) -> Callable[[Row], str]:
    return lambda row: calls_of(sheet, row, asked) if records and row.get(sheet.counted) else ""


def _where(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    more, says = told.more, []
    if more["of"]:
        says.append(
            _("Half of the calls on the map lie in %(half)s of the %(of)s squares that had any (%(share)s).")
            % {"half": number(more["half"]), "of": number(more["of"]), "share": percent(more["half"] / more["of"])}
        )
    if more["outside"] and (records or more["outside"] > SMALL):
        count = number(more["outside"])
        if records:
            count = format_html('<a href="/analysis/calls/?{}">{}</a>', asked.but(cell=NOWHERE).query, count)
        says.append(format_html(_("%(n)s calls lie outside the map.").replace("%(n)s", "{}"), count))
    return {"says": says + _quiet(told, asked, words)}


def _quiet(told: Told, asked: Asked, words: Words) -> list[str]:
    """Communities without any of these calls, beside how many chance alone would leave without: if each call fell on
    one of n communities at random, n · (1 − 1/n)^calls of them."""
    whole = [path for path, spot in words.areas.items() if spot.kind == "community" and path.startswith(asked.area)]
    rows = {row["area"]: row.get("calls") for row in told.sheet("areas").rows if row["area"] in set(whole)}
    calls, n = sum(count or 0 for count in rows.values()), len(whole)
    if n < 2 or asked.within or None in rows.values():
        return []
    says = [_("%(quiet)s of %(n)s communities had none of these calls.") % {"quiet": number(n - len(rows)),
                                                                            "n": number(n)}]
    if calls:
        says.append(_("If %(calls)s calls fell on communities at random, about %(chance)s would have none: a quiet one "
                      "may be so by chance, or because it is small.")
                    % {"calls": number(calls), "chance": number(round(n * (1 - 1 / n) ** calls))})
    return says


def _when(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    week, hours, days = told.sheet("week"), told.sheet("hours"), told.sheet("days")
    known = [row for row in week.rows if row["mean"] is not None]
    says = []
    if any(row["calls"] for row in known):
        most = max(known, key=lambda row: row["mean"])
        says.append(
            _("Most calls come on %(day)s from %(hour)s: %(mean)s in that hour (95 %% interval %(between)s).")
            % {"day": weekday(most["weekday"]), "hour": f"{most['hour']:02}:00", "mean": figure(most["mean"]),
               "between": between(most, "low", "high", figure)}
        )  # fmt: skip
    steps = _quantile_steps([row["mean"] for row in known if row["mean"]])
    href = _link(week, asked, records)
    grid = [{"day": weekday(n), "hours": [
        {"step": drawn.step_of(row["mean"], steps), "text": NONE if row["mean"] is None else figure(row["mean"]),
         "title": _cell_title(row), "href": href(row)}
        for row in week.rows[n * 24 : n * 24 + 24]]} for n in range(7)]  # fmt: skip
    day_steps = _quantile_steps([row["calls"] for row in days.rows if row["calls"]])
    return {
        "says": says, "grid": grid, "grid_steps": _legend(steps), "hour_names": range(24),
        "hours": drawn.upright(
            hours.rows, "mean", "low", "high", name=lambda row, n: str(row["hour"]) if not n % 3 else "",
            title=_cell_title, tell=_short, href=_link(hours, asked, records)),
        "calendar": drawn.calendar(days.rows, day_steps, title=_day_title, month=_month_name, weekday=weekday,
                                   href=_link(days, asked, records)),
        "day_steps": [number(math.ceil(s)) for s in day_steps],
    }  # fmt: skip


def _cell_title(row: Row) -> str:
    day = f"{weekday(row['weekday'])} " if "weekday" in row else ""
    if row["mean"] is None:
        return f"{day}{row['hour']:02}:00 — 1–{SMALL}" if row.get("few") else f"{day}{row['hour']:02}:00"
    return _("%(when)s: %(mean)s on average (%(between)s), %(n)s calls") % {
        "when": f"{day}{row['hour']:02}:00", "mean": figure(row["mean"]),
        "between": between(row, "low", "high", figure), "n": number(row["calls"])}  # fmt: skip


def _day_title(row: Row) -> str:
    count = f"1–{SMALL}" if row["calls"] is None else number(row["calls"])
    return _("%(day)s %(weekday)s: %(n)s calls") % {"day": row["day"], "weekday": weekday(row["weekday"]), "n": count}


def _month_name(day: date) -> str:
    return date_format(day, pgettext("month on a chart", "M"))


def _quantile_steps(values: Sequence[float]) -> list[float]:
    """Upper steps of five equally filled ones."""
    ordered = sorted(values)
    return [ordered[int(len(ordered) * n / 5)] for n in range(1, 5)] if ordered else []


def _short(value: float) -> str:
    return f"{value:g}"


def _what(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    kinds, flow = told.sheet("kinds"), told.sheet("flow")
    known = [row for row in kinds.rows if row.get("calls") is not None and not row["found"]]
    says = []
    if known:
        first = max(known, key=lambda row: row["calls"])
        says.append(_("The most frequent kind is %(kind)s: %(share)s of all (%(between)s).") % {
            "kind": words.kind(first["kind"]), "share": percent(first["share"]),
            "between": between(first, "low", "high", percent)})  # fmt: skip
    moved = [row for row in known if _sure(row)]
    if told.more["before"]:
        says.append(
            _("Changed beyond chance against a year before: %(kinds)s.") % {"kinds": _("; ").join(
                f"{words.kind(row['kind'])} {signed(row['change'])}" for row in moved[:6])}
            if moved else _("No kind changed beyond chance against a year before."))  # fmt: skip
    else:
        says.append(_("The record does not reach back a year before these days: no change is told."))
    top = [row for row in known if row.get("change") is not None][:20]
    return {
        "says": says,
        "changes": top and drawn.level(
            top, "change", "change_low", "change_high", name=lambda row: words.kind(row["kind"]), tell=signed,
            text=lambda row: signed(row["change"]), marked=_sure, ends=(-1.0, 1.0),
            ticks=(-1.0, -0.5, 0.0, 0.5, 1.0), href=_link(kinds, asked, records)),
        "kinds_drawn": _bars(kinds, words, asked, records)[:20], "flow": _flow_bars(flow, asked, records),
    }  # fmt: skip


def _legend(steps: Sequence[float]) -> list[str]:
    """Steps of a legend with as few digits as tell them apart."""
    told = ([number(step, digits) for step in steps] for digits in range(3))
    return next((texts for texts in told if len({number(0), *texts}) == len(texts) + 1), [figure(s) for s in steps])


def _with_share(row: Row) -> str:
    return _("%(n)s (%(share)s)") % {"n": number(row["calls"]), "share": percent(row["share"])}


def _sure(row: Row) -> bool:
    low, high = row.get("change_low"), row.get("change_high")
    return low is not None and high is not None and (low > 0 or high < 0)


def _bars(sheet: Sheet, words: Words, asked: Asked, records: bool) -> list[dict[str, Any]]:
    """Shares as bars: widths and ends in parts of the longest."""
    known = [row for row in sheet.rows if row.get("share") is not None]
    most = max((row["high"] for row in known), default=1.0) or 1.0
    href = _link(sheet, asked, records)
    return [
        {"name": words.kind(row["kind"]), "width": row["share"] / most * 300, "low": row["low"] / most * 300,
         "high": row["high"] / most * 300, "found": row.get("found"), "href": href(row),
         "text": _with_share(row)}
        for row in known
    ]  # fmt: skip


def _flow_bars(sheet: Sheet, asked: Asked, records: bool) -> list[dict[str, Any]]:
    href = _link(sheet, asked, records)
    return [
        {"name": str(STEPS[row["step"]]), "href": href(row), "width": row["share"] * 300, "low": row["low"] * 300,
         "high": row["high"] * 300, "text": _with_share(row)}
        for row in sheet.rows if row.get("share") is not None
    ]  # fmt: skip


def _repeats(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    more = told.more
    if not more["repeats"] or (not records and more["repeats"] <= SMALL):
        return {"says": [_("Hardly any call came within %(d)s days of another of its kind at the same place.") % {
            "d": asked.days}]}  # fmt: skip
    return {"says": [
        _("%(n)s of %(of)s calls (%(share)s) repeat one of their kind of the %(d)s days before, there or next to it.")
        % {"n": number(more["repeats"]), "of": number(more["calls"]), "d": asked.days,
           "share": percent(more["repeats"] / more["calls"])},
        _("At %(beyond)s of %(places)s places (of one kind each) that is more than chance gives.") % {
            "beyond": number(more["beyond"]), "places": number(more["places"])},
    ]}  # fmt: skip


LONG_D = 366  # days and months alone no longer tell which year


def _trends(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    sheet, more = told.sheet("periods"), told.more
    says = []
    effect = more["trend"]
    if effect is not None and (records or all(row.get("calls") is not None for row in sheet.rows)):
        ends = [signed(value - 1) for value in (effect.estimate, effect.low, effect.high)]
        if effect.verdict == "chance":
            text = _("No trend beyond chance: %(change)s over these days (95 %% interval %(low)s to %(high)s).")
        else:
            text = _("A trend: calls changed by %(change)s over these days (95 %% interval %(low)s to %(high)s).")
        says.append(text % dict(zip(("change", "low", "high"), ends, strict=True)))
    if more["limits"]:
        says.append(
            _("%(n)s of %(of)s periods lie outside the action limits; by chance alone about %(chance)s would.")
            % {"n": more["outside"], "of": more["limits"], "chance": f"{more['by_chance']:.1f}"}
        )
        if abs(more["run"]) >= 8:
            says.append(
                (_("The last %(n)s periods all lie above what was expected: the level may have risen.")
                 if more["run"] > 0 else
                 _("The last %(n)s periods all lie below what was expected: the level may have fallen."))
                % {"n": abs(more["run"])})  # fmt: skip
    elif sheet.rows:
        says.append(_("There are too few periods before these days to draw limits from: it takes 14."))
    if more["cut"]:
        says.append(_("The last period is not over and left out."))
    every = max(1, len(sheet.rows) // 9)
    form = "%Y-%m" if asked.period == "month" or asked.span_d > LONG_D else "%m-%d"

    def name(row: Row, n: int) -> str:
        return "" if n % every else row["start"].strftime(form)

    return {"says": says, "control": sheet.rows and drawn.control(
        sheet.rows, name=name, tell=_short, href=_link(sheet, asked, records),
        title=lambda row: _("From %(start)s: %(n)s calls, %(expected)s expected; %(state)s") % {
            "start": row["start"], "n": number(row["calls"]), "expected": figure(row.get("expected")),
            "state": STATES[row.get("state") or ""]})}  # fmt: skip


def _response(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    steps, areas, hours = (told.sheet(name) for name in ("steps", "by_area", "by_hour"))
    says = []
    arrival = next((row for row in steps.rows if row["step"] == "arrival" and row.get("in_time") is not None), None)
    if arrival is not None:
        says.append(_("%(share)s of the calls under a standard were reached in time (95 %% interval %(between)s).") % {
            "share": percent(arrival["in_time"]),
            "between": between(arrival, "in_time_low", "in_time_high", percent)})  # fmt: skip
    judged = [row for row in areas.rows if row.get("in_time") is not None]
    whole = next((row for row in steps.rows if row["step"] == "response" and row.get("p90") is not None), None)
    if whole is not None:
        says.append(_("From call to arrival: half within %(median)s, nine in ten within %(p90)s (%(between)s).") % {
            "median": seconds(whole["median"]), "p90": seconds(whole["p90"]),
            "between": between(whole, "p90_low", "p90_high", seconds)})  # fmt: skip
    return {
        "says": says,
        "hours": hours.rows and drawn.upright(
            hours.rows, "p90", "p90_low", "p90_high", name=lambda row, n: str(row["hour"]), tell=seconds, unit=60.0,
            title=lambda row: _("%(hour)s: nine in ten within %(p90)s (%(between)s), %(n)s calls") % {
                "hour": f"{row['hour']:02}:00", "p90": seconds(row.get("p90")), "n": number(row.get("calls")),
                "between": between(row, "p90_low", "p90_high", seconds)},
            href=_link(hours, asked, records)),
        "areas_drawn": judged and drawn.level(
            judged[:AREAS_DRAWN], "in_time", "in_time_low", "in_time_high", name=lambda row: words.area(row["area"]),
            tell=percent, text=lambda row: f"{percent(row['in_time'])} / {number(row['judged'])}",
            marked=lambda row: True, ends=(0.0, 1.0), ticks=(0.0, 0.25, 0.5, 0.75, 1.0),
            href=_link(areas, asked, records)),
    }  # fmt: skip


def _patrols(told: Told, asked: Asked, words: Words, records: bool) -> dict[str, Any]:
    sheet, more = told.sheet("presence"), told.more
    of = more["found"] + more["heard"]
    if records or more["found"] > SMALL or not more["found"]:
        says = [_("%(n)s of %(of)s records (%(share)s) were found by patrols themselves.") % {
            "n": number(more["found"]), "of": number(of), "share": percent(more["found"] / max(1, of))}]  # fmt: skip
    else:
        says = [_("Few records were found by patrols themselves.")]
    if more["reason"]:
        says.append(_("Forecasts count such records of this desk, corrected by the logged chance of a visit. Reason "
                      "given: %(reason)s") % {"reason": more["reason"]})  # fmt: skip
    else:
        says.append(_("No forecast is fed with them."))
    if more["hours"]:
        says.append(
            _("Patrol time is counted for %(counted)s hours: %(spent)s hours of all units and posts together.")
            % {"counted": number(more["hours"]), "spent": number(more["patrol_h"] + more["nowhere_h"])}
        )
        if more["nowhere_h"] > 0:
            says.append(_("Of %(n)s of these no community is kept: fewer than 3 units and posts were out, or they "
                          "were outside the district.") % {"n": figure(more["nowhere_h"])})  # fmt: skip
        if more["post_h"] > 0:
            says.append(_("At posts that members manned without a unit: %(n)s of the hours.") % {
                "n": figure(more["post_h"])})  # fmt: skip
        says.append(echo_says(more["echo"], more["block_d"]))
    if more["found"] > more["heard"]:
        says.append(_("Patrols found more than all others reported: a forecast fed with all records would mostly be "
                      "its own echo."))  # fmt: skip
    if more["uncounted"]:
        says.append(ngettext(
            "In %(n)s community nobody has counted the people yet: its share of them is not known.",
            "In %(n)s communities nobody has counted the people yet: their share of them is not known.",
            more["uncounted"]) % {"n": more["uncounted"]})  # fmt: skip
    known = [row for row in sheet.rows if row.get("gap") is not None]
    most = max((abs(row["gap"]) for row in known), default=0.0)
    end = math.ceil(max(most, 0.01) * 20) / 20
    top = sorted(known, key=lambda row: -abs(row["gap"]))[:AREAS_DRAWN]
    return {"says": says, "courses": _courses(told.sheet("course"), top, words), "gaps": top and drawn.level(
        [row | {"gap_low": row["patrol"] - row["high"], "gap_high": row["patrol"] - row["low"]} for row in top],
        "gap", "gap_low", "gap_high", name=lambda row: words.area(row["area"]), tell=points,
        text=lambda row: points(row["gap"]), marked=lambda row: row["gap_low"] > 0 or row["gap_high"] < 0,
        ends=(-end, end), ticks=(-end, -end / 2, 0.0, end / 2, end), href=_link(sheet, asked, records))}


def _courses(sheet: Sheet, top: Sequence[Row], words: Words) -> list[drawn.Course]:
    """The communities where patrols and calls differ most, over time; nothing of a single block."""
    drawn_of = []
    for area in (row["area"] for row in top[:COURSES_DRAWN]):
        rows = [row for row in sheet.rows if row["area"] == area]
        if len(rows) > 1:
            drawn_of.append(drawn.course(rows, ("patrol", "share"), "people", name=words.area(area), tell=percent))
    return drawn_of


def echo_says(found: tuple[float, float, float], days: int) -> str:
    r, low, high = found
    if math.isnan(r):
        return _("Whether calls follow patrols cannot be told yet: it takes three blocks of %(days)s days.") % {
            "days": days}  # fmt: skip
    told = {name: f"{v:+.2f}".replace("-", "−") for name, v in (("r", r), ("low", low), ("high", high))}
    if low > 0 and r * r >= MOSTLY:
        return _("Calls follow patrols: where these became more, calls did so in the %(days)s days after (correlation "
                 "%(r)s, 95 %% interval %(low)s to %(high)s). What changes from place to place is mostly an echo of "
                 "the patrols: do not place patrols by this forecast alone.") % {"days": days, **told}  # fmt: skip
    text = (
        _("Calls follow patrols: where these became more, calls did so in the %(days)s days after (correlation %(r)s, "
          "95 %% interval %(low)s to %(high)s). Part of the record may be their echo.") if low > 0 else
        _("Calls do not follow patrols beyond chance (correlation %(r)s, 95 %% interval %(low)s to %(high)s)."))
    return text % {"days": days, **told}


_SHOWN: Mapping[str, Callable[[Told, Asked, Words, bool], dict[str, Any]]] = {
    "where": _where, "when": _when, "what": _what, "repeats": _repeats, "trends": _trends, "response": _response,
    "patrols": _patrols,
}  # fmt: skip
