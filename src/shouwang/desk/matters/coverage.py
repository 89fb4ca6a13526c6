"""How far platforms and grids reach: of the district, its streets and towns, its communities and villages, how many
have an office that works and a grid without fault, against the day by which all should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shouwang.desk.log.actor import Actor
from shouwang.desk.people import facts as people
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.defaults import document
from shouwang.desk.workflow.settings import get as setting

from .terms import LEVEL_KIND, LEVELS, OFFICES

WORKS = ("office.handover", "matter.extend")  # who signs for an office's watch, or heads the district's


@dataclass(frozen=True)
class Reach:
    """A level of areas. platforms: those where an active account signs for the office; grids: those whose communities
    all have cells without gap or overlap; both: of `n` those with both; `lack`: the others."""

    level: str
    n: int
    platforms: int
    grids: int
    both: int
    lack: Sequence[places.Spot]

    @property
    def percent(self) -> int:
        """Whole percents, rounded down: 100 is all of them."""
        return 100 * self.both // self.n if self.n else 0


def reaches(actor: Actor, *permissions: str) -> list[Reach]:
    """By level, over the areas in which the actor holds one of the permissions."""
    works = people.areas_held(*WORKS)
    with_cells = {c.parent for c in places.areas("cell")}
    faulty = [path for flaw in places.covering() for path in (*flaw.among, flaw.to) if path]
    communities = [c.area for c in places.areas("community")]
    whole = {c for c in communities if c in with_cells and not any(path.startswith(c) for path in faulty)}
    levels = {kind: level for level, kind in LEVEL_KIND.items()} | {"community": "community"}

    def gridded(path: str) -> bool:
        below = [c for c in communities if c.startswith(path)]
        return bool(below) and whole.issuperset(below)

    found = []
    for kind in OFFICES:
        mine = [a for a in places.areas(kind) if any(actor.may(p, a.area) for p in permissions)]
        if mine:
            has, grid = {a.area for a in mine} & works, {a.area for a in mine if gridded(a.area)}
            found.append(Reach(str(LEVELS[levels[kind]]), len(mine), len(has), len(grid), len(has & grid),
                               [a for a in mine if a.area not in has & grid]))
    return found


def goal() -> date:
    """The day by which all should: as the centre sets it, else that of the source."""
    own = str(setting("coverage_day"))
    phases = next(p for p in document("programmes")["programmes"] if p["id"] == "grid_coverage")["phases"]
    return date.fromisoformat(own or str(phases[-1]["due"]))
