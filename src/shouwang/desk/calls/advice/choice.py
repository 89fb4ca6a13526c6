"""The units recommended for a call: all its needs at once, by time on the road and by what sending them costs."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.patrol.facts import SHIFTS, control_area, shift_ends
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, on_duty_since
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.workflow.moves import limit_s
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Spots
from shouwang.engine.respond.choose import Choice, Requirement, choose
from shouwang.engine.respond.outlook import Outlook

from ..answering import Answer, answers
from ..facts import Busy
from ..models import Call
from ..needs import SKILL, Need, needs
from ..plans import of_call
from ..terms import Stand
from .pulling import Pull, pulls
from .roads import RULES, Counting, Fleet, Roads, counting, fleet, on_foot_too, roads
from .terms import BREAK_S, FIRST_S, OVERTIME_S, STALE_S, WORTH_SAYING_S, Candidate, Short, Weights

FIRST_SHOWN = 2  # units of other services shown beside a service's own, when they would be there first


@dataclass(frozen=True)
class ForService:
    """The candidates for one service (or one `skill` of it that comes on vehicles of its own), those chosen first,
    then by cost; always the nearest with them. `there`: who is on the call already and counts among the wanted.
    `pulls`: units on less urgent calls that would be there sooner, or make up what is missing."""

    service: str
    skill: str
    wanted: int
    candidates: tuple[Candidate, ...]
    cover: float | None  # share of expected calls that the service's free units reach in time now
    busy: Busy  # how likely its units are taken to be busy when the next call comes
    there: tuple[UnitFact, ...] = ()
    short: tuple[Short, ...] = ()
    pulls: tuple[Pull, ...] = ()
    brought: tuple[UnitFact, ...] = ()  # by whom its skill is brought, who come for another service


@dataclass(frozen=True)
class Advice:
    services: tuple[ForService, ...]
    units: dict[UUID, UnitFact]
    eta_s: dict[UUID, float]  # of every free unit that can get there
    within_s: float
    problem: str = ""
    short: tuple[Short, ...] = ()  # skills that none of those chosen brings
    first: Answer | None = None  # by a jurisdiction rule


@dataclass(frozen=True)
class Promised:
    """The units recommended for a call, and the seconds each needs by road."""

    recommended: frozenset[UUID]
    eta_s: dict[UUID, float]


@dataclass(frozen=True)
class _Case:
    """One call with the crews that are looked at: `times` by number of the crew, seconds and metres by road. walk_s:
    from where the call's street is open, if it lies on a shut stretch. `there`: units on the call already, numbered
    after the crews."""

    on: Roads
    place: Spots
    walk_s: float
    area: str
    severity: int
    now: datetime
    everyone: tuple[UnitFact, ...]
    there: tuple[UnitFact, ...]
    crew: Fleet
    times: dict[int, tuple[float, float]]
    weights: Weights
    stale_s: float
    ends: dict[UUID, datetime]

    @property
    def all_units(self) -> tuple[UnitFact, ...]:
        return (*self.crew.units, *self.there)


def recommend(*, lon: float, lat: float, wanted: Mapping[str, int], severity: int, services: Sequence[str],
              areas: tuple[str, ...], now: datetime, area: str | None = None, there: Sequence[UUID] = ()) -> Advice:
    """Units for a call that asks for so many of each skill, of these services: the set that meets all its needs at the
    least cost, service by service with alternatives. there: units on the call already, whose work is not asked for
    again."""
    chosen = get_many("recommend_count", "price_percent", "other_area_s", "busy_min", *RULES, *SHIFTS)
    how = counting(now, chosen)
    try:
        on = roads(now)
    except NoAnswer:
        return Advice((), {}, {}, how.within_s, _("No streets are loaded: an administrator has to import them."))
    everyone = tuple(unit_facts(areas=areas))
    crew = fleet(on, [u for u in everyone if u.free], now)
    place, walk_s = on.place([lon], [lat])
    times = _times(on, crew, place, float(walk_s[0]))
    home = places.locate(lon, lat) if area is None else area
    case = _Case(on, place, float(walk_s[0]), home, severity, now, everyone,
                 tuple(unit_facts(ids=there)) if there else (), crew, times,
                 Weights.of(chosen, severity), limit_s("t_position_stale") or 120.0,
                 shift_ends(on_duty_since(u.id for u in crew.units), chosen))
    asked = needs(wanted, services)
    outlooks = {s: on.outlook(crew, s, how) for s in {u.service for u in crew.units}}
    lists = [_candidates(case, need, _prices(crew, outlooks)) if need.service else {} for need in asked]
    found = _choose(case, asked, lists)
    eta = {crew.units[i].id: s for i, (s, _m) in times.items()}
    return Advice(_for_services(case, asked, lists, found, outlooks, how, int(chosen["recommend_count"])),
                  {u.id: u for u in everyone}, eta, how.within_s, short=_skills_short(asked, found))


def _times(on: Roads, crew: Fleet, place: Spots, walk_s: float) -> dict[int, tuple[float, float]]:
    near = on.travel.k_nearest(place, crew.spots, len(crew.units), delay_s=crew.delay_s)
    found = zip(near.source.tolist(), near.seconds.tolist(), near.length_m.tolist(), strict=True)
    return {i: (on_foot_too(crew.units[i], s, m) + walk_s, m) for i, s, m in found}


@dataclass(frozen=True)
class _Price:
    """What one unit's leaving costs its own service: on the next call, in cover, and how many calls that is an hour."""

    price_s: float
    cover_lost: float
    calls_per_h: float


