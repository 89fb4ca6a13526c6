"""The question of a roster: needs by the approved plans, members with their leave and wishes, the law as set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people import facts as people
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import BadInput
from shouwang.engine.roster.law import Law
from shouwang.engine.roster.terms import Problem
from shouwang.tables.rosters import RosterFile, roster_of

from .. import facts
from ..models import Entry, Roster
from ..terms import DAY_H, DESK, Crew, Question

SHORT = 1000  # what one missing member costs where gaps are allowed: more than any wish or share of nights
EXTRA = 1  # and one more than was asked for
WISH = 10
KEEP = 10  # what each changed day costs where little is to change
KEEP_PUBLISHED = 100  # and in a published roster: less than a gap, more than any wish
FAIR = {"turns": 1, "nights": 1, "weekends": 1, "holidays": 2}
BEFORE = "before"  # what nobody can: a duty of the roster before that this one no longer has
TEAM = "team:"  # before the code of a team that a need is for
SKILL = "skill:"  # and of a skill
HANDOVER = ("watch.handover", "office.handover")  # who takes over a desk's watch
CARRIED = ("nights", "weekends", "holidays")
CARRIED_DAYS = 84  # nights, weekends and holidays of so many days before are shared out too
BEFORE_DAYS = 6  # and rest, weeks and rows of days reach back so far, or to Monday
AFTER_DAYS = 7  # and on so far, where the days after were signed first
LAW = (
    "roster_week_h", "roster_overtime_day_h", "roster_overtime_month_h", "roster_rest_days", "roster_rest_h",
    "roster_row_days", "roster_comprehensive", "roster_longest_h", "roster_approval", "roster_approval_until",
)  # fmt: skip


@dataclass(frozen=True)
class Shift:
    """A shift by its start, as 07:00. `planned`: day of the newest approved plan for it."""

    start: str
    hours: float
    planned: date | None

    @property
    def end(self) -> str:
        minutes = int(self.start[:2]) * 60 + int(self.start[3:]) + round(self.hours * 60)
        return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def law(last: date) -> dict[str, Any]:
    """The settings as the file of a roster that ends on a day says them. Hours are counted over the whole period only
    by an approval whose number is given and which holds until then."""
    chosen = get_many(*LAW)
    given = {
        "week_h": chosen["roster_week_h"], "overtime_day_h": chosen["roster_overtime_day_h"],
        "overtime_month_h": chosen["roster_overtime_month_h"], "rest_days": chosen["roster_rest_days"],
        "rest_h": chosen["roster_rest_h"], "most_row": chosen["roster_row_days"],
    }  # fmt: skip
    approved = chosen["roster_approval"] and last.isoformat() <= chosen["roster_approval_until"]
    if chosen["roster_comprehensive"] and approved:
        given |= {"hours": "comprehensive", "longest_h": chosen["roster_longest_h"]}
    return given


def starts_at(day: date, shift: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(shift), zone)


def is_night(shift: str, hours: float) -> bool:
    """Whether a shift counts as a night: half of it or more lies in the hours that the law calls night."""
    return Law().is_mostly_night(int(shift[:2]) * 60 + int(shift[3:]), round(hours * 60))


def shifts(planned: Mapping[str, patrol.Stationed] | None = None) -> list[Shift]:
    """The centre's shifts in order of the day, each up to the next."""
    starts = sorted(get_many("shift_starts")["shift_starts"])
    minutes = [int(s[:2]) * 60 + int(s[3:]) for s in starts]
    gaps = [((minutes[(n + 1) % len(minutes)] - m - 1) % 1440 + 1) / 60 for n, m in enumerate(minutes)]
    return [Shift(s, gap, planned[s].day if planned and s in planned else None)
            for s, gap in zip(starts, gaps, strict=True)]  # fmt: skip


@dataclass(frozen=True)
class Proposed:
    """The shifts, and how many members the newest approved plans put on duty in an area, the crews of the units that
    they place: by service and shift, and by service for each hour of the day."""

    shifts: list[Shift]
    needed: dict[tuple[str, str], int]
    hours: dict[str, list[int]]
    crews: tuple[Crew, ...]


