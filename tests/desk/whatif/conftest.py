"""Comparisons on the small town, with a made forecast of a few cells: fitting one takes longer than playing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from desk.patrol.conftest import history, past_calls

from shouwang.desk.log.ids import new_id
from shouwang.desk.whatif.terms import Question, Scenario

__all__ = ["history", "past_calls"]
START = "2026-11-21T12:00:00"
"""The town's clock stands at 22:46 in Shanghai; the forecast begins at noon of that day."""


@pytest.fixture
def forecast(town: Any) -> Any:
    """Two days of calls on six cells west and east."""
    from shouwang.desk.patrol import files
    from shouwang.desk.patrol.models import Forecast
    from shouwang.desk.places import facts as places

    streets = places.streets()
    lon, lat = np.array([-90.262, -90.256, -90.25, -90.226, -90.222, -90.216]), np.full(6, 38.63)
    node = streets.node_id[streets.nearest_node(lon, lat)[0]]
    hours = np.datetime64(START, "s") + np.arange(48) * np.timedelta64(3600, "s")
    area = np.array(["t/1/a/"] * 3 + ["t/2/b/"] * 3, object)
    expected = np.full((48, 6), 0.6)
    row = Forecast(
        area="t/", made_at=town.now, origin=town.now - timedelta(hours=10, minutes=46, seconds=37), hours=48,
        cell_m=200, model="made", calls_used=1, first_day=town.now.date(), last_day=town.now.date(),
    )  # fmt: skip
    row.sha256 = files.write_cells(
        files.Cells(np.arange(6), lon, lat, area, node, hours, expected, expected, expected), row.id
    )
    row.save(force_insert=True)
    return row


@pytest.fixture
def ask(cast: Any, town: Any) -> Any:
    """`ask(a=Scenario(…), hours=3)` asks for a comparison as the planner."""
    from shouwang.desk.whatif import actions

    def asked(a: Scenario | None = None, b: Scenario | None = None, **changes: Any) -> Any:
        given = {"title": "试试", "calls": "forecast", "start": START, "hours": 4, "replications": 4, "seed": 7,
                 "on_scene_min": 20.0, **changes}  # fmt: skip
        return actions.compare(
            actor=cast.planner.actor,
            now=town.now,
            id=new_id(),
            question=Question(**given, a=a or Scenario(), b=b or Scenario()),
        )

    return asked