def _prices(crew: Fleet, outlooks: dict[str, Outlook | None]) -> dict[int, _Price]:
    return {i: _Price(float(outlook.price_s[n]), float(outlook.lost[n]), outlook.calls_per_h)
            for service, outlook in outlooks.items() if outlook for n, i in enumerate(crew.numbers(service))}


def _candidates(case: _Case, need: Need, prices: dict[int, _Price]) -> dict[int, Candidate]:
    """Who could go for a service, by number: its own able units, and others with the skill that would be there first
    or make up the number.
    """
    crew, times = case.crew, case.times
    same = crew.numbers(need.service)
    home = control_area(case.area)

    def candidate(i: int, own: bool) -> Candidate:
        unit, age, (eta_s, metres) = crew.units[i], crew.age_s[i], times[i]
        end = case.ends.get(unit.id)
        late = end is not None and case.now + timedelta(seconds=eta_s + case.weights.busy_s) > end
        elsewhere, on_break = not _at_home(unit.area, home), unit.state == "on_break"
        stale, jump = age is not None and age > case.stale_s, crew.jump[i]
        price_s, calls = prices[i].price_s, prices[i].calls_per_h * case.weights.busy_s / 3600
        # Seconds of arrival, and what speaks against the unit in seconds.
        cost_s = (eta_s + case.weights.price * price_s * calls + case.weights.elsewhere_s * elsewhere
                  + BREAK_S * on_break + STALE_S * (stale or jump) + FIRST_S * (not own) + OVERTIME_S * late)
        return Candidate(
            unit.id, eta_s, metres, own=own, elsewhere=elsewhere, on_break=on_break, stale=stale, jump=jump,
            position_age_s=age, shift_ends=end if late else None, price_s=price_s, cover_lost=prices[i].cover_lost,
            cost_s=cost_s)

    found = {i: candidate(i, True) for i in same
             if i in times and (not need.skills or set(need.skills) & set(crew.units[i].capabilities))}
    if need.apart:
        return found
    enough = len(found) >= need.count
    soonest = min((c.eta_s for c in found.values()), default=0.0) if enough else float("inf")
    skill = SKILL.get(need.service, "")
    first = [i for i, u in enumerate(crew.units)
             if i in times and u.service != need.service and skill in u.capabilities and times[i][0] < soonest]
    first = sorted(first, key=lambda i: times[i][0])[:FIRST_SHOWN]
    return found | {i: candidate(i, False) for i in first}


