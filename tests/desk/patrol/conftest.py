"""Past calls of the town and a forecast of it, made once for all tests from the shipped record of St. Louis."""

from __future__ import annotations

from copy import copy
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


@pytest.fixture(scope="session")
def made() -> dict[str, Any]:
    """Rows that were worked out once in this run: working them out again for each test would take minutes."""
    return {}


@pytest.fixture
def forecast(history: Any, town: Any, made: dict[str, Any]) -> Any:
    from shouwang.desk.patrol import actions

    if "forecast" not in made:
        made["forecast"] = actions.make_forecast(actor=CENTRE, now=town.now)
    else:
        copy(made["forecast"]).save(force_insert=True)
    return copy(made["forecast"])


@pytest.fixture
def plans(forecast: Any, town: Any, cast: Any, made: dict[str, Any]) -> list[Any]:
    """Proposed plans for the next three shifts: of the one under way, no whole hour is left."""
    from shouwang.desk.patrol import actions, facts
    from shouwang.desk.patrol.models import Plan, PlanPost, PlanTour

    facts._plan_fact.cache_clear()  # plans of one id come again with other units

    unit_of = {unit.code: unit.id for unit in town.units.values()}
    if "plans" not in made:
        made["plans"] = actions.propose_plans(actor=cast.planner.actor, now=town.now)
        made["posts"], made["tours"] = list(PlanPost.objects.all()), list(PlanTour.objects.all())
        made["code_of"] = {post.unit: post.code for post in made["posts"]}
    else:
        rows = {name: [copy(row) for row in made[name]] for name in ("plans", "posts", "tours")}
        for row in (*rows["posts"], *rows["tours"]):  # the town's units are new ones in every test
            row.unit = unit_of[made["code_of"][row.unit]]
        Plan.objects.bulk_create(rows["plans"])
        PlanPost.objects.bulk_create(rows["posts"])
        PlanTour.objects.bulk_create(rows["tours"])
    return list(Plan.objects.order_by("shift_start"))
