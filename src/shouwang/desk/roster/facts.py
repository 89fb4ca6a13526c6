"""Rosters, turns of duty, leave and wishes as their pages and programs read them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shouwang.desk.log.gate import in_areas
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units

from .models import DeskGap, Entry, Feed, Presence, Roster, Swap, Turn
from .terms import DESK, WISHES

EDIT, APPROVE = "roster.edit", "roster.approve"
SEE = (EDIT, APPROVE)
WATCHERS = (*SEE, "watch.handover", "office.handover")  # who is told that a desk has too few on duty
KEPT = timedelta(days=28)  # a desk whose last turn is longer ago has no watch any more


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


def is_own_wish(entry: Entry, user: str) -> bool:
    """Whether a member entered this wish for themselves: then they may take it back."""
    return str(entry.user) == user == entry.made_by and entry.kind in WISHES


def wishes_of(user: str, since: date) -> list[Entry]:
    """Wishes that a member entered for themselves, which are not over."""
    rows = Entry.objects.filter(user=user, made_by=user, kind__in=WISHES, last__gte=since)
    return list(rows.order_by("first", "id"))


@dataclass(frozen=True)
class TurnFact:
    """A turn of duty; `area`: path of the roster's area; `unit`: with which it goes out; `pair`: who has the same
    number in the same shift is the other of a mixed pair."""

    id: UUID
    user: str
    day: date
    shift: str
    start: datetime
    end: datetime
    night: bool
    service: str
    area: str
    roster: UUID
    unit: UUID | None = None
    pair: int | None = None


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
                                              "roster__area", "roster_id", "unit", "pair")  # fmt: skip
    return [TurnFact(row[0], str(row[1]), *row[2:]) for row in told]


@dataclass(frozen=True)
class Where:
    """Where a turn is: the unit it goes out with and what the approved plan says of that, or the office whose desk is
    watched. `code`: of the place to clock on at, "" with a unit."""

    unit: str
    place: str
    stops: int
    code: str = ""

    def __str__(self) -> str:
        tour = ngettext("tour of %(n)s stop", "tour of %(n)s stops", self.stops) % {"n": self.stops}
        return _(", ").join(part for part in (self.unit, self.place, tour if self.stops else "") if part)


def where(told: Sequence[TurnFact]) -> dict[UUID, Where]:
    """By turn, where it is; one of which nothing tells it is left out."""
    known = {u.id: u for u in units.units(ids={t.unit for t in told if t.unit})}
    planned = patrol.stands_at((t.unit, t.start) for t in told if t.unit)
    offices = places.area_names() if any(t.service == DESK for t in told) else {}
    found = {}
    for t in told:
        if t.unit in known:
            stand = planned.get((t.unit, t.start))
            found[t.id] = Where(_named(known[t.unit]), _named(stand) if stand else "", stand.stops if stand else 0)
        elif t.service == DESK and t.area in offices:
            found[t.id] = Where("", offices[t.area].name, 0, t.area)
    return found


def _named(thing: units.UnitFact | patrol.StandFact) -> str:
    return thing.zh if (get_language() or "").startswith("zh") else thing.en


def beside(told: Sequence[TurnFact]) -> dict[UUID, list[str]]:
    """By turn, the accounts of those who go out together with it: in the same unit, or as the other of a mixed pair."""
    rows = Turn.objects.filter(roster__in={t.roster for t in told}, start__in={t.start for t in told})
    rows = rows.exclude(unit=None, pair=None).order_by("user")
    groups: dict[tuple[datetime, object], list[str]] = defaultdict(list)
    for user, start, roster, unit, pair in rows.values_list("user", "start", "roster", "unit", "pair"):
        for mark in ("unit", unit), ("pair", pair):
            if mark[1] is not None:
                groups[start, (roster, *mark)].append(str(user))

    def mates(t: TurnFact) -> list[str]:
        there = groups[t.start, (t.roster, "unit", t.unit)] + groups[t.start, (t.roster, "pair", t.pair)]
        return [user for user in dict.fromkeys(there) if user != t.user]

    return {t.id: mates(t) for t in told}


LATE = timedelta(minutes=15)
Span = tuple[datetime, datetime | None]


def missed(roster: Roster, now: datetime) -> set[tuple[str, date]] | None:
    """Turns (by member and day) of a published roster that began a quarter of an hour ago or longer while nobody saw
    their member clocked on in any part of them so far. None while no turn has begun so long ago."""
    begun = _told(Turn.objects.filter(roster=roster, start__lte=now - LATE))
    return {(t.user, t.day) for t, came in attended(begun, now) if came == "missed"} if begun else None


def attended(told: Sequence[TurnFact], now: datetime) -> list[tuple[TurnFact, str]]:
    """How each turn was met, by the duty ledger: came (clocked on within a quarter of an hour of its start), late,
    missed (not seen at all so far), due (it began less than a quarter of an hour ago, or is still to come)."""
    begun = [t for t in told if t.start <= now - LATE]
    spans = on_duty({t.user for t in begun}, min(t.start for t in begun), now) if begun else {}

    def how(t: TurnFact) -> str:
        if t.start > now - LATE:
            return "due"
        on = [on for on, off in spans.get(t.user, []) if on < t.end and (off is None or off > t.start)]
        return "missed" if not on else "came" if min(on) <= t.start + LATE else "late"

    return [(t, how(t)) for t in told]


def on_duty(users: Iterable[str], since: datetime, until: datetime) -> dict[str, list[Span]]:
    """By member, when they were clocked on, with a unit or at a place."""
    wanted = list(users)
    spans = units.on_duty_spans(wanted, since, until)
    rows = Presence.objects.filter(user__in=wanted, on_at__lt=until).exclude(off_at__lt=since)
    for user, on_at, off_at in rows.values_list("user", "on_at", "off_at"):
        spans.setdefault(str(user), []).append((on_at, off_at))
    return spans


def turn_at(user: str, now: datetime, early_s: int) -> TurnFact | None:
    """The turn that a member has now, or that begins within so many seconds."""
    rows = Turn.objects.filter(user=user, start__lte=now + timedelta(seconds=early_s), end__gt=now)
    return next(iter(_told(rows)), None)


def presence_of(user: str) -> Presence | None:
    """Where a member is clocked on without a unit."""
    return Presence.objects.filter(user=user, off_at=None).first()


OUTSIDE = ("platform", "booth", "checkpoint")  # kinds of posts; at stations and offices people sit inside


@dataclass(frozen=True)
class ManningFact:
    """A post in the open, and when somebody was clocked on there without a unit, one span for each of them; None: still
    is. Nobody is told who."""

    lon: float
    lat: float
    spans: tuple[Span, ...]


def manned(area: str, since: datetime, until: datetime) -> list[ManningFact]:
    """The posts of an area at which somebody was clocked on between two moments, by their codes."""
    outside = {p.code: p for p in places.posts() if p.kind in OUTSIDE and p.area.startswith(area)}
    rows = Presence.objects.filter(on_place__in=outside, on_at__lt=until).exclude(off_at__lte=since)
    spans: dict[str, list[Span]] = {}
    for code, on_at, off_at in rows.order_by("on_place", "on_at").values_list("on_place", "on_at", "off_at"):
        spans.setdefault(code, []).append((on_at, off_at))
    return [ManningFact(outside[code].lon, outside[code].lat, tuple(told)) for code, told in spans.items()]


@dataclass(frozen=True)
class PostFact:
    """The place where a member is clocked on without a unit: a post, or the office of an area. `area`: of the place."""

    name: str
    area: str
    lon: float
    lat: float
    since: datetime


def post_of(user: str) -> PostFact | None:
    """Where a member is clocked on without a unit, on the map; a post that is gone since counts as its area."""
    row = presence_of(user)
    if row is None:
        return None
    posts, areas = {p.code: p for p in places.posts()}, places.area_names()
    spot = posts.get(row.on_place) or areas.get(row.on_place) or areas.get(row.area) or places.district()
    return PostFact(spot.name, spot.area, spot.lon, spot.lat, row.on_at) if spot else None


def published(user: str, day: date) -> Roster | None:
    """The roster by which a member has a turn on a day."""
    return Roster.objects.filter(turns__user=user, turns__day=day).first()


def counts_for(roster: Roster, user: str, service: str) -> bool:
    return any(one["id"] == user and one["kind"] == service for one in roster.given["people"])


@dataclass(frozen=True)
class Move:
    """A day of a member that a change of a published roster alters: shifts as 07:00, "" for off."""

    user: str
    day: date
    before: str
    after: str


def moves(roster: Roster) -> list[Move]:
    """What a change of a published roster alters, by member and day; empty for any other."""
    if roster.replaces_id is None or not roster.rows:
        return []
    before = {(row["person"], row["day"]): row["duty"] for row in roster.given.get("previous", [])}
    found = []
    for user, row in roster.rows.items():
        for n, k in enumerate(row):
            day = roster.first + timedelta(days=n)
            old, new = before.get((user, day.isoformat()), ""), roster.given["duties"][k]["id"] if k >= 0 else ""
            if old != new:
                found.append(Move(user, day, old, new))
    return found


def swaps_of(user: str, since: date) -> list[Swap]:
    """Swaps that a member asked for or is asked for, of days from `since` on, the newest first."""
    rows = Swap.objects.filter(Q(user=user) | Q(other=user), day__gte=since).select_related("roster")
    return list(rows.order_by("-made_at"))


def offers_for(user: str, since: date) -> list[Swap]:
    """Turns and shifts offered to whoever of the member's service on a roster they are on."""
    rows = Swap.objects.filter(state="asked", other=None, day__gte=since, roster__turns__user=user)
    rows = rows.exclude(user=user).select_related("roster").distinct().order_by("day", "shift", "id")
    return [s for s in rows if counts_for(s.roster, user, s.service)]


