"""The small town cut into 4 × 4 cells in each control area, and a made forecast: the west has twice the calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shouwang.desk.log.ids import new_id

STEP = 0.01  # degrees
HOURS = 48


@pytest.fixture
def cells(town: Any) -> list[Any]:
    """Cells c00 … c33 of both communities, from the south-west, west to east first."""
    from shouwang.desk.places.models import Area

    made = []
    for path, west in (("t/1/a/", -90.28), ("t/2/b/", -90.24)):
        for row, column in np.ndindex(4, 4):
            w, s = round(west + column * STEP, 6), round(38.61 + row * STEP, 6)
            e, n = round(w + STEP, 6), round(s + STEP, 6)
            code = f"c{row}{column}"
            ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
            made.append(Area(path=f"{path}{code}/", parent=path, code=code, kind="cell", zh=code, en=code,
                             lon=w + STEP / 2, lat=s + STEP / 2,
                             geometry={"type": "Polygon", "coordinates": [ring]}))  # fmt: skip
    return Area.objects.bulk_create(made)


@pytest.fixture
def forecast(cells: list[Any], town: Any) -> Any:
    """0.1 calls an hour in each western cell, 0.05 in each eastern one, over two days."""
    from shouwang.desk.patrol import files
    from shouwang.desk.patrol.models import Forecast
    from shouwang.desk.places import facts as places

    streets = places.streets()
    lon, lat = np.array([c.lon for c in cells]), np.array([c.lat for c in cells])
    node = streets.node_id[streets.nearest_node(lon, lat)[0]]
    hours = np.datetime64("2026-11-21T12:00:00", "s") + np.arange(HOURS) * np.timedelta64(3600, "s")
    expected = np.tile(np.where(lon < -90.24, 0.1, 0.05), (HOURS, 1))
    row = Forecast(
        area="t/", made_at=town.now, origin=town.now, hours=HOURS, cell_m=900, model="made", calls_used=1,
        first_day=town.now.date(), last_day=town.now.date(),
    )  # fmt: skip
    area = np.array([c.parent for c in cells], object)
    row.sha256 = files.write_cells(
        files.Cells(np.arange(len(cells)), lon, lat, area, node, hours, expected, expected, expected), row.id
    )
    row.save(force_insert=True)
    return row


@pytest.fixture
def ask(cast: Any, town: Any) -> Any:
    """`ask(count=3)` asks for beats as the planner."""
    from shouwang.desk.beats import actions
    from shouwang.desk.beats.terms import Question

    def asked(**changes: Any) -> Any:
        given = {"area": "t/", "each": "whole", "count": 2, "tolerance": 0.1, "worth_min": 0.0, "seed": 1, **changes}
        return actions.ask(actor=cast.planner.actor, now=town.now, id=new_id(), question=Question(**given))

    return asked
