from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.history import arrays, read_calls, source_unknown, write_calls

HEADING = "time,lon,lat,category"
GOOD = "2019-09-01T08:30:00,-90.2,38.6,fire"
MOMENT = datetime(2019, 9, 1, 8, 30)


def csv(folder: Path, *lines: str, name: str = "calls.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding) + b"\n")
    return path


def parquet(folder: Path, **columns: Any) -> Path:
    path = folder / "calls.parquet"
    whole = {"time": [MOMENT], "lon": [-90.2], "lat": [38.6], "category": ["fire"]} | columns
    pq.write_table(pa.table(whole), path)
    return path


def faults(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadInput) as raised:
        read_calls(path)
    return raised.value.faults


@pytest.mark.parametrize(
    "written", ["2019-09-01T08:30:00", "2019-09-01 08:30:00", "2019-09-01T08:30", "2019-09-01T08:30:00.250"]
)
def test_iso_times_are_read_as_local(tmp_path: Path, written: str) -> None:
    assert read_calls(csv(tmp_path, HEADING, f"{written},-90.2,38.6,fire"))["time"].to_pylist() == [MOMENT]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([MOMENT], pa.timestamp("ns")),
        pa.array([MOMENT], pa.timestamp("s")),
        pa.array(["2019-09-01T08:30:00"], pa.large_string()),
        pa.array(["2019-09-01T08:30:00"]).dictionary_encode(),
    ],
    ids=str,
)
def test_times_come_in_several_types(tmp_path: Path, column: pa.Array) -> None:
    assert read_calls(parquet(tmp_path, time=column))["time"].to_pylist() == [MOMENT]


def test_a_row_stands_for_as_many_calls_as_it_counts(tmp_path: Path) -> None:
    read = read_calls(csv(tmp_path, f"{HEADING},count", f"{GOOD},3", f"{GOOD.replace('fire', 'noise')},1", f"{GOOD},0"))
    assert read["category"].to_pylist() == ["fire", "fire", "fire", "noise"]
    wrong = faults(csv(tmp_path, f"{HEADING},count", *(f"{GOOD},{count}" for count in ("-1", "1.5", "many", "", "7"))))
    assert [(f.where.rsplit(" ", 1)[1], f.what) for f in wrong] == [("count", "no count")] * 4


def test_a_record_without_sources_is_known_as_such(tmp_path: Path) -> None:
    assert source_unknown(read_calls(csv(tmp_path, HEADING, GOOD)))
    assert not source_unknown(read_calls(csv(tmp_path, f"{HEADING},source", f"{GOOD},resident")))


def test_dates_are_midnights(tmp_path: Path) -> None:
    midnight = datetime(2019, 9, 1)
    assert read_calls(csv(tmp_path, HEADING, "2019-09-01,-90.2,38.6,fire"))["time"].to_pylist() == [midnight]
    assert read_calls(parquet(tmp_path, time=[date(2019, 9, 1)]))["time"].to_pylist() == [midnight]


def test_without_a_source_a_call_is_a_residents(tmp_path: Path) -> None:
    lines = [f"{GOOD},patrol", f"{GOOD},", f"{GOOD},alarm", f"{GOOD}, "]
    sources = ["patrol", "resident", "alarm", "resident"]
    assert read_calls(csv(tmp_path, f"{HEADING},source", *lines))["source"].to_pylist() == sources
    assert read_calls(csv(tmp_path, HEADING, GOOD))["source"].to_pylist() == ["resident"]


def test_optional_columns_are_kept_and_others_left(tmp_path: Path) -> None:
    table = read_calls(csv(tmp_path, f"{HEADING},id,district,neighbourhood,weather", f"{GOOD},007,4,NW,dry"))
    kept = table.select(["id", "district", "neighbourhood"]).to_pylist()
    assert kept == [{"id": "007", "district": 4, "neighbourhood": "NW"}]
    assert "weather" not in table.column_names


def test_columns_may_stand_in_any_order_and_after_a_byte_order_mark(tmp_path: Path) -> None:
    path = csv(tmp_path, "lat,category,time,lon", "38.6,火警,2019-09-01T08:30:00,-90.2", encoding="utf-8-sig")
    table = read_calls(path)
    assert table.select(["lon", "lat", "category"]).to_pylist() == [{"lon": -90.2, "lat": 38.6, "category": "火警"}]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("yesterday,-90.2,38.6,fire", "time", "yesterday"),
        ("2019-13-01T00:00:00,-90.2,38.6,fire", "time", "2019-13-01T00:00:00"),
        ("2019-09-01T08:30:00Z,-90.2,38.6,fire", "time", "2019-09-01T08:30:00Z"),
        ("2019-09-01T08:30:00+08:00,-90.2,38.6,fire", "time", "2019-09-01T08:30:00+08:00"),
        (",-90.2,38.6,fire", "time", None),
        ("2019-09-01T08:30:00,west,38.6,fire", "lon", "west"),
        ("2019-09-01T08:30:00,-190,38.6,fire", "lon", "-190"),
        ("2019-09-01T08:30:00,,38.6,fire", "lon", None),
        ("2019-09-01T08:30:00,-90.2,nan,fire", "lat", "nan"),
        ("2019-09-01T08:30:00,-90.2,116.4,fire", "lat", "116.4"),
        ("2019-09-01T08:30:00,-90.2,38.6,", "category", None),
        ("2019-09-01T08:30:00,-90.2,38.6,  ", "category", "  "),
    ],
)
def test_a_bad_value_is_named_with_its_place(tmp_path: Path, line: str, column: str, value: object) -> None:
    (fault,) = faults(csv(tmp_path, HEADING, GOOD, line, GOOD))
    assert fault.where == f"calls.csv, row 3, column {column}"
    assert fault.value == value
    assert fault.remedy


