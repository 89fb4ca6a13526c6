"""Closures as plain values, and the roads under those in force, kept in memory until one of them changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import get_language

from shouwang.desk.log.gate import in_areas
from shouwang.desk.places import facts as places
from shouwang.engine.geo import closures as engine
from shouwang.engine.geo.closures import Passable
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import IntArray

from .models import Closure
from .terms import REASONS, Line

SEE, CLOSE = "road.view", "road.close"
DAY = timedelta(days=1)
KEPT = 4  # states of the roads: now, and those of the shifts that are planned
FOUND_AGAIN_M = 15.0


@dataclass(frozen=True)
class ClosureFact:
    """factor: 0 if shut, else how many times as long."""

    id: str
    zh: str
    en: str
    area: str
    reason: str
    factor: float
    lines: Sequence[Line]
    length_m: float
    from_at: datetime
    until_at: datetime
    lifted_at: datetime | None
    version: int
    state: str

    @property
    def name(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en

    @property
    def reason_label(self) -> str:
        return str(REASONS[self.reason])  # type: ignore[index]


def fact_of(row: Closure, now: datetime) -> ClosureFact:
    return ClosureFact(str(row.id), row.zh, row.en, row.area, row.reason, row.factor, row.lines, row.length_m,
                       row.from_at, row.until_at, row.lifted_at, row.version, state_of(row, now))  # fmt: skip


def state_of(row: Closure, now: datetime) -> str:
    if row.lifted_at is not None:
        return "lifted"
    return "planned" if now < row.from_at else "in_force" if now < row.until_at else "over"


def card_of(row: Closure) -> dict[str, Any]:
    """What live screens show of it. They tell by their own clock whether it is in force."""
    return {
        "id": str(row.id), "zh": row.zh, "en": row.en, "reason": row.reason, "factor": row.factor, "lines": row.lines,
        "from": _iso(row.from_at), "until": _iso(row.until_at), "version": row.version,
    }  # fmt: skip


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def cards(areas: tuple[str, ...], now: datetime) -> list[dict[str, Any]]:
    """Cards of those in force or planned in some areas."""
    return [card_of(row) for row in _coming(areas, now)]


def closures(areas: tuple[str, ...], now: datetime, *, since: datetime | None = None) -> list[ClosureFact]:
    """Those in force or planned, the one that ends first before others; with `since`, those over since then as well."""
    found = [fact_of(row, now) for row in _coming(areas, now)]
    if since is not None:
        over = Closure.objects.filter(_seen(areas), Q(lifted_at__gte=since) | Q(
            lifted_at=None, until_at__gte=since, until_at__lte=now)).order_by("-changed_at", "-id")  # fmt: skip
        found += [fact_of(row, now) for row in over]
    return found


def names(ids: list[str]) -> dict[str, str]:
    """Names in the reader's language, for the log."""
    return {str(row.id): fact_of(row, row.made_at).name for row in Closure.objects.filter(id__in=ids)}


def find(areas: tuple[str, ...], closure_id: UUID | str) -> Closure | None:
    return Closure.objects.filter(_seen(areas), id=closure_id).first()


def _seen(areas: tuple[str, ...]) -> Q:
    """Those in these areas, and those that reach beyond them: a street may run through two."""
    above = {path[: i + 1] for path in areas for i, letter in enumerate(path) if letter == "/"}
    return in_areas("area", areas) | Q(area__in=sorted(above)) if areas else Q(pk__in=[])


def edges_now(closure_id: str) -> tuple[int, ...]:
    """The directed edges of a closure on the streets in use."""
    return tuple(effect(places.streets(), Closure.objects.get(id=closure_id)).edges.tolist())


def _coming(areas: tuple[str, ...], now: datetime) -> QuerySet[Closure]:
    """Not over and not lifted, the one that ends first before others."""
    return Closure.objects.filter(_seen(areas), lifted_at=None, until_at__gt=now).order_by("until_at", "id")


