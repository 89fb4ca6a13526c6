"""Past calls of the town and a forecast of it, made once for all tests from the shipped record of St. Louis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from shouwang.desk.log.actor import system

PATROL_FOUND = ("drugs", "weapons", "dwi", "loitering_begging", "liquor", "gambling", "stolen_property")
CENTRE = system("test")


@pytest.fixture(scope="session")
def past_calls(stlouis: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls of the last 18 months on the ground of the town."""
    table = pq.read_table(stlouis / "calls.parquet", columns=["id", "time", "lon", "lat", "category"])
    inside = pc.and_(
        pc.and_(pc.greater(table["lon"], -90.28), pc.less(table["lon"], -90.20)),
        pc.and_(pc.greater(table["lat"], 38.59), pc.less(table["lat"], 38.67)),
    )
    path = tmp_path_factory.mktemp("past") / "calls.parquet"
    pq.write_table(table.filter(pc.and_(inside, pc.greater(table["time"], "2018-07-01"))), path)
    return path


@pytest.fixture
def history(town: Any, past_calls: Path) -> Any:
    from shouwang.desk.patrol import actions

    return actions.add_history(
        actor=CENTRE,
        now=town.now,
        path=past_calls,
        name="St. Louis",
        area="t/",
        example=True,
        source="police reports",
        licence="ODC-By 1.0",
        excluded=PATROL_FOUND,
    )


@pytest.fixture
def forecast(history: Any, town: Any) -> Any:
    from shouwang.desk.patrol import actions

    return actions.make_forecast(actor=CENTRE, now=town.now)


@pytest.fixture
def plans(forecast: Any, town: Any, cast: Any) -> list[Any]:
    """Proposed plans: for the shift under way and the next three."""
    from shouwang.desk.patrol import actions

    return actions.propose_plans(actor=cast.planner.actor, now=town.now)