def test_all_bad_rows_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        f"{HEADING},source",
        "soon,-90.2,38.6,fire,",
        f"{GOOD},rumour",
        "2019-09-01T08:30:00,-90.2,99,,",
        f"{GOOD},patrol",
        "2019-09-01T08:30:00,-90.2",
        "later,-90.2,38.6,fire,",
    )
    places = [fault.where.removeprefix("calls.csv, ") for fault in faults(path)]
    assert places == [
        "row 6",
        "row 2, column time",
        "row 3, column source",
        "row 4, column lat",
        "row 4, column category",
        "row 7, column time",
    ]


def test_rows_of_parquet_count_from_one(tmp_path: Path) -> None:
    path = parquet(tmp_path, time=[MOMENT] * 3, lon=[-90.2, None, -90.2], lat=[38.6, 38.6, 91.0], category=["a"] * 3)
    assert [fault.where for fault in faults(path)] == [
        "calls.parquet, row 2, column lon",
        "calls.parquet, row 3, column lat",
    ]


def test_of_many_bad_rows_the_first_are_shown_and_all_counted(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADING, *(["never,999,38.6,fire"] * 300))
    with pytest.raises(BadInput) as raised:
        read_calls(path)
    assert len(raised.value.faults) + raised.value.more == 600
    assert len(raised.value.faults) == 50
    assert "550 more" in str(raised.value)
    assert raised.value.faults[1].where == "calls.csv, row 2, column lon"


def test_missing_and_doubled_columns_are_named(tmp_path: Path) -> None:
    assert [f.where for f in faults(csv(tmp_path, "time,lon,kind", "2019-09-01,1,x"))] == [
        "calls.csv, column lat",
        "calls.csv, column category",
    ]
    assert [f.where for f in faults(csv(tmp_path, f"{HEADING},lon", f"{GOOD},1"))] == ["calls.csv, column lon"]


def test_times_in_universal_time_are_refused(tmp_path: Path) -> None:
    (fault,) = faults(parquet(tmp_path, time=pa.array([MOMENT], pa.timestamp("us", "UTC"))))
    assert fault.where == "calls.parquet, row 1, column time" and "local" in fault.what


def test_numbers_are_no_times(tmp_path: Path) -> None:
    assert faults(parquet(tmp_path, time=[1567326600]))[0].where == "calls.parquet, row 1, column time"


@pytest.mark.parametrize(
    "content", [b"", b"PAR1 and no more", "time,lon,lat,category\n2019-09-01,1,1,火警".encode("gbk")]
)
def test_files_of_another_kind_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "calls.bin"
    path.write_bytes(content)
    assert str(path) in faults(path)[0].where


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert faults(tmp_path / "nowhere.csv")[0].what == "the file cannot be read"


def test_a_heading_alone_is_no_fault(tmp_path: Path) -> None:
    table = read_calls(csv(tmp_path, HEADING))
    assert len(table) == 0 and len(arrays(table)) == 0


def test_writing_and_reading_again_changes_nothing_but_the_order(tmp_path: Path, stlouis: Path) -> None:
    table = read_calls(stlouis / "calls.parquet")
    write_calls(table, tmp_path / "again.parquet")
    again = read_calls(tmp_path / "again.parquet")
    assert again.column_names == table.column_names
    by_id = [t.sort_by("id").to_pydict() for t in (table, again)]
    assert by_id[0] == by_id[1]
    assert (arrays(again).time_s[1:] >= arrays(again).time_s[:-1]).all()
    assert (tmp_path / "again.parquet").stat().st_size < 30 * len(table)


def test_arrays_say_what_the_table_says(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        f"{HEADING},source",
        "2019-09-02,1,2,noise,alarm",
        "1970-01-01T01:00:00,3,4,fire,",
        "2019-09-02,5,6,noise,patrol",
    )
    calls = arrays(read_calls(path))
    assert calls.kinds == ("fire", "noise")
    assert calls.kind.tolist() == [1, 0, 1]
    assert calls.source.tolist() == [1, 0, 2]
    assert calls.time_s.tolist()[1] == 3600
    assert (calls.lon.tolist(), calls.lat.tolist()) == ([1, 3, 5], [2, 4, 6])


ROWS = st.lists(
    st.tuples(
        st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(microsecond=0)),
        st.floats(-180, 180),
        st.floats(-90, 90),
        st.text(st.characters(blacklist_categories=["C", "Z"]), min_size=1, max_size=8),
    ),
    max_size=20,
)


@given(rows=ROWS)
def test_csv_and_parquet_say_the_same(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("calls")
    columns = dict(zip(HEADING.split(","), zip(*rows, strict=True), strict=True)) if rows else {}
    table = pa.table({name: pa.array(columns.get(name, ()), kind) for name, kind in SCHEMA})
    pq.write_table(table, folder / "calls.parquet")
    quoted = ['"' + c.replace('"', '""') + '"' for *_, c in rows]
    lines = [f"{t.isoformat()},{lon!r},{lat!r},{c}" for (t, lon, lat, _), c in zip(rows, quoted, strict=True)]
    one, other = read_calls(folder / "calls.parquet"), read_calls(csv(folder, HEADING, *lines))
    assert one.to_pydict() == other.to_pydict()


SCHEMA = [("time", pa.timestamp("us")), ("lon", pa.float64()), ("lat", pa.float64()), ("category", pa.string())]
