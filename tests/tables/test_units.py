import pytest

from shouwang.engine.errors import BadInput
from shouwang.tables.streets import read_streets
from shouwang.tables.units import read_units


@pytest.fixture(scope="module")
def streets(stlouis):
    return read_streets(stlouis)


def write(folder, text):
    file = folder / "units.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_units_stand_at_nodes_or_points_and_carry_what_they_can_do(tmp_path, streets):
    node = int(streets.node_id[7])
    text = f"unit,node,lon,lat,service,capabilities\n守01,{node},,,police,patrol;first_aid\nP2,,-90.2,38.63,fire,\n"
    units = read_units(write(tmp_path, text), streets)
    assert units.name == ["守01", "P2"]
    assert units.spots.node[0] == 7
    assert units.service == ["police", "fire"]
    assert units.capabilities == [{"patrol", "first_aid"}, frozenset()]


def test_all_faults_are_named_with_row_column_and_value(tmp_path, streets):
    text = "unit,lon,lat,node\nA,-90.2,38.6,\nA,-90.2,38.6,\n,x,95,\nD,,,999999\nE,38.6,-90.2,\nF,10,10,\n"
    with pytest.raises(BadInput) as caught:
        read_units(write(tmp_path, text), streets)
    found = [(fault.where, fault.value) for fault in caught.value.faults]
    assert found[:5] == [
        ("units.csv, row 3, column unit", "A"),
        ("units.csv, row 4, column unit", None),
        ("units.csv, row 4, column lon", "x"),
        ("units.csv, row 4, column lat", "95"),
        ("units.csv, row 5, column node", "999999"),
    ]
    assert [where for where, _ in found[5:]] == ["units.csv, row 6, column lat", "units.csv, row 7"]
    assert all(fault.remedy for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("unit,node\n", "there is no unit"),
        ("unit,lat\nA,3\n", "there are no columns that say where"),
        ("lon,lat\n-90.2,38.6\n", "the column is missing"),
        ("unit,lon,lat\nA,-90.2\n", "the row has another number of columns than the heading"),
    ],
)
def test_files_of_the_wrong_form_are_refused(tmp_path, streets, text, what):
    with pytest.raises(BadInput) as caught:
        read_units(write(tmp_path, text), streets)
    assert what in [fault.what for fault in caught.value.faults]


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path, streets):
    with pytest.raises(BadInput):
        read_units(tmp_path / "none.csv", streets)
    (tmp_path / "bad.csv").write_bytes(b"unit,lon,lat\n\xff\xfe\n")
    with pytest.raises(BadInput):
        read_units(tmp_path / "bad.csv", streets)
