"""The advice as plain values and in the reader's language."""
from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shouwang.desk.units.facts import UnitFact
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.moves import cycle

from ..answering import Answer
from ..terms import SERVICES
from .choice import Advice, ForService
from .pulling import Pull
from .terms import Candidate, Short


@cache
def _skills() -> dict[str, dict[str, str]]:
    return {r["code"]: r for r in table("capabilities")}


def skill_name(code: str) -> str:
    return _skills()[code]["zh" if chinese() else "en"]


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


def join(parts: list[str]) -> str:
    return ("，" if chinese() else ", ").join(parts)


def reason(c: Candidate, nearest: Candidate | None) -> str:
    """Why this unit."""
    saved = nearest.price_s - c.price_s if nearest else 0.0
    ends = c.shift_ends.astimezone(get_current_timezone()).strftime("%H:%M") if c.shift_ends else ""
    words = {
        "nearest": _("Nearest by road"), "soon": _("Soon there"), "first_response": _("First response"),
        "brings": _("Brings: %(skills)s") % {"skills": join([skill_name(s) for s in c.brings])},
        "on_break": _("On a break, can be called back"), "elsewhere": _("Of another area"),
        "saves": _("Spares later calls %(n)s s more than the nearest") % {"n": f"{saved:.0f}"},
        "shift_ends": _("Shift ends at %(time)s") % {"time": ends},
        "stale": _("Position %(n)s min old") % {"n": int((c.position_age_s or 0) // 60)},
        "jump": _("Position cannot be true"),
    }
    return join([words[w] for w in c.why])


def price(c: Candidate) -> str:
    """What sending it costs the calls to come, in full."""
    told = _("Next calls wait %(n)s s longer on average while it is away; %(points)s points fewer are reached in time")
    return told % {"n": f"{c.price_s:.1f}", "points": f"{c.cover_lost * 100:.1f}"}


def busy(s: ForService) -> str:
    """How likely its units are taken to be busy, and where that comes from."""
    told = {"n": f"{s.busy.share * 100:.0f}", "hours": f"{s.busy.hours:,.0f}"}
    if s.busy.measured:
        return _("Units busy %(n)s %% of the time in this hour, measured from %(hours)s unit-hours on duty") % told
    return _("Units busy %(n)s %% of the time, by the setting of the centre") % told


def note(s: ForService) -> str:
    """What is missing for a service and what would help; "" when nothing is."""
    said = [_short(one) for one in s.short]
    if s.service == "medical" and not any(c.own for c in s.candidates) and not s.there:
        said = [_("Pass it on to the ambulance service (120).")]
        if s.brought:
            names = join([u.zh if chinese() else u.en for u in s.brought])
            said.append(_("First aid comes with %(units)s.") % {"units": names})
    return ("" if chinese() else " ").join(said)


def title(service: str, skill: str) -> str:
    """What a group of candidates is called."""
    name = str(SERVICES[service])
    return _("%(service)s (%(skill)s)") % {"service": name, "skill": skill_name(skill)} if skill else name


def _short(short: Short) -> str:
    name = title(short.service, short.skill)
    missing = ngettext("%(service)s: %(n)s unit is missing", "%(service)s: %(n)s units are missing", short.missing)
    why = {"nobody": _("none that can is free"), "cut_off": _("no road leads there from those that are free"),
           "taken": _("all that can are needed for the other services")}[short.why]
    states = [f"{cycle('unit').state_label(state)} {n}" for state, n in sorted(short.states.items())]
    said = join([missing % {"service": name, "n": short.missing}, why])
    would = (_("would do it once free: %(states)s") % {"states": join(states)} if states
             else _("would do it: a neighbouring centre or a linked agency"))
    return said + _(" (%(would)s)") % {"would": would}


def skills_missing(advice: Advice) -> list[str]:
    return [ngettext("Short of %(skill)s: %(n)s more unit would have to bring it.",
                     "Short of %(skill)s: %(n)s more units would have to bring it.", s.missing)
            % {"skill": skill_name(s.skill), "n": s.missing} for s in advice.short]


def leaves(pull: Pull) -> str:
    """What a unit would leave."""
    return _("would leave %(call)s, level %(level)s, %(type)s; not there yet") % {
        "call": pull.leaves.number, "level": pull.leaves.severity, "type": pull.leaves.type}


def plain(advice: Advice) -> dict[str, Any]:
    """The advice as plain values, reasons in the reader's language."""
    return {"within_s": advice.within_s, "problem": advice.problem, "missing": skills_missing(advice),
            "jurisdiction": _first(advice.first), "services": [
        {"service": s.service, "skill": s.skill, "wanted": s.wanted, "there": len(s.there), "cover": s.cover,
         "busy_share": round(s.busy.share, 4), "busy_hours": round(s.busy.hours, 1), "note": note(s),
         "candidates": [_plain(c, advice.units[c.unit], s) for c in s.candidates],
         "interruptible": [_plain_pull(p) for p in s.pulls]} for s in advice.services]}


def _first(answer: Answer | None) -> dict[str, Any] | None:
    return None if answer is None else {"rule": answer.rule, "says": answer.says, "agency": answer.agency,
                                        "fallback": answer.fallback, "home": answer.home}


def _plain(c: Candidate, unit: UnitFact, among: ForService) -> dict[str, Any]:
    nearest = next((o for o in among.candidates if o.nearest), None)
    return _named(unit) | {
        "state": unit.state, "eta_s": round(c.eta_s, 1), "distance_m": round(c.distance_m, 1), "own": c.own,
        "nearest": c.nearest, "recommended": c.recommended, "price_s": round(c.price_s, 2),
        "cover_lost": round(c.cover_lost, 5), "position_age_s": c.position_age_s, "stale": c.stale, "jump": c.jump,
        "why": list(c.why), "reason": reason(c, nearest),
    }


def _plain_pull(p: Pull) -> dict[str, Any]:
    return _named(p.unit) | {"eta_s": round(p.eta_s, 1), "distance_m": round(p.distance_m, 1),
                             "leaves": p.leaves.id, "leaves_number": p.leaves.number, "reason": leaves(p)}


def _named(unit: UnitFact) -> dict[str, Any]:
    return {"unit": str(unit.id), "code": unit.code, "zh": unit.zh, "en": unit.en, "letter": unit.letter,
            "service": unit.service}
