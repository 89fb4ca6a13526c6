"""What the pages say: figures put into words and rows. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwang.desk.calls import facts as calls
from shouwang.desk.closures import facts as closing
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import names
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.templatetags.desk import clock, name
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.asked import STATES
from shouwang.desk.workflow.moves import cycle

from . import actions, facts
from .advice import lineup, playing
from .models import Study
from .terms import MOST_CLOSURES

SIDES = ("a", "b")
RULES: Mapping[str, str | Promise] = {
    "nearest": gettext_lazy("The nearest free unit"),
    "return": gettext_lazy("The soonest, busy units counted in"),
    "own_area": gettext_lazy("Units of the own area first"),
    "cover": gettext_lazy("Keep the last unit of an area back"),
}
Estimate = Sequence[float | None]


@dataclass(frozen=True)
class Measure:
    """A line of the comparison. `verdict`: better, worse, unsure or "" where nothing is compared."""

    label: str
    a: str
    b: str
    change: str = ""
    interval: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Row:
    """A comparison in the list."""

    study: Study
    state: str
    who: str
    change: str
    verdict: str


def row(study: Study) -> Row:
    change = getattr(study, "change", None)
    told = _points(change) if study.state == "done" and change else ""
    return Row(study, str(STATES[study.state]), who_did(study), told, _verdict(change, 1) if told else "")


def dispatch_rules() -> list[tuple[str, str]]:
    return [(code, str(text)) for code, text in RULES.items()]


def stays_say() -> str:
    """What an empty number of minutes stands for."""
    found = calls.scene().get(calls.ALL_TYPES)
    if found is None:
        return _("Empty: 20 minutes. Nothing is measured yet.")
    says = ngettext("Empty: as measured by type and shift, from %(n)s case.",
                    "Empty: as measured by type and shift, from %(n)s cases.", found.cases)  # fmt: skip
    return says % {"n": f"{found.cases:,}"}


def stays(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The measured stays a comparison was played with: by type, minutes in each shift, and cases."""
    measured = given.get("stays")
    if not measured:
        return []
    label = names("call-type", [row["type"] for row in measured["types"]])
    return [
        {
            "label": label.get(row["type"], _("others")), "cases": row["cases"],
            "minutes": [f"{row['mean_s'] * factor / 60:.0f}" for _start, factor in sorted(measured["shifts"].items())],
        }
        for row in sorted(measured["types"], key=lambda row: -row["cases"])
    ]  # fmt: skip


def who_did(study: Study) -> str:
    return names("user", [study.made_by]).get(study.made_by, study.made_by)


def form(who: Actor, now: datetime, copy: str) -> dict[str, Any]:
    """What the form's script needs: plans, units where they stand, and the hours that can be chosen."""
    district = next((a for a in places.areas("district") if who.may("whatif.run", a.area)), None)
    if district is None:
        return {}
    newest, days = patrol.newest_forecast(district.area), patrol.past_days(district.area, now)
    plans = patrol.recent_plans(district.area, now - actions.PLANS_BACK)
    states = cycle("plan")
    standing = {unit: post.stands for unit, post in patrol.standing(district.area, patrol.shift_start(now)).items()}
    units = lineup.base(district.area, standing)
    return {
        "plans": [
            {
                "id": str(p.id),
                "label": f"{patrol.shift_label(p)} {states.state_label(p.state)}",
                "stands": patrol.stands_of(str(p.id)),
            }
            for p in plans
        ],
        "units": [{k: getattr(u, k) for k in ("id", "zh", "en", "service", "lon", "lat", "fixed")} for u in units],
        "forecast": _span(timezone.localtime(newest.origin), newest.hours) if newest else None,
        "past": [str(day) for day in days] if days else None,
        "copy": _copied(who, copy), "closures": closed_now(district.area, now),
    }  # fmt: skip


def _span(origin: datetime, hours: int) -> list[str]:
    return [f"{moment:%Y-%m-%dT%H:%M}" for moment in (origin, origin + timedelta(hours=hours))]


def _copied(who: Actor, copy: str) -> dict[str, Any] | None:
    try:
        study = facts.ROOM.seen(who).filter(id=UUID(copy)).first()
    except ValueError:
        return None
    if study is None:
        return None
    return {k: v for k, v in study.given.items() if k not in ("units", "forecast", "network", "as_of")}


# ---- what came out


def results(study: Study) -> dict[str, Any]:
    figures = study.figures
    begins = datetime.fromisoformat(study.given["start"]).hour
    hours = sorted(figures["a"]["hours"], key=lambda h: (int(h) - begins) % 24)
    return {
        "rows": measures(figures),
        "head": headline(figures),
        "areas": groups(figures, "areas", [(n, _area(figures, int(n))) for n in figures["a"]["areas"]]),
        "hours": groups(figures, "hours", [(h, f"{int(h):02}:00") for h in hours]),
        "worst": [_worst(figures, side) for side in SIDES],
        "busy": busy(figures),
        "curve_says": curve_says(figures),
        "hours_say": hours_say(figures, hours),
        "config": {
            "curve_s": figures["curve_s"], "within_s": figures["within_s"],
            "a": figures["a"]["curve"], "b": figures["b"]["curve"],
            "hours": [[h, *(figures[side]["hours"][h]["within"] for side in SIDES)] for h in hours],
        },
    }  # fmt: skip


