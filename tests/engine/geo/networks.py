"""Small random networks for the tests of travel."""

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.geo.streets import Streets

METRES_A_SECOND = 12.0


def network(u, v, time_s, nodes, x_m=None, y_m=None):
    across = np.arange(nodes) * 100.0 if x_m is None else x_m
    up = np.zeros(nodes) if y_m is None else y_m
    return Streets.build(
        node_id=np.arange(nodes) * 10 + 5,
        x_m=across,
        y_m=up,
        u=np.asarray(u) * 10 + 5,
        v=np.asarray(v) * 10 + 5,
        length_m=np.asarray(time_s) * METRES_A_SECOND,
        time_s=time_s,
    )


@st.composite
def networks(draw, most_nodes=14, two_way=False):
    """Directed networks with islands, loops and parallel edges, in metres."""
    nodes = draw(st.integers(2, most_nodes))
    node = st.integers(0, nodes - 1)
    edges = draw(
        st.lists(st.tuples(node, node, st.integers(1, 400).map(lambda t: t / 4)), min_size=1, max_size=4 * nodes)
    )
    u, v, t = (np.array(column) for column in zip(*edges, strict=True))
    if two_way:
        u, v, t = np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([t, t])
    return network(u, v, t.astype(float), nodes, y_m=(np.arange(nodes) % 7) * 50.0)


def all_pairs_s(streets, time_s=None, origins=None):
    """Times between all nodes (from `origins`, default all) by scipy, the fastest of parallel edges."""
    time_s = streets.time_s if time_s is None else time_s
    order = np.lexsort((time_s, streets.head, streets.tail))
    order = order[np.isfinite(time_s[order])]
    keys = streets.tail[order] * streets.node_count + streets.head[order]
    first = order[np.unique(keys, return_index=True)[1]]
    ends = streets.tail[first], streets.head[first]
    return dijkstra(csr_matrix((time_s[first], ends), shape=(streets.node_count,) * 2), indices=origins)
