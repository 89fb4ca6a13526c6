"""Patrols beside calls and people: which share of their presence each community had, of the calls and of the
population, over time; what patrols found by themselves, and whether calls follow them. The check on a forecast that
might be its own echo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.desk.norms import facts as norms
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.demand.found import echo
from shouwang.engine.effects.intervals import share_interval
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

from .. import facts
from ..terms import Row, Sheet, Told
from .chosen import Chosen, choose, day_of, minutes_of
from .places import above
from .record import Ground

BLOCK_D = 28


def told(chosen: Chosen) -> Told:
    """`more`: hours of which it is counted where patrols were (`hours`), records that patrols found (`found`) beside
    those that may feed a forecast (`heard`), and the `echo` with the ends of its interval."""
    ground, asked = chosen.record.ground, chosen.asked
    blocks = -(-chosen.span_d // BLOCK_D)
    metres, hours = _presence(chosen, blocks)
    inside = [n for n, path in enumerate(ground.paths) if path and path.startswith(asked.area)]
    shifts = facts.shifts()
    areas = len(ground.paths)
    heard = chosen if asked.found == "" else choose(chosen.record, asked, shifts, found="")
    found = choose(chosen.record, asked, shifts, found="only").count("area", areas)
    block = (heard.column("day") - day_of(chosen.days[0])) // BLOCK_D
    known = (block >= 0) & (block < blocks)
    calls = np.bincount(block[known] * areas + heard.column("area")[known], minlength=blocks * areas)
    calls = calls.reshape(blocks, areas)
    count, present = calls.sum(axis=0), metres.sum(axis=0)[inside].sum()
    of_calls, total = count / max(1, count[inside].sum()), int(count[inside].sum())
    low, high = share_interval(count, np.full(count.size, total))
    people = _people(ground, asked.area, inside, chosen.days[1])
    rows: list[Row] = []
    for n in sorted(inside, key=lambda n: -count[n]):
        share = float(metres[:, n].sum() / present) if present > 0 else None
        if count[n] or found[n] or share:
            rows.append({
                "area": ground.paths[n], "within": above(ground.paths[n]), "calls": int(count[n]),
                "share": float(of_calls[n]), "low": float(low[n]), "high": float(high[n]), "patrol": share,
                "gap": None if share is None else share - float(of_calls[n]), "people": people.get(n),
                "by_patrols": int(found[n]),
            })  # fmt: skip
    counted = metres[:, inside].sum(axis=1) > 0
    patrols, came = (_shares(amount[np.ix_(counted, inside)]) for amount in (metres, calls.astype(float)))
    told_echo = echo(patrols, came, np.random.default_rng(0))
    columns = ("area", "within", "calls", "share", "share_interval", "patrol", "gap", "people", "by_patrols")
    course = _course(chosen, inside, calls, metres, people)
    return Told(
        (Sheet("presence", columns, rows, about=2, narrow=("area",)),
         Sheet("course", ("start", "area", "patrol", "people", "calls", "share", "gap"), course, about=4,
               narrow=("area", "start", "end"), whole=True)),
        {"hours": hours, "found": int(found.sum()), "heard": total, "echo": told_echo, "block_d": BLOCK_D,
         "uncounted": len(inside) - len(people)},
    )  # fmt: skip


def _course(
    chosen: Chosen, inside: list[int], calls: IntArray, metres: FloatArray, people: dict[int, float]
) -> list[Row]:
    """Every block of days: the share that each community had of patrols (None while nothing of them was counted) and of
    calls."""
    rows: list[Row] = []
    for block, (counts, seen) in enumerate(zip(calls[:, inside], metres[:, inside], strict=True)):
        start = chosen.days[0] + timedelta(days=block * BLOCK_D)
        end = min(start + timedelta(days=BLOCK_D - 1), chosen.days[1])
        for n, count, length in zip(inside, counts.tolist(), seen.tolist(), strict=True):
            if not (calls[:, n].any() or metres[:, n].any()):
                continue
            share = count / counts.sum() if counts.any() else None
            patrolled = length / seen.sum() if seen.any() else None
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


def _upwards(path: str) -> Iterator[str]:
    """An area's path and those of the areas that it lies in."""
    parts = path.strip("/").split("/")
    return ("/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1))


def _shares(amount: FloatArray) -> FloatArray:
    whole = amount.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0)
    return shares


def _presence(chosen: Chosen, blocks: int) -> tuple[FloatArray, int]:
    """Metres of streets seen, hour by hour added up, by block of days and area (blocks, areas); and the hours."""
    ground, district = chosen.record.ground, places.district()
    found, hours = np.zeros((blocks, len(ground.paths))), 0
    if district is None or chosen.asked.replay:
        return found, hours
    zone = ZoneInfo(str(setting("time_zone")))
    first, last = (datetime.combine(day, time(), zone) for day in chosen.days)
    minutes = minutes_of(chosen.asked, facts.shifts())
    by_network: dict[UUID, tuple[AnyArray, FloatArray] | None] = {}
    for seen in patrol.seen_hours(district.area, first, last + timedelta(days=1)):
        if minutes is not None and not minutes[seen.start.astimezone(zone).hour * 60]:
            continue
        if seen.network not in by_network:
            by_network[seen.network] = _lengths(ground, str(seen.network))
        if (lengths := by_network[seen.network]) is None:
            continue
        block = min((seen.start.astimezone(UTC) - first.astimezone(UTC)).days // BLOCK_D, blocks - 1)
        at = np.array(seen.streets, np.int64)
        np.add.at(found[block], lengths[0][at], lengths[1][at])
        hours += 1
    return found, hours


def _lengths(ground: Ground, network: str) -> tuple[AnyArray, FloatArray] | None:
    """The area and the metres of each street of a network; None for one that is gone."""
    try:
        streets = places.streets_of(network)
    except (OSError, ValueError):
        return None
    lon, lat = ((ends[streets.tail] + ends[streets.head]) / 2 for ends in streets.coordinates())
    paths, at = places.locate_all(lon, lat)
    number = {path: n for n, path in enumerate(ground.paths)}
    return np.array([number.get(path, number.get("", 0)) for path in paths])[at], streets.length_m
