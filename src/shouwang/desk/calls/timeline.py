"""A call's history as people read it, made from the log: there is no second one."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shouwang.desk.log.facts import Fact
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.names import names
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.people.models import Role, User
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.moves import NEXT_CENTRE, cycle, timer_flag
from shouwang.desk.workflow.settings import get as get_setting

from .models import Call, CallType
from .plans import alarm_names
from .runcard import line_name
from .terms import DISPOSITIONS, SERVICES, SEVERITIES, TARGETS

HIDDEN = ("access.words_read", "help.delivered")  # for the auditor, not for the desk


@dataclass(frozen=True)
class Entry:
    """One line: when, what, by whom, and what they said about it. `event` is what an undo names."""

    event: str
    at: datetime
    kind: str
    text: str
    who: str
    reason: str = ""
    note: str = ""
    at_device: str = ""
    entered_at: datetime | None = None  # of what was worked on paper: `at` is the true time then


@dataclass(frozen=True)
class Words:
    """What the lines name, read once."""

    units: dict[str, str]
    calls: dict[str, str]


def timeline(call_id: UUID | str, *, reasons: bool = True, notes: dict[str, str] | None = None) -> list[Entry]:
    """The call's events, oldest first. `notes`: remarks by event id, opened by `read_words` for those who may."""
    events = [e for e in events_of("call", call_id) if e.kind not in HIDDEN]
    said = read_reasons(e.id for e in events) if reasons else {}
    people = _people(e.actor for e in events)
    words = _words(events)
    lines = [Entry(e.id, _true_at(e) or e.at, e.kind, _text(e, words), people.get(e.actor, _system(e.actor)),
                   said.get(e.id, ""), (notes or {}).get(e.id, ""), e.payload.get("at_device", ""),
                   e.at if _true_at(e) else None) for e in events]
    return sorted(lines, key=lambda line: line.at)  # a stable sort: the log's order among equals


def _true_at(e: Fact) -> datetime | None:
    """When it truly happened, where it was entered afterwards."""
    text = e.payload.get("true_at")
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


@dataclass(frozen=True)
class Message:
    """One line of the thread between the desk and the crews of a call."""

    at: datetime
    who: str
    crew: bool
    text: str


def thread(call_id: UUID | str, texts: dict[str, str]) -> list[Message]:
    """The thread, oldest first; `texts` by event id, opened by `read_words`. A crew is named by its unit."""
    events = [e for e in events_of("call", call_id) if e.kind == "call.messaged" and e.id in texts]
    people, words = _people(e.actor for e in events), _words(events)
    return [Message(e.at, words.units.get(e.payload.get("unit", ""), "") or people.get(e.actor, _("The centre")),
                    bool(e.payload.get("by_crew")), texts[e.id]) for e in events]


def sentences(events: list[Fact]) -> dict[str, str]:
    """What each of these events says, by its id."""
    words = _words(events)
    return {e.id: _text(e, words) for e in events}


def _people(actors: object) -> dict[str, str]:
    ids = [a for a in set(actors) if ":" not in a]  # type: ignore[call-overload]
    return {str(i): name for i, name in User.objects.filter(id__in=ids).values_list("id", "name")}


def _system(actor: str) -> str:
    if actor.startswith(("agency:", "public:")):
        return _("by its link")
    if actor.startswith("neighbour:"):
        return _("the other centre")
    return _("Replay") if actor.startswith("drill:") else _("The centre")


def _words(events: list[Fact]) -> Words:
    units = {e.payload["unit"] for e in events if "unit" in e.payload}
    calls = {e.payload[k] for e in events for k in ("main", "merged", "pulled", "other") if k in e.payload}
    return Words({str(u.id): str(u) for u in Unit.objects.filter(id__in=units)},
                 {str(i): n for i, n in Call.objects.filter(id__in=calls).values_list("id", "number")})


def _text(e: Fact, words: Words) -> str:
    say = _SENTENCES.get(e.kind)
    return say(e, words) if say else e.kind


def _unit_of(e: Fact, words: Words) -> dict[str, str]:
    return {"unit": words.units.get(e.payload["unit"], "?")}


def role_name(code: str) -> str:
    """Who is told of what is late."""
    if code == NEXT_CENTRE:
        return get_setting("next_centre") or _("the next centre")
    role = Role.objects.filter(code=code).first()
    return str(role) if role else code


def _moved(e: Fact, words: Words) -> str:
    unit, state = words.units.get(e.payload["unit"], "?"), cycle("assignment").state_label(e.payload["new"])
    if e.payload.get("undo"):
        return _("%(unit)s: taken back, %(state)s") % {"unit": unit, "state": state}
    result = DISPOSITIONS.get(e.payload.get("result", ""))
    return f"{unit}: {state}" + (f", {result}" if result else "")


