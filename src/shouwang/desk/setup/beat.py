"""Check points of an example district: crossings in each of its control areas, invented."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np

from shouwang.desk.log.codes import LETTERS
from shouwang.desk.phone.actions import CODE_LENGTH
from shouwang.desk.phone.models import CheckPoint
from shouwang.engine.geo.streets import Streets

from .matters import crossings

IN_AN_AREA = 4
TRIED = 200


def invent(streets: Streets, seed: int, now: datetime) -> int:
    """Writes the check points. Returns how many. Its own draws, so that the rest of the example stays as it is."""
    rng, many = np.random.default_rng((seed, 1)), Counter[str]()
    rows = []
    for lon, lat, (zh, en), area in crossings(streets, rng, TRIED):
        control = "/".join(area.split("/")[:2])
        many[control] += 1
        if many[control] <= IN_AN_AREA:
            code = "".join(rng.choice(list(LETTERS), CODE_LENGTH))
            rows.append(CheckPoint(code=code, zh=zh, en=en, area=area, lon=lon, lat=lat, made_at=now,
                                   per_day=int(rng.integers(1, 4))))
    CheckPoint.objects.bulk_create(rows)
    return len(rows)
