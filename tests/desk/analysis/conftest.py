"""Two years of made calls in the small town, with a place that repeats, and calls taken at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouwang.desk.log.actor import system
from shouwang.desk.log.ids import new_id

FIRST, LAST = np.datetime64("2024-11-18"), np.datetime64("2026-11-20")
KINDS = ("theft", "fight", "noise", "drugs")
HOT = (-90.2618, 38.6297)  # in t/1/a/


@pytest.fixture(autouse=True)
def fresh(clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing kept of another test, and pages opened at the town's own time."""
    from shouwang.desk.analysis.advice import record

    for module in ("views", "api"):
        monkeypatch.setattr(f"shouwang.desk.analysis.{module}.timezone", SimpleNamespace(now=clock))
    record.forget()
    yield
    record.forget()


@pytest.fixture(scope="session")
def calls_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About four calls a day on the squares of both control areas, a tenth of a kind that patrols find; six thefts
    half a day apart, again and again, at one corner; a last year with far more noise."""
    rng = np.random.default_rng(42)
    days = int((LAST - FIRST).astype(int)) + 1
    n = 4 * days
    time = FIRST.astype("datetime64[s]") + rng.integers(0, days * 86_400, n).astype("timedelta64[s]")
    kind = rng.choice(KINDS, n, p=(0.4, 0.3, 0.2, 0.1))
    west = rng.random(n) < 0.6
    lon = np.where(west, -90.26, -90.22) + rng.uniform(-0.012, 0.012, n)
    lat = 38.63 + rng.uniform(-0.012, 0.012, n)
    more = rng.choice(np.flatnonzero((kind == "noise") & (time >= np.datetime64("2025-11-22"))), 250)
    bursts = np.arange("2025-12-01", "2026-11-01", 42, dtype="datetime64[D]").astype("datetime64[s]")
    chain = (bursts[:, None] + np.arange(6) * np.timedelta64(12 * 3600, "s")).ravel()
    columns = {
        "time": np.concatenate([time, time[more] + np.timedelta64(900, "s"), chain]),
        "lon": np.concatenate([lon, lon[more], np.full(len(chain), HOT[0])]),
        "lat": np.concatenate([lat, lat[more], np.full(len(chain), HOT[1])]),
        "category": np.concatenate([kind, kind[more], np.full(len(chain), "theft")]),
    }
    columns["source"] = np.where(np.arange(len(columns["time"])) % 50, "resident", "patrol")
    path = tmp_path_factory.mktemp("analysis") / "calls.parquet"
    keep = columns["time"] < np.datetime64("2026-11-21")
    pq.write_table(pa.table({name: values[keep] for name, values in columns.items()}), path)
    return path


@pytest.fixture
def plain(calls_file: Path) -> Any:
    """The made calls as a table, to count them by hand."""
    return pq.read_table(calls_file).to_pandas()


@pytest.fixture
def history(town: Any, calls_file: Path) -> Any:
    from shouwang.desk.patrol import actions

    return actions.add_history(actor=system("test"), now=town.now, path=calls_file, name="made", area="t/",
                               excluded=("drugs",))  # fmt: skip


@pytest.fixture
def api(cast: Any) -> Callable[..., Any]:
    """`api("where", kind=["theft"])` as the supervisor; `by`: somebody else; `status`: what is to be answered."""

    def api(view: str, by: str = "supervisor", status: int = 200, **asked: Any) -> Any:
        client = getattr(cast, by).client
        answer = client.get(f"/api/analysis/{view}?{urlencode(asked, doseq=True)}")
        assert answer.status_code == status, answer.content
        told = answer.json()
        if "sheets" in told:
            told["sheets"] = {sheet["name"]: sheet for sheet in told["sheets"]}
        return told

    return api


@pytest.fixture
def leader(cast: Any) -> Any:
    """Leads the western control area alone."""
    from shouwang.desk.people.models import Grant, Role, User

    from ..conftest import Person

    user = User.objects.create(username="west", name="West")
    Grant.objects.create(user=user, role=Role.objects.get(code="area_commander"), area="t/1/")
    cast.people["west"] = Person(user)
    return cast.people["west"]


@pytest.fixture
def take(cast: Any, town: Any, clock: Any) -> Callable[..., Any]:
    """A call taken at the desk: a quarrel of level 2 in the east unless told otherwise."""
    from shouwang.desk.calls import actions, defaults
    from shouwang.desk.calls.terms import NewCall

    defaults.load()

    def take(**given: Any) -> Any:
        call = {"type": "200100", "place": "Elm St", "lon": -90.222, "lat": 38.63, "severity": 2, **given}
        return actions.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(id=new_id(), **call))

    return take
