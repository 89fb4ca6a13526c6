"""What the two pages say: figures put into words and rows. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.seal import unseal
from shouwang.desk.people.models import User
from shouwang.desk.people.templatetags.desk import clock, name
from shouwang.desk.workflow import moves
from shouwang.engine.demand.findings import TEXTS

from . import shifts
from .kinds import kind_name
from .models import Forecast, Plan, PlanPost

CLOSURES_NAMED = 3
HALF = 42.0  # pixels from the middle of a difference's picture to its edge


@dataclass(frozen=True)
class Tab:
    """One shift to choose, with its plan if there is one."""

    day: str
    start: datetime
    end: datetime
    plan: Plan | None
    state: str
    chosen: bool
    under_way: bool


@dataclass(frozen=True)
class Measure:
    """One line of the comparison. `at`, `low`, `high`: where the difference and its interval stand in its picture,
    better to the right of the middle. `values`: today, plan, difference and its ends, in seconds or per cent
    (`unit`)."""

    label: str
    today: str
    plan: str
    change: str
    interval: str
    at: float
    low: float
    high: float
    sure: bool
    values: tuple[float, ...]
    unit: str
    group: str = ""


@dataclass(frozen=True)
class ChangeRow:
    """A unit that stands elsewhere than today, which may be taken or not."""

    unit: str
    letter: str
    title: str
    note: str
    gain: str
    taken: bool
    by_hand: bool


def tabs(plans: Sequence[Plan], chosen: Plan | None, now: datetime) -> list[Tab]:
    """The shift under way and those to come: each plan, or an empty tab where a shift has none."""
    found = []
    for shift in shifts.coming(now):
        here = [p for p in plans if p.shift_start == shift.start]
        under_way = shift.start <= now
        if not here:
            found.append(Tab(weekday(shift.start), shift.start, shift.end, None, _("No plan"), False, under_way))
        found += [
            Tab(weekday(p.shift_start), p.shift_start, p.shift_end, p, state_of(p), p == chosen, under_way)
            for p in here
        ]
    return found


def state_of(plan: Plan) -> str:
    return moves.cycle("plan").state_label(plan.state)


def choose(plans: Sequence[Plan], who: Actor, wanted: str) -> Plan | None:
    """The plan to show first: the one asked for, else the one that waits for this reader, else the first."""
    for plan in plans:
        if str(plan.id) == wanted:
            return plan
    approves = [p for p in plans if p.state == "submitted" and who.may("patrol.approve", p.area)]
    edits = [p for p in plans if p.state in ("draft", "returned") and who.may("patrol.plan", p.area)]
    return next(iter([*approves, *edits, *plans]), None)


def measures(figures: dict[str, Any]) -> list[Measure]:
    """Today beside the plan: all units together, then what each service reaches alone."""
    rows = _rows(figures["all"], figures["within_s"], ("mean_s", "share", "cover", "slow_s"))
    for service, part in figures["services"].items():
        if len(figures["services"]) > 1:
            rows += _rows(part, figures["within_s"], ("share", "cover"), group=service_name(service))
    return rows


def _rows(part: dict[str, Any], within_s: float, wanted: Sequence[str], group: str = "") -> list[Measure]:
    labels = {
        "mean_s": _("Mean drive"),
        "share": _("Reached within %(minutes)s min") % {"minutes": f"{within_s / 60:g}"},
        "cover": _("In time, busy units counted"),
        "slow_s": _("Slowest tenth"),
    }
    write: dict[str, Callable[[float], str]] = {"share": percent, "cover": percent, "mean_s": clock, "slow_s": clock}
    rows = []
    for key in (key for key in wanted if key in part["plan"]):  # older plans do not tell all of them
        today, plan = part["today"][key], part["plan"][key]
        low, high = part.get("change", {}).get(key, (0.0, 0.0))
        share = key in ("share", "cover")
        unit, better = (points, 1.0) if share else (seconds, -1.0)
        scale = max(abs(low), abs(high), abs(plan - today), 1e-9)
        ends = sorted(46 + better * v / scale * HALF for v in (low, high))
        rows.append(Measure(
            labels[key], write[key](today), write[key](plan), unit(plan - today),
            _("%(low)s to %(high)s") % {"low": unit(low, bare=True), "high": unit(high, bare=True)},
            at=46 + better * (plan - today) / scale * HALF, low=ends[0], high=ends[1],
            sure=low > 0 or high < 0, group=group, unit="%" if share else "s",
            values=tuple(round(v * (100 if share else 1), 2) for v in (today, plan, plan - today, low, high)),
        ))  # fmt: skip
    return rows


def words(plan: Plan, rows: Sequence[Measure]) -> list[str]:
    """What the table does not say by itself."""
    figures, lines = plan.figures, []
    unsure = [r.label for r in rows if not (r.group or r.sure)]
    moved = figures["all"]["moved"]
    if moved and unsure:
        lines.append(
            _("The interval holds 0 for: %(names)s. Whether that gets better is uncertain.")
            % {"names": _(", ").join(unsure)}
        )
    lines.append(
        _("%(calls)s calls are expected in this shift. Drives are by road at usual speeds.")
        % {"calls": f"{figures['all']['expected']:.1f}"}
    )
    lines.append(_closed(figures.get("closures", [])))
    lines += [_busy(service, *told) for service, told in figures.get("busy", {}).items()]
    between = figures.get("between", {})
    if between.get("shifts", 0) > 1:
        lines.append(
            _("Proposed together with the other shifts, %(shifts)s in all: units change their place %(moves)s times "
              "between them, %(alone)s times if each were planned alone.") % between
        )  # fmt: skip
    return lines


def _closed(closures: Sequence[Mapping[str, str]]) -> str:
    """Which street closures the drives rest on."""
    if not closures:
        return str(_("No street closure of this shift was known."))
    told = [name(one) for one in closures[:CLOSURES_NAMED]] + (["…"] if len(closures) > CLOSURES_NAMED else [])
    return str(_("Closed or slow in this shift, and driven around: %(names)s.") % {"names": _(", ").join(told)})


def _busy(service: str, share: float, hours: float) -> str:
    told = {"service": service_name(service), "n": f"{share * 100:.0f}", "hours": f"{hours:,.0f}"}
    if hours:
        says = _("%(service)s: a unit is busy %(n)s %% of this shift, measured from %(hours)s unit-hours on duty.")
        return says % told
    return _("%(service)s: a unit is taken to be busy %(n)s %% of the time, by the setting of the centre.") % told


def possible(plan: Plan) -> list[str]:
    """For each service, how good posts could be if everybody moved."""
    figures = plan.figures
    return [
        _best(service, best, {**figures["services"][service], "within_s": figures["within_s"]})
        for service, best in figures.get("best", {}).items()
        if best and service in figures["services"]
    ]


def _best(service: str, best: dict[str, Any], part: dict[str, Any]) -> str:
    """What moving every unit of a service could bring at most, beside what this plan brings."""
    share, drive = best["share"], best["mean_s"]
    values = {
        "service": service_name(service), "minutes": f"{part['within_s'] / 60:g}", "best": percent(share["bound"]),
        "here": percent(part["plan"]["share"]), "drive_here": clock(part["plan"]["mean_s"]),
        "drive": clock(drive["bound"]),
        "moves": ngettext("%(n)s move", "%(n)s moves", part["moved"]) % {"n": part["moved"]},
    }  # fmt: skip
    proven = share["status"] == drive["status"] == "optimal"
    text = _("%(service)s: with %(moves)s %(here)s reached within %(minutes)s min, %(drive_here)s on average. Moving "
             "everybody, no more than %(best)s and no less than %(drive)s is possible") % values  # fmt: skip
    return text + (_(" (proven).") if proven else _(" (bounds; such posts may not exist)."))


def changes(posts: Sequence[PlanPost]) -> list[ChangeRow]:
    """Moves, those that gain most first."""
    moved = sorted((p for p in posts if p.moves), key=lambda p: (-p.gain_share, -p.gain_s))
    return [_move_row(p) for p in moved]


def _move_row(post: PlanPost) -> ChangeRow:
    place, base = (post.place_zh, post.base_zh) if _zh() else (post.place_en, post.base_en)
    title = _("%(unit)s moves to %(place)s") % {"unit": post, "place": place}
    gain = f"{seconds(-post.gain_s)}{'' if abs(post.gain_share) < 5e-4 else ' / ' + points(post.gain_share)}"
    note = _("Now at %(place)s") % {"place": base}
    return ChangeRow(str(post.unit), str(post)[:1], title, note, gain, post.taken, post.by_hand)


def quiet(plan: Plan) -> str:
    """The local hours in which patrols walk, in words."""
    hours = plan.figures.get("quiet_hours", [])
    spans: list[list[int]] = []
    for hour in hours:
        if spans and hour == (spans[-1][1]) % 24:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return _(", ").join(f"{a:02}:00—{b % 24:02}:00" for a, b in spans)


def steps(plan: Plan, who: Actor) -> dict[str, bool]:
    """Which moves of the life cycle this reader may make now."""
    cycle = moves.cycle("plan")
    may = {t.id for t in cycle.moves_from(plan.state) if who.may(t.may, plan.area)}
    return {
        "edit": plan.state in ("draft", "returned") and who.may("patrol.plan", plan.area),
        "submit": "p_submit" in may,
        "withdraw": "p_withdraw" in may and plan.submitted_by == who.id,
        "approve": "p_approve" in may and plan.submitted_by != who.id,
        "return": "p_return" in may and plan.submitted_by != who.id,
    }


def why_returned(plan: Plan, who: Actor) -> str:
    """The reason given, to those who plan or approve here."""
    if plan.state != "returned" or not (who.may("patrol.plan", plan.area) or who.may("patrol.approve", plan.area)):
        return ""
    return unseal(plan.id, "reason", bytes(plan.reason))


def who_did(actor: str) -> str:
    """The name of a member of staff, or of the centre's own worker."""
    if actor.startswith("system:") or not actor:
        return _("the centre")
    return User.objects.filter(id=actor).values_list("name", flat=True).first() or _("a former member")


