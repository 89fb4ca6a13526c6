"""What a member's phone shows: the unit, the tasks with their steps, the approved plan. Reads only."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import get_current_timezone

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.actions import read_words
from shouwang.desk.calls.questions import told
from shouwang.desk.closures import facts as closures
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.access import in_areas
from shouwang.desk.places.models import Area
from shouwang.desk.roster.facts import PostFact, post_of, turns
from shouwang.desk.roster.pages import turn_rows
from shouwang.desk.sites import facts as sites
from shouwang.desk.units import facts as units
from shouwang.desk.units.models import Duty, Unit
from shouwang.desk.workflow.moves import Transition, cycle, limit_s
from shouwang.engine.geo.distance import haversine_m

CLOSURES_SHOWN = 8
JOINT_AHEAD = timedelta(hours=24)
# The steps a crew walks through: transition, the stamp it leaves, the timer that ends with it.
STEPS = (("a_ack", "acknowledged", "t_call_ack"), ("a_go", "enroute", "t_turnout"), ("a_scene", "on_scene", "t_arrive"),
         ("a_clear", "ended", ""))


@dataclass(frozen=True)
class Step:
    label: str
    at: datetime | None
    due: datetime | None
    shown: str  # done, cur, or "" for later


@dataclass(frozen=True)
class Move:
    id: str
    label: str
    ends: bool


@dataclass(frozen=True)
class Stand:
    """Where the crew is to stand in a cordon, and before when."""

    place: dict[str, str]
    lon: float
    lat: float
    before: datetime | None


@dataclass(frozen=True)
class TaskView:
    """One task as the crew sees it: never the caller's name or number."""

    assignment: str
    state: str
    since: datetime
    severity: int
    number: str
    type: Any
    place: str
    detail: str
    words: Sequence[str]
    answers: Sequence[tuple[str, str]]  # questions and answers
    lon: float
    lat: float
    drill: bool
    steps: Sequence[Step]
    moves: Sequence[Move]
    others: Sequence[dict[str, str]]
    may_refuse: bool
    call: str = ""
    messages: Sequence[calls.Message] = ()
    asked_well: bool = False  # the desk asks whether the crew is well
    stand: Stand | None = None
    hazards: Sequence[sites.HazardFact] = ()
    earlier: Sequence[calls.Earlier] = ()


@dataclass(frozen=True)
class PlanView:
    starts: datetime
    ends: datetime
    post: patrol.PostFact | None
    tour: patrol.TourFact | None

    @property
    def stops(self) -> int:
        """How many stops the unit has on tour."""
        return sum(not v["post"] for v in self.tour.visits) if self.tour else 0


@dataclass(frozen=True)
class Closed:
    """A closed or slow street, and how far from the task (without one, from the post) it begins."""

    it: closures.ClosureFact
    away_m: float


@dataclass(frozen=True)
class Day:
    seq: int
    on_duty: bool = False
    unit_id: str = ""
    unit: Unit | None = None
    since: datetime | None = None
    area: str = ""
    state: str = ""
    crew_size: int = 0
    tasks: Sequence[TaskView] = ()
    plan: PlanView | None = None
    stand_by: units.StandByFact | None = None
    closures: Sequence[Closed] = ()
    units: Sequence[Unit] = field(default_factory=list)
    last_unit: str = ""
    post: PostFact | None = None  # where the reader is clocked on without a unit
    turn: Mapping[str, Any] | None = None  # the next of the reader's own, or the one under way, with where it is
    joint: Sequence[brigades.JointFact] = ()  # of the reader's team today


def duty_day(actor: Actor, now: datetime) -> Day:
    """The member's day. At a post without a unit: that. Off duty: the units they may clock on with, the last one first
    chosen."""
    seq, turn = log.head(), next(iter(turn_rows(turns([actor.id], ends_after=now)[:1])), None)
    joint = brigades.joint_for(actor.id, now, now + JOINT_AHEAD)
    if not actor.unit and (post := post_of(actor.id)) is not None:
        return Day(seq, post=post, turn=turn, joint=joint)
    if not actor.unit:
        last = turn["turn"].unit if turn else None
        last = last or Duty.objects.filter(user=actor.id).order_by("-on_at").values_list("unit_id", flat=True).first()
        mine = Unit.objects.filter(in_areas("area", actor.areas("dispatch.status")), active=True)
        return Day(seq, units=list(mine.select_related("kind").order_by("code")), last_unit=str(last or ""),
                   turn=turn, joint=joint)
    unit = Unit.objects.select_related("kind").get(id=actor.unit)
    duty = Duty.objects.get(user=actor.id, off_at__isnull=True)
    tasks = [_view(t, actor, now) for t in calls.tasks_of_unit(unit.id)]
    return Day(seq, on_duty=True, unit_id=str(unit.id), unit=unit, since=duty.on_at, area=_area_name(unit.area),
               state=cycle("unit").state_label(unit.state), crew_size=len(units.crew_of(unit.id)), tasks=tasks,
               plan=_plan(unit, now), stand_by=units.stand_bys([unit.id]).get(unit.id),
               closures=_closed(unit, tasks, now), turn=turn, joint=joint)


