import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.tables.pace import EXAMPLE, read_pace

HEADING = ",".join(["class", "days", *(f"h{hour:02}" for hour in range(24))])


def write(folder, *rows, heading=HEADING):
    file = folder / "pace.csv"
    file.write_text("\n".join(["# a remark", heading, *rows]), encoding="utf-8")
    return file


def row(kind, days, value="1.5"):
    return ",".join([kind, days, *[value] * 24])


def test_days_and_hours_fall_into_place(tmp_path):
    pace = read_pace(write(tmp_path, row("*", "1-5", "2"), row("*", "6"), row("*", "7", "1")))
    assert pace.kind == ("*",)
    assert pace.factor[0].reshape(7, 24)[:, 0].tolist() == [2, 2, 2, 2, 2, 1.5, 1]


def test_the_example_slows_weekday_peaks_most():
    pace = read_pace()
    week = pace.factor[pace.kind.index("primary")].reshape(7, 24)
    assert (pace.factor >= 1).all()
    assert week[0, 8] > week[0, 12] > week[0, 3]
    assert week[0, 8] > week[6, 8]
    assert "not measured" in EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert np.isfinite(pace.factor).all()


def test_every_fault_is_named(tmp_path):
    bad = row("a", "1-7").replace("1.5", "x", 1)
    with pytest.raises(BadInput) as caught:
        read_pace(write(tmp_path, bad, row("b", "8"), row("c", "1-6"), "d,1"))
    assert [fault.where for fault in caught.value.faults] == [
        "pace.csv, row 3, column h00",
        "pace.csv, row 4, column days",
        "pace.csv, row 6",
        "pace.csv, class c",
    ]


@pytest.mark.parametrize("heading", ["", "class,days", HEADING.replace("h05", "h5")])
def test_other_tables_are_refused(tmp_path, heading):
    with pytest.raises(BadInput):
        read_pace(write(tmp_path, heading=heading))
    with pytest.raises(BadInput):
        read_pace(tmp_path / "nothing.csv")