def _assigned(e: Fact, words: Words) -> str:
    unit = words.units.get(e.payload["unit"], "?")
    if stand := e.payload.get("stand"):
        place, before = stand["en" if _english() else "zh"], e.payload.get("before")
        if not before:
            return _("%(unit)s sent to stand at %(place)s") % {"unit": unit, "place": place}
        at = localtime(datetime.fromisoformat(before))
        return _("%(unit)s sent to stand at %(place)s before %(time)s") % {
            "unit": unit, "place": place, "time": f"{at:%H:%M:%S}"}
    if e.payload.get("override"):
        return _("%(unit)s sent, not recommended") % {"unit": unit}
    return _("%(unit)s sent") % {"unit": unit}


def _stood_down(e: Fact, words: Words) -> str:
    unit = {"unit": words.units.get(e.payload["unit"], "?")}
    if "pulled" in e.payload:
        return _("%(unit)s taken for %(call)s, which is more urgent") % {
            **unit, "call": words.calls.get(e.payload["pulled"], "?")}
    if e.payload.get("declined"):
        return _("%(unit)s cannot go") % unit
    return (
        _("%(unit)s stood down, sent by mistake") % unit if e.payload.get("undo") else _("%(unit)s stood down") % unit
    )


def _taken(e: Fact, words: Words) -> str:
    text = _("Taken: %(type)s, %(severity)s") % {
        "type": _type(e.payload["type"]), "severity": SEVERITIES[e.payload["severity"]]}
    return text + (_(", passed on") if e.payload.get("state") == "transferred" else "")


def _linked(e: Fact, words: Words) -> str:
    agency = names("agency", [e.payload["agency"]]).get(e.payload["agency"], e.payload["agency"])
    if e.kind == "linked.late":
        return f"{agency}: {timer_flag(e.payload['timer'])}"
    if e.kind == "linked.escalated":
        return _("%(agency)s: passed up to the duty commander") % {"agency": agency}
    if e.kind == "linked.link_made":
        return _("%(agency)s: new link") % {"agency": agency}
    text = f"{agency}: {cycle('linked_task').state_label(e.payload['new'])}"
    return text + (_(", said by telephone") if e.payload.get("by_phone") else "")


def _help(e: Fact, words: Words) -> str:
    """What is asked between a neighbouring centre and us."""
    who = names("neighbour", [e.payload["neighbour"]]).get(e.payload["neighbour"], "—")
    told = {"help.delivered": _("%(who)s: delivered"), "help.not_delivered": _("%(who)s: not delivered yet"),
            "help.given_up": _("%(who)s: not delivered, given up"), "help.sent_again": _("%(who)s: sent again")}
    if e.kind in told:
        return told[e.kind] % {"who": who}
    return f"{who}: {cycle('neighbour_request').state_label(e.payload['new'])}"
def _said(e: Fact, kind: str, name: str) -> str:
    code = str(e.payload[name])
    return names(kind, [code]).get(code, code)


def _type(code: str) -> str:
    kind = CallType.objects.filter(code=code).first()
    return str(kind) if kind else code


def _amended(e: Fact, words: Words) -> str:
    return _("Amended: %(what)s") % {"what": _changes(e, *e.payload)}


def _again(e: Fact) -> str:
    said = _("%(n)s more alarms, %(all)s in all") % {"n": e.payload["count"], "all": e.payload["alarms"]}
    graver = _changes(e, "severity")
    return f"{said}{'; ' if _english() else '；'}{graver}" if graver else said


def _attached(e: Fact, words: Words) -> str:
    said = _("Another caller, %(n)s in all") % {"n": e.payload.get("callers", "")}
    learned = _changes(e, "severity", "alarm_level", "services")
    return f"{said}{'; ' if _english() else '；'}{learned}" if learned else said


def _changes(e: Fact, *names: str) -> str:
    """What an event changed of a call, of the fields named."""
    changed = []
    for name, value in ((n, e.payload[n]) for n in names if n in e.payload):
        if name == "type":
            changed.append(f"{_type(value[0])} → {_type(value[1])}")
        elif name == "severity":
            changed.append(f"{SEVERITIES[value[0]]} → {SEVERITIES[value[1]]}")
        elif name == "alarm_level":
            changed.append(f"{_alarm(value[0])} → {_alarm(value[1])}")
        elif name == "services":
            changed.append("+".join(str(SERVICES.get(s, s)) for s in value[1]) or "—")
        elif name in _FIELDS:
            changed.append(_FIELDS[name]())
    return (", " if _english() else "、").join(dict.fromkeys(changed))


def _late(e: Fact, words: Words) -> str:
    what = timer_flag(e.payload["timer"])
    unit = words.units.get(e.payload.get("unit", ""))
    return _("%(what)s: passed up to %(who)s") % {
        "what": f"{unit}, {what}" if unit else what, "who": role_name(e.payload["to"])}


def _ticked(e: Fact) -> str:
    told, said = e.payload["of"] == "tell", {"what": line_name(e.payload["of"], e.payload["line"])}
    if not e.payload["done"]:
        return _("Not done after all: %(what)s") % said
    return _("%(what)s was told") % said if told else _("Done: %(what)s") % said


