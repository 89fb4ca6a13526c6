import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.tables.costs import read_npz, read_orlib


def orlib(folder, text):
    file = folder / "case.txt"
    file.write_text(text)
    return file


def test_costs_are_shortest_paths_and_the_last_of_repeated_edges_counts(tmp_path):
    table = read_orlib(orlib(tmp_path, " 3 4 1 \n 1 2 5\n 2 3 4\n 1 3 20\n 2 1 7\n"))
    assert table.cost.tolist() == [[0, 7, 11], [7, 0, 4], [11, 4, 0]]
    assert (table.first, table.count) == (1, 1)


def test_free_edges_join_nodes_and_islands_are_infinitely_far(tmp_path):
    table = read_orlib(orlib(tmp_path, "3 1 1\n1 2 0\n"))
    assert table.cost.tolist() == [[0, 0, np.inf], [0, 0, np.inf], [np.inf, np.inf, 0]]


def test_every_bad_row_is_named(tmp_path):
    with pytest.raises(BadInput) as caught:
        read_orlib(orlib(tmp_path, "3 5 1\n1 2 5\n1 9 4\n2 3 -1\n\n1 2\n"))
    where = [fault.where for fault in caught.value.faults]
    assert where == ["case.txt, row 3", "case.txt, row 4", "case.txt, row 6", "case.txt, row 1"]
    with pytest.raises(BadInput) as caught:
        read_orlib(orlib(tmp_path, "3 2 1\n1 2 five\n1 3 nan\n"))
    assert [fault.where for fault in caught.value.faults] == ["case.txt, row 2", "case.txt, row 3"]


def test_an_archive_gives_costs_and_weights(tmp_path):
    np.savez(tmp_path / "c.npz", C=np.ones((3, 2), np.float32), w=np.array([1, 2, 3]))
    table = read_npz(tmp_path / "c.npz")
    assert table.cost.shape == (3, 2)
    assert table.weight.tolist() == [1.0, 2.0, 3.0]
    assert table.first == 0
    np.savez(tmp_path / "d.npz", C=np.ones((3, 2)))
    assert read_npz(tmp_path / "d.npz").weight.tolist() == [1.0, 1.0, 1.0]


def test_archives_without_costs_or_of_the_wrong_form_are_refused(tmp_path):
    np.savez(tmp_path / "c.npz", w=np.ones((3, 2)))
    with pytest.raises(BadInput) as caught:
        read_npz(tmp_path / "c.npz")
    assert [fault.where for fault in caught.value.faults] == ["c.npz, key C", "c.npz, key w"]
    (tmp_path / "t.npz").write_text("no archive")
    for name in ("t.npz", "none.npz"):
        with pytest.raises(BadInput):
            read_npz(tmp_path / name)