def findings(row: Forecast) -> list[str]:
    """What is odd about the calls a forecast rests on."""
    return [_(TEXTS[f["code"]]).format(**f["values"]) for f in row.settings.get("findings", []) if f["code"] in TEXTS]


def found(row: Forecast) -> list[str]:
    """How many records of patrols a forecast counts, and why at all; nothing where it counts none of them."""
    told = row.settings.get("found")
    if told is None:
        return []
    says = [
        _("Tours go to every community within reach by lot, with a chance of %(floor)s at least (the floor of "
          "exploration).") % {"floor": percent(told["floor"], 0)},
    ]  # fmt: skip
    if not told["found"]:
        return [_("Records that patrols find here count, corrected; there is none yet."), *says]
    says = [
        _("Records that patrols found count here, corrected: %(counted)s of %(found)s.")
        % {"counted": told["counted"], "found": told["found"]},
        _("Of %(logged)s the chance of a visit was logged; each counts with such a chance that all had the same one to "
          "be found. The others stay out.") % {"logged": told["logged"]},
        *says,
    ]  # fmt: skip
    if told["least"] is not None:
        says.append(_("The least chance that a patrol was there at a moment of the touring hours: %(least)s.") % {
            "least": percent(told["least"], 2)})  # fmt: skip
    return says