def swaps_in(areas: Sequence[str], since: date) -> list[Swap]:
    """Swaps of rosters in these areas that wait for a leader or for whoever takes them, the next day first."""
    rows = Swap.objects.filter(in_areas("roster__area", tuple(areas)), day__gte=since, state__in=("asked", "accepted"))
    return list(rows.select_related("roster").order_by("day", "shift", "id"))


@dataclass(frozen=True)
class Attended:
    """A turn and how it was met. `on_at`, `off_at`: the first clocking on and the last off within it; `place`: the code
    of a post or the path of an area where somebody clocked on without a unit; `by_clock`: the clock ended it."""

    turn: TurnFact
    came: str
    on_at: datetime | None = None
    off_at: datetime | None = None
    place: str = ""
    by_clock: bool = False


def here_now(areas: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """Who is clocked on at a desk or post of these areas: account, place (code of a post or path of an area), since."""
    rows = Presence.objects.filter(in_areas("area", tuple(areas)), off_at=None).order_by("on_at")
    return [(str(user), place, at) for user, place, at in rows.values_list("user", "on_place", "on_at")]


def desks(now: datetime) -> dict[str, int]:
    """How many are on duty now at each desk that has a watch: by the path of its area. A desk has one from its first
    turn of a published roster until KEPT after the last, so that one whose roster ran out is not forgotten."""
    kept = Turn.objects.filter(service=DESK, start__lte=now, end__gt=now - KEPT)
    there = dict.fromkeys(kept.order_by().values_list("roster__area", flat=True).distinct(), 0)
    on = Presence.objects.filter(off_at=None, area__in=there, on_place=F("area"))
    return there | dict(on.order_by().values("area").annotate(n=Count("id")).values_list("area", "n"))


@dataclass(frozen=True)
class ShortDesk:
    """A desk with fewer on duty than its watch has, told because it lasted. Names of its area as labels read them."""

    area: str
    zh: str
    en: str
    here: int
    since: datetime


def short_desks(areas: Sequence[str], now: datetime) -> list[ShortDesk]:
    """Desks of these areas that have too few on duty, the longest on top."""
    rows = list(DeskGap.objects.filter(in_areas("area", tuple(areas)), until=None, told_at__isnull=False)
                .order_by("since"))
    there, known = desks(now) if rows else {}, places.area_names()
    return [ShortDesk(r.area, known[r.area].zh, known[r.area].en, there.get(r.area, 0), r.since)
            for r in rows if r.area in known]


def ended_by_clock(areas: Sequence[str], since: datetime) -> list[Presence]:
    """What nobody clocked off in these areas, so that the clock ended it, the newest first."""
    rows = Presence.objects.filter(in_areas("area", tuple(areas)), by_clock=True, off_at__gte=since)
    return list(rows.order_by("-off_at"))


def attendance(areas: Sequence[str], day: date, now: datetime) -> list[Attended]:
    """Turns that begin on a day by rosters of these areas, by shift."""
    told = _told(Turn.objects.filter(in_areas("roster__area", tuple(areas)), day=day))
    if not told:
        return []
    since, until = min(t.start for t in told) - LATE, min(now, max(t.end for t in told))
    users = {t.user for t in told}
    spans = on_duty(users, since, until) if since < until else {}
    seen = Presence.objects.filter(user__in=users, on_at__lt=max(t.end for t in told)).exclude(off_at__lt=since)
    where = {(str(row.user), row.on_at): row for row in seen}
    found = []
    for turn, how in attended(told, now):
        mine = [s for s in spans.get(turn.user, []) if s[0] < turn.end and (s[1] is None or s[1] > turn.start)]
        mine.sort(key=lambda span: span[0])
        last = mine[-1][1] if mine else None
        at = next((where[turn.user, on] for on, _off in mine if (turn.user, on) in where), None)
        found.append(Attended(turn, how, mine[0][0] if mine else None, last, at.on_place if at else "",
                              bool(at and at.by_clock)))
    return found


def shares(areas: Sequence[str], first: date, last: date) -> dict[str, list[TurnFact]]:
    """By member, the published turns of rosters in these areas on days `first` … `last`."""
    found: dict[str, list[TurnFact]] = defaultdict(list)
    for turn in _told(Turn.objects.filter(in_areas("roster__area", tuple(areas)), day__range=(first, last))):
        found[turn.user].append(turn)
    return found


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_of(user: str) -> Feed | None:
    return Feed.objects.filter(user=user).first()


def user_of_feed(secret: str) -> str:
    """Whose calendar a link opens, "" for none."""
    found = Feed.objects.filter(hash=hashed(secret)).values_list("user", flat=True).first()
    return str(found) if found else ""