def inputs(study: Study) -> dict[str, Any]:
    """The two scenarios as they were asked for."""
    given = study.given
    start = datetime.fromisoformat(given["start"])
    return {
        "given": given,
        "minutes": given["on_scene_min"] or playing.SCENE_MIN,
        "stays": stays(given),
        "shifts": sorted(given["stays"]["shifts"]) if given.get("stays") else [],
        "start": start,
        "until": start + timedelta(hours=given["hours"]),
        "by": who_did(study),
        "scenarios": [(side.upper(), _scenario(given, side)) for side in SIDES],
        "example": given.get("example") or study.figures.get("generated") or study.figures.get("moved_days"),
    }


def _scenario(given: Mapping[str, Any], side: str) -> list[tuple[str, str]]:
    told = given[side]
    units = names("unit", [e["unit"] for e in told["edits"]])
    counts = [
        _("%(service)s: %(n)s") % {"service": word, "n": _("as they are") if told[key] is None else told[key]}
        for key, word in (("police", _("police")), ("guard", _("guards")))
    ]
    edits = [_edit(e, n, units) for n, e in enumerate(told["edits"])]
    drawn = _("an area drawn")
    closures = [
        f"{c.get('label') or c['street'] or drawn}{_slower(c)} {c['from_h']:02}:00—{c['until_h']:02}:00"
        for c in told["closures"]
    ]
    rules = [str(RULES[told["dispatch"]])]
    rules += [_("idle patrols close gaps")] if told["move_up"] else []
    rules += [_("guards take first response")] if told["first"] else [_("guards stay out")]
    posts = _("Plan %(shift)s") % {"shift": given["plans"][side]} if told["plan"] else _("Today's posts")
    return [
        (_("Posts"), posts), (_("Units"), _(", ").join(counts)),
        (_("Changes"), _("; ").join(edits) or _("none")), (_("Closed"), _("; ").join(closures) or _("none")),
        (_("Dispatch"), _("; ").join(rules)),
    ]  # fmt: skip


def _slower(closure: Mapping[str, Any]) -> str:
    return f" ×{closure['factor']:g}" if closure.get("factor") else ""


def closed_now(area: str, now: datetime) -> list[dict[str, Any]]:
    """The desk's closures in force, as a comparison takes them: the hours of a day in which they hold today."""
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for one in (c for c in closing.closures((area,), now) if c.state == "in_force"):
        from_h, until_h = ((at - midnight).total_seconds() / 3600 for at in (one.from_at, one.until_at))
        begins = min(23, max(0, int(from_h)))
        found.append({"closure": one.id, "zh": one.zh, "en": one.en, "from_h": begins,
                      "until_h": max(begins + 1, min(24, ceil(until_h)))})  # fmt: skip
    return found[:MOST_CLOSURES]


def _edit(edit: Mapping[str, Any], number: int, units: Mapping[str, str]) -> str:
    if edit["kind"] == "add":
        return _("%(unit)s added") % {"unit": f"+{number + 1}"}
    unit = units.get(edit["unit"], edit["unit"])
    return (_("%(unit)s moved") if edit["kind"] == "move" else _("%(unit)s taken out")) % {"unit": unit}


def headline(figures: Mapping[str, Any]) -> str:
    a, b, change = figures["a"]["within"], figures["b"]["within"], figures["change"]["within"]
    words = {
        "better": _("Surely more than chance."), "worse": _("Surely less, not by chance."),
        "unsure": _("Too close to say: the difference is within chance."),
    }  # fmt: skip
    says = _("Within %(minutes)s minutes A reaches %(a)s of the calls, B %(b)s: %(change)s (95 %% %(interval)s).")
    return (
        says
        % {
            "minutes": f"{figures['within_s'] / 60:g}", "a": _percent(a), "b": _percent(b),
            "change": _points(change), "interval": _between(change, _bare_points),
        }
        + " " + words.get(_verdict(change, 1), "")
    )  # fmt: skip


