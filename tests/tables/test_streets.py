import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.tables.streets import read_streets, write_streets


def save(folder, nodes=None, edges=None):
    nodes = {"node": [1, 2, 3], "lon": [0.0, 0.01, 0.02], "lat": [0.0] * 3} | (nodes or {})
    edges = {"u": [1, 2, 3], "v": [2, 3, 1], "length_m": [10.0] * 3, "time_s": [1.0] * 3} | (edges or {})
    prefix = folder / "town"
    for name, table in (("nodes", nodes), ("edges", edges)):
        pq.write_table(pa.table({k: v for k, v in table.items() if v is not None}), f"{prefix}_{name}.parquet")
    return prefix


def faults(prefix):
    with pytest.raises(BadInput) as caught:
        read_streets(prefix)
    return caught.value.faults


def test_a_network_survives_writing_and_reading(tmp_path, stlouis):
    streets = read_streets(stlouis)
    write_streets(streets, tmp_path / "again")
    again = read_streets(tmp_path / "again")
    assert again.node_id.tolist() == streets.node_id.tolist()
    np.testing.assert_allclose(again.coordinates(), streets.coordinates(), atol=1e-9)
    np.testing.assert_array_equal(again.time_s, streets.time_s)
    assert again.name.tolist() == streets.name.tolist()
    assert again.kind.tolist() == streets.kind.tolist()


def test_the_example_district_is_one_connected_network_with_names(stlouis):
    streets = read_streets(stlouis)
    assert streets.main_part.all()
    route = Travel(streets).route(streets.snap(-90.2, 38.63), streets.snap(-90.25, 38.6))
    assert 120 < route.seconds < 1800
    assert len(route.streets) > 3


def test_a_folder_and_a_prefix_name_the_same_kind_of_network(tmp_path, stlouis):
    prefix = save(tmp_path)
    assert read_streets(prefix).node_count == 3
    assert read_streets(stlouis).node_count == 14_071


def test_networks_in_metres_are_read_as_such(tmp_path):
    metres = {"lon": None, "lat": None, "x_m": [0.0, 100.0, 200.0], "y_m": [0.0] * 3}
    streets = read_streets(save(tmp_path, nodes=metres))
    assert streets.plane is None
    assert streets.x_m.tolist() == [0.0, 100.0, 200.0]


def test_missing_files_and_columns_are_all_named(tmp_path):
    assert len(faults(tmp_path / "nothing")) == 2
    found = faults(save(tmp_path, nodes={"lat": None}, edges={"time_s": None, "u": [1, None, 3], "v": ["a", "b", "c"]}))
    assert [fault.where for fault in found] == [
        "town_nodes.parquet, column lat",
        "town_edges.parquet, row 2, column u",
        "town_edges.parquet, column v",
        "town_edges.parquet, column time_s",
    ]


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    prefix = save(tmp_path)
    (tmp_path / "town_nodes.parquet").write_text("node,lon,lat\n")
    assert [fault.what for fault in faults(prefix)] == ["the file cannot be read as Parquet"]


def test_bad_values_name_file_row_and_column(tmp_path):
    found = faults(save(tmp_path, edges={"time_s": [1.0, -1.0, 1.0], "v": [2, 3, 9]}))
    assert [(fault.where, fault.value) for fault in found] == [
        ("town_edges.parquet, row 3, column v", 9),
        ("town_edges.parquet, row 2, column time_s", -1.0),
    ]


def test_courses_and_barred_turns_survive_writing_and_reading(tmp_path):
    bent = np.array([(0.0, 0.0), (0.005, 0.005), (0.01, 0.0)])
    streets = Streets.build(
        node_id=[1, 2, 3], lon=[0.0, 0.01, 0.02], lat=[0.0] * 3, u=[1, 2, 2, 3], v=[2, 1, 3, 2],
        length_m=[10.0] * 4, time_s=[1.0] * 4, shape=[bent, bent[::-1], None, None], barred=[(0, 2), (3, 2)],
    )  # fmt: skip
    write_streets(streets, tmp_path / "town")
    again = read_streets(tmp_path / "town")
    there, back = (np.stack([one.tail, one.head], axis=1)[one.barred].tolist() for one in (streets, again))
    assert len(there) == 2
    assert sorted(there) == sorted(back)
    courses = [shapely.get_coordinates(one.lines(range(4))) for one in (again, streets)]
    np.testing.assert_allclose(*courses)
    assert shapely.get_num_points(again.lines(range(4))).max() == 3
    assert Travel(again).matrix(Spots.at_nodes(again.index_of(1)), Spots.at_nodes(again.index_of(3)))[0, 0] == np.inf
    spot = again.snap(0.005, 0.0051)
    assert spot.off_m[0] < 20
    assert spot.fraction[0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("edges", "where"),
    [
        ({"shape": [b"no line", None, None]}, "town_edges.parquet, column shape"),
        ({"shape": [shapely.to_wkb(shapely.Point(0, 0)), None, None]}, "town_edges.parquet, column shape"),
        ({"barred": ["x", None, None]}, "town_edges.parquet, column barred"),
        ({"barred": [[2], None, None]}, "town_edges.parquet, row 1, column barred"),
    ],
)
def test_bad_courses_and_turns_are_named(tmp_path, edges, where):
    assert [fault.where for fault in faults(save(tmp_path, edges=edges))] == [where]
