"""Mediations and a screening list of an example district: invented, and marked so.

Nobody quarrels in them: they have no parties, no words and no entries in the log. Three in four end with an agreement,
most of them in time, so that lists and figures have something to say. Of each control area one account mediates: in the
first the one that can sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.contrib.auth.hashers import make_password

from shouwang.desk.log.ids import new_id
from shouwang.desk.mediation.facts import level_of
from shouwang.desk.mediation.models import (
    Declaration,
    DisputeKind,
    Mediation,
    MediationBody,
    MediationDay,
    Screened,
    Session,
)
from shouwang.desk.mediation.terms import WHERE
from shouwang.desk.people.models import Grant, User
from shouwang.desk.places.models import Area
from shouwang.desk.workflow.settings import get as setting

DAYS = 330
SHARE = {"K03": 8, "K02": 6, "K01": 5, "K08": 5, "K06": 4, "K05": 3, "K13": 3, "K14": 3}  # the others count once
SOURCES = ("asked", "asked", "found", "screening")
PLACES = (("3 号院", "Court 3"), ("沿街商铺", "Shops on the street"), ("地下车库", "Underground car park"),
          ("菜市场", "Food market"))
EVERY = 4  # communities: one of so many has a dispute on the screening list


def invent(areas: Sequence[Area], rng: np.random.Generator, now: datetime, *, count: int, chinese: bool) -> int:
    """Writes `count` mediations of the last 330 days and the screening list. Returns how many mediations."""
    communities = [a for a in areas if a.kind == "community"]
    if not count or not communities:
        return 0
    zone = ZoneInfo(setting("time_zone"))
    kinds = list(DisputeKind.objects.order_by("code"))
    bodies = MediationBody.objects.in_bulk()
    mediators = _mediators(areas)
    weight = np.array([SHARE.get(k.code, 1.0) for k in kinds])
    chosen = rng.choice(len(kinds), count, p=weight / weight.sum())
    where = rng.integers(0, len(communities), count)
    ago = np.sort(rng.random(count) * DAYS)[::-1]
    luck = rng.random((count, 6))
    sizes = _sizes(rng.spawn(1)[0], count)
    rows: list[Mediation] = []
    last: dict[date, int] = {}
    for n in range(count):
        kind, at = kinds[chosen[n]], now - timedelta(days=float(ago[n]))
        day = at.astimezone(zone).date()
        last[day] = serial = last.get(day, 0) + 1
        usual = [kind.body, *kind.also]
        body = bodies[usual[0] if luck[n, 0] < 0.75 else usual[int(luck[n, 1] * len(usual))]]
        rows.append(Mediation(
            id=new_id(), day=day, serial=serial, number=f"D{day:%m%d}-{serial:04}", kind=kind,
            level=level_of(kind, *sizes[n]), people=sizes[n][0], amount=sizes[n][1],
            area=communities[where[n]].path, source=SOURCES[n % 4], registered_by="setup:example", registered_at=at,
            example=True, **_state(kind, body, at, now, luck[n])))
    MediationDay.objects.bulk_create([MediationDay(day=day, last=n) for day, n in last.items()])
    for row in rows:
        if row.consent_at:
            row.mediator = next(user for path, user in mediators.items() if row.area.startswith(path))
    Mediation.objects.bulk_create(rows, batch_size=500)
    _met([row for row in rows if row.mediator], rng.spawn(1)[0], now, zone)
    _screened(communities, kinds, rng, now.astimezone(UTC).date(), chinese=chinese)
    return len(rows)


def _mediators(areas: Sequence[Area]) -> dict[str, str]:
    """By the path of a control area, who mediates there."""
    paths = [a.path for a in areas if a.kind == "control_area"]
    first = User.objects.get(username="mediator")
    others = [User(username=f"mediator-{n}", name=f"{first.name}{n}", password=make_password(None), example=True)
              for n in range(2, len(paths) + 1)]
    User.objects.bulk_create(others)
    Grant.objects.bulk_create([Grant(user=u, role_id="mediator", area=path)
                               for u, path in zip(others, paths[1:], strict=True)])
    return {path: str(u.id) for u, path in zip([first, *others], paths, strict=True)}


def _met(rows: Sequence[Mediation], rng: np.random.Generator, now: datetime, zone: ZoneInfo) -> None:
    """What each mediator declared, and up to three sessions of each case by day, as far as they are held by now."""
    declared, held = [], []
    for m in rows:
        begin, end = m.consent_at, m.agreed_at or m.closed_at or m.settle_due_at
        assert begin and end  # of each that has a mediator
        declared.append(Declaration(id=new_id(), mediation=m, by=m.mediator, at=begin, interest=False))
        for share in np.sort(rng.random(int(rng.integers(1, 4)))):
            day = (begin + (end - begin) * float(share)).astimezone(zone)
            at = day.replace(hour=9 + int(rng.integers(8)), minute=30 * int(rng.integers(2)), second=0, microsecond=0)
            if begin <= at <= min(end, now):
                held.append(Session(id=new_id(), mediation=m, held_at=at, lasted_min=int(rng.integers(4, 19)) * 5,
                                    where=rng.choice(list(WHERE), p=(0.6, 0.2, 0.15, 0.05)),
                                    all_present=bool(rng.random() < 0.85), by=m.mediator, minutes=b""))
    Declaration.objects.bulk_create(declared, batch_size=500)
    Session.objects.bulk_create(held, batch_size=500)


def _sizes(rng: np.random.Generator, count: int) -> list[tuple[int | None, int | None]]:
    """How many people each concerns, mostly few, and how much money, which every other is about; some say neither."""
    said, people, money = rng.random(count), 1 + rng.geometric(0.3, count), 10 ** rng.uniform(2.5, 6.1, count)
    return [(int(people[n]) if said[n] < 0.9 else None, int(money[n] // 100 * 100) if said[n] < 0.5 else None)
            for n in range(count)]


def _state(kind: DisputeKind, body: MediationBody, at: datetime, now: datetime, luck: Any) -> dict[str, Any]:
    """Where a case stands now, with every column that goes with it."""
    routed = at + timedelta(hours=6 + 40 * float(luck[2]))
    consent = routed + timedelta(hours=10 + 60 * float(luck[3]))
    end = consent + timedelta(days=kind.days)
    done = consent + timedelta(days=kind.days * (0.2 + 0.9 * float(luck[4])))  # one in nine later than its end
    if routed > now:
        return _open("registered", at, routed, now)
    if consent > now:
        return {"body": body, **_open("routed", routed, consent, now)}
    told: dict[str, Any] = {"body": body, "consent_at": consent, "settle_due_at": end}
    if done > now:
        return {**told, **_open("session", consent, end, now)}
    if luck[5] > 0.75:
        over = ("failed", "referred", "withdrawn")[int((luck[5] - 0.75) * 12)]
        target = "court" if over == "referred" else ""
        return {**told, "state": over, "since": done, "closed_at": done, "target": target}
    told |= {"agreed_at": done, "in_time": done <= end}
    visit = done + timedelta(days=30)
    if luck[2] > 0.8 and done + timedelta(days=9) <= now:
        told["confirmed_at"] = done + timedelta(days=9)
    if visit > now:
        return {**told, **_open("performing", done, visit, now)}
    performed = "yes" if luck[3] < 0.8 else "part" if luck[3] < 0.92 else "no"
    return {**told, "state": "filed", "since": visit, "visited_at": visit, "performed": performed, "closed_at": visit}


def _open(state: str, since: datetime, due: datetime, now: datetime) -> dict[str, Any]:
    return {"state": state, "since": since, "due_at": due, "warn_at": since + (due - since) * 0.8,
            "late_at": due if due < now else None}


def _screened(communities: Sequence[Area], kinds: Sequence[DisputeKind], rng: np.random.Generator, today: date, *,
              chinese: bool) -> None:
    rows = []
    for n, community in enumerate(communities[::EVERY]):
        zh, en = PLACES[n % len(PLACES)]
        found = today - timedelta(days=int(rng.integers(3, 60)))
        rows.append(Screened(kind=kinds[int(rng.integers(0, 3))], area=community.path, place=zh if chinese else en,
                             found_on=found, next_on=today + timedelta(days=int(rng.integers(-2, 25))),
                             looks=int(rng.integers(0, 4)), entered_by="setup:example", example=True))
    Screened.objects.bulk_create(rows)
