"""Rosters, turns of duty, leave and wishes as their pages and programs read them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from shouwang.desk.log.gate import in_areas
from shouwang.desk.units import facts as units

from .models import Entry, Feed, Roster, Turn

EDIT, APPROVE = "roster.edit", "roster.approve"
SEE = (EDIT, APPROVE)


def rosters(areas: Sequence[str]) -> QuerySet[Roster]:
    """Rosters in these areas, newest first, without what was asked and what came out in full."""
    rows = Roster.objects.filter(in_areas("area", tuple(areas))).annotate(turn_count=Count("turns"))
    return rows.order_by("-made_at", "-id").defer("asked", "given", "rows")


def find(areas: Sequence[str], roster_id: UUID | str) -> Roster | None:
    return Roster.objects.filter(in_areas("area", tuple(areas)), id=roster_id).first()


def entries(areas: Sequence[str], first: date, last: date | None = None) -> QuerySet[Entry]:
    """Leave and wishes entered in these areas that touch the days from `first` to `last` (None: all to come)."""
    rows = Entry.objects.filter(in_areas("area", tuple(areas)), last__gte=first)
    return (rows if last is None else rows.filter(first__lte=last)).order_by("first", "id")


def entries_of(users: Iterable[str], first: date, last: date) -> dict[str, list[Entry]]:
    """By member, what a roster of these days has to mind, wherever it was entered."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for row in Entry.objects.filter(user__in=list(users), first__lte=last, last__gte=first).order_by("first", "id"):
        found[str(row.user)].append(row)
    return found


@dataclass(frozen=True)
class TurnFact:
    """A turn of duty; `area`: path of the roster's area."""

    id: UUID
    user: str
    day: date
    shift: str
    start: datetime
    end: datetime
    night: bool
    service: str
    area: str


def turns(users: Iterable[str], *, since: date | None = None, before: date | None = None,
          ends_after: datetime | None = None) -> list[TurnFact]:  # fmt: skip
    """Published turns of these members that start on days `since` … `before` (not included), in order."""
    rows = Turn.objects.filter(user__in=list(users))
    for given, rule in ((since, Q(day__gte=since)), (before, Q(day__lt=before)), (ends_after, Q(end__gt=ends_after))):
        if given is not None:
            rows = rows.filter(rule)
    return _told(rows)


def turns_in(areas: Sequence[str], now: datetime, until: datetime) -> list[TurnFact]:
    """Published turns of rosters of these areas that go on now or begin before `until`, in order."""
    return _told(Turn.objects.filter(in_areas("roster__area", tuple(areas)), start__lt=until, end__gt=now))


def _told(rows: QuerySet[Turn]) -> list[TurnFact]:
    told = rows.order_by("start").values_list("id", "user", "day", "shift", "start", "end", "night", "service",
                                              "roster__area")  # fmt: skip
    return [TurnFact(row[0], str(row[1]), *row[2:]) for row in told]


LATE = timedelta(minutes=15)


def missed(roster: Roster, now: datetime) -> set[tuple[str, date]] | None:
    """Turns (by member and day) of a published roster that began a quarter of an hour ago or longer while nobody saw
    their member clocked on in any part of them so far. None while no turn has begun so long ago."""
    begun = _told(Turn.objects.filter(roster=roster, start__lte=now - LATE))
    return {(t.user, t.day) for t, came in attended(begun, now) if came == "missed"} if begun else None


def attended(told: Sequence[TurnFact], now: datetime) -> list[tuple[TurnFact, str]]:
    """How each turn was met, by the duty ledger: came (clocked on within a quarter of an hour of its start), late,
    missed (not seen at all so far), due (it began less than a quarter of an hour ago, or is still to come)."""
    begun = [t for t in told if t.start <= now - LATE]
    spans = units.on_duty_spans({t.user for t in begun}, min(t.start for t in begun), now) if begun else {}

    def how(t: TurnFact) -> str:
        if t.start > now - LATE:
            return "due"
        on = [on for on, off in spans.get(t.user, []) if on < t.end and (off is None or off > t.start)]
        return "missed" if not on else "came" if min(on) <= t.start + LATE else "late"

    return [(t, how(t)) for t in told]


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_of(user: str) -> Feed | None:
    return Feed.objects.filter(user=user).first()


def user_of_feed(secret: str) -> str:
    """Whose calendar a link opens, "" for none."""
    found = Feed.objects.filter(hash=hashed(secret)).values_list("user", flat=True).first()
    return str(found) if found else ""
