"""What the pages say: figures put into words and rows. No rule is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import names
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.templatetags.desk import clock, name
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.asked import STATES

from . import actions, facts
from .models import Proposal

Estimate = Sequence[float | None]


@dataclass(frozen=True)
class Row:
    """A proposal in the list."""

    proposal: Proposal
    state: str
    who: str
    title: str
    drive: str


@dataclass(frozen=True)
class Measure:
    """A line of the simulation. `verdict`: better, worse, unsure or "" where nothing is compared."""

    label: str
    before: str
    after: str
    change: str
    interval: str
    verdict: str


def row(proposal: Proposal) -> Row:
    told: Any = proposal  # with what the list's query adds
    drive = ""
    if told.before_s is not None and told.after_s is not None:
        drive = _("%(before)s → %(after)s") % {"before": clock(told.before_s), "after": clock(told.after_s)}
    title = _title({"zh": told.zh, "en": told.en, "each": told.each, "count": told.count})
    return Row(proposal, str(STATES[proposal.state]), _who(proposal), title, drive)


def form(who: Actor) -> dict[str, Any]:
    """What can be asked: areas that the reader may divide, and the number of beats there are now. Empty without any;
    `lacks`: what has to be made or imported first."""
    mine = [a for kind in actions.DIVIDED for a in places.areas(kind) if who.may(facts.ROOM.run, a.area)]
    if not mine:
        return {}
    top = mine[0].area.split("/")[0] + "/"
    beats, controls = places.areas("beat"), places.areas("control_area")
    now = len([b for b in beats or controls if b.area.startswith(mine[0].area)])
    lacks = ""
    if places.network() is None:
        lacks = _("There are no streets yet. Import a street network first.")
    elif patrol.newest_forecast(top) is None:
        lacks = _("There is no forecast yet. Make one first.")
    return {"areas": mine, "count": max(2, now), "lacks": lacks}


def inputs(proposal: Proposal) -> dict[str, Any]:
    """What was asked for."""
    given = proposal.given
    return {
        "given": given, "title": _title(given), "by": _who(proposal),
        "tolerance": f"{given['tolerance'] * 100:g}", "worth": f"{given['worth_min']:g}",
        "anew": not any(t["kind"] == "beat" for t in given["today"]),
    }  # fmt: skip


def _title(told: Mapping[str, Any]) -> str:
    says = _("%(area)s: %(n)s beats") if told["each"] == "whole" else _("%(area)s: %(n)s beats in each control area")
    return says % {"area": name(told), "n": told["count"]}


def _who(proposal: Proposal) -> str:
    return names("user", [proposal.made_by]).get(proposal.made_by, proposal.made_by)


# ---- what came out


def results(proposal: Proposal) -> dict[str, Any]:
    figures = proposal.figures
    return {
        "head": headline(figures),
        "before": [_beat(beat) for beat in figures["before"]],
        "after": [_beat(beat, figures["before"]) for beat in figures["after"]],
        "regions": [_region(region) for region in figures["regions"]],
        "total": _region(figures["total"]) if len(figures["regions"]) > 1 else None,
        "keeps": any(region["keeps"] for region in figures["regions"]),
        "changes": changes(figures),
        "score": figures["score"], "measures": measures(figures["score"]), "worst": by_beat(figures),
        "left_out": figures["left_out"], "outside": f"{figures['outside']:.1f}" if figures["outside"] >= 0.05 else "",
        "config": {
            "before": [_drawn(beat) for beat in figures["before"]],
            "after": [_drawn(beat) for beat in figures["after"]],
            "changes": [row["geometry"] for row in figures["changes"]],
        },
    }  # fmt: skip


def headline(figures: Mapping[str, Any]) -> str:
    before, after = figures["drive_s"]["before"], figures["drive_s"]["after"]
    moved = sum(region["moved"] for region in figures["regions"])
    says = _("Mean drive from the middle of a beat to its calls: %(after)s; with today's borders %(before)s.")
    words = says % {"before": clock(before), "after": clock(after)}
    if len(figures["before"]) > len(figures["regions"]):  # there is something to be even with
        uneven = {side: max(abs(b["share"] or 0.0) for b in figures[side]) for side in ("before", "after")}
        says = _("Calls of a beat differ from the mean by at most %(after)s; today by %(before)s.")
        words += " " + says % {side: _percent(share) for side, share in uneven.items()}
    if any(region["keeps"] for region in figures["regions"]):
        words += " " + _("%(n)s cells change hands.") % {"n": moved}
    if not all(region["balanced"] for region in figures["regions"]):
        words += " " + _("The balance asked for was not reached: cells are too coarse for it.")
    return words


def _beat(beat: Mapping[str, Any], before: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    was = before[beat["was"]] if before and beat["was"] >= 0 else None
    return {
        "name": name(beat), "calls": f"{beat['calls']:.1f}", "hours": f"{beat['hours']:.1f}",
        "share": "—" if beat["share"] is None else f"{_signed(beat['share'] * 100)} %",
        "drive": clock(beat["drive_s"]), "far": clock(beat["far_s"]), "cells": beat["cells"], "units": beat["units"],
        "was": was and {"calls": f"{was['calls']:.1f}", "drive": clock(was["drive_s"])},
    }  # fmt: skip


def _region(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name(told), "objective": f"{told['objective']:.1f}", "bound": f"{told['bound']:.1f}",
        "gap": f"{told['gap'] * 100:.1f} %", "status": told["status"], "keeps": told.get("keeps"),
        "balanced": told.get("balanced"),
        "imbalance": f"{told['imbalance'] * 100:.1f} %" if "imbalance" in told else "", "moved": told.get("moved", ""),
    }  # fmt: skip


def changes(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "from": name(figures["before"][c["from"]]), "to": name(figures["after"][c["to"]]), "cells": c["cells"],
            "calls": f"{c['calls']:.1f}", "saved": _signed(c["saved_min"]),
        }
        for c in figures["changes"]
    ]  # fmt: skip


def measures(told: Mapping[str, Any] | None) -> list[Measure]:
    if told is None:
        return []

    def line(label: str, key: str, tell: Callable[[float], str], bare: Callable[[float], str], good: int) -> Measure:
        before, after = (tell(told[side][key][0]) if told[side][key][0] is not None else "—" for side in ("a", "b"))
        if key not in told["change"]:
            return Measure(label, before, after, "", "", "")
        change = told["change"][key]
        says = "—" if change[0] is None else bare(change[0])
        return Measure(label, before, after, says, _between(change, bare), _verdict(change, good))

    return [
        line(_("Reached in time"), "within", _percent, _points, 1),
        line(_("Mean response"), "mean_s", clock, _seconds, -1),
        line(_("Nine in ten within"), "p90_s", clock, _seconds, -1),
        line(_("Calls that waited for a unit"), "waited", _percent, _points, -1),
        line(_("Units busy"), "busy", _percent, _points, 0),
    ]


def by_beat(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By proposed beat: reached in time under both divisions, and the difference."""
    if figures["score"] is None:
        return []
    found = []
    for n, (before, after, change) in sorted(figures["score"]["beats"].items(), key=lambda item: int(item[0])):
        found.append({
            "name": name(figures["after"][int(n)]), "before": _of(before, _percent), "after": _of(after, _percent),
            "change": _of(change, _points), "interval": _between(change, _points), "verdict": _verdict(change, 1),
        })  # fmt: skip
    return found


def _drawn(beat: Mapping[str, Any]) -> dict[str, Any]:
    return {k: beat[k] for k in ("zh", "en", "geometry", "seat")} | {"calls": f"{beat['calls']:.1f}"}


# ---- figures as people write them


def _verdict(change: Estimate, good: int) -> str:
    if change[1] is None or change[2] is None or not good:
        return ""
    if change[1] <= 0 <= change[2]:
        return "unsure"
    return "better" if change[1] * good > 0 else "worse"


def _of(estimate: Estimate, tell: Callable[[float], str]) -> str:
    return "—" if estimate[0] is None else tell(estimate[0])


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def _points(value: float) -> str:
    return _("%(n)s pts") % {"n": _signed(value * 100)}


def _seconds(value: float) -> str:
    return _("%(n)s s") % {"n": _signed(value)}


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}"
    return text if float(text) == 0 else ("+" if value > 0 else "−") + text


def _between(change: Estimate, tell: Callable[[float], str]) -> str:
    if change[1] is None or change[2] is None:
        return "—"
    return _("%(low)s to %(high)s") % {"low": tell(change[1]), "high": tell(change[2])}
