"""What is said once is counted alike by DuckDB and by Spark, to the last call. ./test --slow installs both."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouwang.engine.errors import BadInput
from shouwang.tables import counting
from shouwang.tables.binned import read_binned
from shouwang.tables.counting import count
from shouwang.tables.counting_on import Here, Spark

pytestmark = pytest.mark.slow
ROWS = 20_000 if os.environ.get("SHOUWANG_SHORT") else 500_000


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    lacks = "Java" if shutil.which("java") is None else ""
    try:
        import pyspark  # noqa: F401  (only whether it is there)
    except ModuleNotFoundError:
        lacks = "pyspark"
    if lacks:
        assert not os.environ.get("CI"), f"{lacks} is missing, and must not be where everything is checked"
        pytest.skip(f"{lacks} is missing and could not be installed here: nothing is counted by Spark")
    place = Spark("local[2]")
    yield place
    place.close()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A Parquet and a CSV file: calls of both sides of 1970 and of a leap day, at the edges of squares too."""
    rng = np.random.default_rng(7)
    table = pa.table({
        "time": pa.array((rng.integers(-86_400, 2_000_000_000, ROWS)).astype("datetime64[s]")),
        "lon": np.round(rng.normal(-90.25, 0.05, ROWS), rng.integers(3, 8)),
        "lat": np.append(rng.normal(38.63, 0.05, ROWS - 1), -33.0),
        "category": rng.choice(["fire", "火灾", "it's"], ROWS).tolist(),
        "source": rng.choice(["resident", "alarm", "patrol", ""], ROWS).tolist(),
    })  # fmt: skip
    folder = tmp_path_factory.mktemp("calls")
    pq.write_table(table.slice(0, ROWS // 2), folder / "calls.parquet")
    rest = table.slice(ROWS // 2).to_pandas()
    rest.to_csv(folder / "calls.csv", index=False, float_format="%.17g", date_format="%Y-%m-%dT%H:%M:%S")
    return [str(folder / name) for name in ("calls.parquet", "calls.csv")]


@pytest.mark.parametrize("most", [counting.LOOKED_AT_WHOLE, 1000], ids=["few", "many"])
def test_both_count_alike(
    spark: Spark, calls: list[str], most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LOOKED_AT_WHOLE", most)
    about, counts, profiles = {}, {}, {}
    places: list[Any] = [Here(threads=2), spark]
    for place in places:
        folder = tmp_path / place.name
        folder.mkdir()
        about[place.name] = count(place, calls, 150.0, folder)
        counts[place.name] = read_binned(folder)
        profiles[place.name] = pq.read_table(folder / "profiles.parquet").to_pydict()
    assert about["duckdb"] == about["spark"] and about["spark"].calls == ROWS
    assert counts["duckdb"].to_pydict() == counts["spark"].to_pydict()
    assert profiles["duckdb"] == profiles["spark"]


def test_both_refuse_alike(spark: Spark, tmp_path: Path) -> None:
    bad = {"time": ["2024-05-01T10:00:00", "yesterday", None], "lon": [104.0, 204.0, None], "lat": [30.6, 30.6, 95.0],
           "category": ["fire", " ", "fire"], "source": ["resident", "rumour", None]}  # fmt: skip
    pq.write_table(pa.table(bad), tmp_path / "bad.parquet")
    said = []
    for place in (Here(), spark):
        with pytest.raises(BadInput) as refused:
            count(place, [str(tmp_path / "bad.parquet")], 200.0, tmp_path / place.name)
        said.append(str(refused.value))
    assert said[0] == said[1] and said[0].count("\n") == 4
