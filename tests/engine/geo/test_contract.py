import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.geo.contract import chains

from .networks import all_pairs_s, network, networks


def as_lists(found):
    return [found.edge[a:b].tolist() for a, b in itertools.pairwise(found.start)]


def both_ways(*pairs):
    return np.array([*pairs, *(pair[::-1] for pair in pairs)]).T


@pytest.mark.parametrize(
    ("edges", "keep", "label", "expected"),
    [
        (both_ways((0, 1), (1, 2)), [], None, {(0, 1, 2), (2, 1, 0)}),
        (both_ways((0, 1), (1, 2)), [1], None, {(0, 1), (1, 2), (2, 1), (1, 0)}),
        (both_ways((0, 1), (1, 2)), [], [0, 1, 0, 1], {(0, 1), (1, 2), (2, 1), (1, 0)}),
        (np.array([(0, 1), (1, 2)]).T, [], None, {(0, 1, 2)}),
        (np.array([(0, 1), (1, 2), (2, 1)]).T, [], None, {(0, 1), (1, 2), (2, 1)}),  # one way meets two ways
        (both_ways((0, 1), (1, 2), (1, 3)), [], None, {(0, 1), (1, 0), (1, 2), (2, 1), (1, 3), (3, 1)}),
        # a street that returns to its crossing keeps its lowest point
        (both_ways((0, 1), (1, 2), (2, 3), (3, 1)), [], None,
         {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3, 1), (1, 3, 2)}),
        # a ring that meets no other street
        (np.array([(0, 1), (1, 2), (2, 0)]).T, [], None, {(0, 1), (1, 2, 0)}),
    ],
)  # fmt: skip
def test_chains(edges, keep, label, expected):
    tail, head = edges
    kept = np.zeros(4, bool)
    kept[keep] = True
    labels = np.zeros(tail.size, int) if label is None else np.array(label)
    found = {(int(tail[chain[0]]), *head[chain].tolist()) for chain in as_lists(chains(tail, head, labels, kept))}
    assert found == expected


@given(networks(), st.data())
def test_chains_cover_each_edge_once_and_keep_all_times(streets, data):
    proper = np.flatnonzero(streets.tail != streets.head)
    if not proper.size:
        return
    tail, head, time_s = streets.tail[proper], streets.head[proper], streets.time_s[proper]
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=streets.node_count, max_size=streets.node_count)))
    label = np.array(data.draw(st.lists(st.integers(0, 1), min_size=proper.size, max_size=proper.size)))
    found = chains(tail, head, label, keep)
    assert sorted(found.edge.tolist()) == list(range(proper.size))
    for chain in as_lists(found):
        assert head[chain[:-1]].tolist() == tail[chain[1:]].tolist()
        assert not keep[tail[chain[1:]]].any()
        assert len(set(label[chain].tolist())) == 1
        assert tail[chain[0]] != head[chain[-1]]
    begin, end = tail[found.edge[found.start[:-1]]], head[found.edge[found.start[1:] - 1]]
    joined_s = np.add.reduceat(time_s[found.edge], found.start[:-1])
    short = network(begin, end, joined_s, streets.node_count)
    left = np.unique(np.append(begin, end))
    new = short.index_of(left * 10 + 5)  # `network` numbers node i as 10 i + 5
    np.testing.assert_allclose(all_pairs_s(short)[np.ix_(new, new)], all_pairs_s(streets)[np.ix_(left, left)])
