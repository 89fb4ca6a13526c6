"""An hour that is over. 见警率: streets that units on duty passed, weighed by the calls expected on them. Patrol time:
how long they were in which community, and for how long posts were manned there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.engine.deploy.on_streets import street_demand, street_of
from shouwang.engine.deploy.presence import MOST_S, covered_s, held_s
from shouwang.engine.deploy.seen import passed, seen_per_hour
from shouwang.engine.geo.streets import Spots
from shouwang.engine.terms import FloatArray
from shouwang.tables.live import Position

from ..models import Forecast
from .drafting import demand_of, ground_here

HOUR_S = 3600.0
MARGIN = timedelta(seconds=MOST_S)  # positions so far outside an hour tell of its ends


@dataclass(frozen=True)
class Seen:
    """`share` of demand × metres, and the numbers of the streets as the network counts them."""

    share: float
    streets: list[int]


def seen_in(
    forecast: Forecast, shift: tuple[datetime, datetime], start: datetime, tracks: Sequence[Sequence[Position]]
) -> Seen:
    """What the units of these tracks saw in the hour from `start`. Weighed by the calls of the whole shift (from, to),
    as the plan's own figure is, so that the two can be compared."""
    here, demand = ground_here(), demand_of(forecast, *shift)
    edges, at_s = [np.zeros(0, np.int64)], [np.zeros(0)]
    for track in tracks:
        lon, lat = (np.array([getattr(p, name) for p in track], float) for name in ("lon", "lat"))
        moment = np.array([p.at_ms / 1000 for p in track]) - start.timestamp()
        found = passed(here.travel, lon, lat, moment)
        edges.append(found[0])
        at_s.append(np.clip(found[1], 0.0, HOUR_S - 1))
    on_streets = street_demand(here.streets, Spots.at_nodes(demand.node), demand.weight)
    driven = np.concatenate(edges)
    share = seen_per_hour(here.streets, on_streets, driven, np.concatenate(at_s), 1)
    return Seen(float(share[0]), np.unique(street_of(here.streets)[driven]).tolist())


def minutes_in(
    start: datetime, tracks: Mapping[str, Sequence[Position]], busy: Mapping[str, Sequence[tuple[datetime, datetime]]],
    *, placed: bool,
) -> dict[str, float]:
    """Minutes by path of the community that units (by id) spent there in the hour from `start`, while not `busy` with a
    call; "": outside the district, or nowhere in particular if they are not to be `placed`."""
    from_s, found = start.timestamp(), dict[str, float]()
    for unit, track in tracks.items():
        away = [(first.timestamp(), last.timestamp()) for first, last in busy.get(unit, ())]
        held = held_s(np.array([p.at_ms / 1000 for p in track]), from_s, from_s + HOUR_S, away)
        _add(found, [p.lon for p in track], [p.lat for p in track], held, placed)
    return _rounded(found)


def minutes_at(
    posts: Sequence[tuple[float, float, Sequence[tuple[datetime, datetime | None]]]], start: datetime, now: datetime,
    *, placed: bool,
) -> dict[str, float]:
    """The same of posts (longitude, latitude, spans of those clocked on there; None: up to `now`). A post counts once,
    however many are there: so does a unit."""
    from_s, found = start.timestamp(), dict[str, float]()
    for lon, lat, spans in posts:
        manned = [(first.timestamp(), (last or now).timestamp()) for first, last in spans]
        _add(found, [lon], [lat], np.array([covered_s(from_s, from_s + HOUR_S, manned)]), placed)
    return _rounded(found)


def _add(
    found: dict[str, float], lon: Sequence[float], lat: Sequence[float], held: FloatArray, placed: bool
) -> None:
    paths, at = places.locate_all(np.array(lon, float), np.array(lat, float))
    for number, seconds in enumerate(np.bincount(at, held, len(paths)).tolist()):
        if seconds > 0:
            path = paths[number] if placed else ""
            found[path] = found.get(path, 0.0) + seconds / 60


def _rounded(found: dict[str, float]) -> dict[str, float]:
    return {path: round(minutes, 2) for path, minutes in found.items()}