# ---- the roads

_lock = threading.Lock()
_roads: OrderedDict[Any, Passable] = OrderedDict()
_now: tuple[Any, Passable] | None = None


def roads(now: datetime) -> Passable:
    """The streets in use under the closures in force: the same object until one of them begins, ends or changes. One
    counting query decides. Raises NoAnswer while no network is taken in."""
    global _now
    streets, key = places.streets(), _version(now)
    kept = _now
    if kept is None or kept[0] != key or kept[1].streets is not streets:
        kept = _now = (key, _under(streets, Closure.objects.filter(lifted_at=None, from_at__lte=now, until_at__gt=now)))
    return kept[1]


def roads_open() -> Passable:
    """The streets in use without any closure."""
    return _under(places.streets(), [])


def roads_during(start: datetime, end: datetime) -> tuple[Passable, list[ClosureFact]]:
    """The streets in use under every closure that holds at some time between, and which these are."""
    rows = Closure.objects.filter(lifted_at=None, from_at__lt=end, until_at__gt=start).order_by("from_at", "id")
    found = list(rows)
    return _under(places.streets(), found), [fact_of(row, max(start, row.from_at)) for row in found]


def _version(now: datetime) -> tuple[Any, ...]:
    """Changes whenever the closures in force do: one ends (count), begins (begun), or is entered, changed, lifted or
    put back (versions, and the newest change)."""
    told = Closure.objects.filter(until_at__gt=now).aggregate(
        count=Count("id"), begun=Count("id", filter=Q(from_at__lte=now)), versions=Sum("version"),
        last=Max("changed_at"),
    )  # fmt: skip
    return tuple(told.values())


def _under(streets: Streets, rows: Iterable[Closure]) -> Passable:
    """The roads under these; the last few are kept, for shifts share them."""
    rows = sorted(rows, key=lambda row: str(row.id))
    with _lock:
        key = tuple((str(row.id), row.version) for row in rows)
        kept = _roads.get(key)
        if kept is None or kept.streets is not streets:
            if any(one.streets is not streets for one in _roads.values()):
                _roads.clear()
            base = next(iter(_roads.values()), None) or Passable(streets)
            found = [one for row in rows if len((one := effect(streets, row)).edges)]
            kept = _roads[key] = base.under(found) if found or base.closures else base
            while len(_roads) > KEPT:
                _roads.popitem(last=False)
        _roads.move_to_end(key)
        return kept


def effect(streets: Streets, row: Closure) -> engine.Closure:
    """A closure as the engine takes it, on the streets in use."""
    network = places.network()
    same = network is not None and network.id == row.network
    edges = np.array(row.edges, np.int64) if same else found_again(streets, row.lines)
    return engine.Closure(edges, row.factor or np.inf)


def found_again(streets: Streets, lines: Sequence[Line]) -> IntArray:
    """The edges of a newer network that lie where these lines do: a point every few metres is looked for, and the edge
    there taken in the direction of the line, or in both."""
    found: set[int] = set()
    for line in lines:
        path = np.array(line["path"])
        middle, ahead = (path[:-1] + path[1:]) / 2, path[1:] - path[:-1]
        spots = streets.snap(middle[:, 0], middle[:, 1])
        for edge, off_m, along in zip(spots.edge.tolist(), spots.off_m.tolist(), ahead, strict=True):
            if edge < 0 or off_m > FOUND_AGAIN_M:
                continue
            pair = [e for e in (edge, int(streets.opposite[edge])) if e >= 0]
            found.update(e for e in pair if not line["one_way"] or _runs(streets, e, along))
    return np.array(sorted(found), np.int64)


def _runs(streets: Streets, edge: int, along: Any) -> bool:
    lon, lat = streets.coordinates([streets.tail[edge], streets.head[edge]])
    return bool(np.dot([lon[1] - lon[0], lat[1] - lat[0]], along) > 0)
