"""Patrols beside calls: which share of their presence each community had and which share of the calls, what patrols
found by themselves, and whether calls follow them. The check on a forecast that might be its own echo."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.demand.found import echo
from shouwang.engine.effects.intervals import share_interval
from shouwang.engine.terms import AnyArray, FloatArray

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
    heard = chosen if asked.found == "" else choose(chosen.record, asked, shifts, found="")
    found = choose(chosen.record, asked, shifts, found="only").count("area", len(ground.paths))
    calls = np.zeros((blocks, len(ground.paths)), np.int64)
    block = (heard.column("day") - day_of(chosen.days[0])) // BLOCK_D
    known = (block >= 0) & (block < blocks)
    np.add.at(calls, (block[known], heard.column("area")[known]), 1)
    count, present = calls.sum(axis=0), metres.sum(axis=0)[inside].sum()
    of_calls, total = count / max(1, count[inside].sum()), int(count[inside].sum())
    low, high = share_interval(count, np.full(count.size, total))
    rows: list[Row] = []
    for n in sorted(inside, key=lambda n: -count[n]):
        share = float(metres[:, n].sum() / present) if present > 0 else None
        if count[n] or found[n] or share:
            rows.append({
                "area": ground.paths[n], "within": above(ground.paths[n]), "calls": int(count[n]),
                "share": float(of_calls[n]), "low": float(low[n]), "high": float(high[n]), "patrol": share,
                "gap": None if share is None else share - float(of_calls[n]), "by_patrols": int(found[n]),
            })  # fmt: skip
    counted = metres[:, inside].sum(axis=1) > 0
    patrols, came = (_shares(amount[np.ix_(counted, inside)]) for amount in (metres, calls.astype(float)))
    told_echo = echo(patrols, came, np.random.default_rng(0))
    columns = ("area", "within", "calls", "share", "share_interval", "patrol", "gap", "by_patrols")
    return Told(
        (Sheet("presence", columns, rows, about=2, narrow=("area",)),),
        {"hours": hours, "found": int(found.sum()), "heard": total, "echo": told_echo, "block_d": BLOCK_D},
    )


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