def _alarm(level: int) -> str:
    return alarm_names().get(level, str(level))


def _english() -> bool:
    return not (get_language() or "").startswith("zh")


_FIELDS: dict[str, Callable[[], str]] = {
    "place": lambda: _("place"), "detail": lambda: _("building, floor"), "lon": lambda: _("map point"),
    "lat": lambda: _("map point"), "digest": lambda: _("what was said"), "asked": lambda: _("answers"),
}
_SENTENCES: dict[str, Callable[[Fact, Words], str]] = {
    "call.taken": _taken,
    "call.amended": _amended,
    "call.assigned": _assigned,
    "call.unit_moved": _moved,
    "call.stood_down": _stood_down,
    "call.attached": _attached,
    "call.merged": lambda e, w: _("Merged into %(call)s") % {"call": w.calls.get(e.payload["main"], "?")},
    "call.gained": lambda e, w: _("%(call)s merged into this") % {"call": w.calls.get(e.payload["merged"], "?")},
    "call.unmerged": lambda e, w: _("No longer merged into %(call)s") % {"call": w.calls.get(e.payload["main"], "?")},
    "call.lost": lambda e, w: _("%(call)s is apart again") % {"call": w.calls.get(e.payload["merged"], "?")},
    "call.linked": lambda e, w: _("Linked with %(call)s") % {"call": w.calls.get(e.payload["other"], "?")},
    "call.unlinked": lambda e, w: _("No longer linked with %(call)s") % {"call": w.calls.get(e.payload["other"], "?")},
    "call.split": lambda e, w: _("%(call)s split off") % {"call": w.calls.get(e.payload["other"], "?")},
    "call.split_from": lambda e, w: _("Split off %(call)s") % {"call": w.calls.get(e.payload["other"], "?")},
    "call.detached": lambda e, w: _("The caller added last is taken back, %(n)s in all") % {"n": e.payload["callers"]},
    "call.closed": lambda e, w: _("Closed: %(result)s") % {"result": DISPOSITIONS.get(e.payload["result"], "")},
    "call.alarm_again": lambda e, w: _again(e),
    "call.cancelled": lambda e, w: _("Cancelled"),
    "call.reopened": lambda e, w: _("Opened again"),
    "call.transferred": lambda e, w: _("Passed on: %(target)s") % {"target": TARGETS.get(e.payload["target"], "")},
    "call.came_by": lambda e, w: _("Came by %(channel)s") % {
        "channel": names("channel", [e.payload["channel"]]).get(e.payload["channel"], "?")},
    "call.became_mediation": lambda e, w: _("Became mediation %(number)s") % {"number": e.payload["number"]},
    "call.became_matter": lambda e, w: _("Became grid matter %(number)s") % {"number": e.payload["number"]},
    "call.upgraded": lambda e, w: f"{SEVERITIES[e.payload['old']]} → {SEVERITIES[e.payload['new']]}",
    "call.alarmed": lambda e, w: f"{_alarm(e.payload['old'])} → {_alarm(e.payload['new'])}",
    "call.revealed": lambda e, w: _("Caller's name and number shown"),
    "call.exported": lambda e, w: _("Exported with personal data") if e.payload.get("personal") else _("Exported"),
    "call.entered": lambda e, w: _("Came in; worked on paper, entered afterwards"),
    "call.late": lambda e, w: _late(e, w),
    "call.roll_called": lambda e, w: ngettext("Roll call of %(count)s unit", "Roll call of %(count)s units",
                                              e.payload["count"]) % {"count": e.payload["count"]},
    "call.ticked": lambda e, w: _ticked(e),
    "call.welfare_asked": lambda e, w: _("%(unit)s: asked whether it is well") % _unit_of(e, w),
    "call.welfare_overdue": lambda e, w: _("%(unit)s does not answer whether it is well") % _unit_of(e, w),
    "call.crew_well": lambda e, w: _("%(unit)s is well") % _unit_of(e, w),
    "call.photo": lambda e, w: _("Photo from %(unit)s") % _unit_of(e, w),
    "call.noted": lambda e, w: _("Remark"),
    "call.messaged": lambda e, w: _("Message of %(unit)s") % {"unit": w.units.get(e.payload["unit"], "?")}
    if "unit" in e.payload else _("Message to the crews"),
    "call.volunteers_asked": lambda e, w: _("Volunteers asked: %(what)s") % {"what": _said(e, "notice-about", "about")},
    "call.volunteer_answered": lambda e, w: _("A volunteer answered: %(what)s") % {
        "what": _said(e, "notice-seen", "seen")},
    **dict.fromkeys(("linked.sent", "linked.moved", "linked.late", "linked.escalated", "linked.link_made"), _linked),
    **dict.fromkeys(("help.asked", "help.received", "help.taken", "help.moved", "help.heard", "help.delivered",
                     "help.not_delivered", "help.given_up", "help.sent_again"), _help),
    "call.words_deleted": lambda e, w: _("What was said is deleted on schedule"),
}
