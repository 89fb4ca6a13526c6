"""What feeds a forecast, what does not, and that it knows nothing of what comes after its origin."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.patrol import actions, facts, files
from shouwang.desk.patrol.models import HistoryFile
from shouwang.engine.errors import BadInput

from .conftest import CENTRE, PATROL_FOUND


def test_kinds_that_patrols_find_are_left_out_and_counted(forecast: Any, history: Any) -> None:
    assert set(forecast.left_out) == set(PATROL_FOUND) & set(history.kinds)
    assert forecast.left_out["drugs"] == history.kinds["drugs"]
    feeding = sum(n for kind, n in history.kinds.items() if kind not in PATROL_FOUND)
    assert 0.9 * feeding < forecast.calls_used <= feeding  # the rest lies off the ground or after the origin


def test_a_forecast_says_what_its_file_says(forecast: Any) -> None:
    cells = files.read_cells(str(forecast.id))
    assert files.sha256(files.forecast_path(forecast.id)) == forecast.sha256
    assert cells.expected.shape == (forecast.hours, len(cells.cell)) == (48, len(cells.lon))
    assert (cells.low <= cells.high).all()
    whole = next(a for a in forecast.by_area if a["path"] == "t/")
    assert whole["expected"] == pytest.approx(cells.expected.sum(axis=1), abs=1e-3)
    parts = np.sum([a["expected"] for a in forecast.by_area if a["path"] != "t/"], axis=0)
    assert (parts <= np.array(whole["expected"]) + 1e-3).all()
    assert len(whole["shifts"]) == len(forecast.shifts) == 3


def test_the_interval_of_a_shift_is_told_for_the_shift(forecast: Any) -> None:
    whole = next(a for a in forecast.by_area if a["path"] == "t/")
    first = whole["shifts"][0]
    assert first["low"][0] < first["expected"][0] < first["high"][0]
    # Counts of eight hours scatter less than eight times as widely as those of one.
    assert first["high"][0] - first["low"][0] < sum(whole["high"][:8]) - sum(whole["low"][:8])


def test_an_old_example_is_moved_by_whole_weeks_up_to_the_origin() -> None:
    record = HistoryFile(example=True, first_day=date(2015, 1, 1), last_day=date(2019, 12, 31))
    days = facts.moved_days(record, date(2026, 11, 21))
    assert days % 7 == 0
    assert date(2026, 11, 21) <= record.last_day + timedelta(days=days) < date(2026, 11, 28)
    record.example = False
    assert facts.moved_days(record, date(2026, 11, 21)) == 0


def test_nothing_after_the_origin_leaks_in(town: Any, past_calls: Path, tmp_path: Path) -> None:
    """The same past with another future gives the same forecast to the last bit."""
    where = ZoneInfo("Asia/Shanghai")
    origin = (town.now + timedelta(hours=1)).astimezone(where).replace(minute=0, second=0, tzinfo=None)
    table = pq.read_table(past_calls)
    moved = facts.moved_days(HistoryFile(example=True, last_day=date(2019, 12, 31)), origin.date())
    now_then = (origin - timedelta(days=moved)).isoformat()
    early, late = (
        table.filter(pc.less(table["time"], now_then)),
        table.filter(pc.greater_equal(table["time"], now_then)),
    )
    assert len(late)
    poison = late.set_column(2, "lon", pa.array(np.full(len(late), -90.25)))
    grids = []
    for n, future in enumerate((late, poison)):
        path = tmp_path / f"{n}.parquet"
        pq.write_table(pa.concat_tables([early, future]), path)
        HistoryFile.objects.update(active=False)
        actions.add_history(actor=CENTRE, now=town.now, path=path, name="x", area="t/", example=True)
        made = actions.make_forecast(actor=CENTRE, now=town.now)
        grids.append(files.read_cells(str(made.id)))
    assert np.array_equal(grids[0].expected, grids[1].expected)


def test_a_closed_call_is_in_tomorrows_forecast(forecast: Any, cast: Any, town: Any, clock: Any) -> None:
    """A call taken and closed here raises what is expected where it came from."""
    from shouwang.desk.calls import actions as calls
    from shouwang.desk.calls.models import CallType
    from shouwang.desk.calls.terms import DISPOSITIONS, NewCall

    kind = CallType.objects.filter(active=True, service="police", source_kind="resident").exclude(parent="").first()
    assert kind
    for n in range(3):
        call = calls.take_call(
            actor=cast.call_taker.actor,
            now=clock(),
            call=NewCall(id=new_id(), type=kind.code, lon=-90.222, lat=38.634, place=f"Place {n}"),
        )
        calls.close_call(
            actor=cast.supervisor.actor,
            now=clock.forward(minutes=1),
            call_id=call.id,
            disposition=next(iter(DISPOSITIONS)),
        )
    again = actions.make_forecast(actor=CENTRE, now=clock.forward(minutes=1))
    assert again.calls_used == forecast.calls_used + 3
    before, after = (files.read_cells(str(f.id)) for f in (forecast, again))
    here = int(np.argmin(np.hypot(after.lon + 90.222, after.lat - 38.634)))
    assert after.expected[:, here].sum() > before.expected[:, here].sum()


def test_demand_for_an_hour_is_the_forecast_at_street_nodes(forecast: Any, town: Any) -> None:
    cells = files.read_cells(str(forecast.id))
    nodes, weights = facts.demand_for(forecast.origin)
    assert weights.sum() == pytest.approx(cells.expected[0].sum())
    assert set(nodes) <= set(cells.node)
    # Out of reach, the same hour of the day stands in.
    assert facts.demand_for(forecast.origin - timedelta(days=9))[1].sum() == pytest.approx(weights.sum())


def test_the_hour_under_way_is_told_for_the_district_or_one_control_area(forecast: Any) -> None:
    moment = forecast.origin + timedelta(hours=2, minutes=30)
    for asked, path in ((("t/",), "t/"), (("",), "t/"), (("t/1/",), "t/1/")):
        told = facts.expected_this_hour(moment, asked)
        row = next(a for a in forecast.by_area if a["path"] == path)
        assert told is not None
        assert told.start == forecast.origin + timedelta(hours=2)
        assert (told.expected, told.low, told.high) == (row["expected"][2], row["low"][2], row["high"][2])
    assert facts.expected_this_hour(moment, ("t/1/", "t/2/")) is None, "two areas together have no interval"
    assert facts.expected_this_hour(moment, ("x/",)) is None
    assert facts.expected_this_hour(forecast.origin - timedelta(minutes=1), ("t/",)) is None
    assert facts.expected_this_hour(forecast.origin + timedelta(hours=forecast.hours), ("t/",)) is None


def test_without_a_forecast_demand_is_empty(town: Any) -> None:
    nodes, weights = facts.demand_for(town.now)
    assert not len(nodes)
    assert not len(weights)


def test_a_forecast_needs_calls(town: Any) -> None:
    with pytest.raises(Refused) as refused:
        actions.make_forecast(actor=CENTRE, now=town.now)
    assert refused.value.code == "no_calls"


def test_only_planners_make_forecasts_and_only_administrators_take_in_calls(
    cast: Any, town: Any, past_calls: Path
) -> None:
    with pytest.raises(Denied):
        actions.make_forecast(actor=cast.dispatcher.actor, now=town.now)
    with pytest.raises(Denied):
        actions.add_history(actor=cast.planner.actor, now=town.now, path=past_calls, name="x", area="t/")


def test_a_bad_file_is_refused_whole_with_every_fault(town: Any, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "time,lon,lat,category\n2019-01-01T00:00:00,-90.2,38.6,a\nyesterday,-90.2,38.6,a\n2019-01-01,x,38,b\n"
    )
    with pytest.raises(BadInput) as bad:
        actions.add_history(actor=CENTRE, now=town.now, path=path, name="x", area="t/")
    assert len(bad.value.faults) == 2
    assert not HistoryFile.objects.exists()