def proposed(area: str) -> Proposed:
    planned = {one.shift: one for one in patrol.stationed(area)}
    needed: Counter[tuple[str, str]] = Counter()
    hours: dict[str, list[int]] = defaultdict(lambda: [0] * DAY_H)
    told: list[Crew] = []
    for start, one in planned.items():
        crews = units.crew_sizes(one.units)
        begins = int(start[:2]) * 60 + int(start[3:])
        lasting = {n % DAY_H for n in range(begins // 60, -int(-(begins + one.hours * 60) // 60))}
        for unit in units.units(areas=(area,), ids=one.units):
            told.append(Crew(str(unit.id), unit.service, start, crews[unit.id]))
            needed[unit.service, start] += crews[unit.id]
            for hour in lasting:
                hours[unit.service][hour] += crews[unit.id]
    return Proposed(shifts(planned), dict(needed), dict(hours), tuple(told))


def question(asked: Question, *, previous: Sequence[Mapping[str, str]] = (), keep: int = KEEP) -> dict[str, Any]:
    """All that `shouwang roster solve` needs. `previous`: what is to change as little as possible, as `duties_of` tells
    it. Raises Refused for shifts that are longer than the law allows."""
    span = [asked.first + timedelta(days=n) for n in range(asked.days)]
    ids = [one.id for one in asked.people]
    known = facts.entries_of(ids, span[0], span[-1])
    told = sorted([*shifts(), *(Shift(one.start, one.hours, None) for one in asked.between)], key=lambda s: s.start)
    _not_too_long(told, law(span[-1]))
    before = facts.turns(ids, since=_since(asked.first), before=asked.first)
    past = {t.shift: t for t in before if t.shift not in {s.start for s in told}}
    holidays = holidays_in(span[0] - timedelta(days=CARRIED_DAYS), span[-1])
    carried = _carried(ids, asked.first, holidays)
    turns = _turns_a_day(asked, known, span)
    overtime = _overtime(ids, asked.first)
    teams, skills = {user: team.code for user, team in brigades.teams_of(ids).items()}, _skills(ids)
    rows = [
        {"id": one.id, "kind": one.service, "team": teams.get(one.id, ""), "skills": skills[one.id],
         **_minds(known.get(one.id, []), span),
         "carried": carried[one.id] | {"turns": round(len(_away(known.get(one.id, []), span)) * turns[one.service])},
         "overtime_h": overtime.get(one.id, 0)}
        for one in asked.people
    ]  # fmt: skip
    given: dict[str, Any] = {
        "first": asked.first.isoformat(), "days": asked.days, "law": law(span[-1]),
        "duties": [*({"id": s.start, "start": s.start, "hours": s.hours} for s in told),
                   *({"id": s, "start": s, "hours": (t.end - t.start).total_seconds() / 3600, "skills": [BEFORE]}
                     for s, t in sorted(past.items()))],
        "people": rows, "needs": list(_needs(asked)), "pairs": list(_pairs(asked)),
        "holidays": [d.isoformat() for d in holidays if d >= asked.first],
        "fair": FAIR, "before": [{"person": t.user, "day": t.day.isoformat(), "duty": t.shift} for t in before],
    }  # fmt: skip
    if previous:
        given["keep"], starts, known_ids = keep, {s.start for s in told}, set(ids)
        given["previous"] = [row for row in previous if row["person"] in known_ids and row["duty"] in starts]
    problem(given)
    return given


def duties_of(given: Mapping[str, Any], rows: Mapping[str, Sequence[int]]) -> list[dict[str, str]]:
    """The rows of a roster as its question's file says them; without rows, what it was to keep itself."""
    if not rows:
        return list(given.get("previous", []))
    first = date.fromisoformat(given["first"])
    return [{"person": user, "day": (first + timedelta(days=n)).isoformat(), "duty": given["duties"][k]["id"]}
            for user, row in rows.items() for n, k in enumerate(row) if k >= 0]  # fmt: skip


def file(given: Mapping[str, Any]) -> RosterFile:
    """The engine's question, and what it is to keep. Raises Refused with the first fault."""
    try:
        return roster_of("roster", dict(given))
    except BadInput as error:
        raise Refused(str(error), code="roster") from error


def replacing(roster: Roster, asked: Question) -> dict[str, Any]:
    """The question of the last days of a published roster, of which as little as possible is to change."""
    since = asked.first.isoformat()
    previous = [row for row in duties_of(roster.given, roster.rows) if row["day"] >= since]
    return question(asked, previous=previous, keep=KEEP_PUBLISHED)


def problem(given: Mapping[str, Any]) -> Problem:
    return file(given).problem


def as_it_is(given: Mapping[str, Any]) -> dict[str, Any]:
    """The question of a roster with leave, limits and the turns before it as they are now: what it has to keep when it
    is signed, and a change of it after that. Wishes are no matter any more."""
    first = date.fromisoformat(given["first"])
    span = [first + timedelta(days=n) for n in range(given["days"])]
    ids = [one["id"] for one in given["people"]]
    known = facts.entries_of(ids, span[0], span[-1])
    overtime = _overtime(ids, first)
    skills, here = _skills(ids), {m.id for m in people.active_members(dict.fromkeys(ids, ""))}
    rows = [{**one, **_minds(known.get(one["id"], []), span), "wishes": [], "overtime_h": overtime.get(one["id"], 0),
             "skills": skills[one["id"]]} for one in given["people"]]
    for row in rows:
        if row["id"] not in here:  # who has left comes no more
            row["off"] = [f"{span[0]}/{span[-1]}"]
    return {**given, "people": rows, "before": _before(ids, first, {d["id"] for d in given["duties"]})}


def beside(given: Mapping[str, Any], own: Collection[UUID | None]) -> tuple[dict[str, Any], dict[str, dict[int, int]]]:
    """The question as it is now without its needs and with the week after it, where each turn that its members have by
    another roster has a duty; and by member these turns: the day, counted from the first, and the number of the duty.
    `own`: rosters whose turns from the first day on are not looked at, for those are what is judged."""
    first, ids = date.fromisoformat(given["first"]), [one["id"] for one in given["people"]]
    days = given["days"] + AFTER_DAYS
    duties, before = [*given["duties"]], []
    numbers = {(d["start"], float(d["hours"])): n for n, d in enumerate(duties)}
    others: dict[str, dict[int, int]] = defaultdict(dict)
    for turn in facts.turns(ids, since=_since(first), before=first + timedelta(days=days)):
        hours = (turn.end - turn.start).total_seconds() / 3600
        if (key := (turn.shift, hours)) not in numbers:
            numbers[key] = len(duties)
            duties.append({"id": f"{turn.shift}/{hours:g}", "start": turn.shift, "hours": hours, "skills": [BEFORE]})
        if turn.day < first:
            before.append({"person": turn.user, "day": turn.day.isoformat(), "duty": duties[numbers[key]]["id"]})
        elif turn.roster not in own:
            others[turn.user][(turn.day - first).days] = numbers[key]
    now = as_it_is(given) | {"days": days, "duties": duties, "before": before, "needs": [], "pairs": [], "fair": {}}
    return {k: v for k, v in now.items() if k not in ("previous", "keep")}, others


def holidays_in(first: date, last: date) -> list[date]:
    """Public holidays of the Chinese calendar, as shipped."""
    days = (date.fromisoformat(r["date"]) for r in table("calendar") if r["kind"] == "public_holiday")
    return sorted(d for d in days if first <= d <= last)


@dataclass(frozen=True)
class Offered:
    """Somebody a roster may plan for. `service`: what they count for ("": nothing tells it); `clocked`: that is by the
    unit last clocked on with, or by the desk they take over."""

    member: people.Member
    service: str
    clocked: bool


def offered(area: str) -> list[Offered]:
    """Whom a roster of the area may plan for: crews and volunteers of the brigades, last those who hand desks over, for
    the watch there. Who never clocked on with a unit counts by their kind in the register of brigades."""
    found = people.crew_members(area)
    crews = {m.id for m in found}
    found += people.active_members({i: home for i, home in brigades.volunteers_in(area).items() if i not in crews})
    ids = [m.id for m in found]
    ridden, registered = units.usual_services(ids), brigades.services_of(ids)
    told = [Offered(m, ridden.get(m.id) or registered.get(m.id, ""), m.id in ridden) for m in found]
    return told + [Offered(m, DESK, True) for m in people.holders(area, *HANDOVER) if m.id not in {*ids}]


def home(who: Actor) -> str:
    """Where rosters plan for somebody: the area of the role by which they go on duty or take a desk over, or of their
    team; "" for who is on none."""
    if held := who.areas(people.ON_DUTY, *HANDOVER):
        return held[0]
    team = brigades.teams_of([who.id]).get(who.id)
    return str(team.area) if team else ""


def members(area: str) -> list[tuple[people.Member, str]]:
    """The same with the service alone."""
    return [(one.member, one.service) for one in offered(area)]


def _not_too_long(told: Iterable[Shift], chosen: Mapping[str, Any]) -> None:
    allowed = Law(
        hours=chosen.get("hours", "standard"), overtime_day_min=chosen["overtime_day_h"] * 60,
        longest_min=chosen.get("longest_h", 12) * 60,
    ).longest_duty_min / 60  # fmt: skip
    for shift in told:
        if shift.hours > allowed:
            raise Refused(
                _("The shift at %(start)s lasts %(hours)g h; %(most)g h a day are allowed. Change the shifts under "
                  "Settings, or there have hours counted over the whole period if that is approved.")
                % {"start": shift.start, "hours": shift.hours, "most": allowed}, code="long",
            )  # fmt: skip


def _needs(asked: Question) -> Iterable[dict[str, Any]]:
    for need in asked.needs:
        for days, count in (("weekdays", need.weekdays), ("weekends", need.weekends)):
            yield {"name": need.service, "duty": need.shift, "days": days, "count": count,
                   "of": {"kind": need.service}, "under": SHORT if asked.gaps else None, "over": EXTRA}  # fmt: skip
    for hourly in asked.hours:
        for days, counts in (("weekdays", hourly.weekdays), ("weekends", hourly.weekends)):
            for start, end, count in _runs(counts):
                yield {"name": hourly.service, "from": f"{start:02}:00", "until": f"{end % DAY_H:02}:00", "days": days,
                       "count": count, "of": {"kind": hourly.service}, "under": SHORT if asked.gaps else None,
                       "over": EXTRA}
    for one in asked.together:
        if one.team or one.skill:
            name, of = (TEAM + one.team, {"team": one.team}) if one.team else (SKILL + one.skill, {"skill": one.skill})
            for days, count in (("weekdays", one.weekdays), ("weekends", one.weekends)):
                yield {"name": name, "duty": one.shift, "days": days, "count": count, "of": of,
                       "under": SHORT if asked.gaps else None}


def _runs(counts: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    """Hours in a row of which the same is asked: (from, until, how many), without those of which nothing is."""
    for count, hours in groupby(range(DAY_H), key=lambda hour: counts[hour]):
        if count:
            run = list(hours)
            yield run[0], run[-1] + 1, count


def _pairs(asked: Question) -> Iterable[dict[str, Any]]:
    for one in asked.together:
        if one.kinds:
            for days, count in (("weekdays", one.weekdays), ("weekends", one.weekends)):
                yield {"name": "+".join(one.kinds), "duty": one.shift, "days": days, "count": count,
                       "kinds": list(one.kinds), "under": SHORT if asked.gaps else None}  # fmt: skip


def _away(entries: Sequence[Entry], span: Sequence[date]) -> set[date]:
    return {d for e in entries if e.kind == "away" for d in span if e.first <= d <= e.last}


def _turns_a_day(asked: Question, known: Mapping[str, Sequence[Entry]], span: Sequence[date]) -> dict[str, float]:
    """By service, the turns asked for of each member and day that they are there: what a day of leave would have
    brought, so that nobody has to make up for it."""
    weekends = sum(d.weekday() >= 5 for d in span)
    turns: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for need in asked.needs:
        turns[need.service] += need.weekdays * (len(span) - weekends) + need.weekends * weekends
    length = sum(s.hours for s in shifts()) / len(shifts())
    for hourly in asked.hours:
        hours = sum(hourly.weekdays) * (len(span) - weekends) + sum(hourly.weekends) * weekends
        turns[hourly.service] += round(hours / length)
    for one in asked.people:
        there[one.service] += len(span) - len(_away(known.get(one.id, []), span))
    return {service: turns[service] / days if days else 0.0 for service, days in there.items()}


def _minds(entries: Sequence[Entry], span: Sequence[date]) -> dict[str, Any]:
    """Leave, limits and wishes of one member. A limit that holds on some of the days holds on all of them."""
    wishes, off = [], []
    kinds = {e.kind for e in entries}
    for entry in entries:
        days = [d.isoformat() for d in span if entry.first <= d <= entry.last]
        if entry.kind == "away":
            off.append(f"{days[0]}/{days[-1]}")
        elif entry.kind in ("wish_off", "wish_on"):
            for day in days:
                wish = {"day": day, "want": entry.kind == "wish_on", "weight": WISH}
                wishes.append(wish | ({"duty": entry.shift} if entry.shift else {}))
    return {"off": off, "wishes": wishes, "nights": "no_nights" not in kinds, "overtime": "no_overtime" not in kinds}


def _carried(ids: Sequence[str], first: date, holidays: Sequence[date]) -> dict[str, dict[str, int]]:
    """Nights, weekends and holidays each had in the weeks before, above what the one with fewest had. Who had no duty
    at all brings the mean, or would be given all of them."""
    had: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in facts.turns(ids, since=first - timedelta(days=CARRIED_DAYS), before=first):
        had[turn.user].update(nights=int(turn.night), weekends=int(turn.day.weekday() >= 5),
                              holidays=int(turn.day in holidays))  # fmt: skip
    told: dict[str, dict[str, int]] = {}
    for kind in CARRIED:
        counts = {i: had[i][kind] for i in ids if i in had}
        mean = round(sum(counts.values()) / len(counts)) if counts else 0
        least = min(counts.values(), default=0)
        for i in ids:
            told.setdefault(i, {})[kind] = counts.get(i, mean) - least
    return told


def _skills(ids: Sequence[str]) -> dict[str, list[str]]:
    """By member, the skills of the register as the file says them: each with the last day on which it counts."""
    known = brigades.skills_of(ids)
    return {i: [f"{skill}/{last}" for skill, last in sorted(known.get(i, {}).items())] for i in ids}


def _since(first: date) -> date:
    return first - timedelta(days=max(BEFORE_DAYS, first.weekday()))


def _before(ids: Sequence[str], first: date, known: set[str]) -> list[dict[str, str]]:
    return [{"person": t.user, "day": t.day.isoformat(), "duty": t.shift}
            for t in facts.turns(ids, since=_since(first), before=first) if t.shift in known]  # fmt: skip


def _overtime(ids: Sequence[str], first: date) -> dict[str, float]:
    """Hours of overtime of the weeks that ended in this month before the roster begins."""
    since, chosen = _since(first).replace(day=1), law(first)
    weeks: dict[tuple[str, date], list[float]] = defaultdict(list)
    for turn in facts.turns(ids, since=since - timedelta(days=since.weekday()), before=first):
        sunday = turn.day + timedelta(days=6 - turn.day.weekday())
        if since <= sunday < first:
            weeks[turn.user, sunday].append((turn.end - turn.start).total_seconds() / 3600)
    found: dict[str, float] = defaultdict(float)
    for (user, sunday), hours in weeks.items():
        if sunday.month == since.month:
            normal = sum(min(h, 8.0) for h in hours)
            found[user] += sum(max(0.0, h - 8.0) for h in hours) + max(0.0, normal - chosen["week_h"])
    return dict(found)
