"""Patrols beside calls and people: which share of their time each community had, of the calls and of the population,
over time; what patrols found by themselves, and whether calls follow them. The check on a forecast that
might be its own echo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.desk.norms import facts as norms
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.demand.found import echo
from shouwang.engine.effects.intervals import share_interval
from shouwang.engine.terms import FloatArray, IntArray

from .. import facts
from ..terms import Row, Sheet, Told
from .chosen import Chosen, choose, day_of, minutes_of
from .places import above
from .record import Ground

BLOCK_D = 28


def told(chosen: Chosen) -> Told:
    """`more`: the hours of which patrol time is counted (`hours`), the patrol time in them (`patrol_h`), that at posts
    manned without a unit (`post_h`), and what besides has no place (`nowhere_h`); records that patrols found (`found`)
    beside those that may feed a forecast (`heard`), and the `echo` with the ends of its interval. `example`: some
    patrol time is invented. `reason`: why forecasts count what patrols found too, if they do."""
    ground, asked = chosen.record.ground, chosen.asked
    blocks = -(-chosen.span_d // BLOCK_D)
    beat = _time(chosen, blocks)
    inside = [n for n, path in enumerate(ground.paths) if path and path.startswith(asked.area)]
    shifts = facts.shifts()
    areas = len(ground.paths)
    heard = chosen if asked.found == "" else choose(chosen.record, asked, shifts, found="")
    found = choose(chosen.record, asked, shifts, found="only").count("area", areas)
    block = (heard.column("day") - day_of(chosen.days[0])) // BLOCK_D
    known = (block >= 0) & (block < blocks)
    calls = np.bincount(block[known] * areas + heard.column("area")[known], minlength=blocks * areas)
    calls = calls.reshape(blocks, areas)
    count, present = calls.sum(axis=0), beat.hours[:, inside].sum()
    of_calls, total = count / max(1, count[inside].sum()), int(count[inside].sum())
    low, high = share_interval(count, np.full(count.size, total))
    people = _people(ground, asked.area, inside, chosen.days[1])
    rows: list[Row] = []
    for n in sorted(inside, key=lambda n: -count[n]):
        spent = float(beat.hours[:, n].sum())
        share = spent / present if present > 0 else None
        if count[n] or found[n] or share:
            rows.append({
                "area": ground.paths[n], "within": above(ground.paths[n]), "calls": int(count[n]),
                "share": float(of_calls[n]), "low": float(low[n]), "high": float(high[n]),
                "patrol_h": None if share is None else spent, "patrol": share,
                "post_h": None if share is None else float(beat.at_posts[:, n].sum()),
                "gap": None if share is None else share - float(of_calls[n]), "people": people.get(n),
                "by_patrols": int(found[n]),
            })  # fmt: skip
    counted = beat.hours[:, inside].sum(axis=1) > 0
    patrols, came = (_shares(amount[np.ix_(counted, inside)]) for amount in (beat.hours, calls.astype(float)))
    told_echo = echo(patrols, came, np.random.default_rng(0))
    columns = ("area", "within", "calls", "share", "share_interval", "patrol_h", "post_h", "patrol", "gap", "people",
               "by_patrols")  # fmt: skip
    course = _course(chosen, inside, calls, beat.hours, people)
    return Told(
        (Sheet("presence", columns, rows, about=2, narrow=("area",)),
         Sheet("course", ("start", "area", "patrol", "people", "calls", "share", "gap"), course, about=4,
               narrow=("area", "start", "end"), whole=True)),
        {"hours": beat.counted, "patrol_h": float(present), "nowhere_h": beat.nowhere_h, "example": beat.example,
         "post_h": float(beat.at_posts[:, inside].sum()),
         "found": int(found.sum()), "heard": total, "echo": told_echo, "block_d": BLOCK_D,
         "uncounted": _uncounted(asked.area, people, ground), "reason": patrol.found_reason()},
    )  # fmt: skip


def _course(
    chosen: Chosen, inside: list[int], calls: IntArray, hours: FloatArray, people: dict[int, float]
) -> list[Row]:
    """Every block of days: the share that each community had of patrols (None while nothing of them was counted) and of
    calls."""
    rows: list[Row] = []
    known = [n for n in inside if calls[:, n].any() or hours[:, n].any()]
    for block, (counts, seen) in enumerate(zip(calls[:, known], hours[:, known], strict=True)):
        start = chosen.days[0] + timedelta(days=block * BLOCK_D)
        end = min(start + timedelta(days=BLOCK_D - 1), chosen.days[1])
        of_calls, of_patrols = float(counts.sum()), float(seen.sum())
        for n, count, spent in zip(known, counts.tolist(), seen.tolist(), strict=True):
            share = count / of_calls if of_calls else None
            patrolled = spent / of_patrols if of_patrols else None
            rows.append({
                "start": start, "end": end, "area": chosen.record.ground.paths[n], "calls": count, "share": share,
                "patrol": patrolled, "people": people.get(n),
                "gap": None if share is None or patrolled is None else patrolled - share,
            })  # fmt: skip
    return rows


def _people(ground: Ground, area: str, inside: list[int], day: date) -> dict[int, float]:
    """Each community's share of the people who were counted below the area; nothing of those where nobody counted."""
    number = {ground.paths[n]: n for n in inside}
    counted: dict[int, int] = {}
    for path, residents in norms.residents(area, day).items():
        at = next((number[above] for above in _upwards(path) if above in number), None)
        if at is not None:
            counted[at] = counted.get(at, 0) + residents
    total = sum(counted.values())
    return {n: residents / total for n, residents in counted.items()} if total else {}


