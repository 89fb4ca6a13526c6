"""Grid cells as plain values: places, organisations, things and matters of each, and how many live there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas
from shouwang.desk.places import facts as places
from shouwang.desk.places.actions import MAY_MEND
from shouwang.desk.sites import facts as sites

from .facts import SEE
from .models import CellCount, Matter, ReportingPoint
from .terms import WAITING

MAY = (SEE, MAY_MEND)
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Cell:
    """sites: organisations and other registered places; points: reporting points; posts: where patrols stand; open,
    late: matters now; month: matters reported in 30 days. residents: None where nobody counted; things: what other
    rooms count there, by its code."""

    it: places.Spot
    community: str
    sites: int
    hazards: int
    points: int
    posts: int
    open: int
    late: int
    month: int
    residents: int | None
    day: date | None
    source: str
    example: bool
    things: dict[str, int]


Counted = Callable[[Sequence[str]], Mapping[str, int]]
_things: dict[str, tuple[Promise, Counted]] = {}


def count_too(code: str, label: Promise, of: Counted) -> None:
    """A kind of thing that a room above counts per cell: devices, check points. `of`: paths → how many in each."""
    _things[code] = label, of


def thing_names() -> dict[str, str]:
    return {code: str(label) for code, (label, _of) in _things.items()}


def cells(actor: Actor, *, area: str = "", text: str = "") -> list[places.Spot]:
    """Cells of the actor's areas, in order of their paths. `text`: every word in the name, code or community."""
    held, words = actor.areas(*MAY), text.lower().split()
    names = {c.area: f"{c.zh} {c.en}".lower() for c in places.areas("community")}

    def fits(c: places.Spot) -> bool:
        said = f"{c.zh} {c.en} {c.code} {names.get(c.parent, '')}".lower()
        return all(word in said for word in words)

    return [c for c in places.areas("cell") if c.area.startswith(area) and fits(c)
            and any(c.area.startswith(p) for p in held)]


def told(found: Sequence[places.Spot], now: datetime) -> list[Cell]:
    """With what is counted in them: one question for each kind of thing, however many cells there are."""
    paths = [c.area for c in found]
    names = places.area_names()
    of_sites, of_hazards = sites.counted(paths)
    points = _by_area(ReportingPoint.objects.filter(area__in=paths, active=True))
    posts = Counter(p.area for p in places.posts())
    matters = {row["area"]: row for row in Matter.objects.filter(area__in=paths).values("area").order_by().annotate(
        open=Count("id", filter=Q(state__in=WAITING)), late=Count("id", filter=Q(state__in=WAITING, due_at__lt=now)),
        month=Count("id", filter=Q(reported_at__gte=now - MONTH)))}
    things = {code: of(paths) for code, (_label, of) in _things.items()}
    none = {"open": 0, "late": 0, "month": 0}
    counts = {c.area: c for c in CellCount.objects.filter(area__in=paths).order_by("day")}  # the newest stays

    def one(c: places.Spot) -> Cell:
        of, count = matters.get(c.area, none), counts.get(c.area)
        return Cell(c, names[c.parent].name if c.parent in names else "", of_sites.get(c.area, 0),
                    of_hazards.get(c.area, 0), points.get(c.area, 0), posts[c.area], of["open"], of["late"],
                    of["month"], count.residents if count else None, count.day if count else None,
                    count.source if count else "", bool(count and count.example),
                    {code: n.get(c.area, 0) for code, n in things.items()})

    return [one(c) for c in found]


def open_by_cell(areas: tuple[str, ...]) -> dict[str, int]:
    """Open matters of every cell that has any."""
    return _by_area(Matter.objects.filter(in_areas("area", areas), state__in=WAITING))


def _by_area(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.values_list("area").order_by().annotate(n=Count("id")))
