"""Where the played crews are: each drives to its call when it is on its way, and back to its post when it
is free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shouwang.desk.calls.models import Assignment
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.people.models import User
from shouwang.desk.units.facts import last_seen
from shouwang.desk.units.models import Duty, Unit

from .advice import Point, Trip, trip

TOLD_EVERY_S = 20.0  # a unit that stands still says so from time to time, else its position grows old
Send = Callable[[list[dict[str, Any]]], None]


@dataclass
class Crew:
    """One played unit under way or standing. `set_off` is on the replay's clock."""

    kind: str
    at: Point
    goal: Point | None = None
    way: Trip | None = None
    set_off: datetime | None = None
    told: tuple[Point, datetime] | None = None

    def go(self, goal: Point, moment: datetime) -> None:
        if goal != self.goal:
            self.goal, self.way, self.set_off = goal, trip(self.at, goal, self.kind), moment

    def stay(self) -> None:
        self.goal, self.way = None, None

    def move(self, moment: datetime) -> float | None:
        """Moves to where it is at `moment`. Returns its course while it drives."""
        if self.way is None or self.set_off is None:
            return None
        after = (moment - self.set_off).total_seconds()
        lon, lat, course = self.way.place(after)
        self.at = (lon, lat)
        if after >= self.way.seconds:
            self.way = None
            return None
        return course

    def is_news(self, now: datetime) -> bool:
        """Whether its place is worth telling: it has moved, or has been silent for a while."""
        news = self.told is None or self.told[0] != self.at or (now - self.told[1]).total_seconds() >= TOLD_EVERY_S
        if news:
            self.told = (self.at, now)
        return news


def played_units() -> dict[UUID, Unit]:
    """Units on duty whose whole crew is made up. A person who clocks on takes their unit out of the
    replay."""
    duties = list(Duty.objects.filter(off_at__isnull=True).values_list("unit", "user"))
    made_up = set(
        User.objects.filter(
            id__in=[user for _, user in duties], example=True, username__startswith="crew-"
        ).values_list("id", flat=True)
    )
    real = {unit for unit, user in duties if user not in made_up}
    units = {unit for unit, _ in duties} - real
    return {u.id: u for u in Unit.objects.select_related("kind").filter(id__in=units, active=True)}


class Movement:
    """Follows the assignments of the played units, whoever made them."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.crews: dict[UUID, Crew] = {}

    def set_off(self, unit: Unit, goal: Point, moment: datetime) -> float:
        """Sends a unit on its way at `moment`. Returns the seconds it will drive."""
        crew = self._crew(unit)
        crew.goal = None
        crew.go(goal, moment)
        return crew.way.seconds if crew.way else 0.0

    def step(self, units: Mapping[UUID, Unit], moment: datetime, now: datetime) -> None:
        """Moves every unit to where it is at `moment` of the replay, and tells what changed."""
        posts = self._posts(units, now)
        tasks = Assignment.objects.filter(unit__in=list(units), ended_at__isnull=True).select_related("call")
        task_of = {task.unit: task for task in tasks}
        told = []
        for unit in units.values():
            crew, task = self._crew(unit), task_of.get(unit.id)
            if task is None:
                crew.go(posts[unit.id], moment)
            elif task.state in ("enroute", "on_scene", "transporting"):
                crew.go((task.call.lon, task.call.lat), moment)
            else:
                crew.stay()
            course = crew.move(moment)
            if crew.is_news(now):
                told.append(_position(unit.id, crew, course, now))
        for gone in set(self.crews) - set(units):
            del self.crews[gone]
        if told:
            self._send(told)

    def _crew(self, unit: Unit) -> Crew:
        """A unit that comes into play stands where it was last seen, else at its post."""
        if unit.id not in self.crews:
            seen = last_seen([str(unit.id)]).get(str(unit.id))
            self.crews[unit.id] = Crew(unit.kind_id, (seen.lon, seen.lat) if seen else (unit.lon, unit.lat))
        return self.crews[unit.id]

    def _posts(self, units: Mapping[UUID, Unit], now: datetime) -> dict[UUID, Point]:
        """Where each is when free: by the approved plan its post, on tour its stop; else where it always stands."""
        plan = patrol.plan_in_force(now)
        planned = {post.unit: (post.lon, post.lat) for post in plan.posts.values()} if plan else {}
        if plan:
            for unit, tour in plan.tours.items():
                planned[unit] = tour.place_at((now - plan.start).total_seconds()) or planned[unit]
        return {unit.id: planned.get(str(unit.id), (unit.lon, unit.lat)) for unit in units.values()}


def _position(unit: UUID, crew: Crew, course: float | None, now: datetime) -> dict[str, Any]:
    lon, lat = crew.at
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    return {"unit": str(unit), "lon": round(lon, 6), "lat": round(lat, 6), "course": course, "at": at}