def _closed(unit: Unit, tasks: Sequence[TaskView], now: datetime) -> list[Closed]:
    """Streets of the unit's district that are closed or slow now, the nearest first."""
    found = [c for c in closures.closures((unit.area.split("/")[0] + "/",), now) if c.state == "in_force"]
    lon, lat = (tasks[0].lon, tasks[0].lat) if tasks else (unit.lon, unit.lat)
    told = []
    for one in found:
        points = [p for line in one.lines for p in line["path"]]
        away_m = haversine_m([p[0] for p in points], [p[1] for p in points], lon, lat)
        told.append(Closed(one, float(away_m.min())))
    return sorted(told, key=lambda c: c.away_m)[:CLOSURES_SHOWN]


def _area_name(path: str) -> str:
    area = Area.objects.filter(path=path).first()
    return str(area) if area else path


def _plan(unit: Unit, now: datetime) -> PlanView | None:
    """The unit's part of the approved plan of the shift under way."""
    plan = patrol.plan_in_force(now, unit.area.split("/")[0] + "/")
    if plan is None:
        return None
    return PlanView(plan.start, plan.end, plan.posts.get(str(unit.id)), plan.tours.get(str(unit.id)))


def _view(task: dict[str, Any], actor: Actor, now: datetime) -> TaskView:
    mine, call = task["assignment"], task["call"]
    rules = cycle("assignment")
    moves = [Move(t.id, t.label, rules.terminal(t.target)) for t in _next(rules.moves_from(mine["state"]))]
    said = read_words(actor=actor, now=now, call_id=call["id"])
    return TaskView(
        assignment=mine["id"], state=mine["state"], since=_time(mine["assigned"]) or now, severity=call["severity"],
        number=call["number"], type={"zh": call["type_zh"], "en": call["type_en"]}, place=call["place"],
        detail=call["detail"], words=[w.words for w in said.callers if w.words],
        answers=[pair for w in said.callers for pair in told(w.answers)], lon=call["lon"], lat=call["lat"],
        drill=call["drill"], call=call["id"],
        messages=calls.thread(call["id"], {str(r.event): r.text for r in said.remarks}),
        asked_well=any(u["id"] == mine["unit"] and u["welfare"] for u in call["units"]),
        steps=_steps(mine, call["severity"]), moves=moves,
        others=[{"zh": u["zh"], "en": u["en"], "state": rules.state_label(u["state"])} for u in call["units"]
                if u["id"] != mine["unit"]],
        may_refuse=mine["state"] in ("assigned", "acknowledged"), stand=_stand(mine["stand"]),
        hazards=sites.premises(call["lon"], call["lat"], now).hazards,
        earlier=calls.earlier_at((call["area"].split("/")[0] + "/",), lon=call["lon"], lat=call["lat"], now=now,
                                 leave_out=UUID(call["id"]))[:3])


def _stand(row: dict[str, Any] | None) -> Stand | None:
    return Stand({"zh": row["zh"], "en": row["en"]}, row["lon"], row["lat"], _time(row["before"])) if row else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(get_current_timezone()) if text else None


def _next(moves: Sequence[Transition]) -> list[Transition]:
    """The crew's own moves, the next step first; staging and standing down are the desk's."""
    order = [step[0] for step in STEPS]
    return sorted((m for m in moves if m.id in order), key=lambda m: order.index(m.id))


def _steps(mine: dict[str, Any], severity: int) -> list[Step]:
    """The walk through a task: what is done with its time, the step that is due with its limit, what comes later. A
    step that was passed over (set off without acknowledging) counts as done once a later one is."""
    rules = cycle("assignment")
    stamps = [_time(mine[stamp]) for _move, stamp, _timer in STEPS]
    done = max((i for i, at in enumerate(stamps) if at), default=-1)
    begun = max(filter(None, [_time(mine["assigned"]), *stamps]))
    steps = []
    for i, (move, _stamp, timer) in enumerate(STEPS):
        limit = limit_s(timer, severity=severity) if timer and i == done + 1 else None
        due = begun + timedelta(seconds=limit) if limit else None
        shown = "done" if i <= done else ("cur" if i == done + 1 else "")
        steps.append(Step(rules.transitions[move].label, stamps[i], due, shown))
    return steps
