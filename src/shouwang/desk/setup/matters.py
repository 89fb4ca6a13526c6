"""Grid matters and reporting points of an example district: invented, and marked so.

Nobody reported them: they have no words, no photos and no entries in the log. Their times follow the kinds' own hours,
one in nine answered late, so that lists, counts and figures have something to say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.desk.log.ids import new_id
from shouwang.desk.matters.models import Matter, MatterDay, MatterType, ReportingPoint
from shouwang.desk.matters.terms import COMMON
from shouwang.desk.places import facts as places
from shouwang.desk.places.streets import crossing, names_at
from shouwang.desk.workflow.hours import Hours
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.geo.streets import Streets

DAYS = 150
BY_DAY = (1, 1, 1, 1, 1, 2, 4, 8, 11, 12, 11, 9, 6, 8, 9, 10, 9, 8, 7, 6, 5, 3, 2, 1)  # reports by hour of the day
LATE_SPREAD = 0.45  # lognormal: median 0.58 of the time, one in nine beyond it
POINTS = 24
POINT_KINDS = (("shop", "便民店", "Corner shop"), ("gatehouse", "门岗", "Gatehouse"), ("station", "公交站", "Bus stop"))
SOURCES = ("grid", "grid", "public", "office", "grid")
TOLD = {"reported": "street", "accepted": "street", "answered": "street"}


def invent(streets: Streets, rng: np.random.Generator, now: datetime, *, count: int, chinese: bool) -> int:
    """Writes `count` matters of the last 150 days, some of them still open. Returns how many."""
    if not count:
        return 0
    zone = ZoneInfo(setting("time_zone"))
    spots = _spots(streets, rng, count)
    _points(spots)
    kinds = list(MatterType.objects.filter(referral=False).exclude(parent="").order_by("code"))
    weight = np.array([6.0 if k.code in COMMON else 1.0 for k in kinds])
    chosen = rng.choice(len(kinds), count, p=weight / weight.sum())
    t = _times(rng, now, zone, [kinds[i] for i in chosen], Hours(zone, holidays=chinese))
    rows: list[Matter] = []
    last: dict[date, int] = {}
    for n in range(count):
        kind, (lon, lat, zh, area) = kinds[chosen[n]], spots[n]
        at = {name: datetime.fromtimestamp(float(values[n]), UTC) for name, values in t.items()}
        day = at["reported"].astimezone(zone).date()
        last[day] = serial = last.get(day, 0) + 1
        rows.append(Matter(
            id=new_id(), day=day, serial=serial, number=f"M{day:%m%d}-{serial:04}", type=kind, level=kind.level,
            place=zh, lon=lon, lat=lat, area=area, example=True, reported_at=at["reported"],
            reported_by="setup:example", source=SOURCES[n % 5], **_state(kind, at, now, rng.random(3)),
        ))
    MatterDay.objects.bulk_create([MatterDay(day=day, last=n) for day, n in last.items()])
    Matter.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def crossings(streets: Streets, rng: np.random.Generator, count: int,
              ) -> list[tuple[float, float, tuple[str, str], str]]:
    """So many street crossings of the district, fewer where it has no more: lon, lat, names and cell."""
    lon, lat = (np.round(c, 6) for c in streets.coordinates())
    named = names_at(streets)
    proper = [n for n in np.flatnonzero(streets.main_part).tolist() if len(named.get(n, ())) > 1]
    picked = rng.choice(proper, min(len(proper), count), replace=False)
    paths, number = places.locate_all(lon[picked], lat[picked], cells=True)
    known = [(float(lon[n]), float(lat[n]), crossing(*named[n][:2]), paths[at])
             for n, at in zip(picked, number, strict=True)]
    return [k for k in known if k[3]]


def _spots(streets: Streets, rng: np.random.Generator, count: int) -> list[tuple[float, float, str, str]]:
    """Street crossings, some of them many times: lon, lat, name and cell."""
    known = [(lon, lat, names[0], area)
             for lon, lat, names, area in crossings(streets, rng, max(POINTS, count // 12))]
    return [known[i] for i in rng.integers(0, len(known), count)]


def _points(spots: list[tuple[float, float, str, str]]) -> None:
    different = list(dict.fromkeys(spots))[:POINTS]
    ReportingPoint.objects.bulk_create(
        [ReportingPoint(code=f"D{n:02}", kind=kind, zh=f"{place}{zh}", en=f"{en} {n}", area=area, lon=lon, lat=lat,
                        example=True)
         for n, (lon, lat, place, area) in enumerate(different, 1) for kind, zh, en in (POINT_KINDS[n % 3],)])


def _times(rng: np.random.Generator, now: datetime, zone: ZoneInfo, kinds: list[MatterType], hours: Hours) -> Any:
    """When each was reported, accepted, dispatched, answered and closed, if nothing kept it: seconds since 1970."""
    n = len(kinds)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    hour = rng.choice(24, n, p=np.array(BY_DAY) / sum(BY_DAY))
    ago = np.floor(DAYS * rng.random(n) ** 1.6)  # days, the last ones somewhat fuller
    reported = today.timestamp() - ago * 86400.0 + hour * 3600.0 + rng.random(n) * 3600.0
    reported = np.sort(np.where(reported > now.timestamp(), reported - 86400.0, reported))
    clock = np.array([k.continuous for k in kinds])

    def after(start: Any, figure: str, share: Any) -> Any:
        h = np.array([getattr(k, figure) for k in kinds]) * share
        return np.where(clock, start + h * 3600.0, hours.after_s(start, h))

    accepted = after(reported, "accept_h", rng.uniform(0.1, 1.0, n))
    assigned = after(accepted, "assign_h", rng.uniform(0.1, 1.0, n))
    answered = after(assigned, "handle_h", rng.lognormal(np.log(0.58), LATE_SPREAD, n))
    return {
        "reported": reported, "accepted": accepted, "assigned": assigned, "answered": answered,
        "closed": after(answered, "check_h", rng.uniform(0.1, 1.0, n)),
        "accept_due": after(reported, "accept_h", 1.0), "assign_due": after(accepted, "assign_h", 1.0),
        "handle_due": after(assigned, "handle_h", 1.0), "check_due": after(answered, "check_h", 1.0),
    }


def _state(kind: MatterType, at: dict[str, datetime], now: datetime, luck: Any) -> dict[str, Any]:
    """Where a matter stands now, with every column that goes with it."""
    if luck[0] < 0.03 and at["accepted"] <= now:
        return {"state": "void", "since": at["accepted"], "closed_at": at["accepted"]}
    done: dict[str, Any] = {"accepted_at": at["accepted"]}
    given = {"assigned_at": at["assigned"], "handler": kind.agency, "handle_due_at": at["handle_due"]}
    in_time = at["answered"] <= at["handle_due"]
    answered = {**done, **given, "answered_at": at["answered"], "answered_by": "setup:example", "in_time": in_time}
    filed = at["closed"] + timedelta(days=7 * float(luck[1]))
    if filed <= now:
        rating = None if luck[2] > 0.35 else 5 - int(luck[2] / 0.35 * 2.4) - (0 if in_time else 1)
        return {**answered, "state": "rated", "since": filed, "closed_at": at["closed"], "check_by": "on_site",
                "rating": rating}
    if at["closed"] <= now:
        return {**answered, "state": "closed", "since": at["closed"], "closed_at": at["closed"], "check_by": "on_site",
                "due_at": at["closed"] + timedelta(days=7)}
    if at["answered"] <= now:
        return {**answered, **_open("answered", at["answered"], at["check_due"], now)}
    if at["assigned"] <= now:
        return {**done, **given, **_handled(at, now, luck)}
    if at["accepted"] <= now:
        return {**done, **_open("accepted", at["accepted"], at["assign_due"], now)}
    return _open("reported", at["reported"], at["accept_due"], now)


def _handled(at: dict[str, datetime], now: datetime, luck: Any) -> dict[str, Any]:
    begun = at["assigned"] + (at["answered"] - at["assigned"]) * 0.2
    if luck[1] < 0.04:
        return {"state": "suspended", "since": at["assigned"], "due_at": now + timedelta(days=20), "left_h": 8.0}
    if luck[1] < 0.07:
        return _open("returned", at["assigned"], at["handle_due"], now)
    if begun > now:
        return _open("assigned", at["assigned"], at["handle_due"], now)
    if luck[1] > 0.95:
        later = at["handle_due"] + timedelta(days=3)
        return {**_open("extended", begun, later, now), "handle_due_at": later}
    return _open("handling", begun, at["handle_due"], now)


def _open(state: str, since: datetime, due: datetime, now: datetime) -> dict[str, Any]:
    late = due < now
    return {"state": state, "since": since, "due_at": due, "warn_at": since + (due - since) * 0.8,
            "late_at": due if late else None, "told": TOLD.get(state, "district") if late else ""}
