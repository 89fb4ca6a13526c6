"""Reading what came in, what rang, and what callers said afterwards, as plain values. Nothing sealed is opened here."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q, QuerySet

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.models import CALL_OPEN, Call
from shouwang.desk.log.gate import in_areas
from shouwang.desk.log.names import home
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import SMALL
from shouwang.engine.effects.intervals import share_margin

from .models import Item, Line, Outage, Ring, Seat, Visit
from .terms import ITEM_OPEN, VISIT_OPEN

SILENT = timedelta(seconds=30)  # without a word the line to the exchange counts as lost
KEPT = timedelta(hours=24)  # a missed call may be called back so long
OVER_SHOWN = timedelta(hours=12)
MARKS_S = (10, 15, 20)
# Answered in time: NENA-STA-020.1-2020 asks 90 % within 15 s and 95 % within 20 s, NFPA 1225 (2022) 90 % within 10 s.
STANDARDS = {10: 0.90, 15: 0.90, 20: 0.95}


def items(areas: tuple[str, ...], now: datetime) -> list[Item]:
    """What waits or is in hand, the most urgent first, then the oldest; then what was settled lately."""
    rows = Item.objects.filter(in_areas("area", areas))
    done = rows.filter(ended_at__gte=now - OVER_SHOWN).order_by("-ended_at")[:30]
    return [*rows.filter(state__in=ITEM_OPEN).order_by("severity", "received_at"), *done]


def calls_of(areas: tuple[str, ...], ids: Iterable[UUID]) -> dict[UUID, Call]:
    """These calls by id, as far as they lie in the areas."""
    rows = Call.objects.filter(in_areas("area", areas), id__in=set(ids))
    return {call.id: call for call in rows.select_related("type")}


def item(areas: tuple[str, ...], item_id: UUID | str) -> Item | None:
    return Item.objects.filter(in_areas("area", areas), id=item_id).first()


LINKED = 30  # shown; all stand on the board


def linked(areas: tuple[str, ...]) -> tuple[list[Call], int]:
    """Open calls that opened by themselves, of panels, vehicles, crews and other centres: shown beside what came in,
    never copied. The gravest of them, and how many there are."""
    rows = Call.objects.filter(in_areas("area", areas), state__in=CALL_OPEN).exclude(source__in=("resident", "patrol"))
    return list(rows.select_related("type").order_by("severity", "received_at")[:LINKED]), rows.count()


@dataclass(frozen=True)
class Counts:
    """What waits for somebody: messages (urgent: of levels 1 and 2), calls that ring, missed calls."""

    items: int
    urgent: int
    ringing: int
    missed: int

    @property
    def all(self) -> int:
        return self.items + self.missed


def counts(areas: tuple[str, ...]) -> Counts:
    waiting = Item.objects.filter(in_areas("area", areas), state="waiting")
    rings = Ring.objects.filter(in_areas("area", areas))
    return Counts(waiting.count(), waiting.filter(severity__lte=2).count(), rings.filter(state="ringing").count(),
                  rings.filter(back="due").count())


# ---- the telephone


def missed(areas: tuple[str, ...]) -> list[Ring]:
    """Missed calls that somebody has to call back, the oldest first."""
    return list(Ring.objects.filter(in_areas("area", areas), back__in=("due", "claimed")).order_by("joined_at"))


def called_back(areas: tuple[str, ...], now: datetime) -> list[Ring]:
    """Missed calls of the last hours that are settled."""
    rows = Ring.objects.filter(in_areas("area", areas), joined_at__gte=now - OVER_SHOWN)
    return list(rows.exclude(back__in=("", "due", "claimed")).order_by("-joined_at")[:30])


def ring(areas: tuple[str, ...], ring_id: UUID | str) -> Ring | None:
    return Ring.objects.filter(in_areas("area", areas), id=ring_id).first()


def answered_by(user: str, now: datetime) -> Ring | None:
    """The call this person has just answered at their telephone and not yet opened, None for none."""
    rows = Ring.objects.filter(answered_by=user, state="answered", call=None, ended_at__gte=now - timedelta(minutes=3))
    return rows.order_by("-ended_at").first()


def seat(user: str) -> str:
    return Seat.objects.filter(user=user).values_list("seat", flat=True).first() or ""


def lost_since(now: datetime) -> datetime | None:
    """Since when the exchange is not heard; None while it is, and where none is connected."""
    line = Line.objects.first()
    if line is None or (line.up and now - line.heard_at <= SILENT):
        return None
    return line.heard_at


def has_exchange() -> bool:
    return Line.objects.exists()


@dataclass(frozen=True)
class Hour:
    """Calls that began to ring in an hour (or in all of them, `at` None): how many, how many were answered, missed and
    not known, and the shares answered within MARKS_S seconds, of those whose end is known."""

    at: datetime | None
    rang: int
    answered: int
    missed: int
    unknown: int
    within: tuple[int, ...]

    @property
    def known(self) -> int:
        return self.answered + self.missed

    @property
    def shares(self) -> list[float | None]:
        return [n / self.known if self.known else None for n in self.within]


@dataclass(frozen=True)
class Answering:
    """How fast calls were answered in a span: by hour, in all, and how long the exchange was not heard."""

    hours: tuple[Hour, ...]
    all: Hour
    median_s: float | None
    lost_s: float

    @property
    def told(self) -> list[tuple[int, float | None, float, float]]:
        """Mark in seconds, share of all, half of its interval (Wilson, 95 %), standard."""
        return [(mark, share, share_margin(n, self.all.known), STANDARDS[mark])
                for mark, n, share in zip(MARKS_S, self.all.within, self.all.shares, strict=True)]


def answering(areas: tuple[str, ...], since: datetime, until: datetime) -> Answering:
    """Calls that began to ring within [since, until). A missed call was not answered in time, however soon its caller
    gave up; one that rings still, and one whose end the exchange did not tell, counts in no share."""
    rows = list(Ring.objects.filter(in_areas("area", areas), joined_at__gte=since, joined_at__lt=until)
                .values_list("joined_at", "ended_at", "state"))
    zone = ZoneInfo(setting("time_zone"))
    by_hour: dict[datetime, list[tuple[str, float]]] = {}
    for joined, ended, state in rows:
        hour = joined.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        by_hour.setdefault(hour, []).append((state, (ended - joined).total_seconds() if ended else 0.0))
    waits = [s for found in by_hour.values() for state, s in found if state == "answered"]
    hours = tuple(_hour(at, found) for at, found in sorted(by_hour.items()))
    every = _hour(None, [one for found in by_hour.values() for one in found])
    return Answering(hours, every, float(np.median(waits)) if waits else None, _lost_s(since, until))


def _hour(at: datetime | None, found: list[tuple[str, float]]) -> Hour:
    waits = [s for state, s in found if state == "answered"]
    count = [state for state, _s in found].count
    return Hour(at, len(found), len(waits), count("missed"), count("unknown"),
                tuple(sum(s <= mark for s in waits) for mark in MARKS_S))


def _lost_s(since: datetime, until: datetime) -> float:
    gaps = Outage.objects.filter(Q(until=None) | Q(until__gt=since), since__lt=until)
    return sum(((min(g.until or until, until) - max(g.since, since)).total_seconds() for g in gaps), 0.0)


# ---- callers asked afterwards


def visits(areas: tuple[str, ...], states: Iterable[str] = VISIT_OPEN) -> QuerySet[Visit]:
    return Visit.objects.filter(in_areas("area", areas), state__in=tuple(states)).order_by("due_at", "id")


def visit(areas: tuple[str, ...], visit_id: UUID | str) -> Visit | None:
    return Visit.objects.filter(in_areas("area", areas), id=visit_id).first()


@dataclass(frozen=True)
class Rated:
    """Ratings of a type or an area: how many, the mean, the share of 4 and 5 with half its interval. None where the
    count is small and hidden."""

    name: str
    n: int | None
    mean: float | None = None
    satisfied: float | None = None
    off: float = 0.0


@dataclass(frozen=True)
class Ratings:
    """`drawn`, `reached`: callers drawn, and of those that are over the ones who rated."""

    all: Rated
    by_type: list[Rated]
    by_area: list[Rated]
    drawn: int
    over: int


def ratings(areas: tuple[str, ...], since: date, until: date, names: tuple[str, str]) -> Ratings:
    """Ratings of calls closed within [since, until), by class of type and by control area, never by who was there. A
    count of 1 to 10 is hidden, and with it as many others as it takes that nobody can work it out (disclose)."""
    rows = list(Visit.objects.filter(in_areas("area", areas), day__gte=since, day__lt=until)
                .values_list("type", "area", "rating", "state"))
    done = [(type[:2], area, rating) for type, area, rating, _state in rows if rating is not None]
    classes = {t.code: str(t) for t in calls.types() if not t.parent}
    known = {a.area: a.name for a in places.areas("control_area")}

    def of(area: str) -> str:
        return next((name for path, name in known.items() if area.startswith(path)), names[1])
    scores = [r for _t, _a, r in done]
    hidden = len(done) <= SMALL
    return Ratings(
        _rated(names[0], None if hidden and done else scores),
        [] if hidden else _table((classes.get(t, t), r) for t, _a, r in done),
        [] if hidden else _table((of(a), r) for _t, a, r in done),
        len(rows), sum(state not in VISIT_OPEN for *_rest, state in rows))


def _table(pairs: Iterable[tuple[str, int]]) -> list[Rated]:
    groups: dict[str, list[int]] = {}
    for name, rating in pairs:
        groups.setdefault(name, []).append(rating)
    if not groups:
        return []
    shown = shown_of([len(found) for found in groups.values()])
    return sorted((_rated(name, found if seen else None) for (name, found), seen in
                   zip(groups.items(), shown, strict=True)), key=lambda r: (-(r.n or 0), r.name))


def _rated(name: str, scores: list[int] | None) -> Rated:
    if scores is None:
        return Rated(name, None)
    if not scores:
        return Rated(name, 0)
    good, n = sum(s >= 4 for s in scores), len(scores)
    return Rated(name, n, sum(scores) / n, good / n, share_margin(good, n))


def area_of(lon: float | None, lat: float | None) -> str:
    """The area of a point; the centre's own district where none is known."""
    found = places.locate(lon, lat) if lon is not None and lat is not None else ""
    return found or home()
