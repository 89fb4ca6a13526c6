"""Check points of an example district: crossings in each of its control areas, invented and marked so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import numpy as np

from shouwang.desk.log.codes import LETTERS
from shouwang.desk.phone.actions import CODE_LENGTH
from shouwang.desk.phone.models import CheckPoint
from shouwang.desk.places.models import Area
from shouwang.engine.geo.streets import Streets

from .matters import crossings

IN_AN_AREA = 4
TRIED = 200
Crossing = tuple[float, float, tuple[str, str], str]


def invent(streets: Streets, community: Area, seed: int, now: datetime) -> int:
    """Writes the check points, in every control area and in the community where the demo accounts work. Returns how
    many. Its own draws, so that the rest of the example stays as it is."""
    rng, own = np.random.default_rng((seed, 1)), np.random.default_rng((seed, 6))
    rows = [_row(one, rng, now) for one in _spread(crossings(streets, rng, TRIED))]
    taken = {(row.lon, row.lat) for row in rows}
    near = (one for one in crossings(streets, own, streets.node_count)
            if one[3].startswith(community.path) and one[:2] not in taken)
    rows += [_row(one, own, now) for one in islice(near, IN_AN_AREA)]
    CheckPoint.objects.bulk_create(rows)
    return len(rows)


def _spread(found: Iterable[Crossing]) -> Iterator[Crossing]:
    """The first few of each control area."""
    many = Counter[str]()
    for one in found:
        control = "/".join(one[3].split("/")[:2])
        many[control] += 1
        if many[control] <= IN_AN_AREA:
            yield one


def _row(one: Crossing, rng: np.random.Generator, now: datetime) -> CheckPoint:
    lon, lat, (zh, en), area = one
    code = "".join(rng.choice(list(LETTERS), CODE_LENGTH))
    return CheckPoint(code=code, zh=zh, en=en, area=area, lon=lon, lat=lat, made_at=now, example=True,
                      per_day=int(rng.integers(1, 4)))