def _at_home(unit: str, call: str) -> bool:
    """Whether a unit is of the call's control area, or of a wider one. A call that lies in none is nobody's."""
    mine = control_area(unit)
    return not call or mine == call or call.startswith(mine)


def _choose(case: _Case, asked: Sequence[Need], lists: Sequence[dict[int, Candidate]]) -> Choice:
    """The assignment of units to needs. First aid that no unit of its own can give is asked of those who come. Who is
    there costs nothing more, and is taken first."""
    free, everyone = len(case.crew.units), case.all_units
    shared = [not n.service or (n.service == "medical" and not any(c.own for c in found.values())
                                and not any(_able(u, n) for u in case.there))
              for n, found in zip(asked, lists, strict=True)]
    sent = [i for i, is_shared in enumerate(shared) if not is_shared]
    requirements, able = [], []
    for need, found, is_shared in zip(asked, lists, shared, strict=True):
        skills = need.skills if not need.service else (SKILL[need.service],)
        own = tuple(i for i in sent if not need.of or (asked[i].service == need.of and not asked[i].apart))
        brought = is_shared and bool(own)
        column = np.full(len(everyone), np.inf)
        if brought:
            column[[i for i, u in enumerate(everyone) if set(skills) & set(u.capabilities)]] = 0.0
        else:
            column[list(found)] = [c.cost_s for c in found.values()]
            column[free:] = [_there_s(u, need) for u in case.there]
        requirements.append(Requirement(need.service or need.skills[0], need.count, column, own if brought else ()))
        able.append(sum(_able(u, need) for u in everyone))
    return choose(requirements, able=able)


def _there_s(unit: UnitFact, need: Need) -> float:
    """What it costs that a unit on the call does this: nothing, or that of a first response by another service."""
    if _able(unit, need):
        return 0.0
    first = need.service != unit.service and not need.apart and SKILL.get(need.service) in unit.capabilities
    return FIRST_S if first else float("inf")


def _able(unit: UnitFact, need: Need) -> bool:
    """Whether a unit could do what is needed if it were free and there."""
    if need.service and unit.service != need.service:
        return False
    return not need.skills or bool(set(need.skills) & set(unit.capabilities))


def _for_services(case: _Case, asked: Sequence[Need], lists: Sequence[dict[int, Candidate]], found: Choice,
                  outlooks: dict[str, Outlook | None], how: Counting, limit: int) -> tuple[ForService, ...]:
    taken, everyone, free = {s.unit: s.requirement for s in found.sent}, case.all_units, len(case.crew.units)
    brings = {s.unit: tuple(asked[n].skills[0] for n in s.also) for s in found.sent if s.also}
    out = []
    for n, need in enumerate(asked):
        if not need.service:
            continue
        mine = {i: c for i, c in lists[n].items() if taken.get(i, n) == n}
        outlook = outlooks.get(need.service)
        given = {i for i, job in taken.items() if job == n}
        shown = _shown(case, mine, {i for i in given if i < free}, brings, limit)
        skill = need.skills[0] if need.apart else ""
        short = tuple(Short(need.service, skill, u.missing, u.why, _states(case, need))
                      for u in found.unmet if u.requirement == n)
        sent_s = max((c.eta_s for c in shown if c.recommended), default=0.0)  # nothing more is wanted
        out.append(ForService(need.service, skill, need.count, shown, outlook.share if outlook else None,
                              how.busy(need.service), tuple(everyone[i] for i in sorted(given) if i >= free), short,
                              pulls(case.on, case.place, case.walk_s, [u for u in case.everyone if _able(u, need)],
                                    case.severity, float("inf") if short else sent_s, case.now),
                              tuple(everyone[s.unit] for s in found.sent if n in s.also)))
    return tuple(out)


def _states(case: _Case, need: Need) -> Counter[str]:
    """How many units could do it if they were free, by the state they are in."""
    return Counter(u.state for u in case.everyone if not u.free and _able(u, need))


def _skills_short(asked: Sequence[Need], found: Choice) -> tuple[Short, ...]:
    return tuple(Short("", asked[u.requirement].skills[0], u.missing, u.why)
                 for u in found.unmet if not asked[u.requirement].service)