def _uncounted(area: str, people: dict[int, float], ground: Ground) -> int:
    """In how many communities of an area nobody counted the people."""
    known = {ground.paths[n] for n in people}
    return sum(one.area.startswith(area) and one.area not in known for one in places.areas("community"))


def _upwards(path: str) -> Iterator[str]:
    """An area's path and those of the areas that it lies in."""
    parts = path.strip("/").split("/")
    return ("/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1))


def _shares(amount: FloatArray) -> FloatArray:
    whole = amount.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0)
    return shares


@dataclass(frozen=True)
class _Time:
    """Hours of patrol by block of days and area (blocks, areas), and those of them at posts manned without a unit; how
    many hours were counted; of the whole district, the time that has no place."""

    hours: FloatArray
    at_posts: FloatArray
    counted: int
    nowhere_h: float
    example: bool


def _time(chosen: Chosen, blocks: int) -> _Time:
    ground, district = chosen.record.ground, places.district()
    (found, posts), nowhere = np.zeros((2, blocks, len(ground.paths))), 0.0
    if district is None or chosen.asked.replay:
        return _Time(found, posts, 0, nowhere, False)
    zone = ZoneInfo(str(setting("time_zone")))
    first, last = (datetime.combine(day, time(), zone) for day in chosen.days)
    minutes = minutes_of(chosen.asked, facts.shifts())
    number = {path: n for n, path in enumerate(ground.paths) if path}
    told = [
        one for one in patrol.patrol_hours(district.area, first, last + timedelta(days=1))
        if minutes is None or minutes[one.start.astimezone(zone).hour * 60]
    ]  # fmt: skip
    for one in told:
        block = min((one.start.astimezone(UTC) - first.astimezone(UTC)).days // BLOCK_D, blocks - 1)
        for path, spent in one.minutes.items():
            at = number.get(path)
            if at is not None:
                found[block, at] += spent
                posts[block, at] += one.at_posts.get(path, 0.0)
            elif chosen.asked.area == district.area:
                nowhere += spent
    return _Time(found / 60, posts / 60, len(told), nowhere / 60, any(one.example for one in told))
