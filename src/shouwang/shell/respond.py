"""`shouwang respond`: the units that reach a call soonest by road."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.errors import BadInput, Fault, Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.choose import CUT_OFF, NOBODY, TAKEN, Choice, Requirement, choose
from shouwang.engine.respond.move_up import move_ups
from shouwang.engine.respond.outlook import Demand, Outlook, Rules, times_to
from shouwang.engine.respond.recommend import (
    KEEPS_COVER,
    LATER,
    LEAVES_GAP,
    NEAREST,
    ONLY,
    Advice,
    Reason,
    Recommendation,
    Units,
)
from shouwang.engine.respond.recommend import recommend as recommend_units
from shouwang.engine.terms import FloatArray, IntArray
from shouwang.shell._io import emit_json, parse_point, streets_option
from shouwang.tables.places import FARTHEST_OFF_M, numbers, read_rows, spots, unique_texts
from shouwang.tables.streets import read_streets
from shouwang.tables.units import UnitTable, read_units

_WORDS = {
    NEAREST: "nearest by road",
    ONLY: "the only unit that can get there",
    LATER: "{by_s:.0f} s after the nearest",
    LEAVES_GAP: "leaves {share:.1%} of expected calls unreached in time",
    KEEPS_COVER: "the others keep the cover",
}


_MISSING = {
    NOBODY: "no unit can do it",
    CUT_OFF: "no road leads there from those that can",
    TAKEN: "all that can are sent for the others",
}
_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Where calls are expected, the units' times to there, and the sites to which a unit may be shifted."""

    demand: Demand
    rules: Rules
    times_s: FloatArray
    outlook: Outlook
    sites: _Sites | None