def measures(figures: Mapping[str, Any]) -> list[Measure]:
    def line(label: str, key: str, tell: Callable[[Estimate], str], change: Callable[[Estimate], str] | None = None,
             bare: Callable[[float], str] | None = None, good: int = 0, of: str = "") -> Measure:  # fmt: skip
        a, b = (tell(figures[side][key]) for side in SIDES)
        if change is None or bare is None:
            return Measure(label, a, b)
        told = figures["change"][of or key]
        return Measure(label, a, b, change(told), _between(told, bare), _verdict(told, good))

    minutes = f"{figures['within_s'] / 60:g}"
    return [
        line(_("Reached within %(n)s minutes") % {"n": minutes}, "within", _percent_ci, _points, _bare_points, 1),
        line(_("Mean response"), "mean_s", _clock_ci, _seconds, _bare_seconds, -1),
        line(_("Half of the calls within"), "median_s", _clock_ci),
        line(_("Nine in ten within"), "p90_s", _clock_ci),
        line(_("Calls that nobody reached"), "unserved", _percent_ci, _points, _bare_points, -1),
        line(_("Calls that waited for a unit"), "waited", _percent_ci, _points, _bare_points, -1),
        line(_("Mean wait"), "wait_s", _clock_ci, _seconds, _bare_seconds, -1),
        line(_("Units busy"), "busy", _percent_ci, _points, _bare_points, 0, "busy_mean"),
    ]


def groups(figures: Mapping[str, Any], key: str, labelled: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """By area or hour: calls a replication, both shares in time, and the difference."""
    found = []
    for n, label in labelled:
        group, other, change = figures["a"][key][n], figures["b"][key][n], figures["change"][key][n]
        found.append({
            "label": label, "calls": f"{group['calls']:.1f}", "a": _percent_ci(group["within"]),
            "b": _percent_ci(other["within"]), "change": _points(change), "interval": _between(change, _bare_points),
            "verdict": _verdict(change, 1), "slow_a": _clock(group["p90_s"]), "slow_b": _clock(other["p90_s"]),
        })  # fmt: skip
    return found


def busy(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Units by name with their busy share in each scenario, None where one does not have the unit."""
    rows: dict[str, dict[str, Any]] = {}
    for side in SIDES:
        for unit in figures[side]["units"]:
            row = rows.setdefault(unit["id"], {"name": name(unit), "service": unit["service"], "a": None, "b": None})
            row[side] = {"text": _percent_ci(unit["busy"]), "share": unit["busy"][0] or 0.0, "how": unit["how"]}
    return sorted(rows.values(), key=lambda r: (r["service"] != "police", r["name"]))


def _worst(figures: Mapping[str, Any], side: str) -> str:
    worst = figures[side]["worst"]
    if worst is None:
        return _("too few calls to say")
    slow = figures[side]["areas"][str(worst)]["p90_s"]
    return _("%(area)s, nine in ten within %(time)s") % {"area": _area(figures, worst), "time": _clock(slow)}


def _area(figures: Mapping[str, Any], number: int) -> str:
    return name(figures["areas"][number]) or _("elsewhere")


def curve_says(figures: Mapping[str, Any]) -> str:
    return _("By ten minutes A has reached %(a)s of the calls, B %(b)s; the bands are 95 %% intervals.") % {
        side: _percent(figures[side]["curve"][9]) for side in SIDES
    }


def hours_say(figures: Mapping[str, Any], hours: Sequence[str]) -> str:
    sure = [h for h in hours if _verdict(figures["change"]["hours"][h], 1) in ("better", "worse")]
    if not sure:
        return _("In no hour is the difference beyond chance.")
    return _("The difference is beyond chance in these hours: %(hours)s.") % {
        "hours": _(", ").join(f"{int(h):02}:00" for h in sure)
    }


# ---- figures as people write them


def _verdict(change: Estimate | None, good: int) -> str:
    """Whether a difference is beyond chance. `good`: the sign of what is better, 0 where neither is."""
    if not change or change[1] is None or change[2] is None:
        return ""
    if change[1] <= 0 <= change[2]:
        return "unsure"
    return "" if not good else "better" if change[1] * good > 0 else "worse"


def _percent(value: Estimate) -> str:
    return "—" if value[0] is None else f"{value[0] * 100:.1f} %"


def _percent_ci(value: Estimate) -> str:
    if value[1] is None or value[2] is None:
        return _percent(value)
    return f"{_percent(value)} ({max(0.0, value[1]) * 100:.1f}–{min(1.0, value[2]) * 100:.1f})"


def _clock(value: Estimate) -> str:
    """A time; there is none where too many calls were not reached."""
    return _("never") if value[0] is None else clock(value[0])


def _clock_ci(value: Estimate) -> str:
    if value[1] is None or value[2] is None:
        return _clock(value)
    return f"{_clock(value)} ({clock(max(0.0, value[1]))}–{clock(value[2])})"


def _points(change: Estimate) -> str:
    return "—" if change[0] is None else _("%(n)s pts") % {"n": _bare_points(change[0])}


def _seconds(change: Estimate) -> str:
    return "—" if change[0] is None else _("%(n)s s") % {"n": _bare_seconds(change[0])}


def _bare_points(value: float) -> str:
    return _signed(value * 100)


def _bare_seconds(value: float) -> str:
    return _signed(value)


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}"
    return text if float(text) == 0 else ("+" if value > 0 else "−") + text


def _between(change: Estimate, tell: Callable[[float], str]) -> str:
    if change[1] is None or change[2] is None:
        return "—"
    return _("%(low)s to %(high)s") % {"low": tell(change[1]), "high": tell(change[2])}
