"""The small town cut into 12 communities in each control area, and half a year of calls: with the measure of 2026-08-01
those of four western communities fell by half."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shouwang.desk.log.ids import new_id

BEGAN = date(2026, 8, 1)
WEEKS = 12
TREATED = tuple(f"t/1/c{n:02}/" for n in range(4))


@pytest.fixture
def communities(town: Any) -> list[str]:
    """Paths of c00 … c11 of both control areas: rows of four from the south-west."""
    from shouwang.desk.places.models import Area

    Area.objects.filter(kind="community").delete()
    made = []
    for parent, west in (("t/1/", -90.28), ("t/2/", -90.24)):
        for row, column in np.ndindex(3, 4):
            w, s = round(west + column * 0.01, 6), round(38.61 + row * 0.0133, 6)
            e, n = round(w + 0.01, 6), round(s + 0.0133, 6)
            code = f"c{4 * row + column:02}"
            ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
            made.append(Area(path=f"{parent}{code}/", parent=parent, code=code, kind="community", zh=f"{code}小区",
                             en=code, lon=w + 0.005, lat=s + 0.006,
                             geometry={"type": "Polygon", "coordinates": [ring]}))  # fmt: skip
    return [one.path for one in Area.objects.bulk_create(made)]


@pytest.fixture
def record(communities: list[str], town: Any) -> Any:
    """`record(factor)`: past calls in which the treated communities' rate changed so once the measure began."""
    from shouwang.desk.patrol import files
    from shouwang.desk.patrol.models import HistoryFile
    from shouwang.desk.places.models import Area
    from shouwang.tables.history import write_calls

    spots = {one.path: (one.lon, one.lat) for one in Area.objects.filter(kind="community")}

    def made(
        factor: float = 0.5, *, per_week: float = 8.0, gap: tuple[date, date] | None = None, seed: int = 2
    ) -> Any:
        rng = np.random.default_rng(seed)
        rows = []
        first = BEGAN - timedelta(7 * WEEKS + 7)
        for path, (lon, lat) in spots.items():
            for n in range(7 * (2 * WEEKS + 2)):
                day = first + timedelta(n)
                if gap and gap[0] <= day < gap[1]:
                    continue
                rate = per_week / 7 * (factor if path in TREATED and day >= BEGAN else 1.0)
                for source, share in (("resident", 1.0), ("alarm", 0.2), ("patrol", 0.5)):
                    for _call in range(rng.poisson(rate * share)):
                        at = datetime.combine(day, datetime.min.time()) + timedelta(seconds=int(rng.integers(86_400)))
                        rows.append((at, lon, lat, str(rng.choice(["noise", "theft"])), source))
        columns = [list(c) for c in zip(*rows, strict=True)]
        names = ("time", "lon", "lat", "category", "source")
        table = pa.table(dict(zip(names, columns, strict=True)))
        table = table.set_column(0, "time", table["time"].cast(pa.timestamp("s")))
        row = HistoryFile.objects.create(
            id=new_id(), area="t/", name="made", rows=len(rows), first_day=first, last_day=rows[-1][0].date(),
            source="made", licence="none", kinds={"noise": 1, "theft": 1}, sha256="0" * 64, at=town.now,
        )  # fmt: skip
        path = files.history_path(row.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_calls(table, path)
        return table

    return made


@pytest.fixture
def ask(cast: Any, town: Any, communities: list[str]) -> Any:
    """`ask(control=…)` asks as the leader; by default against all that are not next door."""
    from shouwang.desk.effects import actions
    from shouwang.desk.effects.terms import Question

    def asked(**changes: Any) -> Any:
        given = {
            "title": "更多夜间步巡", "area": "t/", "unit": "community", "treated": TREATED,
            "control": tuple(p for p in communities if p.startswith("t/2/")), "near": (),
            "began": BEGAN.isoformat(), "weeks": WEEKS, **changes,
        }  # fmt: skip
        return actions.ask(actor=cast.leader.actor, now=town.now, id=new_id(), question=Question(**given))

    return asked