def tested(row: Forecast) -> dict[str, Any] | None:
    """How such forecasts did: a sentence and a table. None where there were too few calls to say."""
    test = row.backtest
    if not test:
        return None
    low, high = test["gain"][1:]
    verdict = (
        _("better than the plain mean of a year")
        if low > 0
        else _("worse than the plain mean of a year")
        if high < 0
        else _("not surely better than the plain mean of a year")
    )
    sentence = _(
        "In the last %(days)s days %(hit)s of the calls came in the %(top)s of the cells named beforehand; the "
        "plain mean of a year named %(plain)s. By place and hour the forecast was %(verdict)s."
    ) % {
        "days": test["days"],
        "hit": percent(test["hit"][-1]),
        "top": percent(test["top"][-1], 0),
        "plain": percent(test["hit_plain"][-1]),
        "verdict": verdict,
    }
    rows = [
        (_("Calls in the top %(share)s of cells") % {"share": percent(s, 0)}, percent(a), percent(b))
        for s, a, b in zip(test["top"], test["hit"], test["hit_plain"], strict=True)
    ]
    for n, label in enumerate((_("Bits a call over an even spread, by place"), _("Bits a call, by place and hour"))):
        rows.append((label, f"{test['bits'][n]:.3f}", f"{test['bits_plain'][n]:.3f}"))
    error = test["coverage_error"]
    cover = _("The 80 %% intervals held %(share)s (± %(error)s, 95 %%) of the days of the control areas.") % {
        "share": percent(test["coverage"], 0),
        "error": "—" if error is None else percent(1.96 * error, 0),
    }
    silent = test.get("not_scored", {"days": 0})  # forecasts made before gaps were told say nothing of them
    if silent["days"]:
        cover = f"{cover} {_(TEXTS['not_scored']).format(**silent)}"
    return {"sentence": sentence, "cover": cover, "rows": rows, "calls": test["calls"], "days": test["days"]}


