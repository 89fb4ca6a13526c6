"""见警率 of an hour that is over: streets that units on duty passed, weighed by the calls expected on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from shouwang.engine.deploy.on_streets import street_demand, street_of
from shouwang.engine.deploy.seen import passed, seen_per_hour
from shouwang.engine.geo.streets import Spots
from shouwang.tables.live import Position

from ..models import Forecast
from .drafting import demand_of, ground_here

HOUR_S = 3600.0


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