def _shown(case: _Case, mine: dict[int, Candidate], chosen: set[int], brings: Mapping[int, tuple[str, ...]],
           limit: int) -> tuple[Candidate, ...]:
    """Those chosen, then the others by cost, at most `limit`, and always the nearest. Each says why."""
    if not mine:
        return ()
    ordered = sorted(mine, key=lambda i: (i not in chosen, mine[i].cost_s, mine[i].eta_s, str(mine[i].unit)))
    nearest = min(mine, key=lambda i: (mine[i].eta_s, str(mine[i].unit)))
    shown = ordered[:max(limit, len(chosen))]
    if nearest not in shown:
        shown = [*shown[:-1], nearest] if len(shown) > len(chosen) else [*shown, nearest]
    has = case.crew.units[nearest].capabilities
    out = []
    for i in shown:
        special = tuple(s for s in brings.get(i, ()) if s == "first_aid" or s not in has)
        c = replace(mine[i], nearest=i == nearest, recommended=i in chosen, brings=special)
        out.append(replace(c, why=_why(c, mine[nearest])))
    return tuple(out)


def _why(c: Candidate, nearest: Candidate) -> tuple[str, ...]:
    """Codes of reasons, the deciding one first."""
    cheaper = nearest.price_s - c.price_s >= WORTH_SAYING_S
    reasons = {
        "nearest": c.nearest, "saves": not c.nearest and c.recommended and cheaper,
        "soon": not c.nearest and c.recommended and not cheaper, "brings": bool(c.brings), "first_response": not c.own,
        "elsewhere": c.elsewhere, "on_break": c.on_break, "stale": c.stale, "jump": c.jump,
        "shift_ends": c.shift_ends is not None,
    }
    return tuple(code for code, holds in reasons.items() if holds)


def for_call(call: Call, *, areas: tuple[str, ...], now: datetime) -> Advice:
    first = answers(call, now)
    found = recommend(lon=call.lon, lat=call.lat, wanted=of_call(call), severity=call.severity, services=call.services,
                      areas=areas, now=now, area=first.home if first and first.home else call.area, there=_there(call))
    return replace(found, first=first)


def _there(call: Call) -> list[UUID]:
    """Who is on the call and not done, without those who stand elsewhere in a cordon."""
    return list(call.assignments.filter(ended_at=None, stand_lon=None).order_by("assigned_at", "id")
                .values_list("unit", flat=True))


def promised(
    call_id: UUID | str, units: Sequence[UUID], *, now: datetime, stands: Mapping[UUID, Stand] | None = None
) -> Promised | None:
    """What the advice says of these units for a call now; None when it can say nothing (no streets, no such call). A
    unit of a cordon is as good as recommended, and its time is that to where it stands."""
    call = Call.objects.select_related("type").filter(id=call_id).first()
    advice = for_call(call, areas=("",), now=now) if call else None
    if advice is None or advice.problem:
        return None
    named = {c.unit for s in advice.services for c in s.candidates}
    known = {p.unit.id: p.eta_s for s in advice.services for p in s.pulls} | advice.eta_s
    eta_s = {u: known[u] for u in units if u in known} | _to_stands(stands or {}, now)
    return Promised(frozenset(named) | frozenset(stands or {}), eta_s)


def _to_stands(stands: Mapping[UUID, Stand], now: datetime) -> dict[UUID, float]:
    """Seconds until each free unit of a cordon is where it is to stand; those without a way are left out."""
    if not stands:
        return {}
    on, eta_s = roads(now), {}
    crew = fleet(on, [u for u in unit_facts(ids=stands) if u.free], now)
    for n, unit in enumerate(crew.units):
        place, walk_s = on.place([stands[unit.id].lon], [stands[unit.id].lat])
        seconds = on.travel.matrix(crew.spots[[n]], place)[0, 0]
        if np.isfinite(seconds):
            eta_s[unit.id] = float(seconds + crew.delay_s[n] + walk_s[0])
    return eta_s