def area_bars(row: Forecast, areas: Sequence[dict[str, Any]], start: datetime) -> list[dict[str, Any]]:
    """Dot and bar per area for the shift that begins at `start`; positions in a picture 120 wide. The whole district
    comes last, without a picture: it would dwarf the others."""
    told = in_shift(row, areas, start)
    parts = [s for a, s in told if a["path"] != row.area]
    scale = 116 / (max((s["high"][0] for s in parts), default=0.0) or 1.0)
    return [
        {"name": name(a), "whole": a["path"] == row.area, "expected": f"{s['expected'][0]:.1f}",
         "low": f"{s['low'][0]:g}", "high": f"{s['high'][0]:g}", "x": s["expected"][0] * scale,
         "x0": s["low"][0] * scale, "x1": s["high"][0] * scale}
        for a, s in told
    ]  # fmt: skip


def in_shift(
    row: Forecast, areas: Sequence[dict[str, Any]], start: datetime
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each area with what is expected there in the shift that begins at `start`; nothing if the forecast tells none."""
    if start.isoformat() not in row.shifts:
        return []
    return [(a, a["shifts"][row.shifts.index(start.isoformat())]) for a in areas]


def left_out(row: Forecast) -> list[tuple[str, int]]:
    """Kinds that feed no forecast, with their calls, most first."""
    return [(kind_name(k), n) for k, n in sorted(row.left_out.items(), key=lambda pair: -pair[1])]


def week(row: Forecast) -> list[dict[str, Any]]:
    """The heat map: seven days of 24 hours, each with its step 0–5 of the legend."""
    most = max((v for day in row.week for v in day), default=0.0) or 1.0
    return [
        {"day": str(day), "hours": [{"hour": h, "calls": f"{v:.1f}", "step": min(5, int(v / most * 6))}
                                    for h, v in enumerate(calls)]}
        for day, calls in zip(WEEKDAYS, row.week, strict=True)
    ]  # fmt: skip


WEEKDAYS = (
    pgettext_lazy("short weekday", "Mon"),
    pgettext_lazy("short weekday", "Tue"),
    pgettext_lazy("short weekday", "Wed"),
    pgettext_lazy("short weekday", "Thu"),
    pgettext_lazy("short weekday", "Fri"),
    pgettext_lazy("short weekday", "Sat"),
    pgettext_lazy("short weekday", "Sun"),
)


def weekday(moment: datetime) -> str:
    """The local weekday, short."""
    return str(WEEKDAYS[timezone.localtime(moment).weekday()])


def service_name(service: str) -> str:
    return {"police": _("Police"), "guard": _("Guards")}.get(service, service)


def percent(share: float, digits: int = 1) -> str:
    return f"{share * 100:.{digits}f} %"


def points(share: float, bare: bool = False) -> str:
    """A difference of shares: +3.1 points."""
    text = _signed(share * 100, 1)
    return text if bare else _("%(n)s pts") % {"n": text}


def seconds(value: float, bare: bool = False) -> str:
    text = _signed(value, 0)
    return text if bare else _("%(n)s s") % {"n": text}


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "−") + text


def _zh() -> bool:
    return (get_language() or "").startswith("zh")