@dataclass(frozen=True, slots=True)
class _Sites:
    name: list[str]
    site_s: FloatArray
    drive_s: FloatArray
    least_gain_s: float


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked of every call. ahead, weight: the calls to come, and what a second that they wait counts."""

    travel: Travel
    table: UnitTable
    units: Units
    k: int
    counted: tuple[tuple[str, int], ...]
    ahead: _Ahead | None
    weight: float
    busy_s: float


@click.command()
@streets_option
@click.option("--units", "units_file", required=True, type=_FILE,
              help="CSV: unit and lon,lat or node; kind, service, capabilities (a;b) optional.")
@click.option("--at", required=True, metavar="LON,LAT|CALLS.csv",
              help="The call, or a CSV of calls (id,lon,lat): one line of JSON per call.")
@click.option("--k", default=5, show_default=True, type=click.IntRange(min=1), help="How many units.")
@click.option("--service", default="", help="Only units of this service.")
@click.option("--need", multiple=True, metavar="NAME|NAME:N,…",
              help="Only units with this capability; may be repeated. With numbers (police:2,first_aid:1) the units to "
                   "send are chosen together: so many of a service, and of them so many with a capability.")
@click.option("--demand", "demand_file", type=_FILE,
              help="CSV or Parquet: node or lon,lat, and weight (calls per hour). Adds to each unit what sending it "
                   "costs the next calls.")
@click.option("--price", "weight", default=0.25, show_default=True, type=click.FloatRange(0, 1),
              help="What a second that later calls wait counts beside one of this call, when units are chosen.")
@click.option("--busy", default=0.3, show_default=True, type=click.FloatRange(0, 0.99),
              help="Share of time a unit is busy.")
@click.option("--busy-s", default=1800.0, show_default=True, type=click.FloatRange(min=0), help="Seconds with a call.")
@click.option("--within-s", default=300.0, show_default=True, type=click.FloatRange(min=1), help="Promised response.")
@click.option("--move-up", "sites_file", type=_FILE,
              help="CSV: site and node or lon,lat. Which of the others to shift where once the chosen (else the first) "
                   "are away; needs --demand.")
@click.option("--least-gain-s", default=5.0, show_default=True, type=click.FloatRange(min=0.01),
              help="Moves that save less per call are not told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def respond(
    prefix: Path, units_file: Path, at: str, k: int, service: str, need: tuple[str, ...], demand_file: Path | None,
    weight: float, busy: float, busy_s: float, within_s: float, sites_file: Path | None, least_gain_s: float,
    as_json: bool,
) -> None:  # fmt: skip
    """Recommend the units that reach a call soonest by road.

    Coordinates are degrees, or metres where the network has x_m, y_m. A point within 1 m of a node is that
    node; others lie on the nearest edge. elapsed_ms is the time to answer, without reading the files.
    Exit code 3: no unit can reach the call (of a CSV: at least one of the calls).
    """
    streets = read_streets(prefix)
    table = read_units(units_file, streets)
    plain, counted = _needs(need)
    able = np.array([
        (not service or table.service[i] == service) and table.capabilities[i].issuperset(plain)
        for i in range(len(table.name))
    ])  # fmt: skip
    units, travel = Units.at(table.spots, able=able), Travel(streets)
    rules = Rules(within_s, busy, max(1800.0, within_s))
    ahead = _ahead(travel, units, demand_file, sites_file, rules, least_gain_s)
    ask = _Ask(travel, table, units, k, counted, ahead, weight, busy_s)
    many = _is_file(at)
    names, calls = _calls(at, streets) if many else ([""], _one_call(at, streets))
    recommend_units(travel, calls[[0]], units, k)  # loads compiled code before the clock starts
    unanswered = []
    for name, document in _answers(ask, names, calls):
        if many or as_json:
            emit_json({"id": name} | document if many else document)
        else:
            click.echo(_as_table(document))
        if not document["recommendations"]:
            unanswered.append(name)
    if unanswered:
        raise NoAnswer(f"No unit can reach {', '.join(unanswered) if many else 'the call'}.")


def _is_file(at: str) -> bool:
    return at.lower().endswith((".csv", ".parquet")) or Path(at).is_file()


def _one_call(at: str, streets: Streets) -> Spots:
    call = streets.snap(*parse_point("--at", at))
    if call.off_m[0] > FARTHEST_OFF_M:
        what = "the place lies too far from every street of the network"
        remedy = "Write longitude before latitude, and check the network."
        raise BadInput([Fault("--at", what, f"{call.off_m[0]:.0f} m", remedy)])
    return call


def _calls(at: str, streets: Streets) -> tuple[list[str], Spots]:
    rows = read_rows(at)
    faults = Faults()
    names, where = unique_texts(faults, rows, "id"), spots(faults, rows, streets)
    if rows.has("id") and not names:
        faults.add(rows.file, "there is no call", 0, "Give at least one call.")
    faults.raise_if_any()
    return names, where


def _needs(given: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """Capabilities that every unit has to hold, and numbered needs. Raises `BadInput`."""
    numbered = [part.strip() for text in given if ":" in text for part in text.split(",")]
    faults, counted = Faults(), []
    for part in numbered:
        name, _colon, count = part.partition(":")
        if not name or not count.isdecimal() or int(count) < 1:
            faults.add("--need", "this is not a need", part, "Write NAME:N, for example police:2,first_aid:1.")
        else:
            counted.append((name, int(count)))
    faults.raise_if_any()
    return tuple(text for text in given if ":" not in text), tuple(counted)


def _ahead(
    travel: Travel, units: Units, demand_file: Path | None, sites_file: Path | None, rules: Rules, least_gain_s: float
) -> _Ahead | None:
    if demand_file is None:
        if sites_file is not None:
            raise BadInput([Fault("--demand", "it is missing", None, "A move is judged by the calls expected.")])
        return None
    faults, rows = Faults(keep=200), read_rows(demand_file)
    where = spots(faults, rows, travel.streets)
    if not rows.has("weight"):
        faults.add(f"{rows.file}, column weight", "the column is missing", None, "Add it.")
    calls = numbers(faults, rows, "weight", least=0.0) if rows.has("weight") else np.zeros(len(rows))
    faults.raise_if_any()
    demand = Demand(_node(where, travel.streets), calls)
    times_s = times_to(travel, units.spots, demand)
    outlook = Outlook.measure(times_s, units.free & units.able, demand, rules)
    sites = None if sites_file is None else _sites(sites_file, travel, units, demand, least_gain_s)
    return _Ahead(demand, rules, times_s, outlook, sites)


def _sites(file: Path, travel: Travel, units: Units, demand: Demand, least_gain_s: float) -> _Sites:
    faults, rows = Faults(keep=200), read_rows(file)
    names, where = unique_texts(faults, rows, "site"), spots(faults, rows, travel.streets)
    faults.raise_if_any()
    return _Sites(names, times_to(travel, where, demand), travel.matrix(units.spots, where), least_gain_s)


def _node(where: Spots, streets: Streets) -> IntArray:
    """The node of each place, of one on an edge the node at its tail."""
    return np.where(where.node >= 0, where.node, streets.tail[where.edge])


def _answers(ask: _Ask, names: list[str], calls: Spots) -> Iterator[tuple[str, dict[str, Any]]]:
    for i, name in enumerate(names):
        began = time.perf_counter()
        document = _answer(ask, calls[[i]])
        elapsed_ms = (time.perf_counter() - began) * 1e3
        yield name, document | {"elapsed_ms": round(elapsed_ms, 3)}


def _answer(ask: _Ask, call: Spots) -> dict[str, Any]:
    outlook = None if ask.ahead is None else ask.ahead.outlook
    advice = recommend_units(ask.travel, call, ask.units, ask.k, outlook)
    document = _document(advice, ask.table)
    away = [one.unit for one in advice.recommendations[:1]]
    if ask.counted:
        everyone = recommend_units(ask.travel, call, ask.units, len(ask.table.name), outlook).recommendations
        choice, requirements = _choice(ask, everyone)
        document |= _chosen(ask, choice, requirements, {one.unit: one.eta_s for one in everyone})
        away = [one.unit for one in choice.sent]
    if ask.ahead is not None and ask.ahead.sites is not None:
        document["moves"] = _moves(ask, ask.ahead, ask.ahead.sites, away)
    return document


def _choice(ask: _Ask, everyone: Sequence[Recommendation]) -> tuple[Choice, list[Requirement]]:
    """Needs that name a service take units of their own; with these there, others are met by units sent for them."""
    count, table = len(ask.table.name), ask.table
    cost_s = np.full(count, np.inf)
    price_s = np.zeros(count) if ask.ahead is None else ask.weight * ask.ahead.outlook.cost_s(ask.busy_s)
    for one in everyone:
        cost_s[one.unit] = one.eta_s + price_s[one.unit]
    services = {name for name, _n in ask.counted if name in table.service}
    own = tuple(i for i, (name, _n) in enumerate(ask.counted) if name in services)
    requirements = []
    for name, wanted in ask.counted:
        fits = [table.service[u] == name if name in services else name in table.capabilities[u] for u in range(count)]
        shared = () if name in services else own
        requirements.append(Requirement(name, wanted, np.where(fits, 0.0 if shared else cost_s, np.inf), shared))
    return choose(requirements), requirements


def _chosen(
    ask: _Ask, choice: Choice, requirements: Sequence[Requirement], eta_s: dict[int, float]
) -> dict[str, Any]:
    return {
        "send": [
            {
                "unit": ask.table.name[one.unit],
                "for": requirements[one.requirement].name,
                "also": [requirements[i].name for i in one.also],
                "eta_s": round(eta_s[one.unit], 6),
            }
            for one in choice.sent
        ],
        "cost_s": round(choice.cost_s, 6),
        "missing": [
            {"for": requirements[u.requirement].name, "count": u.missing, "why": _MISSING[u.why]} for u in choice.unmet
        ],
    }


def _moves(ask: _Ask, ahead: _Ahead, sites: _Sites, away: Sequence[int]) -> list[dict[str, Any]]:
    free = ask.units.free & ask.units.able
    free[list(away)] = False
    left = Outlook.measure(ahead.times_s, free, ahead.demand, ahead.rules)
    found = move_ups(
        left, movable=np.flatnonzero(free).tolist(), site_s=sites.site_s, drive_s=sites.drive_s,
        least_gain_s=sites.least_gain_s,
    )  # fmt: skip
    return [
        {
            "unit": ask.table.name[m.unit],
            "site": sites.name[m.site],
            "gain_s": round(m.gain_s, 3),
            "drive_s": round(m.drive_s, 3),
        }
        for m in found[: ask.k]
    ]


def _document(advice: Advice, table: UnitTable) -> dict[str, Any]:
    return {"recommendations": [_one(one, table) for one in advice.recommendations]}


def _one(one: Recommendation, table: UnitTable) -> dict[str, Any]:
    document = {
        "unit": table.name[one.unit],
        "eta_s": round(one.eta_s, 6),
        "distance_m": round(one.distance_m, 3),
        "reason": "; ".join(_worded(reason) for reason in one.reasons),
    }
    if one.price_s is not None:
        document |= {"price_s": round(one.price_s, 3), "cover_lost": round(one.cover_lost or 0.0, 6)}
    return document


def _worded(reason: Reason) -> str:
    return _WORDS[reason.code].format(**reason.values)


def _as_table(document: dict[str, Any]) -> str:
    priced = any("price_s" in one for one in document["recommendations"])
    lines = [f"{'unit':<16} {'arrives':>8} {'by road':>10} {'price':>9}  reason" if priced
             else f"{'unit':<16} {'arrives':>8} {'by road':>10}  reason"]  # fmt: skip
    for one in document["recommendations"]:
        distance_km = one["distance_m"] / 1e3
        price = f" {one['price_s']:>7.1f} s" if priced else ""
        lines.append(f"{one['unit']:<16} {_clock(one['eta_s']):>8} {distance_km:>7.2f} km{price}  {one['reason']}")
    for one in document.get("send", []):
        also = f" and {', '.join(one['also'])}" if one["also"] else ""
        lines.append(f"send {one['unit']} for {one['for']}{also}, there in {_clock(one['eta_s'])}")
    lines += [f"missing: {one['count']} {one['for']}, {one['why']}" for one in document.get("missing", [])]
    for one in document.get("moves", []):
        lines.append(f"shift {one['unit']} to {one['site']}: {_clock(one['drive_s'])} away, next calls reached "
                     f"{one['gain_s']:.1f} s sooner on average")  # fmt: skip
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02}"
